"""Real public results from what the project carries: seeds, models and page, no download."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pyarrow.parquet as pq
import pytest

from analysis_py.design import Marts
from analysis_py.job import Content, Job
from analysis_py.public import STUDY_YEAR, _content, public_specs
from analysis_py.settings import FitSettings
from analysis_py.tables import models_expected
from common_py.progress import silent
from ingest_py.landing_schema import REFERENCE_TABLES
from public_py import SEEDS
from publish_py.public import PublicData, agreement, public_view
from tests.python.published_world import published_world
from tests.python.small_marts import PROJECT
from validate_py.building import build, open_memory, plan
from validate_py.definitions import Definitions

TARGETS = ["rpt_published_totals", "mdl_public_la", "fct_published_rates_la"]
LA_INCOME = "LA income IMD [z-score]"
SPEND = "Total spend children's services (per LA child)"


@pytest.fixture(scope="module")
def marts(tmp_path_factory: pytest.TempPathFactory) -> Iterator[duckdb.DuckDBPyConnection]:
    """The public marts over an empty landing: the seeds alone."""
    landing = tmp_path_factory.mktemp("landing")
    for table in REFERENCE_TABLES:
        (landing / table.name).mkdir()
        pq.write_table(table.schema.empty_table(), landing / table.name / "part-0.parquet")
    connection = open_memory()
    build(connection, plan(Definitions(PROJECT), TARGETS, landing), silent)
    yield connection
    connection.close()


@pytest.fixture(scope="module")
def fitted(marts: duckdb.DuckDBPyConnection) -> Content:
    """Every public table of the study's year."""
    specs = public_specs(STUDY_YEAR)
    job = Job(Marts(marts, STUDY_YEAR, models_expected(specs)), specs, FitSettings(), 0.05)
    return _content(job)


def cells(content: Content, table_no: str) -> dict[tuple[str, str], tuple[float, float, float]]:
    return {
        (cell.row_label, cell.statistic): (cell.value, cell.ci_low, cell.ci_high)  # type: ignore[attr-defined]
        for cell in content["cells"]
        if cell.table_no == table_no  # type: ignore[attr-defined]
    }


def test_england_is_the_sum_of_its_authorities(marts: duckdb.DuckDBPyConnection) -> None:
    found = marts.execute(
        "select measure, timing, england_total, reason from quality.rpt_published_totals"
    ).fetchall()
    assert len(found) == 8
    assert {row[3] for row in found} <= {"equal_to_rounding", "suppressed_numbers"}
    assert ("referral", "incidence", 650_930) in {row[:3] for row in found}


def test_what_dfe_withholds_stays_withheld(marts: duckdb.DuckDBPyConnection) -> None:
    found = marts.execute(
        "select numerator, rate_per_10k, marker from rates.fct_published_rates_la "
        "where area_code = 'E09000001' and measure = 'cp_plan' and timing = 'prevalence'"
    ).fetchall()
    assert found == [(None, None, "c")]


def test_income_deprivation_on_referrals_is_as_known(fitted: Content) -> None:
    value, low, high = cells(fitted, "18")[LA_INCOME, "rr_unadjusted"]
    # a first look with 149 authorities: 1.20 (1.14-1.25)
    assert value == pytest.approx(1.20, abs=0.02)
    assert low == pytest.approx(1.14, abs=0.02)
    assert high == pytest.approx(1.25, abs=0.02)


def test_spend_per_child_is_as_known(fitted: Content) -> None:
    found = cells(fitted, "18")
    assert found[SPEND, "rr_unadjusted"][0] == pytest.approx(1.17, abs=0.02)
    assert found[SPEND, "rr_adjusted_for_la_imd"][0] == pytest.approx(1.07, abs=0.02)


def test_limits_are_of_t_with_two_authorities_fewer(fitted: Content) -> None:
    from scipy import stats  # noqa: PLC0415

    line = next(
        one
        for one in fitted["coefficients"]
        if one.spec_id.endswith("la_income_2019/unadjusted") and one.term == "z"  # type: ignore[attr-defined]
    )
    half = stats.t.isf(0.025, 148) * line.std_error  # type: ignore[attr-defined]
    assert line.ci_high - line.estimate == pytest.approx(half)  # type: ignore[attr-defined]


def test_a_row_says_how_many_authorities_it_rests_on(fitted: Content) -> None:
    n_las = {one.spec_id: one.n_obs for one in fitted["fits"]}  # type: ignore[attr-defined]
    assert n_las["table_18/referral/all/all/la_income_2019/unadjusted"] == 150
    assert n_las["table_18/referral/all/all/caseload/unadjusted"] == 148
    without = [one for one in fitted["fits"] if "suicide_rate" in one.spec_id]  # type: ignore[attr-defined]
    assert without
    assert all(one.reason.startswith("no area has a value") for one in without)  # type: ignore[attr-defined]


def test_figure_3_has_every_authority_that_published(fitted: Content) -> None:
    points = [one for one in fitted["figure_points"] if one.measure == "referral"]  # type: ignore[attr-defined]
    assert len(points) == 150
    slopes = {one.measure: one.slope for one in fitted["figure_lines"]}  # type: ignore[attr-defined]
    assert all(slope > 0 for slope in slopes.values())


@pytest.mark.parametrize(
    ("value", "limits", "printed", "said"),
    [
        (1.19, (1.14, 1.25), (1.15, 1.07, 1.23), "same direction, inside the printed interval"),
        (1.07, (1.01, 1.12), (1.15, 1.09, 1.24), "same direction, intervals overlap"),
        (0.93, (0.90, 0.96), (1.15, 1.07, 1.23), "other direction, intervals apart"),
        (None, (None, None), (1.15, 1.07, 1.23), "–"),
    ],
)
def test_agreement_is_said_by_direction_and_interval(
    value: float | None,
    limits: tuple[float | None, float | None],
    printed: tuple[float, float, float],
    said: str,
) -> None:
    row = {"value": value, "ci_low": limits[0], "ci_high": limits[1], "published_value": printed[0]}
    row |= {"published_low": printed[1], "published_high": printed[2]}
    assert agreement(row) == said


def test_only_the_census_column_says_synthetic() -> None:
    row = {
        "census_year": 2019, "table_no": "18", "row_label": LA_INCOME, "n_obs": 150,
        "statistic": "rr_unadjusted", "value": 1.19, "ci_low": 1.14, "ci_high": 1.25,
        "published_value": 1.15, "published_low": 1.07, "published_high": 1.23, "reason": "",
    }  # fmt: skip
    view = public_view(PublicData((row,)), (), synthetic=True)
    assert view is not None
    compared = view.tables[0]
    assert [name for name in compared.columns if "SYNTHETIC" in name] == ["SYNTHETIC census here"]
    assert compared.rows == (
        (LA_INCOME, "unadjusted", "1.15 (1.07–1.23)", "1.19 (1.14–1.25)", "150",
         "same direction, inside the printed interval", "–"),
    )  # fmt: skip
    assert public_view(PublicData(), (), synthetic=True) is None


def test_seeds_and_macro_name_the_same_figures() -> None:
    with (PROJECT / "seeds/codes/published_figures.csv").open(encoding="utf-8") as stream:
        figures = list(dict.fromkeys(row["figure"] for row in csv.DictReader(stream)))
    with (PROJECT / SEEDS["published_facts_2019"]).open(encoding="utf-8") as stream:
        header = next(csv.reader(stream))
    assert header[3:] == figures
    macro = (PROJECT / "macros/census/published_figure_names.sql").read_text("utf-8")
    assert list(macro.split("'")[1::2]) == figures


def test_seeds_are_what_the_published_files_say(
    reference: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    found = published_world(tmp_path_factory, reference).seeds
    for name, file in SEEDS.items():
        assert found[name] == Path(PROJECT / file).read_text("utf-8"), name
