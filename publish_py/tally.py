"""How a run stands to the print and to the planted truth: counts, and every cell outside."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from analysis_py.specs import TableSpec
from analysis_py.tails import binomial_limits
from publish_py.protect import ProtectedCell
from publish_py.tables import INSIDE, OUTSIDE, REACHES, covers, interval, mark, number

#: The two coefficients of a row, of which its other cells are made.
OWN_COEFFICIENTS = ("irr", "ratio", "interaction")
BAND = 0.99


@dataclass(frozen=True)
class Outlier:
    """A cell that the page lists: where it is, and how it differs."""

    place: str
    print_value: str
    planted: str
    estimate: str
    what: str


@dataclass(frozen=True)
class Recovery:
    """How many intervals of some cells hold the planted value."""

    name: str
    n: int
    n_held: int


@dataclass(frozen=True)
class Tally:
    """How estimates stand to the print and to the planted truth.

    Attributes
    ----------
    n_printed, n_inside, n_reaches
        Estimates with a printed value, those inside it, and those whose interval reaches it.
    n_planted, n_covered
        Intervals of cells with a planted value, and those that hold it.
    outliers
        Every cell that is outside, or misses.
    absent
        Printed values that this run has no estimate for.
    recovery
        Intervals that hold the planted value, by table.
    coefficients, band
        The same over gradients and interactions alone, and how many of them hold it, at
        least and at most, in 99 of 100 runs of independent intervals.
    """

    n_printed: int
    n_inside: int
    n_reaches: int
    n_planted: int
    n_covered: int
    outliers: tuple[Outlier, ...]
    absent: tuple[Outlier, ...]
    recovery: tuple[Recovery, ...]
    coefficients: Recovery
    band: tuple[int, int]


def tally(
    specs: Sequence[TableSpec], cells: Sequence[ProtectedCell], confidence: float = 0.95
) -> Tally:
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
    coefficients = _coefficients(judged)
    return Tally(
        n_printed=len(marks),
        n_inside=marks.count(INSIDE),
        n_reaches=marks.count(REACHES),
        n_planted=len(covered),
        n_covered=sum(covered),
        outliers=tuple(outliers),
        absent=tuple(absent),
        recovery=_by_table(specs, judged),
        coefficients=coefficients,
        band=binomial_limits(BAND, coefficients.n, confidence),
    )


def _by_table(specs: Sequence[TableSpec], cells: Sequence[ProtectedCell]) -> tuple[Recovery, ...]:
    tables = [spec.table_no for spec in specs if spec.table_no[:1].isdigit()]
    groups = [
        _held(_place(table), [cell for cell in cells if cell.table_no == table])
        for table in sorted(tables, key=lambda table: int(table.partition("-")[0]))
    ]
    return tuple(one for one in groups if one.n)


def _coefficients(cells: Sequence[ProtectedCell]) -> Recovery:
    """Count over gradients and interactions: a row's other cells are made of them.

    What Table 18 and the grids estimate rests on the level of authorities too. The planted
    truth is that of the very authorities drawn, and the intervals allow for others.
    """
    own = [
        cell for cell in cells if cell.table_no[:1].isdigit() and cell.statistic in OWN_COEFFICIENTS
    ]
    return _held("Gradients and interactions", own)


def _held(name: str, cells: Sequence[ProtectedCell]) -> Recovery:
    found = [held for held in (covers(cell) for cell in cells) if held is not None]
    return Recovery(name, len(found), sum(found))


def _place(table_no: str) -> str:
    return f"Table {table_no}" if table_no[:1].isdigit() else table_no.capitalize()


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
    where = _place(cell.table_no)
    return Outlier(
        place=f"{where}, {cell.row_label}: {heading}" if cell.row_label else f"{where}: {heading}",
        print_value=number(cell.published, kind),
        planted=number(cell.planted, kind),
        estimate="c" if own.is_suppressed else number(own.value, kind) + (span and f" ({span})"),
        what="; ".join(part for part in (said, missed) if part) or own.reason,
    )
