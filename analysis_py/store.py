"""Writing `estimates`: one transaction that replaces what stood for the census year.

One run is kept per census year: the latest. An older run of the same year is deleted in the
transaction that writes the new one, so a reader sees either, whole. Estimates of an earlier
build are recognised by `runs.build_id`, which report and release compare.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb
import pyarrow as pa

from analysis_py.design import SQL_FOLDER
from analysis_py.figures import Band, RateLine
from analysis_py.fitting import RowResult
from analysis_py.gradients import GradientLine, LaGradient
from common_py.errors import CinError
from common_py.warehouse import rows, sql, writing

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

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


@dataclass(frozen=True)
class Estimates:
    """Everything that one run writes."""

    run: Run
    results: tuple[RowResult, ...]
    gradients: tuple[LaGradient, ...]
    gradient_lines: tuple[GradientLine, ...]
    bands: tuple[Band, ...]
    rate_lines: tuple[RateLine, ...]


def write_estimates(warehouse: Path, estimates: Estimates) -> None:
    """Replace the estimates of the run's census year, all or nothing.

    Raises
    ------
    CinError
        If the warehouse is held by another program, its `estimates` tables have other
        columns, or it was rebuilt while the models were being fitted.
    """
    results = estimates.results
    tables: tuple[tuple[str, Sequence[DataclassInstance]], ...] = (
        ("fits", [result.fit for result in results]),
        ("coefficients", [one for result in results for one in result.coefficients]),
        ("cells", [one for result in results for one in result.cells]),
        ("la_gradients", estimates.gradients),
        ("la_gradient_lines", estimates.gradient_lines),
        ("figure_02_bins", estimates.bands),
        ("figure_02_lines", estimates.rate_lines),
    )
    run = estimates.run
    try:
        with writing(warehouse) as connection:
            _refuse_rebuilt(connection, run)
            connection.execute(sql(SQL_FOLDER, "estimates_tables"))
            _delete_year(connection, run.census_year, [name for name, _ in tables])
            _insert(connection, "runs", [_as_dict(run)])
            for name, content in tables:
                _insert(
                    connection, name, [{"run_id": run.run_id} | _as_dict(one) for one in content]
                )
    except duckdb.BinderException as error:
        raise CinError(
            "the tables of `estimates` were made by another version of this project",
            file=str(warehouse),
            remedy="run `cin build`, which makes a new warehouse, then `cin fit`",
        ) from error


def _refuse_rebuilt(connection: duckdb.DuckDBPyConnection, run: Run) -> None:
    """Refuse to write estimates beside marts that they were not computed from."""
    found = rows(connection, "select cast(build_id as varchar) as build_id from quality.rpt_build")
    if [row["build_id"] for row in found] != [run.build_id]:
        raise CinError(
            "the warehouse was rebuilt while the models were being fitted",
            remedy="run `cin fit` again",
        )


def _delete_year(
    connection: duckdb.DuckDBPyConnection, census_year: int, names: Sequence[str]
) -> None:
    for name in (*names, "runs"):
        connection.execute(
            f"delete from estimates.{name} where run_id in "  # noqa: S608 (our own table names)
            "(select run_id from estimates.runs where census_year = $census_year)",
            {"census_year": census_year},
        )


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
