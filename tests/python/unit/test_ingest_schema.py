"""Every declared table exists in landing, and the dbt sources declare the same tables."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from common_py.yaml_text import from_yaml
from ingest_py.landing_schema import BY_NAME, PARTITION, TABLES, header_index, plain
from tests.python.ingest_world import EXTRACT, World
from tests.python.tiny_census import COLUMNS, KEYS

_DBT_TYPES = {"varchar": pa.string(), "bigint": pa.int64()}


def test_every_declared_table_has_a_zero_row_file_with_its_schema(tmp_path: Path) -> None:
    world = World(tmp_path).tiny()
    world.ingest()
    for table in TABLES:
        below = "census_year=none/la_number=none/" if table.partitioned else ""
        file = world.landing / table.name / f"{below}schema.parquet"
        stored = pq.read_table(file.open("rb"), partitioning=None)
        assert stored.num_rows == 0
        assert stored.schema.equals(table.schema), table.name


def test_an_extract_without_section47_lands_the_empty_table(tmp_path: Path) -> None:
    world = World(tmp_path).tiny()
    (world.data / EXTRACT / "section47.csv").unlink()
    report = world.ingest()
    assert report.ok, report.messages
    assert world.count("section47") == 0
    assert world.count("referrals") > 0


def test_column_lists_are_those_of_the_census_design() -> None:
    for name, columns in COLUMNS.items():
        own = [c.name for c in BY_NAME[name].input_columns]
        assert own == ["census_year", "la_number", *KEYS[name], *columns]


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_no_two_columns_of_a_table_are_recognised_by_one_header(table: object) -> None:
    from ingest_py.landing_schema import Table, accepted_names  # noqa: PLC0415

    assert isinstance(table, Table)
    names = [plain(n) for column in table.input_columns for n in set(accepted_names(column))]
    assert len(header_index(table)) == len(set(names))
    by_column: dict[str, str] = {}
    for column in table.input_columns:
        for name in accepted_names(column):
            assert by_column.setdefault(plain(name), column.name) == column.name


def test_dbt_sources_declare_the_landing_tables(project: Path) -> None:
    declared = {}
    for path in sorted((project / "models" / "staging").rglob("*.yml")):
        for source in (from_yaml(path.read_text(encoding="utf-8")) or {}).get("sources", []):
            for table in source["tables"]:
                declared[table.get("identifier", table["name"])] = {
                    column["name"]: _DBT_TYPES[column["data_type"]] for column in table["columns"]
                }
    if not declared:
        pytest.skip("no dbt sources here")
    assert sorted(declared) == sorted(BY_NAME)
    for table in TABLES:
        ours = {field.name: field.type for field in table.schema}
        partition = {column.name: pa.string() for column in PARTITION if table.partitioned}
        assert declared[table.name] == partition | ours, table.name
