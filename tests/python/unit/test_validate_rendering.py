"""Rendering without dbt: what is offered works as in dbt, and what cannot run is an error."""

from __future__ import annotations

from pathlib import Path

import pytest

from common_py.errors import CinError
from common_py.progress import silent
from ingest_py import landing
from validate_py.building import build, open_memory, plan
from validate_py.definitions import Definitions
from validate_py.rendering import Renderer

PROJECT = """
name: tiny
model-paths: [models]
seed-paths: [seeds]
macro-paths: [macros]
vars: {limit: 3}
models: {tiny: {inner: {+schema: middle, deep: {+schema: deepest}}}}
seeds: {tiny: {+schema: staging}}
"""
MACROS = """
{% macro outer(x) %}{{ return(inner(x) ~ '!') }}{% endmacro %}
{% macro inner(x) %}{{ return(adapter.dispatch('spelled', 'tiny')(x)) }}{% endmacro %}
{% macro default__spelled(x) %}default {{ x }}{% endmacro %}
{% macro duckdb__spelled(x) %}{{ return('duckdb ' ~ x) }}{% endmacro %}
{% macro landing_view(folder, table) %}select 1{% endmacro %}
"""


@pytest.fixture
def tiny(tmp_path: Path) -> Path:
    """A project of three models and a seed."""
    files = {
        "dbt_project.yml": PROJECT,
        "macros/all.sql": MACROS,
        "seeds/codes.csv": 'code,n\n001,1\n"a,b",\n',
        "seeds/codes.yml": (
            "seeds:\n  - name: codes\n    config: {column_types: {code: varchar, n: integer}}\n"
        ),
        "models/inner/first.sql": "select *, '{{ outer('x') }}' as t from {{ ref('codes') }}",
        "models/inner/deep/second.sql": "select * from {{ ref('first') }} limit {{ var('limit') }}",
        "models/third.sql": "select * from {{ ref('second') }}, {{ ref('first') }} as f",
    }
    for name, text in files.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    return tmp_path


def test_macros_return_through_each_other_and_dispatch(tiny: Path) -> None:
    renderer = Renderer(Definitions(tiny))
    assert renderer.macro("outer", "x") == "duckdb x!"
    assert "'duckdb x!' as t" in renderer.render("first").sql
    with pytest.raises(CinError, match="no macro nobody_knows"):
        renderer.macro("nobody_knows")


def test_schemas_are_those_of_the_deepest_folder(tiny: Path) -> None:
    models = Definitions(tiny).models
    assert {name: model.schema for name, model in models.items()} == {
        "first": "middle", "second": "deepest", "third": "main",
    }  # fmt: skip


def test_a_chain_is_built_in_order_with_typed_seeds(tiny: Path) -> None:
    todo = plan(Definitions(tiny), ["third"], tiny)
    assert [model.name for model, _ in todo.models] == ["first", "second", "third"]
    connection = open_memory()
    build(connection, todo, silent)
    rows = connection.execute("select code, n from middle.first order by code").fetchall()
    assert rows == [("001", 1), ("a,b", None)]
    assert connection.execute("select count(*) from main.third").fetchall() == [(4,)]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("select {{ nobody_knows() }}", "nobody_knows"),
        ("select '{{ nobody_knows }}'", "nobody_knows"),
        ("select * from {{ ref('nowhere') }}", "no model or seed nowhere"),
        ("select * from {{ source('no', 'where') }}", "no source no.where"),
        ("select {{ var('unset') }}", "no setting unset"),
        ("{{ exceptions.raise_compiler_error('not so') }}", "not so"),
    ],
)
def test_what_is_not_offered_is_an_error(tiny: Path, text: str, told: str) -> None:
    (tiny / "models" / "third.sql").write_text(text, "utf-8")
    with pytest.raises(CinError, match=told):
        plan(Definitions(tiny), ["third"], tiny)


@pytest.mark.parametrize("model", ["first", "third"])
def test_a_model_that_cannot_run_never_counts_as_passed(tiny: Path, model: str) -> None:
    path = next(tiny.rglob(f"{model}.sql"))
    path.write_text("select cast('SECRET' as integer) as n from {{ ref('codes') }}", "utf-8")
    todo = plan(Definitions(tiny), ["third"], tiny)
    with pytest.raises(CinError, match="rules did not all run") as caught:
        build(open_memory(), todo, silent)
    assert "SECRET" not in str(caught.value)


def test_a_landing_without_rows_breaks_no_rule(project: Path, tmp_path: Path) -> None:
    landing.write_schemas(tmp_path)
    todo = plan(Definitions(project), ["rpt_validation_issues"], tmp_path)
    connection = open_memory()
    build(connection, todo, silent)
    query = "select count(*) from restricted.rpt_validation_issues"
    assert connection.execute(query).fetchall() == [(0,)]
