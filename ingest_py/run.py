"""One ingest: every input to a new landing, which replaces the old one at the end."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa

from common_py.errors import CinError
from common_py.paths import Paths
from common_py.private import private
from common_py.progress import Progress, silent
from ingest_py import landing, published
from ingest_py.alone import alone
from ingest_py.census import Context, Delivery, land_tables
from ingest_py.inputs import Found, find_inputs, name_of
from ingest_py.landing_schema import (
    CENSUS_TABLES,
    CHILD_LOCATIONS,
    HASH_KEY,
    LEDGER_DATASET,
    LEDGER_FILES,
    LEDGER_QUARANTINE,
    LEDGER_TIMINGS,
    PLANTED_VALUES,
    plain,
)
from ingest_py.ledger import READ, FileEntry, Ledger, Source
from ingest_py.reference import land_reference
from ingest_py.returned import land_returns
from ingest_py.reuse import Previous, reader_version
from ingest_py.sources import open_source, sheets


@dataclass(frozen=True)
class IngestReport:
    """What one ingest did.

    Attributes
    ----------
    ok
        Whether everything got in; with `keep_going`, whether everything needed got in.
    files
        The file ledger.
    quarantined
        Rows set aside.
    messages
        What is wrong, each naming file, place and remedy; never a child's value.
    rows
        Rows in landing, by table.
    dataset
        synthetic or real.
    n_lacking
        How many of the messages are of something that nothing makes up for: a published file, or
        any census row at all.
    """

    ok: bool
    files: tuple[FileEntry, ...]
    quarantined: int
    messages: list[str]
    rows: Mapping[str, int]
    dataset: str
    n_lacking: int = 0

    @property
    def rows_read(self) -> int:
        """Rows read; equal to rows kept + quarantined."""
        return sum(entry.rows_read for entry in self.files)

    @property
    def rows_kept(self) -> int:
        """Rows in landing."""
        return sum(entry.rows_kept for entry in self.files)

    @property
    def refused(self) -> int:
        """Files refused whole."""
        return sum(entry.verdict == "refused" for entry in self.files)

    @property
    def summary(self) -> str:
        """Rows by table and the totals, as text."""
        lines = [f"{name:<24} {n:>12,}" for name, n in sorted(self.rows.items()) if n]
        lines.append(
            f"{self.rows_read:,} rows read = {self.rows_kept:,} kept + {self.quarantined:,} "
            f"quarantined; {self.refused} files refused; dataset: {self.dataset}"
        )
        return "\n".join(lines)


def ingest(paths: Paths, *, keep_going: bool = False, progress: Progress = silent) -> IngestReport:
    """Read everything in the data folder into a new landing.

    Parameters
    ----------
    paths
        Where inputs and landing are.
    keep_going
        Whether refused files and quarantined rows are accepted; a missing reference file never is.
    progress
        Called as steps advance.

    Raises
    ------
    CinError
        If there is nothing to read or landing cannot be written; the old landing is then as it was.
    """
    ledger = Ledger()
    found = find_inputs(paths.data, ledger)
    with alone(paths.landing), private():
        places = landing.begin(paths.landing)
        try:
            lacking, synthetic = _build(paths, found, places, ledger, progress)
            landing.swap(places)
        except BaseException:
            landing.abandon(places)
            raise
    flaws = ledger.n_refused + ledger.n_quarantined
    rows = _rows_by_table(ledger)
    if not any(rows.get(table.name) for table in CENSUS_TABLES):
        lacking.append(_nobody())
    return IngestReport(
        ok=not lacking and (keep_going or not flaws),
        files=tuple(ledger.files),
        quarantined=ledger.n_quarantined,
        messages=[*ledger.messages, *lacking],
        rows=rows,
        dataset="synthetic" if synthetic else "real",
        n_lacking=len(lacking),
    )


def _build(
    paths: Paths, found: Found, places: landing.Places, ledger: Ledger, progress: Progress
) -> tuple[list[str], bool]:
    """Write the new landing; return what is lacking and whether the data are synthetic."""
    root = places.next
    landing.write_schemas(root)
    landing.write_whole(root, HASH_KEY, landing.hash_key(places.landing))
    previous = Previous.read(places.landing)
    context = Context(paths.data, root, ledger, previous, progress)
    returned = land_returns(context, found.returns)
    land_tables(context, Delivery("census", found.census, CENSUS_TABLES, found.mappings, returned))
    land_tables(context, Delivery("locations", found.locations, (CHILD_LOCATIONS,)))
    landed = land_reference(context, found.reference)
    synthetic, seed = _land_synthetic(paths.data, root, ledger)
    landing.write_whole(root, LEDGER_QUARANTINE, ledger.quarantine_table())
    landing.write_whole(root, LEDGER_FILES, ledger.files_table())
    landing.write_whole(root, LEDGER_TIMINGS, ledger.timings_table(reader_version()))
    dataset = ledger.dataset_table(synthetic=synthetic, seed=seed)
    landing.write_whole(root, LEDGER_DATASET, dataset)
    vintages = published.year_vintages(paths.project, _census_years(ledger))
    return published.missing(landed, vintages, paths.data.name), synthetic


def _census_years(ledger: Ledger) -> list[str]:
    """Return the census years that need reference files: those with locations, or else all.

    A year without locations beside others that have some is only looked back to.
    """
    kept = [e for e in ledger.files if e.census_year and e.rows_kept]
    located = {e.census_year for e in kept if e.table_name == CHILD_LOCATIONS.name}
    arrived = {e.census_year for e in kept if e.table_name != CHILD_LOCATIONS.name}
    return sorted(filter(None, (located & arrived) or located | arrived))


def _nobody() -> str:
    return str(
        CinError(
            "not one census row could be landed",
            file="census",
            place="every return and extract",
            remedy="mend the files named above and run `cin ingest` again",
        )
    )


def _rows_by_table(ledger: Ledger) -> dict[str, int]:
    rows: dict[str, int] = {}
    for entry in ledger.files:
        if entry.table_name:
            rows[entry.table_name] = rows.get(entry.table_name, 0) + entry.rows_kept
    return rows


def _land_synthetic(data: Path, root: Path, ledger: Ledger) -> tuple[bool, str | None]:
    """Land the planted values and return whether the data are synthetic, and from which seed."""
    marker = data / "synthetic" / "SYNTHETIC.json"
    if not marker.is_file():
        return False, None
    name = name_of(marker, data)
    source = Source(name, "synthetic")
    seed = None
    try:
        source, content = open_source(marker, name, "synthetic")
        seed = json.loads(content).get("seed")
        ledger.add([FileEntry(source, READ)])
    except (CinError, ValueError, AttributeError):
        told = "cannot be read as JSON; the data still count as synthetic"
        ledger.refuse(source, CinError(told, remedy="run `cin synth` again"))
    _land_planted(data / "synthetic" / "planted.csv", data, root, ledger)
    return True, None if seed is None else str(seed)


def _land_planted(path: Path, data: Path, root: Path, ledger: Ledger) -> None:
    if not path.is_file():
        return
    name = name_of(path, data)
    source = Source(name, "synthetic")
    names = PLANTED_VALUES.schema.names
    try:
        source, content = open_source(path, name, "synthetic")
        (sheet,) = sheets(name, content)
        top = sheet.top()
        header = [plain(cell) for cell in top[0]] if top else []
        absent = [column for column in names if plain(column) not in header]
        if absent:
            raise CinError(
                f"has no column {absent[0]}",
                place=f"column {absent[0]}",
                remedy="run `cin synth` again",
            )
        positions = [header.index(plain(column)) for column in names]
        cells = sheet.read(0, sorted(positions))
    except CinError as error:
        ledger.refuse(source, error)
        return
    rows = pa.table(
        {column: cells.column(str(at)) for column, at in zip(names, positions, strict=True)}
    )
    landing.write_whole(root, PLANTED_VALUES, rows)
    n = rows.num_rows
    ledger.add([FileEntry(source, READ, PLANTED_VALUES.name, rows_read=n, rows_kept=n)])
