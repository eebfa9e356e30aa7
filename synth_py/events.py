"""Events by area and stratum, expected or drawn: what the study's tables are fitted to."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from synth_py.config import MEASURES
from synth_py.facts import Published
from synth_py.outcomes import OUTCOMES, trials_of
from synth_py.strata import ethnic_counts, level_counts, partition
from synth_py.truth import Truth

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Events:
    """Counts of one England.

    Attributes
    ----------
    measures
        (n, 11, 3) by measure: LSOA, age, recorded sex.
    sources, categories
        (n, g) referrals and plans by row of Tables 8 and 7.
    factors
        (n, 24) assessments by row of Table 6 and, last, with any of them.
    ethnic
        (m, 6) by measure (referral, cin, cp_plan): MSOA, group of Table 5 or unknown.
    outcomes
        (n,) successes and trials by outcome.
    """

    measures: dict[str, Floats]
    sources: Floats
    categories: Floats
    factors: Floats
    ethnic: dict[str, Floats]
    outcomes: dict[str, tuple[Floats, Floats]]

    def total(self, measure: str) -> Floats:
        """Return one measure's events by LSOA, shape (n,)."""
        total: Floats = self.measures[measure].sum(axis=(1, 2))
        return total


def expected_events(truth: Truth, report: Published) -> Events:
    """Return what an England is expected to have, without noise."""
    geo = truth.geography
    expected = {measure: truth.expected_total(measure) for measure in MEASURES}
    by_level = level_counts(expected["referral"], truth.shares)
    outcomes = {}
    for name in OUTCOMES:
        trials = trials_of(report, expected, name)
        outcomes[name] = (trials * truth.outcomes[name].chance(geo), trials)
    return Events(
        measures={measure: truth.expected(measure) for measure in MEASURES},
        sources=expected["referral"][:, None] * partition(truth.sources, geo),
        categories=expected["cp_plan"][:, None] * partition(truth.categories, geo),
        factors=truth.factors.counts(geo, expected["assessment"], truth.steps[1]),
        ethnic={
            measure: ethnic_counts(truth.ethnic_shares, by_level, first, geo)
            for first, measure in enumerate(("referral", "cin", "cp_plan"))
        },
        outcomes=outcomes,
    )
