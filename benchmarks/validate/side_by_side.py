"""Validate one full return with `cin validate` and with the peer, in one run.

    python -m benchmarks.validate.side_by_side PEER_PYTHON [N_CHILDREN] [FOLDER]

Writes the return (SYNTHETIC, with dates at random: nearly every rule on dates fires), validates it
`TURNS` times with `cin validate` and once with the peer, each as a process of its own from XML to
the files of issues, and writes side_by_side_<N_CHILDREN>.md beside this script. PEER_PYTHON is the
interpreter of an environment with csc-validator-be-cin==0.1.13, numpy<2 and pytest<8; `-` leaves it
out. The peer is stopped once it has taken `STOP_AT` times the processor time.
"""

from __future__ import annotations

import csv
import json
import math
import os
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import psutil

from benchmarks.ingest.full_return import write_full_return

HERE = Path(__file__).resolve().parent
TURNS = 3
N_CHILDREN = 20_000
RULESET = "cin2022_23"  # of the year of the return that full_return writes
GOAL_SECONDS = 10
STOP_AT = 30


@dataclass(frozen=True)
class Run:
    """What one process took, and what other work had of the machine while it ran.

    Attributes
    ----------
    seconds, cpu
        Wall and processor seconds.
    peak
        Memory in MB.
    others
        Percent of the processor time of all cores that went to other processes.
    output
        What it printed.
    """

    seconds: float
    cpu: float
    peak: float
    others: float
    output: str


def timed(
    command: list[str], folder: Path, allowed: tuple[int, ...] = (0,), limit: float = math.inf
) -> Run:
    """Run a command to its end, or for `limit` processor seconds, and watch it."""
    started, busy_before = time.perf_counter(), _busy_seconds()
    with tempfile.TemporaryFile("w+", dir=folder) as output:
        process = psutil.Popen(command, stdout=output, stderr=subprocess.DEVNULL)
        cpu, peak = 0.0, 0
        while process.poll() is None:
            try:
                times = process.cpu_times()
                cpu, peak = times.user + times.system, max(peak, process.memory_info().rss)
            except psutil.NoSuchProcess:
                break
            if cpu > limit:
                process.kill()
                break
            time.sleep(0.05)
        seconds = time.perf_counter() - started
        others = _busy_seconds() - busy_before - cpu
        status = process.wait()
        assert cpu > limit or status in allowed, command
        output.seek(0)
        share = 100 * max(others, 0.0) / (seconds * (os.cpu_count() or 1))
        return Run(seconds, cpu, peak / 1e6, share, output.read())


def _busy_seconds() -> float:
    """Return the processor seconds of all processes since the machine started."""
    times = psutil.cpu_times()
    return float(sum(times) - times.idle - getattr(times, "iowait", 0.0))


def ours(path: Path, folder: Path) -> tuple[list[Run], int]:
    """Validate with `cin validate`; return what it took each time, and the lines of the list."""
    out = folder / "issues"
    command = [sys.executable, "-m", "pipeline_py", "validate", str(path), "--output", str(out)]
    runs = [timed(command, folder, allowed=(4,)) for _ in range(TURNS)]
    with (out / "issues.csv").open(encoding="utf-8", newline="") as stream:
        lines = sum(1 for _ in csv.reader(stream)) - 1
    return runs, lines


def peer(python: str, path: Path, folder: Path, limit: float) -> tuple[Run, dict[str, float]]:
    """Validate with the peer; return what it took, and what it said of itself until it ended."""
    script = str(HERE / "peer_validate.py")
    command = [python, script, str(path), RULESET, str(folder / "peer.csv")]
    run = timed(command, folder, limit=limit)
    told: dict[str, float] = {}
    for line in run.output.splitlines():
        told |= json.loads(line)
    return run, told


def _row(what: str, run: Run, lines: float | None, files: str) -> str:
    measured = f"{run.seconds:.1f} | {run.cpu:.1f} | {run.others:.0f} % | {run.peak:.0f}"
    return f"| {what} | {measured} | {'none' if lines is None else f'{lines:,.0f}'} | {files} |"


def _against(run: Run, told: dict[str, float], best: Run) -> list[str]:
    """Say how the peer compares, or how far it got."""
    wall, cpu = run.seconds / best.seconds, run.cpu / best.cpu
    if "rules" not in told:
        read = f"{told['read_seconds']:.0f} s" if told else "longer"
        return [
            f"The peer was stopped, unfinished, after {wall:.0f} times our best wall time and "
            f"{cpu:.0f} times its processor time: reading the file took it {read}."
        ]
    return [
        f"Times as fast, best against once: {wall:.0f} in wall time, {cpu:.0f} in processor time. "
        f"The peer took {told['read_seconds']:.0f} s to read and {told['rules_seconds']:.0f} s for "
        f"{told['rules']} rules, of which it found {told['rules_broken']} broken. Its list "
        "has a line for each field of an issue, so the numbers of lines do not compare."
    ]


def main(python: str, n_children: int, folder: Path) -> None:
    """Measure, and write the table."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"full_{n_children}.xml"
    write_full_return(path, n_children)
    runs, lines = ours(path, folder)
    best, *_, worst = sorted(runs, key=lambda run: run.seconds)
    named = "-" if python == "-" else "PEER_PYTHON"
    size, cores = path.stat().st_size / 1e6, os.cpu_count()
    table = [
        f"# Validating a full return of {n_children:,} children",
        "",
        f"`python -m benchmarks.validate.side_by_side {named} {n_children}`: SYNTHETIC return "
        f"of {size:.0f} MB, census year 2022/23, dates at random; {cores} cores. Each a process of "
        "its own, from XML to the files of issues, start-up included. `other work` is the share of "
        "all cores that other processes took meanwhile: on an idle machine wall times are shorter.",
        "",
        "| what | wall s | processor s | other work | peak MB | lines listed | files |",
        "|---|---|---|---|---|---|---|",
        _row(f"`cin validate`, best of {TURNS}", best, lines, "CSV and Excel"),
        _row(f"`cin validate`, worst of {TURNS}", worst, lines, "CSV and Excel"),
    ]
    if python != "-":
        run, told = peer(python, path, folder, STOP_AT * best.cpu)
        what = f"csc-validator-be-cin 0.1.13 (`{RULESET}`), once"
        table += [_row(what, run, told.get("lines"), "CSV"), "", *_against(run, told, best)]
    table += ["", f"Goal of the design: at most {GOAL_SECONDS} s on 2 cores."]
    (HERE / f"side_by_side_{n_children}.md").write_text("\n".join(table) + "\n", "utf-8")
    print("\n".join(table))
    path.unlink()


if __name__ == "__main__":
    given = sys.argv[1:]
    main(
        given[0],
        int(given[1]) if len(given) > 1 else N_CHILDREN,
        Path(given[2]) if len(given) > 2 else Path("build/bench"),
    )
