"""One door to the marts of either engine: Spark's tables become those of a warehouse file.

DuckDB has made every table there already, empty, by the same models: so names, types, the order of
columns, constraints and descriptions are its own, and what reads the marts cannot tell who wrote
the rows. Only a value that fits its column unchanged passes.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.dataset as ds
import pyarrow.fs as pafs

from common_py.errors import CinError
from common_py.progress import Progress
from common_py.warehouse import writing

_WHOLE = {"TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT"}
_REMEDY = "a model differs between the engines: tell the maintainers which"
_PREFIX = "cin_"  # of Spark's databases: macros/build/generate_schema_name.sql


@dataclass(frozen=True)
class Table:
    """A table of the project: a model's, a seed's, or the stored failures of a test."""

    schema: str
    name: str
    kind: str

    def __str__(self) -> str:
        return f"{self.schema}.{self.name}"


def carry(written: str, manifest: Path, warehouse: Path, progress: Progress) -> int:
    """Put the rows of every table that Spark wrote into a warehouse file, or none of them.

    Parameters
    ----------
    written
        Folder or URL of Spark's databases.
    manifest
        dbt's, of the run that wrote them.
    warehouse
        The file, with every table as DuckDB makes it, without rows; seeds have theirs.

    Returns
    -------
    int
        How many rows.

    Raises
    ------
    CinError
        If a table is missing, a seed is another on Spark, or a value does not fit its column.
    """
    tables = list(_tables(json.loads(manifest.read_text("utf-8"))))
    n_rows = 0
    with writing(warehouse) as connection:
        for done, table in enumerate(tables):
            progress("carry the marts", done, len(tables))
            n_rows += _carry(connection, table, _open(written, table))
        progress("carry the marts", len(tables), len(tables))
    return n_rows


def _tables(manifest: Mapping[str, Any]) -> Iterator[Table]:
    for node in manifest["nodes"].values():
        kind = node["resource_type"]
        config = node["config"]
        is_stored = {
            "seed": True,
            "model": config.get("materialized") == "table",
            "test": bool(config.get("store_failures")),
        }
        if is_stored.get(kind):
            yield Table(node["schema"].removeprefix(_PREFIX), node["alias"], kind)


def _open(written: str, table: Table) -> ds.Dataset:
    place = f"{written}/{_PREFIX}{table.schema}.db/{table.name}"
    try:
        files, path = _filesystem(place)
        return ds.dataset(path, filesystem=files, format="parquet")
    except (OSError, pa.ArrowInvalid) as error:
        raise CinError(
            f"Spark's table {table} is not there, or not whole", file=place, remedy=_REMEDY
        ) from error


def _filesystem(place: str) -> tuple[pafs.FileSystem, str]:
    """Open a folder or a URL; Hadoop's name of S3 is not pyarrow's."""
    if "://" not in place:
        return pafs.LocalFileSystem(), place
    files, path = pafs.FileSystem.from_uri(re.sub(r"^s3[an]://", "s3://", place))
    return files, path


def _carry(connection: duckdb.DuckDBPyConnection, table: Table, written: ds.Dataset) -> int:
    connection.register("written", written)
    name = f'"{table.schema}"."{table.name}"'
    try:
        if table.kind == "test":
            connection.execute(f"create table {name} as from written")
        else:
            columns = _columns(connection, table, name)
            if table.kind == "seed":
                _check_seed(connection, table, name, columns)
            else:
                connection.execute(f"insert into {name} (select {columns} from written)")  # noqa: S608
    except duckdb.Error as error:
        raise CinError(
            f"a row that Spark wrote breaks what {table} promises ({type(error).__name__}; the "
            "database's words are left out: they quote it)",
            remedy=_REMEDY,
        ) from None
    finally:
        connection.unregister("written")
    return int(written.count_rows())


def _columns(connection: duckdb.DuckDBPyConnection, table: Table, name: str) -> str:
    """Return the list of the table's columns, each as its type, if Spark's all fit."""
    wanted = _types(connection, name)
    found = _types(connection, "written")
    if set(wanted) != set(found):
        raise CinError(
            f"{table} has other columns on Spark: {', '.join(sorted(set(wanted) ^ set(found)))}",
            remedy=_REMEDY,
        )
    misfits = [one for one in wanted if not _fits(found[one], wanted[one])]
    if misfits:
        said = ", ".join(f"{one} is {found[one]}, not {wanted[one]}" for one in misfits)
        raise CinError(f"{table} has other types on Spark: {said}", remedy=_REMEDY)
    return ", ".join(f'cast("{one}" as {wanted[one]}) as "{one}"' for one in wanted)


def _types(connection: duckdb.DuckDBPyConnection, name: str) -> dict[str, str]:
    rows = connection.execute(f"describe {name}").fetchall()
    return {str(row[0]).lower(): str(row[1]) for row in rows}


def _fits(found: str, wanted: str) -> bool:
    """Whether no value of one type changes in the other; too large a number is an error then."""
    is_whole = found in _WHOLE or re.fullmatch(r"DECIMAL\(\d+,0\)", found) is not None
    return (
        found == wanted
        or (is_whole and wanted in _WHOLE)
        or (wanted == "DOUBLE" and (is_whole or found.startswith("DECIMAL")))
    )


def _check_seed(
    connection: duckdb.DuckDBPyConnection, table: Table, name: str, columns: str
) -> None:
    """Refuse a seed of which the engines read different rows: DuckDB has loaded its own."""
    own = f"select {columns} from {name}"  # noqa: S608 - our own names
    other = f"select {columns} from written"  # noqa: S608 - as above
    both = f"({own} except all {other}) union all ({other} except all {own})"
    ((n_different,),) = connection.execute(f"select count(*) from ({both})").fetchall()  # noqa: S608
    if n_different:
        raise CinError(f"{n_different} rows of the seed {table} differ on Spark", remedy=_REMEDY)
