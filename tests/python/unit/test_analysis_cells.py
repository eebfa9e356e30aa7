"""Numbers in plain functions: model matrix, cells from known coefficients, lines, gradients."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import pytest

from analysis_py.design import Totals, model_matrix
from analysis_py.fitting import cells
from analysis_py.gradients import LaGradient, gradient_line, least_squares
from analysis_py.specs import load_specs

NAMES = ("const", "x1", "x2", "x1:x2")


@dataclass(frozen=True)
class _Line:
    estimate: float
    ci_low: float
    ci_high: float


class _Fitted:
    """A fit with known coefficients and covariance."""

    params = np.array([-3.0, 0.5, -0.1, -0.2])
    covariance = np.diag([0.01, 0.0004, 0.01, 0.0009])

    def contrast(self, vector: np.ndarray, alpha: float) -> _Line:
        estimate = float(vector @ self.params)
        assert alpha == 0.05
        half = 2.0 * math.sqrt(float(vector @ self.covariance @ vector))
        return _Line(estimate, estimate - half, estimate + half)


TOTALS = Totals(
    n_lsoas=10,
    n_left_out=0,
    statistics={
        "n": 50.0,
        "n_pct": 25.0,
        "population": 1000.0,
        "population_pct": 100.0,
        "rate_per_10k": 500.0,
    },
)


def _cells(results: object) -> dict[str, tuple[float | None, float | None, float | None]]:
    table = next(spec for spec in load_specs() if spec.table_no == "2")
    found = cells(table, table.rows[0], TOTALS, NAMES, results, alpha=0.05)
    return {cell.statistic: (cell.value, cell.ci_low, cell.ci_high) for cell in found}


def test_cells_are_exponents_of_their_contrasts() -> None:
    found = _cells(_Fitted())
    assert found["irr"] == pytest.approx((math.exp(0.5), math.exp(0.46), math.exp(0.54)))
    assert found["irr_low_imd_la"][0] == pytest.approx(math.exp(0.7))
    assert found["irr_high_imd_la"][0] == pytest.approx(math.exp(0.3))
    assert found["interaction"][0] == pytest.approx(math.exp(-0.2))


def test_the_interval_of_a_context_adds_both_variances() -> None:
    half = 2.0 * math.sqrt(0.0004 + 0.0009)
    value, low, high = _cells(_Fitted())["irr_low_imd_la"]
    assert (low, high) == pytest.approx((math.exp(0.7 - half), math.exp(0.7 + half)))
    assert value == pytest.approx(math.exp(0.7))


def test_totals_pass_through_without_an_interval() -> None:
    found = _cells(_Fitted())
    assert found["n"] == (50.0, None, None)
    assert found["rate_per_10k"] == (500.0, None, None)


def test_a_failed_fit_keeps_totals_and_has_null_ratios() -> None:
    found = _cells(None)
    assert found["n"] == (50.0, None, None)
    assert found["irr"] == (None, None, None)


def test_a_product_term_is_the_product_of_its_columns() -> None:
    x1, x2 = np.array([1.0, 2.0, -1.0]), np.array([0.5, -1.0, 3.0])
    found = model_matrix({"x1": x1, "x2": x2}, ("x1", "x2", "x1:x2"))
    assert np.array_equal(found, np.column_stack([np.ones(3), x1, x2, x1 * x2]))


def test_least_squares_finds_a_line() -> None:
    x = np.linspace(0, 1, 50)
    line = least_squares(x, 2.0 - 3.0 * x + 0.01 * np.cos(40 * x), alpha=0.05)
    assert (line.intercept, line.slope) == pytest.approx((2.0, -3.0), abs=0.02)
    assert line.ci_low < -3.0 + 0.02
    assert line.ci_high > -3.0 - 0.02


def _gradient(number: int, irr: float | None) -> LaGradient:
    return LaGradient(
        2019, f"LA{number}", "referral", 0.01 * number, 50, 9,
        None, None, irr, None, None, irr is not None, "",
    )  # fmt: skip


def test_the_line_through_gradients_leaves_out_those_without_one() -> None:
    gradients = [_gradient(number, 2.0 - 0.05 * number) for number in range(1, 9)]
    line = gradient_line(2019, "referral", [*gradients, _gradient(9, None)], 0.05)
    assert line.n_las == 8
    assert line.slope == pytest.approx(-0.5)


def test_two_authorities_make_no_line() -> None:
    line = gradient_line(2019, "referral", [_gradient(1, 1.5), _gradient(2, 1.6)], 0.05)
    assert line.slope is None
    assert "fewer than 3" in line.reason
