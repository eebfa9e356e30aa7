"""A data folder with a canary in every field that can identify a child. SYNTHETIC.

Valid ones go all the way to the marts; the others are where a value would not type, breaks a rule,
repeats a key, is set aside with its row, or is refused with its file.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from tests.python.canaries import DAYS, Canary, text_of
from tests.python.returns_world import message
from tests.python.tiny_census import (
    COLUMNS,
    KEYS,
    LA_CODE,
    Row,
    census,
    locations,
    write_reference,
    write_rows,
)

YEAR = "2019"
IDENTIFIERS = ("la_child_id", "upn", "former_upn")
WHERE = ("la_number", "la_child_id", "upn", "pmr", "lsoa_code")
HEADER = (
    "<Header><CollectionDetails><Collection>CIN</Collection><Year>2019</Year>"
    "<ReferenceDate>2019-03-31</ReferenceDate></CollectionDetails><Source><SourceLevel>L"
    "</SourceLevel><LEA>835</LEA><SoftwareCode>SYNTHETIC</SoftwareCode><Release>1</Release>"
    "<SerialNo>001</SerialNo><DateTime>2019-07-01T12:00:00</DateTime></Source></Header>"
)


@dataclass
class Planted:
    """What was planted, as it was planted."""

    canaries: list[Canary] = field(default_factory=list)

    def text(self, where: str) -> str:
        """Return the text for a field, and remember it."""
        value = text_of(where)
        self.canaries.append(Canary(where, value))
        return value

    def day(self, table: str, column: str) -> str:
        """Return the day for a date, and remember it."""
        day = DAYS[table, column]
        self.canaries.append(Canary(f"{table}.{column}", day))
        return day.isoformat()


def plant(data: Path) -> Planted:
    """Fill a data folder; return what to look for."""
    planted = Planted()
    for la_number in LA_CODE:  # what an error quotes may be any child of the tiny census
        planted.canaries.append(Canary("any la_child_id", f"TINY{la_number}"))
    tables = census()
    where = locations(tables["children"])
    first = tables["children"][0]
    tables["cin_plans"] = [
        {**_keys(first), "referral_no": "1", "cin_plan_no": str(n)} for n in range(1, 4)
    ]
    _valid(tables, where, planted)
    _untypable(tables, planted)
    _set_aside(tables, where, planted)
    extract = data / "census" / YEAR / "extract"
    for name, rows in tables.items():
        columns = ("census_year", "la_number", *KEYS[name], *COLUMNS[name])
        write_rows(extract / f"{name}.csv", columns, rows)
    write_rows(data / "locations" / YEAR / "child_locations.csv", WHERE, where)
    write_reference(data / "reference")
    _refused(data, planted)
    (data / "census" / YEAR / "returns" / "835.xml").write_text(
        message(_xml_child(planted, "ingest"), HEADER), "utf-8"
    )
    (data / "synthetic").mkdir()
    marker = {"dataset": "SYNTHETIC", "seed": 1, "size": "tiny", "version": "0"}
    (data / "synthetic" / "SYNTHETIC.json").write_text(json.dumps(marker), "utf-8")
    (data / "synthetic" / "planted.csv").write_text("table_no,row_label,statistic,value\n", "utf-8")
    return planted


def _keys(row: Row) -> Row:
    return {name: row[name] for name in ("census_year", "la_number", "child_no")}


def _valid(tables: dict[str, list[Row]], where: list[Row], planted: Planted) -> None:
    """Identifiers of a located child, and a day in each date."""
    child = tables["children"][0]
    old = child["la_child_id"]
    child |= {name: planted.text(f"children.{name}") for name in IDENTIFIERS}
    where[:] = [row for row in where if row["la_child_id"] != old]
    lsoa = where[0]["lsoa_code"]
    other = tables["children"][1]
    other["upn"] = planted.text("locations.upn")
    pupil = tables["children"][2]
    pupil["upn"] = planted.text("locations.pmr")
    where += [
        {"la_number": "805", "la_child_id": child["la_child_id"], "lsoa_code": lsoa},
        {"la_number": "805", "upn": other["upn"], "lsoa_code": lsoa},
        {"la_number": "805", "pmr": pupil["upn"], "lsoa_code": lsoa},
    ]
    for number, (table, column) in enumerate(DAYS):
        at = {"birth_date": 0, "expected_birth_date": 3, "death_date": 4}.get(column, 0)
        del number
        tables[table][at][column] = planted.day(table, column)
    tables["children"][3]["birth_date"] = ""


def _untypable(tables: dict[str, list[Row]], planted: Planted) -> None:
    """A text in every column of the census that is a date, a code, a flag or a number."""
    for table, columns in COLUMNS.items():
        for number, column in enumerate(columns):
            if column not in IDENTIFIERS:
                row = tables[table][-1 - number % len(tables[table])]
                if table == "cin_plans":
                    row = tables[table][1 + number % 2]
                row[column] = planted.text(f"{table}.{column} untyped")


def _set_aside(tables: dict[str, list[Row]], where: list[Row], planted: Planted) -> None:
    """Rows that are quarantined: keys that are none, keys that are there already, no LSOA."""
    child = tables["children"][0]
    for name in ("census_year", "la_number", "child_no"):
        tables["children"].append({**child, name: planted.text(f"children.{name} as key")})
    tables["children"].append({**child, "la_child_id": planted.text("children repeated")})
    tables["referrals"].append(
        {**tables["referrals"][0], "referral_date": planted.text("referrals repeated")}
    )
    where += [
        {"la_number": "805", "la_child_id": planted.text("locations no LSOA"), "lsoa_code": ""},
        {"la_number": "805", "upn": "A1", "lsoa_code": planted.text("locations.lsoa_code")},
        {"la_number": planted.text("locations.la_number"), "upn": "A2", "lsoa_code": "E01990001"},
        {"la_number": "805", "lsoa_code": "E01990001"},
    ]


def _refused(data: Path, planted: Planted) -> None:
    """Files refused whole: no header, an unknown column, and returns that are no XML."""
    extract, returns = data / "census" / YEAR / "extract", data / "census" / YEAR / "returns"
    returns.mkdir(parents=True)
    rows = [planted.text("a file without header"), YEAR, "805"]
    _write(extract / "without_header.csv", rows, rows)
    _write(extract / "other.csv", ["la_number", planted.text("a column")], ["805", "1"])
    _write(
        data / "locations" / YEAR / "postcodes.csv",
        ["la_number", "la_child_id", "lsoa_code", "postcode"],
        ["805", planted.text("refused child"), "E01990001", planted.text("refused postcode")],
    )
    (returns / "cut.xml").write_text(
        f"<Message><Child><{planted.text('a tag')}>{planted.text('a cut return')}</Child>", "utf-8"
    )
    (returns / "entity.xml").write_text(
        f'<!DOCTYPE a [<!ENTITY b "{planted.text("an entity")}">]><Message>&b;</Message>', "utf-8"
    )


def _write(path: Path, *rows: list[str]) -> None:
    with path.open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream).writerows(rows)


def _xml_child(planted: Planted, where: str) -> str:
    """A child of a return with a canary in each element that is free to hold one."""

    def of(name: str) -> str:
        return f"<{name}>{planted.text(f'{where} {name}')}</{name}>"

    return (
        f"<Child><ChildIdentifiers>{of('LAchildID')}{of('UPN')}{of('FormerUPN')}"
        f"{of('PersonBirthDate')}<GenderCurrent>1</GenderCurrent>{of('PersonDeathDate')}"
        f"{of('Surname')}</ChildIdentifiers>"
        f"<ChildCharacteristics>{of('Ethnicity')}</ChildCharacteristics><CINdetails>"
        f"<CINreferralDate>{DAYS['referrals', 'referral_date']}</CINreferralDate>"
        f"{of('ReferralSource')}{of('CINclosureDate')}<ReferralNFA>0</ReferralNFA>"
        f"<Assessments>{of('AssessmentActualStartDate')}</Assessments>{of('Note')}"
        "</CINdetails></Child>"
    )


def write_return(folder: Path, planted: Planted, where: str) -> Path:
    """Write a return to validate, with canaries; return its path."""
    path = folder / f"{where}.xml"
    path.write_text(message(_xml_child(planted, where), HEADER), "utf-8")
    return path


def write_workers(folder: Path, planted: Planted, where: str) -> Path:
    """Write who works with the child of a return: a worker and a team."""
    path = folder / "workers.csv"
    child = text_of(f"{where} LAchildID")
    _write(
        path,
        ["la_child_id", "worker", "team"],
        [child, planted.text("worker"), planted.text("team")],
    )
    return path


def write_addresses(folder: Path, planted: Planted) -> tuple[Path, Path]:
    """Write addresses and a postcode directory; return both paths."""
    known, unknown = "ZZ9 8QX", "ZY7 6QX"
    canaries = {
        known: "postcode",
        unknown: "unknown postcode",
        "ZZ98QX": "postcode",
        "ZY76QX": "unknown postcode",
    }
    planted.canaries += [Canary(name, code) for code, name in canaries.items()]
    addresses, directory = folder / "addresses.csv", folder / "onspd.csv"
    header = ["la_number", "la_child_id", "postcode", "street"]
    street = planted.text("street")
    _write(
        addresses,
        header,
        ["805", "A1", known, street],
        ["805", "A2", unknown, street],
        ["805", "A3", planted.text("no postcode at all"), street],
    )
    _write(directory, ["pcds", "lsoa11"], [known, "E01990001"])
    return addresses, directory


def without_children(planted: Planted) -> Iterator[Canary]:
    """Postcodes and streets: what not even the output of `cin locate` may hold."""
    return (one for one in planted.canaries if "postcode" in one.field or one.field == "street")
