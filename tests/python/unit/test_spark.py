"""What is refused before Spark starts, and what passes the door into a warehouse file."""

from __future__ import annotations

import json
import socket
import stat
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from common_py.errors import CinError
from common_py.paths import Paths
from common_py.progress import silent
from pipeline_py import spark
from pipeline_py.door import carry
from pipeline_py.spark import SparkSettings, check_spark
from pipeline_py.spark_build import build_on_spark


@pytest.fixture
def paths(tmp_path: Path) -> Paths:
    build = tmp_path / "build"
    return Paths(tmp_path, tmp_path / "data", build, build / "landing", build / "warehouse.duckdb")


@pytest.fixture
def settings(paths: Paths) -> SparkSettings:
    return SparkSettings.find(paths, {})


@pytest.fixture
def java(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """A Java that says what it is told to say, and packages that are there."""
    program = tmp_path / "home" / "bin" / "java"
    program.parent.mkdir(parents=True)

    def says(words: str) -> None:
        program.write_text(f"#!/bin/sh\necho '{words}' >&2\n", "utf-8")
        program.chmod(stat.S_IRWXU)
        monkeypatch.setenv("JAVA_HOME", str(tmp_path / "home"))

    monkeypatch.setattr(spark, "find_spec", lambda _: object())
    return says


def test_without_the_extra_its_lock_is_named(
    settings: SparkSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(spark, "find_spec", lambda _: None)
    with pytest.raises(CinError, match=r"pyspark and dbt-spark not installed") as refused:
        check_spark(settings)
    assert "requirements-spark.lock" in str(refused.value.remedy)


def test_without_java_it_is_asked_for(
    settings: SparkSettings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(spark, "find_spec", lambda _: object())
    monkeypatch.setenv("JAVA_HOME", str(tmp_path))
    with pytest.raises(CinError, match=r"no Java in JAVA_HOME") as refused:
        check_spark(settings)
    assert "install Java 17" in str(refused.value.remedy)


@pytest.mark.parametrize(
    ("words", "is_enough"),
    [
        ('openjdk version "17.0.15" 2025-04-15', True),
        ('openjdk version "21" 2023-09-19', True),
        ('java version "1.8.0_402"', False),
        ('openjdk version "11.0.22" 2024-01-16', False),
        ("no version at all", False),
    ],
)
def test_an_old_java_is_refused(
    settings: SparkSettings, java: Callable[[str], None], words: str, is_enough: bool
) -> None:
    java(words)
    if is_enough:
        check_spark(settings)
        return
    with pytest.raises(CinError, match="too old for Spark"):
        check_spark(settings)
    assert not Path(settings.next_folder).exists()


def test_a_master_that_does_not_answer_is_named(
    settings: SparkSettings, java: Callable[[str], None]
) -> None:
    java('openjdk version "17.0.15"')
    with socket.socket() as taken:  # bound, and nobody listens
        taken.bind(("127.0.0.1", 0))
        master = f"spark://127.0.0.1:{taken.getsockname()[1]}"
        with pytest.raises(CinError, match=f"no Spark master answers at {master}"):
            check_spark(replace(settings, master=master))
        taken.listen()
        check_spark(replace(settings, master=master))


@pytest.mark.parametrize("master", ["lokal[2]", "local[two]", "spark://", "http://a:1", ""])
def test_what_is_no_master_is_refused(
    settings: SparkSettings, java: Callable[[str], None], master: str
) -> None:
    java('openjdk version "17.0.15"')
    with pytest.raises(CinError, match="is not a Spark master"):
        check_spark(replace(settings, master=master))


@pytest.mark.parametrize("master", ["local", "local[*]", "local[2]", "local-cluster[2,1,2048]"])
def test_masters_of_this_machine_need_no_answer(
    settings: SparkSettings, java: Callable[[str], None], master: str
) -> None:
    java('openjdk version "17.0.15"')
    check_spark(replace(settings, master=master))
    assert Path(settings.next_folder).is_dir()


def test_a_folder_that_cannot_be_written_is_named(
    paths: Paths, java: Callable[[str], None], tmp_path: Path
) -> None:
    java('openjdk version "17.0.15"')
    (tmp_path / "file").write_text("no folder", "utf-8")
    settings = SparkSettings.find(paths, {"CIN_SPARK_WAREHOUSE": str(tmp_path / "file" / "spark")})
    with pytest.raises(CinError, match="cannot be written") as refused:
        check_spark(settings)
    assert "CIN_SPARK_WAREHOUSE" in str(refused.value.remedy)


def test_a_folder_of_something_else_is_left_alone(
    paths: Paths, java: Callable[[str], None], tmp_path: Path
) -> None:
    java('openjdk version "17.0.15"')
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "letter.txt").write_text("keep me", "utf-8")
    settings = SparkSettings.find(paths, {"CIN_SPARK_WAREHOUSE": str(tmp_path / "mine")})
    with pytest.raises(CinError, match="holds more than Spark's databases"):
        check_spark(settings)
    assert (tmp_path / "mine" / "letter.txt").read_text("utf-8") == "keep me"


def test_what_is_refused_leaves_the_warehouse(
    paths: Paths, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(spark, "find_spec", lambda _: None)
    paths.build.mkdir()
    paths.warehouse.write_bytes(b"as it was")
    with pytest.raises(CinError, match="not installed"):
        build_on_spark(paths, unit_tests=False, progress=silent)
    assert [one.name for one in paths.build.iterdir()] == ["warehouse.duckdb"]
    assert paths.warehouse.read_bytes() == b"as it was"


def test_tables_at_a_url_have_a_folder_for_each_build(paths: Paths) -> None:
    found = [
        SparkSettings.find(paths, {"CIN_SPARK_WAREHOUSE": "s3a://store/cin/"}) for _ in range(2)
    ]
    assert all(one.is_url and one.next_folder.startswith("s3a://store/cin/build_") for one in found)
    assert found[0].next_folder != found[1].next_folder


class Door:
    """A warehouse with a table and a seed as DuckDB makes them, and what Spark wrote."""

    def __init__(self, folder: Path) -> None:
        self.spark, self.file = folder / "spark", folder / "warehouse.duckdb"
        self.manifest = folder / "manifest.json"
        with duckdb.connect(str(self.file)) as connection:
            connection.execute(
                "create schema core; create schema staging; create schema restricted;"
                "create table core.t (n bigint not null, x double, d date, s varchar);"
                "create table staging.codes (code varchar); insert into staging.codes values ('a')"
            )
        nodes = [
            self._node("core", "t", "model", materialized="table"),
            self._node("core", "seen_through", "model", materialized="view"),
            self._node("staging", "codes", "seed"),
            self._node("restricted", "failures", "test", store_failures=True),
            self._node("restricted", "not_kept", "test"),
        ]
        self.manifest.write_text(json.dumps({"nodes": dict(enumerate(nodes))}), "utf-8")
        self.write(
            "core", "t", {"s": ["é"], "n": pa.array([1], pa.int32()), "x": [0.5], "d": [None]}
        )
        self.write("staging", "codes", {"code": ["a"]})
        self.write("restricted", "failures", {"source_file": ["f.csv"]})

    @staticmethod
    def _node(schema: str, alias: str, kind: str, **config: object) -> dict[str, object]:
        return {"schema": f"cin_{schema}", "alias": alias, "resource_type": kind, "config": config}

    def write(self, schema: str, name: str, columns: dict[str, object]) -> None:
        place = self.spark / f"cin_{schema}.db" / name
        place.mkdir(parents=True, exist_ok=True)
        table = pa.table(columns)
        if "d" in columns:
            at = table.schema.get_field_index("d")
            table = table.set_column(at, "d", table["d"].cast(pa.date32()))
        pq.write_table(table, place / "part-0.parquet")
        (place / "_SUCCESS").touch()

    def carry(self) -> int:
        return carry(str(self.spark), self.manifest, self.file, silent)

    def rows(self, query: str) -> list[tuple[object, ...]]:
        with duckdb.connect(str(self.file), read_only=True) as connection:
            return connection.execute(query).fetchall()


@pytest.fixture
def door(tmp_path: Path) -> Door:
    return Door(tmp_path)


def test_rows_pass_in_the_columns_and_types_of_duckdb(door: Door) -> None:
    assert door.carry() == 3
    assert door.rows("from core.t") == [(1, 0.5, None, "é")]
    assert [row[1] for row in door.rows("describe core.t")] == [
        "BIGINT",
        "DOUBLE",
        "DATE",
        "VARCHAR",
    ]
    assert door.rows("from restricted.failures") == [("f.csv",)]
    assert door.rows("from staging.codes") == [("a",)]


def test_tables_at_a_url_are_read_through_pyarrow(door: Door) -> None:
    assert carry(door.spark.as_uri(), door.manifest, door.file, silent) == 3
    assert door.rows("select n from core.t") == [(1,)]


@pytest.mark.parametrize(
    ("columns", "words"),
    [
        ({"n": [1], "x": [0.5], "d": [None]}, "other columns on Spark: s"),
        ({"n": [1.5], "x": [0.5], "d": [None], "s": ["a"]}, "n is DOUBLE, not BIGINT"),
        ({"n": [1], "x": ["0.5"], "d": [None], "s": ["a"]}, "x is VARCHAR, not DOUBLE"),
        (
            {"n": pa.array([None], pa.int64()), "x": [0.5], "d": [None], "s": ["CANARY"]},
            "breaks what core.t promises",
        ),
    ],
)
def test_what_does_not_fit_does_not_pass(
    door: Door, columns: dict[str, object], words: str
) -> None:
    door.write("core", "t", columns)
    with pytest.raises(CinError, match=words) as refused:
        door.carry()
    assert "CANARY" not in str(refused.value)
    assert door.rows("from core.t") == []
    assert door.rows("select table_name from duckdb_tables() where table_name = 'failures'") == []


def test_a_seed_that_differs_is_refused(door: Door) -> None:
    door.write("staging", "codes", {"code": ["it''s"]})
    with pytest.raises(CinError, match=r"2 rows of the seed staging\.codes differ"):
        door.carry()


def test_a_table_that_is_missing_is_named(door: Door) -> None:
    (door.spark / "cin_core.db" / "t").rename(door.spark / "elsewhere")
    with pytest.raises(CinError, match=r"core\.t is not there") as refused:
        door.carry()
    assert "cin_core.db/t" in str(refused.value)
