"""Published tables that lost a column, a year or doubled a row are refused by name and place."""

from __future__ import annotations

from pathlib import Path

from ingest_py.ledger import Ledger
from ingest_py.reference import read_file

HEADER = (
    "time_period,time_identifier,geographic_level,country_code,country_name,region_code,"
    "region_name,old_la_code,new_la_code,la_name,category,referral_count,rereferral_count,"
    "rereferral_percent,no_further_action_count,not_in_need_count\n"
)
ROW = (
    "{year},Reporting year,Local authority,E92000001,England,E12000001,North East,{number},"
    "{code},{name},Referrals and Re-referrals,{n},10,5.0,4,3\n"
)


def row(year: int, number: str = "805", name: str = "Hartlepool", n: str = "100") -> str:
    return ROW.format(year=year, number=number, code=f"E06000{number}", name=name, n=n)


def messages(folder: Path, text: str) -> tuple[int, list[str]]:
    """Return how many rows were read, and what the user is told."""
    file = folder / "c1.csv"
    file.write_text(text, encoding="utf-8")
    ledger = Ledger()
    found = read_file(file, folder, ledger)
    return sum(len(facts.rows) for facts in found), ledger.messages


def test_a_table_as_published_is_read(tmp_path: Path) -> None:
    n_rows, told = messages(tmp_path, HEADER + row(2019) + row(2020, n="c") + row(2019, "806", "M"))
    assert told == []
    assert n_rows == 15


def test_a_missing_column_is_named(tmp_path: Path) -> None:
    header = HEADER.replace("referral_count,rereferral", "rereferral", 1)
    n_rows, told = messages(tmp_path, header + row(2019).replace(",100,10,", ",10,"))
    assert n_rows == 0
    assert len(told) == 1
    assert "c1.csv" in told[0]
    assert "header, row 1" in told[0]
    assert "no column 'referrals'" in told[0]
    assert "download the file again" in told[0]


def test_an_absent_year_is_named(tmp_path: Path) -> None:
    n_rows, told = messages(tmp_path, HEADER + row(2017) + row(2019))
    assert n_rows == 0
    assert "no rows of 2018" in told[0]
    assert "column time_period" in told[0]


def test_doubled_rows_are_named(tmp_path: Path) -> None:
    text = HEADER + row(2019) + row(2019, "806", "Middlesbrough") + row(2019, n="101")
    n_rows, told = messages(tmp_path, text)
    assert n_rows == 0
    assert "two rows of Hartlepool for 2019" in told[0]
    assert "rows 2 and 4" in told[0]
    assert "101" not in told[0]
