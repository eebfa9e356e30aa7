"""The table of `docs/validation_rules.md`, made from the register and the unit tests.

`python -m tests.python.validation_register` writes the table anew after a rule has changed.
"""

from __future__ import annotations

import csv
import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from common_py.yaml_text import from_yaml

START, END = "<!-- rules:start -->", "<!-- rules:end -->"
NAMED = re.compile(r"\bRules? ((?:\d{3,4}(?:, )?)+)")
LAST_YEAR = 2026
ROW_KEY = (
    "rule_no", "table_name", "census_year", "la_number", "child_no", "referral_no", "record_no",
    "part_no",
)  # fmt: skip
Row = dict[str, Any]


@dataclass(frozen=True)
class UnitTest:
    """One dbt unit test of the validation models.

    Attributes
    ----------
    name
        Name of the test.
    fires
        Rules that expected rows are about, and how many rows of the return these name.
    named
        Rules that its description names, and those that it expects.
    rows
        Rows given, of all inputs that are given row by row or as CSV.
    """

    name: str
    fires: Counter[str]
    named: frozenset[str]
    rows: tuple[Row, ...]

    @property
    def years(self) -> set[int]:
        """Census years of the rows given."""
        years = (row.get("rule_year") or row.get("census_year") for row in self.rows)
        return {int(year) for year in years if year}


def register(project: Path) -> list[dict[str, str]]:
    """Return the rows of `seeds/rules/validation_rules.csv`."""
    path = project / "seeds" / "rules" / "validation_rules.csv"
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def unit_tests(project: Path) -> list[UnitTest]:
    """Return the unit tests of `models/intermediate/validation`, in order of name."""
    folder = project / "models" / "intermediate" / "validation"
    found = [
        _unit_test(test)
        for path in folder.rglob("*.yml")
        for test in (from_yaml(path.read_text("utf-8")) or {}).get("unit_tests", [])
    ]
    return sorted(found, key=lambda test: test.name)


def _unit_test(test: dict[str, Any]) -> UnitTest:
    expected = list(_rows(test["expect"]))
    broken = {tuple(str(row.get(key)) for key in ROW_KEY) for row in expected if "rule_no" in row}
    fires = Counter(rule_no for rule_no, *_ in broken)
    said = {
        number
        for numbers in NAMED.findall(" ".join(test.get("description", "").split()))
        for number in numbers.split(", ")
    }
    given = tuple(row for one in test["given"] for row in _rows(one))
    return UnitTest(test["name"], fires, frozenset(fires) | said, given)


def _rows(block: dict[str, Any]) -> Iterator[Row]:
    rows = block.get("rows") or []
    if isinstance(rows, str):
        yield from csv.DictReader(rows.strip().splitlines())
    else:
        yield from rows


def table(project: Path) -> str:
    """Return the table as Markdown: a row for each rule and span of years in the register."""
    tests: dict[str, list[str]] = defaultdict(list)
    for test in unit_tests(project):
        for rule_no in test.named:
            tests[rule_no].append(test.name.removeprefix("int_validation__"))
    lines = ["| rule | years | severity | what must hold | unit tests |", "|---|---|---|---|---|"]
    for row in register(project):
        until = "" if int(row["last_year"]) == LAST_YEAR else row["last_year"]
        years = row["first_year"] if until == row["first_year"] else f"{row['first_year']}–{until}"
        names = " ".join(f"`{name}`" for name in tests[row["rule_no"]])
        cells = (row["rule_code"], years, row["severity"], row["logic"], names)
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def page(project: Path) -> Path:
    """Return the page that holds the table."""
    return project / "docs" / "validation_rules.md"


def main() -> None:
    """Write the table into its page."""
    path = page(Path(__file__).resolve().parents[2])
    before, _, rest = path.read_text("utf-8").partition(START)
    _, _, after = rest.partition(END)
    made = f"{before}{START}\n{table(path.parents[1])}\n{END}{after}"
    path.write_text(made, encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
