"""The measurements as tables, and what one year's cost says of ten: for the page and its test."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from pathlib import Path

import numpy as np

HERE = Path(__file__).parent
GOAL_TIME, GOAL_MEMORY = 7.0, 1.5
"""Ten national years against one (architecture): time, and peak memory."""
LOCAL = "local"
NATIONAL_ROWS = 5_714_447
"""Census rows of one synthetic national year with the year it looks back to."""
SYSTEM_GB = 2
"""What a machine keeps for itself, in the model."""
MADE_FOR_IT = "synth"
"""The stage that makes what the others are measured on; a user has a census instead."""

Row = dict[str, str]


def stored(name: str) -> list[Row]:
    """Return the rows of one of the files beside this one; none where it is not there."""
    if not (HERE / f"{name}.csv").is_file():
        return []
    with (HERE / f"{name}.csv").open(encoding="utf-8") as stream:
        return list(csv.DictReader(stream))


def of_years(name: str, years: int) -> list[Row]:
    """Return the stages of an England of so many years, without the one that makes it."""
    return [
        row
        for row in stored(f"{name}_stages")
        if int(row["years"]) == years and row["stage"] not in {LOCAL, MADE_FOR_IT}
    ]


def total(rows: Iterable[Row], column: str) -> float:
    """Return the sum of a column."""
    return sum(float(row[column]) for row in rows)


def peak(rows: Iterable[Row]) -> float:
    """Return the largest peak, in MB."""
    return max(float(row["peak_mb"]) for row in rows)


def measured_years(name: str) -> list[int]:
    """Return the numbers of years that were measured."""
    return sorted({int(row["years"]) for row in stored(f"{name}_stages")})


def ratio(name: str, years: int) -> tuple[float, float, float]:
    """Return wall time, processor time and peak memory of so many years against one."""
    one, many = of_years(name, 1), of_years(name, years)
    return (
        total(many, "wall_s") / total(one, "wall_s"),
        total(many, "processor_s") / total(one, "processor_s"),
        peak(many) / peak(one),
    )


def stage_table(name: str) -> list[str]:
    """Return a row a stage: wall and processor seconds and peak MB for each number of years."""
    years = measured_years(name)
    rows = {(row["stage"], int(row["years"])): row for row in stored(f"{name}_stages")}
    stages = list(dict.fromkeys(stage for stage, _ in rows if stage != LOCAL))
    head = " | ".join(f"{n} year{'s' if n > 1 else ''}" for n in years)
    lines = [f"| stage: wall s / processor s / peak MB | {head} |", "|---" * (len(years) + 1) + "|"]
    for stage in stages:
        cells = [_cell(rows[stage, n]) for n in years]
        lines.append(f"| {stage} | {' | '.join(cells)} |")
    sums = [_cell(_whole(of_years(name, n))) for n in years]
    return [*lines, f"| all but {MADE_FOR_IT} | {' | '.join(sums)} |"]


def size_table(name: str) -> list[str]:
    """Return rows and bytes, of one authority where it was measured, and by years."""
    names = ("census_rows", "mart_rows", "input_mb", "landing_mb", "warehouse_mb", "site_mb")
    lines = [
        "| what | census rows | mart rows | input MB | landing MB | warehouse MB | site MB |",
        "|---|---|---|---|---|---|---|",
    ]
    local = next((r for r in stored(f"{name}_stages") if r["stage"] == LOCAL), None)
    for row in stored(f"{name}_sizes"):
        n = int(row["years"])
        what = "one authority" if row["stage"] == LOCAL else f"{n} year{'s' if n > 1 else ''}"
        if row["stage"] == LOCAL and local:
            what += f" (`cin local`: {_cell(local)})"
        lines.append(f"| {what} | {' | '.join(_number(row[column]) for column in names)} |")
    return lines


def ratio_table(name: str) -> list[str]:
    """Return each number of years against one; nothing where one was not measured."""
    if 1 not in measured_years(name):
        return []
    lines = [
        "| years | wall time | processor time | peak memory |",
        "|---|---|---|---|",
    ]
    for years in measured_years(name):
        if years > 1:
            wall, work, memory = ratio(name, years)
            lines.append(f"| {years} | × {wall:.1f} | × {work:.1f} | × {memory:.2f} |")
    return lines


def working_set(years: float) -> float:
    """Return the MB that a build of so many national years holds where nothing makes it spill.

    The least-squares line through the build's peaks of the small England, by census rows, at the
    rows of so many national years.
    """
    small = {int(row["years"]): row for row in stored("small_sizes") if row["stage"] != LOCAL}
    peaks = {
        int(row["years"]): float(row["peak_mb"])
        for row in stored("small_stages")
        if row["stage"] == "build"
    }
    x = np.array([float(small[n]["census_rows"]) for n in sorted(peaks)])
    y = np.array([peaks[n] for n in sorted(peaks)])
    slope, empty = np.polyfit(x, y, 1)
    return float(empty + slope * years * NATIONAL_ROWS)


def unspilled_years(memory_gb: float) -> int:
    """Return how many national years a machine builds without writing to disk what it works on."""
    room = 1000 * (memory_gb - SYSTEM_GB)
    found = [n for n in range(1, 100) if working_set(n) <= room]
    return max(found, default=0)


def machine_table() -> list[str]:
    """Return what machines of three sizes hold, by the model."""
    lines = [
        "| memory | left for the build | national years without spilling |",
        "|---|---|---|",
    ]
    return lines + [
        f"| {memory} GB | {memory - SYSTEM_GB} GB | {unspilled_years(memory)} |"
        for memory in (8, 16, 64)
    ]


def markdown(name: str, command: str, load: float) -> str:
    """Return the page of a run."""
    lines = [
        f"# Stages by census years: a {name} England (SYNTHETIC)",
        "",
        f"`{command}`. Wall seconds, processor seconds and peak MB of each command, children "
        f"included; the load was {load:.1f} when it began. The goal for ten national years is "
        f"{GOAL_TIME:.0f} times the time of one and {GOAL_MEMORY} times the memory. "
        "`cin fit` and `cin report` are of the latest year.",
        "",
        *stage_table(name),
        "",
        f"Against one year, without {MADE_FOR_IT}:",
        "",
        *ratio_table(name),
        "",
        *size_table(name),
        "",
    ]
    return "\n".join(lines)


def _whole(rows: list[Row]) -> Row:
    return {
        "wall_s": str(total(rows, "wall_s")),
        "processor_s": str(total(rows, "processor_s")),
        "peak_mb": str(peak(rows)),
    }


def _cell(row: Row) -> str:
    wall, work, memory = (float(row[name]) for name in ("wall_s", "processor_s", "peak_mb"))
    return f"{wall:.1f} / {work:.1f} / {memory:,.0f}"


def _number(text: str) -> str:
    value = float(text)
    return f"{value:,.0f}" if value >= 100 or value.is_integer() else f"{value:.1f}"
