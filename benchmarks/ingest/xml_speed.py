"""Measure the reader of returns: against lxml alone, by file size, by cores, against a peer.

    python -m benchmarks.ingest.xml_speed speed  FOLDER   # one core, CPU seconds, best of turns
    python -m benchmarks.ingest.xml_speed memory FOLDER   # peak memory from 1 MB to 2 GB
    python -m benchmarks.ingest.xml_speed cores  FOLDER   # wall seconds of 1 and 2 processes
    python -m benchmarks.ingest.xml_speed peer   FOLDER PYTHON [N ...]   # of the peer; children

Files are made in FOLDER and taken away again. Each writes its table beside this file, as
`speed.md` and so on. `speed` alternates the ways in short turns, so that all meet the same machine;
CPU time is compared, the least of all turns and the median of the ratios of neighbours.
"""

from __future__ import annotations

import contextlib
import itertools
import json
import os
import shutil
import statistics
import subprocess
import sys
import time
from collections import deque
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import NamedTuple

import psutil
import pyarrow as pa
from lxml import etree

from benchmarks.ingest.full_return import write_full_return
from common_py.processes import spawned
from ingest_py.returns import ReturnFile, land_return, read_return, read_returns
from ingest_py.returns.source import Limits

HERE = Path(__file__).parent
N_CHILDREN = 20_000
TURNS, ROUNDS = 15, 3
STOP_AT = 600
"""The peer is stopped once it has taken so many times as long."""
SIZES = (350, 3_500, 35_000, 200_000, 700_000)


class _Nowhere:
    """A sink that drops what it is given."""

    def add(self, table: str, batch: pa.RecordBatch) -> None:
        """Drop rows."""

    def restart(self) -> None:
        """Have nothing to forget."""


def load() -> str:
    """Return how busy the machine is with this and other work."""
    return f"{os.cpu_count()} cores, load {psutil.getloadavg()[0]:.1f} (shared with other work)"


def write(name: str, title: str, lines: Sequence[str]) -> None:
    """Write and print a table with the command that made it."""
    command = f"`python -m benchmarks.ingest.xml_speed {name}`"
    text = f"# {title} (SYNTHETIC)\n\n{command}: " + "\n".join(lines) + "\n"
    (HERE / f"{name}.md").write_text(text, encoding="utf-8")
    print(text)


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


def speed(folder: Path) -> None:
    """Compare reading a full return with the bare pass on one core."""
    path, out = folder / "full.xml", folder / "landing"
    write_full_return(path, N_CHILDREN)
    out.mkdir()
    ways: dict[str, Callable[[], object]] = {
        "bare lxml pass": lambda: bare(path),
        "read to Arrow": lambda: read_return(path, path.name, _Nowhere()),
        "read to Parquet": lambda: land_return(ReturnFile(path, path.name), out, Limits()),
    }
    taken: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(TURNS):
        for name, work in ways.items():
            taken[name].append(seconds(work))
    shutil.rmtree(out)
    size = path.stat().st_size / 1e6
    path.unlink()
    base = taken["bare lxml pass"]
    lines = [
        f"a full return of {N_CHILDREN:,} children, {size:.0f} MB,",
        f"{TURNS} turns of each way, one after the other; {load()}.",
        "",
        "| what | CPU s | MB/s | speed against bare, best | median of pairs |",
        "|---|---|---|---|---|",
    ]
    for name, times in taken.items():
        pairs = statistics.median(b / t for b, t in zip(base, times, strict=True))
        best = min(times)
        lines.append(
            f"| {name} | {best:.2f} | {size / best:.0f} | {min(base) / best:.0%} | {pairs:.0%} |"
        )
    write("speed", "A full return against a bare pass of lxml", lines)


def memory(folder: Path) -> None:
    """Show the peak memory of reading files of several sizes, each in its own process."""
    lines = [
        "peak memory of the whole process, and above what it holds",
        f"with its libraries before it reads anything; a process a line; {load()}.",
        "",
        "| children | file MB | peak MB | peak above idle MB | CPU s |",
        "|---|---|---|---|---|",
    ]
    for n in SIZES:
        path = folder / f"size_{n}.xml"
        write_full_return(path, n)
        command = [sys.executable, "-m", "benchmarks.ingest.xml_speed", "one", str(path)]
        idle, peak, taken = subprocess.run(
            command, check=True, capture_output=True, text=True
        ).stdout.split()
        size = path.stat().st_size / 1e6
        path.unlink()
        lines.append(
            f"| {n:,} | {size:,.0f} | {float(peak):.0f} | {float(peak) - float(idle):.0f} "
            f"| {float(taken):.1f} |"
        )
    write("memory", "Peak memory by size of the return", lines)


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
    """Compare one process with two on eight files, and on sums that need nothing but the core."""
    files = []
    for la_number in range(301, 309):
        path = folder / f"{la_number}.xml"
        write_full_return(path, N_CHILDREN, la_number=la_number, seed=la_number)
        files.append(ReturnFile(path, path.name))
    out = folder / "out"

    def read(workers: int) -> None:
        reports = read_returns(files, out, workers=workers)
        assert all(report.verdict == "read" for report in reports)
        shutil.rmtree(out)

    def pass_over(workers: int) -> None:
        with spawned(workers) as executor:
            deque(executor.map(bare, [file.path for file in files]), maxlen=0)

    ways: dict[str, Callable[[int], None]] = {
        "read to Parquet": read,
        "bare lxml pass": pass_over,
        "sums": _add_up,
    }
    taken: dict[str, dict[int, list[Took]]] = {name: {1: [], 2: []} for name in ways}
    for _, (name, way), workers in itertools.product(range(ROUNDS), ways.items(), (1, 2)):
        taken[name][workers].append(_took(partial(way, workers)))
    for file in files:
        file.path.unlink()
    lines = [
        f"8 full returns of {N_CHILDREN:,} children; as measures of the",
        "machine the bare pass that any reader on lxml makes of them, and 8 sums in a loop that",
        "reads no file. One process and two do the same work: where its processor seconds rise,",
        "the cores hold each other up, not the processes.",
        f"{ROUNDS} rounds of one process and two in turn, starting them included; {load()}.",
        "",
        "| work | 1 process, wall s, best | 2 processes | times as fast, best | median of pairs "
        "| 1 process, processor s | 2 processes | more |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for name, times in taken.items():
        one, two = (min(took.wall for took in times[workers]) for workers in (1, 2))
        busy, both = (min(took.cpu for took in times[workers]) for workers in (1, 2))
        pairs = statistics.median(a.wall / b.wall for a, b in zip(times[1], times[2], strict=True))
        lines.append(
            f"| {name} | {one:.1f} | {two:.1f} | {one / two:.2f} | {pairs:.2f} "
            f"| {busy:.1f} | {both:.1f} | {both / busy - 1:.0%} |"
        )
    write("cores", "One process a return over the cores", lines)


class Took(NamedTuple):
    """Wall seconds of a piece of work, and processor seconds of it and of its processes."""

    wall: float
    cpu: float


def _took(work: Callable[[], object]) -> Took:
    """Do a piece of work; the processes that it starts have ended with it."""
    started, before = time.perf_counter(), sum(os.times()[:4])
    work()
    return Took(time.perf_counter() - started, sum(os.times()[:4]) - before)


def _add_up(workers: int) -> None:
    """Add up numbers eight times, in so many processes."""
    with spawned(workers) as executor:
        deque(executor.map(sum, [range(60_000_000)] * 8), maxlen=0)


def peer(folder: Path, python: Path, *sizes: str) -> None:
    """Read full returns with this reader and with the peer, CPU seconds of each."""
    lines = [
        "a full return of each size, CPU seconds: csc-validator-be-cin 0.1.13",
        "(to data frames, once) and this reader (to Parquet, best of 6 runs, before and after);",
        f"the peer is stopped once it has taken {STOP_AT} times as long; {load()}.",
        "",
        "| children | peer s | this s | times as fast | reviews in file | peer read | this read |",
        "|---|---|---|---|---|---|---|",
    ]
    for n in [int(size) for size in sizes] or [N_CHILDREN]:
        found = _both(folder, python, n)
        more, read = ("", f"{found.told['reviews_read']:,}") if found.told else ("> ", "stopped")
        lines.append(
            f"| {n:,} | {more}{found.peer:,.1f} | {found.ours:.3f} "
            f"| {more}{found.peer / found.ours:,.0f} "
            f"| {found.n_reviews:,} | {read} | {found.n_read:,} |"
        )
    write("peer", "A full return against the peer reader", lines)


class Both(NamedTuple):
    """CPU seconds of the peer and of this reader, and the reviews that each read.

    `told` is what the peer says of itself: nothing where it was stopped.
    """

    peer: float
    told: dict[str, float]
    ours: float
    n_reviews: int
    n_read: int


def _both(folder: Path, python: Path, n_children: int) -> Both:
    """Read one file with this reader, with the peer, and with this reader again."""
    path, out = folder / "full.xml", folder / "landing"
    write_full_return(path, n_children)
    out.mkdir()
    file = ReturnFile(path, path.name)

    def ours() -> list[float]:
        return [seconds(lambda: land_return(file, out, Limits())) for _ in range(3)]

    times = ours()
    taken, told = _peer(python, path, STOP_AT * min(times))
    times += ours()
    report = land_return(file, out, Limits())
    n_reviews = path.read_bytes().count(b"<CPPreviewDate>")
    shutil.rmtree(out)
    path.unlink()
    return Both(taken, told, min(times), n_reviews, report.rows["cpp_reviews"])


def _peer(python: Path, path: Path, stop_at: float) -> tuple[float, dict[str, float]]:
    """Let the peer read a file until it is done, or until it has taken `stop_at` CPU seconds."""
    command = [str(python), str(HERE / "peer_reader.py"), str(path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        watched, taken = psutil.Process(process.pid), 0.0
        while process.poll() is None:
            time.sleep(0.2)
            with contextlib.suppress(psutil.Error):
                taken = sum(watched.cpu_times()[:2])
            if taken > stop_at:
                process.kill()
                return taken, {}
        assert process.stdout is not None
        told = json.loads(process.stdout.read())
    return told["seconds"], told


if __name__ == "__main__":
    command, place, *rest = sys.argv[1], Path(sys.argv[2]), *sys.argv[3:]
    if command != "one":
        place.mkdir(parents=True, exist_ok=True)
    if command == "peer":
        peer(place, Path(rest[0]), *rest[1:])
    else:
        {"speed": speed, "memory": memory, "cores": cores, "one": one}[command](place)
