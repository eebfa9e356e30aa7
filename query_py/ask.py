"""One question in SQL, put to the warehouse without being able to change or leave it.

That the schemas about single children are refused guards against accident, not intent: who may
run this may open the file.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pyarrow as pa

from common_py.errors import CinError
from common_py.warehouse import read_build, reading

PRIVATE_SCHEMAS = frozenset({"staging", "intermediate", "restricted"})
"""Schemas whose rows are about single children, or on the way to the marts."""

_UNDERSTOOD = (duckdb.ParserException, duckdb.CatalogException, duckdb.BinderException)
_READS = duckdb.StatementType.SELECT


@dataclass(frozen=True)
class Answer:
    """What the warehouse answered, and what it was built from.

    Attributes
    ----------
    table
        The rows, in the order that the question asks for.
    build_id
        Of `quality.rpt_build`.
    is_synthetic
        Whether the numbers were drawn from a model, and are not about children.
    """

    table: pa.Table
    build_id: str
    is_synthetic: bool


def ask(warehouse: Path, question: str) -> Answer:
    """Answer one `select` over the marts.

    Parameters
    ----------
    warehouse
        The DuckDB file; it is opened read-only.
    question
        One statement that reads: `select`, `with`, `from`, `describe`, `summarize`.

    Raises
    ------
    CinError
        If there is no warehouse; if the question is no such statement, names what is not
        there, reads a file or a schema about single children; or if a value does not fit.
    """
    with locked(warehouse) as connection:
        build = read_build(connection)
        _refuse(connection, question)
        return Answer(_run(connection, question), build.build_id, build.is_synthetic)


@contextmanager
def locked(warehouse: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """Open the warehouse so that SQL can read it, and nothing else on the machine."""
    with reading(warehouse) as connection:
        connection.execute("set enable_external_access = false")
        connection.execute("set lock_configuration = true")
        yield connection


def _refuse(connection: duckdb.DuckDBPyConnection, question: str) -> None:
    """Raise unless the question is one statement that reads the marts."""
    try:
        statements = duckdb.extract_statements(question)
    except duckdb.Error as error:
        raise _misunderstood(error) from None
    if len(statements) != 1 or statements[0].type != _READS:
        raise CinError(
            "a question is one statement that reads", remedy="ask one `select`; nothing is changed"
        )
    for name in sorted(_tables(connection, question)):
        schema = name.rpartition(".")[0].rpartition(".")[2].strip('"')
        if schema.lower() in PRIVATE_SCHEMAS:
            raise CinError(
                f"{name} holds rows about single children, or rows on their way to the marts",
                remedy="ask the marts: core, rates, modelling, quality, disclosure, estimates "
                "(`show all tables` lists them); who must see single rows opens the warehouse "
                "itself, in the room",
            )


def _tables(connection: duckdb.DuckDBPyConnection, question: str) -> set[str]:
    """Return the tables that a question names, each with its schema."""
    try:
        return connection.get_table_names(question, qualified=True)
    except duckdb.BinderException as error:  # it knows no columns, and `using` asks for some
        text = "select json_serialize_sql(?)"
        ((parsed,),) = connection.execute(text, [question]).fetchall()
        tree = json.loads(parsed)
        if tree["error"]:
            raise _misunderstood(error) from None
        return set(_base_tables(tree))
    except duckdb.Error as error:
        raise _misunderstood(error) from None


def _base_tables(tree: object) -> Iterator[str]:
    """Walk a parsed statement."""
    if isinstance(tree, dict):
        if tree.get("type") == "BASE_TABLE":
            yield f"{tree['schema_name']}.{tree['table_name']}"
        for part in tree.values():
            yield from _base_tables(part)
    elif isinstance(tree, list):
        for part in tree:
            yield from _base_tables(part)


def _run(connection: duckdb.DuckDBPyConnection, question: str) -> pa.Table:
    try:
        return connection.execute(question).to_arrow_table()
    except duckdb.Error as error:
        raise _misunderstood(error) from None


def _misunderstood(error: duckdb.Error) -> CinError:
    """Say what was wrong; the database's own words only where they cannot quote a row."""
    if isinstance(error, duckdb.PermissionException):
        return CinError(
            "a question reads the warehouse alone, no file",
            remedy="put a file into the data folder and build, or open DuckDB yourself",
        )
    if isinstance(error, _UNDERSTOOD):
        return CinError(
            str(error).strip(),
            remedy="mend the question; `describe rates.fct_rates_la` shows a mart's columns, "
            "docs/data_dictionary.md what they mean",
        )
    kind = type(error).__name__.removesuffix("Exception")
    return CinError(
        f"the question could not be answered ({kind}); what the database says is left out, because "
        "it may quote a row",
        remedy="look for a cast (`try_cast` gives NULL), a division or a number that is too large",
    )
