"""Time `cin local` for a large, a middling and the smallest authority, and for sample returns.

`python -m benchmarks.local.speed DATA FOLDER [--samples DIR --reference DIR] [--out FILE]`

DATA is the data folder of a national synthetic England (`cin synth`), which is only read; its
returns are written below FOLDER. Each command is another process with a build folder of its own:
first with nothing landed, then again, when the published files are taken over.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import duckdb
import psutil

from synth_py.returns import write_returns

YEAR = 2019
GOAL_SECONDS = 60


@dataclass(frozen=True)
class Measured:
    """One command: what it was of, how long it took, and what came of it."""

    what: str
    size: str
    run: str
    wall: float
    work: float
    outcome: str

    @property
    def line(self) -> str:
        """The measurement as a row of the table."""
        return (
            f"| {self.what} | {self.size} | {self.run} | {self.wall:.1f} | {self.work:.1f} "
            f"| {self.outcome} |"
        )


def authorities(data: Path) -> list[tuple[str, str, int]]:
    """Return the authorities with most children, a middling number and fewest, with the number."""
    with duckdb.connect() as connection:
        rows = connection.execute(
            f"select la_number, count(*) as n from '{data}/census/{YEAR}/extract/children.parquet' "
            "group by la_number order by n desc, la_number"
        ).fetchall()
    places = (("largest", 0), ("middling", len(rows) // 2), ("smallest", len(rows) - 1))
    return [(name, str(rows[at][0]), int(rows[at][1])) for name, at in places]


def measured(
    command: list[str], folders: tuple[Path, Path], what: str, size: str, run: str
) -> Measured:
    """Run `cin local` once, on folders for building and of data; return what it took."""
    build, data = folders
    before, begun = _children(), time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-m", "pipeline_py", "local", *command],
        env={**os.environ, "CIN_BUILD_DIR": str(build), "CIN_DATA_DIR": str(data)},
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    wall, work = time.perf_counter() - begun, _children() - before
    print(f"{what}, {run}: {wall:.1f} s, exit code {done.returncode}", file=sys.stderr)
    if done.returncode == 0:
        return Measured(what, size, run, wall, work, "a site")
    said = done.stderr.strip().splitlines() or ["no message"]
    reason = next((line for line in said if line.startswith("error")), said[-1])
    return Measured(what, size, run, wall, work, f"no site: {reason.removeprefix('error ')[:140]}")


def _children() -> float:
    times = psutil.Process().cpu_times()
    return float(times.children_user + times.children_system)


def of_returns(data: Path, folder: Path) -> list[Measured]:
    """Measure the three authorities, first and second run."""
    own = folder / "data"
    shutil.rmtree(folder, ignore_errors=True)
    extract = own / "census" / str(YEAR) / "extract"
    extract.mkdir(parents=True)
    for path in sorted((data / "census" / str(YEAR) / "extract").iterdir()):
        os.link(path, extract / path.name)
    for name in ("reference", "locations", "synthetic"):
        shutil.copytree(data / name, own / name)
    chosen = authorities(data)
    files = write_returns(own, [YEAR], [number for _, number, _ in chosen])
    by_number = {path.name[:3]: path for path in files}
    found = []
    for name, number, n_children in chosen:
        path = by_number[number]
        size = f"{n_children:,} children, {path.stat().st_size / 1e6:.1f} MB"
        build = folder / f"build_{number}"
        command = [str(path), "--output", str(folder / f"site_{number}")]
        what = f"{name} ({number})"
        found += [measured(command, (build, own), what, size, run) for run in ("first", "second")]
    return found


def of_samples(samples: Path, reference: Path, folder: Path) -> list[Measured]:
    """Measure each sample return, beside the real published files."""
    own = folder / "sample_data"
    shutil.copytree(reference, own / "reference")
    found: list[Measured] = []
    for path in sorted(samples.glob("*.xml")):
        command = [str(path), "--output", str(folder / f"site_{path.stem}")]
        size = f"{path.stat().st_size / 1e3:.0f} kB"
        build = folder / "build_samples"
        found.append(measured(command, (build, own), path.name, size, "no addresses"))
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--samples", type=Path)
    parser.add_argument("--reference", type=Path)
    parser.add_argument("--out", type=Path)
    arguments = parser.parse_args()
    load = os.getloadavg()[0]
    found = of_returns(arguments.data.resolve(), arguments.folder.resolve())
    if arguments.samples and arguments.reference:
        places = (arguments.samples, arguments.reference, arguments.folder)
        found += of_samples(*(path.resolve() for path in places))
    lines = [
        "# `cin local`, from a return to a site",
        "",
        "`python -m benchmarks.local.speed`: wall and processor seconds of the whole command, "
        f"{os.cpu_count()} cores, load {load:.1f} when it began. SYNTHETIC national returns of "
        f"{YEAR}, with the location file and published files of all England; the goal is "
        f"{GOAL_SECONDS} seconds on a quiet machine.",
        "",
        "| return | size | run | wall s | processor s | outcome |",
        "|---|---|---|---|---|---|",
        *(one.line for one in found),
        "",
    ]
    text = "\n".join(lines)
    if arguments.out:
        arguments.out.write_text(text, encoding="utf-8", newline="\n")
    print(text)


if __name__ == "__main__":
    main()
