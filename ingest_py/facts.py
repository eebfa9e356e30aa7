"""Series of facts from published files, and which file supplies each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

from ingest_py.ledger import Source

Series = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Facts:
    """One series of facts from one file.

    Attributes
    ----------
    source, table_name, rank
        The file, the landing table, and the place of its layout among all layouts.
    series
        The landing columns that name the series, and their values.
    rows
        Landing columns; bad and repeated area codes are already set aside.
    quarantined
        Columns of `ledger_quarantine`.
    notes
        What the ledger should say.
    """

    source: Source
    table_name: str
    rank: int
    series: Series
    rows: pa.Table
    quarantined: pa.Table
    notes: tuple[str, ...]

    @property
    def label(self) -> str:
        """The series in words, such as `2019 income`."""
        return " ".join(value for _, value in self.series) or "the table"

    @property
    def n_english(self) -> int:
        """How many English areas it has, or rows where areas have no code: its completeness."""
        key = self.rows.column(0)
        if pc.any(pc.match_substring_regex(key, r"^[A-Z]\d{8}")).as_py():
            return int(pc.sum(pc.starts_with(key, pattern="E")).as_py() or 0)
        return len(key)


def choose(found: Sequence[Facts]) -> list[Facts]:
    """Choose one file for every series: the facts of two files are never mixed in one.

    The file with most English areas wins, so that a sample or one region never displaces the
    whole; among equals the layout that stands first, so that a published file wins over a
    reconstruction; then the file whose name comes first.
    """
    best: dict[tuple[str, Series], Facts] = {}
    for facts in sorted(found, key=lambda f: (-f.n_english, f.rank, f.source.name)):
        best.setdefault((facts.table_name, facts.series), facts)
    return [best[key] for key in sorted(best)]


def quarantine_rows(source: Source, table: str, row: pa.Array, reason: pa.ChunkedArray) -> pa.Table:
    """Return the rows that have a reason, as `ledger_quarantine` holds them."""
    n = len(row)
    account = pa.table(
        {
            "file": pa.repeat(source.name, n),
            "source_row": row,
            "table_name": pa.repeat(table, n),
            "census_year": pa.nulls(n, pa.string()),
            "la_number": pa.nulls(n, pa.string()),
            "reason": reason,
        }
    )
    return account.filter(pc.is_valid(reason))
