"""`areas.csv`: both of its shapes become one table, and what is wrong is said by file and row."""

from __future__ import annotations

from pathlib import Path

import pytest

from common_py.errors import CinError
from local_py.areas import read_areas

LONG = "LSOA11CD,area_type,area\nE01000001,ward,Abbey\nE01000002,ward,Abbey\nE01000001,hub,North\n"
WIDE = "dataset,lsoa_code,ward,hub\nX,E01000001,Abbey,North\nX,E01000002,Abbey,\n\n"


def write(folder: Path, text: str, encoding: str = "utf-8") -> Path:
    path = folder / "our areas.csv"
    path.write_bytes(text.encode(encoding))
    return path


def rows(path: Path) -> set[tuple[str, str, str]]:
    table = read_areas(path).table
    return set(zip(*(table.column(name).to_pylist() for name in table.column_names), strict=True))


def test_a_row_a_kind_and_a_column_a_kind_say_the_same(tmp_path: Path) -> None:
    expected = {
        ("E01000001", "ward", "Abbey"),
        ("E01000002", "ward", "Abbey"),
        ("E01000001", "hub", "North"),
    }
    assert rows(write(tmp_path, LONG)) == expected
    assert rows(write(tmp_path, WIDE)) == expected


def test_names_as_excel_saves_them(tmp_path: Path) -> None:
    text = "\ufefflsoa_code,ward\ne01000001,Tŷ-coch\n"
    assert rows(write(tmp_path, text)) == {("E01000001", "ward", "Tŷ-coch")}
    old = "lsoa_code,ward\nE01000001,Saint-Éloi\n"
    assert rows(write(tmp_path, old, "cp1252")) == {("E01000001", "ward", "Saint-Éloi")}


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("ward,area\nAbbey,x\n", "no column of LSOA codes"),
        ("lsoa_code\nE01000001\n", "no column of areas"),
        ("lsoa_code,ward\n", "no rows below a header"),
        ("lsoa_code,ward\nE01000001,A\nE02000001X,B\n", "row 2.*no LSOA's"),
        ("lsoa_code,ward\nE01000001,A\nE01000001,B\n", "row 2.*already, by row 1"),
        ("lsoa_code,income_decile\nE01000001,1\n", "the site's own"),
    ],
)
def test_what_is_wrong_is_said_by_file_and_row(tmp_path: Path, text: str, told: str) -> None:
    with pytest.raises(CinError, match=told) as caught:
        read_areas(write(tmp_path, text))
    assert "our areas.csv" in str(caught.value)
    assert caught.value.remedy


def test_a_file_that_cannot_be_opened_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def held(*_: object, **__: object) -> str:
        raise PermissionError(13, "Permission denied")

    path = write(tmp_path, WIDE)
    monkeypatch.setattr(Path, "read_text", held)
    with pytest.raises(CinError, match=r"our areas\.csv.*Permission denied") as caught:
        read_areas(path)
    assert "Excel" in str(caught.value.remedy)
