"""Returns among the other inputs: they win over an extract, and the ledger says so. SYNTHETIC."""

from __future__ import annotations

from pathlib import Path

import pytest

from synth_py.returns import write_returns
from tests.python.ingest_world import EXTRACT, World, assert_told

RETURNS = "census/2019/returns"
TABLES = (
    "children", "disabilities", "referrals", "assessments", "assessment_factors", "section47",
    "child_protection_plans", "cpp_reviews",
)  # fmt: skip
VALUES = "* exclude (source_file, source_row)"


def _return(serial: str = "001", la_number: str = "805", child: str = "A1") -> str:
    return (
        "<Message><Header><CollectionDetails><Collection>CIN</Collection><Year>2019</Year>"
        "<ReferenceDate>2019-03-31</ReferenceDate></CollectionDetails><Source>"
        f"<SourceLevel>L</SourceLevel><LEA>{la_number}</LEA><SoftwareCode>SYNTHETIC</SoftwareCode>"
        f"<Release>1</Release><SerialNo>{serial}</SerialNo><DateTime>2019-07-01T12:00:00</DateTime>"
        "</Source></Header><Children><Child><ChildIdentifiers>"
        f"<LAchildID>{child}</LAchildID><GenderCurrent>1</GenderCurrent></ChildIdentifiers>"
        "<ChildCharacteristics><Ethnicity>WBRI</Ethnicity></ChildCharacteristics><CINdetails>"
        "<CINreferralDate>2018-05-01</CINreferralDate><ReferralNFA>0</ReferralNFA></CINdetails>"
        "</Child></Children></Message>"
    )


@pytest.fixture
def world(tmp_path: Path) -> World:
    """Fill a data folder with an extract of three authorities and everything else."""
    return World(tmp_path).tiny()


def test_extract_and_returns_of_the_same_census_land_the_same(world: World) -> None:
    world.ingest()
    before = {name: world.rows(name, VALUES) for name in TABLES}
    write_returns(world.data)
    for path in (world.data / EXTRACT).iterdir():
        path.unlink()
    report = world.ingest()
    assert report.ok, report.messages
    for name in TABLES:
        assert world.rows(name, VALUES) == before[name], name
    assert world.count("returns") == 3
    assert report.rows_read == report.rows_kept


def test_a_return_wins_over_the_extract_of_its_authority(world: World) -> None:
    world.ingest()
    others = world.rows("children", f"{VALUES} replace (1 as census_year)", "all")
    world.text(f"{RETURNS}/805.xml", _return())
    report = world.ingest()
    assert report.ok, report.messages
    found = world.rows("children", "la_number, la_child_id")
    assert [row for row in found if row[0] == "805"] == [("805", "A1")]
    assert len(found) == len([row for row in others if "805" not in row]) + 1
    told = [e for e in report.files if e.verdict == "ignored" and e.table_name == "children"]
    assert [(e.la_number, e.rows_read) for e in told] == [("805", 0)]
    assert f"the return {RETURNS}/805.xml is used" in str(told[0].reason)
    assert world.rows("section47", "la_number").count(("805",)) == 0


def test_the_extract_is_back_when_the_return_is_gone(world: World) -> None:
    world.ingest()
    before = world.fingerprint()
    path = world.text(f"{RETURNS}/805.xml", _return())
    world.ingest()
    assert world.fingerprint() != before
    path.unlink()
    world.ingest()
    assert world.fingerprint() == before


def test_a_higher_serial_number_replaces_visibly(world: World) -> None:
    world.text(f"{RETURNS}/805.xml", _return())
    world.ingest()
    world.text(f"{RETURNS}/805_again.xml", _return("002", child="A2"))
    report = world.ingest()
    assert report.ok, report.messages
    assert world.rows("children", "la_child_id", "1")[0] == ("A2",)
    old = next(e for e in report.files if e.source.name == f"{RETURNS}/805.xml")
    assert old.verdict == "ignored"
    assert f"(SerialNo 001) that {RETURNS}/805_again.xml replaces" in str(old.reason)


def test_a_bad_return_is_refused_and_the_extract_is_used(world: World) -> None:
    world.text(f"{RETURNS}/805.xml", _return()[:-40])
    report = world.ingest()
    assert not report.ok
    assert report.refused == 1
    assert_told(report.messages, f"{RETURNS}/805.xml")
    assert ("805",) in world.rows("children", "la_number")
    again = world.ingest()
    assert again.refused == 1
    assert_told(again.messages, f"{RETURNS}/805.xml")


def test_a_lone_bad_return_is_not_ok(tmp_path: Path) -> None:
    world = World(tmp_path)
    world.text(f"{RETURNS}/805.xml", "<Message/>")
    report = world.ingest(keep_going=True)
    assert not report.ok
    assert_told(report.messages, "not one census row")


def test_unchanged_returns_are_taken_over(world: World) -> None:
    write_returns(world.data)
    world.ingest()
    before = world.fingerprint()
    world.ingest()
    assert world.fingerprint() == before
    reused = dict(world.rows("ledger_timings", "file, is_reused"))
    assert {v for k, v in reused.items() if str(k).startswith(RETURNS)} == {"true"}
    name = next(k for k in reused if str(k).startswith(RETURNS))
    world.text(f"{RETURNS}/805_2.xml", _return("900"))
    world.ingest()
    reused = dict(world.rows("ledger_timings", "file, is_reused"))
    assert reused[f"{RETURNS}/805_2.xml"] == "false"
    assert [v for k, v in reused.items() if str(k).startswith(RETURNS)].count("true") == 2, name


def test_the_samples_of_other_tools_are_read_to_the_end(tmp_path: Path, shared: Path) -> None:
    world = World(tmp_path).tiny()
    for path in sorted((shared / "census" / "samples").glob("*.xml")):
        year = path.read_text("utf-8").split("<Year>")[1][:4]
        name = f"census/{year}/returns/{path.name}"
        for other in (world.data / "census" / year / "returns").glob("*.xml"):
            other.unlink()
        world.text(name, path.read_bytes())
        report = world.ingest(keep_going=True)
        entries = [e for e in report.files if e.source.name == name]
        assert {e.verdict for e in entries} == {"read"}, entries
        n_children = path.read_text("utf-8").count("<Child>")
        kept = {e.table_name: e.rows_kept for e in entries}
        assert kept["children"] == n_children
