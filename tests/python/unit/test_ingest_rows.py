"""Rows that may not land are set aside with reason and position, and no row is lost."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.python.ingest_world import EXTRACT, SECRET, World, assert_told, referral
from tests.python.tiny_census import write_rows


@pytest.fixture
def world(tmp_path: Path) -> World:
    """Fill a data folder with everything, which has landed; tests replace a table."""
    return World(tmp_path).landed()


BAD_ROWS = {
    "another year": ({"census_year": "2018"}, "not the year of the folder", "their own year"),
    "no year": ({"census_year": ""}, "census_year is missing", "ends on 31 March"),
    "no la": ({"la_number": ""}, "la_number is missing", "DfE number"),
    "odd la": ({"la_number": SECRET}, "la_number is not three digits", "three digits"),
    "la as a decimal": ({"la_number": "805.0"}, "la_number is not three digits", "three digits"),
    "no child": ({"child_no": " "}, "child_no is missing", "number children"),
    "no referral": ({"referral_no": ""}, "referral_no is missing", "number children"),
    "odd key": ({"child_no": SECRET}, "child_no is not a whole number", "number children"),
    "same key": ({"child_no": "1"}, "already in another row", "remove the repeated rows"),
    "same key, other spelling": ({"child_no": "01"}, "already in another row", "repeated rows"),
}


@pytest.mark.parametrize("case", BAD_ROWS)
def test_bad_rows_are_set_aside(world: World, case: str) -> None:
    change, reason, remedy = BAD_ROWS[case]
    rows = [referral(), referral(child_no="2") | change, referral(child_no="3")]
    world.table("referrals", [row | {"primary_need_code": SECRET} for row in rows])
    report = world.ingest()
    assert not report.ok
    assert report.quarantined == 1
    assert_told(report.messages, f"{EXTRACT}/referrals.csv, row 2", reason, "remedy:", remedy)
    ((file, row, table, year, told),) = world.rows(
        "ledger_quarantine", "file, source_row, table_name, census_year, reason"
    )
    assert (file, row, table, year) == (f"{EXTRACT}/referrals.csv", 2, "referrals", "2019")
    assert reason in str(told)
    assert [r[0] for r in world.rows("referrals", "child_no")] == ["1", "3"]
    assert world.ingest(keep_going=True).ok


def test_rows_read_are_rows_kept_and_quarantined(world: World) -> None:
    rows = [referral(child_no=str(i), la_number=["805", "806", "", "8x"][i % 4]) for i in range(40)]
    world.table("referrals", [*rows, rows[0]])
    report = world.ingest(keep_going=True)
    entries = [e for e in report.files if e.table_name == "referrals"]
    assert sum(e.rows_read for e in entries) == 41
    assert report.rows_read == report.rows_kept + report.quarantined
    assert all(e.rows_read == e.rows_kept + e.rows_quarantined for e in report.files)
    by_la = {e.la_number: (e.rows_kept, e.rows_quarantined) for e in entries}
    assert by_la == {"805": (10, 1), "806": (10, 0), None: (0, 20)}
    assert world.count("referrals") == 20
    assert world.count("ledger_quarantine") == 21


def test_the_same_table_twice_lands_once(world: World) -> None:
    world.table("referrals", [referral(), referral(child_no="2")])
    world.table("referrals", [referral(), referral(child_no="3")], "parquet")
    report = world.ingest()
    assert report.quarantined == 1
    assert_told(report.messages, f"{EXTRACT}/referrals.parquet, row 1", "already in another row")
    assert [r[0] for r in world.rows("referrals", "child_no")] == ["1", "2", "3"]


BAD_LOCATIONS = {
    "short code": ({"lsoa_code": "E0100001"}, "not a letter E, W, S or N", "E01000001"),
    "other letter": ({"lsoa_code": "X01000001"}, "not a letter E, W, S or N", "E01000001"),
    "a postcode": ({"lsoa_code": SECRET}, "not a letter E, W, S or N", "E01000001"),
    "no code": ({"lsoa_code": ""}, "lsoa_code is missing", "leave children without"),
    "nobody": ({"la_child_id": " ", "upn": ""}, "no identifier", "at least one"),
    "twice": ({"la_child_id": "A"}, "already in another row", "remove the repeated rows"),
}


@pytest.mark.parametrize("case", BAD_LOCATIONS)
def test_bad_locations_are_set_aside(world: World, case: str) -> None:
    change, reason, remedy = BAD_LOCATIONS[case]
    good = {"la_number": "805", "la_child_id": "A", "upn": SECRET, "lsoa_code": "E01990001"}
    rows = [good, good | {"la_child_id": "B"} | change, good | {"la_child_id": "C"}]
    columns = ("la_number", "la_child_id", "upn", "pmr", "lsoa_code")
    write_rows(world.data / "locations/2019/child_locations.csv", columns, rows)
    report = world.ingest()
    assert report.quarantined == 1
    assert_told(
        report.messages, "locations/2019/child_locations.csv, row 2", reason, "remedy:", remedy
    )
    assert [r[0] for r in world.rows("child_locations", "la_child_id")] == ["A", "C"]


def test_values_arrive_as_the_text_that_was_in_the_file(world: World) -> None:
    world.table(
        "referrals",
        [referral(referral_date="31/13/2018", referral_source=" 6 ", primary_need_code="")],
    )
    world.ingest()
    columns = "referral_date, referral_source, primary_need_code, census_year, la_number"
    assert world.rows("referrals", columns) == [("31/13/2018", " 6 ", None, "2019", "805")]


def test_typed_parquet_columns_become_text(world: World) -> None:
    n = 2
    moments = [dt.datetime(2018, 5, 1), None]
    table = pa.table({
        "census_year": pa.array([2019, 2019], pa.int32()),
        "LA_Number": pa.array(["805", "805"]).dictionary_encode(),
        "child_no": pa.array([1.0, 2.0], pa.float64()),
        "referral_no": pa.array([1, 1], pa.int64()),
        "CINreferralDate": pa.array(moments, pa.timestamp("ns")),
        "ReferralSource": pa.array(["6", ""]),
        "PrimaryNeedCode": pa.array([None] * n, pa.null()),
        "CINclosureDate": pa.array([dt.date(2018, 6, 1), None], pa.date32()),
        "ReasonForClosure": pa.array([None, "RC7"], pa.large_string()),
        "DateOfInitialCPC": pa.array([dt.datetime(2018, 7, 1, 9, 30), None], pa.timestamp("us")),
        "ReferralNFA": pa.array([True, None]),
    })  # fmt: skip
    (world.data / EXTRACT / "referrals.csv").unlink()
    pq.write_table(table, world.data / EXTRACT / "episodes.parquet")
    report = world.ingest()
    assert report.ok, report.messages
    assert world.rows("referrals", "* exclude (source_file, source_row)") == [
        ("1", "1", "2018-05-01", "6", None, "2018-06-01", None, "2018-07-01T09:30:00", "true",
         "2019", "805"),
        ("2", "1", None, None, None, None, "RC7", None, None, "2019", "805"),
    ]  # fmt: skip


def test_partitions_hold_the_rows_of_their_authority_in_file_order(world: World) -> None:
    rows = [referral(child_no=str(9 - i), la_number="80" + str(5 + i % 2)) for i in range(8)]
    world.table("referrals", rows)
    world.ingest()
    folder = world.landing / "referrals" / "census_year=2019" / "la_number=806"
    with (folder / "part-0.parquet").open("rb") as stream:
        part = pq.read_table(stream)
    assert part.column("child_no").to_pylist() == ["8", "6", "4", "2"]
    assert part.column("source_row").to_pylist() == [2, 4, 6, 8]
