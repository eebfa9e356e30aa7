"""The planted truth: the study's model fitted to expected, noise-free counts, cell by cell."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from analysis_py.mixed import MixedResults
from common_py.progress import Progress, silent
from synth_py.config import MEASURES, Size
from synth_py.counts import Counts
from synth_py.facts import Published
from synth_py.model import fit_study
from synth_py.targets import AGE_ROWS, SEX_ROWS, TABLE_2_ROWS

Floats = NDArray[np.float64]

CONTRASTS = {"irr": (1, 0), "irr_low_imd_la": (1, -1), "irr_high_imd_la": (1, 1),
             "interaction": (0, 1)}  # fmt: skip
"""Weights of b1 and b3 in the logarithm of each printed ratio (study, section 2.4)."""


@dataclass(frozen=True)
class Row:
    """One row of a table: which counts and which people.

    Attributes
    ----------
    table, label
        As in the report.
    events, people
        (n,) counts (expected or drawn) and children at risk by LSOA.
    """

    table: str
    label: str
    events: Floats
    people: Floats


@dataclass(frozen=True)
class Cell:
    """One planted or missed figure."""

    table: str
    row: str
    statistic: str
    value: float


def rows(counts: Counts, *, drawn: bool = False) -> Iterator[Row]:
    """Yield the rows of Tables 2, 3 and 4 with expected (or drawn) counts."""
    children = counts.geography.children.astype(np.float64)
    people = children.sum(axis=(1, 2))

    def events(measure: str) -> Floats:
        source = counts.events(measure) if drawn else counts.expected(measure)
        return source.astype(np.float64)

    for measure in MEASURES:
        yield Row("2", TABLE_2_ROWS[measure], events(measure).sum(axis=(1, 2)), people)
    referrals = events("referral")
    for s, label in enumerate(SEX_ROWS):
        yield Row("3", label, referrals[:, :, s].sum(axis=1), children[:, :, s].sum(axis=1))
    for a, label in enumerate(AGE_ROWS):
        yield Row("4", label, referrals[:, a].sum(axis=1), children[:, a].sum(axis=1))


def planted_cells(counts: Counts, report: Published, progress: Progress = silent) -> list[Cell]:
    """Fit every row of Tables 2–4 to expected counts and return their cells."""
    geo = counts.geography
    keep = geo.modelled
    all_rows = list(rows(counts))
    total = float(all_rows[0].events[keep].sum())
    everybody = float(all_rows[0].people[keep].sum())
    cells: list[Cell] = []
    for i, row in enumerate(all_rows):
        progress("planted truth", i, len(all_rows))
        n, people = float(row.events[keep].sum()), float(row.people[keep].sum())
        values = _sizes(n, people, total, everybody)
        values |= ratios(fit_study(row.events, row.people, geo))
        cells += [
            Cell(row.table, row.label, statistic, values[statistic])
            for statistic in report.statistics(row.table, row.label)
            if statistic in values
        ]
    progress("planted truth", len(all_rows), len(all_rows))
    return cells


def _sizes(n: float, people: float, total: float, everybody: float) -> dict[str, float]:
    return {
        "n": n,
        "n_pct": 100.0 * n / total,
        "population": people,
        "population_pct": 100.0 * people / everybody,
        "rate_per_10k": 1e4 * n / people,
    }


def ratios(fit: MixedResults) -> dict[str, float]:
    """Return the four printed ratios of a fit: exp(b1), exp(b1 ∓ b3), exp(b3)."""
    b1, b3 = float(fit.params[1]), float(fit.params[3])
    return {name: float(np.exp(w1 * b1 + w3 * b3)) for name, (w1, w3) in CONTRASTS.items()}


def unmet_cells(cells: list[Cell], report: Published, size: Size) -> list[tuple[Cell, float]]:
    """Return the planted cells that round to something else than the print, with the print.

    Counts and populations are compared at national size only.
    """
    missed = []
    for cell in cells:
        if size != "national" and cell.statistic in {"n", "population", "population_pct"}:
            continue
        printed = report.value(cell.table, cell.row, cell.statistic)
        half = report.half_unit(cell.table, cell.row, cell.statistic)
        if abs(cell.value - printed) > half * (1 + 1e-9):
            missed.append((cell, printed))
    return missed


def write_planted(path: Path, cells: list[Cell]) -> None:
    """Write the planted truth as `table_no,row_label,statistic,value`."""
    with path.open("w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(["table_no", "row_label", "statistic", "value"])
        writer.writerows([c.table, c.row, c.statistic, repr(c.value)] for c in cells)


def write_unmet(path: Path, missed: list[tuple[Cell, float]]) -> None:
    """Write what the planted truth does not meet as `table,row,statistic,published,planted`."""
    with path.open("w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(["table", "row", "statistic", "published", "planted"])
        writer.writerows(
            [c.table, c.row, c.statistic, repr(printed), repr(c.value)] for c, printed in missed
        )
