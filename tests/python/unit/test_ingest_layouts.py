"""Layouts and containers that the collection of real files does not have. SYNTHETIC."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Sequence
from pathlib import Path

import openpyxl
import pytest

from ingest_py import published
from ingest_py.figures import plain_header
from tests.python.ingest_world import World
from tests.python.tiny_census import areas, write_csv

MEASURES = "; measures: Value"
BULK = (
    "date", "geography", "geography code", "Rural Urban",
    f"Sex: All persons; Age: All categories: Age; Ethnic Group: White: Total{MEASURES}",
    f"Sex: Males; Age: Age 5 to 7; Ethnic Group: Mixed/multiple ethnic group: Total{MEASURES}",
)  # fmt: skip
NO_SEX = (
    "date", "geography", "geography code",
    f"Age: Age 0 to 4; Ethnic Group: White: English/Welsh/British{MEASURES}",
)  # fmt: skip
QUERY = ("DATE", "GEOGRAPHY_CODE", "GEOGRAPHY_NAME", "C_SEX_NAME", "C_AGE_NAME", "C_ETHPUK11_NAME",
         "OBS_VALUE")  # fmt: skip
QUERY_2021 = ("GEOGRAPHY_CODE", "C2021_ETH_20_NAME", "C_SEX_NAME", "C2021_AGE_24_NAME", "OBS_VALUE")
BUILDER = (
    "Middle layer Super Output Areas Code", "Middle layer Super Output Areas",
    "Ethnic group (20 categories) Code", "Ethnic group (20 categories)", "Sex (2 categories) Code",
    "Sex (2 categories)", "Age (6 categories) Code", "Age (6 categories)", "Observation",
)  # fmt: skip
MSOA = "E02000001"
ETHNIC: dict[str, tuple[Sequence[Sequence[object]], set[tuple[str, ...]]]] = {
    "DC2101EW bulk": (
        [BULK, (2011, "x", MSOA, "Total", "1,234", 5), (2011, "England", "notes", "Total", 1, 1)],
        {("2011", "All persons", "All categories: Age", "White: Total", "1234"),
         ("2011", "Males", "Age 5 to 7", "Mixed/multiple ethnic group: Total", "5")},
    ),
    "LC2109EW bulk": (
        [NO_SEX, (2011, "x", MSOA, 7)],
        {("2011", "all", "Age 0 to 4", "White: English/Welsh/British", "7")},
    ),
    "DC2101EW query": (
        [QUERY, ("2011", MSOA, "x", "Males", "Age 5 to 7", "White: Irish", 3)],
        {("2011", "Males", "Age 5 to 7", "White: Irish", "3")},
    ),
    "RM032 query": (
        [QUERY_2021, (MSOA, "White: Roma", "Female", "Aged 5 to 9 years", 4)],
        {("2021", "Female", "Aged 5 to 9 years", "White: Roma", "4")},
    ),
    "RM032 table builder": (
        [BUILDER, (MSOA, "x", 13, "White: Irish", 1, "Female", 2, "Aged 5 to 9 years", 6)],
        {("2021", "Female", "Aged 5 to 9 years", "White: Irish", "6")},
    ),
}  # fmt: skip


@pytest.fixture
def world(tmp_path: Path) -> World:
    """Fill a data folder with everything; tests add a published file."""
    return World(tmp_path).tiny()


@pytest.mark.parametrize("layout", ETHNIC)
def test_populations_by_ethnic_group(world: World, layout: str) -> None:
    rows, expected = ETHNIC[layout]
    write_csv(world.data / "reference" / "any name.csv", rows)
    report = world.ingest()
    assert report.ok, report.messages
    found = world.rows(
        "ref_ethnic_population", "census, sex, age_group, ethnic_group, persons, area_code"
    )
    assert {row[:-1] for row in found} == expected
    assert {row[-1] for row in found} == {MSOA}


def test_indicators_of_authorities_are_our_own_layout(world: World) -> None:
    head = ("census_year", "la_code", "value", "indicator")
    rows = [
        head,
        ("2019", "E06000001", "1,174.76", "spend_total_per_child"),
        ("2019", "E06000001", "", "vacancy_rate"),
        ("2020", "E06000001", "4.5", "vacancy_rate"),
        ("2020", "E06000001", "9", "vacancy_rate"),
    ]
    write_csv(world.data / "reference" / "any name.csv", rows)
    report = world.ingest()
    assert report.quarantined == 1
    found = world.rows("ref_la_indicator", "la_code, indicator, census_year, value")
    assert set(found) == {
        ("E06000001", "spend_total_per_child", "2019", "1174.76"),
        ("E06000001", "vacancy_rate", "2019", None),
        ("E06000001", "vacancy_rate", "2020", "4.5"),
    }


DFE = (
    "time_period", "time_identifier", "geographic_level", "country_code", "country_name",
    "region_code", "region_name", "old_la_code", "new_la_code", "la_name", "Category",
)  # fmt: skip
HEAD = ("2025", "Reporting year", "Local authority", "E92000001", "England", "E12000001", "NE",
        "805", "E06000001", "Hartlepool", "Referrals and Re-referrals")  # fmt: skip


def _indicators(world: World, columns: str) -> list[tuple[object, ...]]:
    return world.rows("ref_published_indicator", columns)


def test_values_and_markers_and_renamed_measures(world: World) -> None:
    measures = ("referral_count", "rereferral_count", "no_further_action_count",
                "Not_in_need_count", "referral_child_count")  # fmt: skip
    write_csv(world.data / "reference" / "x.csv",
              [(*DFE, *measures), (*HEAD, "1,234", "c", " u ", "", "?!")])  # fmt: skip
    report = world.ingest()
    assert report.ok, report.messages
    assert set(_indicators(world, "table_name, measure, value, marker")) == {
        ("c1", "referrals", "1234", None), ("c1", "re_referrals", None, "c"),
        ("c1", "no_further_action", None, "u"), ("c1", "referrals_child", None, "?!"),
    }  # fmt: skip
    assert set(_indicators(world, "la_number, area_code, release")) == {
        ("805", "E06000001", "2025")
    }
    said = next(e.reason for e in report.files if e.source.name == "reference/x.csv")
    assert "1 texts that are neither number nor known marker" in str(said)


def test_a_measure_that_no_list_has_is_kept_under_its_own_name(world: World) -> None:
    write_csv(world.data / "reference" / "x.csv",
              [(*DFE, "Referrals", "Brand new % (2026)"), (*HEAD, "10", "7.5")])  # fmt: skip
    report = world.ingest()
    found = set(_indicators(world, "measure, value"))
    assert found == {("referrals", "10"), ("brand_new_2026", "7.5")}
    said = next(e.reason for e in report.files if e.source.name == "reference/x.csv")
    assert "measures.csv does not list: brand_new_2026" in str(said)


def test_headers_differ_in_case_and_signs_only_by_name() -> None:
    assert plain_header("\ufeffTurnover_Rate FTE_%") == "turnover_rate_fte"
    assert plain_header("2years+") == "2years_plus"


def _ruc() -> bytes:
    rows = ["LSOA11CD,RUC11CD,RUC11", *(f"{a.lsoa},A1,Urban" for a in areas())]
    return "\n".join(rows).encode()


def _book() -> bytes:
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    for line in _ruc().decode().splitlines():
        sheet.append(line.split(","))
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


@pytest.mark.parametrize("member", ["deep/er/ruc.csv", "ruc.xlsx"])
def test_tables_in_a_zip_are_read(world: World, member: str) -> None:
    (world.data / "reference" / "ruc11.csv").unlink()
    with zipfile.ZipFile(world.data / "reference" / "download.zip", "w") as archive:
        archive.writestr(member, _book() if member.endswith("xlsx") else _ruc())
        archive.writestr("metadata/notes.txt", "x")
    report = world.ingest()
    assert report.ok, report.messages
    assert world.count("ref_lsoa_rural_urban") == 24
    said = next(e.reason for e in report.files if e.source.name == "reference/download.zip")
    assert member in str(said)


def test_an_ods_is_read(world: World) -> None:
    (world.data / "reference" / "ruc11.csv").unlink()
    cells = "".join(
        "<table:table-row>"
        + "".join(
            f'<table:table-cell office:value-type="string"><text:p>{cell}</text:p>'
            "</table:table-cell>"
            for cell in line.split(",")
        )
        + "</table:table-row>"
        for line in _ruc().decode().splitlines()
    )
    space = "urn:oasis:names:tc:opendocument:xmlns:"
    content = (
        f'<?xml version="1.0"?><office:document-content xmlns:office="{space}office:1.0" '
        f'xmlns:table="{space}table:1.0" xmlns:text="{space}text:1.0"><office:body>'
        f'<office:spreadsheet><table:table table:name="a">{cells}'
        '<table:table-row table:number-rows-repeated="1048000"><table:table-cell '
        'table:number-columns-repeated="16384"/></table:table-row></table:table>'
        "</office:spreadsheet></office:body></office:document-content>"
    )
    with zipfile.ZipFile(world.data / "reference" / "ruc.ods", "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("content.xml", content)
        archive.writestr("META-INF/manifest.xml", "<manifest/>")
    report = world.ingest()
    assert report.ok, report.messages
    assert world.count("ref_lsoa_rural_urban") == 24


def test_a_split_area_stands_in_several_rows_of_the_exact_fit(world: World) -> None:
    rows = [
        ("\ufeffF_LSOA11CD", "LSOA11NM", "LSOA21CD", "LSOA21NM", "CHGIND", "LAD22CD"),
        ("E01000001", "a", "E01000001", "a", "U", "E09000001"),
        ("E01000002", "b", "E01033333", "b", "S", "E09000001"),
        ("E01000002", "b", "E01033334", "c", "S", "E09000001"),
        ("E01000002", "b", "E01033334", "c", "S", "E09000001"),
    ]
    write_csv(world.data / "reference" / "fit.csv", rows)
    report = world.ingest()
    assert report.quarantined == 1
    assert world.count("ref_lsoa_exact_fit") == 3


LSOA_2021 = "E01099001"


def _sape_2021() -> list[Sequence[object]]:
    """Return the sheet of ONS's workbook of 2021 LSOAs: girls at age a are a, boys 100 + a."""
    header = ("LAD 2023 Code", "LAD 2023 Name", "LSOA 2021 Code", "LSOA 2021 Name", "Total",
              *(f"F{a}" for a in range(91)), *(f"M{a}" for a in range(91)))  # fmt: skip
    row = ("E06000001", "Hartlepool", LSOA_2021, "Hartlepool 001A", 17290,
           *range(91), *(100 + a for a in range(91)))  # fmt: skip
    return [("Contents",), ("Mid-2023: LSOA 2021 by sex and age",), (), header, row]


def test_populations_of_2021_lsoas_have_both_sexes_side_by_side(world: World) -> None:
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    sheet.title = "Mid-2023 LSOA 2021"
    for row in _sape_2021():
        sheet.append(list(row))
    book.save(world.data / "reference" / "any name.xlsx")
    report = world.ingest()
    assert report.ok, report.messages
    found = world.rows(
        "ref_lsoa_population",
        "lsoa_vintage, mid_year, sex, all_ages, age_0, age_90, case when mid_year = '2023' "
        "then lsoa_code end",
    )
    mine = [row for row in found if row[1] == "2023"]
    assert mine == [
        ("2021", "2023", "female", None, "0", "90", LSOA_2021),
        ("2021", "2023", "male", None, "100", "190", LSOA_2021),
    ]
    assert {row[0] for row in found if row[1] == "2019"} == {"2011"}


def test_output_areas_of_2021(world: World) -> None:
    header = ("OA21CD", "LSOA21CD", "LSOA21NM", "MSOA21CD", "MSOA21NM", "LAD22CD", "ObjectId")
    write_csv(world.data / "reference" / "x.csv",
              [header, ("E00060274", LSOA_2021, "x", MSOA, "x", "E06000001", 1),
               ("E00060275", LSOA_2021, "x", MSOA, "x", "E06000001", 2)])  # fmt: skip
    report = world.ingest()
    assert report.ok, report.messages
    assert world.rows("ref_oa21_lookup", "oa21_code, lsoa21_code, msoa21_code") == [
        ("E00060274", LSOA_2021, MSOA), ("E00060275", LSOA_2021, MSOA),
    ]  # fmt: skip


@pytest.mark.parametrize("needed", [True, False])
def test_the_exact_fit_lookup_is_asked_for_where_two_censuses_meet(
    project: Path, needed: bool
) -> None:
    """A year whose populations are of other LSOAs than its own needs the lookup, by name."""
    row = {"lsoa_vintage": "2011", "population_mid_year": "2023"}
    vintage = "2021" if needed else "2011"
    estimates = {
        (("lsoa_vintage", vintage), ("mid_year", "2023"), ("sex", sex))
        for sex in ("male", "female")
    }
    lacking = published.missing({"ref_lsoa_population": estimates}, [row], "data")
    assert any("ref_lsoa_exact_fit" in message for message in lacking) == needed
    of_2026 = published.year_vintages(project, ["2026"])
    assert any("ref_lsoa_exact_fit" in message for message in published.missing({}, of_2026, "d"))
