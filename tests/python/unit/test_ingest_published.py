"""The real published files land with the facts that are known of them.

They are not part of the project: set `CIN_REFERENCE_DIR` to a folder of them, or keep it beside
the project as `../shared/reference`.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import duckdb
import pytest

from ingest_py import IngestReport
from ingest_py.landing_schema import REFERENCE_TABLES
from ingest_py.survey import document, survey
from tests.python.ingest_world import World
from tests.python.tiny_census import write_tiny


@pytest.fixture(scope="module")
def folder(project: Path) -> Path:
    """Find the folder of published files; skip where it is absent."""
    place = Path(os.environ.get("CIN_REFERENCE_DIR", project.parent / "shared" / "reference"))
    if not place.is_dir():
        pytest.skip(f"no published reference files in {place}; set CIN_REFERENCE_DIR to try them")
    return place


@pytest.fixture(scope="module")
def landed(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[World, IngestReport]:
    """Land the whole folder at once."""
    world = World(tmp_path_factory.mktemp("published"))
    write_tiny(world.data, n_children=30)
    shutil.rmtree(world.data / "reference")
    shutil.copytree(folder, world.data / "reference")
    return world, world.ingest()


def test_the_whole_folder_is_survived(landed: tuple[World, IngestReport]) -> None:
    world, report = landed
    assert report.ok, report.messages
    told = {f.source.name for f in report.files}
    there = {
        path.relative_to(world.data).as_posix()
        for path in (world.data / "reference").rglob("*")
        if path.is_file()
    }
    assert there <= told
    assert all(f.reason for f in report.files if f.verdict == "ignored")


OWN_LAYOUTS = ("ref_la_indicator",)
"""Tables that users fill themselves: no published file feeds them."""

NOT_IN_THE_FOLDER = ("ref_oa21_lookup",)
"""Tables whose published file the folder does not hold: test_ingest_layouts.py tries its layout."""


@pytest.mark.parametrize(
    "table",
    [
        table
        for table in REFERENCE_TABLES
        if table.key and table.name not in OWN_LAYOUTS + NOT_IN_THE_FOLDER
    ],
    ids=lambda table: table.name,
)
def test_keys_are_unique(landed: tuple[World, IngestReport], table: object) -> None:
    from ingest_py.landing_schema import Table  # noqa: PLC0415

    assert isinstance(table, Table)
    keys = landed[0].rows(table.name, ", ".join(table.key))
    assert keys
    assert len(keys) == len(set(keys))
    assert not any(value is None for key in keys for value in key)


COUNTS: dict[str, dict[tuple[str, ...], int]] = {
    "ref_lsoa_deprivation": {
        ("2015", "income"): 32_844, ("2019", "income"): 32_844, ("2019", "imd"): 32_844,
        ("2025", "income"): 33_755,
    },
    "ref_la_deprivation": {("2015", "income"): 152, ("2019", "income"): 151},
    "ref_lsoa_iod_population": {("2019",): 32_844},
    "ref_lsoa_population": {
        ("2019", "persons"): 34_753, ("2019", "male"): 34_753, ("2019", "female"): 34_753,
    },
    "ref_oa_lookup": {(): 227_759},
    "ref_lsoa_lad": {("2019",): 34_753},
    "ref_lad_utla": {("2019",): 339, ("2021",): 331, ("2023",): 318},
    "ref_lsoa_rural_urban": {("2011",): 34_753},
    "ref_lsoa_density": {("2018",): 34_753},
}  # fmt: skip
SERIES = {
    "ref_lsoa_deprivation": "iod_release, domain", "ref_la_deprivation": "iod_release, domain",
    "ref_lsoa_iod_population": "iod_release", "ref_lsoa_population": "mid_year, sex",
    "ref_lsoa_lad": "lad_year", "ref_lad_utla": "lookup_year",
    "ref_lsoa_rural_urban": "ruc_release", "ref_lsoa_density": "mid_year",
}  # fmt: skip


@pytest.mark.parametrize("table", COUNTS)
def test_row_counts_are_those_published(landed: tuple[World, IngestReport], table: str) -> None:
    series = SERIES.get(table)
    rows = landed[0].rows(table, series or "oa11_code")
    found = [row if series else () for row in rows]
    for key, n in COUNTS[table].items():
        assert found.count(key) == n, key


def test_known_values(landed: tuple[World, IngestReport]) -> None:
    world, _ = landed
    scores = {
        (row[0], row[1], row[2]): row[3]
        for row in world.rows("ref_lsoa_deprivation", "lsoa_code, iod_release, domain, score")
    }
    assert scores["E01000001", "2019", "income"] == "0.007"
    assert scores["E01000001", "2019", "imd"] == "6.208"
    income = [float(str(v)) for k, v in scores.items() if k[1:] == ("2015", "income")]
    assert max(income) == 0.639
    assert round(sum(income) / len(income), 3) == 0.145
    averages = world.rows("ref_la_deprivation", "la_code, iod_release, domain, average_score")
    assert ("E06000001", "2015", "income", "0.239") in averages


def test_mid_2019_populations(landed: tuple[World, IngestReport]) -> None:
    five_to_fifteen = " + ".join(f"age_{age}::int" for age in range(5, 16))
    rows = landed[0].rows(
        "ref_lsoa_population", f"lsoa_code, sex, all_ages::int, {five_to_fifteen}"
    )
    english = [row for row in rows if str(row[0]).startswith("E")]
    persons = [row for row in english if row[1] == "persons"]
    assert len(persons) == 32_844
    assert sum(int(str(row[2])) for row in persons) == 56_286_961
    assert sum(int(str(row[3])) for row in persons) == 7_517_042
    sexes = [row for row in english if row[1] != "persons"]
    assert sum(int(str(row[3])) for row in sexes) == 7_517_042


def test_lookups_have_the_areas_of_england(landed: tuple[World, IngestReport]) -> None:
    rows = landed[0].rows("ref_oa_lookup", "distinct lsoa11_code, msoa11_code, country_code")
    english = [row for row in rows if row[2] == "E92000001"]
    assert len({row[0] for row in english}) == len(english) == 32_844
    assert len({row[1] for row in english}) == 6_791
    lads = landed[0].rows("ref_lsoa_lad", "distinct lad_code")
    assert len([row for row in lads if str(row[0]).startswith("E")]) == 317
    pairs = landed[0].rows("ref_lad_utla", "lookup_year, utla_code")
    upper = {row[1] for row in pairs if row[0] == "2019" and str(row[1]).startswith("E")}
    assert len(upper) == 151


def test_the_table_of_files_is_what_the_code_says_of_them(folder: Path, project: Path) -> None:
    lines = survey(folder)
    assert not [line for line in lines if line.failed]
    written = (project / "docs" / "reference_files.md").read_text("utf-8")
    assert document(lines) == written, (
        "run `python -m ingest_py.survey <folder> docs/reference_files.md`"
    )


def test_every_table_of_indicators_is_used(landed: tuple[World, IngestReport]) -> None:
    passed_over = [
        f.source.name
        for f in landed[1].files
        if f.table_name == "ref_published_indicator" and f.verdict != "read"
    ]
    assert passed_over == []


def test_markers_stand_beside_empty_values(landed: tuple[World, IngestReport]) -> None:
    rows = _counts(landed[0])
    assert {publication for publication, *_ in rows} == {
        "cin",
        "csww",
        "s251",
        "fingertips",
        "lait",
    }
    for _, neither, both, _, not_numbers in rows:
        assert (neither, both, not_numbers) == (0, 0, 0)
    marked = {publication: n for publication, _, _, n, _ in rows}
    assert min(marked["cin"], marked["csww"], marked["s251"]) > 0


def test_renamed_measures_are_one_series(landed: tuple[World, IngestReport]) -> None:
    rows = landed[0].rows(
        "ref_published_indicator",
        "publication, release, time_period, geographic_level, measure, value, table_name",
    )
    england = {
        str(row[1]): row[5]
        for row in rows
        if row[0] == "cin" and row[2:5] == ("2019", "National", "referrals")
        and row[6] == "c1"
    }  # fmt: skip
    assert set(england) == {"2020", "2022", "2025"}
    assert len({str(value)[:3] for value in england.values()}) == 1


def _counts(world: World) -> list[tuple[object, ...]]:
    """Count, by publication, rows with neither, both, a usual marker, and odd values."""
    files = (world.landing / "ref_published_indicator" / "*.parquet").as_posix()
    statement = (
        "select publication, count_if(value is null and marker is null), "
        "count_if(value is not null and marker is not null), "
        "count_if(marker in ('c', 'x', 'z', ':', 'u', 'low')), "
        "count_if(value is not null and try_cast(value as double) is null) "
        "from read_parquet(?) group by publication"
    )
    with duckdb.connect() as connection:
        found: list[tuple[object, ...]] = connection.execute(statement, [files]).fetchall()
    return found
