"""Gradients and Hessians equal finite differences of the same quadrature formula."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from analysis_py.mixed.slope import slope_value
from tests.python.numeric.cases import MODELS, model

FloatArray = npt.NDArray[np.float64]
POINTS = (np.array([-3.1, 0.4, 0.1, -0.2, 0.5]), np.array([-2.0, -0.3, 0.6, 0.3, 1.7]))


def central(function: Callable[[FloatArray], Any], at: FloatArray) -> FloatArray:
    """Differentiate by central differences with one Richardson step, shape (d, …)."""
    rows = []
    for c in range(len(at)):
        step = np.zeros_like(at)
        step[c] = 2e-3
        wide, narrow = (
            (np.asarray(function(at + s * step)) - np.asarray(function(at - s * step)))
            / (2 * s * step[c])
            for s in (1.0, 0.5)
        )
        rows.append((4 * narrow - wide) / 3)
    return np.asarray(rows)


@pytest.mark.parametrize("theta", POINTS, ids=["near", "far"])
@pytest.mark.parametrize("n_points", [1, 2, 7])
@pytest.mark.parametrize(
    "name", ["poisson_balanced", "poisson_sparse", "bernoulli_small", "binomial_unbalanced"]
)
def test_random_intercept(name: str, n_points: int, theta: FloatArray) -> None:
    fit = model(name, n_points)
    gradient, hessian = fit.score(theta[:4], theta[4]), fit.hessian(theta[:4], theta[4])
    by_value = central(lambda t: fit.loglike(t[:4], t[4]), theta)
    by_score = central(lambda t: fit.score(t[:4], t[4]), theta)
    np.testing.assert_allclose(gradient, by_value, rtol=1e-6, atol=1e-7 * np.abs(gradient).max())
    np.testing.assert_allclose(hessian, by_score, rtol=1e-6, atol=1e-7 * np.abs(hessian).max())


@pytest.mark.parametrize("name", ["poisson_balanced", "bernoulli_small"])
def test_zero_variance_is_a_stationary_point(name: str) -> None:
    fit = model(name)
    beta = POINTS[0][:4]
    assert abs(fit.score(beta, 0.0)[-1]) < 1e-10
    np.testing.assert_allclose(fit.hessian(beta, 0.0)[-1, :-1], 0.0, atol=1e-10)
    assert fit.loglike(beta, 0.2) == pytest.approx(fit.loglike(beta, -0.2), abs=1e-9)


def _objective(name: str, n_points: int) -> tuple[Callable[[FloatArray], Any], FloatArray]:
    """Return θ -> (value, gradient) on the scaled columns, and a θ."""
    fit = model(name, n_points)
    if name.endswith("slope"):
        modes = np.zeros((2, fit._shape.design.n_groups))

        def value(theta: FloatArray) -> Any:
            found = slope_value(fit._rows, fit._rule, theta, modes)
            return found.value, found.gradient

        level = -0.5 if name.startswith("binomial") else 1.0
        return value, np.array([0.4, 0.1, -0.2, level, 0.6, 0.15, 0.3])[[3, 0, 1, 2, 4, 5, 6]]

    def other(theta: FloatArray) -> Any:
        start = (np.zeros(fit._shape.design.n_groups),) if name == "negative_binomial" else ()
        found = fit._value(theta, *start)
        return found.value, found.gradient

    return other, np.array([1.0, 0.4, 0.1, -0.2, 0.5, 0.45])


@pytest.mark.parametrize("n_points", [1, 2, 5])
@pytest.mark.parametrize("name", MODELS)
def test_sensitivity_gradients(name: str, n_points: int) -> None:
    objective, theta = _objective(name, n_points)
    gradient = objective(theta)[1]
    by_value = central(lambda t: objective(t)[0], theta)
    np.testing.assert_allclose(gradient, by_value, rtol=1e-6, atol=1e-7 * np.abs(gradient).max())
