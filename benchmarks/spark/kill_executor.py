"""Build on a local cluster of two executor processes, kill one in mid-build, say how it ended.

    python -m benchmarks.spark.kill_executor BUILD_DIR [--after 100]

`BUILD_DIR/landing` is a landing. The warehouse is `BUILD_DIR/warehouse.duckdb` after it, and
`cin parity` holds it against DuckDB's.
"""

from __future__ import annotations

import argparse
import os
import re
import subprocess
import sys
from pathlib import Path

import psutil

MASTER = "local-cluster[2,1,2048]"
EXECUTOR = "CoarseGrainedExecutorBackend"
PROGRESS = re.compile(r"dbt build: (\d+) of (\d+)")


def executors(root: int) -> list[psutil.Process]:
    """Return the executor processes below a process, the oldest first."""
    below = psutil.Process(root).children(recursive=True)
    found = [one for one in below if any(EXECUTOR in word for word in _words(one))]
    return sorted(found, key=lambda one: one.create_time())


def _words(process: psutil.Process) -> list[str]:
    try:
        return process.cmdline()
    except psutil.Error:
        return []


def main() -> int:
    """Build, kill, and print what was seen."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("build", type=Path)
    parser.add_argument("--after", type=int, default=100, help="nodes done before one is killed")
    asked = parser.parse_args()
    environment = {
        **os.environ,
        "CIN_BUILD_DIR": str(asked.build.resolve()),
        "CIN_SPARK_MASTER": MASTER,
    }
    with subprocess.Popen(
        [sys.executable, "-m", "pipeline_py", "build", "--target", "spark"],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
    ) as build:
        assert build.stdout is not None
        killed = None
        for line in build.stdout:
            print(line, end="", flush=True)
            done = PROGRESS.match(line)
            at_work = executors(build.pid) if done and killed is None else []
            if done and int(done[1]) >= asked.after and len(at_work) == 2:
                killed = at_work[0]
                print(f"two executors: {[one.pid for one in at_work]}; {killed.pid} is killed now")
                killed.kill()
            elif killed is not None and done:
                print(f"executors at work: {[one.pid for one in executors(build.pid)]}")
    print(f"exit code {build.returncode}, killed: {killed.pid if killed else 'none'}")
    return build.returncode


if __name__ == "__main__":
    sys.exit(main())
