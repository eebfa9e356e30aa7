"""Figures, gradients, indices, domains and correlations: known data, known numbers."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from analysis_py import fit
from analysis_py.correlations import fisher, pearson
from analysis_py.domains import Domain, ranked
from analysis_py.figures import curve_exog, exact_limits
from analysis_py.gradients import LaGradient, gradient_line, shrunken
from analysis_py.indices import indices_of
from analysis_py.lines import least_squares
from analysis_py.settings import FitSettings
from common_py.paths import Paths
from tests.python.small_marts import SPECS, query, small_marts

TABLE_2 = [SPECS["2"]]


def _fit(folder: Path, *changes: str, slopes: bool = False) -> Paths:
    paths = small_marts(folder, *changes)
    specs = TABLE_2 if slopes else []
    fit(paths, specs=specs, settings=FitSettings(with_sensitivities=slopes))
    return paths


@pytest.fixture(scope="module")
def fitted(tmp_path_factory: pytest.TempPathFactory) -> Paths:
    return _fit(tmp_path_factory.mktemp("figures"), slopes=True)


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


def test_few_events_or_none_make_no_gradient_and_do_not_bend_the_line(tmp_path: Path) -> None:
    events = (
        "update modelling.mdl_lsoa_counts set n_events = case right(lsoa_code, 2) "
        "when '01' then 9 when '12' then {last} else 0 end where stratum = 'all' and la_code = "
    )
    paths = _fit(
        tmp_path,
        events.format(last=20) + "'E06000002'",
        events.format(last=21) + "'E06000003'",
        "update modelling.mdl_lsoa_counts set n_events = 0 where la_code = 'E06000004'",
    )
    found = query(
        paths,
        "select la_code, irr is null, converged, reason from estimates.la_gradients "
        "where la_code in ('E06000002', 'E06000003', 'E06000004') and measure = 'referral' "
        "order by la_code",
    )
    assert found == [
        ("E06000002", True, False, "fewer than 30 events"),
        ("E06000003", False, True, ""),
        ("E06000004", True, False, "no events in this LA"),
    ]
    assert query(
        paths, "select n_las from estimates.la_gradient_lines where measure = 'referral'"
    ) == [(10,)]


class _Slopes:
    exog_names = ("const", "x1", "x2", "x1:x2")
    params = np.array([-3.0, 0.5, -0.1, -0.2])
    group_labels = np.array(["LA1", "LA2"])
    group_slopes = np.array([0.05, -0.05])
    group_slopes_se = np.array([0.03, 0.0])

    def cov_params(self) -> np.ndarray:
        return np.diag([0.0, 0.0016, 0.0, 0.0])


def test_a_shrunken_gradient_is_the_common_one_moved_by_context_and_by_the_authoritys_own() -> None:
    given = [_gradient(1, 1.7), _gradient(2, 1.6), _gradient(3, 1.5)]
    found = shrunken(given, _Slopes(), np.array([0.5, -1.0]), 0.05)  # type: ignore[arg-type]
    assert found[0].shrunken_irr == pytest.approx(math.exp(0.5 - 0.2 * 0.5 + 0.05))
    assert found[1].shrunken_irr == pytest.approx(math.exp(0.5 + 0.2 - 0.05))
    half = math.log(found[0].shrunken_high / found[0].shrunken_irr)  # type: ignore[operator]
    assert half == pytest.approx(1.959964 * 0.05)
    assert found[2].shrunken_irr is None
    assert [one.irr for one in found] == [1.7, 1.6, 1.5]


def test_gradients_are_shrunken_towards_those_of_like_income(fitted: Paths) -> None:
    found = query(
        fitted,
        "select irr, shrunken_irr, shrunken_low, shrunken_high from estimates.la_gradients",
    )
    assert len(found) == 24
    raw, pulled = (np.log([row[k] for row in found]) for k in (0, 1))
    assert np.max(np.abs(raw - pulled)) < 0.2
    assert all(low < value < high for _, value, low, high in found)


def test_the_bands_of_figure_2_hold_every_event(fitted: Paths) -> None:
    bands = query(fitted, "select sum(n_events), sum(n_lsoas) from estimates.figure_02_bins")
    counts = query(
        fitted,
        "select sum(n_events), count(*) from modelling.mdl_lsoa_counts "
        "where measure = 'referral' and stratum = 'all'",
    )
    assert bands == counts
    slope = query(fitted, "select slope from estimates.figure_02_lines")[0][0]
    assert isinstance(slope, float)


def _points(paths: Paths, figure_no: str) -> list[tuple[Any, ...]]:
    return [
        row[1:]
        for row in query(
            paths,
            "select figure_no, series, place, x, y, n_events, n_areas, is_extrapolated, "
            "ci_low, ci_high from estimates.figure_points where measure = 'referral'",
        )
        if row[0] == figure_no
    ]


def test_figure_3_is_the_rates_of_authorities(fitted: Paths) -> None:
    rates = query(
        fitted,
        "select la_code, rate_per_10k from rates.fct_rates_la "
        "where measure = 'referral' and stratum = 'all'",
    )
    assert {(row[1], row[3]) for row in _points(fitted, "3")} == set(rates)


def test_figure_4_sees_the_reversal_that_the_whole_hides(fitted: Paths) -> None:
    points = _points(fitted, "4")
    assert {row[0] for row in points} == {"low", "mid", "high"}
    whole = sum(row[4] for row in points)
    assert (
        whole
        == query(
            fitted,
            "select sum(n_events) from modelling.mdl_lsoa_counts inner join "
            "modelling.mdl_lsoa_context using (census_year, lsoa_code) where measure = 'referral' "
            "and stratum = 'all' and income_quintile in (1, 3, 5)",
        )[0][0]
    )
    lines = dict(
        query(
            fitted,
            "select series, slope from estimates.figure_lines "
            "where figure_no = '4' and measure = 'referral'",
        )
    )
    # planted: within the most deprived fifth the rate falls as the LA's deprivation rises
    assert lines["high"] < lines["low"]


@pytest.mark.parametrize(
    ("figure_no", "series"), [("7", {"urban", "rural", "all"}), ("8", {"sparse", "dense", "all"})]
)
def test_deciles_of_every_kind_add_up_to_the_overall_columns(
    fitted: Paths, figure_no: str, series: set[str]
) -> None:
    points = _points(fitted, figure_no)
    assert {row[0] for row in points} == series
    total = {row[0]: row[4] for row in points if row[1] == "all"}
    for name in series:
        assert sum(row[4] for row in points if row[0] == name and row[1] != "all") == total[name]
    assert total["all"] == sum(total[name] for name in series - {"all"})
    assert all(low < y < high for *_, y, _, _, _, low, high in points)


def test_exact_limits_are_garwoods() -> None:
    low, high = exact_limits(10, 10_000.0, 0.05)
    assert (low, high) == pytest.approx((4.7954, 18.3904), abs=1e-4)
    assert exact_limits(0, 10_000.0, 0.05) == pytest.approx((0.0, 3.6889), abs=1e-4)


def test_the_curve_holds_the_neighbourhood_fixed() -> None:
    exog = curve_exog(20.0, np.array([10.0, 15.0, 20.0]), 14.5)
    beta = np.array([-3.0, 0.5, -0.1, -0.2])
    assert exog[:, 1].tolist() == [1.0, 0.5, 0.0]
    # d log rate / d LA income at the means is (b2 - b1) a 10 points
    step = 1e-4
    near = curve_exog(14.5, np.array([14.5 - step, 14.5 + step]), 14.5) @ beta
    assert (near[1] - near[0]) / (2 * step / 10) == pytest.approx(-0.1 - 0.5, abs=1e-6)


def test_the_curve_marks_where_no_such_neighbourhoods_are(fitted: Paths) -> None:
    points = _points(fitted, "inverse_intervention")
    assert len({row[0] for row in points}) == 4
    rich = [row for row in points if row[0] == "LSOAs of 35 %"]
    assert all(row[6] and row[5] == 0 for row in rich)
    near = [row for row in points if row[0] == "LSOAs of 15 %"]
    assert any(not row[6] for row in near)
    by_la = sorted(near, key=lambda row: row[2])
    assert by_la[0][3] > by_la[-1][3]


def test_indices_find_a_known_inequality() -> None:
    n = 400
    rank = (np.arange(n) + 0.5) / n
    population = np.full(n, 1000.0)
    rows = {
        "rank": rank,
        "population": population,
        "income_pct": 40 * rank,
        "rate_per_10k": 100 + 300 * rank,
        "n_events": population * (100 + 300 * rank) / 1e4,
        "la_code": np.repeat([f"LA{k:02d}" for k in range(20)], 20)[np.argsort(rank * 7919 % 1)],
    }
    found = {one.index_name: one for one in indices_of("referral", rows, 0.05)}
    assert found["sii"].value == pytest.approx(300.0)
    assert found["absolute_slope"].value == pytest.approx(75.0)
    assert found["absolute_slope"].is_of_the_study
    assert not found["rii"].is_of_the_study
    # the ends are 100 and 400; a log-linear fit of a straight line comes near their ratio
    assert found["rii"].value == pytest.approx(3.7, abs=0.4)
    exact = rows | {"n_events": population * 0.01 * 4.0**rank * (1 + 0.01 * np.cos(99 * rank))}
    assert {one.index_name: one for one in indices_of("referral", exact, 0.05)}[
        "rii"
    ].value == pytest.approx(4.0, rel=1e-3)


def test_ranks_are_of_children_and_ties_share_one(fitted: Paths, tmp_path: Path) -> None:
    paths = _fit(tmp_path, "update modelling.mdl_lsoa_context set income = 0.2")
    found = query(paths, "select index_name, value, reason from estimates.indices")
    assert {row[2] for row in found} == {"fewer than 3 LSOAs, or all equally deprived"}
    assert {row[1] for row in query(fitted, "select * from estimates.indices")} == {
        "referral", "cin", "cp_plan",
    }  # fmt: skip


def test_domains_are_ranked_by_fit_and_income_wins_where_it_was_planted(fitted: Paths) -> None:
    found = query(
        fitted,
        "select domain, rank, aic_difference, irr from estimates.domains "
        "where measure = 'referral' order by rank",
    )
    assert next(row[0] for row in found) == "income"
    assert found[0][2] == 0.0
    assert found[1][2] > 10
    assert found[0][3] == pytest.approx(math.exp(0.5), rel=0.02)


def test_a_domain_that_failed_has_no_rank() -> None:
    found = ranked(
        [
            Domain("cin", "a", log_likelihood=-10.0),
            Domain("cin", "b", converged=False, reason="no"),
            Domain("cin", "c", log_likelihood=-8.0),
        ]
    )
    assert [one.rank for one in found] == [2, None, 1]
    assert found[0].aic_difference == pytest.approx(4.0)


def test_correlations_are_pearsons_with_fishers_interval(fitted: Paths) -> None:
    found = {
        (row[0], row[1], row[2]): row[3:]
        for row in query(
            fitted,
            "select subject, variable_a, variable_b, n_areas, correlation, ci_low, ci_high "
            "from estimates.correlations",
        )
    }
    assert found["indicators", "infant_mortality", "la_income"][1] == pytest.approx(1.0)
    assert found["indicators", "turnover_rate", "la_income"][0] == 11
    n, r, low, high = found["match_rate", "match_rate", "referral_rate"]
    assert n == 12
    assert low < r < high
    assert found["domains", "crime", "income"][1] == pytest.approx(
        query(
            fitted,
            "select corr(a.score, b.score) from modelling.mdl_lsoa_domains as a inner join "
            "modelling.mdl_lsoa_domains as b using (lsoa_code) "
            "where a.domain = 'crime' and b.domain = 'income'",
        )[0][0]
    )


def test_fishers_interval_is_the_textbooks() -> None:
    r, low, high, p_value = fisher(0.5, 28, 0.05)
    assert (r, low, high) == pytest.approx((0.5, 0.15603, 0.73582), abs=1e-5)
    assert p_value == pytest.approx(0.0067, abs=1e-3)


@pytest.mark.parametrize(
    ("y", "words"),
    [([1.0, 2.0, 3.0, np.nan], "fewer than 4 LAs"), ([1.0, 1.0, 1.0, 1.0], "does not vary")],
)
def test_a_correlation_that_cannot_be_says_why(y: list[float], words: str) -> None:
    columns = {"a_z": np.array([1.0, 2.0, 4.0, 3.0]), "la_income": np.array(y)}
    found = pearson(columns, "a_z", "la_income", subject="indicators", alpha=0.05)
    assert found.correlation is None
    assert words in found.reason
