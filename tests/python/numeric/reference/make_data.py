"""Write the data sets that R and this engine are both fitted to. SYNTHETIC.

Run `python tests/python/numeric/reference/make_data.py` from the project, then `make_reference.R`.
Draws use only `Generator.random` and inverse distribution functions, whose streams are stable, so
that `national()` can be generated again by the tests instead of being stored.
"""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import scipy

HERE = Path(__file__).parent
Array = npt.NDArray[Any]
Columns = dict[str, Array]


def _normal(rng: np.random.Generator, size: int | tuple[int, ...]) -> Array:
    return np.asarray(scipy.stats.norm.ppf(rng.random(size)))


def _poisson(rng: np.random.Generator, mean: Array) -> Array:
    return np.asarray(scipy.stats.poisson.ppf(rng.random(len(mean)), mean), dtype=int)


def _binomial(rng: np.random.Generator, trials: Array, share: Array) -> Array:
    return np.asarray(scipy.stats.binom.ppf(rng.random(len(trials)), trials, share), dtype=int)


def _sizes(rng: np.random.Generator, n_groups: int, low: int, high: int) -> Array:
    return np.repeat(
        np.arange(n_groups), low + (rng.random(n_groups) * (high - low + 1)).astype(int)
    )


def _covariates(rng: np.random.Generator, group: Array) -> Columns:
    """x1 within groups, x2 of groups, and the group number: the shape of the study's models."""
    n_groups = int(group.max()) + 1
    return {
        "group": group,
        "x1": np.round(_normal(rng, len(group)), 4),
        "x2": np.round(0.5 * _normal(rng, n_groups), 4)[group],
    }


def _predictor(columns: Columns, beta: tuple[float, float, float, float]) -> Array:
    x1, x2 = columns["x1"], columns["x2"]
    return np.asarray(beta[0] + beta[1] * x1 + beta[2] * x2 + beta[3] * x1 * x2)


def poisson_set(seed: int, group: Array, sd: float, level: float = -3.3) -> Columns:
    """Counts with a population offset and a random intercept of standard deviation `sd`."""
    rng = np.random.default_rng(seed)
    columns = _covariates(rng, group)
    columns["pop"] = np.round(20 + 300 * rng.random(len(group)))
    effect = sd * _normal(rng, int(group.max()) + 1)
    eta = _predictor(columns, (level, 0.48, 0.18, -0.22)) + effect[group]
    columns["y"] = _poisson(rng, columns["pop"] * np.exp(eta))
    return columns


def binomial_set(seed: int, group: Array, sd: float, most: int) -> Columns:
    """Successes of 0 to `most` trials (all 1 if `most` is 1)."""
    rng = np.random.default_rng(seed)
    columns = _covariates(rng, group)
    trials = np.floor((most + 1) * rng.random(len(group))).astype(int)
    columns["trials"] = np.ones(len(group), dtype=int) if most == 1 else trials
    effect = sd * _normal(rng, int(group.max()) + 1)
    eta = _predictor(columns, (-0.6, 0.5, 0.3, -0.2)) + effect[group]
    columns["y"] = _binomial(rng, columns["trials"], 1 / (1 + np.exp(-eta)))
    return columns


def slope_set(seed: int, group: Array, *, binomial: bool = False) -> Columns:
    """Random intercepts (sd .5) and slopes of x1 (sd .2), correlated .3."""
    columns = poisson_set(seed, group, 0.0)
    rng = np.random.default_rng(seed + 1)
    z = _normal(rng, (2, int(group.max()) + 1))
    effect = 0.5 * z[0][group] + 0.2 * (0.3 * z[0] + np.sqrt(0.91) * z[1])[group] * columns["x1"]
    if binomial:
        columns["trials"] = 1 + np.floor(8 * rng.random(len(group))).astype(int)
        eta = _predictor(columns, (-0.6, 0.5, 0.3, -0.2)) + effect
        columns["y"] = _binomial(rng, columns["trials"], 1 / (1 + np.exp(-eta)))
        del columns["pop"]
    else:
        eta = _predictor(columns, (-3.3, 0.48, 0.18, -0.22)) + effect
        columns["y"] = _poisson(rng, columns["pop"] * np.exp(eta))
    return columns


def overdispersed_set(seed: int, group: Array, kind: str) -> Columns:
    """Counts with a gamma factor (`nb`, alpha .4) or a lognormal one (`row`, sd .35) a row."""
    columns = poisson_set(seed, group, 0.0)
    rng = np.random.default_rng(seed + 1)
    effect = 0.45 * _normal(rng, int(group.max()) + 1)[group]
    eta = _predictor(columns, (-3.3, 0.48, 0.18, -0.22)) + effect
    uniform = rng.random(len(group))
    factor = scipy.stats.gamma.ppf(uniform, 2.5) / 2.5
    if kind == "row":
        factor = np.exp(0.35 * scipy.stats.norm.ppf(uniform))
    columns["y"] = _poisson(rng, columns["pop"] * np.exp(eta) * factor)
    return columns


def nested_set(seed: int) -> Columns:
    """Thirty LAs, 3 to 9 MSOAs in each, 4 LSOAs in each: sd .45 and .25."""
    rng = np.random.default_rng(seed)
    msoa_group = _sizes(rng, 30, 3, 9)
    msoa = np.repeat(np.arange(len(msoa_group)), 4)
    columns = poisson_set(seed + 1, msoa_group[msoa], 0.0)
    columns["msoa"] = msoa
    effect = 0.45 * _normal(rng, 30)[msoa_group[msoa]] + 0.25 * _normal(rng, len(msoa_group))[msoa]
    eta = _predictor(columns, (-3.3, 0.48, 0.18, -0.22)) + effect
    columns["y"] = _poisson(rng, columns["pop"] * np.exp(eta))
    return columns


def national() -> Columns:
    """The size of England: 32,837 LSOAs in 150 LAs (not stored: 32,837 rows)."""
    rng = np.random.default_rng(20190331)
    shares = np.sort(rng.random(32837 - 150))
    group = np.sort(np.concatenate([np.arange(150), (150 * shares**1.3).astype(int)]))
    return poisson_set(42, group, 0.435)


def data_sets() -> dict[str, Columns]:
    """Return every stored data set by name."""
    rng = np.random.default_rng(7)
    return {
        "poisson_balanced": poisson_set(11, np.repeat(np.arange(30), 20), 0.45),
        "poisson_unbalanced": poisson_set(12, _sizes(rng, 150, 2, 30), 0.435),
        "poisson_five": poisson_set(13, np.repeat(np.arange(5), 40), 0.5),
        "poisson_sparse": poisson_set(14, _sizes(rng, 60, 1, 15), 0.8, level=-6.0),
        "poisson_tiny": poisson_set(71, np.repeat(np.arange(60), 15), 0.06),
        "poisson_zero": poisson_set(18, np.repeat(np.arange(20), 20), 0.0),
        "bernoulli_balanced": binomial_set(21, np.repeat(np.arange(40), 25), 0.7, 1),
        "bernoulli_small": binomial_set(22, np.repeat(np.arange(15), 8), 1.2, 1),
        "binomial_unbalanced": binomial_set(23, _sizes(rng, 120, 1, 25), 0.5, 12),
        "negative_binomial": overdispersed_set(31, _sizes(rng, 50, 5, 25), "nb"),
        "row_lognormal": overdispersed_set(32, _sizes(rng, 40, 5, 20), "row"),
        "poisson_slope": slope_set(41, _sizes(rng, 60, 8, 25)),
        "binomial_slope": slope_set(42, _sizes(rng, 60, 8, 25), binomial=True),
        "three_level": nested_set(51),
    }


def write(columns: Columns, path: Path) -> None:
    """Write columns to a CSV file with a header."""
    with path.open("w", newline="", encoding="utf-8") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(columns)
        writer.writerows(zip(*(c.tolist() for c in columns.values()), strict=True))


if __name__ == "__main__":
    (HERE / "data").mkdir(exist_ok=True)
    for name, columns in data_sets().items():
        write(columns, HERE / "data" / f"{name}.csv")
