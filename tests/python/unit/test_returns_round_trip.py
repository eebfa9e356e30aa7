"""Extract → XML → landing gives the extract again, value for value, in three layouts. SYNTHETIC."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq
import pytest
from lxml import etree

from common_py.errors import CinError
from ingest_py.landing_schema import BY_NAME, ORIGIN
from ingest_py.returns import ReturnFile, read_returns, structure
from synth_py.returns import write_returns

TABLES = (
    "children", "disabilities", "referrals", "assessments", "assessment_factors", "cin_plans",
    "section47", "child_protection_plans", "cpp_reviews",
)  # fmt: skip
PARENTS = {
    "disabilities": "children", "referrals": "children", "assessments": "referrals",
    "assessment_factors": "assessments", "cin_plans": "referrals", "section47": "referrals",
    "child_protection_plans": "referrals", "cpp_reviews": "child_protection_plans",
}  # fmt: skip
VALUES = (
    None, "2018-05-01", "1A", "0", "true", "a & b", "<c>", "é – ’", "  x  ", '"q"', "\ty", "a\rb",
    "]]>", "SYNTHETIC", "\u00a0", "x=y", "\U0001f600",
)  # fmt: skip
YEARS = (2019, 2022, 2025)
LA_NUMBERS = ("201", "805", "941")


def _extract(year: int, rng: np.random.Generator) -> dict[str, list[dict[str, str | None]]]:
    """Draw an extract of every table with values of every kind, nothing or many below a row."""
    made: dict[str, list[dict[str, str | None]]] = {}
    for name in TABLES:
        table = BY_NAME[name]
        key = table.row_keys
        columns = [c for c in table.schema.names if c not in {*key, *(o.name for o in ORIGIN)}]
        if name == "children":
            above = [{"la_number": la} for la in LA_NUMBERS]
            most = 40
        else:
            above = made[PARENTS[name]]
            most = 0 if name == "cin_plans" and year < 2022 else 4
        kept = ("census_year", "la_number", *key[:-1])
        made[name] = [
            {
                **{column: row[column] for column in kept if column in row},
                "census_year": str(year),
                key[-1]: str(number),
                **{column: VALUES[rng.integers(len(VALUES))] for column in columns},
            }
            for row in above
            for number in range(1, int(rng.integers(0, most + 1)) + 1)
        ]
    made["returns"] = [
        {"census_year": str(year), "la_number": la, "reference_date": f"{year}-03-31",
         "software_code": "SYNTHETIC & Co", "release": None, "serial_no": "001",
         "submitted_at": f"{year}-07-01T12:00:00"}
        for la in LA_NUMBERS
    ]  # fmt: skip
    return made


def _write(folder: Path, name: str, rows: list[dict[str, str | None]], ending: str) -> pa.Table:
    table = BY_NAME[name]
    names = [c for c in table.schema.names if c not in {o.name for o in ORIGIN}]
    schema = pa.schema([(c, pa.string()) for c in ("census_year", "la_number", *names)])
    made = pa.Table.from_pylist(rows, schema=schema)
    folder.mkdir(parents=True, exist_ok=True)
    if ending == "csv":
        pa_csv.write_csv(made, folder / f"{name}.csv")
    else:
        pq.write_table(made, folder / f"{name}.parquet")
    return made


def _landed(out: Path, name: str, year: int, la: str) -> list[dict[str, object]]:
    path = out / name / f"census_year={year}" / f"la_number={la}" / "part-0.parquet"
    if not path.is_file():
        return []
    table = pq.ParquetFile(path).read()
    assert table.schema.equals(BY_NAME[name].schema)
    return [
        {"census_year": str(year), "la_number": la, **row}
        for row in table.drop_columns(["source_file", "source_row"]).to_pylist()
    ]


@pytest.mark.parametrize("year", YEARS)
@pytest.mark.parametrize("ending", ["parquet", "csv"])
def test_the_extract_comes_back_value_for_value(tmp_path: Path, year: int, ending: str) -> None:
    data, out = tmp_path / "data", tmp_path / "out"
    drawn = _extract(year, np.random.default_rng(year))
    folder = data / "census" / str(year) / "extract"
    written = {name: _write(folder, name, rows, ending) for name, rows in drawn.items()}
    files = write_returns(data, [year])
    reports = read_returns([ReturnFile.below(data, path) for path in files], out, workers=1)
    assert [report.verdict for report in reports] == ["read"] * len(LA_NUMBERS)
    assert not any(report.issues or report.notes for report in reports)
    for name in TABLES:
        expected = written[name].to_pylist()
        found = [row for la in LA_NUMBERS for row in _landed(out, name, year, la)]
        assert found == expected
        assert sum(report.rows[name] for report in reports) == len(expected)
        assert bool(found) == (name != "cin_plans" or year >= 2022)
    (first,) = _landed(out, "returns", year, LA_NUMBERS[0])
    assert first["software_code"] == "SYNTHETIC & Co"
    assert first["n_children"] == str(reports[0].rows["children"])
    assert first["file_sha256"] == reports[0].sha256


@pytest.mark.parametrize("year", YEARS)
def test_files_follow_the_published_layout_of_their_year(tmp_path: Path, year: int) -> None:
    drawn = _extract(year, np.random.default_rng(year))
    for name, rows in drawn.items():
        _write(tmp_path / "census" / str(year) / "extract", name, rows, "parquet")
    seen: set[str] = set()
    for path in write_returns(tmp_path):
        assert b"SYNTHETIC" in path.read_bytes()[:200]
        for element in etree.parse(path, etree.XMLParser(remove_comments=True)).iter():
            holder = element.getparent()
            place = [element.tag]
            while holder is not None:
                place.insert(0, holder.tag)
                holder = holder.getparent()
            seen.add("/".join(place))
            _assert_in_order(element)
    known = {e.path: e for e in structure.message().walk()}
    assert seen <= set(known)
    assert all(known[path].is_in(year) or path == "Message" for path in seen)
    assert {path for path, e in known.items() if e.is_in(year) and e.kind != "skipped"} - seen == {
        "Message/Header/Source/Release"
    }


def _assert_in_order(element: etree._Element) -> None:
    """Children of an element stand in the order of the structure table, which is DfE's."""
    spec = next((e for e in structure.message().walk() if e.name == element.tag), None)
    assert spec is not None
    names = [member.name for member in spec.members]
    places = [names.index(part.tag) for part in element if part.tag in names]
    assert places == sorted(places)


def test_only_the_authorities_asked_for_are_written(tmp_path: Path) -> None:
    for name, rows in _extract(2019, np.random.default_rng(1)).items():
        _write(tmp_path / "census" / "2019" / "extract", name, rows, "parquet")
    (path,) = write_returns(tmp_path, la_numbers=["805"])
    assert path.relative_to(tmp_path).as_posix() == "census/2019/returns/805_CIN_2019.xml"
    with pytest.raises(CinError, match="no extract for 2020"):
        write_returns(tmp_path, [2020])


def test_rows_without_their_row_above_are_not_written(tmp_path: Path) -> None:
    drawn = _extract(2019, np.random.default_rng(1))
    drawn["section47"].append({"la_number": "805", "child_no": "999", "referral_no": "1",
                               "section47_no": "1"})  # fmt: skip
    for name, rows in drawn.items():
        _write(tmp_path / "census" / "2019" / "extract", name, rows, "parquet")
    with pytest.raises(CinError, match="rows without their row in referrals"):
        write_returns(tmp_path)
