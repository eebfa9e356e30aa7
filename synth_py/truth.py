"""A calibrated England: places, people and every coefficient that its children are drawn from."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from synth_py.calibrate import calibrate
from synth_py.config import MEASURES, SynthConfig
from synth_py.ethnic import Composition, draw_composition
from synth_py.facts import Published
from synth_py.geography import Geography
from synth_py.indicators import Indicators, draw_indicators, traits_in_percent
from synth_py.model import Inputs, common_features, expected_referrals, la_traits, step_shares
from synth_py.outcomes import Outcome, meet_outcomes
from synth_py.strata import (
    CATEGORY_SD,
    SOURCE_SD,
    EthnicMix,
    Factors,
    Mix,
    level_counts,
    meet_ethnicity,
    meet_factors,
    table_mix,
)
from synth_py.targets import read_targets

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Truth:
    """Everything that is known before a child is drawn; LSOAs are sorted by authority.

    Attributes
    ----------
    geography, composition
        Places, and people by ethnic group.
    inputs
        Coefficients of the chain of thresholds.
    referrals
        (n, 11, 3) expected referrals by age and recorded sex.
    steps
        (5, n) share of each threshold that reaches the next.
    ethnicity, sources, categories, factors
        Shares by stratum.
    outcomes
        Logits of yes-or-no outcomes.
    indicators
        Authorities' indicators.
    """

    geography: Geography
    composition: Composition
    inputs: Inputs
    referrals: Floats
    steps: Floats
    ethnicity: EthnicMix
    sources: Mix
    categories: Mix
    factors: Factors
    outcomes: dict[str, Outcome]
    indicators: Indicators

    @cached_property
    def shares(self) -> Floats:
        """(6, n) share of referrals that reach each threshold; the first row is 1."""
        return cumulative(self.steps)

    @cached_property
    def ethnic_shares(self) -> Floats:
        """(n, 3, 6) ethnic mix by LSOA and range of thresholds."""
        return self.ethnicity.shares(self.geography, self.composition)

    def expected(self, measure: str) -> Floats:
        """Return one measure's expected counts, shape (n, 11, 3)."""
        share: Floats = self.shares[MEASURES.index(measure)]
        return self.referrals * share[:, None, None]

    def expected_total(self, measure: str) -> Floats:
        """Return one measure's expected counts of all ages and sexes, shape (n,)."""
        total: Floats = self.referrals.sum(axis=(1, 2)) * self.shares[MEASURES.index(measure)]
        return total


def cumulative(steps: Floats) -> Floats:
    """Return shares of referrals from shares of the threshold before, (6, n) from (5, n)."""
    shares: Floats = np.concatenate([np.ones((1, steps.shape[1])), np.cumprod(steps, axis=0)])
    return shares


def recorded(referrals: Floats, unknown: float) -> Floats:
    """Split expected referrals (n, 11, 2) into recorded sexes, shape (n, 11, 3)."""
    known = referrals * (1.0 - unknown)
    lost = referrals.sum(axis=2, keepdims=True) * unknown
    return np.concatenate([known, lost], axis=2)


def make_truth(config: SynthConfig, geo: Geography, report: Published) -> Truth:
    """Calibrate an England on a geography, from the chain of thresholds to the indicators."""
    composition = draw_composition(config, geo, report)
    targets = read_targets(report)
    inputs = calibrate(config, geo, composition, report, targets)
    features = common_features(geo, la_traits(geo, composition.minority))
    referrals = recorded(expected_referrals(inputs, geo, features), inputs.unknown_sex)
    steps = step_shares(inputs, geo, features)
    shares = cumulative(steps)
    total = referrals.sum(axis=(1, 2))
    expected = {measure: total * shares[m] for m, measure in enumerate(MEASURES)}
    rng = config.stream("strata")
    return Truth(
        geography=geo,
        composition=composition,
        inputs=inputs,
        referrals=referrals,
        steps=steps,
        ethnicity=meet_ethnicity(
            geo,
            composition,
            report,
            targets,
            by_level=level_counts(total, shares),
            n_rounds=config.n_rounds + 1,
        ),
        sources=table_mix(rng, geo, report, "8", events=expected["referral"], sd=SOURCE_SD),
        categories=table_mix(rng, geo, report, "7", events=expected["cp_plan"], sd=CATEGORY_SD),
        factors=meet_factors(rng, geo, report, expected["assessment"], steps[1]),
        outcomes=meet_outcomes(rng, geo, report, expected),
        indicators=draw_indicators(
            config, geo, report, total, traits_in_percent(geo, composition.minority)
        ),
    )
