"""Published files are recognised by header; each series of facts comes from one file."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from ingest_py.landing_schema import BY_NAME, REFERENCE_TABLES
from ingest_py.layouts import LAYOUTS
from ingest_py.published import PUBLICATIONS
from tests.python.ingest_world import World, assert_told
from tests.python.tiny_census import areas, write_csv, write_rows, write_workbook

LSOA = ("LSOA code (2011)", "Local Authority District code (2013)")
INCOME = "Income Score (rate)"
AGES = [*range(90), "90+"]
SUPPLIES = {
    "ref_lsoa_deprivation": "File_7_20*.csv",
    "ref_la_deprivation": "File_11_20*.xlsx",
    "ref_lsoa_population": "SAPE22DT2*.csv.gz",
    "ref_oa_lookup": "oa_lookup.csv",
    "ref_lsoa_lad": "lsoa_ward_lad.csv",
    "ref_lad_utla": "ltla_utla.csv",
    "ref_lsoa_rural_urban": "ruc11.csv",
    "ref_lsoa_density": "density.xlsx",
}


@pytest.fixture
def world(tmp_path: Path) -> World:
    """Fill a data folder with everything, which has landed; tests add or spoil a file."""
    return World(tmp_path).landed()


def _remove(world: World, pattern: str) -> None:
    for path in (world.data / "reference").glob(pattern):
        path.unlink()


def _add(world: World, name: str, rows: Sequence[Sequence[object]]) -> str:
    write_csv(world.data / "reference" / name, rows)
    return f"reference/{name}"


def _verdict(world: World, name: str) -> tuple[str, str]:
    report = world.ingest(keep_going=True)
    entry = next(f for f in report.files if f.source.name == f"reference/{name}")
    return entry.verdict, f"{entry.reason} {entry.remedy}"


@pytest.mark.parametrize("table", SUPPLIES)
def test_a_missing_reference_file_is_named_with_its_publisher(world: World, table: str) -> None:
    _remove(world, SUPPLIES[table])
    report = world.ingest(keep_going=True)
    assert not report.ok
    publication = next(p for p in PUBLICATIONS if p.table == table)
    assert_told(
        report.messages, table, publication.file, publication.publisher, "into data/reference/"
    )
    assert world.count("children") == 30
    assert world.count(table) == 0


def test_the_vintage_that_a_census_year_needs_is_asked_for(world: World) -> None:
    seeds = world.root / "seeds"
    seeds.mkdir()
    header = "census_year,lsoa_vintage,iod_release,population_mid_year,ruc_release,"
    header += "density_mid_year,lad_utla_year\n"
    (seeds / "year_vintages.csv").write_text(
        header + "2019,2011,2015,2019,2011,2018,2019\n2020,2011,2025,2019,2011,2018,2019\n",
        encoding="utf-8",
    )
    assert world.ingest().ok
    _remove(world, "File_7_2015.csv")
    report = world.ingest()
    assert_told(report.messages, "ref_lsoa_deprivation", "File 5", "iod_release 2015", "gov.uk")
    _remove(world, "*Males*")
    report = world.ingest()
    assert_told(report.messages, "ref_lsoa_population", "mid_year 2019, sex male", "ons.gov.uk")


def test_unknown_files_are_passed_over_with_a_reason(world: World) -> None:
    _add(world, "own_notes.csv", [["a", "b"], [1, 2]])
    world.text("reference/deep/er/report.pdf", b"%PDF")
    world.text("reference/semicolons.csv", "a;b\n1;2\n")
    report = world.ingest()
    assert report.ok, report.messages
    told = {f.source.name: (f.verdict, f.reason, f.remedy) for f in report.files}
    for name in ("own_notes.csv", "deep/er/report.pdf", "semicolons.csv"):
        verdict, reason, remedy = told[f"reference/{name}"]
        assert verdict == "ignored"
        assert reason
        assert remedy


def test_headers_may_have_bom_double_and_trailing_blanks_and_numbers_commas(world: World) -> None:
    _remove(world, "density.xlsx")
    header = ["\ufeffCode ", "Name", " Mid-2018  population ", "Area  Sq Km", "People per Sq Km "]
    _add(world, "any name.csv", [header, [" E01990001", "x", "1,234", "0.5", " 2,468.5 "]])
    assert world.ingest().ok
    assert world.rows("ref_lsoa_density", "* exclude (source_file)") == [
        ("E01990001", "2018", "1234", "0.5", "2468.5", 1)
    ]


def test_a_header_is_found_below_titles(world: World) -> None:
    _remove(world, "*Persons*")
    rows: list[list[object]] = [["Mid-2019: Persons"], [], ["LSOA Code", "All Ages", *AGES]]
    _add(world, "populations.csv", [*rows, *([a.lsoa, 91, *([1] * 91)] for a in areas())])
    assert world.ingest().ok
    found = world.rows("ref_lsoa_population", "distinct mid_year, sex, all_ages, source_row")
    assert ("2019", "persons", "91", 1) in found


def test_a_workbook_has_the_sex_in_its_sheet_names(world: World) -> None:
    _remove(world, "SAPE22DT2*")
    sheets = {
        f"Mid-2019 {sex}": [
            ["Contents"], [], ["Table SAPE22DT2: Mid-2019, LSOAs by single year of age"], [],
            ["LSOA Code", "LSOA Name", "All Ages", *AGES],
            ["E06000001", "an authority's total", 9, *([9] * 91)],
            *([a.lsoa, a.msoa, 91 * k, *([k] * 91)] for a in areas()),
        ]
        for k, sex in enumerate(("Persons", "Males", "Females"), start=1)
    }  # fmt: skip
    sheets["Notes"] = [["some words"]]
    write_workbook(world.data / "reference" / "book.xlsx", sheets)
    report = world.ingest()
    assert report.ok, report.messages
    assert {row[:3] for row in world.rows("ref_lsoa_population", "sex, age_0, age_90")} == {
        ("persons", "1", "1"), ("male", "2", "2"), ("female", "3", "3"),
    }  # fmt: skip
    assert world.count("ref_lsoa_population") == 3 * 24
    reason = next(f.reason for f in report.files if f.source.name == "reference/book.xlsx")
    assert reason == "1 row of another area or a note passed over"


@pytest.mark.parametrize(
    ("name", "what", "remedy"),
    [
        ("Mid-2019.csv", "which sex", "persons, males, females"),
        ("Males.csv", "mid year", "Mid-2019"),
    ],
)
def test_populations_that_do_not_say_sex_or_year_are_refused(
    world: World, name: str, what: str, remedy: str
) -> None:
    _add(world, name, [["LSOA Code", "All Ages", *AGES], ["E01990001", 91, *([1] * 91)]])
    report = world.ingest()
    assert not report.ok
    assert_told(report.messages, f"reference/{name}", what, "file name", remedy)


FAULTY: dict[str, tuple[list[list[str]], str, str]] = {
    "no rows": ([[*LSOA, INCOME]], "has a header and no rows", "download"),
    "no district code": (
        [["LSOA code (2011)", INCOME], ["E01990001", ".1"]],
        "no column local authority district code (YYYY)",
        "leave its header",
    ),
    "unknown release": (
        [
            ["LSOA code (2011)", "Local Authority District code (2031)", INCOME],
            ["E01990001", "1", "1"],
        ],
        "release that is not known (2031)",
        "the known ones are 2013",
    ),
    "wrong kind of area": (
        [[*LSOA, INCOME], ["E02990001", "E06000001", ".1"]],
        "no row with a code of its kind",
        "docs/inputs.md",
    ),
    "cut short": ([[*LSOA, INCOME], ["E01990001"]], "1 of 3 columns", "export the file again"),
}


def test_rows_are_numbered_from_the_header_below_titles(world: World) -> None:
    titles = ["a title", "", "another"]
    rows = [["LSOA11CD", "RUC11CD", "RUC11"], ["E01990001", "A1", "x"], ["E01990002"]]
    file = _add(world, "titled.csv", [*([t] for t in titles), *rows])
    assert_told(world.ingest().messages, f"{file}, row 2", "1 of 3 columns")


@pytest.mark.parametrize("fault", FAULTY)
def test_faulty_published_files_are_refused(world: World, fault: str) -> None:
    rows, problem, remedy = FAULTY[fault]
    file = _add(world, "spoiled.csv", rows)
    report = world.ingest()
    assert not report.ok
    assert_told(report.messages, file, problem, "remedy:", remedy)


def test_a_damaged_workbook_is_refused(world: World) -> None:
    whole = (world.data / "reference" / "density.xlsx").read_bytes()
    world.text("reference/density.xlsx", whole[: len(whole) // 2])
    report = world.ingest()
    assert_told(report.messages, "reference/density.xlsx", "not a readable workbook", "save it")
    assert_told(report.messages, "ref_lsoa_density", "SAPE21DT11")


def test_repeated_and_odd_area_codes_are_set_aside(world: World) -> None:
    _remove(world, "ruc11.csv")
    rows: list[list[object]] = [["LSOA11CD", "RUC11CD", "RUC11"]]
    rows += [[a.lsoa, "A1", "Urban"] for a in areas()]
    rows += [["E01990001", "B1", "x"], ["E0199", "B1", "x"], ["Source: ONS", "", ""], ["", "", ""]]
    file = _add(world, "ruc.csv", rows)
    report = world.ingest()
    assert report.quarantined == 2
    assert_told(report.messages, f"{file}, row 25", "already in another row", "remove")
    assert_told(report.messages, f"{file}, row 26", "does not have the form", "download")
    assert world.count("ref_lsoa_rural_urban") == 24
    entry = next(f for f in report.files if f.source.name == file)
    assert (entry.rows_read, entry.rows_kept, entry.rows_quarantined) == (26, 24, 2)
    assert "2 rows of other areas or notes passed over" in str(entry.reason)


def test_the_same_facts_from_two_files_land_once_from_the_published_one(world: World) -> None:
    rows = [["lsoa11_code", "income_score_2015"], *([a.lsoa, "0.999"] for a in areas())]
    _add(world, "aaa_reconstructed.csv", rows)
    assert world.ingest().ok
    scores = world.rows("ref_lsoa_deprivation", "domain, iod_release, source_file, score")
    assert not any(score == "0.999" for *_, score in scores)
    keys = world.rows("ref_lsoa_deprivation", "lsoa_code, iod_release, domain")
    assert len(keys) == len(set(keys)) == 24 * 4
    verdict, reason = _verdict(world, "aaa_reconstructed.csv")
    assert verdict == "ignored"
    assert "not used for 2015 income: read from reference/File_7_2015.csv" in reason


def test_a_sample_of_a_published_file_never_displaces_the_whole(world: World) -> None:
    _remove(world, "File_7_2015.csv")
    rows = [["lsoa11_code", "income_score_2015"], *([a.lsoa, "0.999"] for a in areas())]
    _add(world, "reconstructed.csv", rows)
    _add(world, "sample.csv", [[*LSOA, INCOME], ["E01990001", "E06000001", "0.1"]])
    world.ingest()
    verdict, reason = _verdict(world, "sample.csv")
    assert verdict == "ignored"
    assert "reference/reconstructed.csv" in reason


def test_columns_that_are_blank_throughout_are_no_facts(world: World) -> None:
    header = [*LSOA, INCOME, "Crime Score", "Total population: mid 2012 (excluding prisoners)",
              "Dependent Children aged 0-15: mid 2012 (excluding prisoners)"]  # fmt: skip
    _remove(world, "File_7_2015.csv")
    _add(world, "f7.csv", [header, *([a.lsoa, a.lad17, 0.1, "", "", ""] for a in areas())])
    world.ingest()
    found = set(world.rows("ref_lsoa_deprivation", "domain, iod_release"))
    assert ("income", "2015") in found
    assert ("crime", "2015") not in found
    assert {row[0] for row in world.rows("ref_lsoa_iod_population", "iod_release")} == {"2019"}


def test_a_year_that_is_only_looked_back_to_needs_no_published_files(
    world: World, project: Path
) -> None:
    vintages = "seeds/geography/year_vintages.csv"
    (world.root / vintages).parent.mkdir(parents=True)
    (world.root / vintages).write_bytes((project / vintages).read_bytes())
    child = {"census_year": "2018", "la_number": "805", "child_no": "1", "la_child_id": "A"}
    columns = [column.name for column in BY_NAME["children"].input_columns]
    write_rows(world.data / "census" / "2018" / "extract" / "children.csv", columns, [child])
    report = world.ingest()
    assert report.ok, report.messages
    assert world.count("children") > 1
    # with a child located in it, the year is counted, and the population of its mid-year is missing
    place = {
        "census_year": "2018",
        "la_number": "805",
        "la_child_id": "A",
        "lsoa_code": "E01990001",
    }
    columns = [column.name for column in BY_NAME["child_locations"].input_columns]
    write_rows(world.data / "locations" / "2018" / "places.csv", columns, [place])
    assert_told(world.ingest().messages, "mid_year 2018", "ref_lsoa_population", "remedy")


def test_every_reference_table_has_a_layout_and_a_publication() -> None:
    names = {table.name for table in REFERENCE_TABLES}
    made_otherwise = {"ref_published_indicator", "ref_ethnic_population"}
    assert {layout.table for layout in LAYOUTS} | made_otherwise == names
    assert {publication.table for publication in PUBLICATIONS} == names


def test_the_guide_names_every_table_and_publication(project: Path) -> None:
    guide = " ".join((project / "docs" / "inputs.md").read_text(encoding="utf-8").split())
    for publication in PUBLICATIONS:
        assert publication.table in guide
        assert publication.file.split(" (")[0] in guide
        assert publication.publisher.split(",")[0] in guide
