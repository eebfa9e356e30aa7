"""What happened to every file and every row that did not get in."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa

from common_py.errors import CinError
from ingest_py.landing_schema import (
    LEDGER_DATASET,
    LEDGER_FILES,
    LEDGER_QUARANTINE,
    LEDGER_TIMINGS,
)

READ, REFUSED, IGNORED = "read", "refused", "ignored"
_POSITIONS_SHOWN = 5


@dataclass(frozen=True)
class Source:
    """One input file.

    Attributes
    ----------
    name
        Its path below the data folder, with forward slashes.
    kind
        census, npd (the wide research extract), returns, locations, reference or synthetic.
    sha256, n_bytes
        Its fingerprint and size.
    """

    name: str
    kind: str
    sha256: str = ""
    n_bytes: int = 0


@dataclass(frozen=True)
class FileEntry:
    """One line of the file ledger: a file, or its share in one table, year and LA."""

    source: Source
    verdict: str
    table_name: str | None = None
    census_year: str | None = None
    la_number: str | None = None
    rows_read: int = 0
    rows_kept: int = 0
    rows_quarantined: int = 0
    reason: str | None = None
    remedy: str | None = None


@dataclass(frozen=True)
class Timing:
    """What one file took in this run."""

    source: Source
    seconds: float
    is_reused: bool


@dataclass
class Ledger:
    """The running account of one ingest.

    Attributes
    ----------
    files, quarantined
        What happened to every file, and to every row that did not get in.
    messages
        What the user has to be told.
    timings
        Seconds by file; of a file taken over from the last landing, none.
    """

    files: list[FileEntry] = field(default_factory=list)
    quarantined: list[pa.Table] = field(default_factory=list)
    messages: list[str] = field(default_factory=list)
    timings: dict[str, Timing] = field(default_factory=dict)

    def time(self, source: Source, seconds: float, *, is_reused: bool = False) -> None:
        """Record what a file took; reading it for several tables adds up."""
        before = self.timings.get(source.name)
        if before:
            seconds, is_reused = seconds + before.seconds, is_reused and before.is_reused
        self.timings[source.name] = Timing(source, seconds, is_reused)

    def take_over(self, entries: Iterable[FileEntry]) -> None:
        """Add lines of the last landing's ledger, and say again what was refused."""
        for entry in entries:
            self.files.append(entry)
            if entry.verdict == REFUSED:
                told = CinError(entry.reason or "", file=entry.source.name, remedy=entry.remedy)
                self.messages.append(str(told))

    def add(self, entries: Iterable[FileEntry]) -> None:
        """Add lines to the file ledger."""
        self.files.extend(entries)

    def refuse(self, source: Source, error: CinError, census_year: str | None = None) -> None:
        """Record a file that was refused whole, and say so."""
        told = CinError(error.problem, file=source.name, place=error.place, remedy=error.remedy)
        place = f"{error.place}: " if error.place else ""
        self.files.append(
            FileEntry(
                source,
                REFUSED,
                census_year=census_year,
                reason=f"{place}{error.problem}",
                remedy=error.remedy,
            )
        )
        self.messages.append(str(told))

    def ignore(self, source: Source, reason: str, remedy: str | None = None) -> None:
        """Record a file that ingest has no use for."""
        self.files.append(FileEntry(source, IGNORED, reason=reason, remedy=remedy))

    def quarantine(self, rows: pa.Table, remedies: dict[str, str]) -> None:
        """Record rows set aside and say, per file and reason, which and how many.

        Parameters
        ----------
        rows
            The columns of `ledger_quarantine`, one row a quarantined row.
        remedies
            What to do, by reason.
        """
        if not rows.num_rows:
            return
        self.quarantined.append(rows.select(LEDGER_QUARANTINE.schema.names))
        grouped = rows.group_by(["file", "table_name", "reason"], use_threads=False).aggregate(
            [("source_row", "list")]
        )
        for group in grouped.to_pylist():
            message = CinError(
                f"{group['table_name']} quarantined: {group['reason']}",
                file=group["file"],
                place=_positions(group["source_row_list"]),
                remedy=remedies[group["reason"]],
            )
            self.messages.append(str(message))

    @property
    def n_refused(self) -> int:
        """Files refused whole."""
        return sum(entry.verdict == REFUSED for entry in self.files)

    @property
    def n_quarantined(self) -> int:
        """Rows set aside."""
        return sum(rows.num_rows for rows in self.quarantined)

    def files_table(self) -> pa.Table:
        """Return `ledger_files` in a fixed order."""
        rows = [_file_row(entry) for entry in sorted(self.files, key=_entry_order)]
        return pa.Table.from_pylist(rows, schema=LEDGER_FILES.schema)

    def quarantine_table(self) -> pa.Table:
        """Return `ledger_quarantine` in a fixed order."""
        parts = [LEDGER_QUARANTINE.schema.empty_table(), *self.quarantined]
        order = [(name, "ascending") for name in ("file", "table_name", "source_row", "reason")]
        return pa.concat_tables(parts).combine_chunks().sort_by(order)

    def timings_table(self, reader: str) -> pa.Table:
        """Return `ledger_timings` in a fixed order.

        Parameters
        ----------
        reader
            The version of how files are read.
        """
        rows = [
            {
                "file": name,
                "sha256": timing.source.sha256 or None,
                "reader": reader,
                "n_bytes": timing.source.n_bytes,
                "seconds": f"{timing.seconds:.3f}",
                "is_reused": "true" if timing.is_reused else "false",
            }
            for name, timing in sorted(self.timings.items())
        ]
        return pa.Table.from_pylist(rows, schema=LEDGER_TIMINGS.schema)

    def dataset_table(self, *, synthetic: bool, seed: str | None) -> pa.Table:
        """Return `ledger_dataset`: synthetic or real, and one hash over everything read."""
        read = {(e.source.name, e.source.sha256) for e in self.files if e.verdict == READ}
        digest = hashlib.sha256()
        for name, sha256 in sorted(read):
            digest.update(f"{name}\t{sha256}\n".encode())
        row = {
            "dataset": "synthetic" if synthetic else "real",
            "input_sha256": digest.hexdigest(),
            "seed": seed,
        }
        return pa.Table.from_pylist([row], schema=LEDGER_DATASET.schema)


def _file_row(entry: FileEntry) -> dict[str, Any]:
    row = {**vars(entry.source), **vars(entry), "file": entry.source.name}
    return {name: row[name] or None if name == "sha256" else row[name]
            for name in LEDGER_FILES.schema.names}  # fmt: skip


def _entry_order(entry: FileEntry) -> tuple[str, str, str, str]:
    return (
        entry.source.name,
        entry.table_name or "",
        entry.census_year or "",
        entry.la_number or "",
    )


def _positions(rows: Sequence[int]) -> str:
    """Say `row 7` or `rows 7, 9 and 12 more`."""
    ordered = sorted(rows)
    if len(ordered) == 1:
        return f"row {ordered[0]}"
    shown = ", ".join(str(row) for row in ordered[:_POSITIONS_SHOWN])
    rest = len(ordered) - _POSITIONS_SHOWN
    return f"rows {shown} and {rest} more" if rest > 0 else f"rows {shown}"
