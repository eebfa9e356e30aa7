"""What must not matter does not: to 1e-8."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from analysis_py.mixed import BinomialMixed, MixedResults, PoissonMixed, PoissonRandomSlope
from analysis_py.mixed.kernels import PoissonKernel, PoissonLinesKernel
from analysis_py.mixed.slope import slope_value
from analysis_py.mixed.slope_sums import EveryRow, PoissonLines
from tests.python.numeric.cases import MODELS, NAMES, data_set, design, fitted, model

FloatArray = npt.NDArray[np.float64]


def same(a: MixedResults, b: MixedResults, shift: FloatArray | None = None) -> None:
    """Assert equal estimates, covariance, log-likelihood and effects."""
    move = np.zeros(len(a.params)) if shift is None else shift
    np.testing.assert_allclose(a.params, b.params + move, rtol=0, atol=1e-8)
    np.testing.assert_allclose(a.variance_params, b.variance_params, rtol=0, atol=1e-8)
    np.testing.assert_allclose(a.cov_full, b.cov_full, rtol=1e-7, atol=1e-9)
    assert a.llf == pytest.approx(b.llf, rel=1e-12, abs=1e-8)


def refit(name: str, **changed: Any) -> MixedResults:
    """Refit a Poisson or binomial set with some inputs changed."""
    data = data_set(name)
    given: dict[str, Any] = {"exog": design(data), "groups": data["group"], "exog_names": NAMES}
    if "trials" in data:
        given |= {"successes": data["y"], "trials": data["trials"]}
        return BinomialMixed(**(given | changed)).fit()
    given |= {"endog": data["y"], "exposure": data["pop"]}
    return PoissonMixed(**(given | changed)).fit()


@pytest.mark.parametrize("name", ["poisson_unbalanced", "binomial_unbalanced"])
def test_row_order(name: str) -> None:
    data = data_set(name)
    order = np.random.default_rng(3).permutation(len(data["y"]))
    rows: dict[str, Any] = {"exog": design(data)[order], "groups": data["group"][order]}
    if "trials" in data:
        rows |= {"successes": data["y"][order], "trials": data["trials"][order]}
    else:
        rows |= {"endog": data["y"][order], "exposure": data["pop"][order]}
    shuffled = refit(name, **rows)
    same(shuffled, fitted(name))
    np.testing.assert_allclose(shuffled.group_effects, fitted(name).group_effects, atol=1e-8)


@pytest.mark.parametrize("name", ["poisson_unbalanced", "binomial_unbalanced"])
def test_labels(name: str) -> None:
    group = data_set(name)["group"].astype(int)
    words = np.array([f"E{(7919 * g) % 1000003:08d}" for g in range(group.max() + 1)])
    renamed = refit(name, groups=words[group])
    same(renamed, fitted(name))
    order = np.argsort(words)
    np.testing.assert_array_equal(renamed.group_labels, words[order])
    np.testing.assert_allclose(
        renamed.group_effects, fitted(name).group_effects[order], rtol=0, atol=1e-8
    )


@pytest.mark.parametrize("shift", [1.0, -30.0, 700.0])
@pytest.mark.parametrize("name", ["poisson_unbalanced", "binomial_unbalanced"])
def test_offset_shift_moves_only_the_intercept(name: str, shift: float) -> None:
    moved = refit(name, offset=np.full(len(data_set(name)["y"]), shift))
    same(moved, fitted(name), np.array([-shift, 0, 0, 0]))


@pytest.mark.parametrize("factor", [1e-6, 1e4])
def test_population_scale_moves_only_the_intercept(factor: float) -> None:
    scaled = refit("poisson_unbalanced", exposure=factor * data_set("poisson_unbalanced")["pop"])
    same(scaled, fitted("poisson_unbalanced"), np.array([-np.log(factor), 0, 0, 0]))


def test_exposure_is_an_offset() -> None:
    data = data_set("poisson_unbalanced")
    same(
        refit("poisson_unbalanced", exposure=None, offset=np.log(data["pop"])),
        fitted("poisson_unbalanced"),
    )


@pytest.mark.parametrize("name", ["poisson_unbalanced", "binomial_unbalanced"])
def test_covariate_units(name: str) -> None:
    x = design(data_set(name))
    to = np.array([[1.0, 0, 0.5, 0], [0, 1e3, 0, 0], [0, 0, 1e-3, 0], [0, 0, 0, 1.0]])
    changed, plain = refit(name, exog=x @ to), fitted(name)
    np.testing.assert_allclose(to @ changed.params, plain.params, rtol=0, atol=1e-8)
    np.testing.assert_allclose(to @ changed.cov_params() @ to.T, plain.cov_params(), rtol=1e-6)
    assert changed.llf == pytest.approx(plain.llf, abs=1e-8)


def test_binomial_collapse_equals_bernoulli_rows() -> None:
    data = data_set("binomial_unbalanced")
    trials, y = data["trials"].astype(int), data["y"].astype(int)
    rows = np.repeat(np.arange(len(y)), trials)
    order = np.concatenate([np.arange(t) for t in trials])
    bernoulli = BinomialMixed(
        (order < y[rows]).astype(float), design(data)[rows], data["group"][rows]
    ).fit()
    collapsed = fitted("binomial_unbalanced")
    np.testing.assert_allclose(bernoulli.params, collapsed.params, rtol=0, atol=1e-8)
    np.testing.assert_allclose(bernoulli.cov_full, collapsed.cov_full, rtol=1e-7, atol=1e-10)
    # The likelihoods differ by the binomial coefficients, which hold no parameter.
    assert bernoulli.llf < collapsed.llf
    assert bernoulli.variance_test().statistic == pytest.approx(
        collapsed.variance_test().statistic, abs=1e-7
    )


def test_rows_without_information_change_nothing() -> None:
    data = data_set("poisson_balanced")
    empty = PoissonMixed(
        np.append(data["y"], [0.0, 0.0]),
        np.vstack([design(data), [[1, 50, 50, 50], [1, 0, 0, 0]]]),
        np.append(data["group"], [3.0, 999.0]),
        np.append(data["pop"], [0.0, 0.0]),
        exog_names=NAMES,
    ).fit()
    same(empty, fitted("poisson_balanced"))
    assert (empty.nobs, empty.n_groups, empty.n_dropped) == (600, 30, 2)


def test_nodes_do_not_matter_where_groups_are_informative() -> None:
    seven, many = fitted("poisson_balanced"), fitted("poisson_balanced", 25)
    np.testing.assert_allclose(seven.params, many.params, atol=1e-7)
    assert seven.llf == pytest.approx(many.llf, abs=1e-6)


@pytest.mark.parametrize("name", MODELS)
def test_sensitivity_row_order(name: str) -> None:
    order = np.random.default_rng(5).permutation(len(data_set(name)["y"]))
    shuffled = model(name, data={k: v[order] for k, v in data_set(name).items()}).fit()
    plain = fitted(name)
    np.testing.assert_allclose(shuffled.params, plain.params, rtol=0, atol=1e-7)
    np.testing.assert_allclose(shuffled.variance_params, plain.variance_params, atol=1e-6)
    np.testing.assert_allclose(shuffled.bse, plain.bse, rtol=1e-5)


def _neighbourhoods(seed: int = 5) -> dict[str, Any]:
    """Return counts of 9 groups with a covariate, a group's context, their product and a kind."""
    rng = np.random.default_rng(seed)
    group = np.repeat(np.arange(9), 90)
    x1, x2 = rng.normal(size=len(group)), rng.normal(size=9)[group]
    rural = (rng.random(len(group)) < 0.3).astype(float)
    exog = np.column_stack([np.ones(len(group)), x1, x2, x1 * x2, rural, x1 * rural])
    size = rng.uniform(50.0, 400.0, len(group))
    eta = exog @ np.array([-3.0, 0.4, 0.1, -0.1, -0.2, 0.1]) + 0.3 * rng.normal(size=9)[group]
    counts = rng.poisson(size * np.exp(eta)).astype(float)
    return {"endog": counts, "exog": exog, "groups": group, "exposure": size}


@pytest.mark.parametrize("n_columns", [4, 6])
@pytest.mark.parametrize("n_points", [1, 7])
def test_cells_hold_all_of_rows_that_are_lines_in_them(n_columns: int, n_points: int) -> None:
    rows = _neighbourhoods()
    rows["exog"] = rows["exog"][:, :n_columns]
    by_cell, by_row = (PoissonMixed(**rows, n_points=n_points) for _ in range(2))
    assert isinstance(by_cell._kernel, PoissonLinesKernel)
    assert len(by_cell._kernel.lines.cells.starts) == (9 if n_columns == 4 else 18)
    by_row._kernel = PoissonKernel(by_row._shape.design, by_row._data.y)
    params = np.array([-3.0, 0.4, 0.1, -0.1, -0.2, 0.1])[:n_columns]
    for away in (0.0, 0.05, 2.0):  # where the rows were summed, near it, and far from it
        here = (params + away * (np.arange(n_columns) == 1), 0.3)
        assert by_cell.loglike(*here) == pytest.approx(by_row.loglike(*here), rel=1e-12)
        np.testing.assert_allclose(by_cell.score(*here), by_row.score(*here), rtol=1e-9)
        np.testing.assert_allclose(by_cell.hessian(*here), by_row.hessian(*here), rtol=1e-9)
    one, other = by_cell.fit(), by_row.fit()
    np.testing.assert_allclose(one.params, other.params, rtol=0, atol=1e-11)
    np.testing.assert_allclose(one.bse, other.bse, rtol=1e-9)
    np.testing.assert_allclose(one.group_effects, other.group_effects, rtol=0, atol=1e-10)


def test_slopes_of_rows_in_cells_are_those_of_the_rows() -> None:
    rows = _neighbourhoods()
    fit = PoissonRandomSlope(**rows, slope=1, n_points=3)
    by_cell = fit._rows
    assert isinstance(by_cell, PoissonLines)
    assert len(by_cell.lines.cells.starts) == 18
    x1 = rows["exog"][:, 1]
    by_row = EveryRow(by_cell.design, by_cell.family, (x1 - x1.mean()) / x1.std())
    theta = np.array([-3.0, 0.4, 0.1, -0.1, -0.2, 0.1, 0.3, 0.05, 0.2])
    start = np.zeros((2, 9))
    one, other = (slope_value(found, fit._rule, theta, start) for found in (by_cell, by_row))
    assert one.value == pytest.approx(other.value, rel=1e-12)
    np.testing.assert_allclose(one.gradient, other.gradient, rtol=1e-9)
    np.testing.assert_allclose(one.modes, other.modes, rtol=1e-9, atol=1e-11)


def test_a_column_that_is_no_line_keeps_the_rows() -> None:
    rows = _neighbourhoods()
    rows["exog"] = np.column_stack([rows["exog"][:, :4], rows["exog"][:, 1] ** 2])
    assert not isinstance(PoissonMixed(**rows)._kernel, PoissonLinesKernel)


def test_rows_that_are_hardly_more_than_their_cells_are_kept() -> None:
    rows = {name: values[::20] for name, values in _neighbourhoods().items()}
    assert not isinstance(PoissonMixed(**rows)._kernel, PoissonLinesKernel)
