"""Puts tables of the benchmarks into docs/engine.md, between markers that name them.

python -m benchmarks.engine.quote
"""

from __future__ import annotations

import csv
from pathlib import Path

HERE = Path(__file__).parent
DOCUMENT = HERE.parents[1] / "docs" / "engine.md"


def _stored(name: str) -> list[dict[str, str]]:
    with (HERE / f"{name}.csv").open(encoding="utf-8") as stream:
        return list(csv.DictReader(stream))


def coverage_table() -> list[str]:
    """Return coverage of b1 / b2 / b3 by method and world."""
    stored = _stored("coverage")
    worlds = list(dict.fromkeys(row["scenario"] for row in stored))
    lines = ["| method (draws) | " + " | ".join(worlds) + " |", "|---" * (len(worlds) + 1) + "|"]
    for method in dict.fromkeys(row["method"] for row in stored):
        mine = [row for row in stored if row["method"] == method]
        cells = [" / ".join(row[f"cover_b{k}"] for k in (1, 2, 3)) for row in mine]
        lines.append(f"| {method} ({int(mine[0]['draws']):,}) | " + " | ".join(cells) + " |")
    return lines


def speed_table() -> list[str]:
    """Return seconds of one fit, and how many times ours they are."""
    columns = ("fitter", "seconds", "ratio", "cpu_seconds", "cpu_ratio")
    rows = ["| " + " | ".join(r[c] for c in columns) + " |" for r in _stored("side_by_side")]
    head = "| fitter | seconds | times ours | processor seconds | times ours |"
    return [head, "|---" * len(columns) + "|", *rows]


def growth_table() -> list[str]:
    """Return time and peak memory by rows."""
    rows = [
        f"| {int(r['rows']):,} | {float(r['seconds']):.2f} | {float(r['peak_mb']):.0f} |"
        for r in _stored("growth")
        if r["by"] == "rows"
    ]
    return ["| rows | seconds | peak MB of the process |", "|---|---|---|", *rows]


TABLES = {"coverage": coverage_table, "speed": speed_table, "growth": growth_table}


def quoted(text: str) -> str:
    """Return a document with each marked block made anew from its stored file."""
    for name, table in TABLES.items():
        start, end = f"<!-- {name}:start -->", f"<!-- {name}:end -->"
        before, rest = text.split(start)
        text = before + "\n".join([start, *table(), end]) + rest.split(end)[1]
    return text


if __name__ == "__main__":
    DOCUMENT.write_text(quoted(DOCUMENT.read_text(encoding="utf-8")), encoding="utf-8")
