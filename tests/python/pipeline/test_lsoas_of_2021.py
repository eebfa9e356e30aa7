"""A return of 2026 just works: LSOAs of 2021, IoD 2025, locations in either census's LSOAs."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from common_py.paths import Paths
from tests.python.conftest import cin
from tests.python.world_of_2026 import move_to_2026

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def warehouse(
    small_england: Paths, tmp_path_factory: pytest.TempPathFactory
) -> duckdb.DuckDBPyConnection:
    """The world of 2026 taken from census rows to the site; how it was made is attached."""
    folder = tmp_path_factory.mktemp("world_of_2026")
    made = move_to_2026(small_england.data, folder / "data")
    environment = {"CIN_DATA_DIR": str(folder / "data"), "CIN_BUILD_DIR": str(folder / "build")}
    for command in ("ingest", "build", "gate", "fit", "report"):
        done = cin([command], environment)
        assert done.returncode == 0, done.stdout + done.stderr
    assert (folder / "build" / "site" / "index.html").is_file()
    made.execute(f"attach '{Path(folder) / 'build' / 'warehouse.duckdb'}' as warehouse (read_only)")
    return made


def _all(warehouse: duckdb.DuckDBPyConnection, query: str) -> list[tuple[object, ...]]:
    found: list[tuple[object, ...]] = warehouse.execute(query).fetchall()
    return found


def test_the_grid_is_the_lsoas_of_2021(warehouse: duckdb.DuckDBPyConnection) -> None:
    (counted,) = _all(
        warehouse,
        "select count(*), count(distinct links.lsoa21), min(geography_vintage), "
        "count(*) filter (where dim.la_code is null) "
        "from (select distinct lsoa21 from links) as links "
        "full join warehouse.core.dim_lsoa as dim on links.lsoa21 = dim.lsoa_code",
    )
    assert counted[0] == counted[1]
    assert counted[2:] == ("2021", 0)
    kinds = dict(_all(warehouse, "select change, count(*) from links group by change"))
    assert int(str(kinds["S"])) >= 40
    assert int(str(kinds["M"])) >= 40


def test_every_child_that_had_a_home_still_has_one_whole(
    warehouse: duckdb.DuckDBPyConnection,
) -> None:
    (counted,) = _all(
        warehouse,
        "select (select count(*) from warehouse.intermediate.int_episodes__location_matches "
        "where lsoa_code like 'E01%'), (select count(*) from "
        "warehouse.intermediate.int_episodes__children_located as located "
        "inner join warehouse.core.dim_lsoa as dim on located.lsoa_code = dim.lsoa_code)",
    )
    assert counted[0] == counted[1]
    assert int(str(counted[0])) > 10_000


def test_children_of_a_split_lsoa_are_dealt_out_by_residents(
    warehouse: duckdb.DuckDBPyConnection,
) -> None:
    """Each part gets its share of the children whose file names the LSOA of 2011, to the child."""
    (counted,) = _all(
        warehouse,
        """
        with dealt as (
            select child.given_lsoa_code, child.lsoa_code, count(*) as n
            from warehouse.intermediate.int_episodes__child_lsoas as child
            where child.lsoa_basis = 'dealt_out' group by all
        )
        select count(*), max(abs(
            coalesce(dealt.n, 0) - part.share_of_from * whole.n
        ))
        from (select given_lsoa_code, sum(n) as n from dealt group by all) as whole
        inner join warehouse.intermediate.int_geography__lsoa_links as part
            on whole.given_lsoa_code = part.from_code and part.to_vintage = '2021'
        left join dealt on part.from_code = dealt.given_lsoa_code
            and part.to_code = dealt.lsoa_code
        """,
    )
    assert int(str(counted[0])) >= 40
    assert float(str(counted[1])) <= 1


def test_scores_and_populations_are_those_of_the_files(
    warehouse: duckdb.DuckDBPyConnection,
) -> None:
    (differing,) = _all(
        warehouse,
        """
        with published as (
            select "LSOA code (2021)" as lsoa_code, cast("Income Score (rate)" as double) as income
            from read_csv(?, all_varchar = true)
        )
        select count(*) from published inner join warehouse.core.dim_lsoa as dim using (lsoa_code)
        where dim.income is distinct from published.income
        """.replace("?", f"'{_reference(warehouse)}/File_7_2025.csv'"),
    )
    assert differing == (0,)
    ages = " + ".join(f'cast("{sex}{age}" as bigint)' for sex in "FM" for age in range(5, 16))
    (differing,) = _all(
        warehouse,
        f"select count(*) from read_csv('{_reference(warehouse)}/Mid-2024 LSOA 2021.csv') as file "  # noqa: S608 - our own file
        f'inner join warehouse.core.dim_lsoa as dim on file."LSOA 2021 Code" = dim.lsoa_code '
        f"where dim.population <> {ages}",
    )
    assert differing == (0,)


def _reference(warehouse: duckdb.DuckDBPyConnection) -> Path:
    ((file,),) = _all(
        warehouse, "select path from duckdb_databases() where database_name = 'warehouse'"
    )
    return Path(str(file)).parents[1] / "data" / "reference"


def test_authorities_are_those_of_31_march_2026(warehouse: duckdb.DuckDBPyConnection) -> None:
    found = {
        str(la): str(code)
        for la, code in _all(warehouse, "select la_number, la_code from warehouse.core.dim_la")
    }
    assert not {"835", "836", "837"} & set(found)
    assert found["838"] == "E06000059"
    assert found["839"] == "E06000058"
    assert found["390"] == "E08000037"


def test_models_are_fitted(warehouse: duckdb.DuckDBPyConnection) -> None:
    (counted,) = _all(
        warehouse,
        "select count(*), count(*) filter (where converged) from warehouse.estimates.fits "
        "where table_no = '2'",
    )
    assert counted == (6, 6)
