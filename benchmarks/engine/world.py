"""A synthetic England as arrays: 32,837 LSOAs in MSOAs in 150 LAs, with planted coefficients."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]

#: log rate, social gradient, LA context, interaction: about Table 2's referral row.
TRUTH = np.array([-3.3, 0.48, 0.18, -0.21])
GROUP_SD = 0.435
NAMES = ("const", "x1", "x2", "x1:x2")


@dataclass(frozen=True)
class Scenario:
    """What is added to the plain model."""

    name: str
    slope_sd: float = 0.0
    row_sd: float = 0.0
    msoa_sd: float = 0.0


SCENARIOS = (
    Scenario("plain"),
    Scenario("slope sd .03", slope_sd=0.03),
    Scenario("slope sd .05", slope_sd=0.05),
    Scenario("overdispersion (row sd .15)", row_sd=0.15),
    Scenario("MSOA effects (sd .15)", msoa_sd=0.15),
)


@dataclass(frozen=True)
class World:
    """Rows in LA order: covariates (n, 4), LA and MSOA numbers (n,), population (n,)."""

    x: FloatArray
    group: npt.NDArray[np.intp]
    msoa: npt.NDArray[np.intp]
    pop: FloatArray

    def draw(self, rng: np.random.Generator, scenario: Scenario) -> FloatArray:
        """Draw counts (n,)."""
        n_groups = int(self.group.max()) + 1
        eta = self.x @ TRUTH + rng.normal(0, GROUP_SD, n_groups)[self.group]
        eta += rng.normal(0, scenario.slope_sd, n_groups)[self.group] * self.x[:, 1]
        eta += rng.normal(0, scenario.row_sd, len(eta))
        eta += rng.normal(0, scenario.msoa_sd, int(self.msoa.max()) + 1)[self.msoa]
        return np.asarray(rng.poisson(self.pop * np.exp(eta)), dtype=np.float64)


def make_world(seed: int, n_rows: int = 32837, n_groups: int = 150) -> World:
    """Return covariates like England's: x1 (sd .85) in LAs, x2 (sd .5) of LAs, 5 rows an MSOA."""
    rng = np.random.default_rng(seed)
    spread = np.floor(n_groups * rng.random(n_rows - n_groups) ** 1.3).astype(np.intp)
    group = np.sort(np.concatenate([np.arange(n_groups, dtype=np.intp), spread]))
    within = np.arange(n_rows) - np.searchsorted(group, group)
    msoa = np.unique(group * (n_rows + 1) + within // 5, return_inverse=True)[1]
    x1 = rng.normal(0, 0.85, n_rows)
    x1 -= (np.bincount(group, x1) / np.bincount(group))[group]
    x2 = rng.normal(0, 0.5, n_groups)
    x2 = (x2 - x2.mean())[group]
    x = np.column_stack([np.ones(n_rows), x1, x2, x1 * x2])
    pop = np.round(rng.lognormal(np.log(215), 0.35, n_rows))
    return World(x, group, msoa.astype(np.intp), pop)
