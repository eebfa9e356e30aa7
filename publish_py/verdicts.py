"""What the gates of a release say: a verdict each, and for every fault its table and remedy."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Finding:
    """One fault: in which table, what is wrong, and what to do.

    Attributes
    ----------
    table
        The table of the warehouse, as analysts name it.
    problem
        What is wrong, without any value of a child.
    remedy
        What to do, as an instruction.
    """

    table: str
    problem: str
    remedy: str


@dataclass(frozen=True)
class Checked:
    """What was looked at, tests or cells, and what was found wrong."""

    n_checked: int
    findings: tuple[Finding, ...]


@dataclass(frozen=True)
class Verdict:
    """What one gate says of a warehouse.

    Attributes
    ----------
    gate
        Its name.
    n_checked
        How many things it looked at; a gate that looked at nothing is shut.
    findings
        Every fault.
    said
        What it looked at, for readers.
    """

    gate: str
    n_checked: int
    findings: tuple[Finding, ...]
    said: str

    @property
    def passed(self) -> bool:
        """Whether it looked at something and found no fault."""
        return self.n_checked > 0 and not self.findings

    @property
    def lines(self) -> list[str]:
        """The verdict in a line, and three lines for every fault."""
        first = f"gate {self.gate}: {'passed' if self.passed else 'FAILED'} ({self.said})"
        faults = [
            f"  {self.gate}, {one.table}: {one.problem}\n    remedy: {one.remedy}"
            for one in self.findings
        ]
        if not self.n_checked and not self.findings:
            faults.append(f"  {self.gate}: there was nothing to judge")
        return [first, *faults]

    def as_json(self) -> dict[str, Any]:
        """Return the verdict for the manifest."""
        return {
            "gate": self.gate,
            "passed": self.passed,
            "n_checked": self.n_checked,
            "n_findings": len(self.findings),
            "said": self.said,
        }


def refusal(verdicts: Sequence[Verdict]) -> str:
    """Return every verdict as text, those that failed first."""
    ordered = sorted(verdicts, key=lambda one: one.passed)
    return "\n".join(line for verdict in ordered for line in verdict.lines)
