"""Measure the reader of returns: against lxml alone, by file size, and by cores.

    python -m benchmarks.ingest.xml_speed speed  FULL.xml     # one core, CPU seconds, best of pairs
    python -m benchmarks.ingest.xml_speed memory FOLDER       # peak memory by file size
    python -m benchmarks.ingest.xml_speed cores  FOLDER       # wall seconds of 1 and 2 processes

Each prints a Markdown table. `speed` alternates the two in short turns, so that both meet the same
machine; CPU time is compared, the least of all turns and the median of the ratios of neighbours.
"""

from __future__ import annotations

import os
import shutil
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import pyarrow as pa
from lxml import etree

from benchmarks.ingest.full_return import write_full_return
from ingest_py.returns import ReturnFile, land_return, read_return, read_returns
from ingest_py.returns.source import Limits

TURNS = 9
SIZES = (300, 20_000, 200_000, 700_000)


class _Nowhere:
    """A sink that drops what it is given."""

    def add(self, table: str, batch: pa.RecordBatch) -> None:
        """Drop rows."""

    def restart(self) -> None:
        """Have nothing to forget."""


def load() -> str:
    """Return how busy the machine is with this and other work."""
    return f"load {psutil.getloadavg()[0]:.1f}"


def bare(path: Path) -> None:
    """Do what any reader on lxml must: parse, meet every child, clear it."""
    for _, element in etree.iterparse(path, events=("end",), tag="Child"):
        element.clear()
        while element.getprevious() is not None:
            del element.getparent()[0]


def seconds(work: Callable[[], object]) -> float:
    """Return the CPU seconds of one run."""
    started = time.process_time()
    work()
    return time.process_time() - started


def speed(path: Path) -> None:
    """Compare reading with the bare pass on one core."""
    folder = path.with_suffix(".landing")
    folder.mkdir(exist_ok=True)
    ways: dict[str, Callable[[], object]] = {
        "bare lxml pass": lambda: bare(path),
        "read to Arrow": lambda: read_return(path, path.name, _Nowhere()),
        "read to Parquet": lambda: land_return(ReturnFile(path, path.name), folder, Limits()),
    }
    taken: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(TURNS):
        for name, work in ways.items():
            taken[name].append(seconds(work))
    shutil.rmtree(folder)
    size = path.stat().st_size / 1e6
    print(f"{path.stat().st_size:,} bytes; {load()}; {TURNS} turns")
    print("| what | CPU s | MB/s | speed against bare, best | median of pairs |")
    print("|---|---|---|---|---|")
    base = taken["bare lxml pass"]
    for name, times in taken.items():
        pairs = statistics.median(b / t for b, t in zip(base, times, strict=True))
        best = min(times)
        print(f"| {name} | {best:.3f} | {size / best:.0f} | {min(base) / best:.0%} | {pairs:.0%} |")


def memory(folder: Path) -> None:
    """Show the peak memory of reading files of four sizes, each in its own process."""
    print("| children | file MB | peak MB | peak above idle MB | CPU s |")
    print("|---|---|---|---|---|")
    for n in SIZES:
        path = folder / f"size_{n}.xml"
        write_full_return(path, n)
        command = [sys.executable, "-m", "benchmarks.ingest.xml_speed", "one", str(path)]
        idle, peak, taken = subprocess.run(
            command, check=True, capture_output=True, text=True
        ).stdout.split()
        size = path.stat().st_size / 1e6
        print(
            f"| {n:,} | {size:,.0f} | {float(peak):.0f} | {float(peak) - float(idle):.0f} "
            f"| {float(taken):.1f} |",
            flush=True,
        )
        path.unlink()


def one(path: Path) -> None:
    """Land one file; print memory before, peak memory and CPU seconds."""
    folder = path.with_suffix(".landing")
    folder.mkdir(exist_ok=True)
    process = psutil.Process()
    idle = process.memory_info().rss
    taken = seconds(lambda: land_return(ReturnFile(path, path.name), folder, Limits()))
    shutil.rmtree(folder)
    print(idle / 1e6, _peak() / 1e6, taken)


def _peak() -> float:
    info = psutil.Process().memory_info()
    if hasattr(info, "peak_wset"):
        return float(info.peak_wset)
    import resource  # noqa: PLC0415 - not on Windows

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return float(peak if sys.platform == "darwin" else peak * 1024)


def cores(folder: Path) -> None:
    """Compare the wall time of one process and of two on eight files."""
    files = []
    for la_number in range(301, 309):
        path = folder / f"{la_number}.xml"
        write_full_return(path, 20_000, la_number=la_number, seed=la_number)
        files.append(ReturnFile(path, path.name))
    taken: dict[int, list[float]] = {1: [], 2: []}
    for _ in range(3):
        for workers, times in taken.items():
            out = folder / "out"
            started = time.perf_counter()
            reports = read_returns(files, out, workers=workers)
            times.append(time.perf_counter() - started)
            assert all(report.verdict == "read" for report in reports)
            shutil.rmtree(out)
    for file in files:
        file.path.unlink()
    first, second = min(taken[1]), min(taken[2])
    print(f"{load()}, {os.cpu_count()} cores")
    print("| processes | wall s, best of 3 | times as fast |")
    print("|---|---|---|")
    print(f"| 1 | {first:.2f} | 1.00 |")
    print(f"| 2 | {second:.2f} | {first / second:.2f} |")


if __name__ == "__main__":
    {"speed": speed, "memory": memory, "cores": cores, "one": one}[sys.argv[1]](Path(sys.argv[2]))
