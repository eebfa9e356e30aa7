"""Printed cells: totals as counted, ratios as exp of contrasts, percentages as predicted."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from analysis_py.design import Counts, Vector, weights
from analysis_py.fitting import Fitted, exp
from analysis_py.specs import Cohort, ColumnSpec, Contrast, ModelSpec, RowSpec, TableSpec

if TYPE_CHECKING:
    from analysis_py.mixed import MixedResults


@dataclass(frozen=True)
class Cell:
    """One printed cell, without its run; the interval is None where a count has none."""

    table_no: str
    row_label: str
    statistic: str
    value: float | None
    ci_low: float | None
    ci_high: float | None


@dataclass(frozen=True)
class CellNote:
    """One row of `estimates.cell_notes`, without its run: what stands behind a cell."""

    table_no: str
    row_label: str
    statistic: str
    how: str
    spec_id: str | None
    n_events: int | None
    n_trials: int | None
    p_value: float | None
    p_adjusted: float | None
    is_extrapolated: bool
    reason: str


@dataclass(frozen=True)
class Estimate:
    """A value with its interval and p-value, None where there is none."""

    value: float | None = None
    ci_low: float | None = None
    ci_high: float | None = None
    p_value: float | None = None


#: Reads the counts of a grain and cohort.
CountsOf = Callable[[str, Cohort], Counts]


@dataclass(frozen=True)
class CellMaker:
    """Turns fits and counts into the cells of tables.

    Attributes
    ----------
    fits
        By `ModelSpec.key`.
    alpha
        One minus the confidence level.
    minimum_las
        A context beyond which fewer LAs lie is marked as extrapolated.
    """

    fits: Mapping[tuple[object, ...], Fitted]
    counts: CountsOf
    alpha: float
    minimum_las: int

    def table(self, table: TableSpec) -> tuple[list[Cell], list[CellNote]]:
        """Return a table's cells and their notes, p-values adjusted within each column."""
        cells, notes = [], []
        for row in table.rows:
            for column in table.columns_of(row):
                cell, note = self._cell(table, row, column)
                cells.append(cell)
                notes.append(note)
        return cells, adjusted(notes)

    def _cell(self, table: TableSpec, row: RowSpec, column: ColumnSpec) -> tuple[Cell, CellNote]:
        model = row.model(column.model)
        fitted = self.fits[model.key]
        place = (table.table_no, row.label, column.statistic)
        is_counted = column.how in ("total", "reference")
        found = (
            self._counted(table, model, column)
            if is_counted
            else estimate(column, row, fitted, self.alpha, self._percent(model))
        )
        is_extrapolated, far = (False, "") if is_counted else self._context(column, row, fitted)
        counts = self.counts(model.grain, model.cohort)
        reason = fitted.reason
        if is_counted and counts.is_there:
            reason = "" if found.value is not None else "there is nothing that it is a share of"
        is_binomial = model.family == "binomial"
        return (
            Cell(*place, found.value, found.ci_low, found.ci_high),
            CellNote(
                *place,
                column.how,
                table.spec_id(model),
                round(counts.total) if is_counted else fitted.n_events,
                (round(counts.total_size) if is_counted else fitted.n_trials)
                if is_binomial
                else None,
                found.p_value,
                None,
                is_extrapolated,
                "; ".join(part for part in (reason, far) if part),
            ),
        )

    def _counted(self, table: TableSpec, model: ModelSpec, column: ColumnSpec) -> Estimate:
        if column.how == "reference":
            return Estimate(1.0)
        of = table.percent_of
        base = None if of is None else self.counts(model.grain, of)
        return Estimate(total(column.statistic, self.counts(model.grain, model.cohort), base))

    def _percent(self, model: ModelSpec) -> float | None:
        if model.family != "binomial":
            return None
        return total("pct_yes", self.counts(model.grain, model.cohort), None)

    def _context(self, column: ColumnSpec, row: RowSpec, fitted: Fitted) -> tuple[bool, str]:
        """Return whether few LAs lie in the context of a cell, and that in words."""
        at = context(column, weights(contrast_of(column, row), fitted.moments))
        return beyond(fitted, at, self.minimum_las)


def beyond(fitted: Fitted, at: float, minimum_las: int) -> tuple[bool, str]:
    """Return whether few LAs lie at or beyond a context in units of x2, and that in words."""
    if not at or not len(fitted.contexts):
        return False, ""
    there = fitted.contexts <= at if at < 0 else fitted.contexts >= at
    n = int(np.count_nonzero(there))
    if n >= minimum_las:
        return False, ""
    where = "below" if at < 0 else "above"
    return True, (
        f"extrapolated: {n} of {len(there)} LAs lie {abs(10 * at):.3g} points or more "
        f"{where} the average"
    )


def context(column: ColumnSpec, found: Mapping[str, float]) -> float:
    """Return the LA context of a cell in units of x2: 0 where it is about the average LA."""
    if column.how in ("percent_times", "predict"):
        return found.get("x2", 0.0)
    return found.get("x1:x2", 0.0) if found.get("x1") else 0.0


def total(statistic: str, counts: Counts, base: Counts | None) -> float | None:
    """Return one printed total; None where the marts have none or the base is 0."""
    if not counts.is_there:
        return None
    n, size = counts.total, counts.total_size
    base_n, base_size = (base.total, base.total_size) if base else (0.0, 0.0)
    values = {
        "n": n,
        "population": size,
        "rate_per_10k": _over(1e4 * n, size),
        "n_pct": _over(100.0 * n, base_n),
        "population_pct": _over(100.0 * size, base_size),
        "n_yes": n,
        "n_no": size - n,
        "pct_yes": _over(100.0 * n, size),
        "pct_no": _over(100.0 * (size - n), size),
    }
    return values[statistic]


def _over(above: float, below: float) -> float | None:
    return above / below if below else None


def estimate(
    column: ColumnSpec, row: RowSpec, fitted: Fitted, alpha: float, percent: float | None
) -> Estimate:
    """Return what a column prints of a fit.

    Parameters
    ----------
    percent
        The overall percentage, which `percent_times` multiplies.
    """
    results = fitted.results
    if results is None:
        return Estimate()
    found = weights(contrast_of(column, row), fitted.moments)
    if column.how == "predict":
        return _predicted(found, fitted, results, alpha)
    vector = vector_of(found, fitted.exog_names)
    line = results.contrast(vector, alpha=alpha, df=fitted.df)
    if column.how == "percent_times":
        return Estimate(None if percent is None else percent * exp(line.estimate))
    return Estimate(exp(line.estimate), exp(line.ci_low), exp(line.ci_high), line.p_value)


def contrast_of(column: ColumnSpec, row: RowSpec) -> Contrast:
    """Return what a column weighs in a row, the row's shift included."""
    return column.contrast + (row.shift if column.how == "contrast" else ())


def vector_of(found: Mapping[str, float], names: Sequence[str]) -> Vector:
    """Return weights by term as a vector over coefficients."""
    vector = np.zeros(len(names))
    for term, weight in found.items():
        vector[list(names).index(term)] += weight
    return vector


def _predicted(
    found: Mapping[str, float], fitted: Fitted, results: MixedResults, alpha: float
) -> Estimate:
    """Return the percentage at covariates, averaged over the distribution of LA effects."""
    from analysis_py.mixed import predict  # noqa: PLC0415 (keeps specs importable alone)

    exog = [
        float(np.prod([found.get(name, 0.0) for name in term.split(":")]))
        for term in fitted.model.terms
    ]
    shown = predict(results, np.array([[1.0, *exog]]), alpha=alpha)
    return Estimate(*(float(100.0 * part[0]) for part in (shown.mean, shown.ci_low, shown.ci_high)))


def adjusted(notes: Sequence[CellNote]) -> list[CellNote]:
    """Adjust p-values by Benjamini and Hochberg over the rows of each statistic."""
    from analysis_py.mixed import benjamini_hochberg  # noqa: PLC0415 (keeps specs importable)

    done = list(notes)
    for statistic in dict.fromkeys(note.statistic for note in notes):
        where = [
            k
            for k, note in enumerate(notes)
            if note.statistic == statistic and note.p_value is not None
        ]
        if not where:
            continue
        values = benjamini_hochberg([float(notes[k].p_value or 0.0) for k in where])
        for k, value in zip(where, values, strict=True):
            done[k] = replace(done[k], p_adjusted=float(value))
    return done
