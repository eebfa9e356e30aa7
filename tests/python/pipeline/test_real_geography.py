"""The study's denominators through the whole pipe, from the published files, to the unit.

Statistics, section 5.0: anything else is a bug in the links between the lookups. The years after
it read the same children in the LSOAs of 2011 and of 2021, through the published exact-fit lookup.
"""

from __future__ import annotations

import csv
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from common_py.progress import silent
from synth_py.real_files import copy_reference, find_files
from tests.python.conftest import PROJECT, cin
from tests.python.published_world import published_world
from tests.python.tiny_census import write_tiny, write_workbook
from validate_py.building import build, open_memory, plan
from validate_py.definitions import Definitions

MODELS = ("dim_lsoa", "dim_la", "int_counts__population")
AGES_OF_TABLE_4 = [
    690987, 706617, 727796, 712064, 700084, 689618, 695642, 673685, 660846, 633942, 624503,
]  # fmt: skip


@pytest.fixture(scope="module")
def england(
    reference: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[duckdb.DuckDBPyConnection]:
    """The geography of England, built by the models from the published files.

    Their text is rendered as `cin local` does, which takes a third of what dbt takes; dbt builds
    the later years below, from the files alone that `cin synth` copies.
    """
    published = published_world(tmp_path_factory, reference)
    assert published.report.ok, published.report.messages
    todo = plan(Definitions(PROJECT), MODELS, published.world.landing)
    with open_memory() as connection:
        build(connection, todo, silent)
        yield connection


def _real_data(folder: Path, reference: Path) -> Path:
    data = folder / "data"
    write_tiny(data)
    shutil.rmtree(data / "reference")
    shutil.rmtree(data / "locations")
    copy_reference(find_files(reference), data / "reference")
    return data


def _environment(folder: Path) -> dict[str, str]:
    return {"CIN_DATA_DIR": str(folder / "data"), "CIN_BUILD_DIR": str(folder / "build")}


def _built(folder: Path) -> duckdb.DuckDBPyConnection:
    built = subprocess.run(
        [
            *(sys.executable, "-c", "from dbt.cli.main import cli; cli()", "build"),
            *("--select", *(f"+{name}" for name in MODELS)),
            *("--exclude-resource-type", "unit_test", "--indirect-selection", "cautious"),
            *("--project-dir", str(PROJECT), "--profiles-dir", str(PROJECT)),
            *("--target-path", str(folder / "target"), "--log-path", str(folder / "logs")),
        ],
        env={**os.environ, **_environment(folder)},
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert built.returncode == 0, built.stdout
    return duckdb.connect(str(folder / "build" / "warehouse.duckdb"), read_only=True)


def test_lsoas_and_authorities(england: duckdb.DuckDBPyConnection) -> None:
    found = england.execute(
        "select count(*), count(*) filter (where is_study_la), count(distinct la_code), "
        "count(distinct la_code) filter (where is_study_la) from core.dim_lsoa"
    ).fetchall()
    assert found == [(32844, 32837, 152, 150)]


def test_children_of_the_ages_studied(england: duckdb.DuckDBPyConnection) -> None:
    found = england.execute(
        "select stratum, cast(sum(counted.population) as bigint) "
        "from intermediate.int_counts__population as counted "
        "inner join core.dim_lsoa using (census_year, lsoa_code) "
        "where is_study_la and stratum_type in ('all', 'sex') group by stratum"
    ).fetchall()
    assert dict(found) == {"all": 7515784, "male": 3851406, "female": 3664378}


def test_every_age_of_table_4(england: duckdb.DuckDBPyConnection) -> None:
    found = england.execute(
        "select cast(sum(counted.population) as bigint) "
        "from intermediate.int_counts__population as counted "
        "inner join core.dim_lsoa using (census_year, lsoa_code) "
        "where is_study_la and stratum_type = 'age' group by stratum order by cast(stratum as int)"
    ).fetchall()
    assert [n for (n,) in found] == AGES_OF_TABLE_4


def test_rural_and_urban_children_in_millions(england: duckdb.DuckDBPyConnection) -> None:
    """The report's prose: 1.2 million rural, 6.3 million urban."""
    found = england.execute(
        "select is_rural, round(sum(population) / 1e6, 2) from core.dim_lsoa "
        "where is_study_la group by is_rural order by is_rural"
    ).fetchall()
    assert found == [(False, 6.33), (True, 1.19)]


EXACT_FIT = "LSOA_(2011)_to_LSOA_(2021)_to_Local_Authority_District_(2022)*.csv"
IOD_2025 = "iod2025/REBUILT_PARTIAL_File_7_IoD2025*.csv"
_HALVES = """
with pairs as (
    select f_lsoa11cd as lsoa11, lsoa21cd as lsoa21, count(*) over (partition by f_lsoa11cd) as n
    from read_csv('{exact_fit}', all_varchar = true, normalize_names = true)
)
select lsoa21 as "LSOA 2021 Code", 0 as "Total", {columns}
from pairs
inner join read_csv('{females}', all_varchar = true) as f on pairs.lsoa11 = f."LSOA Code"
inner join read_csv('{males}', all_varchar = true) as m on pairs.lsoa11 = m."LSOA Code"
group by lsoa21
"""


@pytest.fixture(scope="module")
def later(reference: Path, tmp_path_factory: pytest.TempPathFactory) -> duckdb.DuckDBPyConnection:
    """England in 2023 (LSOAs of 2011, IoD 2019) and 2026 (of 2021, IoD 2025).

    The children of mid-2019 stand in for later ones, those of a split LSOA shared alike, in the
    layout of the workbook of 2021 LSOAs, and England's mean of 2025 for File 11, which is not here.
    """
    folder = tmp_path_factory.mktemp("later_geography")
    data = _real_data(folder, reference)
    (exact_fit,) = (reference / "lookups").glob(EXACT_FIT.replace("*", "_Lookup_for*"))
    (iod,) = reference.glob(IOD_2025)
    lookups = reference / "lookups"
    for file in (exact_fit, iod, *lookups.glob("LTLA*Apr*"), *lookups.glob("LTLA*April_2021*")):
        shutil.copy(file, data / "reference" / file.name)
    columns = ", ".join(
        f'sum(cast({sex}."{age if age < 90 else "90+"}" as double) / n) as "{sex.upper()}{age}"'
        for sex in "fm"
        for age in range(91)
    )
    population = reference / "population"
    query = _HALVES.format(
        exact_fit=exact_fit,
        columns=columns,
        females=population / "REBUILT_SAPE22DT2_Mid-2019_Females.csv.gz",
        males=population / "REBUILT_SAPE22DT2_Mid-2019_Males.csv.gz",
    )
    for year in (2023, 2024):
        target = data / "reference" / f"Mid-{year} LSOA 2021.csv"
        duckdb.sql(query).write_csv(str(target))
    codes = [row["la_code"] for row in _authorities("2024")]
    upper = "Upper Tier Local Authority District code (2024)"
    averages = [(upper, "Income - Average score"), *((code, 0.229) for code in codes)]
    write_workbook(data / "reference" / "File_11_2025.xlsx", {"Income": averages})
    known = {row["la_number"] for row in _authorities("2023")}
    old = data / "census" / "2019" / "extract"
    for year in ("2023", "2026"):
        new = data / "census" / year / "extract"
        new.mkdir(parents=True)
        header, *rows = (old / "children.csv").read_text("utf-8").splitlines()
        kept = [row.replace("2019,", f"{year},", 1) for row in rows if row[5:8] in known]
        (new / "children.csv").write_text("\n".join([header, *kept]) + "\n", "utf-8")
    shutil.rmtree(old.parent)
    landed = cin(["ingest"], _environment(folder))
    assert landed.returncode == 0, landed.stderr
    return _built(folder)


def _authorities(year: str) -> list[dict[str, str]]:
    """Return the seed's rows of the authorities in force in a census year."""
    path = PROJECT / "seeds" / "geography" / "la_authorities.csv"
    with path.open(encoding="utf-8", newline="") as stream:
        return [
            row
            for row in csv.DictReader(stream)
            if row["first_census_year"] <= year <= row["last_census_year"]
        ]


@pytest.mark.slow
def test_lsoas_of_both_censuses(later: duckdb.DuckDBPyConnection) -> None:
    found = later.execute(
        "select census_year, geography_vintage, count(*), count(distinct la_code), "
        "count(distinct la_code) filter (where is_study_la), "
        "count(*) filter (where income is null) from core.dim_lsoa group by all order by all"
    ).fetchall()
    assert found == [(2023, "2011", 32844, 152, 150, 0), (2026, "2021", 33755, 153, 151, 0)]


@pytest.mark.slow
def test_nobody_is_lost_between_the_lsoas_of_two_censuses(
    later: duckdb.DuckDBPyConnection,
) -> None:
    found = later.execute(
        "select census_year, round(sum(population), 3) from core.dim_lsoa group by all order by all"
    ).fetchall()
    assert found == [(2023, 7517042.0), (2026, 7517042.0)]


@pytest.mark.slow
def test_an_msoa_still_lies_in_one_authority(later: duckdb.DuckDBPyConnection) -> None:
    found = later.execute(
        "select census_year, count(*) from (select census_year, msoa_code from core.dim_lsoa "
        "group by all having count(distinct la_code) > 1) group by all"
    ).fetchall()
    assert found == []


@pytest.mark.slow
def test_scores_of_unchanged_lsoas_are_the_published_ones(
    later: duckdb.DuckDBPyConnection,
) -> None:
    found = later.execute(
        "select census_year, count(*), count(*) filter (where dim.income = landed.score::double) "
        "from core.dim_lsoa as dim inner join landing.ref_lsoa_deprivation as landed "
        "on dim.lsoa_code = landed.lsoa_code and landed.domain = 'income' "
        "and landed.iod_release = case census_year when 2023 then '2019' else '2025' end "
        "group by all order by all"
    ).fetchall()
    assert found == [(2023, 32844, 32844), (2026, 33755, 33755)]
