"""The study's denominators through the whole pipe, from the published files, to the unit.

Statistics, section 5.0: anything else is a bug in the links between the lookups.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

from synth_py.real_files import copy_reference, find_files
from tests.python.conftest import PROJECT, cin
from tests.python.tiny_census import write_tiny

AGES_OF_TABLE_4 = [
    690987, 706617, 727796, 712064, 700084, 689618, 695642, 673685, 660846, 633942, 624503,
]  # fmt: skip


@pytest.fixture(scope="module")
def england(reference: Path, tmp_path_factory: pytest.TempPathFactory) -> duckdb.DuckDBPyConnection:
    """The geography of England built by dbt from the published files."""
    folder = tmp_path_factory.mktemp("real_geography")
    data, build = folder / "data", folder / "build"
    write_tiny(data)
    shutil.rmtree(data / "reference")
    shutil.rmtree(data / "locations")
    copy_reference(find_files(reference), data / "reference")
    environment = {"CIN_DATA_DIR": str(data), "CIN_BUILD_DIR": str(build)}
    landed = cin(["ingest"], environment)
    assert landed.returncode == 0, landed.stderr
    built = subprocess.run(
        [
            *(sys.executable, "-c", "from dbt.cli.main import cli; cli()", "build"),
            *("--select", "+dim_lsoa", "+dim_la", "+int_counts__population"),
            *("--exclude-resource-type", "unit_test", "--indirect-selection", "cautious"),
            *("--project-dir", str(PROJECT), "--profiles-dir", str(PROJECT)),
            *("--target-path", str(folder / "target"), "--log-path", str(folder / "logs")),
        ],
        env={**os.environ, **environment},
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert built.returncode == 0, built.stdout
    return duckdb.connect(str(build / "warehouse.duckdb"), read_only=True)


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
