"""The sensitivities reduce to the plain model where they must, and the diagnostics to formulas."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy import sparse

from analysis_py.mixed import (
    FitSpec,
    PoissonRandomSlope,
    benjamini_hochberg,
    leave_one_group_out,
    morans_i,
    neighbour_weights,
)
from analysis_py.mixed.slope import slope_value
from analysis_py.mixed.slope_sums import EveryRow, PoissonLines
from common_py.errors import CinError
from tests.python.numeric.cases import MODELS, data_set, design, fitted, model


def test_no_slope_variance_is_the_plain_model() -> None:
    data = data_set("poisson_slope")
    plain = model("poisson_balanced", data=data)
    beta = [-3.2, 0.4, 0.1, -0.2]
    slope = model("poisson_slope").loglike(beta, 0.5, 1e-7, 0.0)
    assert slope == pytest.approx(plain.loglike(beta, 0.5), abs=1e-6)
    none = model("poisson_slope").loglike(beta, 0.5, 0.0, 0.0)
    assert none == pytest.approx(plain.loglike(beta, 0.5), abs=1e-10)


def test_no_subgroup_variance_is_the_plain_model() -> None:
    data = {k: v for k, v in data_set("three_level").items() if k != "msoa"}
    beta = [-3.2, 0.4, 0.1, -0.2]
    plain = model("poisson_balanced", data=data).loglike(beta, 0.5)
    assert model("three_level").loglike(beta, 0.5, 1e-9) == pytest.approx(plain, abs=1e-6)


def test_no_dispersion_is_the_plain_model() -> None:
    beta = [-3.2, 0.4, 0.1, -0.2]
    plain = model("poisson_balanced", data=data_set("negative_binomial")).loglike(beta, 0.5)
    found = model("negative_binomial").loglike(beta, 0.5, 1e-12)
    assert found == pytest.approx(plain, abs=1e-5)


@pytest.mark.parametrize("name", MODELS)
def test_sensitivities_find_what_was_planted(name: str) -> None:
    planted = {
        "negative_binomial": (0.45, 0.4),
        "row_lognormal": (0.45, 0.35),
        "three_level": (0.45, 0.25),
        "poisson_slope": (0.5, 0.2, 0.3),
        "binomial_slope": (0.5, 0.2, 0.3),
    }[name]
    results = fitted(name)
    assert results.converged
    assert results.llf > results.llf_null
    z = (results.variance_params - np.array(planted)) / results.variance_se
    assert np.abs(z).max() < 3.5


def test_slopes_are_shrunken_towards_the_mean() -> None:
    results = fitted("poisson_slope")
    assert results.group_slopes.shape == (results.n_groups,)
    assert 0 < results.group_slopes.std() < results.variance_params[1]
    assert np.all(results.group_slopes_se < results.variance_params[1])


def test_leave_one_group_out() -> None:
    data = data_set("poisson_five")
    rows = {"endog": data["y"], "exog": design(data), "groups": data["group"]}
    rows["exposure"] = data["pop"]
    seen: list[tuple[int, int]] = []
    found = leave_one_group_out(
        FitSpec("five", "poisson", rows), 1, progress=lambda _, k, n: seen.append((k, n))
    )
    assert found.params.shape == (5, 4)
    assert seen == [(k, 5) for k in range(1, 6)]
    keep = {k: v[data["group"] != 2] for k, v in data.items()}
    by_hand = model("poisson_balanced", data=keep).fit()
    np.testing.assert_allclose(found.params[2], by_hand.params, atol=1e-8)
    label, change = found.most_influential(1)
    assert abs(change) == pytest.approx(np.abs(found.change[:, 1]).max())
    assert label == found.labels[np.abs(found.change[:, 1]).argmax()]


@pytest.mark.parametrize("away", [0.0, 0.3, 3.0])
@pytest.mark.parametrize("n_points", [1, 3])
def test_columns_that_are_lines_in_the_slope_collapse(n_points: int, away: float) -> None:
    fit = model("poisson_slope", n_points)
    lines = fit._rows
    assert isinstance(lines, PoissonLines)
    one_by_one = EveryRow(lines.design, lines.family, lines.lines.z)
    theta = np.array([0.4, 0.1, -0.2, 1.0, 0.6, 0.15, 0.3])
    start = np.zeros((2, lines.design.n_groups))
    slope_value(
        lines, fit._rule, theta, start
    )  # where the sums were made: not where they are asked
    theta[1] += away
    collapsed = slope_value(lines, fit._rule, theta, start)
    summed = slope_value(one_by_one, fit._rule, theta, start)
    assert collapsed.value == pytest.approx(summed.value, rel=1e-12)
    for name in ("gradient", "modes", "curvature"):
        there = getattr(summed, name)
        np.testing.assert_allclose(
            getattr(collapsed, name), there, rtol=1e-9, atol=1e-10 * np.abs(there).max()
        )


def test_columns_that_are_no_lines_in_the_slope_are_summed_row_by_row() -> None:
    data = data_set("poisson_slope")
    exog = np.column_stack([design(data), data["x1"] ** 2])
    rows = (data["y"], exog, data["group"], data["pop"])
    assert isinstance(PoissonRandomSlope(*rows, slope=1)._rows, EveryRow)


@pytest.mark.parametrize(
    "name",
    [
        "poisson_five",
        "binomial_unbalanced",
        pytest.param("poisson_unbalanced", marks=pytest.mark.slow),
    ],
)
def test_climbing_from_the_full_fit_ends_where_whole_fits_do(name: str) -> None:
    data = data_set(name)
    climbed = model(name).without_each(fitted(name))
    labels = np.unique(data["group"])
    some = range(0, len(labels), max(1, len(labels) // 5))
    for j in some:
        keep = {k: v[data["group"] != labels[j]] for k, v in data.items()}
        whole = model(name, data=keep).fit()
        assert whole.converged
        np.testing.assert_allclose(climbed[j], whole.params, atol=1e-8)
    assert len(some) >= 5
    assert np.ptp(climbed, axis=0).min() > 1e-4


def test_a_coefficient_that_one_group_alone_holds_is_not_a_number_without_it() -> None:
    data = data_set("poisson_five")
    groups, y = data["group"], data["y"].copy()
    marked = np.isin(groups, groups[[0, -1]]) & (np.arange(len(y)) % 2 == 0)
    y[marked & (groups == groups[0])] = 0.0
    exog = np.column_stack([np.ones(len(y)), marked])
    rows = {"endog": y, "exog": exog, "groups": groups, "exposure": data["pop"]}
    found = leave_one_group_out(FitSpec("five", "poisson", rows), 1)
    alone = found.labels == groups[-1]
    assert np.isnan(found.params[alone]).all()
    assert np.isfinite(found.params[~alone]).all()


def test_leaving_one_out_keeps_the_names_of_the_columns() -> None:
    data = data_set("poisson_five")
    exog = pd.DataFrame(design(data)[:, :2], columns=["const", "income"])
    rows = {"endog": data["y"], "exog": exog, "groups": data["group"], "exposure": data["pop"]}
    found = leave_one_group_out(
        FitSpec("five", "poisson_slope", rows, {"slope": "income", "n_points": 1}), 1
    )
    assert np.isfinite(found.params).all()


def _chain(n: int) -> sparse.csr_array:
    ones = np.ones(n - 1)
    return sparse.csr_array(sparse.diags_array([ones, ones], offsets=[-1, 1]))


def test_morans_i_is_its_formula_and_its_moments_those_of_permutations() -> None:
    rng = np.random.default_rng(2)
    w = _chain(30)
    x = np.cumsum(rng.normal(size=30))
    z = x - x.mean()
    dense = w.toarray()
    by_hand = (
        30
        / dense.sum()
        * sum(dense[i, j] * z[i] * z[j] for i in range(30) for j in range(30))
        / np.sum(z**2)
    )
    found = morans_i(x, w, permutations=999, seed=1)
    assert found.statistic == pytest.approx(by_hand)
    assert found.expected == pytest.approx(-1 / 29)
    draws = np.array([morans_i(rng.permutation(x), w).statistic for _ in range(1500)])
    assert draws.mean() == pytest.approx(found.expected, abs=4 * draws.std() / np.sqrt(1500))
    assert draws.var() == pytest.approx(found.variance, rel=0.1)
    assert found.p_value < 0.01
    assert found.p_permutation == pytest.approx(found.p_value, abs=0.01)
    assert morans_i(x, w, permutations=999, seed=1) == found
    noise = morans_i(rng.normal(size=30), w)
    assert noise.p_value > 0.001


def test_moran_refuses_what_has_no_meaning() -> None:
    with pytest.raises(CinError, match="do not vary"):
        morans_i(np.ones(10), _chain(10))
    with pytest.raises(CinError, match="shape"):
        morans_i(np.arange(9.0), _chain(10))
    with pytest.raises(CinError, match="values are missing"):
        morans_i([1, 2, np.nan, 4], _chain(4))


def test_neighbours() -> None:
    points = np.array([[0, 0], [1, 0], [3, 0], [7, 0], [7, 0]])
    w = neighbour_weights(points, 2).toarray()
    np.testing.assert_allclose(w.sum(axis=1), 1.0)
    assert not np.diag(w).any()
    np.testing.assert_array_equal(np.flatnonzero(w[0]), [1, 2])
    with pytest.raises(CinError, match="neighbours"):
        neighbour_weights(points, 5)


def test_benjamini_hochberg() -> None:
    from statsmodels.stats.multitest import (  # noqa: PLC0415 (a second to import)
        multipletests,
    )

    p = np.array([0.01, np.nan, 0.04, 0.03, 0.5])
    found = benjamini_hochberg(p)
    assert np.isnan(found[1])
    np.testing.assert_allclose(found[[0, 2, 3, 4]], [0.04, 0.16 / 3, 0.16 / 3, 0.5])
    many = np.random.default_rng(4).random(200) ** 3
    np.testing.assert_array_equal(benjamini_hochberg(many), multipletests(many, method="fdr_bh")[1])
    np.testing.assert_array_equal(benjamini_hochberg([np.nan]), [np.nan])
