"""The planted truth: the study's models fitted to expected, noise-free counts, cell by cell."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from analysis_py.mixed import MixedResults, predict
from common_py.progress import Progress, silent
from synth_py.config import Size
from synth_py.events import expected_events
from synth_py.facts import Published
from synth_py.fitting import fit_counts, fit_outcomes
from synth_py.planted_rows import Row, Tables, rows
from synth_py.truth import Truth

PREDICTED = "_predicted"
COUNTED = {"n", "n_yes", "n_no", "population", "population_pct"}


@dataclass(frozen=True)
class Cell:
    """One planted or missed figure."""

    table: str
    row: str
    statistic: str
    value: float


def fit_row(row: Row) -> MixedResults:
    """Fit one row's model."""
    if row.is_outcome:
        return fit_outcomes(row.events, row.size, row.design, row.la)
    return fit_counts(row.events, row.size, row.design, row.la)


def row_cells(row: Row, fit: MixedResults) -> list[Cell]:
    """Return every figure of a row."""
    cells = [Cell(*key, value) for key, value in row.sizes.items()]
    params = np.asarray(fit.params)
    cells += [
        Cell(*key, ratio.base * float(np.exp(ratio.weights @ params)))
        for key, ratio in row.ratios.items()
    ]
    if row.predicted:
        shares = predict(fit, np.array(list(row.predicted.values()))).mean
        cells += [
            Cell(*key, 100.0 * float(share))
            for key, share in zip(row.predicted, shares, strict=True)
        ]
    return cells


def planted_cells(truth: Truth, report: Published, progress: Progress = silent) -> list[Cell]:
    """Fit every row to expected counts; return the printed cells, and the grids' right ones.

    Figures of the text that belong to no row of a table are left out.
    """
    printed = set(report.values)
    events = expected_events(truth, report)
    todo = list(rows(Tables.of(truth, events, report)))
    cells: list[Cell] = []
    for i, row in enumerate(todo):
        if i % 10 == 0:
            progress("planted truth", i, len(todo))
        cells += row_cells(row, fit_row(row))
    progress("planted truth", len(todo), len(todo))
    return [
        c for c in cells
        if c.row and ((c.table, c.row, c.statistic) in printed or c.statistic.endswith(PREDICTED))
    ]  # fmt: skip


def unmet_cells(cells: list[Cell], report: Published, size: Size) -> list[tuple[Cell, float]]:
    """Return the planted cells that round to something else than the print, with the print.

    Counts and populations are compared at national size only; what the report does not
    print (predicted percentages) is not compared.
    """
    missed = []
    for cell in cells:
        if (cell.table, cell.row, cell.statistic) not in report.values:
            continue
        if size != "national" and cell.statistic in COUNTED:
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
