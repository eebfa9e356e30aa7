"""Time `cin release` on a warehouse that is built and fitted: wall and processor seconds a part.

`python -m benchmarks.release.release_speed BUILD_DIR [--landing DIR]` copies nothing but what
`cin release` copies, writes its release to a temporary shelf, and prints one row a part. The
audit is timed apart: the goal is for a release beside its audit.
"""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil

from common_py.paths import Paths
from common_py.progress import silent
from pipeline_py.releasing import copied
from pipeline_py.tested import test
from publish_py.control import control
from publish_py.disclosed import Disclosure
from publish_py.releasing import release
from publish_py.verdicts import Checked


class Times:
    """Seconds by part, in the order in which parts ended."""

    def __init__(self) -> None:
        self.parts: dict[str, tuple[float, float]] = {}

    @contextmanager
    def part(self, name: str) -> Iterator[None]:
        """Measure a block: wall seconds, and processor seconds of this process and its children."""
        wall, work = time.perf_counter(), _work()
        yield
        self.parts[name] = (time.perf_counter() - wall, _work() - work)


def _work() -> float:
    spent = psutil.Process().cpu_times()
    return float(spent.user + spent.system + spent.children_user + spent.children_system)


def measured(paths: Paths, disclosure: Disclosure) -> Times:
    """Release once, and return what each part took."""
    times = Times()

    def tables(*arguments: object) -> object:
        with times.part("protect"):
            return disclosure.tables(*arguments)  # type: ignore[arg-type]

    def audit(*arguments: object) -> object:
        with times.part("audit"):
            return disclosure.audit(*arguments)  # type: ignore[arg-type]

    with times.part("all"), copied(paths) as copy:

        def tests() -> Checked:
            with times.part("dbt tests (beside)"):
                return test(paths, copy, silent)

        report = release(paths, "measured", tests=tests, disclosure=Disclosure(tables, audit))  # type: ignore[arg-type]
    print(report.summary)
    return times


def main() -> None:
    """Measure the warehouse that is named."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("build", type=Path)
    parser.add_argument("--landing", type=Path)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as shelf:
        os.environ |= {"CIN_BUILD_DIR": str(asked.build), "CIN_RELEASES_DIR": shelf}
        if asked.landing:
            os.environ["CIN_LANDING_DIR"] = str(asked.landing)
        times = measured(Paths.find(), control())
    print(f"load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores\n")
    print("| part | wall seconds | processor seconds |\n|---|---|---|")
    for name, (wall, work) in times.parts.items():
        print(f"| {name} | {wall:.1f} | {work:.1f} |")


if __name__ == "__main__":
    main()
