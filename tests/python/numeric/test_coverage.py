"""Intervals cover as often as they say: a short study, and a longer one marked slow.

`benchmarks/engine/coverage.py` runs 1,000 draws and every sensitivity.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest
import scipy

from analysis_py.mixed import PoissonMixed

FloatArray = npt.NDArray[np.float64]
TRUTH = np.array([-3.3, 0.48, 0.18, -0.21])


def _covered(draws: int, n_groups: int, size: int) -> FloatArray:
    """Return how often each coefficient lies in its 95 % interval, shape (4,)."""
    rng = np.random.default_rng(20190331)
    group = np.repeat(np.arange(n_groups), size)
    x1 = rng.normal(0, 0.9, len(group))
    x2 = rng.normal(0, 0.5, n_groups)[group]
    x = np.column_stack([np.ones(len(group)), x1, x2, x1 * x2])
    pop = rng.integers(100, 400, len(group))
    hits = np.zeros(4)
    for _ in range(draws):
        effect = rng.normal(0, 0.435, n_groups)[group]
        y = rng.poisson(pop * np.exp(x @ TRUTH + effect))
        interval = PoissonMixed(y, x, group, pop).fit().conf_int()
        hits += (interval[:, 0] <= TRUTH) & (interval[:, 1] >= TRUTH)
    return hits


def _assert_nominal(hits: FloatArray, draws: int) -> None:
    """Each coefficient inside the exact 99.9 % binomial band around 95 %."""
    low, high = scipy.stats.binom.interval(0.999, draws, 0.95)
    assert np.all((hits >= low) & (hits <= high)), hits / draws


def test_short() -> None:
    _assert_nominal(_covered(200, 80, 10), 200)


@pytest.mark.slow
def test_long() -> None:
    hits = _covered(1000, 150, 40)
    _assert_nominal(hits, 1000)
    assert np.all((hits[1:] >= 930) & (hits[1:] <= 970))
