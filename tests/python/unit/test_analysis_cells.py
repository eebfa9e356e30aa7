"""Numbers in plain functions: cells from known coefficients, totals, contexts, p-values."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
import pytest

from analysis_py.cells import CellMaker, CellNote, adjusted, estimate, total
from analysis_py.design import Counts
from analysis_py.fitting import Fitted
from analysis_py.specs import TableSpec
from tests.python.small_marts import SPECS

NAMES = ("const", "x1", "x2", "x1:x2")


@dataclass(frozen=True)
class _Line:
    estimate: float
    ci_low: float
    ci_high: float
    p_value: float = 0.01


class _Results:
    """A fit with known coefficients and covariance."""

    params = np.array([-3.0, 0.5, -0.1, -0.2])
    covariance = np.diag([0.01, 0.0004, 0.01, 0.0009])

    def contrast(self, vector: np.ndarray, alpha: float, df: float | None) -> _Line:
        value = float(vector @ self.params)
        assert alpha == 0.05
        assert df is None, "intervals of the report's tables are normal"
        half = 2.0 * math.sqrt(float(vector @ self.covariance @ vector))
        return _Line(value, value - half, value + half)


COUNTS = Counts(np.array([20.0, 30.0]), np.array([400.0, 600.0]))
BASE = Counts(np.array([100.0, 100.0]), np.array([2000.0, 2000.0]))


def _fitted(table: TableSpec, results: object, x2: tuple[float, ...] = (-2.0, 0.0, 2.0)) -> Fitted:
    return Fitted(
        model=table.rows[0].models[0],
        exog_names=NAMES,
        n_obs=2,
        n_groups=3,
        n_events=50,
        n_trials=None,
        results=results,  # type: ignore[arg-type]
        reason="" if results else "did not converge",
        moments={"x2": (0.0, 0.5)},
        contexts=np.array(x2),
    )


def _cells(
    number: str, results: object, **options: object
) -> tuple[dict[str, tuple[float | None, float | None, float | None]], dict[str, CellNote]]:
    table = replace(SPECS[number], rows=SPECS[number].rows[:1])
    fitted = _fitted(table, results, **options)  # type: ignore[arg-type]
    maker = CellMaker(
        {fitted.model.key: fitted},
        lambda _, cohort: BASE if cohort == table.percent_of else COUNTS,
        0.05,
        1,
    )
    if table.percent_of == fitted.model.cohort:
        maker = replace(maker, counts=lambda *_: COUNTS)
    cells, notes = maker.table(table)
    return (
        {cell.statistic: (cell.value, cell.ci_low, cell.ci_high) for cell in cells},
        {note.statistic: note for note in notes},
    )


def test_cells_are_exponents_of_their_contrasts() -> None:
    found, notes = _cells("2", _Results())
    assert found["irr"] == pytest.approx((math.exp(0.5), math.exp(0.46), math.exp(0.54)))
    assert found["irr_low_imd_la"][0] == pytest.approx(math.exp(0.7))
    assert found["irr_high_imd_la"][0] == pytest.approx(math.exp(0.3))
    assert found["interaction"][0] == pytest.approx(math.exp(-0.2))
    assert notes["irr"].spec_id == "table_02/referral/all/all"
    assert (notes["n"].how, notes["irr"].how) == ("total", "contrast")


def test_the_interval_of_a_context_adds_both_variances() -> None:
    half = 2.0 * math.sqrt(0.0004 + 0.0009)
    value, low, high = _cells("2", _Results())[0]["irr_low_imd_la"]
    assert (low, high) == pytest.approx((math.exp(0.7 - half), math.exp(0.7 + half)))
    assert value == pytest.approx(math.exp(0.7))


def test_totals_pass_through_without_an_interval() -> None:
    found, _ = _cells("2", _Results())
    assert found["n"] == (50.0, None, None)
    assert found["rate_per_10k"] == (500.0, None, None)


def test_a_failed_fit_keeps_totals_and_says_why_ratios_are_missing() -> None:
    found, notes = _cells("2", None)
    assert found["n"] == (50.0, None, None)
    assert found["irr"] == (None, None, None)
    assert (notes["irr"].reason, notes["n"].reason) == ("did not converge", "")


def test_a_shift_moves_every_contrast_of_its_row() -> None:
    table = SPECS["16"]
    names = (*NAMES, "rural", "x1:rural")
    results = _Results()
    results.params = np.array([-3.0, 0.5, -0.1, -0.2, -0.4, 0.15])
    results.covariance = np.zeros((6, 6))
    fitted = replace(_fitted(table, results), exog_names=names)
    rural, urban = table.rows
    column = next(c for c in table.columns if c.statistic == "referral_irr_la_low")
    assert estimate(column, rural, fitted, 0.05, None).value == pytest.approx(math.exp(0.85))
    assert estimate(column, urban, fitted, 0.05, None).value == pytest.approx(math.exp(0.7))


def test_the_reports_arithmetic_multiplies_a_percentage_by_odds_ratios() -> None:
    table = SPECS["10"]
    fitted = _fitted(table, _Results())
    column = next(c for c in table.columns if c.statistic == "pct_la_low_lsoa_high")
    found = estimate(column, table.rows[0], fitted, 0.05, 24.5)
    assert found.value == pytest.approx(24.5 * math.exp(0.5 + 0.1 + 0.2))
    assert (found.ci_low, found.p_value) == (None, None)


def test_a_context_beyond_which_few_authorities_lie_is_marked() -> None:
    notes = _cells("2", _Results(), x2=(-0.9, 0.0, 1.0))[1]
    assert notes["irr_low_imd_la"].is_extrapolated
    assert "0 of 3 LAs lie 10 points or more below" in notes["irr_low_imd_la"].reason
    assert not notes["irr_high_imd_la"].is_extrapolated
    assert not notes["interaction"].is_extrapolated


@pytest.mark.parametrize(
    ("statistic", "value"),
    [
        ("n", 50.0), ("population", 1000.0), ("rate_per_10k", 500.0), ("n_pct", 25.0),
        ("population_pct", 25.0), ("n_yes", 50.0), ("n_no", 950.0), ("pct_yes", 5.0),
        ("pct_no", 95.0),
    ],
)  # fmt: skip
def test_totals_are_sums_over_every_area(statistic: str, value: float) -> None:
    assert total(statistic, COUNTS, BASE) == pytest.approx(value)


def test_a_total_without_a_denominator_or_a_cohort_is_missing() -> None:
    empty = Counts(np.array([0.0]), np.array([0.0]))
    absent = Counts(np.array([np.nan]), np.array([np.nan]))
    assert total("rate_per_10k", empty, None) is None
    assert total("n", absent, None) is None
    assert total("n_pct", COUNTS, None) is None


def test_p_values_are_adjusted_within_a_statistic() -> None:
    notes = [
        CellNote("6", str(k), statistic, "contrast", "s", 1, None, p, None, False, "")
        for k, (statistic, p) in enumerate(
            [("irr", 0.001), ("interaction", 0.01), ("interaction", 0.04), ("n", None)]
        )
    ]
    found = [note.p_adjusted for note in adjusted(notes)]
    assert found[:3] == pytest.approx([0.001, 0.02, 0.04])
    assert found[3] is None
