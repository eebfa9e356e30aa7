"""One table and all it is built from, in a database in memory: what `dbt build +table` would make.

Every step that cannot run is an error: a rule that did not run never counts as passed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import duckdb

from common_py.engine import build_config
from common_py.errors import CinError
from common_py.progress import Progress
from validate_py.definitions import Definitions, Node
from validate_py.rendering import DATABASE, Rendered, Renderer, relation

_STEP = "run rules"
_WITHOUT = "the rules did not all run"


@dataclass(frozen=True)
class Plan:
    """What has to be made, in order.

    Attributes
    ----------
    sources
        The statement that makes each landed table readable.
    seeds
        The seeds to load.
    models
        The models and their queries, each after all that it reads.
    views
        Names of the models that only one other reads: storing them would take longer than
        reading through them.
    """

    sources: tuple[str, ...]
    seeds: tuple[Node, ...]
    models: tuple[tuple[Node, str], ...]
    views: frozenset[str]


def plan(
    definitions: Definitions,
    targets: Sequence[str],
    landing: Path,
    variables: Mapping[str, Any] | None = None,
) -> Plan:
    """Render the targets and everything above them.

    Parameters
    ----------
    definitions
        The project.
    targets
        Names of models.
    landing
        The folder of landed tables.
    variables
        Settings that override those of `dbt_project.yml`.

    Raises
    ------
    CinError
        If a model cannot be rendered.
    """
    renderer = Renderer(definitions, variables)
    ordered: dict[str, Rendered] = {}
    for target in targets:
        _visit(target, definitions, renderer, ordered)
    tables = dict.fromkeys(table for one in ordered.values() for table in one.sources)
    reads = Counter(name for one in ordered.values() for name in one.refs)
    return Plan(
        sources=tuple(
            renderer.macro("landing_view", landing.as_posix(), _namespace(definitions.sources[at]))
            for at in tables
        ),
        seeds=tuple(definitions.seeds[name] for name in reads if name in definitions.seeds),
        models=tuple((definitions.models[name], one.sql) for name, one in ordered.items()),
        views=frozenset(name for name in ordered if reads[name] == 1) - set(targets),
    )


def _visit(
    name: str, definitions: Definitions, renderer: Renderer, ordered: dict[str, Rendered]
) -> None:
    if name in ordered or name in definitions.seeds:
        return
    rendered = renderer.render(name)
    for other in rendered.refs:
        _visit(other, definitions, renderer, ordered)
    ordered[name] = rendered


def open_memory() -> duckdb.DuckDBPyConnection:
    """Open a database in memory under the name that the models' queries say."""
    connection = duckdb.connect(config=build_config())
    connection.execute(f"attach ':memory:' as {DATABASE}")
    connection.execute(f"use {DATABASE}")
    return connection


def build(
    connection: duckdb.DuckDBPyConnection,
    todo: Plan,
    progress: Progress,
    step: str = _STEP,
    without: str = _WITHOUT,
) -> None:
    """Make everything of a plan.

    Parameters
    ----------
    step
        What progress calls it.
    without
        What did not happen where a part of it cannot be made.

    Raises
    ------
    CinError
        If any part of it fails, named by its model.
    """
    schemas = {"landing", *(n.schema for n in todo.seeds), *(n.schema for n, _ in todo.models)}
    for schema in sorted(schemas):
        connection.execute(f'create schema if not exists "{schema}"')
    for statement in todo.sources:
        _run(connection, statement, "the landed rows", without)
    for seed in todo.seeds:
        _load(connection, seed, without)
    for done, (model, query) in enumerate(todo.models):
        progress(step, done, len(todo.models))
        kind = "view" if model.name in todo.views else "table"
        name = relation(model.schema, model.name)
        _run(connection, f"create {kind} {name} as (\n{query}\n)", model.name, without)
    progress(step, len(todo.models), len(todo.models))


def _load(connection: duckdb.DuckDBPyConnection, seed: Node, without: str) -> None:
    """Load a seed with the types that its YAML declares; text for a column that declares none."""
    with seed.path.open(encoding="utf-8") as stream:
        names = stream.readline().strip().split(",")
    columns = ", ".join(f'"{name}" {seed.column_types.get(name, "varchar")}' for name in names)
    name = relation(seed.schema, seed.name)
    _run(connection, f"create table {name} ({columns})", seed.name, without)
    path = str(seed.path).replace("'", "''")
    copy = f"copy {name} from '{path}' (format csv, header true)"
    _run(connection, copy, seed.name, without)


def _run(connection: duckdb.DuckDBPyConnection, statement: str, what: str, without: str) -> None:
    try:
        connection.execute(statement)
    except duckdb.Error as error:
        # The engine's own message may hold a value of a child: its kind is enough to report.
        raise CinError(
            f"{what} could not be made ({type(error).__name__}), so {without}",
            remedy="see what `cin build` says about this model; nothing was written",
        ) from None


def _namespace(value: Any) -> Any:
    if isinstance(value, Mapping):
        return _Attributes({key: _namespace(one) for key, one in value.items()})
    return value


class _Attributes(SimpleNamespace):
    """Attributes of a source; one that is not declared is empty."""

    def __init__(self, values: Mapping[str, Any]) -> None:
        super().__init__(**values)

    def __getattr__(self, name: str) -> str:
        return ""
