"""One authority's marts: the warehouse's own models, rendered without dbt, tested, put in place."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import duckdb

from common_py.engine import build_config
from common_py.errors import CinError
from common_py.paths import Paths
from common_py.private import private
from common_py.progress import Progress
from common_py.warehouse import sql
from common_py.yaml_text import from_yaml
from local_py.areas import Areas
from query_py.ask import PRIVATE_SCHEMAS
from validate_py.building import Plan, build, plan
from validate_py.definitions import Definitions
from validate_py.rendering import DATABASE, Renderer

SQL_FOLDER = Path(__file__).parent / "sql"
TARGETS: Mapping[str, Sequence[str]] = from_yaml(
    Path(__file__).with_name("targets.yml").read_text(encoding="utf-8")
)
"""Which models one authority's site needs, and which data tests hold of it."""

_STEP = "build the marts"
_WITHOUT = "nothing was built; what stood before is as it was"


def build_marts(
    paths: Paths,
    definitions: Definitions,
    settings: Mapping[str, Any],
    areas: Areas,
    progress: Progress,
) -> int:
    """Make the marts beside those that stand there, test them, and put them in their place.

    Parameters
    ----------
    paths
        Of the authority's own folder, whose landing is made.
    definitions
        The project's models, seeds and tests.
    settings
        What overrides the settings of `dbt_project.yml`.
    areas
        The authority's own areas; they become `core.dim_local_area`.

    Returns
    -------
    int
        How many data tests the marts passed.

    Raises
    ------
    CinError
        If a model cannot be made, a test fails, or the warehouse is open in another program.
    """
    todo = _with_marts_as_tables(plan(definitions, TARGETS["models"], paths.landing, settings))
    made = paths.build / "next" / f"{DATABASE}.duckdb"
    with private():
        made.parent.mkdir(parents=True, exist_ok=True)
        _discard(made)
        connection = _open(made)
        try:
            build(connection, todo, progress, _STEP, _WITHOUT)
            connection.register("areas_file", areas.table)
            connection.execute(sql(SQL_FOLDER, "areas"))
            _test(connection, definitions, Renderer(definitions, settings), progress)
        finally:
            connection.close()
        _put_in_place(made, paths.warehouse)
    return len(TARGETS["tests"])


def _with_marts_as_tables(todo: Plan) -> Plan:
    """Let every mart be a table, as dbt makes it: analysts ask them where landing is shut."""
    schemas = {model.name: model.schema for model, _ in todo.models}
    views = frozenset(name for name in todo.views if schemas[name] in PRIVATE_SCHEMAS)
    return replace(todo, views=views)


def _open(file: Path) -> duckdb.DuckDBPyConnection:
    """Open the file to be built; its name is that of the database in the models' queries."""
    return duckdb.connect(str(file), config=build_config())


def _test(
    connection: duckdb.DuckDBPyConnection,
    definitions: Definitions,
    renderer: Renderer,
    progress: Progress,
) -> None:
    failed = []
    for done, name in enumerate(TARGETS["tests"]):
        progress("test the marts", done, len(TARGETS["tests"]))
        count = f"select count(*) from ({renderer.render_test(name).sql})"  # noqa: S608 - our own
        try:
            ((n_failures,),) = connection.execute(count).fetchall()
        except duckdb.Error as error:
            # The engine's own message may hold a value of a child.
            raise CinError(
                f"the data test {name} could not run ({type(error).__name__}); {_WITHOUT}",
                remedy="install the project again; if you changed a model, run `cin build`",
            ) from None
        if n_failures:
            words = definitions.test_words.get(name, {})
            failed.append(
                f"{name}: {n_failures} rows fail ({words.get('description', '')})\n"
                f"  remedy: {words.get('remedy') or 'look at the inputs that it names'}"
            )
    progress("test the marts", len(TARGETS["tests"]), len(TARGETS["tests"]))
    if failed:
        body = "\n".join(failed)
        raise CinError(f"the marts did not pass {len(failed)} data tests; {_WITHOUT}\n{body}")


def _put_in_place(made: Path, warehouse: Path) -> None:
    try:
        os.replace(made, warehouse)  # noqa: PTH105 - replaces on Windows too
        _discard(made)
    except PermissionError as error:
        raise CinError(
            "the warehouse of this authority is open in another program, so the new one could not "
            "take its place",
            file=str(warehouse),
            remedy="close it there (a SQL client, Power BI, a notebook) and run this again",
        ) from error


def _discard(file: Path) -> None:
    for stale in (file, file.with_name(f"{file.name}.wal")):
        stale.unlink(missing_ok=True)
