"""The fit over small marts: known coefficients, failures as data, and whole or nothing."""

from __future__ import annotations

import math
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from analysis_py import FitReport, fit, run, store
from analysis_py.settings import FitSettings
from analysis_py.specs import TableSpec
from common_py.errors import CinError
from common_py.paths import Paths
from tests.python.small_marts import SPECS, change, query, small_marts

PLAIN = FitSettings(with_sensitivities=False)
N_MODELS = 6 + 2 + 11
#: Parts of a run beside the models of its tables, and the rows by which it counts their models.
BESIDE = {
    "gradients": "la_gradients",
    "domains": "domains",
    "figures": "figure_lines",
    "correlations": "correlations",
    "indices": "indices",
}


def _tables(*numbers: str) -> list[TableSpec]:
    return [SPECS[number] for number in numbers or ("2", "3", "4")]


def _fit(paths: Paths, *numbers: str) -> FitReport:
    return fit(paths, specs=_tables(*numbers), settings=PLAIN)


def _cells(paths: Paths, table_no: str, row_label: str) -> dict[str, float]:
    found = query(paths, "select table_no, row_label, statistic, value from estimates.cells")
    return {row[2]: row[3] for row in found if row[:2] == (table_no, row_label)}


@pytest.fixture
def only_tables(monkeypatch: pytest.MonkeyPatch) -> None:
    """Runs of this test fit their tables and nothing beside: it is about what tables say."""
    for part, name in BESIDE.items():
        monkeypatch.setattr(run, part, lambda _, name=name: {name: ()})


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Paths:
    """Every table fitted over the marts as they are, once: to be read, and copied to change."""
    paths = small_marts(
        tmp_path_factory.mktemp("whole"),
        "insert into modelling.mdl_published_values values "
        "('text', null, 'las_in_data', 150, null, null, null)",
    )
    fit(paths, settings=PLAIN)
    return paths


def _models(paths: Paths, *numbers: str) -> list[tuple[int, int]]:
    """Return how many models the tables have, and how many converged."""
    tables = ", ".join(f"'{number}'" for number in numbers)
    counted = "select count(*), count(*) filter (converged) from estimates.fits"
    return query(paths, f"{counted} where table_no in ({tables})")


def test_the_planted_coefficients_come_back(whole: Paths) -> None:
    assert _models(whole, "2", "3", "4") == [(N_MODELS, N_MODELS)]
    found = _cells(whole, "2", "Referral")
    assert found["irr"] == pytest.approx(math.exp(0.5), rel=0.01)
    assert found["interaction"] == pytest.approx(math.exp(-0.2), rel=0.02)
    assert found["irr_low_imd_la"] == pytest.approx(math.exp(0.7), rel=0.03)
    assert found["n_pct"] == pytest.approx(100.0)


def test_published_and_planted_values_are_joined_in(whole: Paths) -> None:
    found = query(
        whole,
        "select published_value, planted_value from estimates.cells "
        "where table_no = '2' and row_label = 'Referral' and statistic = 'irr'",
    )
    assert found == [(1.62, pytest.approx(math.exp(0.5)))]


def test_outcomes_and_their_grids_are_of_one_model(whole: Paths) -> None:
    outcome = _cells(whole, "9", "Re-referral within 12 months")
    grid = _cells(whole, "10", "Re-referral within 12 months")
    assert outcome["ratio"] == pytest.approx(math.exp(0.1), rel=0.01)
    assert outcome["interaction"] == pytest.approx(math.exp(-0.05), rel=0.05)
    assert outcome["ratio_reference"] == 1.0
    assert outcome["pct_yes"] + outcome["pct_no"] == pytest.approx(100.0)
    n = query(
        whole,
        "select sum(successes), sum(trials - successes) from modelling.mdl_episode_outcomes "
        "where outcome = 'rereferral_12m'",
    )[0]
    assert (outcome["n_yes"], outcome["n_no"]) == n
    assert grid["pct_la_mid_lsoa_mid"] == pytest.approx(outcome["pct_yes"])
    assert grid["pct_la_mid_lsoa_high"] == pytest.approx(outcome["pct_yes"] * outcome["ratio"])
    # the right prediction moves odds, not the percentage: 27 % times 1.10 is too much
    assert 26.0 < grid["pct_la_mid_lsoa_high_predicted"] < grid["pct_la_mid_lsoa_high"]
    low, high = query(
        whole,
        "select ci_low, ci_high from estimates.cells "
        "where table_no = '10' and row_label = 'Re-referral within 12 months' "
        "and statistic = 'pct_la_mid_lsoa_high_predicted'",
    )[0]
    assert low < grid["pct_la_mid_lsoa_high_predicted"] < high


def test_an_indicator_has_its_two_models_over_the_authorities_that_have_it(
    whole: Paths,
) -> None:
    n_groups = dict(
        query(
            whole,
            "select spec_id, n_groups from estimates.fits where table_no = '18' and converged",
        )
    )
    assert n_groups["table_18/referral/all/all/vacancy_rate/adjusted"] == 12
    assert n_groups["table_18/referral/all/all/turnover_rate/adjusted"] == 11
    reasons = dict(
        query(
            whole,
            "select row_label, any_value(reason) from estimates.cell_notes "
            "where table_no = '19' group by 1",
        )
    )
    assert "correlated 1.00 with LA income" in reasons["Infant mortality rate"]
    assert reasons["Suicide rate (persons aged 10+)"] == "the marts have no 'suicide_rate'"
    # planted: the interaction is with income alone, -.2 a 10 points; .36 points a deviation
    income = _cells(whole, "19", "LA income IMD [z-score]")
    assert income["rr_unadjusted"] == pytest.approx(math.exp(-0.2 * 0.36), abs=0.01)
    vacancy = _cells(whole, "19", "CSC workforce: Vacancy rate")
    assert vacancy["rr_adjusted_for_la_imd"] == pytest.approx(1.0, abs=0.01)
    assert vacancy["rr_la_imd_adjusted_for_indicator"] == pytest.approx(
        math.exp(-0.2 * 0.36), abs=0.01
    )


@pytest.mark.usefixtures("only_tables")
def test_where_every_term_is_of_authorities_totals_say_what_lsoas_say(tmp_path: Path) -> None:
    paths = small_marts(tmp_path)
    table = SPECS["18"]
    kept = tuple(row for row in table.rows if "Vacancy" in row.label)
    by_lsoa = tuple(
        replace(row, models=tuple(replace(model, grain="lsoa") for model in row.models))
        for row in kept
    )
    tables = [replace(table, rows=kept), replace(table, table_no="18b", rows=by_lsoa)]
    fit(paths, specs=tables, settings=PLAIN)
    difference = query(
        paths,
        "select max(abs(a.value - b.value)), max(abs(a.ci_low - b.ci_low)) "
        "from estimates.cells as a inner join estimates.cells as b "
        "on a.statistic = b.statistic and a.table_no = '18' and b.table_no = '18b'",
    )[0]
    assert max(difference) < 1e-8


def test_ethnic_groups_are_fitted_over_msoas_with_fractions_of_children(whole: Paths) -> None:
    assert _models(whole, "5", "5-cin") == [(10, 10)]
    ethnic = "select distinct n_obs from estimates.fits where table_no in ('5', '5-cin')"
    assert query(whole, ethnic) == [(36,)]
    assert _cells(whole, "5", "White")["population"] == pytest.approx(0.38 * 144 * 250)


def test_rural_gradients_differ_from_urban_ones_by_one_ratio(whole: Paths) -> None:
    rural, urban = (_cells(whole, "16", label) for label in ("Rural", "Urban"))
    steps = {
        round(rural[f"referral_irr_la_{place}"] / urban[f"referral_irr_la_{place}"], 9)
        for place in ("low", "mid", "high")
    }
    assert len(steps) == 1
    models = "select count(*), any_value(row_label) from estimates.fits where table_no = '16'"
    assert query(whole, models) == [(3, "Rural; Urban")]


@pytest.mark.usefixtures("only_tables")
def test_an_lsoa_without_population_is_counted_and_not_fitted(tmp_path: Path) -> None:
    paths = small_marts(
        tmp_path,
        "update modelling.mdl_lsoa_counts set population = 0, n_events = 3 "
        "where lsoa_code = 'E06000001-01' and measure = 'referral'",
    )
    total = query(
        paths,
        "select sum(n_events) from modelling.mdl_lsoa_counts "
        "where measure = 'referral' and stratum = 'all'",
    )[0][0]
    _fit(paths, "2")
    n_obs, n_events, reason = query(
        paths, "select n_obs, n_events, reason from estimates.fits where row_label = 'Referral'"
    )[0]
    assert (n_obs, n_events) == (143, total - 3)
    assert _cells(paths, "2", "Referral")["n"] == total
    assert "fewer than 10 events lie in areas without population" in str(reason)


@pytest.mark.usefixtures("only_tables")
def test_a_failed_fit_is_a_row_with_a_reason_and_null_cells(tmp_path: Path) -> None:
    paths = small_marts(
        tmp_path,
        "update modelling.mdl_lsoa_counts set n_events = 0 where measure = 'cp_plan'",
        "delete from modelling.mdl_lsoa_counts where measure = 's47'",
    )
    report = _fit(paths)
    assert report.n_converged == N_MODELS - 2
    reasons = dict(query(paths, "select row_label, reason from estimates.fits where not converged"))
    assert reasons["CP Plan"] == "no events in this stratum"
    assert "no counts of measure 's47'" in str(reasons["S47"])
    cells = query(
        paths,
        "select statistic, value, reason from estimates.cells "
        "inner join estimates.cell_notes using (run_id, table_no, row_label, statistic) "
        "where row_label = 'CP Plan' and statistic in ('n', 'irr', 'interaction') "
        "order by statistic",
    )
    why = "no events in this stratum"
    assert cells == [("interaction", None, why), ("irr", None, why), ("n", 0.0, "")]
    absent = query(
        paths,
        "select value, reason from estimates.cells "
        "inner join estimates.cell_notes using (run_id, table_no, row_label, statistic) "
        "where row_label = 'S47' and statistic = 'n'",
    )[0]
    assert absent == (None, reasons["S47"])


def test_one_authority_is_a_failure_with_a_reason_in_every_table(tmp_path: Path) -> None:
    alone = "la_code <> 'E06000001'"
    paths = small_marts(
        tmp_path,
        *(
            f"delete from modelling.{mart} where {alone}"  # noqa: S608 (names just below)
            for mart in (
                "mdl_lsoa_counts", "mdl_lsoa_context", "mdl_msoa_counts", "mdl_msoa_context",
                "mdl_la_context", "mdl_episode_outcomes", "mdl_lsoa_domains",
            )
        ),
        "update modelling.mdl_lsoa_context set x2 = 0",
    )  # fmt: skip
    report = fit(paths)
    assert report.n_converged == 0
    assert all(report.failures)
    without = query(
        paths,
        "select table_no, row_label, statistic from estimates.cells "
        "inner join estimates.cell_notes using (run_id, table_no, row_label, statistic) "
        "where value is null and coalesce(ci_low, ci_high) is null and reason = ''",
    )
    assert without == []


def test_every_cell_has_one_note_and_every_note_one_cell(whole: Paths) -> None:
    places = "select run_id, table_no, row_label, statistic from estimates."
    cells = query(whole, places + "cells order by all")
    assert cells == query(whole, places + "cell_notes order by all")
    assert len(cells) == len(set(cells))
    expected = sum(len(spec.columns_of(row)) for spec in SPECS.values() for row in spec.rows)
    assert len(cells) == expected


def test_values_of_the_prose_stand_under_their_own_names(whole: Paths) -> None:
    prose = {
        (row, statistic): rest
        for row, statistic, *rest in query(
            whole,
            "select row_label, statistic, value, ci_low, ci_high, published_value, reason "
            "from estimates.cells inner join estimates.cell_notes "
            "using (run_id, table_no, row_label, statistic) where table_no = 'text'",
        )
    }
    assert prose["", "las_in_data"][0::3] == [12.0, 150.0]
    assert prose["", "lsoas_in_data"][0] == 144
    assert prose["", "match_rate_5_15_pct"][0] == pytest.approx(81.0)
    white = _cells(whole, "5-cin", "White")["irr"]
    assert prose["White", "cin_irr"][0] == pytest.approx(white)
    low, high = prose["", "per_la_gradient_range_referral"][1:3]
    assert low < prose["", "per_la_gradient_mean_referral"][0] < high
    assert prose["", "households_per_lsoa_mean"][0] is None
    assert prose["", "households_per_lsoa_mean"][4] == "no households are read"


@pytest.mark.usefixtures("only_tables")
def test_a_run_replaces_the_last_one_and_keeps_its_identifier(tmp_path: Path) -> None:
    paths = small_marts(tmp_path)
    first, second = _fit(paths, "2"), _fit(paths, "2")
    assert first.run_id == second.run_id
    assert (first.n_fits, first.n_converged, first.failures) == (6, 6, ())
    assert query(paths, "select count(*) from estimates.runs") == [(1,)]
    assert query(paths, "select count(*) from estimates.fits") == [(6,)]
    change(paths, "update quality.rpt_build set build_id = 'build-two'")
    third = _fit(paths, "2")
    assert third.run_id != first.run_id
    assert query(paths, "select build_id from estimates.runs") == [("build-two",)]


def test_a_failure_while_writing_leaves_the_old_estimates_whole(
    whole: Paths, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    paths = replace(whole, warehouse=tmp_path / "warehouse.duckdb")
    shutil.copyfile(whole.warehouse, paths.warehouse)
    before = query(paths, "select * from estimates.cells order by all")
    change(
        paths,
        "update modelling.mdl_lsoa_counts set n_events = n_events + 1",
    )
    insert = store._insert

    def failing(connection: object, name: str, content: object) -> None:
        if name == "figure_02_bins":
            raise OSError("the disk is full")
        insert(connection, name, content)  # type: ignore[arg-type]

    monkeypatch.setattr(store, "_insert", failing)
    with pytest.raises(OSError, match="disk is full"):
        _fit(paths, "2")
    assert query(paths, "select * from estimates.cells order by all") == before
    assert query(paths, "select count(*) from estimates.runs") == [(1,)]


def test_without_a_warehouse_the_remedy_is_to_build(tmp_path: Path) -> None:
    paths = small_marts(tmp_path)
    paths.warehouse.unlink()
    with pytest.raises(CinError, match="cin build"):
        fit(paths)


def test_without_the_build_row_the_fit_is_refused(tmp_path: Path) -> None:
    paths = small_marts(tmp_path, "drop table quality.rpt_build")
    with pytest.raises(CinError, match="cin build"):
        fit(paths)


def test_an_unknown_year_names_the_years_there_are(tmp_path: Path) -> None:
    with pytest.raises(CinError, match="2019"):
        fit(small_marts(tmp_path), census_year=2031)
