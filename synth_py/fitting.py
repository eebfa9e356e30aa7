"""The study's models over expected or drawn counts, and steps towards coefficients wanted of them.

A step is linear algebra: where log means move by a feature, a Poisson model's coefficients move
by the weighted regression of that feature on the model's columns within authorities. One fit a
model and round is therefore enough, however many features are moved together.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from analysis_py.mixed import BinomialMixed, MixedResults, PoissonMixed
from synth_py.geography import Geography, group_sums

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

TERMS = ("Intercept", "x1", "x2", "x1:x2")
LOG_DENSITY_CENTRE = float(np.log(np.sqrt(2_000 * 5_000)))
"""Between sparse and dense: the middle row of Table 17 (statistics, section 2)."""
LOG_DENSITY_STEP = float(np.log(np.sqrt(5_000 / 2_000)))
PRIOR_SD = 0.25
"""Keeps coefficients near zero where the targets say little."""
LONGEST_STEP = 0.2
"""Largest move of a coefficient in one round: steps are linear, fits are not."""


def fit_counts(
    events: Floats, people: Floats, design: Floats, la: Ints, names: Sequence[str] | None = None
) -> MixedResults:
    """Fit the random-intercept Poisson; areas without people are left out.

    Parameters
    ----------
    events, people
        (n,) counts, expected or drawn, and children at risk.
    design
        (n, p) columns of the model.
    la
        (n,) group of each row.
    """
    some = people > 0
    return PoissonMixed(
        events[some], design[some], la[some], exposure=people[some], exog_names=names
    ).fit()


def fit_outcomes(successes: Floats, trials: Floats, design: Floats, la: Ints) -> MixedResults:
    """Fit the random-intercept binomial; areas without trials are left out."""
    some = trials > 0
    return BinomialMixed(
        successes[some], design[some], la[some], trials[some], exog_names=TERMS
    ).fit()


@dataclass(frozen=True)
class Area:
    """The study's areas of one grain, with what its designs are made of.

    Attributes
    ----------
    keep
        (n_all,) which areas of the geography these are.
    la
        (n,) authority.
    people
        (n,) children aged 5–15.
    x1, x2
        (n,) covariates.
    """

    keep: Bools
    la: Ints
    people: Floats
    x1: Floats
    x2: Floats

    def study(self, *extra: Floats) -> Floats:
        """Return 1, x1, x2, x1:x2 and further columns, shape (n, 4 + k)."""
        ones = np.ones_like(self.x1)
        return np.column_stack([ones, self.x1, self.x2, self.x1 * self.x2, *extra])

    def interacted(self, *la_scores: Floats) -> Floats:
        """Return 1, x1 and, for each score (n,), itself and its product with x1 (Table 19)."""
        columns = [np.ones_like(self.x1), self.x1]
        for score in la_scores:
            columns += [score, self.x1 * score]
        return np.column_stack(columns)


def lsoas(geo: Geography) -> Area:
    """Return the study's LSOAs."""
    keep = geo.modelled
    return Area(keep, geo.la[keep], geo.people[keep], geo.x1[keep], geo.x2[keep])


def msoas(geo: Geography) -> Area:
    """Return the study's MSOAs; `people` are children of all ethnic groups."""
    keep = geo.la_modelled[geo.msoa_la]
    people = group_sums(geo.people, geo.msoa, geo.msoa_code.size)
    la_x2 = (geo.la_income - geo.la_income[geo.la_modelled].mean()) * 10.0
    la = geo.msoa_la[keep]
    return Area(keep, la, people[keep], geo.msoa_x1[keep], la_x2[la])


@dataclass(frozen=True)
class Aim:
    """Coefficients of one model that are wanted.

    Attributes
    ----------
    design
        (n, p) columns.
    at
        Positions of the columns whose coefficients are wanted, q of them.
    wanted
        (q,) coefficients.
    half
        (q,) tolerance: half a printed unit on the log scale.
    grain
        (n_lsoas,) row of the design for each LSOA; None where rows are LSOAs.
    """

    design: Floats
    at: tuple[int, ...]
    wanted: Floats
    half: Floats
    grain: Ints | None = None


def jacobian(design: Floats, la: Ints, mean: Floats, features: Floats) -> Floats:
    """Return how coefficients move with log means moved by features, shape (p, k).

    Columns that are constant within authorities do not move (their rows are zero).
    """
    weight = np.bincount(la, mean)

    def within(columns: Floats) -> Floats:
        centre = np.column_stack([np.bincount(la, mean * c) for c in columns.T])
        out: Floats = columns - (centre / np.where(weight > 0, weight, 1.0)[:, None])[la]
        return out

    x, f = within(design), within(features)
    moving = (mean @ x**2) > 1e-9 * float(mean.sum())
    moves = np.zeros((design.shape[1], features.shape[1]))
    part = x[:, moving]
    weighted = part * mean[:, None]
    moves[moving] = np.linalg.solve(weighted.T @ part, weighted.T @ f)
    return moves


def solve_step(
    parts: Sequence[tuple[Floats, Floats, Floats]], now: Floats, prior_sd: Floats | float = PRIOR_SD
) -> Floats:
    """Return the feature coefficients' penalised least-squares step, shape (k,).

    Parameters
    ----------
    parts
        Per model: Jacobian (q, k), misses (q,) and tolerances (q,).
    now
        (k,) the coefficients so far; those that are free to be anything as zero.
    prior_sd
        How far from zero coefficients may stand where the targets say little.
    """
    rows = np.concatenate([move / half[:, None] for move, _, half in parts])
    miss = np.concatenate([missed / half for _, missed, half in parts])
    prior = np.diag(np.broadcast_to(np.asarray(prior_sd, dtype=np.float64) ** -2, now.shape))
    step: Floats = np.linalg.solve(rows.T @ rows + prior, rows.T @ miss - prior @ now)
    return step * min(1.0, LONGEST_STEP / max(float(np.abs(step).max()), 1e-12))


def aim_part(aim: Aim, area: Area, mean: Floats, features: Floats) -> tuple[Floats, Floats, Floats]:
    """Fit one model to expected counts and return its part of a step.

    Parameters
    ----------
    area
        Areas of the aim's grain.
    mean
        (n_lsoas,) expected counts of the study's LSOAs.
    features
        (n_lsoas, k) features of the log mean.
    """
    if aim.grain is not None:
        n = aim.design.shape[0]
        total = group_sums(mean, aim.grain, n)
        safe = np.where(total > 0, total, 1.0)
        features = np.column_stack([np.bincount(aim.grain, mean * c, n) / safe for c in features.T])
        mean = total
    fit = fit_counts(mean, area.people, aim.design, area.la)
    at = list(aim.at)
    move = jacobian(aim.design, area.la, mean, features)[at]
    return move, aim.wanted - np.asarray(fit.params)[at], aim.half
