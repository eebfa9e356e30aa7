"""Tables as a reader sees them: published, planted and estimated lines, and their marks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from analysis_py.specs import ColumnSpec, RowSpec, TableSpec
from publish_py.protect import Protected, ProtectedCell

DECIMALS = {"count": 0, "percent": 1, "rate": 1, "ratio": 2, "number": 2}
COUNT_TOLERANCE = 0.02
SPARSE = 0.5  # of a wide table's places, below which it is printed as a list

INSIDE, REACHES, OUTSIDE = "inside", "reaches", "outside"


@dataclass(frozen=True)
class Entry:
    """What stands in one place of a table.

    `mark` is '' or one of `inside`, `reaches`, `outside` (estimated lines), `missed` (a
    planted value outside the estimate's interval). `far` says that few authorities lie in
    the context of the cell, and how many.
    """

    text: str
    interval: str = ""
    note: str = ""
    mark: str = ""
    far: str = ""
    is_suppressed: bool = False


@dataclass(frozen=True)
class LineView:
    """One line of a row: its name (Published, Planted, Estimated) and entries by column."""

    name: str
    entries: tuple[Entry, ...]


@dataclass(frozen=True)
class RowView:
    """One row of the report's table, with its lines and what holds for all its estimates."""

    label: str
    note: str
    lines: tuple[LineView, ...]


@dataclass(frozen=True)
class ListLine:
    """One cell of a table that is printed as a list: its row, its column, its lines."""

    row: str
    heading: str
    entries: tuple[Entry, ...]


@dataclass(frozen=True)
class Outlier:
    """A cell that the page lists: where it is, and how it differs."""

    place: str
    print_value: str
    planted: str
    estimate: str
    what: str


@dataclass(frozen=True)
class Tally:
    """How estimates stand to the print and to the planted truth.

    `absent` are printed values that this run has no estimate for.
    """

    n_printed: int
    n_inside: int
    n_reaches: int
    n_planted: int
    n_covered: int
    outliers: tuple[Outlier, ...]
    absent: tuple[Outlier, ...]


@dataclass(frozen=True)
class TableView:
    """One table, ready to print.

    Attributes
    ----------
    name
        "Table 2", or "" where the report has no such table.
    parent
        Number of the table that this one stands beside, or "".
    lines
        Names of the lines of a cell: those of Published, Planted, Estimated that hold any.
    rows
        A row a row of the report, where the table is wide.
    listed
        A line a cell, where most places of a wide table would be empty; for the grids the
        last entry is the report's arithmetic.
    """

    table_no: str
    slug: str
    name: str
    parent: str
    title: str
    note: str
    headings: tuple[str, ...]
    lines: tuple[str, ...]
    rows: tuple[RowView, ...]
    listed: tuple[ListLine, ...]
    is_grid: bool = False

    @property
    def full_title(self) -> str:
        """Name and title in one."""
        return f"{self.name}. {self.title}" if self.name else self.title


def number(value: float | None, kind: str) -> str:
    """Return a value at the report's printed precision; an en dash where there is none."""
    return "–" if value is None else f"{value:,.{DECIMALS[kind]}f}"


def interval(low: float | None, high: float | None, kind: str) -> str:
    """Return 'low–high' at the printed precision, or ''."""
    if low is None or high is None:
        return ""
    return f"{number(low, kind)}–{number(high, kind)}"


def mark(cell: ProtectedCell, kind: str) -> str:
    """Return how an estimate stands to the print.

    inside
        Within the printed interval, or within what the printed digits round to; counts,
        shares and rates within 2 % of print.
    reaches
        Outside, but its own interval reaches the printed range.
    outside
        Neither.
    """
    value = cell.estimate.value
    if value is None or cell.published is None:
        return ""
    half = 0.5 * 10.0 ** -DECIMALS[kind] + 1e-9
    low = (cell.published if cell.published_low is None else cell.published_low) - half
    high = (cell.published if cell.published_high is None else cell.published_high) + half
    if kind != "ratio":
        low = min(low, cell.published * (1 - COUNT_TOLERANCE))
        high = max(high, cell.published * (1 + COUNT_TOLERANCE))
    if low <= value <= high:
        return INSIDE
    own_low, own_high = cell.estimate.ci_low, cell.estimate.ci_high
    if own_low is not None and own_high is not None and own_low <= high and own_high >= low:
        return REACHES
    return OUTSIDE


def covers(cell: ProtectedCell) -> bool | None:
    """Return whether the estimate's interval holds the planted value; None without both."""
    low, high = cell.estimate.ci_low, cell.estimate.ci_high
    if cell.planted is None or low is None or high is None:
        return None
    return low <= cell.planted <= high


def slug(table_no: str) -> str:
    """Return the name of a table's files and of its place in the page."""
    own_number, dash, variant = table_no.partition("-")
    if not own_number.isdigit():
        return table_no.replace("-", "_")
    return f"table_{own_number:0>2}{dash.replace('-', '_')}{variant}"


def table_view(spec: TableSpec, cells: Sequence[ProtectedCell]) -> TableView:
    """Lay one table's cells out in the spec's order of rows and columns."""
    found = {(cell.row_label, cell.statistic): cell for cell in cells}
    own_number, _, variant = spec.table_no.partition("-")
    numbered = own_number.isdigit()
    lines = _line_names(cells)
    is_grid = any(column.how == "predict" for column in spec.columns)
    is_list = is_grid or len(cells) < SPARSE * len(spec.rows) * len(spec.columns)
    return TableView(
        table_no=spec.table_no,
        slug=slug(spec.table_no),
        name=f"Table {own_number}" if numbered and not variant else "",
        parent=own_number if numbered and variant else "",
        title=spec.title,
        note=spec.note,
        headings=tuple(column.heading for column in spec.columns),
        lines=lines,
        rows=() if is_list else tuple(_row(spec, row, found, lines) for row in spec.rows),
        listed=_grid(spec, found) if is_grid else _listed(spec, found, lines) if is_list else (),
        is_grid=is_grid,
    )


def _line_names(cells: Sequence[ProtectedCell]) -> tuple[str, ...]:
    is_published = any(
        value is not None for cell in cells for value in (cell.published, cell.published_low)
    )
    names = [
        ("Published", is_published),
        ("Planted", any(cell.planted is not None for cell in cells)),
        ("Estimated", True),
    ]
    return tuple(name for name, is_there in names if is_there)


def _row(
    spec: TableSpec,
    row: RowSpec,
    found: Mapping[tuple[str, str], ProtectedCell],
    lines: Sequence[str],
) -> RowView:
    placed = [(column, found.get((row.label, column.statistic))) for column in spec.columns]
    note = _common_note([cell for _, cell in placed if cell is not None])
    return RowView(
        row.label,
        note,
        tuple(
            LineView(
                name,
                tuple(
                    Entry("–") if column.statistic in row.omit else _entry(name, column, cell, note)
                    for column, cell in placed
                ),
            )
            for name in lines
        ),
    )


def _common_note(cells: Sequence[ProtectedCell]) -> str:
    """Return what is said of every estimate of a row, so that it is said once."""
    notes = [_notes(cell.estimate) for cell in cells if not cell.is_counted]
    if len(notes) < 2:
        return ""
    return "; ".join(part for part in notes[0] if all(part in other for other in notes))


def _notes(own: Protected) -> tuple[str, ...]:
    return tuple(
        part for part in own.reason.split("; ") if part and not part.startswith("extrapolated")
    )


def _listed(
    spec: TableSpec, found: Mapping[tuple[str, str], ProtectedCell], lines: Sequence[str]
) -> tuple[ListLine, ...]:
    return tuple(
        ListLine(
            row.label,
            column.heading,
            tuple(_entry(name, column, found[row.label, column.statistic]) for name in lines),
        )
        for row in spec.rows
        for column in spec.columns
        if (row.label, column.statistic) in found
    )


def _grid(spec: TableSpec, found: Mapping[tuple[str, str], ProtectedCell]) -> tuple[ListLine, ...]:
    """Lay a grid out: the percentage predicted, and the report's printed and reckoned one."""
    reckoned = {
        column.statistic.removesuffix("_predicted"): column
        for column in spec.columns
        if column.how == "predict"
    }
    return tuple(
        ListLine(
            row.label,
            reckoned[column.statistic].heading,
            (
                _entry("Published", column, found.get((row.label, column.statistic))),
                _entry(
                    "Estimated",
                    reckoned[column.statistic],
                    found.get((row.label, reckoned[column.statistic].statistic)),
                ),
                _entry("Estimated", column, found.get((row.label, column.statistic))),
            ),
        )
        for row in spec.rows
        for column in spec.columns
        if column.statistic in reckoned
    )


def _entry(line: str, column: ColumnSpec, cell: ProtectedCell | None, said: str = "") -> Entry:
    kind = column.kind
    if cell is None:
        return Entry("–", note="this run has no such cell" if line == "Estimated" else "")
    if line == "Published":
        text = interval(cell.published_low, cell.published_high, kind)
        return Entry(number(cell.published, kind), text, _printed_p(cell.published_p, column))
    if line == "Planted":
        return Entry(number(cell.planted, kind), mark="missed" if covers(cell) is False else "")
    own = cell.estimate
    if own.is_suppressed:
        return Entry("c", note="" if own.reason in said else own.reason, is_suppressed=True)
    notes = [part for part in _notes(own) if part not in said.split("; ")]
    if own.p_value is not None and shows_p(column.statistic):
        notes.insert(0, _p(own.p_value))
    text = interval(own.ci_low, own.ci_high, kind)
    far = next((part for part in own.reason.split("; ") if part.startswith("extrapolated")), "")
    return Entry(number(own.value, kind), text, "; ".join(notes), mark(cell, kind), far)


def shows_p(statistic: str) -> bool:
    """Return whether a p-value stands in the cell: of interactions and of indicators."""
    return statistic == "interaction" or statistic.startswith("rr_") or "_rr_" in statistic


def _printed_p(printed: str, column: ColumnSpec) -> str:
    """Return a p-value as the report prints it beside an estimate, or ''."""
    if not printed or not shows_p(column.statistic):
        return ""
    if printed.startswith("<"):
        return f"p < {printed[1:]}"
    return f"p = {printed}" if printed[0].isdigit() else printed


def _p(value: float) -> str:
    return "p < 0.001" if value < 0.001 else f"p = {value:.3f}"


def tally(specs: Sequence[TableSpec], cells: Sequence[ProtectedCell]) -> Tally:
    """Count the model cells inside the print and the planted values covered; list the rest."""
    kinds: Mapping[tuple[str, str], str] = {
        (spec.table_no, column.statistic): column.kind for spec in specs for column in spec.columns
    }
    headings = {
        (spec.table_no, column.statistic): column.heading
        for spec in specs
        for column in spec.columns
    }
    judged = [cell for cell in cells if (cell.table_no, cell.statistic) in kinds]
    marks, covered, outliers, absent = [], [], [], []
    for cell in judged:
        key = (cell.table_no, cell.statistic)
        found, holds = mark(cell, kinds[key]), covers(cell)
        marks += [found] if found else []
        covered += [holds] if holds is not None else []
        if cell.estimate.value is None and cell.published is not None:
            absent.append(_outlier(cell, kinds[key], headings[key], found, holds))
        if found in (REACHES, OUTSIDE) or holds is False:
            outliers.append(_outlier(cell, kinds[key], headings[key], found, holds))
    return Tally(
        n_printed=len(marks),
        n_inside=marks.count(INSIDE),
        n_reaches=marks.count(REACHES),
        n_planted=len(covered),
        n_covered=sum(covered),
        outliers=tuple(outliers),
        absent=tuple(absent),
    )


def _outlier(
    cell: ProtectedCell, kind: str, heading: str, found: str, holds: bool | None
) -> Outlier:
    said = {
        REACHES: "leaves the print; its interval reaches it",
        OUTSIDE: "leaves the print",
    }.get(found, "")
    missed = "interval misses the planted value" if holds is False else ""
    own = cell.estimate
    span = interval(own.ci_low, own.ci_high, kind)
    where = f"Table {cell.table_no}" if cell.table_no[:1].isdigit() else cell.table_no.capitalize()
    return Outlier(
        place=f"{where}, {cell.row_label}: {heading}" if cell.row_label else f"{where}: {heading}",
        print_value=number(cell.published, kind),
        planted=number(cell.planted, kind),
        estimate="c" if own.is_suppressed else number(own.value, kind) + (span and f" ({span})"),
        what="; ".join(part for part in (said, missed) if part) or own.reason,
    )
