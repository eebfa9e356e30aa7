"""Write a full return of any size: every element of the census, SYNTHETIC values.

python -m benchmarks.ingest.full_return 20000 build/bench/full.xml
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np

DAYS = np.datetime64("2015-01-01") + np.arange(3_000)
TOP = """<?xml version="1.0" encoding="utf-8"?>
<!-- SYNTHETIC: no row describes a real child -->
<Message>
  <Header>
    <CollectionDetails>
      <Collection>CIN</Collection>
      <Year>2023</Year>
      <ReferenceDate>2023-03-31</ReferenceDate>
    </CollectionDetails>
    <Source>
      <SourceLevel>L</SourceLevel>
      <LEA>{la}</LEA>
      <SoftwareCode>SYNTHETIC</SoftwareCode>
      <Release>1</Release>
      <SerialNo>001</SerialNo>
      <DateTime>2023-07-01T12:00:00</DateTime>
    </Source>
  </Header>
  <Children>
"""
END = "  </Children>\n</Message>\n"


class _Drawer:
    """Draws children of a return."""

    def __init__(self, seed: int) -> None:
        self._rng = np.random.default_rng(seed)

    def _day(self) -> str:
        return str(DAYS[self._rng.integers(len(DAYS))])

    def _values(self, depth: int, *values: tuple[str, str]) -> str:
        return "".join(f"{'  ' * depth}<{name}>{text}</{name}>\n" for name, text in values)

    def _group(self, name: str, depth: int, inside: str) -> str:
        indent = "  " * depth
        return f"{indent}<{name}>\n{inside}{indent}</{name}>\n"

    def _repeated(self, group: str, name: str, depth: int, values: list[str]) -> str:
        return self._group(group, depth, self._values(depth + 1, *((name, v) for v in values)))

    def child(self, number: int) -> str:
        """Return a child with identifiers, characteristics and one or two referrals."""
        identifiers = self._values(
            4,
            ("LAchildID", f"SYN{number:08d}"), ("UPN", f"X{number:012d}"),
            ("FormerUPN", f"Y{number:012d}"), ("PersonBirthDate", self._day()),
            ("GenderCurrent", "1"),
        )  # fmt: skip
        characteristics = self._values(4, ("Ethnicity", "WBRI"))
        characteristics += self._repeated("Disabilities", "Disability", 4, ["HAND", "HEAR"])
        referrals = "".join(self._referral() for _ in range(1 + (number % 3 == 0)))
        inside = self._group("ChildIdentifiers", 3, identifiers)
        inside += self._group("ChildCharacteristics", 3, characteristics) + referrals
        return self._group("Child", 2, inside)

    def _referral(self) -> str:
        day = self._day
        inside = self._values(
            4,
            ("CINreferralDate", day()), ("ReferralSource", "1A"), ("PrimaryNeedCode", "N1"),
            ("CINclosureDate", day()), ("ReasonForClosure", "RC1"), ("DateOfInitialCPC", day()),
        )  # fmt: skip
        factors = [f"{1 + i}A" for i in range(self._rng.integers(1, 6))]
        assessment = self._values(
            5,
            ("AssessmentActualStartDate", day()), ("AssessmentInternalReviewDate", day()),
            ("AssessmentAuthorisationDate", day()),
        )  # fmt: skip
        assessment += self._repeated(
            "FactorsIdentifiedAtAssessment", "AssessmentFactors", 5, factors
        )
        inside += self._group("Assessments", 4, assessment)
        plan = self._values(5, ("CINPlanStartDate", day()), ("CINPlanEndDate", day()))
        inside += self._group("CINPlanDates", 4, plan)
        section47 = self._values(
            5,
            ("S47ActualStartDate", day()), ("InitialCPCtarget", day()),
            ("DateOfInitialCPC", day()), ("ICPCnotRequired", "false"),
        )  # fmt: skip
        inside += self._group("Section47", 4, section47) + self._values(4, ("ReferralNFA", "0"))
        protection = self._values(
            5,
            ("CPPstartDate", day()), ("CPPendDate", day()), ("InitialCategoryOfAbuse", "NEG"),
            ("LatestCategoryOfAbuse", "NEG"), ("NumberOfPreviousCPP", "0"),
        )  # fmt: skip
        reviews = [day() for _ in range(self._rng.integers(1, 4))]
        protection += self._repeated("Reviews", "CPPreviewDate", 5, reviews)
        return self._group(
            "CINdetails", 3, inside + self._group("ChildProtectionPlans", 4, protection)
        )


def write_full_return(path: Path, n_children: int, *, la_number: int = 805, seed: int = 1) -> None:
    """Write a return of `n_children`; beyond 20,000 the drawn children come again and again."""
    drawer = _Drawer(seed)
    n_drawn = min(n_children, 20_000)
    block = "".join(drawer.child(number) for number in range(n_drawn)).encode()
    rest = n_children % n_drawn
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as stream:
        stream.write(TOP.format(la=la_number).encode())
        for _ in range(n_children // n_drawn):
            stream.write(block)
        for number in range(rest):
            stream.write(drawer.child(number).encode())
        stream.write(END.encode())


if __name__ == "__main__":
    write_full_return(Path(sys.argv[2]), int(sys.argv[1]))
