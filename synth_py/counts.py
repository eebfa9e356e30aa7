"""Expected and drawn counts of every threshold, before any child exists."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from synth_py.config import MEASURES, SynthConfig
from synth_py.geography import Geography
from synth_py.model import Inputs, expected_referrals, step_shares

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Counts:
    """One synthetic England's counts, on arrays.

    LSOAs are sorted by authority. The last axis of counts is recorded sex: male, female,
    unknown; populations have the first two only.

    Attributes
    ----------
    geography
        Places, populations, x1 and x2 (`geography.modelled` marks the study's LSOAs).
    inputs
        The calibrated coefficients.
    referrals
        (n, 11, 3) expected referrals.
    shares
        (6, n) share of referrals that reach each threshold; the first row is 1.
    drawn
        (6, n, 11, 3) drawn counts by measure, in `MEASURES` order.
    """

    geography: Geography
    inputs: Inputs
    referrals: Floats
    shares: Floats
    drawn: Ints

    def expected(self, measure: str) -> Floats:
        """Return one measure's expected counts, shape (n, 11, 3)."""
        share: Floats = self.shares[MEASURES.index(measure)]
        return self.referrals * share[:, None, None]

    def events(self, measure: str) -> Ints:
        """Return one measure's drawn counts, shape (n, 11, 3)."""
        counts: Ints = self.drawn[MEASURES.index(measure)]
        return counts


def recorded(referrals: Floats, unknown: float) -> Floats:
    """Split expected referrals (n, 11, 2) into recorded sexes, shape (n, 11, 3)."""
    known = referrals * (1.0 - unknown)
    lost = referrals.sum(axis=2, keepdims=True) * unknown
    return np.concatenate([known, lost], axis=2)


def cumulative_shares(inputs: Inputs, geo: Geography) -> Floats:
    """Return the share of referrals that reach each measure by LSOA, shape (6, n)."""
    steps = step_shares(inputs, geo)
    return np.concatenate([np.ones((1, geo.la.size)), np.cumprod(steps, axis=0)])


def draw(config: SynthConfig, geo: Geography, inputs: Inputs) -> Counts:
    """Draw referrals from the Poisson and thin them, threshold by threshold."""
    referrals = recorded(expected_referrals(inputs, geo), inputs.unknown_sex)
    rng = config.stream("counts")
    return Counts(
        geography=geo,
        inputs=inputs,
        referrals=referrals,
        shares=cumulative_shares(inputs, geo),
        drawn=draw_chain(rng, referrals, step_shares(inputs, geo)),
    )


def draw_chain(rng: np.random.Generator, referrals: Floats, steps: Floats) -> Ints:
    """Draw Poisson referrals and binomial later thresholds, shape (6, n, 11, 3)."""
    drawn = np.zeros((len(MEASURES), *referrals.shape), dtype=np.int64)
    drawn[0] = rng.poisson(referrals)
    for m, share in enumerate(steps):
        cells = np.nonzero(drawn[m])
        drawn[m + 1][cells] = rng.binomial(drawn[m][cells], share[cells[0]])
    return drawn
