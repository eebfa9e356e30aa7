"""Every validation rule has its register rows, its unit tests and its line in the docs."""

from __future__ import annotations

import csv
import datetime as dt
from itertools import pairwise
from pathlib import Path

import pytest

from tests.python.validation_register import (
    END,
    LAST_YEAR,
    START,
    UnitTest,
    page,
    register,
    table,
    unit_tests,
)

FIRST_YEAR = 2017


@pytest.fixture(scope="module")
def tests(project: Path) -> list[UnitTest]:
    found = unit_tests(project)
    assert found, "no unit tests were found: the search is broken"
    return found


def spans(project: Path) -> dict[str, list[tuple[int, int]]]:
    found: dict[str, list[tuple[int, int]]] = {}
    for row in register(project):
        years = (int(row["first_year"]), int(row["last_year"]))
        found.setdefault(row["rule_no"], []).append(years)
    return found


def test_the_register_holds_the_published_rules(project: Path, shared: Path) -> None:
    with (shared / "census" / "validation_rules.csv").open(encoding="utf-8") as stream:
        published = {row["code"]: row for row in csv.DictReader(stream)}
    rows = register(project)
    latest = {row["rule_no"]: row for row in rows}
    assert {row["rule_code"] for row in latest.values()} == set(published)
    assert len(published) == 111
    for row in latest.values():
        source = published[row["rule_code"]]
        assert row["severity"] == source["kind"]
        assert row["modules"] == source["modules"]
        assert row["message"] in source["message"], row["rule_code"]


def test_spans_of_a_rule_follow_one_another(project: Path) -> None:
    for rule_no, years in spans(project).items():
        assert years[0][0] >= FIRST_YEAR
        assert years[-1][1] <= LAST_YEAR
        for (_, last), (first, _) in pairwise(years):
            assert first == last + 1, rule_no


def test_the_rules_of_2019_are_those_of_the_census_design(project: Path) -> None:
    in_force = {
        row["rule_code"]: row["severity"]
        for row in register(project)
        if int(row["first_year"]) <= 2019 <= int(row["last_year"])
    }
    errors = {"8525", "8555", "8569", "8863", "8873", "8897"}
    assert {code: in_force.get(code) for code in errors} == dict.fromkeys(errors, "error")
    assert not {f"{code}Q" for code in errors} & set(in_force)
    assert not {code for code in in_force if code.startswith("40")}
    assert not {"1570", "1580", "8945Q", "8950Q", "8617", "8899Q"} & set(in_force)


def test_every_rule_fires_in_a_test_and_is_silent_there_too(
    project: Path, tests: list[UnitTest]
) -> None:
    for rule_no in spans(project):
        mine = [t for t in tests if rule_no in t.fires and "_rules__" in t.name]
        assert mine, f"no unit test has a row that breaks rule {rule_no}"
        kept = [t for t in mine if len(t.rows) > t.fires[rule_no]]
        assert kept, f"no unit test has a row that keeps rule {rule_no}"


def test_every_switch_is_tested_on_both_sides(project: Path, tests: list[UnitTest]) -> None:
    for rule_no, years in spans(project).items():
        starts = {first for first, _ in years if first > FIRST_YEAR}
        ends = {last + 1 for _, last in years if last < LAST_YEAR}
        tested: set[int] = set()
        for test in tests:
            if rule_no in test.named:
                tested |= _switches(test.years)
        for switch in starts | ends:
            assert switch in tested, f"no unit test of rule {rule_no} has {switch - 1} and {switch}"


def _switches(years: set[int]) -> set[int]:
    return {year for year in years if year - 1 in years}


def test_the_page_holds_the_table(project: Path) -> None:
    text = page(project).read_text("utf-8")
    held = text.partition(START)[2].partition(END)[0].strip()
    assert held == table(project), "run `python -m tests.python.validation_register`"


def test_bank_holidays_are_those_of_the_holidays_package(project: Path) -> None:
    holidays = pytest.importorskip("holidays", reason="the package holidays is not installed")
    with (project / "seeds" / "rules" / "bank_holidays.csv").open(encoding="utf-8") as stream:
        seeded = [dt.date.fromisoformat(row["bank_holiday_date"]) for row in csv.DictReader(stream)]
    known = holidays.country_holidays("GB", subdiv="ENG", years=range(2008, 2028))
    assert seeded == sorted(day for day in known if day.weekday() < 5)
