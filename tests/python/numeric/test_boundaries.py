"""Edges end in a flagged result with its reason or in an error that names the column."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from analysis_py.mixed import (
    BinomialMixed,
    MixedResults,
    NegativeBinomialMixed,
    NestedPoissonMixed,
    PoissonMixed,
    PoissonRandomSlope,
    cluster_robust_poisson,
)
from common_py.errors import CinError

FloatArray = npt.NDArray[np.float64]
N, J = 400, 20
GROUP = np.repeat(np.arange(J), N // J)
NAMES = ("const", "income")


def _world(sd: float = 0.6, seed: int = 3) -> tuple[FloatArray, FloatArray]:
    """Counts (n,) and covariates (n, 2) with group effects of standard deviation `sd`."""
    rng = np.random.default_rng(seed)
    x = np.column_stack([np.ones(N), rng.normal(size=N)])
    y = rng.poisson(np.exp(0.3 * x[:, 1] + sd * rng.normal(size=J)[GROUP]))
    return y.astype(np.float64), x


def _flagged(results: MixedResults, words: str) -> None:
    assert not results.converged
    assert words in results.reason
    assert np.isnan(results.params).all()
    assert np.isnan(results.bse).all()
    assert np.isnan(results.llf)
    assert np.isnan(results.contrast(np.ones(len(results.params))).std_error)
    assert np.isnan(results.variance_test().p_value)
    assert results.reason in results.summary()


def _refused(make: Any, place: str, words: str) -> None:
    with pytest.raises(CinError) as caught:
        make()
    assert caught.value.place == place
    assert words in caught.value.problem
    assert caught.value.remedy


def test_variance_zero_is_the_glm_and_says_so() -> None:
    y, x = _world(sd=0.0, seed=4)
    y = np.random.default_rng(0).permutation(y)
    results = PoissonMixed(y, x, GROUP, exog_names=NAMES).fit()
    assert results.converged
    assert results.boundary
    assert "variance is zero" in results.reason
    assert results.group_sd == 0.0
    assert np.isnan(results.group_sd_se)
    assert np.all(np.isfinite(results.bse))
    assert not results.group_effects.any()
    assert results.variance_test().p_value == 1.0
    assert results.llf == results.llf_null


def test_one_group() -> None:
    y, x = _world()
    _flagged(PoissonMixed(y, x, np.zeros(N)).fit(), "one group")
    _flagged(BinomialMixed(y > 0, x, np.zeros(N)).fit(), "one group")


def test_no_rows() -> None:
    y, x = _world()
    _flagged(PoissonMixed(y[:0], x[:0], GROUP[:0]).fit(), "no rows")
    zero = PoissonMixed(0 * y, x, GROUP, exposure=np.zeros(N)).fit()
    _flagged(zero, "no rows with a denominator")
    assert zero.n_dropped == N


def test_fewer_rows_than_coefficients() -> None:
    with pytest.raises(CinError, match="combination"):
        PoissonMixed(np.ones(2), [[1, 0, 2.0], [1, 1, 3.0]], [0, 1])
    _flagged(PoissonMixed([1, 2], [[1, 0.0], [1, 1.0]], [0, 1]).fit(), "2 rows for 2")


@pytest.mark.parametrize(
    "make", [PoissonMixed, NegativeBinomialMixed, PoissonRandomSlope, NestedPoissonMixed]
)
def test_all_zero_stratum(make: Any) -> None:
    y, x = _world()
    options: dict[Any, dict[str, Any]] = {
        PoissonRandomSlope: {"slope": 1},
        NestedPoissonMixed: {"subgroups": None},
    }
    _flagged(make(0 * y, x, GROUP, **options.get(make, {})).fit(), "no events")


def test_binomial_without_contrast() -> None:
    _, x = _world()
    _flagged(BinomialMixed(np.zeros(N), x, GROUP).fit(), "no events")
    _flagged(BinomialMixed(np.ones(N), x, GROUP).fit(), "every trial")


def test_a_group_without_events_is_ordinary() -> None:
    y, x = _world()
    y[GROUP == 3] = 0
    results = PoissonMixed(y, x, GROUP).fit()
    assert results.converged
    assert not results.reason
    assert np.argmin(results.group_effects) == 3
    assert np.all(np.isfinite(results.group_effects_se))


def test_separation_names_the_column() -> None:
    y, x = _world()
    rural = (np.arange(N) % 7 == 0).astype(float)
    wide = np.column_stack([x, rural])
    names = ("const", "income", "rural")
    _flagged(PoissonMixed(y * (1 - rural), wide, GROUP, exog_names=names).fit(), "rural")
    split = (x[:, 1] > 0).astype(float)
    _flagged(BinomialMixed(split, x, GROUP, exog_names=NAMES).fit(), "separation")
    robust = cluster_robust_poisson(y * (1 - rural), wide, GROUP, exog_names=names)
    assert not robust.converged
    assert "rural" in robust.reason
    assert np.isnan(robust.bse).all()


def test_almost_separated_data_are_fitted() -> None:
    y, x = _world()
    rural = (np.arange(N) % 7 == 0).astype(float)
    y = y * (1 - rural)
    y[0] = 1
    results = PoissonMixed(y, np.column_stack([x, rural]), GROUP).fit()
    assert results.converged
    assert -5 < results.params[2] < -2


def test_whole_groups_of_events_have_no_maximum() -> None:
    _, x = _world()
    _flagged(BinomialMixed(GROUP % 2, x, GROUP).fit(), "grows without end")


@pytest.mark.parametrize(
    ("column", "words"),
    [
        (np.full(N, 3.0), "constant, as const is"),
        (np.zeros(N), "all zeros"),
        (None, "a combination of income"),
    ],
)
def test_columns_that_cannot_be_told_apart(column: FloatArray | None, words: str) -> None:
    y, x = _world()
    last = 2 * x[:, 1] - 1 if column is None else column
    wide = np.column_stack([x, last])
    names = ("const", "income", "spend")
    _refused(lambda: PoissonMixed(y, wide, GROUP, exog_names=names), "spend", words)


def test_a_large_covariate_is_not_collinear() -> None:
    y, x = _world()
    moved = np.column_stack([x[:, 0], x[:, 1] + 1e6])
    np.testing.assert_allclose(
        PoissonMixed(y, moved, GROUP).fit().params[1],
        PoissonMixed(y, x, GROUP).fit().params[1],
        rtol=1e-8,
    )


@pytest.mark.parametrize("bad", [np.nan, np.inf])
@pytest.mark.parametrize("place", ["endog", "income", "exposure", "offset", "groups"])
def test_missing_values_are_refused_by_name(place: str, bad: float) -> None:
    y, x = _world()
    given: dict[str, Any] = {
        "endog": y,
        "exog": x,
        "groups": GROUP.astype(float),
        "exposure": np.ones(N),
        "offset": np.zeros(N),
    }
    if place == "income":
        given["exog"][5, 1] = bad
    else:
        given[place][5] = bad
    words = "1 of 400 values are missing"
    _refused(lambda: PoissonMixed(**given, exog_names=NAMES), place, words)


def test_missing_labels_are_refused() -> None:
    y, x = _world()
    labels = np.array([f"E{g}" for g in GROUP], dtype=object)
    labels[3] = None
    _refused(lambda: PoissonMixed(y, x, labels), "groups", "missing")


def test_impossible_counts_are_refused() -> None:
    y, x = _world()
    _refused(lambda: PoissonMixed(y - 1, x, GROUP), "endog", "negative")
    _refused(lambda: PoissonMixed(y, x, GROUP, -np.ones(N)), "exposure", "negative")
    _refused(lambda: BinomialMixed(y + 1, x, GROUP), "successes", "more successes than trials")
    _refused(lambda: NegativeBinomialMixed(y + 0.5, x, GROUP), "endog", "not whole")


def test_zero_denominators() -> None:
    y, x = _world()
    size = np.ones(N)
    size[:2] = 0
    y[:2] = 0
    fitted = PoissonMixed(y, x, GROUP, size).fit()
    assert (fitted.nobs, fitted.n_dropped, fitted.converged) == (N - 2, 2, True)
    y[0] = 1
    _refused(lambda: PoissonMixed(y, x, GROUP, size), "exposure", "events but no exposure")


def test_huge_offsets_are_fitted_or_flagged() -> None:
    y, x = _world()
    assert PoissonMixed(y, x, GROUP, offset=np.full(N, 1e4)).fit().converged
    _flagged(PoissonMixed(y, x[:, 1:], GROUP, offset=np.full(N, 800.0)).fit(), "not finite")
    wild = np.random.default_rng(1).normal(0, 300, N)
    _flagged(PoissonMixed(y, x, GROUP, offset=wild).fit(), "")


def test_shapes_and_names() -> None:
    y, x = _world()
    _refused(lambda: PoissonMixed(y, x[:-1], GROUP), "exog", "shape")
    _refused(lambda: PoissonMixed(y, x, GROUP[:-1]), "groups", "shape")
    _refused(lambda: PoissonMixed(y, x, GROUP, np.ones(3)), "exposure", "shape")
    _refused(lambda: PoissonMixed(y, x, GROUP, exog_names=["a"]), "exog_names", "1 names")
    _refused(lambda: PoissonMixed(y, x, GROUP, exog_names=["a", "a"]), "exog_names", "1 different")
    _refused(lambda: PoissonMixed(y, x, GROUP, n_points=0), "n_points", "1 to 99")
    _refused(lambda: PoissonMixed(["a"] * N, x, GROUP), "endog", "not numeric")


def test_errors_never_show_values() -> None:
    y, x = _world()
    y[7] = -123456.0
    with pytest.raises(CinError) as caught:
        PoissonMixed(y, x, GROUP)
    assert "123456" not in str(caught.value)


def test_enormous_differences_between_groups_are_found() -> None:
    """Counts from 0 to millions: a search that fails must not pass for a variance of zero."""
    rng = np.random.default_rng(0)
    for _ in range(20):
        group = rng.integers(0, 30, 220)
        x = np.column_stack([np.ones(220), rng.normal(size=220)])
        level = 3 + 0.5 * x[:, 1] + 4 * rng.normal(size=30)[group]
        y = rng.poisson(np.minimum(np.exp(level), 1e6))
        model = PoissonMixed(y, x, group)
        results = model.fit()
        assert results.converged
        assert not results.boundary
        assert 2 < results.group_sd < 8
        score = model.score(results.params, results.group_sd)
        assert np.abs(score * np.append(results.bse, results.group_sd_se)).max() < 1e-5
        assert results.llf > model.loglike(results.params, 1.0)


@pytest.mark.parametrize("make", [NegativeBinomialMixed, NestedPoissonMixed])
def test_sensitivities_survive_enormous_differences(make: Any) -> None:
    rng = np.random.default_rng(2)
    group = rng.integers(0, 30, 300)
    x = np.column_stack([np.ones(300), rng.normal(size=300)])
    y = rng.poisson(np.exp(3 + 0.5 * x[:, 1] + 3 * rng.normal(size=30)[group]))
    options = {"subgroups": None} if make is NestedPoissonMixed else {}
    results = make(y, x, group, **options).fit()
    assert results.converged
    assert results.params[1] == pytest.approx(0.5, abs=0.05)


def test_expected_counts_need_not_be_whole() -> None:
    _, x = _world()
    size = np.full(N, 1e5)
    mean = size * np.exp(0.3 * x[:, 1] + 0.5 * np.sin(GROUP))
    results = PoissonMixed(mean, x, GROUP, size).fit()
    assert results.converged
    # Group effects are shrunken, so the truth is met only as the counts grow.
    assert results.params[1] == pytest.approx(0.3, abs=1e-6)


def test_sensitivity_boundaries() -> None:
    rng = np.random.default_rng(9)
    x = np.column_stack([np.ones(N), rng.normal(size=N)])
    y = rng.binomial(4, 0.3, N).astype(float)  # less variation than Poisson
    nb = NegativeBinomialMixed(y, x, GROUP).fit()
    assert nb.boundary
    assert "beyond Poisson" in nb.reason
    assert nb.variance_params[1] == 0
    np.testing.assert_allclose(nb.params, PoissonMixed(y, x, GROUP).fit().params)
    rows = NestedPoissonMixed(y, x, GROUP, subgroups=None).fit()
    assert rows.boundary
    assert rows.variance_params[1] == 0
    assert np.isnan(rows.variance_se[1])
    np.testing.assert_allclose(rows.params, nb.params, atol=1e-6)
    _refused(lambda: NestedPoissonMixed(y, x, GROUP, subgroups=GROUP), "subgroups", "same")
    _refused(lambda: PoissonRandomSlope(y, x, GROUP, slope="no"), "slope", "no column")
    _refused(lambda: PoissonRandomSlope(y, x, GROUP, slope=0), "slope", "constant")


def _no_variance(seed: int) -> tuple[FloatArray, FloatArray]:
    """Counts that vary less than Poisson ones, so that no effect has a variance."""
    rng = np.random.default_rng(seed)
    x = np.column_stack([np.ones(N), rng.normal(size=N)])
    return rng.binomial(4, 0.3, N).astype(np.float64), x


def test_random_slopes_without_variance_are_zero_and_say_so() -> None:
    found = 0
    for seed in range(12):
        y, x = _no_variance(seed)
        results = PoissonRandomSlope(y, x, GROUP, slope=1, n_points=1).fit()
        assert results.converged
        assert results.boundary
        plain = PoissonMixed(y, x, GROUP, n_points=1).fit()
        assert results.llf >= plain.llf - 1e-6
        if "variance is zero" not in results.reason:
            assert "perfectly correlated" in results.reason
            continue
        found += 1
        assert list(results.variance_params[:2]) == [0.0, 0.0]
        assert np.isnan(results.variance_params[2])
        assert np.isnan(results.variance_se).all()
        np.testing.assert_allclose(results.params, plain.params, atol=1e-6)
        np.testing.assert_allclose(results.bse, plain.bse, rtol=1e-4)
    assert found >= 3


def test_a_saddle_is_left() -> None:
    """No intercept variance beside a slope's is a saddle of the covariance factor, not an end."""
    for seed in range(10):
        rng = np.random.default_rng(seed)
        x = np.column_stack([np.ones(N), rng.normal(size=N)])
        y = rng.poisson(np.exp(0.3 * rng.normal(size=J)[GROUP] * x[:, 1]))
        results = PoissonRandomSlope(y, x, GROUP, slope=1, n_points=1).fit()
        assert results.converged, results.reason
        assert results.variance_params[1] > 0.1
