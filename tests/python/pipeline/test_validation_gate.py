"""A return over its thresholds is in no mart of its year, and every other law still holds."""

from __future__ import annotations

import csv
from pathlib import Path

import duckdb
import pytest

from tests.python.pipeline.test_breakages import House, house

__all__ = ["house"]  # a fixture, used by name

LEFT_OUT = "873"


def spoil_referrals(data: Path) -> int:
    """Take the date from every second referral of one authority; return how many."""
    path = data / "census" / "2019" / "extract" / "referrals.csv"
    with path.open(encoding="utf-8", newline="") as source:
        rows = list(csv.DictReader(source))
    mine = [row for row in rows if row["la_number"] == LEFT_OUT][::2]
    for row in mine:
        row["referral_date"] = ""
    with path.open("w", encoding="utf-8", newline="") as target:
        writer = csv.DictWriter(target, fieldnames=list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return len(mine)


@pytest.mark.slow
def test_a_return_over_its_thresholds_is_left_out(house: House) -> None:
    n_spoilt = spoil_referrals(house.folder / "data")
    house.replace("seeds/rules/validation_thresholds.csv", "8600,,5,100,500", "8600,,5,100,")
    assert house.cin("ingest").returncode == 0
    done = house.cin("build")
    assert done.returncode == 0, done.stdout + done.stderr
    with duckdb.connect(str(house.folder / "build" / "warehouse.duckdb"), read_only=True) as made:
        decisions = dict(
            made.execute(
                "select la_number, decision from quality.rpt_validation_decisions"
            ).fetchall()
        )
        (reason,) = made.execute(
            "select reason from quality.rpt_validation_decisions where decision = 'left_out'"
        ).fetchall()[0]
        rated = made.execute(
            "select distinct las.la_number from rates.fct_rates_la as rates "
            "inner join core.dim_la as las using (census_year, la_code)"
        ).fetchall()
        (n_found,) = made.execute(
            "select count(*) from restricted.rpt_validation_issues "
            "where rule_code = '8600' and la_number = ?",
            [LEFT_OUT],
        ).fetchall()[0]
    assert decisions[LEFT_OUT] == "left_out"
    assert set(decisions.values()) <= {"left_out", "flagged", "enters"}
    assert reason.startswith("rule 8600: ")
    assert n_found == n_spoilt
    assert sorted(number for (number,) in rated) == sorted(set(decisions) - {LEFT_OUT})
