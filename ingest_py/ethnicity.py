"""Census populations by ethnic group: the layouts of nomis and ONS to one long table.

Four layouts are known: the nomis bulk download (a column for every combination, such as
`Sex: Males; Age: Age 0 to 4; Ethnic Group: White: Total; measures: Value`), the nomis query
download (`GEOGRAPHY_CODE`, `C_ETHPUK11_NAME`, `OBS_VALUE`), the ONS table builder
(`Ethnic group (20 categories)`, `Observation`), and a plain list (`MSOA`, `Sex`, `AgeBand`,
`Ethnicity`, `Persons`). Groups and ages keep their published names; totals are rows like others.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from common_py.errors import CinError
from ingest_py.facts import Facts
from ingest_py.landing_schema import BY_NAME, LEDGER_QUARANTINE
from ingest_py.ledger import Source
from ingest_py.recognise import has_all, normal
from ingest_py.sources import Sheet

TABLE = BY_NAME["ref_ethnic_population"]
RANK = 900
ALL = "all"
_AREA = r"^[EWSN]\d{8}$"
_SUFFIX = re.compile(r"; measures: value$")
_LONG: Mapping[str, str] = {
    "area_code": r"geography_code|msoa|.* code",
    "ethnic_group": r"c(?:2021)?_?eth\w*_name|ethnic group \(\d+\w? categories\)|ethnicity",
    "sex": r"c_sex_name|sex(?: \(2 categories\))?",
    "age_group": r"c(?:2021)?_?age\w*_name|age(?: \(.*\))?|ageband",
    "persons": r"obs_value|observation|persons",
}
_LONG_NEEDS = ("area_code", "ethnic_group", "persons")


@dataclass(frozen=True)
class EthnicMatch:
    """A header recognised as a census table by ethnic group.

    Attributes
    ----------
    header_row
        Where the header stands.
    columns
        Position by landing column; `persons` only in the long layouts.
    groups
        Sex, age and ethnic group of every column of counts, by position, in the wide layout.
    census
        2011 or 2021 where the header says so.
    date
        Position of a column that holds the year of the census.
    """

    header_row: int
    columns: Mapping[str, int]
    groups: Mapping[int, tuple[str, str, str]]
    census: str | None
    date: int | None


def recognise_ethnicity(top: Sequence[Sequence[str]]) -> EthnicMatch | None:
    """Return how a sheet holds populations by ethnic group, None if it does not."""
    for at, row in enumerate(top):
        headers = [normal(cell) for cell in row]
        match = _wide(at, row, headers) or _long(at, headers)
        if match:
            return match
    return None


def _wide(at: int, row: Sequence[str], headers: Sequence[str]) -> EthnicMatch | None:
    if "geography code" not in headers:
        return None
    groups = {}
    for position, header in enumerate(headers):
        said = _said(" ".join(row[position].split()), header)
        if said:
            groups[position] = said
    if not groups:
        return None
    date = headers.index("date") if "date" in headers else None
    return EthnicMatch(at, {"area_code": headers.index("geography code")}, groups, None, date)


def _said(text: str, lower: str) -> tuple[str, str, str] | None:
    """Return sex, age and ethnic group of `Sex: …; Age: …; Ethnic Group: …`."""
    keep = text[: len(_SUFFIX.sub("", lower))]
    parts: dict[str, str] = {}
    for part in keep.split("; "):
        name, colon, value = part.partition(": ")
        if colon:
            parts[name.casefold()] = value
    if "ethnic group" not in parts:
        return None
    return parts.get("sex", ALL), parts.get("age", ALL), parts["ethnic group"]


def _long(at: int, headers: Sequence[str]) -> EthnicMatch | None:
    if not has_all("\n".join(headers), (_LONG[name] for name in _LONG_NEEDS)):
        return None
    columns: dict[str, int] = {}
    for name, pattern in _LONG.items():
        for position, header in enumerate(headers):
            if re.fullmatch(pattern, header):
                columns[name] = position
                break
    header = headers[columns["ethnic_group"]]
    is_2021 = "2021" in header or header.startswith("ethnic group")
    date = next((i for i, h in enumerate(headers) if h in {"date", "date_name"}), None)
    return EthnicMatch(at, columns, {}, "2021" if is_2021 else "2011", date)


def extract_ethnicity(source: Source, sheet: Sheet, match: EthnicMatch) -> Iterator[Facts]:
    """Yield the populations of each kind of area in a file.

    Raises
    ------
    CinError
        If no row has the code of an area, or nothing says of which census the file is.
    """
    positions = {*match.columns.values(), *match.groups}
    positions |= {match.date} if match.date is not None else set()
    cells = sheet.read(match.header_row, sorted(positions)).combine_chunks()
    area = pc.utf8_trim_whitespace(cells.column(str(match.columns["area_code"])))
    is_area = pc.fill_null(pc.match_substring_regex(area, _AREA), False)
    if not pc.any(is_area).as_py():
        raise CinError(
            "has populations by ethnic group but no row with the code of an area",
            place="column of area codes",
            remedy="download it with area codes, such as E02000001",
        )
    row = pa.array(np.arange(1, cells.num_rows + 1, dtype=np.int64))
    census = _census(cells, match)
    kept = cells.append_column("_row", row).append_column("_area", area).filter(is_area)
    rows = _rows(source, kept, match, census)
    passed = cells.num_rows - kept.num_rows
    notes = [f"{passed} rows of other areas or notes passed over"] if passed else []
    notes += [sheet.note] if sheet.note else []
    kinds = pc.utf8_slice_codeunits(rows.column("area_code"), 0, 3)
    detail = _detail(match)
    for kind in sorted(pc.unique(kinds).to_pylist()):
        series = (("census", census), ("kind", kind), ("detail", detail))
        mine = rows.filter(pc.equal(kinds, kind))
        nothing = LEDGER_QUARANTINE.schema.empty_table()
        yield Facts(source, TABLE.name, RANK, series, mine, nothing, tuple(notes))


def _detail(match: EthnicMatch) -> str:
    has_sex = "sex" in match.columns or any(sex != ALL for sex, _, _ in match.groups.values())
    has_age = "age_group" in match.columns or any(age != ALL for _, age, _ in match.groups.values())
    return "ethnic group" + " by sex" * has_sex + " by age" * has_age


def _census(cells: pa.Table, match: EthnicMatch) -> str:
    said = set()
    if match.date is not None:
        values = pc.unique(cells.column(str(match.date))).to_pylist()
        said = {year for value in values for year in re.findall(r"20[12]1", value or "")}
    if len(said) == 1:
        return str(said.pop())
    if match.census:
        return match.census
    raise CinError(
        "has populations by ethnic group, but nothing says of which census",
        place="column date",
        remedy="download it again with the column that holds the date",
    )


def _rows(source: Source, kept: pa.Table, match: EthnicMatch, census: str) -> pa.Table:
    n = kept.num_rows
    about = {
        "area_code": kept.column("_area"),
        "census": pa.repeat(census, n),
        "source_file": pa.repeat(source.name, n),
        "source_row": kept.column("_row"),
    }
    if match.groups:
        parts = [
            _part(about, {
                "sex": pa.repeat(sex, n), "age_group": pa.repeat(age, n),
                "ethnic_group": pa.repeat(group, n), "persons": kept.column(str(at)),
            })
            for at, (sex, age, group) in match.groups.items()
        ]  # fmt: skip
        return pa.concat_tables(parts)
    said = {"sex": pa.repeat(ALL, n), "age_group": pa.repeat(ALL, n)}
    said |= {
        name: pc.utf8_trim_whitespace(kept.column(str(at)))
        for name, at in match.columns.items()
        if name != "area_code"
    }
    return _part(about, said)


def _part(about: Mapping[str, pa.Array], said: Mapping[str, pa.Array]) -> pa.Table:
    number = pc.replace_substring(pc.utf8_trim_whitespace(said["persons"]), ",", "")
    table = pa.table({**about, **said, "persons": number})
    return table.select(TABLE.schema.names).cast(TABLE.schema)
