"""The account of what was odd about a return: counted for the report, kept for landing."""

from __future__ import annotations

from dataclasses import dataclass

import pyarrow as pa

from ingest_py.landing_schema import UNKNOWN_ELEMENTS
from ingest_py.returns.oddities import Oddity
from ingest_py.returns.refusals import refuse

MOST_KINDS = 1_000


@dataclass(frozen=True)
class IssueCount:
    """How often something odd was met, and on which line first; no value of a child."""

    issue: str
    path: str
    first_line: int
    count: int


class Account:
    """What is odd about one return.

    Parameters
    ----------
    source_file
        The file's name.
    """

    def __init__(self, source_file: str) -> None:
        self._source_file = source_file
        self._waiting: list[Oddity] = []
        self._issues: dict[tuple[str, str], tuple[int, int]] = {}

    def note(self, oddity: Oddity) -> None:
        """Count an odd part and keep it until `take`."""
        self._waiting.append(oddity)
        self.count(oddity.issue, oddity.path, oddity.line, 1)

    def count(self, issue: str, path: str, line: int, n: int) -> None:
        """Count an issue that has no part of its own to keep.

        Raises
        ------
        CinError
            If there are too many kinds for this to be a return: a file that makes up names would
            fill the memory.
        """
        first, before = self._issues.get((issue, path), (line, 0))
        self._issues[issue, path] = (first, before + n)
        if len(self._issues) > MOST_KINDS:
            raise refuse(
                f"not a CIN return: more than {MOST_KINDS:,} kinds of element that the census "
                "does not have",
                self._source_file, f"line {line}",
            )  # fmt: skip

    def take(self, n_before: int) -> pa.RecordBatch | None:
        """Return what is waiting as rows of `unknown_elements`, None for nothing.

        Parameters
        ----------
        n_before
            How many rows of the return came before.
        """
        found = self._waiting
        if not found:
            return None
        columns = {
            "element_no": [str(n_before + i) for i in range(1, len(found) + 1)],
            "child_no": [None if o.child_no is None else str(o.child_no) for o in found],
            "issue": [oddity.issue.value for oddity in found],
            "element_path": [oddity.path for oddity in found],
            "raw_xml": [oddity.raw_xml for oddity in found],
            "source_file": [self._source_file] * len(found),
            "source_row": [oddity.line for oddity in found],
        }
        self._waiting = []
        return pa.RecordBatch.from_pydict(columns, schema=UNKNOWN_ELEMENTS.schema)

    def issues(self) -> tuple[IssueCount, ...]:
        """Return the counts, in the order of first sight."""
        return tuple(
            IssueCount(str(issue), path, line, n)
            for (issue, path), (line, n) in self._issues.items()
        )
