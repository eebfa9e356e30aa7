"""Returns land whole, over several processes the same as in one; the last submission counts."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from ingest_py.returns import ReturnFile, ReturnReport, choose_submissions, peek, read_returns
from tests.python.returns_world import CHILD, HEADER, child, message


def _put(data: Path, name: str, text: str, year: str = "2023") -> ReturnFile:
    folder = data / "census" / year / "returns"
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return ReturnFile.below(data, path)


def _serial(serial: str, at: str = "2023-07-01T12:00:00", la: str = "805") -> str:
    header = HEADER.replace("<SerialNo>001", f"<SerialNo>{serial}").replace(
        "2023-07-01T12:00:00", at
    )
    return message(header=header.replace("805", la))


def _print(folder: Path) -> dict[str, str]:
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


@pytest.fixture
def many(tmp_path: Path) -> list[ReturnFile]:
    """Return files of twelve authorities, one of them bad."""
    plans = "<ChildProtectionPlans><Reviews><CPPreviewDate>d</CPPreviewDate></Reviews>"
    kid = child(f"<Foo/>{plans}</ChildProtectionPlans>")
    files = [
        _put(tmp_path / "data", f"{la}.xml", message(kid * n).replace("805", str(la)))
        for n, la in enumerate(range(301, 313), start=5)
    ]
    files[3].path.write_text(message(kid)[:-9], encoding="utf-8")
    return files


def test_two_processes_land_the_same_as_one(tmp_path: Path, many: list[ReturnFile]) -> None:
    steps: list[tuple[str, int, int]] = []
    one = read_returns(many, tmp_path / "one", workers=1)
    two = read_returns(many, tmp_path / "two", workers=2, progress=lambda *step: steps.append(step))
    assert [report.file for report in one] == [file.name for file in many]
    assert [_timeless(r) for r in one] == [_timeless(r) for r in two]
    assert [r.verdict for r in one].count("refused") == 1
    assert _print(tmp_path / "one") == _print(tmp_path / "two")
    assert steps[-1] == ("read returns", 12, 12)


def _timeless(report: ReturnReport) -> dict[str, object]:
    return {k: v for k, v in vars(report).items() if k != "seconds"}


def test_the_highest_serial_number_counts_as_a_number(tmp_path: Path) -> None:
    data = tmp_path / "data"
    files = [_put(data, f"{s}.xml", _serial(s)) for s in ("002", "0010", "9")]
    reports = read_returns(files, tmp_path / "out")
    assert [report.verdict for report in reports] == ["superseded", "read", "superseded"]
    assert reports[0].reason is not None
    assert "replaced by census/2023/returns/0010.xml" in reports[0].reason
    assert reports[0].sha256 == hashlib.sha256(files[0].path.read_bytes()).hexdigest()
    assert (reports[0].census_year, reports[0].la_number, reports[0].serial_no) == (
        "2023", "805", "002",
    )  # fmt: skip


def test_of_the_same_serial_number_the_later_counts(tmp_path: Path) -> None:
    data = tmp_path / "data"
    early = _put(data, "b.xml", _serial("001", "2023-06-01T12:00:00"))
    late = _put(data, "a.xml", _serial("001", "2023-06-02T09:00:00"))
    reports = read_returns([early, late], tmp_path / "out")
    assert [report.verdict for report in reports] == ["superseded", "read"]


def test_the_same_file_twice_is_read_once(tmp_path: Path) -> None:
    files = [_put(tmp_path / "data", name, _serial("001")) for name in ("b.xml", "a.xml")]
    reports = read_returns(files, tmp_path / "out")
    assert [report.verdict for report in reports] == ["superseded", "read"]


def test_two_returns_that_nothing_tells_apart_are_both_refused(tmp_path: Path) -> None:
    data = tmp_path / "data"
    files = [
        _put(data, "a.xml", message()),
        _put(data, "b.xml", message(CHILD + CHILD)),
        _put(data, "c.xml", _serial("001", la="806")),
    ]
    reports = read_returns(files, tmp_path / "out")
    assert [report.verdict for report in reports] == ["refused", "refused", "read"]
    assert reports[0].place == "Header/Source/SerialNo"


def test_other_years_and_authorities_are_other_returns(tmp_path: Path) -> None:
    data = tmp_path / "data"
    other_year = message(header=HEADER.replace("2023", "2022"))
    files = [
        _put(data, "a.xml", message()),
        _put(data, "b.xml", _serial("001", la="806")),
        _put(data, "a.xml", other_year, "2022"),
    ]
    choice = choose_submissions(map(peek, files))
    assert len(choice.chosen) == 3
    assert not choice.superseded
    assert not choice.refused


def test_rows_know_their_file_and_line(tmp_path: Path) -> None:
    import pyarrow.parquet as pq  # noqa: PLC0415

    file = _put(tmp_path / "data", "a.xml", message(CHILD.replace("><", ">\n<")))
    read_returns([file], tmp_path / "out")
    path = tmp_path / "out/referrals/census_year=2023/la_number=805/part-0.parquet"
    (row,) = pq.ParquetFile(path).read().to_pylist()
    assert row["source_file"] == "census/2023/returns/a.xml"
    lines = file.path.read_text(encoding="utf-8").split("\n")
    assert lines[row["source_row"] - 1] == "<CINdetails>"
