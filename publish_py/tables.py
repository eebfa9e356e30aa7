"""Tables as a reader sees them: published, planted and estimated lines, and their marks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from analysis_py.specs import ColumnSpec, TableSpec
from publish_py.protect import Protected, ProtectedCell

DECIMALS = {"count": 0, "percent": 1, "rate": 1, "ratio": 2, "number": 2}
COUNT_TOLERANCE = 0.02

INSIDE, REACHES, OUTSIDE = "inside", "reaches", "outside"


@dataclass(frozen=True)
class Entry:
    """What stands in one place of a table.

    `mark` is '' or one of `inside`, `reaches`, `outside` (estimated lines), `missed` (a
    planted value outside the estimate's interval).
    """

    text: str
    interval: str = ""
    note: str = ""
    mark: str = ""
    is_suppressed: bool = False


@dataclass(frozen=True)
class LineView:
    """One line of a row: its name (Published, Planted, Estimated) and entries by column."""

    name: str
    entries: tuple[Entry, ...]


@dataclass(frozen=True)
class RowView:
    """One row of the report's table, with its lines."""

    label: str
    lines: tuple[LineView, ...]


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
    """How estimates stand to the print and to the planted truth."""

    n_printed: int
    n_inside: int
    n_reaches: int
    n_planted: int
    n_covered: int
    outliers: tuple[Outlier, ...]


@dataclass(frozen=True)
class TableView:
    """One table, ready to print."""

    table_no: str
    slug: str
    title: str
    note: str
    headings: tuple[str, ...]
    rows: tuple[RowView, ...]


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


def table_view(spec: TableSpec, cells: Sequence[ProtectedCell]) -> TableView:
    """Lay one table's cells out in the spec's order of rows and columns."""
    found = {(cell.row_label, cell.statistic): cell for cell in cells}
    planted = any(cell.planted is not None for cell in cells)
    rows = tuple(
        RowView(
            row.label,
            _lines(
                [(column, found.get((row.label, column.statistic))) for column in spec.columns],
                planted,
            ),
        )
        for row in spec.rows
    )
    return TableView(
        table_no=spec.table_no,
        slug=f"table_{spec.table_no:0>2}",
        title=spec.title,
        note=spec.note,
        headings=tuple(column.heading for column in spec.columns),
        rows=rows,
    )


def _lines(
    columns: Sequence[tuple[ColumnSpec, ProtectedCell | None]], planted: bool
) -> tuple[LineView, ...]:
    lines = [LineView("Published", tuple(_published(*pair) for pair in columns))]
    if planted:
        lines.append(LineView("Planted", tuple(_planted(*pair) for pair in columns)))
    lines.append(LineView("Estimated", tuple(_estimated(*pair) for pair in columns)))
    return tuple(lines)


def _published(column: ColumnSpec, cell: ProtectedCell | None) -> Entry:
    if cell is None:
        return Entry("–")
    kind = column.kind
    return Entry(
        number(cell.published, kind), interval(cell.published_low, cell.published_high, kind)
    )


def _planted(column: ColumnSpec, cell: ProtectedCell | None) -> Entry:
    if cell is None:
        return Entry("–")
    return Entry(number(cell.planted, column.kind), mark="missed" if covers(cell) is False else "")


def _estimated(column: ColumnSpec, cell: ProtectedCell | None) -> Entry:
    if cell is None:
        return Entry("–", note="this run has no such cell")
    own = cell.estimate
    if own.is_suppressed:
        return Entry("c", note=own.reason, is_suppressed=True)
    text = interval(own.ci_low, own.ci_high, column.kind)
    return Entry(number(own.value, column.kind), text, _note(own), mark(cell, column.kind))


def _note(own: Protected) -> str:
    p_value = ""
    if own.p_value is not None:
        p_value = "p < 0.001" if own.p_value < 0.001 else f"p = {own.p_value:.3f}"
    return "; ".join(part for part in (p_value, own.reason) if part)


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
    marks, covered, outliers = [], [], []
    for cell in judged:
        key = (cell.table_no, cell.statistic)
        found, holds = mark(cell, kinds[key]), covers(cell)
        marks += [found] if found else []
        covered += [holds] if holds is not None else []
        if found in (REACHES, OUTSIDE) or holds is False:
            outliers.append(_outlier(cell, kinds[key], headings[key], found, holds))
    return Tally(
        n_printed=len(marks),
        n_inside=marks.count(INSIDE),
        n_reaches=marks.count(REACHES),
        n_planted=len(covered),
        n_covered=sum(covered),
        outliers=tuple(outliers),
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
    return Outlier(
        place=f"Table {cell.table_no}, {cell.row_label}: {heading}",
        print_value=number(cell.published, kind),
        planted=number(cell.planted, kind),
        estimate=number(own.value, kind) + (f" ({span})" if span else ""),
        what="; ".join(part for part in (said, missed) if part),
    )
