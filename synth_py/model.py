"""The generator's coefficients: expected referrals, and the share that reaches each threshold.

Referrals are drawn per LSOA, single year of age and sex from
`log mu = log pop + a[age, sex] + b1[age, sex] x1 + b2 x2 + b3[age, sex] x1 x2 + C + u[LA]`,
where C holds what Tables 5, 16, 17 and 19 ask for beside: the gradient between MSOAs, rural
and density effects, and gradients that differ with three traits of authorities.
Each later threshold keeps a share `min(cap, exp(c0 + c1 (x1 + x2) + c3 x1 x2 + D + t[LA]))`
of the one before; D has the rural and density terms again.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from synth_py.fitting import LOG_DENSITY_CENTRE
from synth_py.geography import Geography, group_means, z_scores

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

COMMON = (
    "x1 of MSOA", "x1 of MSOA:x2", "rural", "x1:rural", "x1:x2:rural",
    "log density", "x1:log density", "x1:x2:log density",
    "x1:rural_lsoas", "x1:ethnic_minority", "x1:population_65_plus",
)  # fmt: skip
"""Terms of C; D has those from `rural` to `x1:x2:log density`."""
PLACE = slice(2, 8)


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
    common
        (11,) coefficients of `COMMON`.
    effects
        (J,) LA effects u.
    thinning
        (5, 3) c0, c1, c3 of each later threshold given the one before.
    place
        (5, 6) coefficients of D by threshold.
    practice
        (5, J) LA effects t of each threshold.
    cap
        Largest conditional probability.
    unknown_sex
        Share of referrals recorded without a sex.
    """

    intercept: Floats
    slopes: Floats
    context: float
    common: Floats
    effects: Floats
    thinning: Floats
    place: Floats
    practice: Floats
    cap: float
    unknown_sex: float


def la_traits(geo: Geography, minority: Floats) -> Floats:
    """Return the authorities' traits that places and people settle, as z-scores (J, 3).

    Share of rural LSOAs, of children not White, of residents aged 65 and over.
    """
    rural = group_means(geo.rural.astype(np.float64), geo.la)
    traits = [z_scores(values, geo.la_modelled) for values in (rural, minority, geo.elderly)]
    return np.column_stack(traits)


def common_features(geo: Geography, traits: Floats) -> Floats:
    """Return the columns of `COMMON`, shape (n, 11)."""
    x1, x2 = geo.x1, geo.x2
    between = geo.msoa_x1[geo.msoa]
    rural = geo.rural.astype(np.float64)
    dense = np.log(geo.density) - LOG_DENSITY_CENTRE
    return np.column_stack([
        between, between * x2,
        rural, x1 * rural, x1 * x2 * rural,
        dense, x1 * dense, x1 * x2 * dense,
        x1[:, None] * traits[geo.la],
    ])  # fmt: skip


def expected_referrals(inputs: Inputs, geo: Geography, features: Floats) -> Floats:
    """Return expected referrals by LSOA, age and (true) sex, shape (n, 11, 2)."""
    x3 = geo.x1 * geo.x2
    common = np.exp(inputs.context * geo.x2 + inputs.effects[geo.la] + features @ inputs.common)
    log_rate = (
        inputs.intercept[None]
        + geo.x1[:, None, None] * inputs.slopes[None, :, :, 0]
        + x3[:, None, None] * inputs.slopes[None, :, :, 1]
    )
    rate: Floats = np.exp(log_rate) * common[:, None, None]
    return rate * geo.children.astype(np.float64)


def step_shares(inputs: Inputs, geo: Geography, features: Floats) -> Floats:
    """Return the share of each threshold that reaches the next by LSOA, shape (5, n)."""
    c0, c1, c3 = inputs.thinning.T[:, :, None]
    log_share = c0 + c1 * (geo.x1 + geo.x2) + c3 * geo.x1 * geo.x2
    log_share = log_share + inputs.place @ features[:, PLACE].T + inputs.practice[:, geo.la]
    shares: Floats = np.minimum(np.exp(log_share), inputs.cap)
    return shares
