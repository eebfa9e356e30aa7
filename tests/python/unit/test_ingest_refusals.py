"""Files that cannot be read are refused whole, by name, with place and remedy; the others go on."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from common_py.errors import CinError
from tests.python.ingest_world import EXTRACT, SECRET, World, assert_told, referral
from tests.python.tiny_census import write_rows

HEADER = (
    "census_year,la_number,child_no,referral_no,referral_date,referral_source,primary_need_code,"
    "closure_date,reason_for_closure,initial_cpc_date,referral_nfa"
)
ROW = f"2019,805,1,1,2018-05-01,6,{SECRET},,,,0"
REFERRALS = f"{EXTRACT}/referrals.csv"


@pytest.fixture
def world(tmp_path: Path) -> World:
    """Fill a data folder with everything, which has landed; tests spoil one file."""
    return World(tmp_path).landed()


def _parquet(world: World, keep: slice = slice(None), spoil: bytes = b"") -> str:
    (world.data / REFERRALS).unlink()
    path = world.table("referrals", [referral(primary_need_code=SECRET)], "parquet")
    path.write_bytes(path.read_bytes()[keep] + spoil)
    return f"{EXTRACT}/referrals.parquet"


def _csv(content: str | bytes) -> Callable[[World], str]:
    def spoil(world: World) -> str:
        world.text(REFERRALS, content)
        return REFERRALS

    return spoil


def _not_utf8(world: World) -> str:
    (world.data / REFERRALS).unlink()
    name = f"{EXTRACT}/referrals.parquet"
    latin = pa.Array.from_buffers(
        pa.string(), 1, [None, pa.py_buffer(b"\0\0\0\0\2\0\0\0"), pa.py_buffer(b"N\xe9")]
    )
    pq.write_table(pa.table(dict.fromkeys(HEADER.split(","), latin)), world.data / name)
    return name


def _nested(world: World) -> str:
    (world.data / REFERRALS).unlink()
    name = f"{EXTRACT}/referrals.parquet"
    columns = {name: pa.array([["x"]]) for name in HEADER.split(",")}
    pq.write_table(pa.table(columns), world.data / name)
    return name


def _half_gzip(world: World) -> str:
    (world.data / REFERRALS).unlink()
    packed = gzip.compress(f"{HEADER}\n{ROW}\n".encode())
    world.text(f"{EXTRACT}/referrals.csv.gz", packed[: len(packed) // 2])
    return f"{EXTRACT}/referrals.csv.gz"


FAULTS: dict[str, tuple[Callable[[World], str], str, str]] = {
    "missing column": (
        _csv(f"{HEADER}\n{ROW}\n".replace("referral_nfa", "").replace(",\n", "\n")),
        "no column referral_nfa",
        "accepted names: referral_nfa",
    ),
    "missing column with aliases": (
        _csv(f"{HEADER}\n{ROW}\n".replace("closure_date,", "").replace(",,,,", ",,,")),
        "no column closure_date",
        "closure_date or CINclosureDate",
    ),
    "missing key": (
        _csv(f"{HEADER}\n{ROW}\n".replace("referral_no,", "").replace(",1,1,", ",1,")),
        "no column referral_no",
        "accepted names: referral_no",
    ),
    "unknown column": (
        _csv(f"{HEADER},Surname\n{ROW},{SECRET}\n"),
        "no use for column Surname",
        "accepted columns are census_year",
    ),
    "column twice": (
        _csv(f"{HEADER},CINreferralDate\n{ROW},{SECRET}\n"),
        "two columns for referral_date",
        "keep one column",
    ),
    "no header": (_csv(f"{ROW}\n{ROW}\n"), "no header row", "first row"),
    "a value where a header should be": (
        _csv(f"{HEADER},{SECRET}1234567890\n{ROW},\n"),
        "not shown: no column name",
        "remove or rename",
    ),
    "cut short": (_csv(f"{HEADER}\n{ROW}\n2019,805,2,{SECRET}"), "row 2", "export the file again"),
    "one row too long": (
        _csv(f"{HEADER}\n{ROW}\n{ROW},{SECRET}\n{ROW}\n"),
        "12 of 11 columns",
        "export the file again",
    ),
    "empty": (_csv(""), "0 bytes", "again"),
    "not text": (_csv(b"\x00\x01\x02" * 50), "NUL bytes", "save it again as CSV"),
    "no known encoding": (
        _csv(f"{HEADER}\n{ROW}\n".encode() + b"2019,\x81\x9d"),
        "neither UTF-8 nor Windows-1252",
        "save it again as CSV",
    ),
    "not Parquet": (
        lambda w: _parquet(w, slice(0), f"{HEADER}\n{ROW}\n".encode()),
        "not a Parquet file",
        "name it .csv",
    ),
    "truncated Parquet": (lambda w: _parquet(w, slice(0, -40)), "cut short", "export it again"),
    "damaged Parquet": (
        lambda w: _parquet(w, slice(0, 40), b"PAR1"),
        "damaged",
        "export it again",
    ),
    "lists in a column": (_nested, "not one value a row", "write it as text"),
    "bytes that are no text": (_not_utf8, "not valid text", "as UTF-8"),
    "truncated gzip": (_half_gzip, "not a complete gzip", "unpack"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_faulty_extract_is_refused_and_the_others_go_on(world: World, fault: str) -> None:
    spoil, problem, remedy = FAULTS[fault]
    file = spoil(world)
    report = world.ingest()
    assert not report.ok
    assert report.refused == 1
    assert_told(report.messages, file, problem, "remedy:", remedy)
    ((verdict, year, reason),) = [
        row[1:] for row in world.rows("ledger_files", "file, verdict, census_year, reason")
        if row[0] == file
    ]  # fmt: skip
    assert (verdict, year) == ("refused", "2019")
    assert problem in str(reason)
    assert world.count("referrals") == 0
    assert world.count("children") == 30
    assert world.ingest(keep_going=True).ok


def test_locations_without_an_identifier_are_refused(world: World) -> None:
    path = world.data / "locations/2019/child_locations.csv"
    write_rows(path, ("la_number", "lsoa_code"), [{"la_number": "805", "lsoa_code": "E01990001"}])
    report = world.ingest()
    assert_told(report.messages, "locations/2019/child_locations.csv", "which child", "la_child_id")


def test_locations_with_a_postcode_are_refused(world: World) -> None:
    columns = ("la_number", "la_child_id", "lsoa_code", "postcode")
    write_rows(world.data / "locations/2019/child_locations.csv", columns, [])
    report = world.ingest()
    assert_told(report.messages, "child_locations.csv", "no use for column postcode", "remove")


@pytest.mark.parametrize("folder", ["2018-19", "latest", "19"])
def test_a_census_folder_that_is_no_year_is_refused(world: World, folder: str) -> None:
    world.text(f"census/{folder}/extract/referrals.csv", f"{HEADER}\n{ROW}\n")
    report = world.ingest()
    assert not report.ok
    assert_told(report.messages, f"census/{folder}", "not a year", "census/2019/")


def test_a_table_that_lies_outside_the_extract_folder_is_passed_over(world: World) -> None:
    world.text("census/2019/referrals.csv", f"{HEADER}\n{ROW}\n")
    world.text("census/2019/notes.docx", "x")
    world.text("extract/referrals.csv", f"{HEADER}\n{ROW}\n")
    told = {f.source.name: (f.verdict, f.reason) for f in world.ingest().files}
    assert told["census/2019/referrals.csv"] == (
        "ignored",
        "outside the folders extract and returns",
    )
    assert told["census/2019/notes.docx"][0] == "ignored"
    assert told["extract"][0] == "ignored"


@pytest.mark.parametrize("present", ["nothing", "no data folder", "an empty year", "only notes"])
def test_nothing_to_read_says_what_is_expected_where(tmp_path: Path, present: str) -> None:
    world = World(tmp_path)
    if present != "no data folder":
        world.data.mkdir()
    if present == "an empty year":
        (world.data / EXTRACT).mkdir(parents=True)
    if present == "only notes":
        world.text("census/2019/returns/805.docx", "x")
    with pytest.raises(CinError) as caught:
        world.ingest()
    text = str(caught.value)
    assert "census/<year>/extract/" in text
    assert "cin synth" in text
    assert str(world.data) in text
    assert not world.landing.exists()


def test_not_one_census_row_is_never_ok(tmp_path: Path) -> None:
    world = World(tmp_path).tiny()
    for path in (world.data / EXTRACT).iterdir():
        path.write_text("a,b\n1,2\n", encoding="utf-8")
    report = world.ingest(keep_going=True)
    assert not report.ok
    assert_told(report.messages, "not one census row", "remedy:")


@pytest.mark.parametrize(
    ("encoding", "note"),
    [("utf-8-sig", None), ("cp1252", "Windows-1252"), ("utf-16", "UTF-16")],
)
def test_other_encodings_are_read_and_noted(world: World, encoding: str, note: str | None) -> None:
    row = ROW.replace(SECRET, "Né")
    world.text(REFERRALS, f"{HEADER}\r\n{row}\r\n".encode(encoding))
    report = world.ingest()
    assert report.ok, report.messages
    assert world.rows("referrals", "primary_need_code") == [("Né",)]
    reason = next(f.reason for f in report.files if f.source.name == REFERRALS)
    assert (note in str(reason)) if note else reason is None


def test_element_names_and_any_case_are_recognised(world: World) -> None:
    names = (
        "Year,LEA,Child_No,REFERRAL NO,CINreferralDate,ReferralSource,PrimaryNeedCode,"
        "CINclosureDate,ReasonForClosure,DateOfInitialCPC,ReferralNFA"
    )
    (world.data / REFERRALS).unlink()
    world.text(f"{EXTRACT}/cindetails_export.csv", f"{names}\n{ROW}\n")
    assert world.ingest().ok
    assert world.rows("referrals", "child_no, referral_date") == [("1", "2018-05-01")]


def test_optional_columns_may_be_absent_and_are_noted(world: World) -> None:
    columns = ("census_year", "la_number", "child_no", "la_child_id", "upn", "birth_date", "sex",
               "ethnicity")  # fmt: skip
    row = {"census_year": "2019", "la_number": "805", "child_no": "1", "la_child_id": "A"}
    write_rows(world.data / EXTRACT / "children.csv", columns, [row])
    report = world.ingest()
    assert report.ok, report.messages
    assert world.rows("children", "la_child_id, death_date") == [("A", None)]
    reason = next(f.reason for f in report.files if f.source.name.endswith("children.csv"))
    assert reason is not None
    assert "former_upn" in reason


def test_a_header_without_rows_is_an_empty_table(world: World) -> None:
    world.text(REFERRALS, HEADER + "\n")
    report = world.ingest()
    assert report.ok
    assert world.count("referrals") == 0
    assert any(f.source.name == REFERRALS and f.reason == "no rows" for f in report.files)


def test_a_line_break_in_quotes_does_not_shift_rows(world: World) -> None:
    odd = ROW.replace(SECRET, '"N1\nand more"')
    world.text(REFERRALS, f"{HEADER}\n{odd}\n{ROW.replace('805,1', '805,2')},\n")
    report = world.ingest()
    assert_told(report.messages, REFERRALS, "row 2", "12 of 11")
