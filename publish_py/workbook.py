"""The tables as an Excel workbook: the same protected values as the pages, as numbers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from io import BytesIO
from typing import Any

import pyarrow as pa
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter

from analysis_py.specs import TableSpec
from publish_py.authorities import AuthorityView
from publish_py.formats import significant
from publish_py.protect import Protected, ProtectedCell
from publish_py.render import Content
from publish_py.source import SiteData
from publish_py.tables import DECIMALS, mark

_BOLD = Font(bold=True)
_NOTE = Font(italic=True, color="55606B")
_WARNING = Font(bold=True, color="A3471B")
_HEAD = PatternFill("solid", start_color="F5F7F9")
SYNTHETIC = "SYNTHETIC: drawn from a model, not from children"
_MARKS = {
    "inside": "inside the print",
    "reaches": "leaves the print; its interval reaches it",
    "outside": "leaves the print",
}


#: Rows of the largest table of a release that has a sheet: openpyxl makes an object of a cell.
MOST_ROWS = 10_000


def workbook(
    data: SiteData, content: Content, published: Mapping[str, pa.Table] | None = None
) -> bytes:
    """Return the workbook: what it is, every table, the cells outside, the authorities.

    Parameters
    ----------
    published
        Tables of a release that get a sheet each; larger ones are named, for their CSV.
    """
    book = Workbook()
    book.remove(book.active)
    _about(book, data, content)
    for spec, view in content.tables:
        cells = [cell for cell in data.cells if cell.table_no == spec.table_no]
        name = f"Table {view.table_no}" if view.table_no[:1].isdigit() else view.table_no
        sheet = _sheet(book, name, view.full_title, data)
        _line(sheet, [view.note], font=_NOTE)
        _table(sheet, spec, cells)
    _outliers(book, data, content)
    _authorities(book, data, content.authorities)
    for name, table in (published or {}).items():
        _published(book, data, name, table)
    out = BytesIO()
    book.save(out)
    return out.getvalue()


def _sheet(book: Workbook, name: str, title: str, data: SiteData) -> Any:
    sheet = book.create_sheet(name[:31])
    _line(sheet, [title], font=_BOLD)
    if data.build.is_synthetic:
        _line(sheet, [SYNTHETIC], font=_WARNING)
    sheet.column_dimensions["A"].width = 34
    return sheet


def _about(book: Workbook, data: SiteData, content: Content) -> None:
    sheet = _sheet(book, "About", "Children in Need: intervention rates and social gradients", data)
    tally = content.tally
    for text in (
        f"Census year ending 31 March {data.census_year}; dataset {data.build.dataset}; "
        f"build {data.build.build_id}; run {data.run_id}.",
        "Published: the report's value. Planted: the known truth of a synthetic England. "
        "Estimated: this run's, with its interval beneath.",
        f"{tally.n_inside} of {tally.n_printed} estimates with a printed value lie inside the "
        f"print; {tally.n_covered} of {tally.n_planted} intervals hold the planted value.",
        "c: withheld to protect children. An empty cell has no value; the line of notes says why.",
    ):
        _line(sheet, [text])
    for spec, view in content.tables:
        _line(sheet, [spec.table_no, view.title])


def _table(sheet: Any, spec: TableSpec, cells: Sequence[ProtectedCell]) -> None:
    """Write a table: five lines a row, a column a statistic."""
    found = {(cell.row_label, cell.statistic): cell for cell in cells}
    _heading(sheet, ["Row", "Line", *(column.heading for column in spec.columns)])
    for row in spec.rows:
        placed = [(found.get((row.label, one.statistic)), one.kind) for one in spec.columns]
        lines: dict[str, list[object]] = {
            "Published": [cell.published if cell else None for cell, _ in placed],
            "Planted": [cell.planted if cell else None for cell, _ in placed],
            "Estimated": [_shown(cell.estimate) if cell else None for cell, _ in placed],
            "Lower limit": [cell.estimate.ci_low if cell else None for cell, _ in placed],
            "Upper limit": [cell.estimate.ci_high if cell else None for cell, _ in placed],
            "Against print": [
                _MARKS.get(mark(cell, kind), "") if cell else "" for cell, kind in placed
            ],
            "Notes": [cell.estimate.reason if cell else "not in this run" for cell, _ in placed],
        }
        kinds = [kind for _, kind in placed]
        for name, values in lines.items():
            if any(value not in (None, "") for value in values):
                _line(sheet, [row.label, name, *values], kinds=["", "", *kinds])


def _shown(value: Protected) -> object:
    return "c" if value.is_suppressed else value.value


def _outliers(book: Workbook, data: SiteData, content: Content) -> None:
    sheet = _sheet(book, "Outside", "Every cell outside the print, or off the planted value", data)
    _heading(sheet, ["Cell", "Published", "Planted", "Estimated", "How"])
    for one in content.tally.outliers:
        _line(sheet, [one.place, one.print_value, one.planted, one.estimate, one.what])


def _authorities(book: Workbook, data: SiteData, views: Sequence[AuthorityView]) -> None:
    sheet = _sheet(book, "Authorities", "Rates and gradients of local authorities", data)
    if not views:
        return
    rates = [f"{one.label}, per 10,000" for one in views[0].rates]
    gradients = [
        f"{one.label}: {name}" for one in views[0].gradients for name in ("gradient", "low", "high")
    ]
    _heading(sheet, ["Authority", "Code", "Region", "Income deprivation (%)", *rates, *gradients])
    for view in views:
        own = [one.own for one in view.gradients]
        _line(
            sheet,
            [
                *(view.la["la_name"], view.la["la_code"], view.la["region_name"]),
                view.la["la_income_pct"],
                *(_shown(one.rate) for one in view.rates),
                *(number for one in own for number in (one.value, one.ci_low, one.ci_high)),
            ],
            kinds=["", "", "", "percent", *("rate" for _ in rates), *("ratio" for _ in gradients)],
        )


def _published(book: Workbook, data: SiteData, name: str, table: pa.Table) -> None:
    sheet = _sheet(book, name, f"published.{name}, {table.num_rows} rows", data)
    if table.num_rows > MOST_ROWS:
        _line(sheet, [f"More than {MOST_ROWS} rows: they are in csv/{name}.csv."], font=_NOTE)
        return
    _heading(sheet, table.column_names)
    for row in zip(*(column.to_pylist() for column in table.columns), strict=True):
        _line(sheet, row)


def _heading(sheet: Any, texts: Sequence[str]) -> None:
    _line(sheet, texts, font=_BOLD)
    for number in range(1, len(texts) + 1):
        cell = sheet.cell(sheet.max_row, number)
        cell.fill = _HEAD
        cell.alignment = Alignment(wrap_text=True, vertical="bottom")
        if number > 1:
            sheet.column_dimensions[get_column_letter(number)].width = 15
    sheet.freeze_panes = sheet.cell(sheet.max_row + 1, 2)


def _line(
    sheet: Any, values: Sequence[object], *, kinds: Sequence[str] = (), font: Font | None = None
) -> None:
    """Append a line; a text that begins like a formula stays a text.

    Asking a sheet for its last row goes through all of its cells, so cells are appended.
    """
    cells = []
    for number, value in enumerate(values, start=1):
        shown = significant(value) if isinstance(value, float) else value
        cell = WriteOnlyCell(sheet, shown)
        if isinstance(value, str):
            cell.data_type = "s"
        elif number <= len(kinds) and kinds[number - 1]:
            decimals = DECIMALS[kinds[number - 1]]
            cell.number_format = "#,##0" + ("." + "0" * decimals if decimals else "")
        if font is not None:
            cell.font = font
        cells.append(cell)
    sheet.append(cells)
