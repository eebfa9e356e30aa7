"""Models of one authority alone: its gradients, relative and absolute, and its outcomes.

A Poisson model of each threshold over its own neighbourhoods (Figure 5), the straight line
through their rates (Figure 2), and a logistic model of each outcome. What compares authorities
cannot be fitted: `specs_local/one_authority.yml` lists it with the reason, for the page to say.
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from analysis_py.cells import Cell, CellNote
from analysis_py.design import SQL_FOLDER, Marts
from analysis_py.figures import figure_02_line
from analysis_py.gradients import la_gradients
from analysis_py.job import Content, Job
from analysis_py.settings import FitSettings, run_id, settings_hash
from analysis_py.store import Run, write_estimates
from analysis_py.tails import quantile_below
from common_py.paths import Paths
from common_py.progress import Progress, silent
from common_py.warehouse import Build, read_build, reading, rows, sql
from common_py.yaml_text import from_yaml

SPEC_FILE = Path(__file__).parent / "specs_local" / "one_authority.yml"
MINIMUM_OUTCOME_EVENTS = 10
"""Fewest of either outcome on which a logistic model is fitted (seeds/rules/protection.csv)."""

_STEP = "gradients of the authority"


@dataclass(frozen=True)
class OutcomeSpec:
    """An outcome of episodes, the printed row that it is held against, and what it is of."""

    outcome: str
    table_no: str
    row_label: str
    of: str


@dataclass(frozen=True)
class NotFitted:
    """What one authority cannot be fitted for, and why."""

    what: str
    reason: str


@dataclass(frozen=True)
class LocalSpec:
    """What is fitted for one authority, and what is not."""

    measures: tuple[str, ...]
    outcomes: tuple[OutcomeSpec, ...]
    not_fitted: tuple[NotFitted, ...]


def local_spec(file: Path = SPEC_FILE) -> LocalSpec:
    """Read the specification."""
    content = from_yaml(file.read_text(encoding="utf-8"))
    return LocalSpec(
        tuple(content["measures"]),
        tuple(OutcomeSpec(**one) for one in content["outcomes"]),
        tuple(NotFitted(**one) for one in content["not_fitted"]),
    )


def fit_local(
    paths: Paths,
    la_number: str,
    *,
    settings: FitSettings | None = None,
    progress: Progress = silent,
) -> int:
    """Fit every year of one authority, and write a run a year to `estimates`.

    Parameters
    ----------
    paths
        Where its warehouse is.
    la_number
        The authority's three digits.

    Returns
    -------
    int
        Gradients that could be fitted.

    Raises
    ------
    CinError
        If there is no warehouse, or its marts are not built. A model that fails is not an error:
        it is a row with a reason.
    """
    settings = settings or FitSettings()
    spec = local_spec()
    done: list[tuple[Run, Content]] = []
    with reading(paths.warehouse) as connection:
        build = read_build(connection)
        found = rows(connection, sql(SQL_FOLDER, "local_years"), {"la_number": la_number})
        for position, row in enumerate(found):
            progress(_STEP, position, len(found))
            year, started_at = int(row["census_year"]), datetime.now(UTC).replace(tzinfo=None)
            job = Job(Marts(connection, year), (), settings, 1.0 - build.confidence_level)
            content = _content(job, spec, str(row["la_code"]))
            done.append((_run(build, year, spec, settings, started_at), content))
    progress(_STEP, len(done), len(done))
    for run, content in done:
        write_estimates(paths.warehouse, run, content)
    return sum(
        getattr(one, "irr", None) is not None
        for _, content in done
        for one in content["la_gradients"]
    )


def _content(job: Job, spec: LocalSpec, la_code: str) -> Content:
    relative = [one for measure in spec.measures for one in la_gradients(job, measure)]
    absolute = [
        figure_02_line(replace(job, settings=replace(job.settings, figure_02_measure=measure)))
        for measure in spec.measures
    ]
    cells: list[Cell] = []
    notes: list[CellNote] = []
    for one in spec.outcomes:
        found = job.marts.arrays("local_outcomes", outcome=one.outcome, la_code=la_code)
        for cell, note in outcome_cells(one, found, job.alpha):
            cells.append(cell)
            notes.append(note)
    return {
        "la_gradients": relative,
        "figure_02_lines": absolute,
        "cells": cells,
        "cell_notes": notes,
    }


def outcome_cells(
    spec: OutcomeSpec, found: Mapping[str, NDArray[Any]], alpha: float
) -> list[tuple[Cell, CellNote]]:
    """Return the share of an outcome and its odds ratio for 10 points of deprivation.

    Parameters
    ----------
    found
        Arrays (n,) over neighbourhoods: `successes`, `trials` and `x1`.

    Notes
    -----
    The share's interval is Wilson's (1927); the odds ratio is of the model
    logit P = a + b x1 over the authority's own neighbourhoods, with a normal interval.
    """
    n_trials, n_events = int(found["trials"].sum()), int(found["successes"].sum())
    share = wilson(n_events, n_trials, alpha)
    ratio, p_value, reason = _odds_ratio(found, n_events, n_trials, alpha)
    nothing = "" if n_trials else f"no {spec.of}"
    place = (spec.table_no, spec.row_label)
    lines: Sequence[tuple[str, Sequence[float | None], float | None, str, str]] = (
        (
            "pct_yes",
            [None if one is None else 100.0 * one for one in share],
            None,
            "query",
            nothing,
        ),
        ("ratio", ratio, p_value, "contrast", reason),
    )
    return [
        (
            Cell(*place, statistic, *numbers),
            CellNote(*place, statistic, how, None, n_events, n_trials, p, None, False, said),
        )
        for statistic, numbers, p, how, said in lines
    ]


def wilson(
    n_events: int, n_trials: int, alpha: float
) -> tuple[float | None, float | None, float | None]:
    """Return a proportion with the limits of Wilson's score interval; nothing of no trials."""
    if n_trials == 0:
        return None, None, None
    z = quantile_below(1 - alpha / 2)
    share, n = n_events / n_trials, float(n_trials)
    middle = (share + z * z / (2 * n)) / (1 + z * z / n)
    half = z / (1 + z * z / n) * math.sqrt(share * (1 - share) / n + z * z / (4 * n * n))
    return share, max(0.0, middle - half), min(1.0, middle + half)


def _odds_ratio(
    found: Mapping[str, NDArray[Any]], n_events: int, n_trials: int, alpha: float
) -> tuple[Sequence[float | None], float | None, str]:
    """Return ((odds ratio, limits), p-value, why there is none)."""
    if min(n_events, n_trials - n_events) < MINIMUM_OUTCOME_EVENTS:
        few = f"fewer than {MINIMUM_OUTCOME_EVENTS} with the outcome, or without it"
        return (None, None, None), None, few
    if np.ptp(found["x1"]) < 1e-9:
        return (None, None, None), None, "every LSOA has the same deprivation score"
    from statsmodels.genmod.families import Binomial  # noqa: PLC0415 (a second to import)
    from statsmodels.genmod.generalized_linear_model import GLM  # noqa: PLC0415

    endog = np.column_stack([found["successes"], found["trials"] - found["successes"]])
    exog = np.column_stack([np.ones(len(endog)), found["x1"]])
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            fitted = GLM(endog, exog, family=Binomial()).fit()
    except (ValueError, ArithmeticError, np.linalg.LinAlgError) as error:
        return (None, None, None), None, f"not fitted: {type(error).__name__}"
    estimate, std_error = float(fitted.params[1]), float(fitted.bse[1])
    if not (fitted.converged and math.isfinite(std_error) and std_error < 5):
        return (None, None, None), None, "did not converge"
    half = quantile_below(1 - alpha / 2) * std_error
    limits = [math.exp(one) for one in (estimate, estimate - half, estimate + half)]
    return limits, float(fitted.pvalues[1]), ""


def _run(
    build: Build, year: int, spec: LocalSpec, settings: FitSettings, started_at: datetime
) -> Run:
    hashed = settings_hash((), settings, 1.0 - build.confidence_level)
    hashed = run_id(hashed, 0, repr(asdict(spec)))
    return Run(
        run_id=run_id(build.build_id, year, hashed),
        build_id=build.build_id,
        dataset=build.dataset,
        census_year=year,
        domain=build.domain,
        settings_hash=hashed,
        started_at=started_at,
    )
