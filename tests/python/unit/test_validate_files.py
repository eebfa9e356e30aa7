"""The files of a long list: in its order, whole, and the same in CSV and Excel. SYNTHETIC."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from pathlib import Path

import duckdb
import openpyxl
import pytest

from common_py.errors import CinError
from validate_py import files, workbook
from validate_py.building import open_memory
from validate_py.files import write_files

N_ISSUES = 250_000  # of more than two of the database's row groups, which threads read at once
ODD = ["plain", 'a "quote"', "a,comma", "<&>", "=1+1", "two\nlines", "x" * 40_000, "", None]
WITHOUT = ["worker", "team", "status", "n_new", "n_standing", "n_resolved"]
KINDS = """
create schema validated;
create table validated.kinds as
select
    kind_no, 'error' as severity, 'R' || kind_no as rule_code,
    case kind_no when 2 then 'less < more, "so"' when 3 then null else 'message ' || kind_no end
    as message, 'F' as fields, 'referrals' as table_name, 'column' as column_name,
    2023 as census_year, '805' as la_number, 'a&b.xml' as file
from range(1, 4) as numbers (kind_no);
create table validated.rules as
select
    severity, rule_code, 1 as n_issues, 1 as n_children, message from validated.kinds
order by kind_no;
"""
ISSUES = """
create table validated.issues as
select
    1 + n % 3 as kind_no, 'C' || n as la_child_id, {value} as value, 'k=' || n as compared_with,
    'child_no=' || n || ', referral_no=1' as row_key, n % 5 as n_issues_of_child, n as line
from range({n}) as numbers (n)
order by n
"""


def listed(n: int, value: str = "'v' || n") -> duckdb.DuckDBPyConnection:
    """A list of n issues; the value is an expression of their number."""
    connection = open_memory()
    connection.execute("set preserve_insertion_order = true")
    connection.execute(KINDS)
    connection.execute(ISSUES.format(n=n, value=value))
    return connection


def csv_text(connection: duckdb.DuckDBPyConnection, path: Path) -> str:
    """The same list, joined and sorted by the database."""
    columns = [column for column in files._ISSUES if column.name not in WITHOUT]
    names = ", ".join(f'"{column.name}"' for column in columns)
    connection.execute(
        f"copy (select {names} from validated.issues inner join validated.kinds using (kind_no) "  # noqa: S608
        f"order by line) to '{path}' (format csv, header true)"
    )
    return path.read_text("utf-8")


def test_a_long_list_keeps_its_order(tmp_path: Path) -> None:
    with listed(N_ISSUES) as connection:
        table, book = write_files(connection, tmp_path, WITHOUT)
        assert table.read_text("utf-8") == csv_text(connection, tmp_path / "sorted.csv")
    with zipfile.ZipFile(book) as parts:
        sheet = parts.read("xl/worksheets/sheet1.xml")
    children = [int(number) for number in re.findall(rb"<t>C(\d+)</t>", sheet)]
    assert children == list(range(N_ISSUES))


@pytest.mark.parametrize("name", ["CSV", "WORKBOOK"])
def test_a_list_that_cannot_be_written_is_said_and_nothing_is_left(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setattr(files, name, "no such folder/issues")
    with listed(3) as connection, pytest.raises(CinError, match="cannot be written here") as caught:
        write_files(connection, tmp_path / "issues", WITHOUT)
    assert caught.value.file == str(tmp_path / "issues")
    assert caught.value.remedy
    assert list((tmp_path / "issues").iterdir()) == []


def test_a_file_in_the_place_of_the_folder_is_said(tmp_path: Path) -> None:
    (tmp_path / "issues").write_text("", "utf-8")
    with listed(3) as connection, pytest.raises(CinError, match="cannot be written here"):
        write_files(connection, tmp_path / "issues", WITHOUT)


def test_a_list_beyond_one_sheet_goes_on_to_the_next(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(workbook, "MOST_ROWS", 1_000)
    with listed(2_500) as connection:
        _, made = write_files(connection, tmp_path, WITHOUT)
    book = openpyxl.load_workbook(made, read_only=True)
    assert book.sheetnames == ["Issues", "Issues 2", "Issues 3", "Rules"]
    rows = [list(book[name].iter_rows(values_only=True)) for name in book.sheetnames[:3]]
    assert [len(sheet) for sheet in rows] == [1_001, 1_001, 501]
    assert len({sheet[0] for sheet in rows}) == 1, "each sheet has the headings"
    children = [row[0] for sheet in rows for row in sheet[1:]]
    assert children == [f"C{n}" for n in range(2_500)]


def test_whatever_a_value_holds_comes_back_from_both_files(tmp_path: Path) -> None:
    with listed(3 * len(ODD)) as connection:
        connection.execute("create table odd as select unnest($1) as value", [ODD])
        connection.execute(
            "update validated.issues set value = odd.value from odd "  # noqa: S608 - a number
            f"where odd.rowid = line % {len(ODD)}"
        )
        table, book = write_files(connection, tmp_path, WITHOUT)
        assert table.read_text("utf-8") == csv_text(connection, tmp_path / "sorted.csv")
    rows = list(csv.DictReader(io.StringIO(table.read_text("utf-8"), newline="")))
    assert [row["value"] or None for row in rows[: len(ODD)]] == [text or None for text in ODD]
    headings, *cells = openpyxl.load_workbook(book)["Issues"].iter_rows(values_only=True)
    at = {heading: place for place, heading in enumerate(headings)}
    for row, written in zip(cells, rows, strict=True):
        assert (row[at["Value"]] or "") == written["value"][:32_767]
        assert (row[at["Message"]] or "") == written["message"]
        assert row[at["File"]] == "a&b.xml"
