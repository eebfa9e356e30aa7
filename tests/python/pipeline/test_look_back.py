"""A year without locations beside one with some: looked back to, and counted nowhere."""

from __future__ import annotations

import csv
from pathlib import Path

import duckdb
import pytest

from tests.python.conftest import cin
from tests.python.tiny_census import COLUMNS, KEYS, Row, write_rows, write_tiny

pytestmark = pytest.mark.slow

LOOKED_BACK_TO = ("children", "referrals", "child_protection_plans")
COUNTED_ONLY = (
    "core.dim_la",
    "core.dim_lsoa",
    "core.dim_la_indicator",
    "core.fct_referrals",
    "rates.fct_rates_la",
    "rates.fct_rates_lsoa",
    "modelling.mdl_lsoa_context",
    "modelling.mdl_lsoa_domains",
    "modelling.mdl_episode_outcomes",
    "modelling.mdl_spell_months",
    "quality.rpt_cohort_flow",
    "quality.rpt_match_rates",
    "quality.rpt_reconciliation",
)


def _year_before(row: Row) -> Row:
    """Return a row of 2017/18 that happened in October 2017, its plan ended by Christmas."""
    moved = row | {"census_year": "2018"}
    if "cp_plan_no" in row:
        moved["end_date"] = "2017-12-15"
    for name, value in row.items():
        if name.endswith("_date") and name not in {"birth_date", "end_date"} and value:
            moved[name] = f"2017-10-{value[-2:]}" if value[-2:] <= "30" else "2017-10-30"
    return moved


@pytest.fixture(scope="module")
def places(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Build a tiny England of 2019 with children, referrals and plans of 2018 beside it."""
    folder = tmp_path_factory.mktemp("look_back")
    data = write_tiny(folder / "data", n_children=90)
    for table in LOOKED_BACK_TO:
        source = data / "census" / "2019" / "extract" / f"{table}.csv"
        with source.open(encoding="utf-8-sig", newline="") as stream:
            rows = [_year_before(row) for row in csv.DictReader(stream)]
        columns = ("census_year", "la_number", *KEYS[table], *COLUMNS[table])
        write_rows(data / "census" / "2018" / "extract" / f"{table}.csv", columns, rows)
    environment = {"CIN_DATA_DIR": str(data), "CIN_BUILD_DIR": str(folder / "build")}
    for command in (["doctor"], ["ingest"], ["build"]):
        done = cin(command, environment)
        assert done.returncode == 0, done.stdout + done.stderr
        assert "2018" not in "".join(
            line for line in done.stdout.splitlines(keepends=True) if "mid_year" in line
        ), "reference files of the year looked back to are asked for"
    return environment


def _query(places: dict[str, str], text: str) -> list[tuple[object, ...]]:
    warehouse = Path(places["CIN_BUILD_DIR"]) / "warehouse.duckdb"
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        return connection.execute(text).fetchall()


@pytest.mark.parametrize("table", COUNTED_ONLY)
def test_nothing_is_counted_in_a_year_without_locations(places: dict[str, str], table: str) -> None:
    years = _query(places, f"select distinct census_year from {table}")  # noqa: S608 - our own names
    assert years == [(2019,)]


def test_its_rows_are_kept_and_accounted_for(places: dict[str, str]) -> None:
    found = _query(
        places,
        "select table_name, sum(n_rows_read) > 0, sum(n_rows_read) = sum(n_rows_staged) "
        "from quality.rpt_ingest_ledger where census_year = 2018 group by table_name order by 1",
    )
    assert found == [(table, True, True) for table in sorted(LOOKED_BACK_TO)]


def test_its_referrals_and_plans_are_looked_back_to(places: dict[str, str]) -> None:
    (n_referrals,) = _query(
        places,
        "select count(*) from core.fct_referrals "
        "where is_rereferral and previous_referral_date < date '2018-01-01'",
    )[0]
    (n_plans,) = _query(
        places,
        "select count(*) from core.fct_cp_plans "
        "where has_prior_plan and coalesce(n_previous_plans, 0) = 0",
    )[0]
    assert isinstance(n_referrals, int)
    assert isinstance(n_plans, int)
    assert n_referrals > 0
    assert n_plans > 0
    (n_short_sighted,) = _query(
        places, "select count(*) from intermediate.int_episodes__rereferral "
        "where census_year = 2019 and not has_previous_return",
    )[0]  # fmt: skip
    assert n_short_sighted == 0
