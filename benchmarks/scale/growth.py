"""Rows, bytes, seconds and peak memory of each stage, by the number of census years.

python -m benchmarks.scale.growth FOLDER [--size small] [--years 1 2 4 10] [--name small]

For each number of years a SYNTHETIC England is made below FOLDER, landed, built, judged, fitted
and reported, each stage by `cin` in a process of its own; of the one-year England, `cin local`
makes the site of one authority too. What was made is removed after it was measured, unless
`--keep`. Written beside this file: `<name>_stages.csv`, `<name>_sizes.csv` and `<name>.md`; what
an earlier run measured of other numbers of years is kept. The page `docs/scale.md` quotes them.
"""

from __future__ import annotations

import argparse
import csv
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import TypeVar

import duckdb
import psutil

from benchmarks.local.speed import authorities
from benchmarks.scale import quote
from benchmarks.scale.report import markdown
from ingest_py.landing_schema import CENSUS_TABLES
from pipeline_py.meter import Meter
from synth_py.returns import write_returns

Row = TypeVar("Row", "Stage", "Sizes")
HERE = Path(__file__).parent
YEAR = 2019
STAGES = ("synth", "ingest", "build", "gate", "fit", "report")
LOCAL = "local"
_MARTS = ("core", "rates", "modelling", "quality", "disclosure", "restricted")


@dataclass(frozen=True)
class Stage:
    """One stage of one England.

    Attributes
    ----------
    years, stage
        How many census years, and which command; `local` is of one authority.
    wall_s, processor_s
        Seconds on the clock and of the processor, children included.
    peak_mb
        Largest resident memory of the command and its children, sampled ten times a second.
    """

    years: int
    stage: str
    wall_s: float
    processor_s: float
    peak_mb: float


@dataclass(frozen=True)
class Sizes:
    """What the stages made: rows of the census tables and of the marts, and bytes on disk."""

    years: int
    stage: str
    census_rows: int
    mart_rows: int
    input_mb: float
    landing_mb: float
    warehouse_mb: float
    site_mb: float


def run(stage: str, arguments: Sequence[str], folders: tuple[Path, Path], years: int) -> Stage:
    """Run one `cin` command to its end.

    Raises
    ------
    SystemExit
        If it does not end well, with what it said.
    """
    data, build = folders
    environment = {**os.environ, "CIN_DATA_DIR": str(data), "CIN_BUILD_DIR": str(build)}
    figures = measured(arguments, environment)
    found = Stage(years, stage, *figures)
    print(found, file=sys.stderr, flush=True)
    return found


def measured(
    arguments: Sequence[str],
    environment: Mapping[str, str],
    python: Path = Path(sys.executable),
    folder: Path | None = None,
) -> tuple[float, float, float]:
    """Run one `cin` command, of any checkout; return seconds, processor seconds and peak MB.

    Raises
    ------
    SystemExit
        If it does not end well, with what it said.
    """
    own, before = psutil.Process().memory_info().rss, _processor_seconds()
    with Meter() as meter:
        done = subprocess.run(
            [python, "-m", "pipeline_py", *arguments],
            cwd=folder,
            env=environment,
            capture_output=True,
            encoding="utf-8",
            check=False,
        )
    if done.returncode:
        raise SystemExit(f"cin {' '.join(arguments)} ended with {done.returncode}\n{done.stderr}")
    reading = meter.reading
    return (
        round(reading.seconds, 1),
        round(_processor_seconds() - before, 1),
        round(max(reading.peak_bytes - own, 0) / 1e6),
    )


def _processor_seconds() -> float:
    times = psutil.Process().cpu_times()
    return float(times.children_user + times.children_system)


def of_england(size: str, years: int, folder: Path) -> tuple[list[Stage], Sizes]:
    """Take an England of so many years through every stage."""
    folders = folder / "data", folder / "build"
    arguments = {"synth": ["synth", "--size", size, "--years", str(years)]}
    found = [run(name, arguments.get(name, [name]), folders, years) for name in STAGES]
    return found, _sizes("england", years, *folders)


def of_authority(folder: Path) -> tuple[list[Stage], Sizes]:
    """Take the middling authority of a one-year England from its return to a site."""
    data = folder / "data"
    _, number, _ = authorities(data)[1]
    (source,) = write_returns(data, [YEAR], [number])
    build = folder / "build_local"
    output = folder / "local_site"
    arguments = [LOCAL, str(source), "--output", str(output)]
    stage = run(LOCAL, arguments, (data, build), 1)
    own = build / "local"
    sizes = _sizes(LOCAL, 1, source, own)
    return [stage], Sizes(**{**asdict(sizes), "site_mb": _mb(output)})


def _sizes(stage: str, years: int, data: Path, build: Path) -> Sizes:
    warehouse = build / "warehouse.duckdb"
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        ((census_rows,),) = connection.execute(
            "select sum(n_rows_staged) from quality.rpt_ingest_ledger "
            "where table_name in (select unnest(?))",
            [[table.name for table in CENSUS_TABLES]],
        ).fetchall()
        names = connection.execute(
            "select schema_name || '.' || table_name from duckdb_tables() "
            "where schema_name in (select unnest(?)) order by 1",
            [list(_MARTS)],
        ).fetchall()
        marts = [name for (name,) in names if not name.split(".")[1].startswith("int_")]
        mart_rows = sum(
            connection.execute(f"select count(*) from {mart}").fetchall()[0][0] for mart in marts
        )
    return Sizes(
        years,
        stage,
        int(census_rows or 0),
        mart_rows,
        _mb(data),
        _mb(build / "landing"),
        _mb(warehouse),
        _mb(build / "site"),
    )


def _mb(path: Path) -> float:
    files = [path] if path.is_file() else [one for one in path.rglob("*") if one.is_file()]
    return round(sum(file.stat().st_size for file in files) / 1e6, 1)


def _kept(name: str, kind: type[Row]) -> list[Row]:
    """Return what an earlier run of the same name measured."""
    path = HERE / f"{name}_{kind.__name__.lower().removesuffix('s')}s.csv"
    if not path.is_file():
        return []
    types = {
        field.name: {"int": int, "str": str, "float": float}[field.type] for field in fields(kind)
    }
    with path.open(encoding="utf-8", newline="") as stream:
        return [
            kind(**{column: types[column](value) for column, value in row.items()})
            for row in csv.DictReader(stream)
        ]


def _write(path: Path, rows: Sequence[Stage] | Sequence[Sizes]) -> None:
    names = [field.name for field in fields(rows[0])]
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, names, lineterminator="\n")
        writer.writeheader()
        writer.writerows(asdict(row) for row in rows)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--size", choices=("small", "national"), default="national")
    parser.add_argument("--years", type=int, nargs="+", default=[1, 2, 10])
    parser.add_argument("--name")
    parser.add_argument("--keep", action="store_true")
    arguments = parser.parse_args()
    name, load = arguments.name or arguments.size, os.getloadavg()[0]
    command = " ".join(["python -m benchmarks.scale.growth FOLDER", *sys.argv[2:]])
    stages = [row for row in _kept(name, Stage) if row.years not in arguments.years]
    sizes = [row for row in _kept(name, Sizes) if row.years not in arguments.years]
    for years in arguments.years:
        folder = arguments.folder.resolve() / f"{name}_{years}"
        shutil.rmtree(folder, ignore_errors=True)
        of_years, size = of_england(arguments.size, years, folder)
        stages += of_years
        sizes.append(size)
        if years == 1:
            of_one, size = of_authority(folder)
            stages += of_one
            sizes.append(size)
        if not arguments.keep:
            shutil.rmtree(folder)
        # After every England: what is measured is kept, should the next one not end.
        _write(HERE / f"{name}_stages.csv", sorted(stages, key=lambda row: row.years))
        _write(HERE / f"{name}_sizes.csv", sorted(sizes, key=lambda row: row.years))
        (HERE / f"{name}.md").write_text(markdown(name, command, load), encoding="utf-8")
        quote.write()


if __name__ == "__main__":
    main()
