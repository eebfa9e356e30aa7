"""Time `cin release` on a warehouse that is built and fitted: wall and processor seconds a part.

`python -m benchmarks.release.release_speed BUILD_DIR [--landing DIR]` copies nothing but what
`cin release` copies, writes its release to a temporary shelf, and writes release_speed.md beside
this script, one row a part. The audit is timed apart: the goal is for a release beside its audit.
"""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any
from unittest.mock import patch

import psutil

from common_py.paths import Paths
from common_py.progress import silent
from pipeline_py.copies import copied, only_dbt, run_docs
from pipeline_py.tested import test
from publish_py import package, releasing
from publish_py.control import control
from publish_py.disclosed import Disclosure
from publish_py.releasing import release

WHOLE, AUDIT = "the whole", "audit"
TABLE = Path(__file__).with_suffix(".md")
#: What the package of a release is made by: module and function.
_PACKED = {
    "read what the site shows": (releasing, "read_site_data"),
    "write Parquet, CSV": (package, "_write_tables"),
    "write DuckDB": (package, "write_duckdb"),
    "write Excel": (package, "_write_excel"),
    "write the site": (package, "render_site"),
    "hash, flush and rename": (releasing, "_put"),
}


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
        with times.part(AUDIT):
            return disclosure.audit(*arguments)  # type: ignore[arg-type]

    def timed(name: str, made: Callable[..., Any]) -> Callable[..., Any]:
        def run(*arguments: Any, **named: Any) -> Any:
            with times.part(name):
                return made(*arguments, **named)

        return run

    with times.part(WHOLE), only_dbt(paths), copied(paths) as copy, ExitStack() as stack:
        for name, (module, function) in _PACKED.items():
            replaced = timed(name, getattr(module, function))
            stack.enter_context(patch.object(module, function, replaced))
        report = release(
            paths,
            "measured",
            tests=lambda: timed("dbt tests (beside)", test)(paths, copy, silent),
            documents=lambda: timed("dbt documents (beside)", run_docs)(paths, copy),
            disclosure=Disclosure(tables, audit),  # type: ignore[arg-type]
        )
    print(report.summary)
    return times


def main() -> None:
    """Measure the warehouse that is named."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("build", type=Path)
    parser.add_argument("--landing", type=Path)
    asked = parser.parse_args()
    load = os.getloadavg()[0]
    with tempfile.TemporaryDirectory() as shelf:
        os.environ |= {"CIN_BUILD_DIR": str(asked.build), "CIN_RELEASES_DIR": shelf}
        if asked.landing:
            os.environ["CIN_LANDING_DIR"] = str(asked.landing)
        times = measured(Paths.find(), control())
    wall = {name: seconds for name, (seconds, _) in times.parts.items()}
    lines = [
        f"Load of the machine at the start {load:.1f}, at the end {os.getloadavg()[0]:.1f}, on "
        f"{os.cpu_count()} cores. The release beside its audit: "
        f"{wall[WHOLE] - wall[AUDIT]:.0f} s; the audit: {wall[AUDIT]:.0f} s.",
        "",
        "| part | wall seconds | processor seconds |",
        "|---|---|---|",
        *(f"| {name} | {took:.1f} | {work:.1f} |" for name, (took, work) in times.parts.items()),
        "",
        "Processor seconds are those of the whole process and of children that ended meanwhile, so "
        "parts that run beside others have some of theirs.",
    ]
    TABLE.write_text("\n".join(lines) + "\n", encoding="utf-8")
    print("\n".join(lines))


if __name__ == "__main__":
    main()
