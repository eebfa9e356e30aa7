"""The small England built by Spark: every mart is DuckDB's, and what reads them cannot tell."""

from __future__ import annotations

import importlib.util
import math
import os
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path

import duckdb
import pytest

from common_py.paths import Paths
from tests.python.conftest import PROJECT, cin

pytestmark = pytest.mark.slow

#: Differences of numbers of size one: what is left of the last digits of those is no part of them.
CENTRED = ("x1", "x2", "z")
LARGEST_REMAINDER = 1e-14
TOLERANCE = 1e-12


@pytest.fixture(scope="module")
def on_spark(small_england: Paths, tmp_path_factory: pytest.TempPathFactory) -> Paths:
    """The same landing, built by Spark with every unit test and data test."""
    if importlib.util.find_spec("pyspark") is None:
        pytest.skip("pyspark is not installed: pip install -r requirements-spark.lock")
    if shutil.which("java") is None and "JAVA_HOME" not in os.environ:
        pytest.skip("there is no Java")
    build = tmp_path_factory.mktemp("on_spark")
    places = {"CIN_BUILD_DIR": str(build), "CIN_LANDING_DIR": str(small_england.landing)}
    done = cin(["build", "--target", "spark", "--unit-tests"], places)
    assert done.returncode == 0, done.stdout + done.stderr
    return Paths(
        PROJECT, small_england.data, build, small_england.landing, build / "warehouse.duckdb"
    )


@pytest.fixture
def both(small_england: Paths, on_spark: Paths) -> Iterator[duckdb.DuckDBPyConnection]:
    """Both warehouses, for one test: fitting writes to what nobody else may hold."""
    with duckdb.connect() as connection:
        for name, paths in (("duck", small_england), ("spark", on_spark)):
            connection.execute(f"attach '{paths.warehouse.as_posix()}' as {name} (read_only)")
        yield connection


def _tables(connection: duckdb.DuckDBPyConnection, catalog: str) -> list[tuple[str, ...]]:
    """Return schema, table, column, type, nullability and description of every stored column."""
    return connection.execute(
        "select c.schema_name, c.table_name, c.column_name, c.data_type, c.is_nullable, c.comment "
        "from duckdb_columns() as c inner join duckdb_tables() as t "
        "using (database_name, schema_name, table_name) "
        "where c.database_name = $catalog and c.schema_name <> 'estimates' "
        "order by c.schema_name, c.table_name, c.column_index",
        {"catalog": catalog},
    ).fetchall()


def test_tables_columns_types_and_descriptions_are_the_same(
    both: duckdb.DuckDBPyConnection,
) -> None:
    found = _tables(both, "duck")
    assert len({row[:2] for row in found}) > 140
    assert _tables(both, "spark") == found


def test_every_table_has_the_same_rows(both: duckdb.DuckDBPyConnection) -> None:
    """Doubles are compared in the order of all the other columns, then of each other."""
    columns: dict[tuple[str, str], dict[str, str]] = {}
    for schema, table, column, kind, *_ in _tables(both, "duck"):
        columns.setdefault((schema, table), {})[column] = kind
    n_rows = 0
    for (schema, table), kinds in columns.items():
        names = [f'{one}."{schema}"."{table}"' for one in ("duck", "spark")]
        check = _check_doubles if "DOUBLE" in kinds.values() else _check_exactly
        n_rows += check(both, names, kinds)
    assert n_rows > 2_000_000


def _check_exactly(both: duckdb.DuckDBPyConnection, names: list[str], _: Mapping[str, str]) -> int:
    one, other = (f"from {name}" for name in names)
    differing = both.execute(f"({one} except all {other}) union all ({other} except all {one})")
    assert differing.fetchone() is None, f"{names[1]} differs"
    ((n_rows,),) = both.execute(f"select count(*) {one}").fetchall()
    return int(n_rows)


def _check_doubles(
    both: duckdb.DuckDBPyConnection, names: list[str], kinds: Mapping[str, str]
) -> int:
    """Compare rows in the order of all other columns, then of the doubles."""
    order = sorted(kinds, key=lambda name: kinds[name] == "DOUBLE")
    listed = ", ".join(f'"{name}"' for name in order)
    by = _rounded(order, kinds)
    queries = [f"select {listed} from {name} order by {by}" for name in names]  # noqa: S608 - own names
    rows, others = (both.execute(query).fetchall() for query in queries)
    assert len(rows) == len(others), f"{names[1]} differs in rows"
    for row, other in zip(rows, others, strict=True):
        for name, one, two in zip(order, row, other, strict=True):
            assert _is_same(name, one, two), f"{names[1]}.{name} differs"
    return len(rows)


def _rounded(order: list[str], kinds: Mapping[str, str]) -> str:
    return ", ".join(
        f'round("{name}", 9)' if kinds[name] == "DOUBLE" else f'"{name}"' for name in order
    )


def _is_same(name: str, one: object, two: object) -> bool:
    if not isinstance(one, float) or not isinstance(two, float):
        return one == two
    remainder = LARGEST_REMAINDER if name in CENTRED or name.endswith("_z") else 0.0
    return math.isclose(one, two, rel_tol=TOLERANCE, abs_tol=remainder)


def test_analysis_and_gate_read_it_unchanged(small_england: Paths, on_spark: Paths) -> None:
    """Estimates are equal to 1e-9: the models are fitted to the same rows."""
    places = {"CIN_BUILD_DIR": str(on_spark.build), "CIN_LANDING_DIR": str(on_spark.landing)}
    for command in ("gate", "fit"):
        done = cin([command], places)
        assert done.returncode == 0, done.stdout + done.stderr
    query = (
        "select spec_id, term, estimate, std_error from estimates.coefficients "
        "where estimate is not null order by spec_id, term, estimate"
    )
    found = [_rows(paths.warehouse, query) for paths in (small_england, on_spark)]
    assert len(found[0]) == len(found[1]) > 1000
    for one, two in zip(*found, strict=True):
        assert one[:2] == two[:2]
        assert one[2:] == pytest.approx(two[2:], rel=1e-9)


def _rows(warehouse: Path, query: str) -> list[tuple[object, ...]]:
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        return connection.execute(query).fetchall()
