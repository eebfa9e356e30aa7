"""Returns to landing: one process a file over all cores, each file whole or not at all."""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import Future, as_completed
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, field, replace
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from common_py.errors import CinError
from common_py.processes import spawned
from common_py.progress import Progress, silent
from ingest_py.landing_schema import BY_NAME
from ingest_py.returns.account import IssueCount
from ingest_py.returns.reader import ReturnContent, read_return
from ingest_py.returns.refusals import refuse
from ingest_py.returns.source import Limits
from ingest_py.returns.submissions import ReturnFile, Submission, choose_submissions, peek

READ, REFUSED, SUPERSEDED = "read", "refused", "superseded"
_PART = "part-0.parquet"
_STEP = "read returns"
_WORTH_A_PROCESS = 8_000_000  # bytes in all; below, starting processes takes longer than reading


@dataclass(frozen=True)
class ReturnReport:
    """What became of one file.

    Attributes
    ----------
    file, verdict
        Its name, and read, refused or superseded.
    census_year, la_number, serial_no
        As far as its header tells; None otherwise.
    sha256, n_bytes, encoding, seconds
        Of the file, and of reading it.
    rows
        Rows written, by landing table, those with none included; empty unless read.
    issues, notes
        What was odd about it; never a value of a child.
    reason, place, remedy
        For a file that was not read: why, where, what to do.
    """

    file: str
    verdict: str
    census_year: str | None = None
    la_number: str | None = None
    serial_no: str | None = None
    sha256: str | None = None
    n_bytes: int = 0
    encoding: str | None = None
    seconds: float = 0.0
    rows: dict[str, int] = field(default_factory=dict)
    issues: tuple[IssueCount, ...] = ()
    notes: tuple[str, ...] = ()
    reason: str | None = None
    place: str | None = None
    remedy: str | None = None


def read_returns(
    files: Sequence[ReturnFile],
    out_dir: Path,
    workers: int | None = None,
    progress: Progress = silent,
    limits: Limits | None = None,
) -> list[ReturnReport]:
    """Read returns into landing partitions.

    Parameters
    ----------
    files
        The files; of several submissions of a return the one that counts is read.
    out_dir
        The landing that is being built: `<table>/census_year=…/la_number=…/part-0.parquet` is
        written below it, for tables that have rows.
    workers
        Processes; None for one a core. With 1, or little to read, everything happens in this one.
    progress
        Called as files are done.
    limits
        What a file may hold at most.

    Returns
    -------
    list of ReturnReport
        One a file, in the order of `files`. A bad file is a report, not an error.
    """
    bounds = limits or Limits()
    choice = choose_submissions(peek(file, bounds) for file in files)
    reports = {}
    for submission in choice.refused:
        reports[submission.file.name] = _refused(submission.file, submission.refusal, submission)
    for submission, winner in choice.superseded:
        reports[submission.file.name] = _superseded(submission, winner)
    chosen = sorted(
        (submission.file for submission in choice.chosen), key=_size, reverse=True
    )  # the largest first, so that no process is left alone with it at the end
    total = sum(map(_size, chosen))
    n_workers = min(workers or os.cpu_count() or 1, max(len(chosen), 1))
    out_dir.mkdir(parents=True, exist_ok=True)
    progress(_STEP, len(reports), len(files))
    if n_workers == 1 or (workers is None and total < _WORTH_A_PROCESS):
        for file in chosen:
            reports[file.name] = land_return(file, out_dir, bounds)
            progress(_STEP, len(reports), len(files))
    else:
        _spread(
            chosen, out_dir, bounds,
            n_workers=n_workers, reports=reports, progress=progress, total=len(files),
        )  # fmt: skip
    return [reports[file.name] for file in files]


def _spread(
    chosen: Sequence[ReturnFile],
    out_dir: Path,
    limits: Limits,
    *,
    n_workers: int,
    reports: dict[str, ReturnReport],
    progress: Progress,
    total: int,
) -> None:
    """Read files in processes of their own; their reports are added as they come."""
    with spawned(n_workers) as pool:
        running: dict[Future[ReturnReport], ReturnFile] = {
            pool.submit(land_return, file, out_dir, limits): file for file in chosen
        }
        for done in as_completed(running):
            file = running[done]
            try:
                reports[file.name] = done.result()
            except BrokenProcessPool:
                problem = "not read: a reading process was ended by the system"
                remedy = "run again with more memory, or one process (workers=1)"
                reports[file.name] = _refused(file, refuse(problem, file.name, remedy=remedy))
            progress(_STEP, len(reports), total)


def land_return(file: ReturnFile, out_dir: Path, limits: Limits) -> ReturnReport:
    """Read one return and write its partitions, all of them or none.

    Parameters
    ----------
    file, out_dir, limits
        As for `read_returns`.
    """
    started = time.perf_counter()
    scratch = Path(tempfile.mkdtemp(prefix=".return-", dir=out_dir))
    sink = _ParquetSink(scratch)
    try:
        content = read_return(
            file.path, file.name, sink,
            folder_year=file.folder_year, sha256=file.sha256, limits=limits,
        )  # fmt: skip
        sink.add("returns", _returns_row(file, content))
        sink.close()
        _move(scratch, out_dir, content)
    except CinError as error:
        return _refused(file, error)
    except OSError as error:
        problem = f"the file cannot be read or written ({error.strerror or type(error).__name__})"
        remedy = "check the file, the disk and that no other program holds them open"
        return _refused(file, refuse(problem, file.name, remedy=remedy))
    finally:
        sink.close()
        shutil.rmtree(scratch, ignore_errors=True)
    return ReturnReport(
        file=file.name,
        verdict=READ,
        census_year=content.identity.census_year,
        la_number=content.identity.la_number,
        serial_no=content.header.serial_no,
        sha256=content.sha256,
        n_bytes=content.n_bytes,
        encoding=content.encoding,
        seconds=time.perf_counter() - started,
        rows={"returns": 1, **content.rows},
        issues=content.issues,
        notes=content.notes,
    )


class _ParquetSink:
    """Writes each table to `<folder>/<table>.parquet` as its batches come."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._writers: dict[str, pq.ParquetWriter] = {}

    def add(self, table: str, batch: pa.RecordBatch) -> None:
        """Write rows."""
        writer = self._writers.get(table)
        if writer is None:
            writer = pq.ParquetWriter(self._folder / f"{table}.parquet", batch.schema)
            self._writers[table] = writer
        writer.write_batch(batch)

    def restart(self) -> None:
        """Throw away what was written."""
        written = tuple(self._writers)
        self.close()
        for table in written:
            (self._folder / f"{table}.parquet").unlink()

    def close(self) -> None:
        """Finish the files; nothing happens the second time."""
        for writer in self._writers.values():
            writer.close()
        self._writers.clear()


def _returns_row(file: ReturnFile, content: ReturnContent) -> pa.RecordBatch:
    header = content.header
    row = {
        "reference_date": header.reference_date,
        "software_code": header.software_code,
        "release": header.release,
        "serial_no": header.serial_no,
        "submitted_at": header.submitted_at,
        "file_name": file.path.name,
        "file_sha256": content.sha256,
        "n_children": str(content.rows["children"]),
        "source_file": file.name,
        "source_row": 1,
    }
    schema = BY_NAME["returns"].schema
    return pa.RecordBatch.from_pylist([row], schema=schema)


def _move(scratch: Path, out_dir: Path, content: ReturnContent) -> None:
    whose = content.identity
    for path in sorted(scratch.glob("*.parquet")):
        folder = out_dir / path.stem / f"census_year={whose.census_year}"
        folder = folder / f"la_number={whose.la_number}"
        folder.mkdir(parents=True, exist_ok=True)
        path.replace(folder / _PART)


def _refused(
    file: ReturnFile, error: CinError | None, submission: Submission | None = None
) -> ReturnReport:
    report = _unread(file, REFUSED, submission)
    if error is None:
        return report
    return replace(report, reason=error.problem, place=error.place, remedy=error.remedy)


def _superseded(submission: Submission, winner: str) -> ReturnReport:
    report = _unread(submission.file, SUPERSEDED, submission)
    return replace(
        report,
        reason=f"replaced by {winner}, the submission with the highest SerialNo",
        remedy="nothing to do; take the file out to be rid of this line",
    )


def _unread(file: ReturnFile, verdict: str, submission: Submission | None) -> ReturnReport:
    identity = submission.identity if submission else None
    header = submission.header if submission else None
    sha256 = file.sha256
    try:
        if sha256 is None:
            with file.path.open("rb") as stream:
                sha256 = hashlib.file_digest(stream, "sha256").hexdigest()
    except OSError:
        pass  # the report says why
    return ReturnReport(
        file=file.name,
        verdict=verdict,
        census_year=identity.census_year if identity else file.folder_year,
        la_number=identity.la_number if identity else None,
        serial_no=header.serial_no if header else None,
        sha256=sha256,
        n_bytes=_size(file),
    )


def _size(file: ReturnFile) -> int:
    try:
        return file.path.stat().st_size
    except OSError:
        return 0
