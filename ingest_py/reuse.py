"""The last landing, and what of it stands: rows of files whose bytes have not changed.

A file is unchanged when its name, the hash of all its bytes and the reader are those of the last
run. The reader is the hash of this package's own sources, so that a change to how a file is read
reads it again. What a table, year and authority have is taken over (as hard links where the disk
has them) only when every file that feeds it is unchanged and still there.
"""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from common_py.errors import CinError
from common_py.private import make_private
from ingest_py.landing_schema import LEDGER_FILES, LEDGER_QUARANTINE, LEDGER_TIMINGS, Table
from ingest_py.ledger import REFUSED, FileEntry, Source

_PART = "part-0.parquet"


@cache
def reader_version() -> str:
    """Return the hash of the sources of this package: the version of how files are read."""
    digest = hashlib.sha256(pa.__version__.encode())
    package = Path(__file__).parent
    for path in sorted(package.rglob("*")):
        if path.suffix in {".py", ".csv"}:
            digest.update(path.relative_to(package).as_posix().encode())
            digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


def hash_file(path: Path, name: str) -> tuple[str, int]:
    """Return hash and size of a file.

    Raises
    ------
    CinError
        If it cannot be read from disk.
    """
    try:
        with path.open("rb") as stream:
            digest = hashlib.file_digest(stream, "sha256").hexdigest()
        return digest, path.stat().st_size
    except OSError as error:
        raise CinError(
            f"cannot be read from disk ({error.strerror or type(error).__name__})",
            file=name,
            remedy="close programs that hold it open and check that you may read it",
        ) from error


@dataclass(frozen=True)
class Previous:
    """The last landing, as far as it may be taken over; an empty one takes nothing over.

    Attributes
    ----------
    root
        Its folder.
    entries
        Its file ledger, by file.
    quarantined
        Its quarantine ledger.
    """

    root: Path
    entries: Mapping[str, tuple[FileEntry, ...]] = field(default_factory=dict)
    quarantined: pa.Table = field(default_factory=LEDGER_QUARANTINE.schema.empty_table)

    @classmethod
    def read(cls, root: Path) -> Previous:
        """Read the ledgers of a landing; nothing of another reader's landing is taken over."""
        try:
            timings = _read(root, LEDGER_TIMINGS)
            readers = set(timings.column("reader").to_pylist())
            if readers != {reader_version()}:
                return cls(root)
            entries: dict[str, tuple[FileEntry, ...]] = {}
            for row in _read(root, LEDGER_FILES).to_pylist():
                if row["sha256"]:
                    entry = _entry(row)
                    name = entry.source.name
                    entries[name] = (*entries.get(name, ()), entry)
            return cls(root, entries, _read(root, LEDGER_QUARANTINE))
        except (OSError, pa.ArrowException, KeyError):
            return cls(root)

    def has(self, name: str, sha256: str) -> bool:
        """Whether the last landing read this very file."""
        return name in self.entries and self.entries[name][0].source.sha256 == sha256

    def refusal(self, name: str) -> FileEntry | None:
        """Return the line that refused a file, None if it was not refused."""
        return next((e for e in self.entries.get(name, ()) if e.verdict == REFUSED), None)

    def units(self, name: str) -> set[tuple[str | None, str]]:
        """Return the years and tables that a file fed, or would have fed."""
        return {(e.census_year, e.table_name) for e in self.entries.get(name, ()) if e.table_name}

    def feeding(self, table: str, census_year: str | None = None) -> set[str]:
        """Return the files that fed a table (and year)."""
        return {
            name
            for name in self.entries
            if any(unit == (census_year, table) for unit in self.units(name))
        }

    def quarantined_of(
        self, files: Iterable[str], table: str, census_year: str | None = None
    ) -> pa.Table:
        """Return the quarantined rows of some files in a table (and year)."""
        rows = self.quarantined
        mask = pc.and_(
            pc.is_in(rows.column("file"), pa.array(sorted(files), pa.string())),
            pc.equal(rows.column("table_name"), table),
        )
        if census_year is not None:
            mask = pc.and_(mask, pc.equal(rows.column("census_year"), census_year))
        return rows.filter(pc.fill_null(mask, False))

    def take_partitions(
        self, root: Path, table: Table, census_year: str, kept: Mapping[str, int]
    ) -> bool:
        """Take over one table and year.

        Parameters
        ----------
        root
            The landing that is being built.
        kept
            Rows by LA, as the ledger has them.

        Returns
        -------
        bool
            False if the last landing does not hold what its ledger says; nothing is then taken.
        """
        year = Path(table.name) / f"census_year={census_year}"
        places = {la: year / f"la_number={la}" / _PART for la, n in kept.items() if n}
        if any(_n_rows(self.root / path) != kept[la] for la, path in places.items()):
            return False
        for path in places.values():
            (root / path).parent.mkdir(parents=True, exist_ok=True)
            _link(self.root / path, root / path)
        return True

    def take_whole(self, root: Path, table: Table, n_rows: int) -> bool:
        """Take over an unpartitioned table; see `take_partitions`."""
        path = Path(table.name) / _PART
        if not n_rows:
            return True
        if _n_rows(self.root / path) != n_rows:
            return False
        _link(self.root / path, root / path)
        return True


def _read(root: Path, table: Table) -> pa.Table:
    path = root / table.name / _PART
    if not path.exists() and (root / table.name).is_dir():
        return table.schema.empty_table()
    with path.open("rb") as stream:
        return pq.read_table(stream, schema=table.schema)


def _entry(row: Mapping[str, Any]) -> FileEntry:
    source = Source(row["file"], row["kind"], row["sha256"], row["n_bytes"])
    names = ("table_name", "census_year", "la_number", "rows_read", "rows_kept",
             "rows_quarantined", "reason", "remedy")  # fmt: skip
    return FileEntry(source, row["verdict"], **{name: row[name] for name in names})


def _n_rows(path: Path) -> int:
    try:
        with path.open("rb") as stream:
            return int(pq.read_metadata(stream).num_rows)
    except (OSError, pa.ArrowException):
        return -1


def _link(old: Path, new: Path) -> None:
    """Make the same file appear under another name; a copy where the disk has no links."""
    try:
        os.link(old, new)
    except OSError:
        shutil.copyfile(old, new)
    make_private(new)
