"""The stage: frames from the marts, every check, and the verdict in `build/gate/gate.json`."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from common_py.errors import CinError
from common_py.paths import Paths
from common_py.private import private
from common_py.progress import Progress, silent
from common_py.warehouse import Build, read_build, reading
from expectations.checks import CHECKS
from expectations.frames import (
    Release,
    Size,
    read_frames,
    read_sizes,
    release_frames,
    release_of,
    to_frame,
)
from expectations.runner import FAILED, PASSED, CheckResult, run_checks
from expectations.settings import GateSettings, load_settings


@dataclass(frozen=True)
class GateReport:
    """The verdict of the gate.

    Attributes
    ----------
    passed
        Whether no check failed.
    results
        One a check and census year.
    file
        Where it was written: `build/gate/gate.json`.
    """

    build_id: str
    passed: bool
    results: tuple[CheckResult, ...]
    file: Path

    @property
    def messages(self) -> list[str]:
        """One readable line a failure."""
        return [result.line() for result in self.results if result.status == FAILED]

    @property
    def summary(self) -> str:
        """The verdict in a line."""
        made = [result for result in self.results if result.status in (PASSED, FAILED)]
        good = sum(result.status == PASSED for result in made)
        verdict = "open" if self.passed else "closed"
        return f"the gate is {verdict}: {good} of {len(made)} checks passed"


def gate(
    paths: Paths,
    progress: Progress = silent,
    *,
    settings: GateSettings | None = None,
    last: Sequence[Release] | None = None,
) -> GateReport:
    """Judge the marts of every census year and write the verdict.

    A failed check is a verdict, not an error. The observations of an earlier build whose
    gate was open are kept as `previous.json`, and this release is held against them, or
    against `last` where that is given: what the last release on the shelf says.

    Raises
    ------
    CinError
        If the warehouse or its marts are not there, or they hold no census year.
    """
    settings = settings or load_settings()
    folder = paths.build / "gate"
    with reading(paths.warehouse) as connection:
        build = read_build(connection)
        sizes = read_sizes(connection)
        if not sizes:
            raise CinError(
                "the marts hold no census year, so there is nothing to judge",
                file=str(paths.warehouse),
                remedy="run `cin ingest` with a census year and its reference files, then "
                "`cin build`",
            )
        folder.mkdir(parents=True, exist_ok=True)
        kept = _previous(folder, build)
        previous = kept if last is None else {one.census_year: one for one in last}
        results, releases = [], []
        for done, size in enumerate(sizes, start=1):
            year = size.census_year
            frames = read_frames(connection, year)  # one year's at a time
            release = release_of(year, size.n_las, frames)
            releases.append(release)
            results += _judge(size, release, previous.get(year), frames, settings)
            progress("gate", done, len(sizes))
    passed = not any(result.status == FAILED for result in results)
    report = GateReport(build.build_id, passed, tuple(results), folder / "gate.json")
    _write(report, build, releases)
    return report


def _judge(
    size: Size,
    release: Release,
    previous: Release | None,
    frames: Mapping[str, Any],
    settings: GateSettings,
) -> list[CheckResult]:
    year, name = size.census_year, settings.size(size.n_las)
    if previous is not None and settings.size(previous.n_las) != name:
        previous = None
    expected = settings.study_las.get(year, size.n_las_expected)
    label = size.missing_las or "England"
    missing = to_frame([{"label": label, "n_missing": expected - size.n_las}])
    limits = {
        check: limit for (check, of_size), limit in settings.limits.items() if of_size == name
    }
    return run_checks(
        year,
        CHECKS,
        limits,
        {**frames, **release_frames(release, previous, frames["la_referrals"]), "size": missing},
        settings.why,
    )


def _previous(folder: Path, build: Build) -> dict[int, Release]:
    """Return the last release's observations by year, moving them aside when they are new."""
    last, kept = folder / "gate.json", folder / "previous.json"
    content = _read(last)
    if content.get("passed") and content.get("build_id") != build.build_id:
        os.replace(last, kept)  # noqa: PTH105 (replaces on Windows too)
    content = _read(kept)
    if content.get("dataset") != build.dataset or content.get("build_id") == build.build_id:
        return {}
    releases = [Release.from_json(one) for one in content.get("releases", [])]
    return {release.census_year: release for release in releases}


def _read(file: Path) -> dict[str, Any]:
    """Return a gate file's content; nothing where there is none or it is not whole."""
    try:
        content = json.loads(file.read_text(encoding="utf-8"))
    except (FileNotFoundError, json.JSONDecodeError):
        return {}
    return content if isinstance(content, dict) else {}


def _write(report: GateReport, build: Build, releases: list[Release]) -> None:
    content = {
        "build_id": report.build_id,
        "dataset": build.dataset,
        "passed": report.passed,
        "summary": report.summary,
        "results": [asdict(result) for result in report.results],
        "releases": [release.as_json() for release in releases],
    }
    beside = report.file.with_name("gate.json.new")
    with private():  # counts of single authorities, as they are
        beside.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")
    os.replace(beside, report.file)  # noqa: PTH105 (replaces on Windows too)
