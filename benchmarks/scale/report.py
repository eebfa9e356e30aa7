"""The measurements as tables, and what one year's cost says of ten: for the page and its test."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from pathlib import Path

HERE = Path(__file__).parent
GOAL_TIME, GOAL_MEMORY = 7.0, 1.5
"""Ten national years against one (architecture): time, and peak memory."""
LOCAL = "local"
MADE_FOR_IT = "synth"
"""The stage that makes what the others are measured on; a user has a census instead."""

Row = dict[str, str]


def stored(name: str) -> list[Row]:
    """Return the rows of one of the files beside this one."""
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
    """Return each number of years against one."""
    lines = [
        "| years | wall time | processor time | peak memory |",
        "|---|---|---|---|",
    ]
    for years in measured_years(name):
        if years > 1:
            wall, work, memory = ratio(name, years)
            lines.append(f"| {years} | × {wall:.1f} | × {work:.1f} | × {memory:.2f} |")
    return lines


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
