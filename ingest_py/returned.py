"""XML returns to landing: the submission that counts, read again only when its bytes changed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from common_py.errors import CinError
from ingest_py.census import Context
from ingest_py.inputs import name_of
from ingest_py.landing_schema import BY_NAME, CENSUS_TABLES, UNKNOWN_ELEMENTS
from ingest_py.ledger import IGNORED, READ, FileEntry, Source
from ingest_py.returns import ReturnFile, ReturnReport, choose_submissions, peek, read_returns
from ingest_py.returns.submissions import Submission
from ingest_py.reuse import Previous, hash_file

KIND = "returns"
_TABLES = (*CENSUS_TABLES, UNKNOWN_ELEMENTS)
_ISSUES_SHOWN = 8


def land_returns(
    context: Context, found: Mapping[str, Sequence[Path]], workers: int | None = None
) -> dict[str, dict[str, str]]:
    """Land every return.

    Parameters
    ----------
    found
        The XML files, by the year of their folder.
    workers
        Processes; None for one a core.

    Returns
    -------
    dict
        By year and LA, the name of the return that was read.
    """
    paths = [path for year in sorted(found) for path in found[year]]
    files = [ReturnFile.below(context.data, path) for path in paths]
    sources = {name: source for name, source in _hashed(context, paths) if source}
    step = "look at returns"
    submissions = []
    for done, file in enumerate(f for f in files if f.name in sources):
        context.progress(step, done, len(files))
        submissions.append(peek(file))
    context.progress(step, len(files), len(files))
    choice = choose_submissions(submissions)
    for submission in choice.refused:
        _refuse(context, sources[submission.file.name], submission)
    for submission, winner in choice.superseded:
        context.ledger.add([_superseded(sources[submission.file.name], submission, winner)])
    returned: dict[str, dict[str, str]] = {}
    todo = [
        s.file for s in choice.chosen if not _take_over(context, sources[s.file.name], returned)
    ]
    if todo:
        for report in read_returns(todo, context.root, workers, context.progress):
            _account(context, sources[report.file], report, returned)
    return returned


def _hashed(context: Context, paths: Sequence[Path]) -> list[tuple[str, Source | None]]:
    found: list[tuple[str, Source | None]] = []
    for path in paths:
        name = name_of(path, context.data)
        try:
            found.append((name, Source(name, KIND, *hash_file(path, name))))
        except CinError as error:
            context.ledger.refuse(Source(name, KIND), error)
            found.append((name, None))
    return found


def _refuse(context: Context, source: Source, submission: Submission) -> None:
    error = submission.refusal or CinError("cannot be read")
    year = submission.identity.census_year if submission.identity else None
    context.ledger.refuse(source, error, year or submission.file.folder_year)
    context.ledger.time(source, 0.0)


def _superseded(source: Source, submission: Submission, winner: str) -> FileEntry:
    identity, header = submission.identity, submission.header
    serial = header.serial_no if header else None
    return FileEntry(
        source,
        IGNORED,
        census_year=identity.census_year if identity else None,
        la_number=identity.la_number if identity else None,
        reason=f"a submission{f' (SerialNo {serial})' if serial else ''} that {winner} replaces",
        remedy="nothing to do; take the file out to be rid of this line",
    )


def _take_over(context: Context, source: Source, returned: dict[str, dict[str, str]]) -> bool:
    """Take over what the last landing has of a return; False if it has to be read."""
    previous: Previous = context.previous
    if not previous.has(source.name, source.sha256):
        return False
    refusal = previous.refusal(source.name)
    if refusal:
        context.ledger.take_over([refusal])
        context.ledger.time(source, 0.0, is_reused=True)
        return True
    entries = [e for e in previous.entries[source.name] if e.verdict == READ]
    kept = {e.table_name: e.rows_kept for e in entries}
    if not kept.get("returns"):
        return False
    year, la_number = entries[0].census_year or "", entries[0].la_number or ""
    for table in _TABLES:
        wanted = {la_number: kept.get(table.name, 0)}
        if not previous.take_partitions(context.root, table, year, wanted):
            return False
    context.ledger.take_over(entries)
    context.ledger.time(source, 0.0, is_reused=True)
    returned.setdefault(year, {})[la_number] = source.name
    return True


def _account(
    context: Context,
    source: Source,
    report: ReturnReport,
    returned: dict[str, dict[str, str]],
) -> None:
    context.ledger.time(source, report.seconds)
    if report.verdict != READ:
        error = CinError(
            report.reason or "cannot be read", place=report.place, remedy=report.remedy
        )
        context.ledger.refuse(source, error, report.census_year)
        return
    year, la_number = report.census_year or "", report.la_number or ""
    returned.setdefault(year, {})[la_number] = source.name
    context.ledger.add(
        FileEntry(
            source,
            READ,
            table,
            year,
            la_number,
            rows_read=n,
            rows_kept=n,
            reason=_notes(report) if table == "returns" else None,
        )
        for table, n in sorted(report.rows.items())
        if n and table in BY_NAME
    )


def _notes(report: ReturnReport) -> str | None:
    """Return what was odd about a return: elements and counts, never a value."""
    said = list(report.notes)
    said += [
        f"{issue.issue}: {issue.path} ({issue.count:,}, first on line {issue.first_line})"
        for issue in report.issues[:_ISSUES_SHOWN]
    ]
    if len(report.issues) > _ISSUES_SHOWN:
        said.append(f"and {len(report.issues) - _ISSUES_SHOWN} more kinds; see unknown_elements")
    return "; ".join(said) or None
