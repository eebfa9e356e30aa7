"""An intruder with a release: bounds every suppressed count from all that is published.

The audit knows the published tables and what is public: which areas and strata make which,
that a child has at least one event, that a need begins with a referral, that suppressed
counts are above zero and rounded ones near what is printed. It shares no code with what
decided which counts are hidden (`pattern.py`); the arithmetic of bounds is in `bounds.py`.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa

from common_py.errors import CinError
from publish_py.before import read_release
from publish_py.bounds import Ranges, ranges
from publish_py.intruder import Knowledge, learn
from publish_py.rules import Rules, load_rules

SHOWN = 20


@dataclass(frozen=True)
class Finding:
    """What a reader of the release can work out, or should not have been shown.

    Attributes
    ----------
    kind
        pinned (to one number), narrow (to fewer than k numbers), shown (a small count, or
        a number beside a suppressed one), rate (a rate that says more than its rounded count),
        contradiction (published numbers do not fit together).
    cell
        Table and key.
    low, high
        The least and the largest that the count can be; None where that is not the problem.
    """

    kind: str
    cell: tuple[object, ...]
    low: int | None = None
    high: int | None = None

    def __str__(self) -> str:
        """Return one line: the kind and where, without the numbers."""
        return f"{self.kind}: {', '.join(str(part) for part in self.cell)}"


@dataclass(frozen=True)
class Audit:
    """The verdict on a release.

    Attributes
    ----------
    n_cells, n_suppressed
        Counts of the release, and those that are suppressed.
    findings
        What can be worked out.
    n_programs
        Linear and integer programs that were solved.
    seconds
        How long it took.
    """

    n_cells: int
    n_suppressed: int
    findings: tuple[Finding, ...]
    n_programs: int
    seconds: float

    @property
    def passed(self) -> bool:
        """Whether nothing was found."""
        return not self.findings

    @property
    def summary(self) -> str:
        """Return the verdict in words, with the first findings and none of their numbers."""
        head = (
            f"{self.n_cells:,} counts, {self.n_suppressed:,} suppressed, "
            f"{len(self.findings):,} recoverable ({self.seconds:.0f} s)"
        )
        return "\n  ".join([head, *(str(one) for one in self.findings[:SHOWN])])


def audit_tables(
    tables: Mapping[str, pa.Table],
    rules: Rules,
    previous: Mapping[str, pa.Table] | None = None,
) -> Audit:
    """Attack a release.

    Parameters
    ----------
    tables
        Published tables by name, as `released_tables` returns them and Parquet holds them.
    rules
        k, and what counts are rounded to: both are published.
    previous
        Tables of the release before. Counts of one area, measure, basis and timing are
        taken as not revised unless something that was shown says otherwise.

    Returns
    -------
    Audit
        A finding for each suppressed count that fewer than k numbers fit.
    """
    started = time.perf_counter()
    knowledge = learn(tables, rules, previous)
    findings = [Finding(*one) for one in knowledge.shown]
    found = ranges(knowledge.system, knowledge.is_asked, rules.largest_small - 1)
    findings += _recovered(knowledge, found)
    return Audit(
        n_cells=sum(table.num_rows for table in tables.values()),
        n_suppressed=int(
            sum(np.sum(table.column("is_suppressed").to_numpy()) for table in tables.values())
        ),
        findings=tuple(findings),
        n_programs=found.n_programs,
        seconds=time.perf_counter() - started,
    )


def _recovered(knowledge: Knowledge, found: Ranges) -> list[Finding]:
    if not found.is_feasible:
        crossed = np.flatnonzero(found.low > found.high)
        return [
            Finding("contradiction", knowledge.names[place])
            for place in (crossed.tolist() or [0] if len(knowledge.names) else [])
        ]
    return [
        Finding(
            "pinned" if found.low[place] == found.high[place] else "narrow",
            knowledge.names[place],
            int(found.low[place]),
            int(found.high[place]),
        )
        for place in np.flatnonzero(found.is_narrow).tolist()
    ]


def main(arguments: list[str]) -> int:
    """Audit the release in a folder, with the one before it if a second is named."""
    if not 1 <= len(arguments) <= 2:
        sys.stderr.write("usage: python -m publish_py.audit RELEASE [RELEASE_BEFORE]\n")
        return 2
    try:
        tables = [read_release(Path(folder)) for folder in arguments]
        verdict = audit_tables(tables[0], load_rules(), *tables[1:])
    except CinError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    sys.stdout.write(verdict.summary + "\n")
    return 0 if verdict.passed else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
