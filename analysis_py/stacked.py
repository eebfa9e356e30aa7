"""Stacked models: strata side by side with one effect an LA, and tests between their terms."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from analysis_py.alternatives import Alternative, Outcome
from analysis_py.design import CONSTANT, Design, Vector
from analysis_py.fitting import exp
from analysis_py.job import Job
from analysis_py.prose_tests import ProseTest
from analysis_py.specs import ModelSpec
from analysis_py.tails import above, chi_square_above, quantile_above

#: What a term is called where readers meet it.
_NAMES = {"x1": "social gradient", "x2": "LA context", "x1:x2": "interaction"}

_DEPENDENT = "a child may be counted at several thresholds; the model takes counts as independent"


@dataclass(frozen=True)
class Comparison:
    """One row of `estimates.tests`, without its run."""

    test_id: str
    question: str
    measure: str
    stratum_type: str
    kind: str
    subject: str
    statistic: float | None = None
    df: float | None = None
    p_value: float | None = None
    p_adjusted: float | None = None
    ratio: float | None = None
    ratio_low: float | None = None
    ratio_high: float | None = None
    n_obs: int = 0
    n_groups: int = 0
    converged: bool = True
    reason: str = ""


def stacked(job: Job, test: ProseTest) -> Alternative:
    """Return the stacked model of a test: the first stratum plus differences from it."""
    designs = {name: job.marts.design(model) for name, model in test.models.items()}
    empty = [f"{name}: {design.reason}" for name, design in designs.items() if design.reason]
    if empty:
        return Alternative("test", "", reason="; ".join(empty))
    found = list(designs.values())
    order = np.argsort(np.concatenate([one.groups for one in found]), kind="stable")
    rows = {
        "endog": np.concatenate([one.n_events for one in found])[order],
        "exog": stacked_matrix(found)[order],
        "groups": np.concatenate([one.groups for one in found])[order],
        "exposure": np.concatenate([one.size for one in found])[order],
    }
    points = job.settings.sensitivity_points
    names = stacked_names(list(designs), found[0].exog_names)
    return Alternative("test", "poisson", rows, {"exog_names": names, "n_points": points})


def stacked_matrix(designs: Sequence[Design]) -> Vector:
    """Return (sum of n, strata * p): the terms of all, then those of each later stratum."""
    p = designs[0].exog.shape[1]
    bounds = np.cumsum([0, *(len(one.n_events) for one in designs)])
    matrix = np.zeros((int(bounds[-1]), p * len(designs)))
    for k, design in enumerate(designs):
        rows = slice(int(bounds[k]), int(bounds[k + 1]))
        matrix[rows, :p] = design.exog
        if k:
            matrix[rows, k * p : (k + 1) * p] = design.exog
    return matrix


def stacked_names(strata: Sequence[str], terms: Sequence[str]) -> list[str]:
    """Return the names of the columns of `stacked_matrix`."""
    later = [
        name if term == CONSTANT else f"{name}:{term}" for name in strata[1:] for term in terms
    ]
    return [*terms, *later]


def comparisons(test: ProseTest, outcome: Outcome, alpha: float) -> list[Comparison]:
    """Return every comparison that a test asks for."""
    blank = Comparison(
        test.test_id,
        test.question,
        test.measure,
        test.stratum_type,
        "joint",
        "",
        n_obs=outcome.n_obs,
        n_groups=outcome.n_groups,
        reason=_DEPENDENT if test.stratum_type == "measure" else outcome.reason,
    )
    found: list[Comparison] = []
    for term in test.of:
        subject = _NAMES[term]
        if not outcome.is_fitted:
            found.append(replace(blank, subject=subject, converged=False, reason=outcome.reason))
            continue
        by_stratum = stratum_coefficients(test.models, term, len(outcome.params))
        values = by_stratum @ outcome.params
        cov = by_stratum @ outcome.cov @ by_stratum.T
        joint = wald(*_differences(values, cov))
        found.append(
            replace(blank, subject=subject, statistic=joint[0], df=joint[1], p_value=joint[2])
        )
        if test.has_trend:
            numbers = np.array([float(name) for name in test.models])
            found += _trend(replace(blank, subject=subject), numbers, values, cov, alpha=alpha)
        found += _contrasts(replace(blank, subject=subject), test, values, cov, alpha=alpha)
    return found


def stratum_coefficients(models: Mapping[str, ModelSpec], term: str, n_params: int) -> Vector:
    """Return the matrix (strata, params) that takes params to each stratum's coefficient."""
    p = n_params // len(models)
    position = 1 + next(iter(models.values())).terms.index(term)
    matrix = np.zeros((len(models), n_params))
    matrix[:, position] = 1.0
    for k in range(1, len(models)):
        matrix[k, k * p + position] = 1.0
    return matrix


def _differences(values: Vector, cov: Vector) -> tuple[Vector, Vector]:
    """Return each later value less the first, with their covariance."""
    less = np.column_stack([-np.ones(len(values) - 1), np.eye(len(values) - 1)])
    return less @ values, less @ cov @ less.T


def wald(values: Vector, cov: Vector) -> tuple[float, float, float]:
    """Return (chi-square, degrees of freedom, p-value) of all values being zero."""
    statistic = float(values @ np.linalg.solve(cov, values))
    return statistic, float(len(values)), chi_square_above(statistic, len(values))


def _trend(
    blank: Comparison, numbers: Vector, values: Vector, cov: Vector, *, alpha: float
) -> Iterator[Comparison]:
    """Fit a line through the coefficients by generalised least squares.

    That is the model with a product of term and stratum number, to first order; the joint
    test that follows is of what the line leaves over.
    """
    centred = np.column_stack([np.ones(len(numbers)), numbers - numbers.mean()])
    weighted = np.linalg.solve(cov, centred)
    line_cov = np.linalg.inv(centred.T @ weighted)
    line = line_cov @ (weighted.T @ values)
    yield _ratio(replace(blank, kind="trend"), float(line[1]), float(line_cov[1, 1]), alpha)
    if len(numbers) < 3:
        return
    rest = values - centred @ line
    statistic, df = float(rest @ np.linalg.solve(cov, rest)), len(numbers) - 2
    yield replace(
        blank,
        kind="departure",
        subject=f"{blank.subject}, departure from the line",
        statistic=statistic,
        df=float(df),
        p_value=chi_square_above(statistic, df),
    )


def _contrasts(
    blank: Comparison, test: ProseTest, values: Vector, cov: Vector, *, alpha: float
) -> list[Comparison]:
    """Compare the pairs, p-values adjusted by Benjamini and Hochberg over them."""
    from analysis_py.mixed import benjamini_hochberg  # noqa: PLC0415 (keeps specs importable)

    names = list(test.models)
    found = []
    for first, second in test.contrasts:
        weights = np.zeros(len(names))
        weights[names.index(first)], weights[names.index(second)] = 1.0, -1.0
        line = replace(blank, kind="contrast", subject=f"{blank.subject}, {first} to {second}")
        found.append(_ratio(line, float(weights @ values), float(weights @ cov @ weights), alpha))
    if not found:
        return []
    adjusted = benjamini_hochberg([float(one.p_value or 0.0) for one in found])
    return [replace(one, p_adjusted=float(p)) for one, p in zip(found, adjusted, strict=True)]


def _ratio(line: Comparison, value: float, variance: float, alpha: float) -> Comparison:
    """Return a line with a log ratio as a ratio, its Wald interval and p-value."""
    error = float(np.sqrt(variance))
    half = quantile_above(alpha / 2) * error
    return replace(
        line,
        statistic=value / error,
        p_value=float(2 * above(abs(value) / error)),
        ratio=exp(value),
        ratio_low=exp(value - half),
        ratio_high=exp(value + half),
    )
