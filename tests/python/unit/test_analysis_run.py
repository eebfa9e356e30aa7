"""The fit over small marts: known coefficients, failures as data, and whole or nothing."""

from __future__ import annotations

import math
from pathlib import Path

import pytest

from analysis_py import fit, store
from common_py.errors import CinError
from tests.python.small_marts import change, query, small_marts


def test_the_planted_coefficients_come_back(tmp_path: Path) -> None:
    paths = small_marts(tmp_path)
    report = fit(paths)
    assert (report.n_fits, report.n_converged, report.failures) == (19, 19, ())
    found = dict(
        query(paths, "select statistic, value from estimates.cells where row_label = 'Referral'")
    )
    assert found["irr"] == pytest.approx(math.exp(0.5), rel=0.01)
    assert found["interaction"] == pytest.approx(math.exp(-0.2), rel=0.02)
    assert found["irr_low_imd_la"] == pytest.approx(math.exp(0.7), rel=0.03)
    assert found["n_pct"] == pytest.approx(100.0)


def test_published_and_planted_values_are_joined_in(tmp_path: Path) -> None:
    paths = small_marts(tmp_path)
    fit(paths)
    found = query(
        paths,
        "select published_value, planted_value from estimates.cells "
        "where row_label = 'Referral' and statistic = 'irr'",
    )
    assert found == [(1.62, pytest.approx(math.exp(0.5)))]


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
    fit(paths)
    n_obs, n_events, reason = query(
        paths, "select n_obs, n_events, reason from estimates.fits where row_label = 'Referral'"
    )[0]
    printed = query(
        paths,
        "select value from estimates.cells where row_label = 'Referral' and statistic = 'n'",
    )[0][0]
    assert (n_obs, printed, n_events) == (143, total, total - 3)
    assert "fewer than 10 events lie in LSOAs without population" in str(reason)


def test_a_failed_fit_is_a_row_with_a_reason_and_null_cells(tmp_path: Path) -> None:
    paths = small_marts(
        tmp_path,
        "update modelling.mdl_lsoa_counts set n_events = 0 where measure = 'cp_plan'",
        "delete from modelling.mdl_lsoa_counts where measure = 's47'",
    )
    report = fit(paths)
    assert report.n_converged == 17
    reasons = dict(query(paths, "select row_label, reason from estimates.fits where not converged"))
    assert reasons["CP Plan"] == "no events in this stratum"
    assert "no counts of measure 's47'" in str(reasons["S47"])
    cells = query(
        paths,
        "select statistic, value from estimates.cells where row_label = 'CP Plan' "
        "and statistic in ('n', 'irr', 'interaction') order by statistic",
    )
    assert cells == [("interaction", None), ("irr", None), ("n", 0.0)]


def test_one_authority_is_a_failure_with_a_reason(tmp_path: Path) -> None:
    paths = small_marts(
        tmp_path,
        "delete from modelling.mdl_lsoa_counts where la_code <> 'E06000001'",
        "delete from modelling.mdl_lsoa_context where la_code <> 'E06000001'",
        "update modelling.mdl_lsoa_context set x2 = 0",
    )
    report = fit(paths)
    assert report.n_converged == 0
    assert all(line for line in report.failures)


def test_an_authority_without_events_has_no_gradient_of_its_own(tmp_path: Path) -> None:
    paths = small_marts(
        tmp_path,
        "update modelling.mdl_lsoa_counts set n_events = 0 where la_code = 'E06000002'",
    )
    fit(paths)
    found = query(
        paths,
        "select converged, irr, reason from estimates.la_gradients "
        "where la_code = 'E06000002' and measure = 'referral'",
    )
    assert found == [(False, None, "no events in this LA")]


def test_the_bands_of_figure_2_hold_every_event(tmp_path: Path) -> None:
    paths = small_marts(tmp_path)
    fit(paths)
    bands = query(paths, "select sum(n_events), sum(n_lsoas) from estimates.figure_02_bins")
    counts = query(
        paths,
        "select sum(n_events), count(*) from modelling.mdl_lsoa_counts "
        "where measure = 'referral' and stratum = 'all'",
    )
    assert bands == counts
    slope = query(paths, "select slope from estimates.figure_02_lines")[0][0]
    assert isinstance(slope, float)


def test_a_run_replaces_the_last_one_and_keeps_its_identifier(tmp_path: Path) -> None:
    paths = small_marts(tmp_path)
    first, second = fit(paths), fit(paths)
    assert first.run_id == second.run_id
    assert query(paths, "select count(*) from estimates.runs") == [(1,)]
    assert query(paths, "select count(*) from estimates.fits") == [(19,)]
    change(paths, "update quality.rpt_build set build_id = 'build-two'")
    third = fit(paths)
    assert third.run_id != first.run_id
    assert query(paths, "select build_id from estimates.runs") == [("build-two",)]


def test_a_failure_while_writing_leaves_the_old_estimates_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    paths = small_marts(tmp_path)
    fit(paths)
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
        fit(paths)
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
