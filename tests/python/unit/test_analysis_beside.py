"""Beside the tables: sensitivities in their own place, and the tests behind the prose."""

from __future__ import annotations

import math
import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from analysis_py import fit, pool
from analysis_py.alternatives import Alternative, Outcome, run_alternative
from analysis_py.mixed import PoissonMixed
from analysis_py.pool import Cores
from analysis_py.prose_tests import ProseTest, load_tests
from analysis_py.settings import FitSettings
from analysis_py.spatial import block_weights, moran
from analysis_py.specs import Cohort, ModelSpec, Sensitivity
from analysis_py.stacked import comparisons, stacked_matrix, stacked_names, wald
from common_py.errors import CinError
from tests.python.small_marts import SPECS, query, small_marts

TERMS = ("x1", "x2", "x1:x2")


def _of(number: str, label: str) -> Any:
    spec = SPECS[number]
    return replace(spec, rows=tuple(row for row in spec.rows if row.label == label))


@pytest.fixture(scope="module")
def beside(tmp_path_factory: pytest.TempPathFactory) -> dict[tuple[str, str, str], tuple[Any, ...]]:
    """Sensitivities of one row of four tables, by (table, method, statistic)."""
    paths = small_marts(tmp_path_factory.mktemp("beside"))
    tables = [
        _of("2", "Referral"),
        _of("12", "CIN ceased within 3 months"),
        _of("18", "CSC workforce: Vacancy rate"),
    ]
    fit(paths, specs=tables, settings=FitSettings())
    found = query(
        paths,
        "select table_no, method, statistic, value, ci_low, ci_high, is_extrapolated, reason "
        "from estimates.sensitivities union all "
        "select table_no, 'main', statistic, value, ci_low, ci_high, is_extrapolated, reason "
        "from estimates.cells inner join estimates.cell_notes "
        "using (run_id, table_no, row_label, statistic) "
        "union all select 'fits', method, spec_id, group_sd, slope_sd, inner_sd, converged, reason "
        "from estimates.sensitivity_fits",
    )  # fmt: skip
    return {(row[0], row[1], row[2]): row[3:] for row in found}


def test_every_way_that_a_table_asks_for_has_its_own_value(
    beside: dict[tuple[str, str, str], tuple[Any, ...]],
) -> None:
    for number in ("2", "12"):
        for sensitivity in SPECS[number].sensitivities:
            statistic = "irr_low_imd_la" if number == "2" else "ratio_low_imd_la"
            assert (number, sensitivity.method, statistic) in beside
    assert ("2", "hazard", "irr") not in beside
    for method in ("random_slope", "nb2", "msoa_in_la", "laplace", "match_rate_offset", "cr2"):
        assert beside["2", method, "irr"][0] == pytest.approx(math.exp(0.5), rel=0.02), method


def test_the_engine_model_behind_a_sensitivity_is_written(
    beside: dict[tuple[str, str, str], tuple[Any, ...]],
) -> None:
    slope = beside["fits", "random_slope", "table_02/referral/all/all"]
    msoa = beside["fits", "msoa_in_la", "table_02/referral/all/all"]
    assert slope[3] or slope[4]
    assert msoa[3] or msoa[4]
    assert slope[0] == pytest.approx(0.2, abs=0.1)


def test_one_deviation_stands_beside_ten_points(
    beside: dict[tuple[str, str, str], tuple[Any, ...]],
) -> None:
    main, near = (beside["2", way, "irr_low_imd_la"] for way in ("main", "context_1sd"))
    irr, interaction = beside["2", "main", "irr"][0], beside["2", "main", "interaction"][0]
    sd = 10 * np.std(0.08 + 0.01 * np.arange(1, 13), ddof=1)
    assert main[0] == pytest.approx(irr / interaction)
    assert near[0] == pytest.approx(irr / interaction**sd)
    assert main[3]
    assert "extrapolated: 0 of 12 LAs" in main[4]
    assert near[4].startswith("3.6 points")


def test_t_intervals_are_wider_and_leave_the_value(
    beside: dict[tuple[str, str, str], tuple[Any, ...]],
) -> None:
    main, other = (beside["18", way, "rr_unadjusted"] for way in ("main", "t_interval"))
    assert other[0] == main[0]
    wider = math.log(other[2] / other[1]) / math.log(main[2] / main[1])
    assert wider == pytest.approx(2.228 / 1.960, rel=1e-3)
    assert other[4] == "t with 10 degrees of freedom"


def test_leaving_one_authority_out_names_the_one_that_matters_most(
    beside: dict[tuple[str, str, str], tuple[Any, ...]],
) -> None:
    value, low, high, _, reason = beside["18", "leave_one_la_out", "rr_unadjusted"]
    assert value in (low, high)
    assert low < beside["18", "main", "rr_unadjusted"][0] < high
    assert reason.startswith("without E0600")
    assert ("18", "leave_one_la_out", "cin_rr_unadjusted") not in beside


def test_a_log_link_gives_risk_ratios_nearer_to_one_than_odds_ratios(
    beside: dict[tuple[str, str, str], tuple[Any, ...]],
) -> None:
    odds, risk = (beside["12", way, "ratio"][0] for way in ("main", "log_link"))
    assert 1.0 < risk < odds
    assert beside["12", "hazard", "ratio"][0] is not None


def test_a_combination_takes_the_fewest_degrees_of_freedom_of_its_terms() -> None:
    outcome = Outcome(
        "", 10, 5, np.array([0.0, 1.0, 2.0]), np.eye(3) * 0.01, np.array([3.0, 9.0, 30.0])
    )
    single = outcome.contrast(np.array([0.0, 0.0, 1.0]), 0.05)
    both = outcome.contrast(np.array([0.0, 1.0, 1.0]), 0.05)
    assert (single.ci_high - single.estimate) == pytest.approx(0.1 * 2.0423, rel=1e-4)
    assert (both.ci_high - both.estimate) == pytest.approx(math.sqrt(0.02) * 2.2622, rel=1e-4)
    shorter = outcome.contrast(np.array([0.0, 1.0]), 0.05)
    assert shorter.estimate == 1.0


def test_what_cannot_be_fitted_beside_a_table_says_why() -> None:
    assert run_alternative(Alternative("hazard", "", reason="no spells")).reason == "no spells"
    rows = {"endog": np.ones(4), "exog": np.ones((4, 2)), "groups": np.array(list("aabb"))}
    found = run_alternative(Alternative("cr2", "cr2_poisson", rows))
    assert not found.is_fitted
    assert found.reason.startswith("not fitted: ")


def test_work_comes_back_in_order_whatever_the_workers(monkeypatch: pytest.MonkeyPatch) -> None:
    """The processes load no models: of this work they need nothing."""
    monkeypatch.setattr(pool, "_ready", os.getpid)
    work = [float(number) for number in range(100)]
    roots = [math.sqrt(number) for number in work]
    for workers, seconds in ((1, 60.0), (2, 0.0), (2, 60.0)):
        with Cores(workers) as cores:
            for _ in range(2):
                pieces = iter(work)
                found = cores.spread(
                    math.sqrt, pieces, total=len(work), step="roots", seconds=seconds
                )
                assert found == roots


# tests behind the prose


def _test(**changes: object) -> ProseTest:
    models = {
        name: ModelSpec("", "lsoa", "poisson", Cohort("referral", "age", name), TERMS)
        for name in ("5", "6", "7")
    }
    test = ProseTest(
        "age", "Is it so?", "referral", "age", models, ("x1",), True, (("6", "5"), ("7", "5"))
    )
    return replace(test, **changes)  # type: ignore[arg-type]


def test_the_tests_name_strata_and_terms_that_there_are() -> None:
    found = load_tests()
    assert {test.test_id for test in found} >= {"sex", "age", "threshold", "ethnicity"}
    assert {test.key for test in found} == {test.key for test in found}
    assert len({test.key for test in found}) == len(found)
    thresholds = next(test for test in found if test.test_id == "threshold")
    assert next(model.cohort.measure for model in thresholds.models.values()) == "referral"


def test_a_test_in_an_unknown_term_is_told_where(tmp_path: Path) -> None:
    file = tmp_path / "prose_tests.yml"
    file.write_text(
        "- {test_id: a, question: b, grain: lsoa, stratum_type: sex, strata: [male], "
        "measures: [cin], terms: [x1], of: [x9]}\n",
        "utf-8",
    )
    with pytest.raises(CinError, match="x1, x2, x1:x2"):
        load_tests(file)


def _world(slopes: tuple[float, ...]) -> Outcome:
    """Fit strata whose gradients are known, without noise, as one stacked model."""
    rng = np.random.default_rng(7)
    n_las, n = 30, 600
    x1, x2 = rng.normal(0, 0.8, n), np.repeat(rng.normal(0, 0.5, n_las), n // n_las)
    groups = np.repeat([f"LA{j:02d}" for j in range(n_las)], n // n_las)
    effects = np.repeat(rng.normal(0, 0.3, n_las), n // n_las)
    exog = np.column_stack([np.ones(n), x1, x2, x1 * x2])

    class _Design:
        n_events = np.zeros(n)

    designs = []
    for _ in slopes:
        design = _Design()
        design.exog = exog  # type: ignore[attr-defined]
        designs.append(design)
    matrix = stacked_matrix(designs)  # type: ignore[arg-type]
    mean = np.concatenate([200 * np.exp(-1 + b * x1 - 0.2 * x1 * x2 + effects) for b in slopes])
    names = stacked_names(["5", "6", "7"][: len(slopes)], ("const", *TERMS))
    results = PoissonMixed(
        mean, matrix, np.tile(groups, len(slopes)), exog_names=names, n_points=1
    ).fit()
    return Outcome("", results.nobs, results.n_groups, results.params, results.cov_params())


def test_stacked_strata_have_coefficients_of_their_own() -> None:
    outcome = _world((0.5, 0.45, 0.40))
    found = {(one.kind, one.subject): one for one in comparisons(_test(), outcome, 0.05)}
    contrast = found["contrast", "social gradient, 7 to 5"]
    assert contrast.ratio == pytest.approx(math.exp(-0.10), rel=1e-3)
    trend = found["trend", "social gradient"]
    assert trend.ratio == pytest.approx(math.exp(-0.05), rel=1e-3)
    joint = found["joint", "social gradient"]
    assert (joint.df, joint.p_value) == (2.0, pytest.approx(0.0, abs=1e-6))
    assert found["departure", "social gradient, departure from the line"].p_value > 0.9
    assert all(one.p_adjusted is not None for key, one in found.items() if key[0] == "contrast")


def test_equal_strata_are_not_told_apart() -> None:
    found = {one.kind: one for one in comparisons(_test(), _world((0.5, 0.5, 0.5)), 0.05)}
    assert found["joint"].statistic == pytest.approx(0.0, abs=1e-6)
    assert found["joint"].p_value == pytest.approx(1.0)
    assert found["trend"].ratio_low < 1.0 < found["trend"].ratio_high


def test_a_test_without_its_strata_says_which_are_missing() -> None:
    found = comparisons(_test(), Outcome("7: no events in this stratum"), 0.05)
    assert [(one.converged, one.reason) for one in found] == [
        (False, "7: no events in this stratum")
    ]


def test_wald_is_the_square_of_z_for_one_difference() -> None:
    statistic, df, p_value = wald(np.array([0.2]), np.array([[0.01]]))
    assert (statistic, df) == (pytest.approx(4.0), 1.0)
    assert p_value == pytest.approx(0.0455, abs=1e-4)


def test_neighbours_are_the_other_members_of_a_block() -> None:
    weights = block_weights(np.array(["a", "b", "a", "a", "c"])).toarray()
    assert weights[0].tolist() == [0.0, 0.0, 0.5, 0.5, 0.0]
    assert weights.sum(axis=1).tolist() == [1.0, 0.0, 1.0, 1.0, 0.0]
    assert np.diag(weights).tolist() == [0.0] * 5


def test_alike_members_have_a_positive_moran_and_nothing_to_compare_says_so() -> None:
    blocks = np.repeat(list("abcdef"), 5)
    rng = np.random.default_rng(3)
    values = np.repeat(np.arange(6.0), 5) + rng.normal(0, 0.1, 30)
    assert moran("cin", "s", values, blocks, 6).statistic > 0.8
    alone = moran("cin", "s", values, np.arange(30), 6)
    assert (alone.converged, alone.statistic) == (False, None)


def test_a_sensitivity_asks_for_the_models_that_it_names() -> None:
    assert Sensitivity("leave_one_la_out", ("unadjusted", "adjusted")) in SPECS["18"].sensitivities
