"""`cin validate` and `cin build` run one set of rules: the same text, the same issues.

The rules are SQL models; validate renders them without dbt. Here its text is held to what dbt
compiled, model by model, and what it finds to what the warehouse holds.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager

import duckdb
import pytest

from common_py.paths import Paths
from common_py.progress import silent
from pipeline_py.dbt import run_dbt
from validate_py.building import Plan, build, open_memory, plan
from validate_py.definitions import Definitions

TARGET = "rpt_validation_issues"


@pytest.fixture(scope="module")
def todo(small_england: Paths) -> Plan:
    return plan(Definitions(small_england.project), [TARGET], small_england.landing)


def test_every_model_reads_as_dbt_compiles_it(small_england: Paths, todo: Plan) -> None:
    run_dbt(small_england, ["compile"], silent, small_england.warehouse)
    manifest = json.loads((small_england.build / "dbt" / "manifest.json").read_text("utf-8"))
    compiled = {node["name"]: node for node in manifest["nodes"].values()}
    assert len(todo.models) > 20
    for model, query in todo.models:
        node = compiled[model.name]
        assert query.strip() == node["compiled_code"].strip(), model.name
        assert model.schema == node["schema"]


def test_the_same_issues_are_found(small_england: Paths, todo: Plan) -> None:
    with both(small_england, todo) as connection:
        here, there = (f"{at}.restricted.{TARGET}" for at in ("warehouse", "built"))
        ((n,),) = connection.execute(f"select count(*) from {here}").fetchall()  # noqa: S608
        assert n > 0
        assert difference(connection, here, there) == 0


def test_seeds_are_loaded_as_dbt_loads_them(small_england: Paths, todo: Plan) -> None:
    assert todo.seeds
    with both(small_england, todo) as connection:
        for seed in todo.seeds:
            here, there = (f"{at}.{seed.schema}.{seed.name}" for at in ("warehouse", "built"))
            types = [connection.execute(f"describe {name}").fetchall() for name in (here, there)]
            assert [row[:2] for row in types[0]] == [row[:2] for row in types[1]]
            assert difference(connection, here, there) == 0


@contextmanager
def both(england: Paths, todo: Plan) -> Iterator[duckdb.DuckDBPyConnection]:
    """What validate makes, and the warehouse as `built`."""
    with open_memory() as connection:
        build(connection, todo, silent)
        connection.execute(f"attach '{england.warehouse}' as built (read_only)")
        yield connection


def difference(connection: duckdb.DuckDBPyConnection, one: str, other: str) -> int:
    """Rows that one table has and the other has not, either way round."""
    query = f"""
        select count(*) from (
            (from {one} except all from {other}) union all (from {other} except all from {one})
        )"""  # noqa: S608
    ((n,),) = connection.execute(query).fetchall()
    return int(n)
