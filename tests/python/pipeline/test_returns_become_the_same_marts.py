"""Synthetic census → XML → marts is the same as extract → marts, row for row. SYNTHETIC."""

from __future__ import annotations

import shutil
from pathlib import Path

import duckdb
import pytest

from common_py.paths import Paths
from ingest_py.landing_schema import CENSUS_TABLES
from synth_py.returns import write_returns
from tests.python.conftest import cin

pytestmark = pytest.mark.slow

ORIGIN = {"source_file", "source_row", "file_name", "file_sha256"}
SCHEMAS = ["core", "rates", "modelling", "quality"]
OF_THE_FILES = {"rpt_build", "rpt_ingest_ledger"}
"""Marts about the input files themselves, which are others."""


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


def _differing(connection: duckdb.DuckDBPyConnection, one: str, other: str) -> tuple[int, int]:
    """Return how many rows there are, and how many stand in one and not in the other.

    Doubles are held to 1e-9 of their size: the order in which threads add them is not fixed, so
    that the same build made twice differs in their last digits.
    """
    described = connection.execute(f"describe select * from {one}").fetchall()  # noqa: S608
    types = {row[0]: row[1] for row in described if row[0] not in ORIGIN}
    doubles = [f'"{name}"' for name, kind in types.items() if kind == "DOUBLE"]
    exact = [f'"{name}"' for name, kind in types.items() if kind != "DOUBLE"]
    first, second = (f"select {', '.join(exact)} from {at}" for at in (one, other))  # noqa: S608
    ((n, only_one, only_other),) = connection.execute(
        f"select (select count(*) from {one}), "  # noqa: S608 - our own tables
        f"(select count(*) from ({first} except all {second})), "
        f"(select count(*) from ({second} except all {first}))"
    ).fetchall()
    if not doubles:
        return n, only_one + only_other
    same = " and ".join(f"a.{name} is not distinct from b.{name}" for name in exact)
    far = " or ".join(
        f"(a.{name} is null) <> (b.{name} is null) "
        f"or abs(a.{name} - b.{name}) > 1e-9 * abs(a.{name})"
        for name in doubles
    )
    ((n_far,),) = connection.execute(
        f"select count(*) from {one} as a inner join {other} as b on {same} where {far}"  # noqa: S608
    ).fetchall()
    return n, only_one + only_other + n_far


@pytest.mark.parametrize("table", [table.name for table in CENSUS_TABLES])
def test_every_value_lands_the_same(small_england: Paths, from_returns: Paths, table: str) -> None:
    with duckdb.connect() as connection:
        n, n_differing = _differing(
            connection, _read(small_england.landing, table), _read(from_returns.landing, table)
        )
    assert n_differing == 0
    assert (n > 0) == (table != "cin_plans"), "the census of 2019 has all but CIN plans"


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
    with duckdb.connect() as connection:
        for name, paths in (("tables", small_england), ("returns", from_returns)):
            connection.execute(f"attach '{paths.warehouse}' as \"{name}\" (read_only)")
        marts = connection.execute(
            "select table_schema || '.' || table_name, table_name from information_schema.tables "
            "where table_catalog = 'tables' and table_type = 'BASE TABLE' "
            "and table_schema in (select unnest(?)) order by all",
            [SCHEMAS],
        ).fetchall()
        compared = {
            mart: _differing(connection, f'"tables".{mart}', f'"returns".{mart}')
            for mart, name in marts
            if name not in OF_THE_FILES
        }
    assert {mart: n for mart, (_, n) in compared.items() if n} == {}
    assert len(compared) >= 20
    assert sum(n for n, _ in compared.values()) > 100_000
