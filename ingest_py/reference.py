"""Published reference files to landing: recognise, extract, choose one file per series of facts."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from common_py.errors import CinError
from ingest_py.census import Context
from ingest_py.ethnicity import extract_ethnicity, recognise_ethnicity
from ingest_py.extraction import REMEDIES, extract
from ingest_py.facts import Facts, Series, choose
from ingest_py.figures import extract_figures, recognise_figures
from ingest_py.inputs import name_of
from ingest_py.landing import write_whole
from ingest_py.landing_schema import BY_NAME, REFERENCE_TABLES, Table
from ingest_py.layouts import LAYOUTS
from ingest_py.ledger import IGNORED, READ, FileEntry, Ledger, Source
from ingest_py.recognise import known, recognise
from ingest_py.reuse import hash_file
from ingest_py.sources import Sheet, open_source, readable, sheets

KIND = "reference"
_NOT_KNOWN = "no header of a published file that this version reads"


@dataclass
class _Files:
    """The files found, which of them changed, and what was read of them."""

    inputs: dict[str, tuple[Path, Source]]
    changed: set[str]
    facts: dict[str, list[Facts]] = field(default_factory=dict)


def land_reference(context: Context, paths: Sequence[Path]) -> dict[str, set[Series]]:
    """Land every reference file that is recognised, reading only what changed.

    A table is put together anew when a file that feeds it is new, changed or gone; any other is
    taken over from the last landing.

    Returns
    -------
    dict
        The series in landing, by table.
    """
    files = _look(context, paths)
    _read(context, files, files.changed)
    previous = context.previous
    gone = {
        name
        for name, entries in previous.entries.items()
        if entries[0].source.kind == KIND and (name in files.changed or name not in files.inputs)
    }
    touched = {facts.table_name for facts in _facts_of(files)}
    touched |= {table for name in gone for _, table in previous.units(name)}
    landed: dict[str, set[Series]] = {}
    for table in REFERENCE_TABLES:
        if table.name not in touched and not _take_over(context, files, table, landed):
            touched.add(table.name)
    _read(context, files, {n for table in touched for n in previous.feeding(table)})
    chosen = choose([facts for facts in _facts_of(files) if facts.table_name in touched])
    _account([f for f in _facts_of(files) if f.table_name in touched], chosen, context.ledger)
    for name in sorted(touched):
        mine = [facts for facts in chosen if facts.table_name == name]
        if mine:
            rows = pa.concat_tables([facts.rows for facts in mine])
            write_whole(context.root, BY_NAME[name], rows)
        landed[name] = {facts.series for facts in mine}
    return landed


def _look(context: Context, paths: Sequence[Path]) -> _Files:
    """Hash the files, and take over the lines of those that fed nothing and did not change."""
    inputs: dict[str, tuple[Path, Source]] = {}
    changed = set()
    for done, path in enumerate(paths):
        context.progress("look at reference", done, len(paths))
        name = name_of(path, context.data)
        try:
            source = Source(name, KIND, *hash_file(path, name))
        except CinError as error:
            context.ledger.refuse(Source(name, KIND), error)
            continue
        inputs[name] = (path, source)
        if not context.previous.has(name, source.sha256):
            changed.add(name)
            continue
        lines = [e for e in context.previous.entries[name] if not e.table_name]
        context.ledger.take_over(lines)
        context.ledger.time(source, 0.0, is_reused=True)
    context.progress("look at reference", len(paths), len(paths))
    return _Files(inputs, changed)


def _read(context: Context, files: _Files, names: set[str]) -> None:
    """Read files that were not read yet."""
    todo = sorted(names & set(files.inputs) - set(files.facts))
    for done, name in enumerate(todo):
        context.progress("read reference", done, len(todo))
        path, source = files.inputs[name]
        began = time.perf_counter()
        files.facts[name] = read_file(path, context.data, context.ledger)
        context.ledger.time(source, time.perf_counter() - began)
    context.progress("read reference", len(todo), len(todo))


def _facts_of(files: _Files) -> list[Facts]:
    return [facts for name in sorted(files.facts) for facts in files.facts[name]]


def _take_over(
    context: Context, files: _Files, table: Table, landed: dict[str, set[Series]]
) -> bool:
    """Take over a table that no changed file feeds; False if it has to be read again."""
    previous = context.previous
    feeding = previous.feeding(table.name) & set(files.inputs)
    entries = [
        e for name in sorted(feeding) for e in previous.entries[name] if e.table_name == table.name
    ]
    if not previous.take_whole(context.root, table, sum(e.rows_kept for e in entries)):
        return False
    context.ledger.take_over(entries)
    rows = previous.quarantined_of(feeding, table.name)
    context.ledger.quarantine(rows, REMEDIES)
    landed[table.name] = _series_in(context.root, table) if entries else set()
    return True


def _series_in(root: Path, table: Table) -> set[Series]:
    """Return the series of a landed table."""
    names = next((layout.series for layout in LAYOUTS if layout.table == table.name), ())
    path = root / table.name / "part-0.parquet"
    if not path.exists():
        return set()
    if not names:
        return {()}
    with path.open("rb") as stream:
        rows = pq.read_table(stream, columns=list(names))
    distinct = rows.group_by(list(names)).aggregate([]).to_pylist()
    return {tuple((name, row[name]) for name in names) for row in distinct}


def _account(found: Sequence[Facts], chosen: Sequence[Facts], ledger: Ledger) -> None:
    """Write one ledger line per file and table; set-aside rows count where the file is used."""
    winners = {(facts.table_name, facts.series): facts for facts in chosen}
    groups: dict[tuple[str, str], list[Facts]] = {}
    for facts in found:
        groups.setdefault((facts.source.name, facts.table_name), []).append(facts)
    for group in groups.values():
        used = [f for f in group if winners[f.table_name, f.series] is f]
        lost = [(f.label, winners[f.table_name, f.series].source.name) for f in group
                if winners[f.table_name, f.series] is not f]  # fmt: skip
        notes = [*dict.fromkeys(note for f in group for note in f.notes), *_superseded(lost)]
        n_kept = sum(f.rows.num_rows for f in used)
        n_bad = sum(f.quarantined.num_rows for f in used)
        ledger.add(
            [
                FileEntry(
                    group[0].source,
                    READ if used else IGNORED,
                    group[0].table_name,
                    rows_read=n_kept + n_bad,
                    rows_kept=n_kept,
                    rows_quarantined=n_bad,
                    reason="; ".join(notes) or None,
                )
            ]
        )
        for facts in used:
            ledger.quarantine(facts.quarantined, REMEDIES)


def _superseded(lost: Sequence[tuple[str, str]]) -> Iterator[str]:
    """Say which series are read from which other file."""
    for winner in dict.fromkeys(name for _, name in lost):
        labels = ", ".join(label for label, name in lost if name == winner)
        yield f"not used for {labels}: read from {winner}"


def read_file(path: Path, data: Path, ledger: Ledger) -> list[Facts]:
    """Read one file; what cannot be read or is not known goes to the ledger."""
    name = name_of(path, data)
    source = Source(name, "reference")
    found: list[Facts] = []
    reason = _NOT_KNOWN
    try:
        source, content = open_source(path, name, "reference")
        with readable():
            for sheet in sheets(name, content):
                facts, passed_over = _read_sheet(source, sheet, path.name.split(".")[0])
                found += facts
                reason = passed_over or reason
    except CinError as error:
        ledger.refuse(source, error)
        return []
    if not found:
        ledger.ignore(source, reason, "docs/inputs.md lists the published files that are read")
    return found


def _read_sheet(source: Source, sheet: Sheet, stem: str) -> tuple[list[Facts], str | None]:
    """Return the facts of a sheet, or why one that is known has none."""
    top = sheet.top()
    described = known(top)
    if described:
        return [], f"{described.name}: {described.reason}"
    ethnic = recognise_ethnicity(top)
    if ethnic:
        return list(extract_ethnicity(source, sheet, ethnic)), None
    figures = recognise_figures(top, stem)
    if figures:
        return list(extract_figures(source, sheet, figures)), None
    matches = recognise(top, sheet.name, stem)
    return [facts for match in matches for facts in extract(source, sheet, match)], None
