"""`cin locate`: LSOAs by postcode, and no postcode in any file, message or error."""

from __future__ import annotations

import tempfile
import traceback
import zipfile
from pathlib import Path

import pytest

from common_py.errors import CinError
from ingest_py.locate import LocateReport, locate
from tests.python.tiny_census import write_csv

HEADER = ("pcd", "pcd2", "pcds", "dointr", "doterm", "lsoa11", "lsoa21")
DIRECTORY = [
    HEADER,
    ("ZZ1 1AA", "ZZ1  1AA", "ZZ1 1AA", "198001", "", "E01000001", "E01000001"),
    ("ZZ101BB", "ZZ10 1BB", "ZZ10 1BB", "198001", "199606", "E01000002", "E01033333"),
    ("ZZ9 9ZZ", "ZZ9  9ZZ", "ZZ9 9ZZ", "198001", "", "N99999999", "N99999999"),
    ("ZY9 9ZZ", "ZY9  9ZZ", "ZY9 9ZZ", "198001", "", "S01006506", "S01006506"),
]
ADDRESSES = [
    ("la_number", "LAchildID", "UPN", "Post code", "Street"),
    ("805", "A1", "", "zz11aa", "1 Secret Street"),
    ("805", "A2", "U2", " ZZ10 1bb ", ""),
    ("805", "A3", "", "ZZ9 9ZZ", ""),
    ("805", "A4", "", "QQ1 1QQ", ""),
    ("805", "A5", "", "", ""),
    ("805", "", "", "ZZ1 1AA", ""),
    ("805", "A7", "", "ZZ1-1AA", ""),
    ("805", "A8", "", "ZY9 9ZZ", ""),
]
SECRETS = ("ZZ1", "zz11aa", "ZZ10", "QQ1", "QQ11QQ", "ZZ9", "Secret Street")


def _directory(folder: Path, *, packed: bool = False) -> Path:
    path = folder / "ONSPD_FEB_2023_UK.csv"
    write_csv(path, DIRECTORY, "utf-8-sig")
    if not packed:
        return path
    with zipfile.ZipFile(folder / "onspd.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.write(path, "Data/ONSPD_FEB_2023_UK.csv")
        archive.writestr("Documents/LSOA names and codes.csv", "x" * 10_000)
        archive.writestr("Data/multi_csv/ONSPD_AB.csv", "y" * 10_000)
    return folder / "onspd.zip"


def _locate(tmp_path: Path, *, packed: bool = False, vintage: str = "2011") -> LocateReport:
    write_csv(tmp_path / "addresses.csv", ADDRESSES)
    return locate(
        tmp_path / "addresses.csv", _directory(tmp_path, packed=packed), tmp_path / "out.csv",
        lsoa_vintage=vintage,
    )  # fmt: skip


@pytest.mark.parametrize("packed", [False, True])
def test_postcodes_become_lsoas_however_they_are_written(tmp_path: Path, packed: bool) -> None:
    report = _locate(tmp_path, packed=packed)
    assert report.out.read_text("utf-8").splitlines() == [
        "la_number,la_child_id,upn,lsoa_code",
        "805,A1,,E01000001", "805,A2,U2,E01000002", "805,A7,,E01000001",
    ]  # fmt: skip
    assert (report.n_rows, report.n_located, report.n_blank) == (8, 3, 1)
    assert (report.n_unknown, report.n_nobody) == (3, 1)


def test_the_lsoas_may_be_those_of_2021(tmp_path: Path) -> None:
    assert "A2,U2,E01033333" in _locate(tmp_path, vintage="2021").out.read_text("utf-8")


def test_no_postcode_is_in_any_file_or_message(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("a temporary file was made")

    monkeypatch.setattr(tempfile, "mkstemp", refuse)
    monkeypatch.setattr(tempfile, "mkdtemp", refuse)
    report = _locate(tmp_path)
    ours = {"addresses.csv", "ONSPD_FEB_2023_UK.csv"}
    written = [p for p in tmp_path.rglob("*") if p.is_file() and p.name not in ours]
    assert [p.name for p in written] == ["out.csv"]
    said = "\n".join([*report.messages, report.out.read_text("utf-8"), repr(report)])
    assert "rows 3, 4, 8" in said
    assert not [secret for secret in SECRETS if secret.casefold() in said.casefold()]


FAULTS = {
    "no postcode column": ([("la_number", "la_child_id"), ("805", "A1")], "has no column postcode"),
    "no child": ([("la_number", "postcode"), ("805", "QQ1 1QQ")], "which child"),
    "two postcodes": (
        [("la_number", "upn", "postcode", "pcds"), ("805", "A", "QQ1 1QQ", "QQ1 1QQ")],
        "more than one column postcode",
    ),
    "a short row": ([("la_number", "upn", "postcode"), ("805", "A"), ("QQ1 1QQ",)], "columns"),
    "no authority": ([("upn", "postcode"), ("A", "QQ1 1QQ")], "has no column la_number"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_faulty_addresses_are_refused_without_their_values(tmp_path: Path, fault: str) -> None:
    rows, problem = FAULTS[fault]
    write_csv(tmp_path / "addresses.csv", rows)
    with pytest.raises(CinError, match=problem) as caught:
        locate(tmp_path / "addresses.csv", _directory(tmp_path), tmp_path / "out.csv")
    shown = "".join(traceback.format_exception(caught.value))
    assert not [secret for secret in SECRETS if secret in shown]
    assert caught.value.remedy
    assert not (tmp_path / "out.csv").exists()


DIRECTORIES = {
    "another csv": b"a,b\n1,2\n",
    "cut short": b"pcds,lsoa11\n" + b"QQ1 1QQ\n",
    "not a zip": b"PK\3\4nothing",
    "empty": b"",
}


@pytest.mark.parametrize("fault", DIRECTORIES)
def test_a_file_that_is_no_directory_is_refused(tmp_path: Path, fault: str) -> None:
    write_csv(tmp_path / "addresses.csv", ADDRESSES)
    name = "onspd.zip" if fault == "not a zip" else "onspd.csv"
    (tmp_path / name).write_bytes(DIRECTORIES[fault])
    with pytest.raises(CinError, match=r"postcode directory") as caught:
        locate(tmp_path / "addresses.csv", tmp_path / name, tmp_path / "out.csv")
    shown = "".join(traceback.format_exception(caught.value))
    assert not [secret for secret in SECRETS if secret in shown]
    assert not (tmp_path / "out.csv").exists()


def test_a_missing_directory_is_named(tmp_path: Path) -> None:
    write_csv(tmp_path / "addresses.csv", ADDRESSES)
    with pytest.raises(CinError, match="no such file"):
        locate(tmp_path / "addresses.csv", tmp_path / "no.csv", tmp_path / "out.csv")
