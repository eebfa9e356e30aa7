"""The fault suite: bad inputs by name, each with the verdict it must get, in bounded memory.

Time is bounded by the work: what archives unpack to is counted, and reading what was unpacked takes
time in proportion to it. Clocks are not asked: they measure the machine.

Verdicts: `refused` (the file is not used, and the message names it and a remedy), `quarantined`
(some rows are set aside), `kept` (odd but legitimate: text stays text), `ignored`. Faults of XML
returns are in `test_returns_faults.py`; those of mappings in `test_ingest_reuse.py`.
"""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pyarrow as pa
import pytest

from ingest_py import archives
from ingest_py.landing_schema import BY_NAME
from tests.python.ingest_world import EXTRACT, SECRET, World, referral
from tests.python.memory import Peak
from tests.python.packed_files import (
    bomb,
    cells,
    gzip_bomb,
    many_cells,
    ods,
    ods_row,
    parquet,
    sheet_of,
    strings_of,
    workbook,
    zipped,
)

COLUMNS = [column.name for column in BY_NAME["referrals"].input_columns]
HEADER = ",".join(COLUMNS)
ROW = "2019,805,1,1,2018-05-01,6,N1,,,,0"
FILE = f"{EXTRACT}/referrals.csv"
PLACE = "locations/2019/child_locations.csv"
WHERE = "la_number,la_child_id,upn,pmr,lsoa_code"
RUC = "LSOA11CD,RUC11CD,RUC11"


@dataclass(frozen=True)
class Fault:
    """One bad input: where it is put, what it is, its verdict, and words of the message."""

    file: str
    content: Callable[[], bytes]
    verdict: str
    told: str = ""


def _text(text: str, encoding: str = "utf-8") -> Callable[[], bytes]:
    return lambda: text.encode(encoding)


def _csv(*rows: str, header: str = HEADER) -> Callable[[], bytes]:
    return _text("\n".join([header, *rows]) + "\n")


def _row(**changes: str) -> str:
    return ",".join((referral() | changes).get(name, "") for name in COLUMNS)


def _reference(name: str, content: Callable[[], bytes], verdict: str, told: str = "") -> Fault:
    return Fault(f"reference/{name}", content, verdict, told)


FAULTS: dict[str, Fault] = {
    # the extract as a file
    "empty file": Fault(FILE, lambda: b"", "refused", "0 bytes"),
    "only a BOM": Fault(FILE, lambda: b"\xef\xbb\xbf", "refused", "empty"),
    "only blank lines": Fault(FILE, _text("\n\n\n"), "refused", "no header"),
    "no header": Fault(FILE, _text(f"{ROW}\n{ROW}\n"), "refused", "no header row"),
    "NULs": Fault(FILE, lambda: b"a\0b\0" * 99, "refused", "NUL"),
    "NUL in one value": Fault(FILE, _csv(_row(referral_source="6\0")), "refused", "NUL"),
    "UTF-16 with NULs inside": Fault(
        FILE, _text(f"{HEADER}\n{_row(referral_source=chr(0))}\n", "utf-16"), "refused", "NUL"),
    "UTF-32": Fault(FILE, _text(f"{HEADER}\n{ROW}\n", "utf-32"), "refused"),
    "no known encoding": Fault(
        FILE, lambda: f"{HEADER}\n".encode() + b"\x81\x8d", "refused", "Windows-1252"),
    "half a UTF-16 character": Fault(
        FILE, lambda: f"{HEADER}\n{ROW}".encode("utf-16") + b"\0", "refused"),
    "a picture": Fault(FILE, lambda: b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "refused", "NUL"),
    "a workbook named csv": Fault(FILE, lambda: zipped(("a", b"b" * 999)), "refused"),
    "HTML named csv": Fault(FILE, _text("<html><body>Log in</body></html>"), "refused"),
    "a quote never closed": Fault(
        FILE, _csv(_row(referral_source='"6'), *[ROW] * 50), "refused"),
    "a row too short": Fault(FILE, _csv("2019,805,1"), "refused", "3 of 11 columns"),
    "a row too long": Fault(FILE, _csv(f"{ROW},x"), "refused", "12 of 11 columns"),
    "cut short": Fault(FILE, _csv(ROW, "2019,80"), "refused", "row 2"),
    "semicolons and one comma": Fault(
        FILE, _text(f"{HEADER.replace(',', ';')},\n"), "refused"),
    "a megabyte of header": Fault(FILE, _text("a" * 1_000_000), "refused"),
    "twenty thousand columns": Fault(
        FILE, _text(",".join(["x"] * 20_000)), "refused", "more than 10,000 columns"),
    "a gigantic value": Fault(
        FILE, _csv(_row(referral_source="x" * 40_000_000)), "refused"),
    "column twice": Fault(FILE, _csv(f"{ROW},0", header=f"{HEADER},ReferralNFA"), "refused", "two"),
    "unknown column": Fault(FILE, _csv(f"{ROW},0", header=f"{HEADER},Surname"), "refused", "use"),
    "missing column": Fault(
        FILE, _csv(ROW[:-2], header=HEADER.rsplit(",", 1)[0]), "refused", "no column"),
    "a secret for a header": Fault(
        FILE, _csv(f"{ROW},0", header=f"{HEADER},{SECRET}-12345"), "refused", "not shown"),
    "cut gzip": Fault(
        f"{FILE}.gz", lambda: gzip.compress(f"{HEADER}\n{ROW}\n".encode())[:-9], "refused", "gzip"),
    "no gzip": Fault(f"{FILE}.gz", _csv(ROW), "refused", "gzip"),
    "gzip with bad check": Fault(
        f"{FILE}.gz", lambda: gzip.compress(b"x" * 99)[:-8] + b"\0" * 8, "refused", "gzip"),
    "gzip bomb": Fault(f"{FILE}.gz", gzip_bomb, "refused", "unpacks to more"),
    "empty gzip": Fault(f"{FILE}.gz", lambda: gzip.compress(b""), "refused", "empty"),
    "CSV named parquet": Fault(f"{EXTRACT}/referrals.parquet", _csv(ROW), "refused", "not a Parq"),
    "cut Parquet": Fault(
        f"{EXTRACT}/referrals.parquet", lambda: parquet(pa.table({"a": [1]}))[:-9], "refused",
        "cut short"),
    "Parquet of lists": Fault(
        f"{EXTRACT}/referrals.parquet",
        lambda: parquet(pa.table({name: [["x"]] for name in COLUMNS})), "refused",
        "not one value"),
    "Parquet bomb": Fault(f"{EXTRACT}/referrals.parquet", many_cells, "refused", "cells"),
    "a workbook in the extract": Fault(f"{EXTRACT}/referrals.xlsx", lambda: b"PK", "ignored"),
    "a program in the extract": Fault(f"{EXTRACT}/run.exe", lambda: b"MZ", "ignored"),
    # rows of the extract
    "another year": Fault(FILE, _csv(_row(census_year="2018")), "quarantined", "not the year"),
    "no authority": Fault(FILE, _csv(_row(la_number="")), "quarantined", "missing"),
    "an authority as a path": Fault(
        FILE, _csv(_row(la_number="../../805")), "quarantined", "three digits"),
    "a year as a path": Fault(FILE, _csv(_row(census_year="../..")), "quarantined", "not the year"),
    "no key": Fault(FILE, _csv(_row(child_no="")), "quarantined", "child_no is missing"),
    "a negative key": Fault(FILE, _csv(_row(child_no="-1")), "quarantined", "whole number"),
    "a key of 30 digits": Fault(FILE, _csv(_row(child_no="9" * 30)), "quarantined", "whole"),
    "the same key twice": Fault(FILE, _csv(ROW, ROW), "quarantined", "already"),
    "a formula as a key": Fault(FILE, _csv(_row(child_no="=1+1")), "quarantined", "whole number"),
    # odd and legitimate
    "a formula as a value": Fault(FILE, _csv(_row(referral_source="=cmd|'/c calc'!A1")), "kept"),
    "a macro as a value": Fault(FILE, _csv(_row(referral_source="@SUM(1+1)*cmd")), "kept"),
    "SQL as a value": Fault(FILE, _csv(_row(referral_source="'; drop table x; --")), "kept"),
    "a date that is none": Fault(FILE, _csv(_row(referral_date="31/02/1066")), "kept"),
    "emoji and right to left": Fault(FILE, _csv(_row(referral_source="🙂\u202eabc")), "kept"),
    # locations
    "a postcode column": Fault(
        PLACE, _csv(header=f"{WHERE},postcode"), "refused", "no use for column postcode"),
    "no child": Fault(PLACE, _csv("805,E01000001", header="la_number,lsoa_code"), "refused"),
    "a postcode for an LSOA": Fault(
        PLACE, _csv("805,A,,,QQ1 1QQ", header=WHERE), "quarantined", "lsoa_code is not"),
    "no LSOA": Fault(PLACE, _csv("805,A,,,", header=WHERE), "quarantined", "missing"),
    "a child twice": Fault(
        PLACE, _csv(*["805,A,,,E01000001"] * 2, header=WHERE), "quarantined", "already"),
    "nobody": Fault(PLACE, _csv("805,,,,E01000001", header=WHERE), "quarantined", "no identifier"),
    # reference
    "a zip that leads out": _reference(
        "a.zip", lambda: zipped(("../../evil.csv", b"a")), "refused", "leads out"),
    "a zip with a root path": _reference(
        "a.zip", lambda: zipped(("/etc/evil.csv", b"a")), "refused", "leads out"),
    "a zip with a drive": _reference(
        "a.zip", lambda: zipped(("C:\\evil.csv", b"a")), "refused", "leads out"),
    "a zip with a link": _reference(
        "a.zip", lambda: zipped(("a.csv", b"/etc/passwd"), link=True), "refused", "a link"),
    "a zip in a zip": _reference(
        "a.zip", lambda: zipped(("b.zip", zipped(("c.csv", b"x")))), "refused", "archive within"),
    "a zip bomb": _reference(
        "a.zip", lambda: zipped(("a.csv", bomb())), "refused", "unpacks to more"),
    "a zip bomb that lies": _reference(
        "a.zip", lambda: zipped(("a.csv", bomb()), lie=True), "refused", "unpacks to more"),
    "many small bombs": _reference(
        "a.zip", lambda: zipped(*[(f"{i}.csv", bomb(9)) for i in range(12)]), "refused",
        "unpacks to more"),
    "a zip of too many files": _reference(
        "a.zip", lambda: zipped(*[(f"{i}.csv", b"") for i in range(2_500)]), "refused", "2,500"),
    "a cut zip": _reference(
        "a.zip", lambda: zipped(("a.csv", b"x" * 999))[:-30], "refused", "zip archive"),
    "no zip": _reference("a.zip", lambda: b"PK\3\4" + b"x" * 99, "refused", "zip archive"),
    "an empty zip": _reference("a.zip", zipped, "ignored", "no header"),
    "a zip of pictures": _reference("a.zip", lambda: zipped(("a.png", b"x")), "ignored"),
    "a workbook that is none": _reference("a.xlsx", lambda: b"PK\3\4zzz", "refused", "workbook"),
    "a text named xls": _reference("a.xls", _text("a\tb\n"), "refused", "workbook"),
    "a workbook bomb": _reference(
        "a.xlsx", lambda: workbook(cells() + " " * (100 << 20)), "refused", "unpacks to more"),
    "a cell far away": _reference(
        "a.xlsx", lambda: workbook(cells(("A1", "x"), ("XFD1048576", "y"))), "refused", "span"),
    "a cell far down": _reference(
        "a.xlsx", lambda: workbook(cells(("A1", "x"), ("ZZ1048576", "y"))), "refused", "span"),
    "cells without a place": _reference(
        "a.xlsx", lambda: workbook(sheet_of("<row>" + "<c><v>1</v></c>" * 9_000 + "</row>"
                                            + "<row><c><v>1</v></c></row>" * 9_000)), "refused",
        "span"),
    "many sheets that each reach far": _reference(
        "a.xlsx", lambda: workbook(cells(("A1", "x"), ("CV99999", "y")), n_sheets=4), "refused",
        "span"),
    "a sheet under another name": _reference(
        "a.xlsx", lambda: workbook(cells(("A1", "x"), ("XFD9999", "y")), at="xl/a.txt"), "refused",
        "span"),
    "one text in many cells": _reference(
        "a.xlsx", lambda: workbook(
            sheet_of("".join(f'<row r="{row}"><c r="A{row}" t="s"><v>1</v></c></row>'
                             for row in range(1, 30_000))),
            strings=strings_of("a", "b" * 30_000)), "refused", "text"),
    "rows that never end": _reference(
        "a.xlsx", lambda: workbook(sheet_of("<row " * 2_000_000)), "refused", "cannot be read"),
    "one tag of 5 MB": _reference(
        "a.xlsx", lambda: workbook(sheet_of("<row " + " " * 5_000_000 + "/>")), "refused", "a tag"),
    "an xlsb": _reference("a.xlsx", lambda: zipped(("xl/workbook.bin", b"x")), "refused", "xlsb"),
    "an ods of a million rows": _reference(
        "a.ods", lambda: ods(ods_row("x", times=1_000_000, columns=60)), "refused", "span"),
    "an ods of 999 rows and columns, again and again": _reference(
        "a.ods", lambda: ods(ods_row("x", times=999, columns=999) * 40), "refused", "span"),
    "an ods that repeats itself": _reference(
        "a.ods", lambda: ods(
            '<table:table-row table:number-rows-repeated="99999999">'
            "<table:table-cell/></table:table-row>"), "refused", "span"),
    "an ods that repeats a text": _reference(
        "a.ods", lambda: ods(ods_row("x" * 100_000, times=1_000)), "refused", "text"),
    "an ods of rows that never end": _reference(
        "a.ods", lambda: ods("<table:table-row <table:table-cell " * 500_000), "refused"),
    "a header and no rows": _reference("a.csv", _csv(header=RUC), "refused", "no rows"),
    "no code": _reference("a.csv", _csv("x,A1,y", header=RUC), "refused", "no row with a code"),
    "a code cut short": _reference(
        "a.csv", _csv("E01000001,A1,y", "E0100000,A1,y", header=RUC), "ignored"),
    "a release that is not known": _reference(
        "a.csv",
        _csv("E01000001,E06000001,1", header="LSOA code (2011),Local Authority District code "
             "(2031),Income Score (rate)"), "refused", "not known (2031)"),
    "a Table A1 of no year": _reference(
        "spending.csv",
        _csv("201,London,x,1,3.0.1,1", header="LA,LA Name,ReportGroup,OrderLine,s251line,"
             "NetCurrentExpenditure"), "refused", "which financial year"),
    "a page in place of a download": _reference("a.csv", _text("<!doctype html>"), "ignored"),
}  # fmt: skip
MOST_BYTES_MORE = 500 * 1024**2
MOST_BYTES_UNPACKED = archives.LIMITS.free + 8 * 1024**2


@pytest.fixture
def unpacked(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Count the bytes that archives unpack to, piece by piece."""
    sizes: list[int] = []

    class Counting:
        def __init__(self, wbits: int) -> None:
            self._unpacker = zlib.decompressobj(wbits)

        def decompress(self, data: bytes, most: int) -> bytes:
            piece = self._unpacker.decompress(data, most)
            sizes.append(len(piece))
            return piece

        def __getattr__(self, name: str) -> Any:
            return getattr(self._unpacker, name)

    counting = SimpleNamespace(error=zlib.error, decompressobj=Counting)
    monkeypatch.setattr(archives, "zlib", counting)
    return sizes


@pytest.mark.parametrize(
    "start",
    [World.landed, pytest.param(World.tiny, marks=pytest.mark.slow)],
    ids=["later", "first"],
)
@pytest.mark.parametrize("name", FAULTS)
def test_every_bad_input_gets_its_verdict(
    tmp_path: Path, unpacked: list[int], name: str, start: Callable[[World], World]
) -> None:
    """In every run where the others have landed before, in the full one where nothing has."""
    fault = FAULTS[name]
    world = start(World(tmp_path))
    for ending in (".csv", ".csv.gz", ".parquet"):
        if fault.file.startswith(f"{EXTRACT}/referrals"):
            (world.data / f"{EXTRACT}/referrals{ending}").unlink(missing_ok=True)
    world.text(fault.file, fault.content())
    with Peak() as peak:
        report = world.ingest()
    assert sum(unpacked) < MOST_BYTES_UNPACKED
    assert peak.bytes_more < MOST_BYTES_MORE
    mine = [entry for entry in report.files if entry.source.name == fault.file]
    said = [message for message in report.messages if fault.file in message]
    if fault.verdict == "refused":
        assert [entry.verdict for entry in mine] == ["refused"]
    elif fault.verdict == "ignored":
        assert {entry.verdict for entry in mine} == {"ignored"}
        assert fault.told in str(mine[0].reason)
    elif fault.verdict == "quarantined":
        assert sum(entry.rows_quarantined for entry in mine) >= 1
    else:
        assert report.ok, report.messages
        assert world.count("referrals") == 1
    if fault.verdict in {"refused", "quarantined"}:
        assert not report.ok
        assert any(fault.told in message and "remedy: " in message for message in said), said
    assert not any(SECRET in message for message in report.messages)
    assert world.count("children") == 30
    assert report.rows_read == report.rows_kept + report.quarantined


def test_values_that_look_like_formulas_stay_text(tmp_path: Path) -> None:
    world = World(tmp_path).landed()
    world.table("referrals", [referral(referral_source='=HYPERLINK("http://x","y")')])
    assert world.ingest().ok
    assert world.rows("referrals", "referral_source") == [('=HYPERLINK("http://x","y")',)]


def test_there_are_at_least_sixty() -> None:
    assert len(FAULTS) >= 60
