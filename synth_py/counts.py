"""Drawn counts of every threshold, before any child exists."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from synth_py.config import MEASURES, SynthConfig
from synth_py.geography import Geography
from synth_py.truth import Truth

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Counts:
    """One synthetic England's counts, on arrays.

    The last axis of counts is recorded sex: male, female, unknown.

    Attributes
    ----------
    truth
        What they were drawn from (`geography.modelled` marks the study's LSOAs).
    noise
        (n,) factor on expected referrals: 1 in the plain mode.
    drawn
        (6, n, 11, 3) drawn counts by measure, in `MEASURES` order.
    """

    truth: Truth
    noise: Floats
    drawn: Ints

    @property
    def geography(self) -> Geography:
        """The places."""
        return self.truth.geography

    def expected(self, measure: str) -> Floats:
        """Return one measure's expected counts without noise, shape (n, 11, 3)."""
        return self.truth.expected(measure)

    def events(self, measure: str) -> Ints:
        """Return one measure's drawn counts, shape (n, 11, 3)."""
        counts: Ints = self.drawn[MEASURES.index(measure)]
        return counts


def draw(config: SynthConfig, truth: Truth) -> Counts:
    """Draw referrals from the Poisson and thin them, threshold by threshold."""
    noise = draw_noise(config, truth.geography)
    rng = config.stream("counts")
    drawn = draw_chain(rng, truth.referrals * noise[:, None, None], truth.steps)
    return Counts(truth, noise, drawn)


def draw_noise(config: SynthConfig, geo: Geography) -> Floats:
    """Draw what the realistic mode adds to expected referrals; its mean over draws is 1.

    Authorities differ in gradient, MSOAs and LSOAs in level, beyond what any model has.
    """
    n = geo.lsoa_code.size
    if config.mode == "plain":
        return np.ones(n)
    rng = config.stream("noise")
    slope = config.slope_sd * rng.normal(size=geo.la_number.size)[geo.la] * geo.x1
    msoa = config.msoa_sd * rng.normal(size=geo.msoa_code.size)[geo.msoa]
    lsoa = config.overdispersion_sd * rng.normal(size=n)
    variance = (config.slope_sd * geo.x1) ** 2 + config.msoa_sd**2 + config.overdispersion_sd**2
    noise: Floats = np.exp(slope + msoa + lsoa - 0.5 * variance)
    return noise


def draw_chain(rng: np.random.Generator, referrals: Floats, steps: Floats) -> Ints:
    """Draw Poisson referrals and binomial later thresholds, shape (6, n, 11, 3)."""
    drawn = np.zeros((len(MEASURES), *referrals.shape), dtype=np.int64)
    drawn[0] = rng.poisson(referrals)
    for m, share in enumerate(steps):
        cells = np.nonzero(drawn[m])
        drawn[m + 1][cells] = rng.binomial(drawn[m][cells], share[cells[0]])
    return drawn
