"""Every mart of one warehouse against the same mart of another."""

from __future__ import annotations

import fnmatch
import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from common_py.engine import memory_limit
from common_py.errors import CinError
from common_py.progress import Progress, silent
from common_py.scratch import scratch
from parity_py.compare import Compared, compare
from parity_py.marts import EVERY_COLUMN, Mart, Settled, magnitudes

ONE, OTHER = "one", "other"
_MAGIC = b"DUCK"
_MAGIC_PLACE = slice(8, 12)


@dataclass(frozen=True)
class MartParity:
    """One mart: how it differs, and where it is absent.

    Attributes
    ----------
    mart
        Which.
    compared
        None where it is absent from a warehouse.
    absent
        Words for the warehouses that lack it.
    settled
        Columns that differ and rightly do, with the number of rows and the reason.
    """

    mart: Mart
    compared: Compared | None
    absent: str = ""
    settled: tuple[tuple[Settled, int], ...] = ()

    @property
    def is_same(self) -> bool:
        """Whether nothing differs that should not."""
        return self.compared is not None and self.compared.is_same


@dataclass(frozen=True)
class Parity:
    """Two warehouses and how each mart differs."""

    one: Path
    other: Path
    marts: tuple[MartParity, ...]

    @property
    def is_same(self) -> bool:
        """Whether no mart differs."""
        return all(mart.is_same for mart in self.marts)


def parity(
    one: Path,
    other: Path,
    marts: Sequence[Mart],
    settled: Sequence[Settled] = (),
    progress: Progress = silent,
) -> Parity:
    """Compare every mart of two warehouses.

    Parameters
    ----------
    one, other
        DuckDB files; both are opened read-only.
    marts
        The marts that both must have.
    settled
        Columns that rightly differ. They are compared and told of, and count for nothing.
    progress
        Told of each mart.

    Raises
    ------
    CinError
        If a file is absent, no warehouse, held by another program, or both are the same file.
    """
    for path in (one, other):
        _refuse(path)
    if one.samefile(other):
        raise CinError(
            "both are the same file", file=str(other), remedy="give the two warehouses to compare"
        )
    found = []
    with _attached(one, other) as connection:
        present = {catalog: _tables(connection, catalog) for catalog in (ONE, OTHER)}
        for path, tables in ((one, present[ONE]), (other, present[OTHER])):
            if not tables & {mart.full_name for mart in marts}:
                raise CinError(
                    "holds no mart", file=str(path), remedy="give a warehouse that `cin build` made"
                )
        for number, mart in enumerate(marts, start=1):
            found.append(_one(connection, mart, present, settled))
            progress("marts compared", number, len(marts))
    return Parity(one, other, tuple(found))


def _one(
    connection: duckdb.DuckDBPyConnection,
    mart: Mart,
    present: dict[str, set[str]],
    settled: Sequence[Settled],
) -> MartParity:
    absent = [name for name in (ONE, OTHER) if mart.full_name not in present[name]]
    if absent:
        words = {ONE: "the first warehouse", OTHER: "the second warehouse"}
        return MartParity(mart, None, " and ".join(words[name] for name in absent))
    own = {one.column: one for one in settled if one.mart == mart.full_name}
    one, other = (_relation(connection, catalog, mart) for catalog in (ONE, OTHER))
    if EVERY_COLUMN in own:
        compared = compare(connection, one, other, mart.key, shows_values=False, n_shown=0)
        differs = ((own[EVERY_COLUMN], compared.n_differing),) if compared.n_differing else ()
        same = Compared(compared.n_one, compared.n_other, columns=compared.columns)
        return MartParity(mart, same, settled=differs)
    compared = compare(
        connection, one, other, mart.key, settled=own, shows_values=not mart.is_of_children,
        magnitudes=_magnitudes(mart),
    )  # fmt: skip
    return MartParity(
        mart, compared, settled=tuple((own[name], n) for name, n in compared.settled.items())
    )


def _magnitudes(mart: Mart) -> dict[str, float]:
    """Return the least magnitude of each column that has one."""
    return {
        column: row.magnitude
        for row in magnitudes()
        if row.mart == mart.full_name
        for column in fnmatch.filter(mart.columns, row.column)
    }


def _refuse(path: Path) -> None:
    """Raise unless the file is there and begins as a DuckDB file does."""
    if path.is_dir():
        raise CinError(
            "is a folder", file=str(path), remedy="give the file in it, such as warehouse.duckdb"
        )
    if not path.is_file():
        raise CinError(
            "there is no warehouse here",
            file=str(path),
            remedy="give two files that `cin build` made",
        )
    try:
        with path.open("rb") as stream:
            head = stream.read(_MAGIC_PLACE.stop)
    except OSError as error:
        raise CinError(
            f"cannot be read ({error.strerror})",
            file=str(path),
            remedy="ask its owner for the right to read it",
        ) from error
    if head[_MAGIC_PLACE] != _MAGIC:
        raise CinError(
            "is not a warehouse: no DuckDB file",
            file=str(path),
            remedy="give two files that `cin build` made",
        )


@contextmanager
def _attached(one: Path, other: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """Open both read-only; what does not fit into memory goes to a folder for its owner alone."""
    with scratch("cin-parity-") as folder, duckdb.connect() as connection:
        connection.execute(f"set temp_directory = '{_quoted(str(folder))}'")
        connection.execute("set preserve_insertion_order = false")
        connection.execute(f"set memory_limit = '{_quoted(memory_limit())}'")
        for catalog, path in ((ONE, one), (OTHER, other)):
            try:
                connection.execute(f"attach '{_quoted(str(path))}' as {catalog} (read_only)")
            except duckdb.Error as error:
                raise CinError(
                    "the warehouse cannot be opened; another program may be holding it",
                    file=str(path),
                    remedy="close other programs that have it open (a build, a SQL client), "
                    "and run this again",
                ) from error
        yield connection


def _tables(connection: duckdb.DuckDBPyConnection, catalog: str) -> set[str]:
    """Return the tables and views of a warehouse, each with its schema."""
    found = connection.execute(
        "select schema_name || '.' || table_name from duckdb_tables() where database_name = $1 "
        "union all "
        "select schema_name || '.' || view_name from duckdb_views() where database_name = $1",
        [catalog],
    ).fetchall()
    return {str(row[0]) for row in found}


def _relation(connection: duckdb.DuckDBPyConnection, catalog: str, mart: Mart) -> str:
    """Return what stands after `from`.

    A view names the tables it reads with the name that the file had as it was built: attached under
    another name, it would read the other warehouse or none. So its query is read from this one.
    """
    found = connection.execute(
        "select sql from duckdb_views() "
        "where database_name = ? and schema_name = ? and view_name = ?",
        [catalog, mart.schema, mart.name],
    ).fetchall()
    if not found:
        return f'"{catalog}"."{mart.schema}"."{mart.name}"'
    query = str(found[0][0]).partition(" AS ")[2]
    ((parsed,),) = connection.execute("select json_serialize_sql(?)", [query]).fetchall()
    tree = json.loads(parsed)
    _read_from(tree, catalog)
    ((text,),) = connection.execute("select json_deserialize_sql(?)", [json.dumps(tree)]).fetchall()
    return f"({str(text).rstrip(';')})"


def _read_from(tree: Any, catalog: str) -> None:
    """Let every table of a parsed query that has a schema be that of one warehouse."""
    if isinstance(tree, dict):
        if tree.get("type") == "BASE_TABLE" and tree.get("schema_name"):
            tree["catalog_name"] = catalog
        for part in tree.values():
            _read_from(part, catalog)
    elif isinstance(tree, list):
        for part in tree:
            _read_from(part, catalog)


def _quoted(text: str) -> str:
    return text.replace("'", "''")
