"""Tables as a reader sees them: published, planted and estimated lines, and their marks."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from analysis_py.specs import ColumnSpec, RowSpec, TableSpec
from publish_py.protect import Protected, ProtectedCell

DECIMALS = {"count": 0, "percent": 1, "rate": 1, "ratio": 2, "number": 2}
COUNT_TOLERANCE = 0.02
# the prose prints some values as bounds, which their names say
LOWER_BOUNDS, UPPER_BOUNDS = ("_greater_than",), ("_less_than", "_below")
SPARSE = 0.5  # of a wide table's places, below which it is printed as a list

_EVENTS = re.compile(r"^(?:fewer than )?[\d,]+ (?=events )")

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
    def has_intervals(self) -> bool:
        """Whether any entry has an interval to speak of."""
        lines = [line.entries for row in self.rows for line in row.lines]
        return any(one.interval for entries in lines for one in entries)

    @property
    def full_title(self) -> str:
        """Name and title in one."""
        return f"{self.name}. {self.title}" if self.name else self.title


def number(value: float | None, kind: str) -> str:
    """Return a value at the report's printed precision; an en dash where there is none."""
    if value is None:
        return "–"
    decimals = DECIMALS[kind]
    if kind == "number" and abs(value) >= 100:  # what has hundreds needs no hundredths
        decimals = 0
    return f"{value:z,.{decimals}f}".replace("-", "−")


def interval(low: float | None, high: float | None, kind: str) -> str:
    """Return 'low–high' at the printed precision ('low to high' below zero), or ''."""
    if low is None or high is None:
        return ""
    if low < 0:
        return f"{number(low, kind)} to {number(high, kind)}"
    return f"{number(low, kind)}–{number(high, kind)}"


def mark(cell: ProtectedCell, kind: str) -> str:
    """Return how an estimate stands to the print.

    inside
        Within the printed interval, or within what the printed digits round to; counts,
        shares and rates within 2 % of print; on the right side of a printed bound.
    reaches
        Outside, but its own interval reaches the printed range.
    outside
        Neither.
    """
    value = cell.estimate.value
    if value is None or cell.published is None:
        return ""
    if cell.statistic.endswith(LOWER_BOUNDS):
        return INSIDE if value >= cell.published else OUTSIDE
    if cell.statistic.endswith(UPPER_BOUNDS):
        return INSIDE if value <= cell.published else OUTSIDE
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
    says_las = len({cell.n_las for cell in cells if cell.n_las}) > 1
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
        rows=() if is_list else tuple(_row(spec, row, found, says_las) for row in spec.rows),
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
    says_las: bool,
) -> RowView:
    placed = [(column, found.get((row.label, column.statistic))) for column in spec.columns]
    cells = [cell for _, cell in placed if cell is not None]
    common = _common_notes(cells)
    notes = [_together(parts) for parts in common.values()]
    return RowView(
        row.label,
        "; ".join([*(_las_of(cells) if says_las else ()), *notes]),
        tuple(
            LineView(
                name,
                tuple(
                    Entry("–")
                    if column.statistic in row.omit
                    else _entry(name, column, cell, common)
                    for column, cell in placed
                ),
            )
            for name in _line_names(cells)
        ),
    )


def _common_notes(cells: Sequence[ProtectedCell]) -> dict[str, list[str]]:
    """Return what is said of every estimate of a row, so that it is said once.

    Notes that differ in how many events they begin with are one note, by its shape.
    """
    notes = [_notes(cell.estimate) for cell in cells if not cell.is_counted]
    if len(notes) < 2:
        return {}
    common = [
        shape
        for shape in dict.fromkeys(_shape(part) for part in notes[0])
        if all(shape in map(_shape, other) for other in notes)
    ]
    return {
        shape: list(dict.fromkeys(one for part in notes for one in part if _shape(one) == shape))
        for shape in common
    }


def _shape(note: str) -> str:
    return _EVENTS.sub("", note.removeprefix("no estimate: "))


def _together(notes: Sequence[str]) -> str:
    """Return notes of one shape as one: '60, 30 and 5 events lie ...'."""
    if len(notes) == 1:
        return notes[0]
    counts = [note.removesuffix(_shape(note)).strip() for note in notes]
    return f"{', '.join(counts[:-1])} and {notes[-1]}"


def _las_of(cells: Sequence[ProtectedCell]) -> tuple[str, ...]:
    """Return on how many authorities a row rests, where it has a model."""
    numbers = sorted({cell.n_las for cell in cells if cell.n_las})
    if not numbers:
        return ()
    return (
        f"{' to '.join(f'{n:,}' for n in dict.fromkeys((numbers[0], numbers[-1])))} authorities",
    )


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


def _entry(
    line: str, column: ColumnSpec, cell: ProtectedCell | None, said: Collection[str] = ()
) -> Entry:
    kind = column.kind
    if cell is None:
        return Entry("–", note="this run has no such cell" if line == "Estimated" else "")
    if line == "Published":
        text, span = _with_span(cell.published, cell.published_low, cell.published_high, kind)
        return Entry(text, span, _printed_p(cell.published_p, column))
    if line == "Planted":
        return Entry(number(cell.planted, kind), mark="missed" if covers(cell) is False else "")
    own = cell.estimate
    if own.is_suppressed:
        return Entry("c", note="" if own.reason in said else own.reason, is_suppressed=True)
    notes = [part for part in _notes(own) if _shape(part) not in said]
    if own.p_value is not None and shows_p(column.statistic):
        notes.insert(0, _p(own.p_value))
    text, span = _with_span(own.value, own.ci_low, own.ci_high, kind)
    parts = () if own.value is None else own.reason.split("; ")
    far = next((part for part in parts if part.startswith("extrapolated")), "")
    return Entry(text, span, "; ".join(notes), mark(cell, kind), far)


def _with_span(
    value: float | None, low: float | None, high: float | None, kind: str
) -> tuple[str, str]:
    """Return a value and its interval as texts; a range without a value stands alone."""
    span = interval(low, high, kind)
    return (span, "") if value is None and span else (number(value, kind), span)


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
