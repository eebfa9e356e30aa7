"""Two census years, made, built, fitted, reported: each counted by itself. SYNTHETIC."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from tests.python.conftest import cin

pytestmark = pytest.mark.slow

STAGES = (
    ["synth", "--size", "small", "--years", "2"],
    ["ingest"],
    ["build"],
    ["gate"],
    ["fit"],
    ["report"],
    ["fit", "--census-year", "2019"],
)


@pytest.fixture(scope="module")
def build(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The build folder of 2019 and 2020, fitted for both, reported for 2020."""
    folder = tmp_path_factory.mktemp("census_years")
    environment = {"CIN_DATA_DIR": str(folder / "data"), "CIN_BUILD_DIR": str(folder / "build")}
    for arguments in STAGES:
        done = cin(arguments, environment)
        assert done.returncode == 0, done.stdout + done.stderr
    return folder / "build"


def query(build: Path, text: str) -> list[tuple[object, ...]]:
    with duckdb.connect(str(build / "warehouse.duckdb"), read_only=True) as connection:
        return connection.execute(text).fetchall()


def test_every_year_has_its_own_authorities_and_children(build: Path) -> None:
    found = query(
        build,
        "select census_year, list_sort(list(la_number)) from core.dim_la "
        "where la_number in ('835', '836', '837', '838', '839') group by census_year order by 1",
    )
    assert found == [(2019, ["835", "836", "837"]), (2020, ["838", "839"])]
    counted = query(
        build,
        "select census_year, sum(numerator), sum(denominator) from rates.fct_rates_la "
        "where measure = 'referral' and basis = 'episode' and stratum_type = 'all' "
        "group by census_year order by census_year",
    )
    (first, n_first, children), (second, n_second, others) = counted
    assert (first, second) == (2019, 2020)
    assert children == others
    assert isinstance(n_first, int)
    assert isinstance(n_second, int)
    assert 0.95 * n_first < n_second < n_first, "those of the first week are left out"


def test_a_run_is_of_one_year(build: Path) -> None:
    """The latest unless another is named; its models have that year's neighbourhoods, once each."""
    runs = query(
        build,
        "select r.census_year, max(f.n_obs), (select count(*) from modelling.mdl_lsoa_context as c "
        "where c.census_year = r.census_year) from estimates.runs as r "
        "inner join estimates.fits as f on r.run_id = f.run_id "
        "where r.dataset <> 'public' and f.table_no = '2' group by all order by 1",
    )
    assert [year for year, _, _ in runs] == [2019, 2020]
    assert all(n_obs == n_lsoas for _, n_obs, n_lsoas in runs)


def test_only_the_planted_year_has_the_planted_truth_beside_it(build: Path) -> None:
    found = query(
        build,
        "select r.census_year, count(c.planted_value) > 100 from estimates.cells as c "
        "inner join estimates.runs as r on c.run_id = r.run_id "
        "where r.dataset <> 'public' group by all order by 1",
    )
    assert found == [(2019, True), (2020, False)]
    ((n_planted,),) = query(
        build,
        "select count(c.planted_value) from estimates.cells as c "
        "inner join estimates.runs as r on c.run_id = r.run_id where r.census_year = 2020",
    )
    assert n_planted == 0


def test_the_site_is_of_the_year_that_was_fitted(build: Path) -> None:
    page = (build / "site" / "index.html").read_text(encoding="utf-8")
    assert "for the year ending 31 March 2020" in page
