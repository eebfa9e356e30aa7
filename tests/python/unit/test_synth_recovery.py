"""The study's model recovers the planted truth from drawn counts as often as it claims to.

Seeds are 1, 2, 3 …: none was chosen. Each England has its own geography, effects, planted
truth (fit to expected counts) and draw; a 95 % Wald interval of each gradient, context and
interaction of Tables 2–4 holds the truth or does not.
"""

from __future__ import annotations

import numpy as np
import pytest

from synth_py import SynthConfig, draw_counts
from synth_py.model import fit_study
from synth_py.planted import CONTRASTS, rows

NORMAL_975 = 1.959963984540054


def hits(seed: int) -> list[bool]:
    """Return for every cell of one small England whether its interval holds the truth."""
    counts = draw_counts(SynthConfig(seed=seed, size="small"))
    geo = counts.geography
    found = []
    for truth, data in zip(rows(counts), rows(counts, drawn=True), strict=True):
        expected = fit_study(truth.events, truth.people, geo)
        fitted = fit_study(data.events, data.people, geo)
        assert expected.converged, expected.reason
        assert fitted.converged, fitted.reason
        for w1, w3 in CONTRASTS.values():
            weights = np.array([0.0, w1, 0.0, w3])
            error = weights @ (np.asarray(fitted.params) - np.asarray(expected.params))
            spread = np.sqrt(weights @ np.asarray(fitted.cov_params()) @ weights)
            found.append(bool(abs(error) <= NORMAL_975 * spread))
    return found


def test_coverage_over_twenty_englands() -> None:
    found = [hit for seed in range(1, 21) for hit in hits(seed)]
    assert len(found) >= 1_000
    assert 0.93 <= np.mean(found) <= 0.97


@pytest.mark.slow
def test_coverage_over_a_hundred_englands() -> None:
    found = [hit for seed in range(1, 101) for hit in hits(seed)]
    assert len(found) >= 5_000
    assert 0.93 <= np.mean(found) <= 0.97
