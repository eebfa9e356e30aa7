"""Excel and CSV of all tables: the protected numbers of the pages, and SYNTHETIC with them."""

from __future__ import annotations

import csv
import shutil
from pathlib import Path

import openpyxl
import pytest

from common_py.errors import CinError
from common_py.paths import Paths
from publish_py import export
from tests.python.site_marts import copied
from tests.python.small_marts import change


@pytest.fixture(scope="module")
def paths(small_site: Paths, tmp_path_factory: pytest.TempPathFactory) -> Paths:
    found = copied(small_site, tmp_path_factory.mktemp("export"))
    export(found, ["xlsx", "csv"])
    return found


def test_csv_files_are_those_of_the_site(paths: Paths) -> None:
    names = {file.name for file in (paths.build / "tables").glob("*.csv")}
    assert names == {file.name for file in (paths.site / "assets").glob("*.csv")}
    assert {"domains.csv", "sensitivities.csv", "la_rates.csv", "table_02.csv"} <= names
    for name in names:
        apart = (paths.build / "tables" / name).read_bytes()
        assert apart == (paths.site / "assets" / name).read_bytes(), name
        assert b"SYNTHETIC" in apart


def test_the_workbook_holds_every_table_with_the_numbers_of_the_csv(paths: Paths) -> None:
    book = openpyxl.load_workbook(paths.build / "tables" / "tables_2019.xlsx")
    assert {"About", "Table 2", "Table 3", "Table 4", "Outside", "Authorities"} <= set(
        book.sheetnames
    )
    for sheet in book:
        assert any("SYNTHETIC" in str(cell.value) for cell in sheet["A"]), sheet.title
    sheet = book["Table 2"]
    rows = [[cell.value for cell in row] for row in sheet.iter_rows()]
    headings = next(row for row in rows if row[0] == "Row")
    lines = {(row[0], row[1]): dict(zip(headings, row, strict=True)) for row in rows if row[1]}
    with (paths.build / "tables" / "table_02.csv").open(encoding="utf-8") as file:
        cells = {(row["row"], row["statistic"]): row for row in csv.DictReader(file)}
    for label in ("Referral", "CP Plan"):
        cell = cells[label, "irr"]
        names = {"Estimated": "estimated", "Lower limit": "ci_low", "Published": "published"}
        for line, name in names.items():
            value = lines[label, line]["Social gradient"]
            assert value == pytest.approx(float(cell[name]), rel=1e-14)  # a file of 16 digits


def test_what_is_withheld_is_a_c_in_the_workbook(paths: Paths) -> None:
    sheet = openpyxl.load_workbook(paths.build / "tables" / "tables_2019.xlsx")["Table 4"]
    estimated = [
        [cell.value for cell in row]
        for row in sheet.iter_rows()
        if (row[0].value, row[1].value) == ("Age 9", "Estimated")
    ]
    assert len(estimated) == 1
    assert estimated[0].count("c") >= 4
    assert 4 not in estimated[0]


def test_a_text_that_begins_like_a_formula_stays_a_text(small_site: Paths, tmp_path: Path) -> None:
    change = "update core.dim_la set la_name = '=1+1' where la_number = '801'"
    found = copied(small_site, tmp_path, change)
    export(found, ["xlsx"])
    sheet = openpyxl.load_workbook(found.build / "tables" / "tables_2019.xlsx")["Authorities"]
    named = [cell for cell in sheet["A"] if cell.value == "=1+1"]
    assert [cell.data_type for cell in named] == ["s"]


def test_formats_that_are_none_are_refused_by_name(paths: Paths) -> None:
    for formats in (["pdf"], []):
        with pytest.raises(CinError, match="choose from xlsx, csv"):
            export(paths, formats)


def test_estimates_of_another_build_leave_the_tables_as_they_are(
    paths: Paths, tmp_path: Path
) -> None:
    found = copied(paths, tmp_path)
    shutil.copytree(paths.build / "tables", found.build / "tables")
    before = sorted(file.name for file in (found.build / "tables").iterdir())
    change(found, "update quality.rpt_build set build_id = 'build-two'")
    with pytest.raises(CinError, match="cin fit"):
        export(found, ["xlsx"])
    assert sorted(file.name for file in (found.build / "tables").iterdir()) == before
    assert not list(found.build.glob("tables.*"))
