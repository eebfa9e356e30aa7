"""The real published files land with the facts that are known of them."""

from __future__ import annotations

from pathlib import Path

import pytest

from ingest_py.landing_schema import REFERENCE_TABLES, Table
from ingest_py.survey import document
from tests.python.published_world import Published, published_world


@pytest.fixture(scope="module")
def published(reference: Path, tmp_path_factory: pytest.TempPathFactory) -> Published:
    """The folder of published files, landed and surveyed; skips where it is absent."""
    return published_world(tmp_path_factory, reference)


def test_the_whole_folder_is_survived(published: Published) -> None:
    world, report = published.world, published.report
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
def test_keys_are_unique(published: Published, table: Table) -> None:
    key = ", ".join(table.key)
    nothing = " or ".join(f"{name} is null" for name in table.key)
    ((n, n_unfilled, n_twice),) = published.ask(
        table.name,
        f"select count(*), count_if({nothing}), (select count(*) from "  # noqa: S608
        f"(select {key} from landed group by all having count(*) > 1)) from landed",
    )
    assert n
    assert (n_unfilled, n_twice) == (0, 0)


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
def test_row_counts_are_those_published(published: Published, table: str) -> None:
    series = SERIES.get(table)
    if series is None:
        found = {(): published.ask(table, "select count(*) from landed")[0][0]}
    else:
        query = f"select {series}, count(*) from landed group by all"  # noqa: S608
        rows = published.ask(table, query)
        found = {row[:-1]: row[-1] for row in rows}
    for key, n in COUNTS[table].items():
        assert found.get(key) == n, key


def test_known_values(published: Published) -> None:
    scores = dict(published.ask(
        "ref_lsoa_deprivation",
        "select iod_release || ' ' || domain, score from landed where lsoa_code = 'E01000001'",
    ))  # fmt: skip
    assert scores["2019 income"] == "0.007"
    assert scores["2019 imd"] == "6.208"
    ((most, mean),) = published.ask(
        "ref_lsoa_deprivation",
        "select max(score::double), round(avg(score::double), 3) from landed "
        "where (iod_release, domain) = ('2015', 'income')",
    )
    assert (most, mean) == (0.639, 0.145)
    averages = published.ask(
        "ref_la_deprivation", "select la_code, iod_release, domain, average_score from landed"
    )
    assert ("E06000001", "2015", "income", "0.239") in averages


def test_mid_2019_populations(published: Published) -> None:
    five_to_fifteen = " + ".join(f"age_{age}::int" for age in range(5, 16))
    rows = published.ask(
        "ref_lsoa_population",
        f"select sex, count(*), sum(all_ages::int)::int, sum({five_to_fifteen})::int "  # noqa: S608
        "from landed where lsoa_code like 'E%' group by sex",
    )
    counted = {row[0]: row[1:] for row in rows}
    assert counted["persons"] == (32_844, 56_286_961, 7_517_042)
    assert sum(int(str(row[3])) for row in rows if row[0] != "persons") == 7_517_042


def test_lookups_have_the_areas_of_england(published: Published) -> None:
    ((n_pairs, n_lsoas, n_msoas),) = published.ask(
        "ref_oa_lookup",
        "select count(*), count(distinct lsoa11_code), count(distinct msoa11_code) from "
        "(select distinct lsoa11_code, msoa11_code from landed where country_code = 'E92000001')",
    )
    assert (n_pairs, n_lsoas, n_msoas) == (32_844, 32_844, 6_791)
    lads = published.ask("ref_lsoa_lad", "select distinct lad_code from landed")
    assert len([row for row in lads if str(row[0]).startswith("E")]) == 317
    pairs = published.ask("ref_lad_utla", "select lookup_year, utla_code from landed")
    upper = {row[1] for row in pairs if row[0] == "2019" and str(row[1]).startswith("E")}
    assert len(upper) == 151


def test_the_table_of_files_is_what_the_code_says_of_them(
    published: Published, project: Path
) -> None:
    assert not [line for line in published.lines if line.failed]
    written = (project / "docs" / "reference_files.md").read_text("utf-8")
    assert document(published.lines) == written, (
        "run `python -m ingest_py.survey <folder> docs/reference_files.md`"
    )


def test_every_table_of_indicators_is_used(published: Published) -> None:
    passed_over = [
        f.source.name
        for f in published.report.files
        if f.table_name == "ref_published_indicator" and f.verdict != "read"
    ]
    assert passed_over == []


def test_markers_stand_beside_empty_values(published: Published) -> None:
    rows = published.ask(
        "ref_published_indicator",
        "select publication, count_if(value is null and marker is null), "
        "count_if(value is not null and marker is not null), "
        "count_if(marker in ('c', 'x', 'z', ':', 'u', 'low')), "
        "count_if(value is not null and try_cast(value as double) is null) "
        "from landed group by publication",
    )
    assert {publication for publication, *_ in rows} == {
        "cin",
        "csww",
        "s251",
        "fingertips",
        "lait",
    }
    for _, neither, both, _, not_numbers in rows:
        assert (neither, both, not_numbers) == (0, 0, 0)
    marked = {publication: int(str(n)) for publication, _, _, n, _ in rows}
    assert min(marked["cin"], marked["csww"], marked["s251"]) > 0


def test_renamed_measures_are_one_series(published: Published) -> None:
    rows = published.ask(
        "ref_published_indicator",
        "select release, value from landed where (publication, time_period, geographic_level, "
        "measure, table_name) = ('cin', '2019', 'National', 'referrals', 'c1')",
    )
    england = {str(release): str(value) for release, value in rows}
    assert set(england) == {"2020", "2022", "2025"}
    assert len({value[:3] for value in england.values()}) == 1
