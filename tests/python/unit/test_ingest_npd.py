"""The NPD extract: any prefix, suffix and case; numbers and links are made, values are not."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.python.ingest_world import EXTRACT, World, assert_told
from tests.python.tiny_census import write_csv

WIDE = (
    "PupilMatchingRefAnonymous", "LAchildID_Anon", "LA", "ACADYR", "MonthOfBirth", "YearOfBirth",
    "Gender", "Ethnicity", "Disability", "ReferralDate", "ReferralSource", "ReferralNFA",
    "PrimaryNeedCode", "DateOfInitialCPC", "CINClosureDate", "ReasonForClosure", "CPPstartDate",
    "CPPendDate", "InitialCategoryOfAbuse", "LatestCategoryOfAbuse", "NumberOfPreviousCPP",
    "IDACI_Score",
)  # fmt: skip
FILE, ASSESSED = f"{EXTRACT}/npd.csv", f"{EXTRACT}/npd_assessments.csv"


def _row(**changes: str) -> dict[str, str]:
    return {
        "PupilMatchingRefAnonymous": "P1", "LAchildID_Anon": "C1", "LA": "805",
        "ACADYR": "2018/2019", "MonthOfBirth": "7", "YearOfBirth": "2010", "Gender": "M",
        "Ethnicity": "WBRI", "ReferralDate": "2018-05-01", "ReferralSource": "6",
        "ReferralNFA": "0", "PrimaryNeedCode": "N1", "IDACI_Score": "0.1",
    } | changes  # fmt: skip


def _wide(
    world: World, *rows: dict[str, str], name: str = FILE, like: str = "CIN_{}_SPR19"
) -> None:
    header = [like.format(column) for column in WIDE]
    write_csv(world.data / name, [header, *([row.get(c, "") for c in WIDE] for row in rows)])


def _assessments(world: World, *rows: tuple[str, ...]) -> None:
    header = ["CIN_LAchildID_Anon", "CIN_LA", "CIN_ACADYR", "CIN_AssessmentActualStartDate",
              "CIN_AssessmentAuthorisationDate"]  # fmt: skip
    write_csv(world.data / ASSESSED, [header, *rows])


@pytest.fixture
def world(tmp_path: Path) -> World:
    """Fill a data folder with everything but the extract, which had landed."""
    made = World(tmp_path).landed()
    for path in (made.data / EXTRACT).iterdir():
        path.unlink()
    return made


@pytest.mark.parametrize("like", ["CIN_{}_SPR19", "CIN_{}", "{}", "cin_{}_spr19"])
def test_names_may_have_prefix_suffix_and_any_case(world: World, like: str) -> None:
    _wide(world, _row(), like=like)
    report = world.ingest()
    assert report.ok, report.messages
    assert world.rows("children", "census_year, la_number, child_no, la_child_id, sex") == [
        ("2019", "805", "1", "C1", "M")
    ]
    assert world.rows("referrals", "referral_no, referral_date, primary_need_code") == [
        ("1", "2018-05-01", "N1")
    ]


def test_the_pupil_reference_lands_where_a_return_has_the_upn(world: World) -> None:
    _wide(world, _row())
    world.ingest()
    assert world.rows("children", "upn, former_upn") == [("P1", None)]


def test_births_are_the_first_of_the_month_and_the_ledger_says_so(world: World) -> None:
    _wide(world, _row(), _row(LAchildID_Anon="C2", MonthOfBirth=""))
    report = world.ingest()
    assert world.rows("children", "la_child_id, birth_date") == [("C1", "2010-07-01"), ("C2", None)]
    said = next(e.reason for e in report.files if e.table_name == "children")
    assert "birth dates are the first of the month" in str(said)
    assert "IDACI_Score" in str(said)


def test_children_referrals_and_plans_are_numbered_by_appearance(world: World) -> None:
    plan = {"CPPstartDate": "2018-06-01", "InitialCategoryOfAbuse": "NEG"}
    _wide(
        world,
        _row(LAchildID_Anon="C9"),
        _row(ReferralDate="2018-09-01", DateOfInitialCPC="2018-09-20", **plan),
        _row(ReferralDate="2018-09-01", CPPstartDate="2019-01-05", InitialCategoryOfAbuse="EMO"),
        _row(ReferralDate="2018-05-01"),
        _row(LA="806", ReferralDate="2018-05-01"),
    )
    report = world.ingest()
    assert report.ok, report.messages
    children = world.rows("children", "la_number, child_no, la_child_id", "la_number, child_no")
    assert children == [("805", "1", "C9"), ("805", "2", "C1"), ("806", "1", "C1")]
    referrals = world.rows(
        "referrals", "la_number, child_no, referral_no, referral_date, initial_cpc_date", "1, 2, 3"
    )
    assert referrals == [
        ("805", "1", "1", "2018-05-01", None),
        ("805", "2", "1", "2018-09-01", "2018-09-20"),
        ("805", "2", "2", "2018-05-01", None),
        ("806", "1", "1", "2018-05-01", None),
    ]
    plans = world.rows(
        "child_protection_plans", "child_no, referral_no, cp_plan_no, start_date, initial_category"
    )
    assert plans == [("2", "1", "1", "2018-06-01", "NEG"), ("2", "1", "2", "2019-01-05", "EMO")]


def test_assessments_belong_to_the_latest_referral_on_or_before_their_start(world: World) -> None:
    _wide(world, _row(), _row(ReferralDate="2018-09-01"), _row(ReferralDate="2019-02-01"))
    _assessments(
        world,
        ("C1", "805", "2018/2019", "2018-09-01", "2018-10-01"),
        ("C1", "805", "2018/2019", "15/01/2019", ""),
        ("C1", "805", "2018/2019", "01JUN2018", "2018-07-01"),
        ("C1", "805", "2018/2019", "2018-04-30", ""),
        ("C1", "805", "2018/2019", "soon", ""),
        ("C7", "805", "2018/2019", "2018-09-01", ""),
        ("", "805", "2018/2019", "2018-09-01", ""),
    )
    report = world.ingest()
    assert world.rows("assessments", "referral_no, assessment_no, start_date", "1, 2") == [
        ("1", "1", "01JUN2018"), ("2", "1", "2018-09-01"), ("2", "2", "15/01/2019"),
    ]  # fmt: skip
    assert_told(report.messages, f"{ASSESSED}, rows 4, 6", "no referral of the child on or before")
    assert_told(report.messages, f"{ASSESSED}, row 5", "missing or is no date")
    assert_told(report.messages, f"{ASSESSED}, row 7", "no identifier")
    assert report.rows_read == report.rows_kept + report.quarantined


def test_disabilities_come_from_both_files_and_flags_are_no_codes(world: World) -> None:
    _wide(world, _row(Disability="AUT"), _row(LAchildID_Anon="C2", Disability="1"))
    header = ["CIN_LAchildID_Anon", "CIN_LA", "CIN_ACADYR", "CIN_Disability"]
    rows = [("C1", "805", "2018/2019", "AUT"), ("C1", "805", "2018/2019", "MOB"),
            ("C8", "805", "2018/2019", "MOB")]  # fmt: skip
    write_csv(world.data / f"{EXTRACT}/npd_disabilities.csv", [header, *rows])
    report = world.ingest()
    found = world.rows("disabilities", "child_no, disability_no, disability")
    assert found == [("1", "1", "AUT"), ("1", "2", "MOB")]
    assert_told(report.messages, "npd_disabilities.csv, row 3", "not in the wide table")


def test_several_years_in_one_file_go_to_their_years(world: World) -> None:
    years = ("2018/2019", "201718", "2017/18", "2019", "2018-2019")
    rows = [_row(LAchildID_Anon=f"C{i}", ACADYR=year) for i, year in enumerate(years)]
    _wide(world, *rows, name="census/all/extract/npd.csv", like="CIN_{}")
    world.ingest(keep_going=True)
    found = world.rows("children", "census_year, child_no, la_child_id", "1, 2")
    assert found == [
        ("2018", "1", "C1"), ("2018", "2", "C2"),
        ("2019", "1", "C0"), ("2019", "2", "C3"), ("2019", "3", "C4"),
    ]  # fmt: skip


def test_a_row_of_another_year_than_the_folder_is_set_aside(world: World) -> None:
    _wide(world, _row(), _row(LAchildID_Anon="C2", ACADYR="2016/2017"))
    report = world.ingest()
    assert_told(report.messages, f"{FILE}, row 2", "not the year of the folder")
    assert world.count("children") == 1


def test_an_extract_of_npd_without_a_needed_column_is_refused(world: World) -> None:
    header = [f"CIN_{c}" for c in WIDE if c != "CINClosureDate"]
    write_csv(world.data / FILE, [header])
    report = world.ingest()
    assert_told(report.messages, FILE, "has no column closuredate", "ask for it")


def test_a_changed_piece_reads_the_whole_extract_again(world: World) -> None:
    _wide(world, _row())
    _assessments(world, ("C1", "805", "2018/2019", "2018-09-01", ""))
    world.ingest()
    _wide(world, _row(), _row(ReferralDate="2018-08-01"))
    world.ingest()
    assert world.rows("assessments", "referral_no") == [("2",)]
    fresh = world.fingerprint()
    again = World(world.root.parent / "again")
    again.data.mkdir(parents=True)
    for path in world.data.rglob("*"):
        if path.is_file():
            again.text(path.relative_to(world.data).as_posix(), path.read_bytes())
    again.ingest()
    assert {k: v for k, v in again.fingerprint().items() if "hash_key" not in k} == {
        k: v for k, v in fresh.items() if "hash_key" not in k
    }
