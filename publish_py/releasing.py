"""`cin release`: protect, audit, pass every gate, render, package; all of it or nothing.

A release is whole or absent (`versions.py`). What stands on the shelf is never touched.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from common_py.errors import CinError
from common_py.paths import Paths
from common_py.progress import Progress, silent
from common_py.release_names import check_version
from common_py.warehouse import read_build, reading, rows, sql
from publish_py.consistent import consistent, hidden_keys
from publish_py.control import control
from publish_py.disclosed import Disclosure
from publish_py.estimates import estimate_tables
from publish_py.gates import GATES, Evidence, Gate, judge
from publish_py.manifest import (
    broken,
    data_files,
    dataset_of,
    inputs,
    manifest,
    write_manifest,
)
from publish_py.observed import census_sizes, observed
from publish_py.package import Protected, package
from publish_py.quality import quality_tables
from publish_py.rules import Rules, load_rules
from publish_py.source import SQL_FOLDER, read_site_data
from publish_py.verdicts import Checked, Verdict, refusal
from publish_py.versions import (
    SUMS,
    finish,
    not_written,
    only_writer,
    previous,
    releases,
    remove,
    unfinished,
)

STEPS = 5


@dataclass(frozen=True)
class ReleaseReport:
    """What became of a release.

    Attributes
    ----------
    folder
        Where it stands.
    is_new
        Whether it was written now; else the same one stood there already.
    """

    folder: Path
    is_new: bool
    n_files: int
    n_bytes: int
    verdicts: tuple[Verdict, ...]

    @property
    def summary(self) -> str:
        """The gates and the release in a line each."""
        what = (
            f"release: {self.folder} ({self.n_files} files, {self.n_bytes / 1e6:.1f} MB)"
            if self.is_new
            else f"release: {self.folder} stands already, with the same tables; nothing was written"
        )
        return "\n".join([*(line for one in self.verdicts for line in one.lines), what])


def release(
    paths: Paths,
    version: str,
    *,
    tests: Callable[[], Checked],
    disclosure: Disclosure | None = None,
    documents: Callable[[], object] | None = None,
    rules: Rules | None = None,
    gates: Mapping[str, Gate] = GATES,
    progress: Progress = silent,
) -> ReleaseReport:
    """Publish the warehouse as `releases/<version>/`, if every gate lets it pass.

    Parameters
    ----------
    paths
        Where the warehouse is, and the shelf.
    version
        The name of the release.
    tests
        Runs dbt's tests of a copy of this warehouse; it is called beside the other work.
    disclosure
        What protects and what audits, if not `publish_py.released` and `publish_py.audit`.
    documents
        Makes dbt's static page, once the tests are done.
    gates
        What is judged, by name.

    Raises
    ------
    CinError
        If a gate is shut (every verdict is told), the version is no name or is taken by
        another content, the shelf is in use or not writable, or the warehouse changed.
    """
    check_version(version)
    rules = rules or load_rules()
    disclosure = disclosure or control()
    with only_writer(paths.releases), ThreadPoolExecutor(1) as beside:
        before = _identity(paths.warehouse)
        tested = beside.submit(tests)
        made = beside.submit(documents or _nothing)
        with reading(paths.warehouse) as connection:
            build = read_build(connection)
            last = previous(paths.releases, version, dataset_of(build))
            run = _run(connection)
            published = disclosure.tables(connection, rules, last.folder if last else None)
            progress("release", 1, STEPS)
            evidence = Evidence(
                paths,
                connection,
                build,
                rules,
                run,
                tests=tested.result,
                audit=lambda: disclosure.audit(published, rules, last.folder if last else None),
                last=observed(last) if last else (),
            )
            verdicts = judge(evidence, gates, progress)
            _refuse_shut(verdicts, version)
            progress("release", 2, STEPS)
            hidden = hidden_keys(int(run["census_year"]), published)
            data = consistent(read_site_data(paths, rules, hidden), published)
            protected = Protected(
                data,
                {**published, **quality_tables(data)},
                estimate_tables(connection, data, rules),
                rules,
                verdicts,
            )
            said = manifest(
                name=version,
                sequence=1 + max((one.sequence for one in releases(paths.releases)), default=0),
                last=last,
                paths=paths,
                build=build,
                run=run,
                rules=rules,
                verdicts=verdicts,
                files_in=inputs(connection),
                n_las=census_sizes(connection),
            )
        folder = unfinished(paths.releases, version)
        try:
            n_rows = package(
                folder,
                paths,
                protected,
                made=made.result,
                progress=lambda done: progress("release", 2 + done, STEPS),
            )
            write_manifest(folder, said | {"n_rows": n_rows})
            _refuse_changed(paths.warehouse, before)
            report = _put(folder, paths.releases / version, verdicts)
        except duckdb.Error as error:
            raise not_written(folder, OSError(0, type(error).__name__)) from error
        finally:
            remove(folder)
    progress("release", STEPS, STEPS)
    return report


def _nothing() -> None:
    """Make no documents."""


def _run(connection: duckdb.DuckDBPyConnection) -> dict[str, Any]:
    """Return the run that the site shows; nothing where there is none."""
    try:
        found = rows(connection, sql(SQL_FOLDER, "runs"))
    except CinError:
        return {}
    return found[0] if found else {}


def _identity(warehouse: Path) -> tuple[int, int, int] | None:
    """Return what differs once a file is replaced or written to; no clock is compared."""
    if not warehouse.is_file():
        return None
    now = warehouse.stat()
    return now.st_ino, now.st_size, now.st_mtime_ns


def _refuse_changed(warehouse: Path, before: tuple[int, int, int] | None) -> None:
    if _identity(warehouse) != before:
        raise CinError(
            "the warehouse changed while it was being released; nothing was published",
            file=str(warehouse),
            remedy="wait until `cin build` and `cin fit` have ended, and release again",
        )


def _refuse_shut(verdicts: tuple[Verdict, ...], version: str) -> None:
    shut = [one.gate for one in verdicts if not one.passed]
    if shut:
        raise CinError(
            f"release {version} is not published: {len(shut)} of {len(verdicts)} gates are shut "
            f"({', '.join(shut)})\n{refusal(verdicts)}",
            remedy="do what is said above at every fault, and release again; the earlier releases "
            "are as they were",
        )


def _put(folder: Path, target: Path, verdicts: tuple[Verdict, ...]) -> ReleaseReport:
    """Put a finished release on the shelf, or find that the same one stands there already."""
    files = [file for file in folder.rglob("*") if file.is_file()]
    n_bytes = sum(file.stat().st_size for file in files)
    is_new = not target.exists()
    if is_new:
        finish(folder, target)
    else:
        _refuse_other(folder, target)
    return ReleaseReport(target, is_new, len(files), n_bytes, verdicts)


def _refuse_other(folder: Path, target: Path) -> None:
    """Refuse to put another content under the name of a release that stands."""
    if not (target / SUMS).is_file() or broken(target):
        raise CinError(
            "under this name stands a folder that is no whole release",
            file=str(target),
            remedy=f"move it away (its {SUMS} says what belongs there), or release under another "
            "name",
        )
    if data_files(folder) != data_files(target):
        raise CinError(
            "under this name stands a release with other tables; it stays as it is",
            file=str(target),
            remedy="release under another name",
        )
