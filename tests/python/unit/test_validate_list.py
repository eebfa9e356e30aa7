"""`cin validate` on small returns: what is listed, in which order, beside what. SYNTHETIC."""

from __future__ import annotations

import csv
import os
import stat
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import openpyxl
import pytest
from typer.testing import CliRunner

from common_py.errors import CinError
from pipeline_py import main
from tests.python.planned_once import planned
from tests.python.returns_world import HEADER, SECRET, message
from validate_py import Options, Outcome, validate
from validate_py import run as running
from validate_py.run import project_folder
from validate_py.screen import summary

DISABILITIES = ["MOB", "HAND", "PC", "INC", "COMM", "LD", "HEAR", "VIS"]


@pytest.fixture(scope="module", autouse=True)
def _planned() -> Iterator[None]:
    """Render the rules once for all tests; `cin validate` itself renders them in its process."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(running, "plan", planned)
        yield


@pytest.fixture(scope="module")
def one_bad(tmp_path_factory: pytest.TempPathFactory) -> Outcome:
    """A child with one error, on the second line: what is listed is there to be read."""
    return run(tmp_path_factory.mktemp("bad"), "\n" + child("BAD1", need="N99"))


@pytest.fixture(scope="module")
def clean(tmp_path_factory: pytest.TempPathFactory) -> Outcome:
    return run(tmp_path_factory.mktemp("clean"))


def child(
    name: str, *, referral: str = "2022-05-03", need: str = "N1", source: str = "1A",
    disabilities: list[str] | None = None,
) -> str:  # fmt: skip
    """A child that breaks no rule, unless it is told to."""
    coded = "".join(f"<Disability>{code}</Disability>" for code in disabilities or ["NONE"])
    return (
        f"<Child><ChildIdentifiers><LAchildID>{name}</LAchildID><UPNunknown>UN2</UPNunknown>"
        "<PersonBirthDate>2012-02-03</PersonBirthDate><GenderCurrent>1</GenderCurrent>"
        "</ChildIdentifiers><ChildCharacteristics><Ethnicity>WBRI</Ethnicity>"
        f"<Disabilities>{coded}</Disabilities></ChildCharacteristics><CINdetails>"
        f"<CINreferralDate>{referral}</CINreferralDate><ReferralSource>{source}</ReferralSource>"
        f"<PrimaryNeedCode>{need}</PrimaryNeedCode><ReferralNFA>0</ReferralNFA></CINdetails></Child>"
    )


CLEAN = child("CLEAN1", disabilities=DISABILITIES)


def run(folder: Path, *children: str, **given: Path | None) -> Outcome:
    path = folder / "return.xml"
    path.write_text(message("".join((CLEAN, *children))), "utf-8")
    return validate(Options((path,), folder / "issues", **given))


def rows(outcome: Outcome) -> list[dict[str, str]]:
    with outcome.written[0].open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def test_a_clean_return_has_an_empty_list(clean: Outcome) -> None:
    assert (clean.rules, clean.exit_code, rows(clean)) == ((), 0, [])
    sheet = openpyxl.load_workbook(clean.written[1])["Issues"]
    assert sheet.max_row == 1


def test_an_issue_says_child_rule_fields_value_and_line(one_bad: Outcome) -> None:
    (row,) = rows(one_bad)
    assert row["la_child_id"] == "BAD1"
    assert row["rule_code"] == "8650"
    assert row["severity"] == "error"
    assert "Primary Need Code invalid" in row["message"]
    assert row["fields"] == "PrimaryNeedCode"
    assert row["value"] == "N99"
    assert row["row_key"] == "child_no=2, referral_no=1"
    assert (row["census_year"], row["la_number"], row["file"]) == ("2023", "805", "return.xml")
    assert row["line"] == "2"


def test_errors_come_first_then_the_children_with_most(tmp_path: Path) -> None:
    header = HEADER.replace("2023-03-31", "2023-03-30")
    query = child("Q1").replace("UN2", "UN1")
    some = [query, child("ONE", need="N99"), child("TWO", need="N99", source="9Z")]
    path = tmp_path / "return.xml"
    path.write_text(message("".join((CLEAN, *some)), header), "utf-8")
    listed = rows(validate(Options((path,), tmp_path / "issues")))
    found = [(row["rule_code"], row["la_child_id"]) for row in listed]
    assert found == [
        ("100", ""), ("8650", "TWO"), ("8866", "TWO"), ("8650", "ONE"), ("8770Q", "Q1"),
    ]  # fmt: skip
    assert [row["n_issues_of_child"] for row in listed] == ["", "2", "2", "1", "1"]


@pytest.fixture(scope="module")
def odd(tmp_path_factory: pytest.TempPathFactory) -> Outcome:
    """Two children whose values begin like a formula, and a list of who works with the first."""
    folder = tmp_path_factory.mktemp("odd")
    workers = folder / "workers.csv"
    workers.write_text(
        "LA child id,Social worker,Team,Phone\nBAD1, A. Worker ,North,1\nBAD1,B. Worker,North,2\n"
        "CLEAN1,C. Worker,South,3\n", "utf-8",
    )  # fmt: skip
    value = "=1+1&lt;&amp;&gt;"
    some = child("BAD1", need=value), child("BAD2", source=value)
    return run(folder, *some, workers=workers)


def test_the_workbook_holds_the_same_list_and_never_a_formula(odd: Outcome) -> None:
    listed = rows(odd)
    book = openpyxl.load_workbook(odd.written[1])
    headings, *cells = book["Issues"].iter_rows(values_only=True)
    assert len(headings) == len(listed[0])
    assert [[str(cell or "") for cell in row] for row in cells] == [
        list(row.values()) for row in listed
    ]
    assert {row["value"] for row in listed} == {"=1+1<&>"}
    assert {cell.data_type for row in book["Issues"].iter_rows() for cell in row} <= {"s", "n"}
    counts = list(book["Rules"].iter_rows(min_row=2, max_col=4, values_only=True))
    assert counts == [("error", "8650", 1, 1), ("error", "8866", 1, 1)]


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such permissions")
def test_the_list_is_its_owners_alone(one_bad: Outcome) -> None:
    for path in one_bad.written:
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    folder = one_bad.written[0].parent
    assert sorted(path.name for path in folder.iterdir()) == ["issues.csv", "issues.xlsx"]


def test_workers_and_teams_stand_beside_their_children(odd: Outcome) -> None:
    found = {row["la_child_id"]: (row["worker"], row["team"]) for row in rows(odd)}
    assert found == {"BAD1": ("A. Worker; B. Worker", "North"), "BAD2": ("", "")}
    assert (odd.n_children, odd.n_with_worker) == (2, 1)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("id,worker\n1,A\n", "la_child_id"),
        ("la_child_id,phone\n1,2\n", "worker or team"),
        ("la_child_id,worker,social worker\n1,A,B\n", "two columns for worker"),
    ],
)
def test_a_list_of_workers_that_cannot_be_used_is_refused_by_name(
    tmp_path: Path, text: str, told: str
) -> None:
    workers = tmp_path / "workers.csv"
    workers.write_text(text, "utf-8")
    with pytest.raises(CinError, match=told) as caught:
        run(tmp_path, workers=workers)
    assert caught.value.file == "workers.csv"
    assert caught.value.remedy
    assert not (tmp_path / "issues").exists()


@pytest.fixture(scope="module")
def compared(tmp_path_factory: pytest.TempPathFactory) -> Outcome:
    """A return beside an earlier one; a child had the same error twice there, and once here."""
    folder = tmp_path_factory.mktemp("since")
    twice = child("TWICE", need="N99").replace("</Child>", "")
    again = twice + twice[twice.index("<CINdetails>") :] + "</Child>"
    before = child("STAYS", need="N99"), child("MENDED", need="N99"), child("OTHER", need="N98")
    old = folder / "old.xml"
    old.write_text(message("".join((CLEAN, *before, again))), "utf-8")
    now = child("NEW", need="N99"), child("OTHER", need="N97"), child("STAYS", need="N99")
    return run(folder, *now, twice + "</Child>", since=old)


def test_since_tells_new_standing_and_resolved(compared: Outcome) -> None:
    """A value that was changed and is still wrong stands; the order of children is no matter."""
    listed = [row for row in rows(compared) if row["la_child_id"] != "TWICE"]
    found = {row["la_child_id"]: row["status"] for row in listed}
    assert found == {"NEW": "new", "OTHER": "standing", "STAYS": "standing", "MENDED": "resolved"}
    assert [row["status"] for row in listed][-1] == "resolved"
    (rule,) = (rule for rule in compared.rules if rule.rule_code == "8650")
    assert (rule.n_issues, rule.n_new, rule.n_standing, rule.n_resolved) == (4, 1, 3, 2)
    assert (compared.count("error"), compared.n_children) == (4, 4)


def test_since_pairs_issues_of_one_child_one_to_one(compared: Outcome) -> None:
    of_child = [row for row in rows(compared) if row["la_child_id"] == "TWICE"]
    by_status = sorted(row["status"] for row in of_child if row["rule_code"] == "8650")
    assert by_status == ["resolved", "standing"]


def test_exit_codes_tell_queries_errors_and_unread_files_apart(tmp_path: Path) -> None:
    folder = tmp_path / "returns"
    folder.mkdir()
    query = folder / "query.xml"
    query.write_text(message(CLEAN + child("Q1").replace("UN2", "UN1")), "utf-8")
    assert validate(Options((folder,), tmp_path / "out")).exit_code == 3
    error = folder / "error.xml"
    other = HEADER.replace("<LEA>805", "<LEA>806")
    error.write_text(message(CLEAN + child("BAD1", need="N99"), other), "utf-8")
    third = HEADER.replace("<LEA>805", "<LEA>807")
    (folder / "torn.xml").write_text(message(CLEAN, third)[:-30], "utf-8")
    outcome = validate(Options((folder,), tmp_path / "out"))
    assert outcome.exit_code == 1
    (refused,) = outcome.landed.refused
    assert refused.startswith("torn.xml")
    assert len(rows(outcome)) == 2, "the other returns are validated all the same"
    whole = replace(outcome, landed=replace(outcome.landed, refused=()))
    assert whole.exit_code == 4


def test_nothing_readable_is_an_error_that_writes_nothing(tmp_path: Path) -> None:
    path = tmp_path / "torn.xml"
    path.write_text("<Message>", "utf-8")
    with pytest.raises(CinError, match=r"torn\.xml"):
        validate(Options((path,), tmp_path / "out"))
    with pytest.raises(CinError, match="no such file"):
        validate(Options((tmp_path / "none.xml",), tmp_path / "out"))
    assert not (tmp_path / "out").exists()


def test_a_year_without_rules_of_its_own_is_said(clean: Outcome, tmp_path: Path) -> None:
    path = tmp_path / "return.xml"
    header = HEADER.replace("2023", "2031")
    path.write_text(message(CLEAN, header), "utf-8")
    outcome = validate(Options((path,), tmp_path / "issues"))
    (said,) = [note for note in outcome.landed.notes if "not known" in note]
    assert said.startswith("return.xml: the rules of 2031 are not known here (only those of 2017")
    assert said.endswith("it is held to those of 2026")
    assert not any("not known" in note for note in clean.landed.notes)


def test_the_command_prints_counts_and_no_value(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "return.xml"
    path.write_text(message(CLEAN + child(SECRET, need=SECRET)), "utf-8")
    arguments = ["validate", str(path), "--output", str(tmp_path / "out")]
    done = CliRunner().invoke(main.app, arguments)
    assert done.exit_code == 4, done.output
    assert "8650" in done.stdout
    assert "errors: 1" in done.stdout
    assert SECRET not in done.output + "".join(capfd.readouterr())
    assert SECRET in (tmp_path / "out" / "issues.csv").read_text("utf-8")
    told = CliRunner().invoke(main.app, ["validate", "--help"]).stdout
    for code in ("0 nothing found", "3 queries only", "4 errors"):
        assert code in " ".join(told.split())


def test_the_screen_says_what_was_read_found_and_written(one_bad: Outcome) -> None:
    said = "\n".join(summary(one_bad))
    assert "returns read: 1, children: 2" in said
    assert one_bad.written[1].name == "issues.xlsx"
    assert str(one_bad.written[1]) in said


def test_it_works_from_any_folder(
    project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("CIN_PROJECT_DIR", raising=False)
    monkeypatch.chdir(tmp_path)
    assert project_folder() == project
    monkeypatch.setenv("CIN_PROJECT_DIR", str(tmp_path))
    with pytest.raises(CinError, match=r"dbt_project\.yml"):
        project_folder()
