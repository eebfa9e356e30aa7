"""The generator's coefficients, and their calibration to the printed cells.

Referrals are drawn per LSOA, single year of age and sex from
`log mu = log pop + a[age, sex] + b1[age, sex] x1 + b2 x2 + b3[age, sex] x1 x2 + u[LA]`;
each later threshold keeps a share `min(cap, exp(c0 + c1 (x1 + x2) + c3 x1 x2))` of the one before.
The print cannot be had by writing its figures into the coefficients (pooled ages have
another gradient than each age), so the inputs are moved until fits to the *expected*
counts meet the print as nearly as they can together.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from analysis_py.mixed import MixedResults, PoissonMixed
from synth_py.config import SynthConfig
from synth_py.geography import Geography
from synth_py.targets import Targets

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

TERMS = ("Intercept", "x1", "x2", "x1:x2")
N_ROUNDS = 3


@dataclass(frozen=True)
class Inputs:
    """The generator's coefficients.

    Attributes
    ----------
    intercept
        (11, 2) by age and sex.
    slopes
        (11, 2, 2) b1 and b3 (last axis) by age and sex.
    context
        b2, per 10 points of LA income.
    effects
        (J,) LA effects u.
    thinning
        (5, 3) c0, c1, c3 of each later threshold given the one before.
    cap
        Largest conditional probability.
    unknown_sex
        Share of referrals recorded without a sex.
    """

    intercept: Floats
    slopes: Floats
    context: float
    effects: Floats
    thinning: Floats
    cap: float
    unknown_sex: float


def expected_referrals(inputs: Inputs, geo: Geography) -> Floats:
    """Return expected referrals by LSOA, age and (true) sex, shape (n, 11, 2)."""
    x3 = geo.x1 * geo.x2
    common = np.exp(inputs.context * geo.x2 + inputs.effects[geo.la])
    log_rate = (
        inputs.intercept[None]
        + geo.x1[:, None, None] * inputs.slopes[None, :, :, 0]
        + x3[:, None, None] * inputs.slopes[None, :, :, 1]
    )
    rate: Floats = np.exp(log_rate) * common[:, None, None]
    return rate * geo.children.astype(np.float64)


def step_shares(inputs: Inputs, geo: Geography) -> Floats:
    """Return the share of each threshold that reaches the next by LSOA, shape (5, n)."""
    c0, c1, c3 = inputs.thinning.T[:, :, None]
    log_share = c0 + c1 * (geo.x1 + geo.x2) + c3 * geo.x1 * geo.x2
    shares: Floats = np.minimum(np.exp(log_share), inputs.cap)
    return shares


def design(geo: Geography) -> Floats:
    """Return the study's design matrix over its LSOAs, shape (n, 4): 1, x1, x2, x1:x2."""
    x1, x2 = geo.x1[geo.modelled], geo.x2[geo.modelled]
    return np.column_stack([np.ones_like(x1), x1, x2, x1 * x2])


def fit_study(events: Floats, people: Floats, geo: Geography) -> MixedResults:
    """Fit the study's random-intercept Poisson to one stratum's counts.

    Parameters
    ----------
    events, people
        (n,) counts, expected or drawn, and children at risk of every LSOA of `geo`; the
        study's LSOAs with children are used.
    """
    keep = geo.modelled
    y, n = events[keep].astype(np.float64), people[keep].astype(np.float64)
    some = n > 0
    return PoissonMixed(
        y[some], design(geo)[some], geo.la[keep][some], exposure=n[some], exog_names=TERMS
    ).fit()


def _slopes(events: Floats, people: Floats, geo: Geography) -> Floats:
    """Return fitted b1 and b3, shape (2,)."""
    return np.asarray(fit_study(events, people, geo).params)[[1, 3]]


def calibrate(config: SynthConfig, geo: Geography, targets: Targets) -> Inputs:
    """Move the inputs until fits to expected counts meet the printed cells.

    If every age met the middle of its own print, the pooled gradient would miss Table 2's.
    The ages therefore lean towards the lower edge of their print, as far as it takes the
    pooled row into its own and no further than theirs.
    """
    effects = config.stream("effects").normal(0.0, config.la_effect_sd, geo.la_number.size)
    inputs, lean = _start(config, targets, effects), 0.0
    for _ in range(N_ROUNDS):
        inputs = _meet_rates(inputs, geo, targets)
        inputs, pooled = _meet_slopes(inputs, geo, targets, lean)
        room = float(np.mean(targets.ages[:, 0] - targets.ages_low[:, 0]))
        lean = float(np.clip(lean + (pooled[0] - targets.pooled_high[0]) / room, 0.0, 1.0))
    inputs = _meet_rates(inputs, geo, targets)
    return _meet_thresholds(inputs, geo, targets)


def _start(config: SynthConfig, targets: Targets, effects: Floats) -> Inputs:
    steps = np.diff(targets.measures, axis=0)
    return Inputs(
        intercept=np.repeat(np.log(targets.age_rates)[:, None], 2, axis=1),
        slopes=np.repeat(targets.ages[:, None, :], 2, axis=1),
        context=float(targets.measures[0, 0]) + config.context_gap,
        effects=effects,
        thinning=np.column_stack([np.log(targets.steps), steps[:, 0], steps[:, 1]]),
        cap=config.thinning_cap,
        unknown_sex=targets.unknown_sex,
    )


def _meet_rates(inputs: Inputs, geo: Geography, targets: Targets) -> Inputs:
    """Scale intercepts by age and sex until both printed margins hold (raking)."""
    keep = geo.modelled
    cells = expected_referrals(inputs, geo)[keep].sum(axis=0)
    people = geo.children[keep].sum(axis=0)
    by_age = targets.age_rates * people.sum(axis=1)
    by_sex = targets.sex_rates * people.sum(axis=0)
    by_sex *= by_age.sum() / by_sex.sum()
    scaled = cells.copy()
    for _ in range(30):
        scaled *= (by_sex / scaled.sum(axis=0))[None, :]
        scaled *= (by_age / scaled.sum(axis=1))[:, None]
    return replace(inputs, intercept=inputs.intercept + np.log(scaled / cells))


def _meet_slopes(
    inputs: Inputs, geo: Geography, targets: Targets, lean: float
) -> tuple[Inputs, Floats]:
    """Move slopes to the ages' and the sexes' prints; also return the pooled fit, (2,)."""
    events = expected_referrals(inputs, geo)
    people = geo.children.astype(np.float64)

    def fit(axes: tuple[int, ...], part: tuple[slice | int, ...]) -> Floats:
        return _slopes(events[part].sum(axis=axes), people[part].sum(axis=axes), geo)

    every = slice(None)
    pooled = fit((1, 2), (every,))
    sexes = np.array([fit((1,), (every, every, s)) for s in range(people.shape[2])])
    ages = np.array([fit((1,), (every, a)) for a in range(people.shape[1])])
    sex_step = targets.sexes - sexes
    sex_step -= sex_step.mean(axis=0)
    age_step = targets.ages + lean * (targets.ages_low - targets.ages) - ages
    slopes = inputs.slopes + age_step[:, None, :] + sex_step[None, :, :]
    return replace(inputs, slopes=slopes), pooled


def _meet_thresholds(inputs: Inputs, geo: Geography, targets: Targets) -> Inputs:
    """Move each threshold's thinning until its Table 2 row is met under the cap."""
    keep = geo.modelled
    people = geo.children.sum(axis=(1, 2)).astype(np.float64)
    parent = expected_referrals(inputs, geo).sum(axis=(1, 2))
    for m, wanted in enumerate(targets.steps):
        for _ in range(N_ROUNDS + 1):
            child = parent * step_shares(inputs, geo)[m]
            step = targets.measures[m + 1] - _slopes(child, people, geo)
            inputs = _moved(inputs, m, np.array([0.0, *_held(step)]))
            inputs = _meet_share(inputs, geo, m, parent * keep, float(wanted))
        parent = parent * step_shares(inputs, geo)[m]
    return inputs


def _meet_share(inputs: Inputs, geo: Geography, m: int, parent: Floats, wanted: float) -> Inputs:
    """Move one threshold's c0 until it keeps the printed share of the one before."""
    for _ in range(60):
        kept = float((parent * step_shares(inputs, geo)[m]).sum() / parent.sum())
        miss = np.log(wanted / kept)
        if abs(miss) < 1e-10:
            break
        inputs = _moved(inputs, m, np.array([miss, 0.0, 0.0]))
    return inputs


def _moved(inputs: Inputs, m: int, step: Floats) -> Inputs:
    thinning = inputs.thinning.copy()
    thinning[m] += step
    return replace(inputs, thinning=thinning)


def _held(step: Floats) -> Floats:
    """Keep a step small, so that a cap that binds cannot make the search run away."""
    return np.clip(step, -0.02, 0.02)
