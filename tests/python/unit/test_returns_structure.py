"""The structure of a return agrees with what DfE publishes and with landing."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from ingest_py.landing_schema import BY_NAME, ORIGIN
from ingest_py.returns import structure
from ingest_py.returns.batches import plans
from ingest_py.returns.structure import Kind

LATEST = 2026


def test_the_structure_restates_the_published_one(shared: Path) -> None:
    path = shared / "census" / "cin_structure.csv"
    with path.open(encoding="utf-8", newline="") as stream:
        published = {
            f"{row['parent_path']}/{row['element']}": (
                int(row["first_xsd_year"]), int(row["last_xsd_year"]),
            )
            for row in csv.DictReader(stream)
        }  # fmt: skip
    ours = {
        element.path: (element.first_year, element.last_year or LATEST)
        for element in structure.message().walk()
        if element.kind is not Kind.SKIPPED and element.path != structure.ROOT
    }
    assert ours == published


def test_every_landing_column_is_filled_and_no_other() -> None:
    for plan in plans(structure.child(), LATEST):
        table = BY_NAME[plan.table]
        origin = {column.name for column in ORIGIN}
        own = [c for c in table.schema.names if c not in origin and c not in table.row_keys]
        assert len(own) == max(len(plan.columns), 1)
    tables = {plan.table for plan in plans(structure.child(), LATEST)}
    assert tables == {t.name for t in BY_NAME.values() if t.group == "census"} - {
        "returns", "unknown_elements",
    }  # fmt: skip


@pytest.mark.parametrize(("year", "first"), [(2024, "GenderCurrent"), (2025, "Sex")])
def test_the_element_of_the_year_is_preferred(year: int, first: str) -> None:
    (plan,) = [plan for plan in plans(structure.child(), year) if plan.table == "children"]
    (names,) = [names for names in plan.columns if len(names) > 1]
    assert names[0] == first
