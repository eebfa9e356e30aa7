"""Protect the tables of a warehouse, attack them, and attack them without secondary suppression.

    python -m benchmarks.release.protect_and_audit WAREHOUSE [bare]

Writes protect_and_audit.md beside this script, after each step; `bare` adds the attack on tables
without secondary suppression. Seconds of the clock and of the processor stand side by side, with
the load of the machine at the start: they say how busy it was.
"""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from common_py.warehouse import reading
from publish_py.audit import audit_tables
from publish_py.released import Release, release
from publish_py.rules import load_rules

TABLE = Path(__file__).with_suffix(".md")


def main(arguments: list[str]) -> None:
    """Run the steps and write the table."""
    rules = load_rules()
    load = f"{os.getloadavg()[0]:.1f}"
    lines = [
        f"Load of the machine at the start: {load} on {os.cpu_count()} cores.",
        "",
        "| step | counts | suppressed | recoverable | seconds | of the processor |",
        "|---|---|---|---|---|---|",
    ]
    for with_secondary in (True, False) if "bare" in arguments else (True,):
        name = "with" if with_secondary else "without"
        clock, processor = time.perf_counter(), time.process_time()
        with reading(Path(arguments[0])) as connection:
            found = release(connection, rules, with_secondary=with_secondary)
        spent = f"{time.perf_counter() - clock:.0f} | {time.process_time() - processor:.0f}"
        n_cells = sum(table.num_rows for table in found.tables.values())
        n_hidden = found.decisions.filter(found.decisions["is_suppressed"]).num_rows
        lines.append(
            f"| protect, {name} secondary suppression | {n_cells:,} | {n_hidden:,} | | {spent} |"
        )
        _write(lines, found)
        processor = time.process_time()
        verdict = audit_tables(found.tables, rules)
        lines.append(
            f"| attack, {name} secondary suppression | {verdict.n_cells:,} | "
            f"{verdict.n_suppressed:,} | {len(verdict.findings):,} | {verdict.seconds:.0f} | "
            f"{time.process_time() - processor:.0f} |"
        )
        _write(lines, found)


def _write(lines: list[str], found: Release) -> None:
    kinds = found.decisions.group_by(["table", "mark"]).aggregate([("mark", "count")])
    order = kinds.sort_by([("table", "ascending"), ("mark", "ascending")])
    tally = [
        f"| {row['table']} | {row['mark'] or 'shown'} | {row['mark_count']:,} |"
        for row in order.to_pylist()
    ]
    assert pc.sum(pa.array(kinds["mark_count"].to_pylist())).as_py() == found.decisions.num_rows
    head = ["", "| table | how (last step) | counts |", "|---|---|---|"]
    TABLE.write_text("\n".join([*lines, *head, *tally]) + "\n", "utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
