"""Puts the tables of the measurements into docs/scale.md, between markers that name them.

python -m benchmarks.scale.quote
"""

from __future__ import annotations

from collections.abc import Callable

from benchmarks.scale.report import (
    HERE,
    machine_table,
    measured_years,
    ratio_table,
    size_table,
    stage_table,
    stored,
)

DOCUMENT = HERE.parents[1] / "docs" / "scale.md"
COMMAND = "python -m benchmarks.scale.growth FOLDER --years 1 2 10"


def _of_england(name: str) -> list[str]:
    """Return stages, growth and sizes of an England, or that they are to be measured."""
    if not stored(f"{name}_stages"):
        return [f"Not measured yet: `{COMMAND}` measures it and fills this in."]
    ratios = ["", *ratio_table(name)] if {1} < set(measured_years(name)) else []
    return [*stage_table(name), *ratios, "", *size_table(name)]


TABLES: dict[str, Callable[[], list[str]]] = {
    "small": lambda: _of_england("small"),
    "national": lambda: _of_england("national"),
    "machines": machine_table,
}


def quoted(text: str) -> str:
    """Return the page with each marked block made anew from the stored files."""
    for name, table in TABLES.items():
        start, end = f"<!-- {name}:start -->", f"<!-- {name}:end -->"
        before, rest = text.split(start)
        text = before + "\n".join([start, *table(), end]) + rest.split(end)[1]
    return text


def write() -> None:
    """Write the page anew."""
    DOCUMENT.write_text(quoted(DOCUMENT.read_text(encoding="utf-8")), encoding="utf-8")


if __name__ == "__main__":
    write()
