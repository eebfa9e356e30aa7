"""What a result offers: intervals, contrasts, tests, predictions, a summary."""

from __future__ import annotations

import numpy as np
import pytest
import scipy
from scipy.special import expit

from analysis_py.mixed import PoissonMixed, predict
from analysis_py.mixed.results import MixedResults
from analysis_py.tails import (
    above,
    binomial_limits,
    chi_square_above,
    chi_square_limits,
    quantile_above,
    quantile_below,
)
from common_py.errors import CinError
from tests.python.numeric.cases import NAMES, data_set, design, fitted, model


def test_wald_inference() -> None:
    results = fitted("poisson_balanced")
    z = scipy.stats.norm.isf(0.025)
    np.testing.assert_allclose(results.conf_int()[:, 0], results.params - z * results.bse)
    np.testing.assert_allclose(
        results.conf_int(0.1)[:, 1] - results.params, 1.6448536 * results.bse
    )
    np.testing.assert_allclose(results.pvalues, 2 * scipy.stats.norm.sf(np.abs(results.tvalues)))
    np.testing.assert_allclose(np.sqrt(np.diag(results.cov_params())), results.bse)
    assert results.exog_names == NAMES
    assert results.aic == pytest.approx(-2 * results.llf + 10)


def test_contrast() -> None:
    results = fitted("poisson_balanced")
    low = results.contrast([0, 1, 0, -1])
    variance = results.cov_params()
    wanted = variance[1, 1] + variance[3, 3] - 2 * variance[1, 3]
    assert low.estimate == results.params[1] - results.params[3]
    assert low.std_error == pytest.approx(np.sqrt(wanted))
    assert low.p_value == pytest.approx(2 * scipy.stats.norm.sf(abs(low.estimate / low.std_error)))
    wide = results.contrast([0, 0, 1, 0], df=28)
    half = scipy.stats.t.isf(0.025, 28) * results.bse[2]
    assert wide.ci_high - wide.estimate == pytest.approx(half)
    with pytest.raises(CinError, match="one weight a coefficient"):
        results.contrast([1, 0])


def test_variance_test_halves_the_p_value() -> None:
    test = fitted("poisson_tiny").variance_test()
    assert 0 < test.statistic < 1
    assert test.p_value == pytest.approx(0.5 * scipy.stats.chi2.sf(test.statistic, 1))
    slope = fitted("poisson_slope").variance_test()
    mixture = scipy.stats.chi2.sf(slope.statistic, [1, 2]).mean()
    assert slope.p_value == pytest.approx(mixture)


def test_null_log_likelihood_is_the_glm() -> None:
    data = data_set("poisson_balanced")
    from statsmodels.genmod import families  # noqa: PLC0415
    from statsmodels.genmod.generalized_linear_model import GLM  # noqa: PLC0415

    glm = GLM(data["y"], design(data), families.Poisson(), exposure=data["pop"]).fit()
    assert fitted("poisson_balanced").llf_null == pytest.approx(glm.llf, abs=1e-8)


def _moved(results: MixedResults, step: np.ndarray) -> MixedResults:
    """Return the result at other parameter values (for numerical derivatives)."""
    import dataclasses  # noqa: PLC0415

    p = len(results.params)
    return dataclasses.replace(
        results,
        params=results.params + step[:p],
        variance_params=results.variance_params + step[p:],
    )


@pytest.mark.parametrize("kind", ["marginal", "typical"])
@pytest.mark.parametrize(
    "name", ["poisson_balanced", "bernoulli_balanced", "three_level", "negative_binomial"]
)
def test_predictions_by_the_delta_method(name: str, kind: str) -> None:
    results = fitted(name)
    x = design(data_set(name))[:5]
    found = predict(results, x, kind=kind)
    d = len(results.cov_full)
    columns = []
    for c in range(d):
        step = np.zeros(d)
        step[c] = 1e-6
        up, down = (predict(_moved(results, s * step), x, kind=kind).mean for s in (1, -1))
        columns.append((up - down) / 2e-6)
    gradient = np.stack(columns, axis=1)
    wanted = np.sqrt(np.einsum("ma,ab,mb->m", gradient, results.cov_full, gradient))
    np.testing.assert_allclose(found.std_error, wanted, rtol=1e-5)
    assert np.all((found.ci_low < found.mean) & (found.mean < found.ci_high))


def test_marginal_means_are_integrals() -> None:
    x = np.array([[1.0, 0.5, -0.2, -0.1]])
    counts = fitted("poisson_balanced")
    eta = float(x[0] @ counts.params)
    mean = predict(counts, x, exposure=[200.0]).mean[0]
    assert mean == pytest.approx(200 * np.exp(eta + counts.group_sd**2 / 2))
    shares = fitted("bernoulli_small")
    eta = float(x[0] @ shares.params)
    density = lambda u: expit(eta + shares.group_sd * u) * scipy.stats.norm.pdf(u)  # noqa: E731
    wanted = scipy.integrate.quad(density, -10, 10)[0]
    assert predict(shares, x).mean[0] == pytest.approx(wanted, rel=1e-7)
    assert predict(shares, x, kind="typical").mean[0] == pytest.approx(expit(eta))


def test_predictions_refuse_what_they_cannot_say() -> None:
    results, x = fitted("poisson_slope"), np.ones((1, 4))
    with pytest.raises(CinError, match="random-slope"):
        predict(results, x)
    assert predict(results, x, kind="typical").std_error[0] > 0
    with pytest.raises(CinError, match="unknown kind"):
        predict(results, x, kind="mean")
    with pytest.raises(CinError, match="4 coefficients"):
        predict(results, np.ones((1, 3)))


def test_predictions_know_their_denominators() -> None:
    x = np.ones((2, 4))
    with pytest.raises(CinError, match="negative"):
        predict(fitted("poisson_balanced"), x, exposure=[-1.0, 1.0])
    with pytest.raises(CinError, match="a share has no exposure"):
        predict(fitted("bernoulli_small"), x, exposure=[10.0, 10.0])
    certain = predict(fitted("bernoulli_small"), 1e4 * x)
    assert np.isfinite(certain.ci_low).all()
    np.testing.assert_array_equal(predict(fitted("poisson_balanced"), x, [0.0, 0.0]).mean, 0.0)


def test_predictions_at_the_boundary_are_those_of_the_glm() -> None:
    results = fitted("poisson_zero")
    x = np.ones((1, 4))
    typical, marginal = predict(results, x, kind="typical"), predict(results, x)
    np.testing.assert_allclose(typical.ci_high, marginal.ci_high)
    assert np.isfinite(marginal.std_error).all()


def test_summary_reads_like_a_table() -> None:
    lines = fitted("three_level").summary().splitlines()
    assert max(map(len, lines)) <= 78
    assert any(line.startswith("subgroup_sd") for line in lines)
    assert any("95 % interval" in line for line in lines)


def test_summary_tells_long_names_apart() -> None:
    long = [f"referral_rate_of_{kind}" for kind in ("rural", "urban")]
    data = data_set("poisson_balanced")
    results = PoissonMixed(data["y"], design(data)[:, :2], data["group"], exog_names=long).fit()
    assert all(
        any(line.startswith(name + " ") for line in results.summary().splitlines()) for name in long
    )


def test_log_likelihood_is_callable_at_the_optimum() -> None:
    results = fitted("poisson_balanced")
    fit = model("poisson_balanced")
    assert fit.loglike(results.params, results.group_sd) == pytest.approx(results.llf, abs=1e-9)
    assert np.abs(fit.score(results.params, results.group_sd)).max() < 1e-6


def test_tails_are_those_of_scipy_stats_to_the_last_bit() -> None:
    shares = np.concatenate([np.linspace(1e-6, 0.999, 400), [1e-30, 0.025, 0.5]])
    for share in map(float, shares):
        assert quantile_below(share) == scipy.stats.norm.ppf(share)
        assert quantile_above(share) == scipy.stats.norm.isf(share)
        assert quantile_above(share, 147.0) == scipy.stats.t.isf(share, 147.0)
        assert chi_square_limits(share, 14, 16) == (
            scipy.stats.chi2.ppf(share / 2, 14),
            scipy.stats.chi2.isf(share / 2, 16),
        )
    assert chi_square_limits(0.05, 0, 2)[0] == 0.0
    z = np.array([0.0, 0.3, 1.96, 8.0, 38.0, np.inf, np.nan])
    np.testing.assert_array_equal(above(z), scipy.stats.norm.sf(z))
    np.testing.assert_array_equal(above(z, 11.5), scipy.stats.t.sf(z, 11.5))
    for statistic in (0.0, 0.7, 12.0, 400.0):
        assert chi_square_above(statistic, 3) == scipy.stats.chi2.sf(statistic, 3)
    for n in (0, 1, 7, 800, 5000):
        for share in (0.5, 0.99):
            limits = (
                scipy.stats.binom.ppf([(1 - share) / 2, (1 + share) / 2], n, 0.95) if n else [0, 0]
            )
            assert binomial_limits(share, n, 0.95) == tuple(limits)
