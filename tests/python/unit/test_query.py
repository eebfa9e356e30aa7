"""Questions to the marts: what is answered, what is refused, what a file holds."""

from __future__ import annotations

import csv
from pathlib import Path

import duckdb
import openpyxl
import pyarrow as pa
import pyarrow.parquet
import pytest

from common_py.errors import CinError
from common_py.paths import Paths
from query_py import Answer, ask, export_marts, write, write_answer
from query_py.screen import SHOWN_ROWS, answer_summary
from tests.python.small_marts import small_marts

CHILD = "CANARY-CHILD"


@pytest.fixture
def paths(tmp_path: Path) -> Paths:
    return small_marts(
        tmp_path,
        "create schema restricted",
        f"create table restricted.rpt_validation_issues as select '{CHILD}' as la_child_id",
        f"create table core.fct_referrals as select '{CHILD}' as child_key",
    )


def test_a_question_is_answered_in_its_order(paths: Paths) -> None:
    found = ask(paths.warehouse, "select la_code from core.dim_la order by la_code desc limit 2")
    assert found.table["la_code"].to_pylist() == ["E06000012", "E06000011"]
    assert found.is_synthetic
    assert found.build_id == "build-one"


def test_marts_are_joined_by_the_names_of_their_columns(paths: Paths) -> None:
    by_name = "select count(*) as n from core.dim_la join rates.fct_rates_la using (la_code)"
    in_full = (
        "select count(*) as n from core.dim_la as a join rates.fct_rates_la as b "
        "on a.la_code = b.la_code"
    )
    assert ask(paths.warehouse, by_name).table == ask(paths.warehouse, in_full).table


@pytest.mark.parametrize(
    ("question", "says"),
    [
        ("select * from rates.no_such_mart", "no_such_mart"),
        ("select nothing from core.dim_la", "nothing"),
        ("selekt 1", "selekt"),
        ("select 1; select 2", "one statement"),
        ("", "one statement"),
        ("drop table core.dim_la", "one statement"),
        ("copy (select 1) to 'leak.csv'", "one statement"),
        ("select * from restricted.rpt_validation_issues", "single children"),
        ("with a as (select 1) select * from a, restricted.rpt_validation_issues", "single"),
        ('select * from "restricted"."rpt_validation_issues"', "single children"),
        (
            "select * from core.dim_la join restricted.rpt_validation_issues using (la_code)",
            "single children",
        ),
        (
            "summarize select * from core.dim_la join restricted.rpt_validation_issues using (a)",
            "single children",
        ),
        ("select (select max(la_child_id) from RESTRICTED.rpt_validation_issues)", "single"),
        ("select * from read_text('pyproject.toml')", "no file"),
        ("select * from 'pyproject.csv'", "no file"),
        ("select cast(child_key as integer) from core.fct_referrals", "left out"),
    ],
)
def test_what_cannot_be_answered_says_why(paths: Paths, question: str, says: str) -> None:
    before = paths.warehouse.read_bytes()
    with pytest.raises(CinError) as raised:
        ask(paths.warehouse, question)
    assert says in str(raised.value)
    assert "remedy" in str(raised.value)
    assert CHILD not in str(raised.value)
    assert paths.warehouse.read_bytes() == before


def test_without_a_warehouse_the_way_to_one_is_said(tmp_path: Path) -> None:
    with pytest.raises(CinError, match="cin build"):
        ask(tmp_path / "warehouse.duckdb", "select 1")


@pytest.mark.parametrize("ending", ["csv", "parquet", "xlsx"])
def test_a_file_holds_every_row_and_says_synthetic(
    paths: Paths, tmp_path: Path, ending: str
) -> None:
    answer = ask(paths.warehouse, "select la_code, '=1+1' as note from core.dim_la order by 1")
    to = tmp_path / f"answer.{ending}"
    to.write_text("an older answer", encoding="utf-8")
    write_answer(answer, to)
    rows = read_back(to)
    assert [row["la_code"] for row in rows] == answer.table["la_code"].to_pylist()
    assert {row["dataset"] for row in rows} == {"SYNTHETIC"}
    assert {row["note"] for row in rows} == {"=1+1"}
    assert sorted(one.name for one in tmp_path.iterdir() if one.name.startswith(".")) == []


def read_back(path: Path) -> list[dict[str, object]]:
    if path.suffix == ".csv":
        with path.open(encoding="utf-8", newline="") as lines:
            return [dict(row) for row in csv.DictReader(lines)]
    if path.suffix == ".parquet":
        return list(pyarrow.parquet.read_table(path).to_pylist())
    book = openpyxl.load_workbook(path)
    sheet = book["answer"]
    names, *rows = sheet.iter_rows(values_only=True)
    assert all(cell.data_type != "f" for line in sheet.iter_rows() for cell in line)
    return [dict(zip(map(str, names), row, strict=True)) for row in rows]


def test_real_numbers_are_not_marked(tmp_path: Path) -> None:
    answer = Answer(pa.table({"n": [1]}), "b", is_synthetic=False)
    to = write_answer(answer, tmp_path / "answer.csv")
    assert to.read_text(encoding="utf-8").split() == ['"n"', "1"]


def test_a_file_that_cannot_be_written_leaves_the_old_one(
    paths: Paths, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer = ask(paths.warehouse, "select 1 as one")
    with pytest.raises(CinError, match=r"\.csv, \.parquet, \.xlsx"):
        write_answer(answer, tmp_path / "answer.docx")
    with pytest.raises(CinError, match="no such folder"):
        write_answer(answer, tmp_path / "nowhere" / "answer.csv")
    old = tmp_path / "answer.csv"
    old.write_text("old", encoding="utf-8")

    def held(*_: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("os.replace", held)
    with pytest.raises(CinError, match="close it where it is open"):
        write_answer(answer, old)
    assert [one.name for one in tmp_path.glob("*answer*")] == ["answer.csv"]
    assert old.read_text(encoding="utf-8") == "old"


def test_more_rows_than_a_sheet_holds_are_refused(
    paths: Paths, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(write, "MAX_SHEET_ROWS", 11)
    answer = ask(paths.warehouse, "select la_code from core.dim_la")
    with pytest.raises(CinError, match="12 rows are more"):
        write_answer(answer, tmp_path / "answer.xlsx")
    assert not (tmp_path / "answer.xlsx").exists()


def test_the_screen_says_how_many_rows_it_leaves_out(paths: Paths) -> None:
    many = ask(paths.warehouse, f"select unnest(range({SHOWN_ROWS + 1})) as n")
    assert answer_summary(many).startswith(f"{SHOWN_ROWS + 1} rows, the first {SHOWN_ROWS} shown")
    assert answer_summary(ask(paths.warehouse, "select 1 as n")) == "1 row"


def test_every_mart_without_rows_of_children_is_exported(paths: Paths, tmp_path: Path) -> None:
    done = export_marts(paths, tmp_path / "marts", "csv")
    written = {path.name.removesuffix(".csv") for path in done.folder.iterdir()}
    with duckdb.connect(str(paths.warehouse), read_only=True) as connection:
        there = connection.execute(
            "select table_schema || '.' || table_name from information_schema.tables"
        ).fetchall()
    left = {name for (name,) in there} - written
    assert left == {"restricted.rpt_validation_issues", "core.fct_referrals"}
    assert done.n_files == len(written)
    assert CHILD not in "".join(path.read_text(encoding="utf-8") for path in done.folder.iterdir())


def test_marts_are_chosen_by_name(paths: Paths, tmp_path: Path) -> None:
    done = export_marts(paths, tmp_path / "marts", "parquet", ["core.dim_la"])
    assert [path.name for path in done.folder.iterdir()] == ["core.dim_la.parquet"]
    for name in ("core.fct_referrals", "core.dim_nothing"):
        with pytest.raises(CinError, match="no mart to export"):
            export_marts(paths, tmp_path / "marts", "parquet", [name])
    with pytest.raises(CinError, match="no such format"):
        export_marts(paths, tmp_path / "marts", "docx")
