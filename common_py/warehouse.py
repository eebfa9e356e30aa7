"""Opening the warehouse, running SQL files, and refusing what is not built."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
from numpy.typing import NDArray

from common_py.errors import CinError
from common_py.paths import BUILD_REMEDY, check_warehouse
from common_py.private import make_private, private


@dataclass(frozen=True)
class Build:
    """The row of `quality.rpt_build`: what built the warehouse, and its settings."""

    build_id: str
    dataset: str
    domain: str
    confidence_level: float
    settings: Mapping[str, str]

    @property
    def is_synthetic(self) -> bool:
        """Whether every number here was drawn from a model and not from children."""
        return self.dataset == "synthetic"


def sql(folder: Path, name: str) -> str:
    """Return the text of one SQL file, without its extension in `name`."""
    return (folder / f"{name}.sql").read_text(encoding="utf-8")


@contextmanager
def reading(warehouse: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """Open the warehouse read-only for the length of a `with` block.

    Raises
    ------
    CinError
        If there is no warehouse, or it cannot be opened.
    """
    check_warehouse(warehouse)
    connection = _connect(warehouse, read_only=True)
    try:
        yield connection
    finally:
        connection.close()


@contextmanager
def writing(warehouse: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """Open the warehouse for one transaction: all of the block is kept, or none of it.

    It and its journal are the owner's alone from then on, whoever built it.
    """
    make_private(warehouse)
    with private(), _written(warehouse) as connection:
        yield connection


@contextmanager
def _written(warehouse: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    connection = _connect(warehouse, read_only=False)
    try:
        connection.execute("begin transaction")
        try:
            yield connection
        except BaseException:
            connection.execute("rollback")
            raise
        connection.execute("commit")
    finally:
        connection.close()


def _connect(warehouse: Path, *, read_only: bool) -> duckdb.DuckDBPyConnection:
    try:
        return duckdb.connect(str(warehouse), read_only=read_only)
    except duckdb.IOException as error:
        raise CinError(
            "the warehouse cannot be opened; another program may be holding it",
            file=str(warehouse),
            remedy="close other programs that have it open, and run this again",
        ) from error


def rows(
    connection: duckdb.DuckDBPyConnection,
    text: str,
    parameters: Mapping[str, object] | None = None,
) -> list[dict[str, Any]]:
    """Run a query and return its rows as dictionaries.

    Raises
    ------
    CinError
        If a mart that it reads is absent.
    """
    cursor = _execute(connection, text, parameters)
    names = [column[0] for column in cursor.description or []]
    return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def arrays(
    connection: duckdb.DuckDBPyConnection,
    text: str,
    parameters: Mapping[str, object] | None = None,
) -> dict[str, NDArray[Any]]:
    """Run a query and return its columns as arrays of equal length, in its order.

    NULL is NaN in columns of doubles.
    """
    columns = _execute(connection, text, parameters).fetchnumpy()
    return {name: _filled(np.ma.asarray(values)) for name, values in columns.items()}


def _filled(values: NDArray[Any]) -> NDArray[Any]:
    if values.dtype.kind == "f":
        return np.ma.filled(values, np.nan)
    return np.ma.getdata(values)


def _execute(
    connection: duckdb.DuckDBPyConnection,
    text: str,
    parameters: Mapping[str, object] | None,
) -> duckdb.DuckDBPyConnection:
    try:
        return connection.execute(text, dict(parameters) if parameters else None)
    except (duckdb.CatalogException, duckdb.BinderException) as error:
        problem = str(error).splitlines()[0]
        raise CinError(
            f"a table or column that this step reads is not in the warehouse ({problem})",
            remedy=BUILD_REMEDY,
        ) from error


def read_build(connection: duckdb.DuckDBPyConnection) -> Build:
    """Read `quality.rpt_build`.

    Raises
    ------
    CinError
        If it is absent or does not hold exactly one row.
    """
    found = rows(connection, "select * from quality.rpt_build")
    if len(found) != 1:
        raise CinError(f"quality.rpt_build holds {len(found)} rows, not 1", remedy=BUILD_REMEDY)
    settings = {name: "" if value is None else str(value) for name, value in found[0].items()}
    return Build(
        build_id=settings["build_id"],
        dataset=settings["dataset"],
        domain=settings.get("deprivation_domain", "income"),
        confidence_level=float(settings.get("confidence_level") or 0.95),
        settings=settings,
    )
