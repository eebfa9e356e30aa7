"""Writing `estimates`: one transaction that replaces what stood for the census year.

One run is kept per census year: the latest, and the latest on public counts beside it. An older
run of the same year and kind is deleted in the transaction that writes the new one, so a reader
sees either, whole. Estimates of an earlier build are recognised by `runs.build_id`, which report
and release compare.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb
import pyarrow as pa

from analysis_py.cells import Cell, CellNote
from analysis_py.design import SQL_FOLDER, named
from analysis_py.job import Content
from analysis_py.specs import TableSpec
from common_py.errors import CinError
from common_py.warehouse import rows, sql, writing

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

#: What `runs.dataset` says of runs on counts that DfE published, beside synthetic and real.
PUBLIC = "public"

#: The tables of `estimates` besides `runs`, as `estimates_tables.sql` makes them.
TABLES = (
    "fits",
    "coefficients",
    "cells",
    "cell_notes",
    "sensitivities",
    "sensitivity_fits",
    "tests",
    "la_gradients",
    "la_gradient_lines",
    "figure_02_bins",
    "figure_02_lines",
    "figure_points",
    "figure_lines",
    "correlations",
    "domains",
    "indices",
    "timings",
)

_ARROW = {
    "VARCHAR": pa.string(),
    "BIGINT": pa.int64(),
    "INTEGER": pa.int32(),
    "DOUBLE": pa.float64(),
    "BOOLEAN": pa.bool_(),
    "TIMESTAMP": pa.timestamp("us"),
}


@dataclass(frozen=True)
class Run:
    """One row of `estimates.runs`."""

    run_id: str
    build_id: str
    dataset: str
    census_year: int
    domain: str
    settings_hash: str
    started_at: datetime


def write_estimates(
    warehouse: Path, run: Run, content: Content, queries: Sequence[TableSpec] = ()
) -> int:
    """Replace the estimates of the run's census year, all or nothing.

    Parameters
    ----------
    content
        Rows by table of `estimates`.
    queries
        Tables whose cells are what their SQL says of marts and of this run's estimates.

    Returns
    -------
    int
        Cells written.

    Raises
    ------
    CinError
        If the warehouse is held by another program, its `estimates` tables have other
        columns, or it was rebuilt while the models were being fitted.
    """
    try:
        with writing(warehouse) as connection:
            _refuse_rebuilt(connection, run)
            connection.execute(sql(SQL_FOLDER, "estimates_tables"))
            _delete_year(connection, run)
            _insert(connection, "runs", [_as_dict(run)])
            for name in TABLES:
                _write(connection, run, name, content.get(name, ()))
            n_cells = len(content.get("cells", ()))
            for table in queries:
                cells, notes = queried(connection, run, table)
                _write(connection, run, "cells", cells)
                _write(connection, run, "cell_notes", notes)
                n_cells += len(cells)
            return n_cells
    except duckdb.BinderException as error:
        raise CinError(
            "the tables of `estimates` were made by another version of this project",
            file=str(warehouse),
            remedy="run `cin build`, which makes a new warehouse, then `cin fit`",
        ) from error


def queried(
    connection: duckdb.DuckDBPyConnection, run: Run, table: TableSpec
) -> tuple[list[Cell], list[CellNote]]:
    """Return the cells of a table without models: what its query says, in the spec's order."""
    found: dict[tuple[str, str], dict[str, Any]] = {}
    for name in table.query:
        text = sql(SQL_FOLDER, name)
        parameters = named(text, run.census_year, {"run_id": run.run_id})
        found |= {
            (row["row_label"], row["statistic"]): row for row in rows(connection, text, parameters)
        }
    cells, notes = [], []
    for row in table.rows:
        for column in table.columns_of(row):
            place = (table.table_no, row.label, column.statistic)
            said = found.get((row.label, column.statistic), {})
            numbers = (said.get("value"), said.get("ci_low"), said.get("ci_high"))
            reason = said.get("reason") or ""
            if numbers == (None, None, None) and not reason:
                reason = "the warehouse holds nothing that says it"
            cells.append(Cell(*place, *numbers))
            n_events = said.get("n_events")
            notes.append(
                CellNote(*place, column.how, None, n_events, None, None, None, False, reason)
            )
    return cells, notes


def _refuse_rebuilt(connection: duckdb.DuckDBPyConnection, run: Run) -> None:
    """Refuse to write estimates beside marts that they were not computed from."""
    found = rows(connection, "select cast(build_id as varchar) as build_id from quality.rpt_build")
    if [row["build_id"] for row in found] != [run.build_id]:
        raise CinError(
            "the warehouse was rebuilt while the models were being fitted",
            remedy="run `cin fit` again",
        )


def _delete_year(connection: duckdb.DuckDBPyConnection, run: Run) -> None:
    """Delete what stood for the year: of public counts, or of the census, as the run is."""
    for name in (*TABLES, "runs"):
        connection.execute(
            f"delete from estimates.{name} where run_id in "  # noqa: S608 (our own table names)
            "(select run_id from estimates.runs where census_year = $census_year "
            "and (dataset = 'public') = $is_public)",
            {"census_year": run.census_year, "is_public": run.dataset == PUBLIC},
        )


def _write(
    connection: duckdb.DuckDBPyConnection,
    run: Run,
    name: str,
    content: Sequence[DataclassInstance],
) -> None:
    _insert(connection, name, [{"run_id": run.run_id} | _as_dict(one) for one in content])


def _insert(
    connection: duckdb.DuckDBPyConnection, name: str, content: Sequence[dict[str, Any]]
) -> None:
    """Insert rows by column name; cells meet their published and planted values in SQL."""
    if not content:
        return
    described = connection.execute(f"describe estimates.{name}").fetchall()
    types = {column[0]: column[1] for column in described}
    schema = pa.schema([(key, _ARROW[types[key]]) for key in content[0]])
    connection.register("new_rows", pa.Table.from_pylist(list(content), schema=schema))
    source = sql(SQL_FOLDER, "cells_with_reference") if name == "cells" else "from new_rows"
    connection.execute(f"insert into estimates.{name} by name {source}")
    connection.unregister("new_rows")


def _as_dict(row: DataclassInstance) -> dict[str, Any]:
    return {field.name: getattr(row, field.name) for field in fields(row)}
