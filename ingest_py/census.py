"""Extracts and locations to landing, year by year, reading only what changed.

A unit is a table and year. It is read again when a file that feeds it is new, changed or gone,
or when other authorities than last time have a return; otherwise it is taken over whole.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

from common_py.errors import CinError
from common_py.progress import Progress
from ingest_py.inputs import EVERY_YEAR, name_of
from ingest_py.landing_schema import BY_NAME, Table
from ingest_py.ledger import READ, FileEntry, Ledger, Source
from ingest_py.npd import KIND, NpdFile, notes
from ingest_py.renames import Renames, read_renames
from ingest_py.reuse import Previous, hash_file
from ingest_py.sources import open_source
from ingest_py.tables import Input, Part, land_table, read_input, say_quarantined

Unit = tuple[str | None, str]
Returned = Mapping[str, Mapping[str, str]]


@dataclass
class Context:
    """What every step of one ingest needs.

    Attributes
    ----------
    data, root
        The inputs, and the landing that is being built.
    ledger, previous, progress
        The account, the last landing, and whom to tell.
    """

    data: Path
    root: Path
    ledger: Ledger
    previous: Previous
    progress: Progress


@dataclass(frozen=True)
class Delivery:
    """The files of one kind.

    Attributes
    ----------
    kind
        census or locations.
    found, mappings
        By the year of the folder, the files, and the lists of renamed columns.
    tables
        What the files may be.
    returned
        By year and LA, the return that is used in place of an extract.
    """

    kind: str
    found: Mapping[str, Sequence[Path]]
    tables: Sequence[Table]
    mappings: Mapping[str, Path] = field(default_factory=dict)
    returned: Returned = field(default_factory=dict)


@dataclass
class _Folder:
    """The files of one year's folder, as far as they were read."""

    year: str
    inputs: list[Input]
    renames: Renames
    changed: set[str]
    parts: dict[str, list[Part]] = field(default_factory=dict)
    npd: dict[str, NpdFile] = field(default_factory=dict)

    def drop(self, year: str | None, table: str) -> None:
        """Let go of the rows of a table and year."""
        for name, parts in self.parts.items():
            rest = [p for p in parts if (p.census_year, p.table.name) != (year, table)]
            self.parts[name] = rest


def land_tables(context: Context, delivery: Delivery) -> None:
    """Land the files of one kind."""
    folders = [
        _open_folder(context, delivery, year, paths)
        for year, paths in sorted(delivery.found.items())
    ]
    work = _Work(context, delivery.kind, delivery.tables, folders, delivery.returned)
    for folder in folders:
        work.settle(folder)
    for year in work.years():
        work.land_year(year)


def _open_folder(context: Context, delivery: Delivery, year: str, paths: Sequence[Path]) -> _Folder:
    """Hash the files of a folder and see which changed; all have when the renaming has."""
    inputs, kind = [], delivery.kind
    step = f"look at {kind} {year}"
    for done, path in enumerate(paths):
        context.progress(step, done, len(paths))
        name = name_of(path, context.data)
        try:
            inputs.append(Input(path, Source(name, kind, *hash_file(path, name)), year))
        except CinError as error:
            context.ledger.refuse(Source(name, kind), error, year)
    context.progress(step, len(paths), len(paths))
    mapping = delivery.mappings.get(year)
    renames, is_as_before = _renames(context, year, mapping, delivery.tables)
    known = context.previous
    changed = {i.name for i in inputs if not (is_as_before and known.has(i.name, i.source.sha256))}
    return _Folder(year, inputs, renames, changed)


def _renames(
    context: Context, year: str, mapping: Path | None, tables: Sequence[Table]
) -> tuple[Renames, bool]:
    """Return the renamed columns of a folder, and whether they are those of the last run."""
    name = f"census/{year}/extract/columns.csv"
    if mapping is None:
        return Renames(), name not in context.previous.entries
    name = name_of(mapping, context.data)
    source = Source(name, "census")
    try:
        source, content = open_source(mapping, name, "census")
        renames = read_renames(source, content, tables)
    except CinError as error:
        context.ledger.refuse(source, error, year if year != EVERY_YEAR else None)
        return Renames(), False
    context.ledger.add([FileEntry(source, READ, reason="renamed columns")])
    return renames, context.previous.has(name, source.sha256)


@dataclass
class _Work:
    """All folders of one kind, and what of the last landing they replace."""

    context: Context
    kind: str
    tables: Sequence[Table]
    folders: list[_Folder]
    returned: Returned

    def settle(self, folder: _Folder) -> None:
        """Read the new and changed files of a folder for several years; repeat old refusals."""
        names = {found.name for found in folder.inputs} - folder.changed
        previous = self.context.previous
        for name in sorted(names):
            refusal = previous.refusal(name)
            if refusal:
                self.context.ledger.take_over([refusal])
                self.context.ledger.time(refusal.source, 0.0, is_reused=True)
        if folder.year == EVERY_YEAR:
            self._read(folder, folder.changed)

    def years(self) -> list[str | None]:
        """Return the years there is anything of; rows without a year come last."""
        found = {folder.year for folder in self.folders} - {EVERY_YEAR}
        years: set[str | None] = {*found}
        for folder in self.folders:
            if folder.year == EVERY_YEAR:
                years |= {p.census_year for parts in folder.parts.values() for p in parts}
                unchanged = {i.name for i in folder.inputs} - folder.changed
                years |= {y for n in unchanged for y, _ in self.context.previous.units(n)}
        return [*sorted(y for y in years if y), *([None] if None in years else [])]

    def land_year(self, year: str | None) -> None:
        """Land or take over every table of one year."""
        mine = [f for f in self.folders if f.year in {year, EVERY_YEAR}]
        for folder in mine:
            if folder.year == year:
                self._read(folder, folder.changed)
        touched = self._touched(year, mine)
        for name in sorted(self._fed_before(year) - touched):
            if not self._take_over(year, name):
                touched.add(name)
        self._land(year, mine, self._parts(year, mine, touched), touched)
        for folder in mine:
            if folder.year == year:
                folder.parts.clear()
                folder.npd.clear()

    def _land(
        self, year: str | None, folders: Sequence[_Folder], parts: list[Part], touched: set[str]
    ) -> None:
        """Land table after table; one is written while the next is checked."""
        names = sorted({part.table.name for part in parts} & touched)
        step = f"land {self.kind} {year or 'without year'}"
        root, ledger = self.context.root, self.context.ledger
        written = []
        with ThreadPoolExecutor(1) as beside:
            for done, name in enumerate(names):
                self.context.progress(step, done, len(names))
                mine = [part for part in parts if part.table.name == name]
                rows = sorted(mine, key=lambda part: part.source.name)
                parts = [part for part in parts if part.table.name != name]
                for folder in folders:
                    folder.drop(year, name)
                returned = self.returned.get(year or "", {})
                written.append(land_table(rows, root, ledger, returned, beside))
                mine.clear()
                rows.clear()
        for one in filter(None, written):
            one.result()
        self.context.progress(step, len(names), len(names))

    def _touched(self, year: str | None, folders: Sequence[_Folder]) -> set[str]:
        """Return the tables of a year that a new, changed or missing file feeds."""
        touched = {
            part.table.name
            for folder in folders
            for name in folder.changed | set(folder.npd)
            for part in folder.parts.get(name, ())
            if part.census_year == year
        }
        for name in self._stale():
            touched |= {table for y, table in self.context.previous.units(name) if y == year}
        if self._returned_before(year) != dict(self.returned.get(year or "", {})):
            touched |= {*self._fed_before(year), *(t.name for t in self.tables)}
        return touched

    def _stale(self) -> set[str]:
        """Return the files of the last landing that changed or are gone."""
        present = {i.name for f in self.folders for i in f.inputs} - {
            name for f in self.folders for name in f.changed
        }
        kinds = {self.kind, KIND} if self.kind == "census" else {self.kind}
        return {
            name
            for name, entries in self.context.previous.entries.items()
            if entries[0].source.kind in kinds and name not in present
        }

    def _fed_before(self, year: str | None) -> set[str]:
        stale = self._stale()
        own = {table.name for table in self.tables}
        kinds = {self.kind, KIND}
        return {
            table
            for name, entries in self.context.previous.entries.items()
            if entries[0].source.kind in kinds and name not in stale
            for y, table in self.context.previous.units(name)
            if y == year and table in own
        }

    def _returned_before(self, year: str | None) -> dict[str, str]:
        if self.kind != "census":
            return {}
        return {
            entry.la_number or "": name
            for name, entries in self.context.previous.entries.items()
            for entry in entries
            if entry.source.kind == "returns"
            and (entry.verdict, entry.table_name, entry.census_year) == (READ, "returns", year)
        }

    def _feeders(self, year: str | None, table: str) -> set[str]:
        """Return the unchanged files that fed a table and year."""
        present = {i.name for folder in self.folders for i in folder.inputs}
        return (self.context.previous.feeding(table, year) & present) - self._stale()

    def _take_over(self, year: str | None, table: str) -> bool:
        previous, ledger = self.context.previous, self.context.ledger
        files = self._feeders(year, table)
        entries = [
            entry
            for name in sorted(files)
            for entry in previous.entries[name]
            if (entry.census_year, entry.table_name) == (year, table)
        ]
        kept: dict[str, int] = {}
        for entry in entries:
            if entry.la_number and entry.rows_kept:
                kept[entry.la_number] = kept.get(entry.la_number, 0) + entry.rows_kept
        root = self.context.root
        if not previous.take_partitions(root, BY_NAME[table], year or "", kept):
            return False
        ledger.take_over(entries)
        say_quarantined(previous.quarantined_of(files, table, year), ledger)
        for entry in entries:
            ledger.time(entry.source, 0.0, is_reused=True)
        return True

    def _parts(
        self, year: str | None, folders: Sequence[_Folder], touched: Iterable[str]
    ) -> list[Part]:
        """Return the rows of the touched tables, reading the unchanged files that feed them."""
        needed = {name for table in touched for name in self._feeders(year, table)}
        for folder in folders:
            self._read(folder, needed)
        return [
            part
            for folder in folders
            for parts in folder.parts.values()
            for part in parts
            if part.census_year == year
        ]

    def _read(self, folder: _Folder, names: Iterable[str]) -> None:
        """Read files of a folder that were not read yet, and the whole of an NPD extract."""
        wanted = set(names)
        before = self.context.previous.entries
        todo = [i for i in folder.inputs if i.name in wanted and i.name not in folder.parts]
        if not todo:
            return
        self._read_all(folder, todo)
        if not any(i.name in folder.npd for i in todo):
            return
        others = [
            i
            for i in folder.inputs
            if i.name not in folder.parts and before[i.name][0].source.kind == KIND
        ]
        self._read_all(folder, others)
        year = None if folder.year == EVERY_YEAR else folder.year
        files = [folder.npd[name] for name in sorted(folder.npd)]
        from ingest_py.npd_tables import derive  # noqa: PLC0415 - loads pandas

        for made in derive(files, year):
            part = Part(
                made.source,
                BY_NAME[made.table_name],
                year or made.census_year,
                made.rows,
                made.note,
            )
            folder.parts[made.source.name].append(part)
        for file in files:
            if not folder.parts[file.source.name]:
                entry = FileEntry(file.source, READ, reason="; ".join([*notes(file), "no rows"]))
                self.context.ledger.add([entry])

    def _read_all(self, folder: _Folder, inputs: Sequence[Input]) -> None:
        step = f"read {self.kind} {folder.year}"
        ledger = self.context.ledger
        for done, found in enumerate(inputs):
            self.context.progress(step, done, len(inputs))
            began = time.perf_counter()
            folder.parts[found.name] = []
            try:
                parts, npd = read_input(found, self.tables, folder.renames)
                folder.parts[found.name] = parts
                if npd:
                    folder.npd[found.name] = npd
            except CinError as error:
                ledger.refuse(found.source, error, found.census_year)
            ledger.time(found.source, time.perf_counter() - began)
        self.context.progress(step, len(inputs), len(inputs))
