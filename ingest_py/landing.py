"""Writing landing: partition folders, zero-row files, and the swap that makes it appear at once."""

from __future__ import annotations

import secrets
import shutil
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cache
from io import BytesIO
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from common_py.errors import CinError
from ingest_py.exchange import exchange
from ingest_py.landing_schema import HASH_KEY, TABLES, Table

_PART, _SCHEMA = "part-0.parquet", "schema.parquet"
_CLOSE = "close programs that read the landing folder (a database client, a file viewer), and "


@dataclass(frozen=True)
class Places:
    """Landing, the one being built beside it, and the one being replaced.

    Each run builds under a name of its own: what a killed run's reading processes still write
    cannot get into the landing of the next.
    """

    landing: Path
    run: str = field(default_factory=lambda: secrets.token_hex(4))

    @property
    def next(self) -> Path:
        """Where the new landing grows."""
        return self.landing.with_name(f"{self.landing.name}.next-{self.run}")

    @property
    def old(self) -> Path:
        """Where the old landing waits while the new one takes its name."""
        return self.landing.with_name(f"{self.landing.name}.old")


def recover(landing: Path) -> None:
    """Give a landing its name back that a killed run left under another; harmless at any time.

    Raises
    ------
    CinError
        If the folders cannot be renamed.
    """
    places = Places(landing)
    try:
        if places.old.exists() and not landing.exists():
            places.old.rename(landing)
    except OSError as error:
        raise not_writable(landing, error) from error


def begin(landing: Path) -> Places:
    """Tidy up after an interrupted run and start an empty new landing.

    Raises
    ------
    CinError
        If the folders cannot be written.
    """
    recover(landing)
    places = Places(landing)
    try:
        for left_over in (places.old, *landing.parent.glob(f"{landing.name}.next-*")):
            if left_over.exists():
                shutil.rmtree(left_over)
        places.next.mkdir()
    except OSError as error:
        raise not_writable(landing, error) from error
    return places


def not_writable(landing: Path, error: OSError) -> CinError:
    """Return the error of a landing that the system does not let us write."""
    return CinError(
        f"the folder cannot be written ({error.strerror or type(error).__name__})",
        file=str(landing),
        remedy=_CLOSE + "check that you may write there",
    )


def swap(places: Places) -> None:
    """Put the finished landing in place of the old one, at one stroke where that can be done.

    Raises
    ------
    CinError
        If the old landing is held open; it then stays as it was.
    """
    had_landing = places.landing.exists()
    if had_landing and exchange(places.next, places.landing):
        shutil.rmtree(places.next, ignore_errors=True)
        return
    try:
        if had_landing:
            places.landing.rename(places.old)
        try:
            places.next.rename(places.landing)
        except OSError:
            if had_landing:
                places.old.rename(places.landing)
            raise
    except OSError as error:
        raise CinError(
            "the old landing is in use and could not be replaced; it is unchanged",
            file=str(places.landing),
            remedy=_CLOSE + "run `cin ingest` again",
        ) from error
    if had_landing:
        shutil.rmtree(places.old, ignore_errors=True)


def abandon(places: Places) -> None:
    """Throw away a landing that was not finished."""
    shutil.rmtree(places.next, ignore_errors=True)


def write_schemas(root: Path, tables: Iterable[Table] = TABLES) -> None:
    """Write the zero-row file of every declared table, or of those that are wanted."""
    for table in tables:
        folder = root / table.name
        if table.partitioned:
            folder = folder / "census_year=none" / "la_number=none"
        folder.mkdir(parents=True)
        (folder / _SCHEMA).write_bytes(_zero_rows(table))


@cache
def _zero_rows(table: Table) -> bytes:
    """Return a table's Parquet file without rows: the same each time."""
    file = BytesIO()
    pq.write_table(table.schema.empty_table(), file)
    return file.getvalue()


def write_partitions(root: Path, table: Table, census_year: str, rows: pa.Table) -> None:
    """Write one file per LA.

    Parameters
    ----------
    rows
        The landing columns and `la_number`, sorted by `la_number`.
    """
    runs = pc.run_end_encode(rows.column("la_number").combine_chunks())
    body = rows.select(table.schema.names).cast(table.schema)
    start = 0
    for la_number, end in zip(runs.values.to_pylist(), runs.run_ends.to_pylist(), strict=True):
        folder = root / table.name / f"census_year={census_year}" / f"la_number={la_number}"
        folder.mkdir(parents=True)
        pq.write_table(body.slice(start, end - start), folder / _PART)
        start = end


def write_whole(root: Path, table: Table, rows: pa.Table) -> None:
    """Write an unpartitioned table; a table without rows has only its zero-row file."""
    if rows.num_rows:
        body = rows.select(table.schema.names).cast(table.schema).combine_chunks()
        pq.write_table(body, root / table.name / _PART)


def hash_key(landing: Path) -> pa.Table:
    """Return the key of the identifier hash: that of the present landing, else a new one.

    Raises
    ------
    CinError
        If there is a key that cannot be read: a new one would silently change every child key.
    """
    path = landing / HASH_KEY.name / _PART
    if not path.exists():
        return pa.table({"hash_key": [secrets.token_hex(32)]}, schema=HASH_KEY.schema)
    try:
        with path.open("rb") as stream:
            kept = pq.read_table(stream, schema=HASH_KEY.schema)
    except (pa.ArrowException, OSError) as error:
        raise CinError(
            "the key that hides identifiers cannot be read",
            file=str(path),
            remedy="restore the file; or delete it to make a new key, which changes every "
            "child_key in the warehouse",
        ) from error
    return kept
