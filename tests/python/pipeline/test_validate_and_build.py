"""`cin validate` and `cin build` run one set of rules: the same text, the same issues.

The rules are SQL models; validate renders them without dbt. Here its text is held to what dbt
compiled for the small England, model by model, and what it finds in a census with faults to what
dbt's tables hold.
SYNTHETIC.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import duckdb
import pytest

from common_py.paths import Paths
from common_py.progress import silent
from ingest_py import ingest
from pipeline_py.dbt import run_dbt, target_dir
from synth_py.faults_recipes import break_rows, load, save
from tests.python.once import our_turn_for_dbt
from tests.python.tiny_census import write_tiny
from validate_py.building import Plan, build, open_memory, plan
from validate_py.definitions import Definitions

TARGET = "rpt_validation_issues"
N_CHILDREN = 1_500


@pytest.fixture(scope="module")
def landing(project: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The landing of a tiny census with faults."""
    folder = tmp_path_factory.mktemp("faulty")
    data = write_tiny(folder / "data", ending="parquet", n_children=N_CHILDREN)
    extract = data / "census" / "2019" / "extract"
    with duckdb.connect() as connection:
        load(connection, extract)
        break_rows(connection, 2019, seed=1)
        save(connection, extract)
    paths = Paths(project, data, folder, folder / "landing", folder / "warehouse.duckdb")
    ingest(paths)
    return paths.landing


@pytest.fixture(scope="module")
def todo(project: Path, small_england: Paths) -> Plan:
    return plan(Definitions(project), [TARGET], small_england.landing)


@pytest.fixture(scope="module")
def built(
    project: Path, landing: Path, todo: Plan, tmp_path_factory: pytest.TempPathFactory
) -> Paths:
    """Those models made by dbt, from copies of their files: the others take long to parse."""
    house = tmp_path_factory.mktemp("house")
    copied = [
        *(project / name for name in ("dbt_project.yml", "profiles.yml")),
        *(path for name in ("macros", "seeds", "tests/data/generic")
          for path in (project / name).rglob("*.*")),
        *(path for kind in ("*__sources.yml", "*.md") for path in (project / "models").rglob(kind)),
        *(model.path for model, _ in todo.models),
        next((project / "models").rglob(f"{TARGET}.yml")),
    ]  # fmt: skip
    for path in copied:
        place = house / path.relative_to(project)
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(path, place)
    paths = Paths(house, house, house / "build", landing, house / "build" / "warehouse.duckdb")
    paths.build.mkdir()
    kinds = ("--exclude-resource-type", "test", "--exclude-resource-type", "unit_test")
    run_dbt(paths, ["build", "--select", f"+{TARGET}", *kinds], silent, paths.warehouse)
    return paths


@pytest.fixture(scope="module")
def both(project: Path, landing: Path, built: Paths) -> Iterator[duckdb.DuckDBPyConnection]:
    """What validate makes, and the warehouse as `built`."""
    with open_memory() as connection:
        build(connection, plan(Definitions(project), [TARGET], landing), silent)
        connection.execute(f"attach '{built.warehouse}' as built (read_only)")
        yield connection


def test_every_model_reads_as_dbt_compiles_it(
    project: Path, small_england: Paths, todo: Plan
) -> None:
    target = target_dir(small_england)
    with our_turn_for_dbt(small_england):
        manifest = json.loads((target / "manifest.json").read_text("utf-8"))
    schemas = {(n["resource_type"], n["name"]): n["schema"] for n in manifest["nodes"].values()}
    (compiled,) = (target / "compiled").iterdir()
    assert len(todo.models) > 20
    for model, query in todo.models:
        text = (compiled / model.path.relative_to(project)).read_text("utf-8")
        assert query.strip() == text.strip(), model.name
        assert model.schema == schemas["model", model.name]


@pytest.mark.slow
def test_the_same_issues_are_found(both: duckdb.DuckDBPyConnection) -> None:
    here, there = (f"{at}.restricted.{TARGET}" for at in ("warehouse", "built"))
    found = f"select count(*), count(distinct rule_code) from {here}"  # noqa: S608 - our own name
    ((n_issues, n_rules),) = both.execute(found).fetchall()
    assert n_issues > 4_000
    assert n_rules > 80
    assert difference(both, here, there) == 0


def test_seeds_are_loaded_as_dbt_loads_them(small_england: Paths, todo: Plan) -> None:
    assert todo.seeds
    with open_memory() as both:
        build(both, replace(todo, sources=(), models=()), silent)
        both.execute(f"attach '{small_england.warehouse}' as built (read_only)")
        for seed in todo.seeds:
            here, there = (f"{at}.{seed.schema}.{seed.name}" for at in ("warehouse", "built"))
            types = [both.execute(f"describe {name}").fetchall() for name in (here, there)]
            assert [row[:2] for row in types[0]] == [row[:2] for row in types[1]]
            assert difference(both, here, there) == 0


def difference(connection: duckdb.DuckDBPyConnection, one: str, other: str) -> int:
    """Rows that one table has and the other has not, either way round."""
    query = f"""
        select count(*) from (
            (from {one} except all from {other}) union all (from {other} except all from {one})
        )"""  # noqa: S608
    ((n,),) = connection.execute(query).fetchall()
    return int(n)
