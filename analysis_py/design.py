"""Designs: the arrays of one model, from the grid and the counts that SQL decided."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
from numpy.typing import NDArray

from analysis_py.specs import INCOMES, Cohort, Contrast, ModelSpec
from common_py.warehouse import arrays, rows, sql

SQL_FOLDER = Path(__file__).parent / "sql"
CONSTANT = "const"

#: Covariates that are properties of LAs: their mean and deviation are over LAs.
OF_LAS = frozenset({"x2", "z", "la_income_z", *INCOMES})

Vector = NDArray[np.float64]


@dataclass(frozen=True)
class Grid:
    """The areas of one grain, ordered by LA.

    Attributes
    ----------
    columns
        Arrays (n,) by name: `la_code`, covariates, and `<indicator>_z`.
    """

    columns: Mapping[str, NDArray[Any]]

    @property
    def la_code(self) -> NDArray[Any]:
        """LA of each area, (n,)."""
        return self.columns["la_code"]

    def covariate(self, name: str, indicator: str) -> Vector | None:
        """Return a covariate (n,), or None where the marts have no such indicator."""
        found = self.columns.get(f"{indicator}_z" if name == "z" else name)
        return None if found is None else np.asarray(found, dtype=np.float64)


@dataclass(frozen=True)
class Counts:
    """Events and population (or trials) by area, (n,) in the grid's order; NaN: no row."""

    n_events: Vector
    size: Vector

    @property
    def is_there(self) -> bool:
        """Whether the marts have the cohort at all."""
        return bool(len(self.size)) and not bool(np.isnan(self.n_events).all())

    @property
    def total(self) -> float:
        """Events over every area, fitted or not."""
        return float(np.nansum(self.n_events))

    @property
    def total_size(self) -> float:
        """Population or trials over every area."""
        return float(np.nansum(self.size))


@dataclass(frozen=True)
class Design:
    """The arrays of one model, all of length n and ordered by LA.

    Attributes
    ----------
    n_events, size
        Events, and the population (persons) or trials they are out of, above zero.
    exog
        (n, 1 + terms): a constant, then the model's terms.
    exog_names
        Names of its columns.
    groups, areas
        LA codes, and the positions of the rows in the grid.
    n_left_out
        Events in areas without a population or one of the terms, which no model sees.
    moments
        (mean, standard deviation) of each covariate: over LAs for what describes LAs.
    reason
        Why there is nothing to fit, or ''.
    """

    n_events: Vector
    size: Vector
    exog: Vector
    exog_names: tuple[str, ...]
    groups: NDArray[Any]
    areas: NDArray[np.intp]
    n_left_out: int
    moments: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    reason: str = ""


@dataclass(frozen=True)
class Frame:
    """What models of the same terms over the same areas share: see `Design`."""

    exog: Vector
    groups: NDArray[Any]
    areas: NDArray[np.intp]
    moments: Mapping[str, tuple[float, float]]


#: Frames by what they are of, so that models share their arrays.
Frames = dict[tuple[object, ...], Frame]


class Marts:
    """Grids and counts of one census year, each read once.

    Parameters
    ----------
    expected
        Models that will be asked for: their counts are read together.
    """

    def __init__(
        self,
        connection: duckdb.DuckDBPyConnection,
        census_year: int,
        expected: Iterable[ModelSpec] = (),
    ) -> None:
        self.connection = connection
        self.census_year = census_year
        self._grids: dict[str, Grid] = {}
        self._frames: Frames = {}
        self._counts: dict[tuple[str, Cohort], Counts] = {}
        self._expected: dict[tuple[str, str], dict[Cohort, None]] = {}
        for model in expected:
            self._waiting(model.grain, model.cohort)

    def arrays(self, name: str, **parameters: object) -> dict[str, NDArray[Any]]:
        """Run one SQL file for the year and return its columns."""
        text = sql(SQL_FOLDER, name)
        return arrays(self.connection, text, named(text, self.census_year, parameters))

    def rows(self, name: str, **parameters: object) -> list[dict[str, Any]]:
        """Run one SQL file for the year and return its rows."""
        text = sql(SQL_FOLDER, name)
        return rows(self.connection, text, named(text, self.census_year, parameters))

    def grid(self, grain: str) -> Grid:
        """Return the areas of a grain; outcomes are of LSOAs."""
        grain = "lsoa" if grain == "outcome" else grain
        if grain not in self._grids:
            found = self.arrays(f"grid_{grain}")
            codes = {"la_code": found["la_code"].astype("U")}
            self._grids[grain] = Grid(found | codes)
        return self._grids[grain]

    def counts(self, grain: str, cohort: Cohort) -> Counts:
        """Return the counts of a cohort, in the order of its grid."""
        if (grain, cohort) not in self._counts:
            waiting = self._waiting(grain, cohort)
            self._read(grain, list(waiting))
            waiting.clear()
        return self._counts[grain, cohort]

    def _waiting(self, grain: str, cohort: Cohort) -> dict[Cohort, None]:
        """Return the cohorts that are read with one, itself among them, in order."""
        waiting = self._expected.setdefault((grain, counts_query(grain, cohort)), {})
        waiting[cohort] = None
        return waiting

    def _read(self, grain: str, cohorts: Sequence[Cohort]) -> None:
        """Read cohorts that one query counts, and lay them out over the grid."""
        lists = {
            "measures": [cohort.measure for cohort in cohorts],
            "stratum_types": [cohort.stratum_type for cohort in cohorts],
            "strata": [cohort.stratum for cohort in cohorts],
            "bases": [cohort.basis for cohort in cohorts],
            "timings": [cohort.timing for cohort in cohorts],
        }
        found = self.arrays(counts_query(grain, cohorts[0]), **lists)
        row, place = found["position"] - 1, found["place"] - 1
        laid_out = np.full((2, len(cohorts), len(self.grid(grain).la_code)), np.nan)
        laid_out[0, row, place] = found["n_events"]
        laid_out[1, row, place] = found["size"]
        for k, cohort in enumerate(cohorts):
            self._counts[grain, cohort] = Counts(laid_out[0, k], laid_out[1, k])

    def design(self, model: ModelSpec) -> Design:
        """Return the arrays of one model."""
        counts = self.counts(model.grain, model.cohort)
        return make_design(model, self.grid(model.grain), counts, self._frames)


def counts_query(grain: str, cohort: Cohort) -> str:
    """Return the SQL file that counts a cohort over the areas of a grain."""
    is_basis = grain == "lsoa" and not cohort.is_of_the_models
    return "counts_lsoa_basis" if is_basis else f"counts_{grain}"


def named(text: str, census_year: int, parameters: Mapping[str, object]) -> dict[str, object]:
    """Return the parameters that a query names, the census year among them."""
    given = {"census_year": census_year} | dict(parameters)
    found = set(re.findall(r"\$(\w+)", text))
    return {name: value for name, value in given.items() if name in found}


def make_design(
    model: ModelSpec, grid: Grid, counts: Counts, frames: Frames | None = None
) -> Design:
    """Build a model's arrays from its grid and counts, both in the grid's order.

    Rows without a population (or trials), or without one of the terms, are left out and
    their events counted. An area without population has no expected events: where it has no
    event it carries no information, and where it has one no finite rate explains it.

    `frames` are those of the grid's year made so far; a new one is added.
    """
    names = tuple(dict.fromkeys(part for term in model.terms for part in term.split(":")))
    found = {name: grid.covariate(name, model.indicator) for name in names}
    missing = [name for name, values in found.items() if values is None]
    if not counts.is_there:
        return _empty(model, _absent(model))
    if missing:
        return _empty(model, f"the marts have no {model.indicator or missing[0]!r}")
    centre = dict(model.centre)
    covariates = {
        name: values - centre.get(name, 0.0) for name, values in found.items() if values is not None
    }
    kept = counts.size > 0
    for values in covariates.values():
        kept &= np.isfinite(values)
    frames = {} if frames is None else frames
    of = (model.grain, model.terms, model.indicator, model.centre, kept.tobytes())
    if of not in frames:
        frames[of] = _frame(model.terms, grid, covariates, kept)
    frame = frames[of]
    return Design(
        n_events=counts.n_events[kept],
        size=counts.size[kept],
        exog=frame.exog,
        exog_names=(CONSTANT, *model.terms),
        groups=frame.groups,
        areas=frame.areas,
        n_left_out=round(float(np.nansum(counts.n_events[~kept]))),
        moments=frame.moments,
        reason=_nothing_to_fit(model, counts, covariates, kept),
    )


def _frame(
    terms: Sequence[str], grid: Grid, covariates: Mapping[str, Vector], kept: NDArray[np.bool_]
) -> Frame:
    """Return the arrays of the kept areas that do not depend on the counts."""
    groups = grid.la_code[kept]
    chosen = {name: values[kept] for name, values in covariates.items()}
    return Frame(
        exog=model_matrix(chosen, terms),
        groups=groups,
        areas=np.flatnonzero(kept),
        moments={name: _moments(name, values, groups) for name, values in chosen.items()},
    )


def _absent(model: ModelSpec) -> str:
    cohort = model.cohort
    if model.grain == "outcome":
        return f"no episodes with the outcome {cohort.measure!r} in this year"
    of = "" if cohort.is_of_the_models else f" ({cohort.basis}, {cohort.timing})"
    return (
        f"no counts of measure {cohort.measure!r}{of} in stratum {cohort.stratum_type}="
        f"{cohort.stratum} for this year"
    )


def _nothing_to_fit(
    model: ModelSpec, counts: Counts, covariates: Mapping[str, Vector], kept: NDArray[np.bool_]
) -> str:
    """Return why no row, or no event, is left, or ''."""
    if kept.any():
        return "" if counts.n_events[kept].any() else "no events in this stratum"
    for name, values in covariates.items():
        if not np.isfinite(values).any():
            return f"no area has a value of {(model.indicator if name == 'z' else name)!r}"
    if not (counts.size > 0).any():
        return "no area has a denominator"
    return "no area has both a denominator and every term of the model"


def _empty(model: ModelSpec, reason: str) -> Design:
    none = np.zeros(0)
    return Design(
        none,
        none,
        np.zeros((0, 1 + len(model.terms))),
        (CONSTANT, *model.terms),
        np.zeros(0, dtype=str),
        np.zeros(0, dtype=np.intp),
        0,
        reason=reason,
    )


def model_matrix(covariates: Mapping[str, NDArray[Any]], terms: Sequence[str]) -> Vector:
    """Return a constant and the terms as columns; `a:b` is the product of a and b.

    Parameters
    ----------
    covariates
        Arrays of length n by name.
    terms
        Names of covariates, or products of them.

    Returns
    -------
    array (n, 1 + len(terms))
    """
    n = len(next(iter(covariates.values())))
    matrix = np.ones((n, 1 + len(terms)))
    for column, term in enumerate(terms, start=1):
        for name in term.split(":"):
            matrix[:, column] *= covariates[name]
    return matrix


def _moments(name: str, values: Vector, groups: NDArray[Any]) -> tuple[float, float]:
    """Return mean and sample standard deviation, over LAs for what describes LAs."""
    if name in OF_LAS:
        values = values[first_rows(groups)]
    if len(values) < 2:
        return float(values.mean()) if len(values) else 0.0, 0.0
    return float(values.mean()), float(values.std(ddof=1))


def first_rows(groups: NDArray[Any]) -> NDArray[np.intp]:
    """Return the first row of each LA, rows being ordered by LA."""
    if not len(groups):
        return np.zeros(0, dtype=np.intp)
    return np.flatnonzero(np.concatenate(([True], groups[1:] != groups[:-1])))


def weights(contrast: Contrast, moments: Mapping[str, tuple[float, float]]) -> dict[str, float]:
    """Return the weight of each term, means and deviations resolved by covariate."""
    found: dict[str, float] = {}
    for term, weight in contrast:
        mean, sd = moments.get(term.split(":")[-1], (0.0, 0.0))
        amount = weight.value + weight.mean * mean + weight.sd * sd
        found[term] = found.get(term, 0.0) + amount
    return found
