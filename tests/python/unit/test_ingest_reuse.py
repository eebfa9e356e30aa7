"""A second run reads only what changed, and lands what a first run would have landed."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from ingest_py import reuse
from tests.python.ingest_world import EXTRACT, World, referral
from tests.python.tiny_census import areas, write_csv


def _fresh(world: World) -> dict[str, str]:
    """Return what a first run over the same inputs lands, but for the key."""
    other = World(world.root.parent / "fresh")
    shutil.rmtree(other.root, ignore_errors=True)
    shutil.copytree(world.data, other.data)
    other.ingest(keep_going=True)
    return _but_for_the_key(other)


def _but_for_the_key(world: World) -> dict[str, str]:
    return {k: v for k, v in world.fingerprint().items() if not k.startswith("hash_key")}


def _read(world: World) -> set[str]:
    """Return the files that the last run read."""
    rows = world.rows("ledger_timings", "file, is_reused")
    return {str(file) for file, is_reused in rows if is_reused == "false"}


@pytest.fixture
def world(tmp_path: Path) -> World:
    """Make a project with a landing."""
    return World(tmp_path / "world").landed()


def test_nothing_is_read_when_nothing_changed(world: World) -> None:
    before = world.fingerprint()
    world.ingest()
    assert _read(world) == set()
    assert world.fingerprint() == before


def _drop_one(world: World) -> set[str]:
    (world.data / EXTRACT / "section47.csv").unlink()
    return set()


def _change_one(world: World) -> set[str]:
    world.table("referrals", [referral()])
    return {f"{EXTRACT}/referrals.csv"}


def _add_a_second_file(world: World) -> set[str]:
    name = f"{EXTRACT}/more.csv"
    (world.data / name).write_text(
        "census_year,la_number,child_no,disability_no,disability\n2019,805,99,1,MOB\n", "utf-8"
    )
    return {name, f"{EXTRACT}/disabilities.csv"}


def _spoil_one(world: World) -> set[str]:
    world.text(f"{EXTRACT}/disabilities.csv", "a,b\n1,2\n")
    return {f"{EXTRACT}/disabilities.csv"}


def _add_another_year(world: World) -> set[str]:
    name = "census/2018/extract/disabilities.csv"
    world.text(name, "census_year,la_number,child_no,disability_no,disability\n2018,805,1,1,MOB\n")
    return {name}


def _rename_columns(world: World) -> set[str]:
    world.text(f"{EXTRACT}/columns.csv", "table,column_in_file,column\n*,Notes,\n")
    return {f"{EXTRACT}/{path.name}" for path in (world.data / EXTRACT).glob("*.csv")} - {
        f"{EXTRACT}/columns.csv"
    }


def _change_a_location(world: World) -> set[str]:
    name = "locations/2019/child_locations.csv"
    path = world.data / name
    path.write_text("\n".join(path.read_text("utf-8").splitlines()[:-2]) + "\n", "utf-8")
    return {name}


def _add_a_rival_reference(world: World) -> set[str]:
    rows = [["lsoa11_code", "income_score_2015"], *([a.lsoa, "0.9"] for a in areas())]
    write_csv(world.data / "reference" / "rival.csv", rows)
    return {"reference/rival.csv", "reference/File_7_2015.csv", "reference/File_7_2019.csv"}


def _drop_a_reference(world: World) -> set[str]:
    (world.data / "reference" / "ruc11.csv").unlink()
    return set()


CHANGES: dict[str, Callable[[World], set[str]]] = {
    "a file is gone": _drop_one,
    "a file changed": _change_one,
    "a second file of a table": _add_a_second_file,
    "a file is spoiled": _spoil_one,
    "another year": _add_another_year,
    "columns are renamed": _rename_columns,
    "a location file changed": _change_a_location,
    "a rival reference file": _add_a_rival_reference,
    "a reference file is gone": _drop_a_reference,
}


@pytest.mark.parametrize("change", CHANGES)
def test_only_what_a_change_touches_is_read(world: World, change: str) -> None:
    expected = CHANGES[change](world)
    world.ingest(keep_going=True)
    assert _read(world) == expected
    fresh = _fresh(world)
    assert fresh
    assert _but_for_the_key(world) == fresh


def test_refusals_and_quarantine_are_said_again(world: World) -> None:
    world.table("referrals", [referral(), referral()])
    world.text(f"{EXTRACT}/disabilities.csv", "a,b\n1,2\n")
    first = world.ingest()
    second = world.ingest()
    assert _read(world) == set()
    assert (second.refused, second.quarantined) == (first.refused, first.quarantined) == (1, 1)
    assert len(second.messages) == len(first.messages)
    assert not second.ok


def test_the_same_size_and_name_with_other_bytes_is_read(world: World) -> None:
    path = world.data / EXTRACT / "referrals.csv"
    text = path.read_text("utf-8")
    path.write_text(text.replace("2018-", "2019-", 1), "utf-8")
    world.ingest()
    assert _read(world) == {f"{EXTRACT}/referrals.csv"}


def test_another_reader_reads_everything_again(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ingest_py.reuse.reader_version", lambda: "another")
    monkeypatch.setattr("ingest_py.run.reader_version", lambda: "another")
    world.ingest()
    assert len(_read(world)) > 15
    assert reuse.reader_version() == "another"


@pytest.mark.parametrize("damage", ["partition", "ledger", "reference"])
def test_a_damaged_last_landing_is_not_taken_over(world: World, damage: str) -> None:
    path = {
        "partition": "referrals/census_year=2019/la_number=805/part-0.parquet",
        "ledger": "ledger_files/part-0.parquet",
        "reference": "ref_lsoa_lad/part-0.parquet",
    }[damage]
    (world.landing / path).write_bytes(b"PAR1")
    world.ingest()
    assert _but_for_the_key(world) == _fresh(world)


def test_several_years_in_one_file_go_to_their_years(tmp_path: Path) -> None:
    world = World(tmp_path / "world").tiny()
    rows = [
        referral(census_year=year, child_no=str(i))
        for i, year in enumerate(("2017", "2018", "2017", "2019", "", "last"), start=900)
    ]
    path = world.table("referrals", rows)
    target = world.data / "census" / "all" / "extract" / "referrals.csv"
    target.parent.mkdir(parents=True)
    path.rename(target)
    report = world.ingest(keep_going=True)
    found = world.rows("referrals", "census_year, child_no", "1, 2")
    assert found == [("2017", "900"), ("2017", "902"), ("2018", "901"), ("2019", "903")]
    reasons = {row[0] for row in world.rows("ledger_quarantine", "reason")}
    assert reasons == {"census_year is missing", "census_year is not a year"}
    assert report.rows_read == report.rows_kept + report.quarantined
    before = world.fingerprint()
    world.ingest(keep_going=True)
    assert _read(world) == set()
    assert world.fingerprint() == before


RENAMED = (
    "table,column_in_file,column\nreferrals,Datum,referral_date\n*,Council,la_number\n*,Note,\n"
)


def test_renamed_columns_are_read_by_the_mapping(world: World) -> None:
    path = world.data / EXTRACT / "referrals.csv"
    head, *rest = path.read_text("utf-8").splitlines()
    head = head.replace("referral_date", "DATUM").replace("la_number", "council") + ",note"
    path.write_text("\n".join([head, *(f"{line},x" for line in rest)]) + "\n", "utf-8")
    before = world.rows("referrals", "* exclude (source_row)")
    assert not world.ingest().ok
    world.text(f"{EXTRACT}/columns.csv", RENAMED)
    report = world.ingest()
    assert report.ok, report.messages
    assert world.rows("referrals", "* exclude (source_row)") == before


MAPPINGS = {
    "no table": ("table,column_in_file,column\nchilds,a,b\n", "row 1", "names no table"),
    "no column": ("table,column_in_file,column\nreferrals,a,b\n", "row 1", "does not have"),
    "twice": ("table,column_in_file,column\n*,a,upn\n*,A,sex\n", "row 2", "second time"),
    "no name": ("table,column_in_file,column\n*,,upn\n", "row 1", "has no column_in_file"),
    "another header": ("a,b\n1,2\n", "row 1", "not the list of renamed columns"),
}


@pytest.mark.parametrize("fault", MAPPINGS)
def test_a_faulty_mapping_is_refused(world: World, fault: str) -> None:
    text, place, problem = MAPPINGS[fault]
    world.text(f"{EXTRACT}/columns.csv", text)
    report = world.ingest()
    assert any(place in m and problem in m and "remedy" in m for m in report.messages)
