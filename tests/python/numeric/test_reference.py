"""Our estimates are R's: glmer (Laplace and 7 points), glmmTMB, brute force and clubSandwich.

Tolerances are those of the design (statistics, section 4): coefficients 1e-5, standard errors
1e-3 relative, standard deviations 1e-4, log-likelihood 1e-3. None had to be widened, because the
R script polishes the packages' optima; `test_never_a_lower_maximum` holds that ours is not the
looser side.
"""

from __future__ import annotations

import numpy as np
import pytest

from analysis_py.mixed import (
    cluster_robust_binomial,
    cluster_robust_linear,
    cluster_robust_poisson,
)
from tests.python.numeric.cases import NAMES, data_set, design, fitted, model, reference

FITS = sorted(
    k for k, terms in reference().items() if k[1] in {"lme4", "glmmTMB"} and "llf" in terms
)
BRUTE = sorted(k[0] for k in reference() if k[1] == "brute")


def _terms(case: tuple[str, str, int]) -> list[str]:
    results = fitted(case[0], case[2])
    return [*results.exog_names, *results.variance_names]


@pytest.mark.parametrize("case", FITS, ids=lambda c: f"{c[0]}-{c[1]}-{c[2]}")
def test_estimates(case: tuple[str, str, int]) -> None:
    results, stored = fitted(case[0], case[2]), reference()[case]
    wanted = np.array([stored[term][0] for term in _terms(case)])
    assert results.converged
    np.testing.assert_allclose(results.params, wanted[:4], rtol=0, atol=1e-5)
    np.testing.assert_allclose(results.variance_params, wanted[4:], rtol=0, atol=1e-4)


@pytest.mark.parametrize("case", FITS, ids=lambda c: f"{c[0]}-{c[1]}-{c[2]}")
def test_standard_errors(case: tuple[str, str, int]) -> None:
    results, stored = fitted(case[0], case[2]), reference()[case]
    wanted = np.array([stored[term][1] for term in _terms(case)])
    found = np.append(results.bse, results.variance_se)
    np.testing.assert_allclose(found, wanted, rtol=1e-3, equal_nan=True)


@pytest.mark.parametrize("case", FITS, ids=lambda c: f"{c[0]}-{c[1]}-{c[2]}")
def test_never_a_lower_maximum(case: tuple[str, str, int]) -> None:
    found, wanted = fitted(case[0], case[2]).llf, reference()[case]["llf"][0]
    assert abs(found - wanted) < 1e-3
    assert found > wanted - 1e-9 * (1 + abs(wanted))


def test_the_cases_span_the_design() -> None:
    names = {case[0] for case in FITS}
    groups = {fitted(name).n_groups for name in names if name != "national"}
    assert len(names) >= 8
    assert min(groups) == 5
    assert max(groups) == 150
    assert fitted("poisson_zero").boundary
    assert 0 < fitted("poisson_tiny").group_sd < 0.03
    assert fitted("national").nobs == 32837


@pytest.mark.parametrize("name", BRUTE)
def test_quadrature_converges_to_brute_force(name: str) -> None:
    stored = reference()[name, "brute", 361]
    values = [value for term, (value, _) in stored.items() if term != "llf"]
    wanted = stored["llf"][0]
    found = [model(name, k).loglike(values[:4], *values[4:]) for k in (1, 7, 15)]
    gaps = np.abs(np.array(found) - wanted)
    assert gaps[0] > gaps[1] > gaps[2]
    assert gaps[1] < 1e-4
    assert gaps[2] < 1e-8


@pytest.mark.parametrize("name", ["poisson_balanced", "poisson_unbalanced"])
def test_group_effects(name: str) -> None:
    stored = reference()[name, "lme4", 1]
    results = fitted(name, 1)
    wanted = np.array([stored[f"u{int(label)}"] for label in results.group_labels])
    np.testing.assert_allclose(results.group_effects, wanted[:, 0], atol=1e-5)
    np.testing.assert_allclose(results.group_effects_se, wanted[:, 1], rtol=1e-4)


@pytest.mark.parametrize("name", ["poisson_unbalanced", "binomial_unbalanced", "linear_unbalanced"])
def test_cluster_robust(name: str) -> None:
    data = data_set("poisson_unbalanced" if name.startswith("linear") else name)
    x, group = design(data), data["group"]
    if name.startswith("poisson"):
        found = cluster_robust_poisson(data["y"], x, group, data["pop"], exog_names=NAMES)
    elif name.startswith("binomial"):
        found = cluster_robust_binomial(data["y"], x, group, data["trials"], exog_names=NAMES)
    else:
        rate = 1e4 * data["y"] / data["pop"]
        found = cluster_robust_linear(rate, x, group, exog_names=NAMES)
    stored, df = reference()[name, "clubSandwich", 0], reference()[name, "clubSandwich_df", 0]
    np.testing.assert_allclose(found.params, [stored[t][0] for t in NAMES], rtol=1e-8)
    np.testing.assert_allclose(found.bse, [stored[t][1] for t in NAMES], rtol=1e-6)
    np.testing.assert_allclose(found.df, [df[t][0] for t in NAMES], rtol=1e-5)
