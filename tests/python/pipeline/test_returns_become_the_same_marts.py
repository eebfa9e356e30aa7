"""Synthetic census → XML → marts is the same as extract → marts, row for row. SYNTHETIC."""

from __future__ import annotations

import shutil
from pathlib import Path

import duckdb
import pytest

from common_py.paths import Paths
from ingest_py.landing_schema import CENSUS_TABLES
from parity_py import Settled, compare, parity, project_marts
from parity_py.screen import parity_lines
from synth_py.returns import write_returns
from tests.python.conftest import cin

pytestmark = pytest.mark.slow

ORIGIN = {"source_file", "source_row", "file_name", "file_sha256"}
OF_THE_FILES = [
    Settled(mart, column, "about the input files themselves, which are others")
    for mart, column in (
        ("quality.rpt_build", "*"),
        ("quality.rpt_ingest_ledger", "*"),
        ("restricted.rpt_validation_issues", "source_file"),
        ("restricted.rpt_validation_issues", "source_row"),
    )
]


@pytest.fixture(scope="module")
def from_returns(small_england: Paths, tmp_path_factory: pytest.TempPathFactory) -> Paths:
    """The same England from XML returns alone, hashed with the same key."""
    folder = tmp_path_factory.mktemp("from_returns")
    build = folder / "build"
    paths = Paths(
        small_england.project, folder / "data", build, build / "landing", build / "warehouse.duckdb"
    )
    shutil.copytree(small_england.data, paths.data)
    for old in paths.data.glob("census/*/returns"):
        shutil.rmtree(old)
    assert write_returns(paths.data)
    for extract in paths.data.glob("census/*/extract"):
        shutil.rmtree(extract)
    shutil.copytree(small_england.landing / "hash_key", paths.landing / "hash_key")
    environment = {"CIN_DATA_DIR": str(paths.data), "CIN_BUILD_DIR": str(paths.build)}
    for command in ("ingest", "build"):
        done = cin([command], environment)
        assert done.returncode == 0, done.stdout + done.stderr
    return paths


def _read(landing: Path, table: str) -> str:
    return (
        f"read_parquet('{landing / table}/*/*/*.parquet', hive_partitioning = true, "
        "hive_types = {'census_year': varchar, 'la_number': varchar})"
    )


@pytest.mark.parametrize("table", [table.name for table in CENSUS_TABLES])
def test_every_value_lands_the_same(small_england: Paths, from_returns: Paths, table: str) -> None:
    with duckdb.connect() as connection:
        found = compare(
            connection,
            _read(small_england.landing, table),
            _read(from_returns.landing, table),
            left_out=ORIGIN,
            shows_values=False,
        )
    assert found.is_same, found
    assert (found.n_one > 0) == (table != "cin_plans"), "the census of 2019 has all but CIN plans"


def test_reviews_are_not_lost(from_returns: Paths) -> None:
    """Half the authorities group them by plan, half write one block each; every date is there."""
    written = sum(
        path.read_text("utf-8").count("<CPPreviewDate>")
        for path in from_returns.data.glob("census/*/returns/*.xml")
    )
    with duckdb.connect() as connection:
        ((landed,),) = connection.execute(
            f"select count(*) from {_read(from_returns.landing, 'cpp_reviews')}"  # noqa: S608
        ).fetchall()
    assert landed == written > 0


def test_every_mart_is_the_same_row_for_row(small_england: Paths, from_returns: Paths) -> None:
    marts = project_marts(small_england.project)
    found = parity(small_england.warehouse, from_returns.warehouse, marts, OF_THE_FILES)
    assert found.is_same, "\n".join(parity_lines(found))
    assert sum(mart.compared.n_one for mart in found.marts if mart.compared) > 100_000
