"""The search for canaries finds one wherever it hides: else finding nothing would prove nothing."""

from __future__ import annotations

import datetime as dt
import gzip
import hashlib
import io
from pathlib import Path

import duckdb
import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.python.canaries import DAYS, Canary, Leak, Search, text_of

NAME = Canary("upn", text_of("upn"))
DAY = Canary("birth_date", dt.date(2008, 2, 29))
SEARCH = Search([NAME, DAY])


def zipped(value: str) -> bytes:
    book = openpyxl.Workbook()
    book.worksheets[0].append([value])
    made = io.BytesIO()
    book.save(made)
    return made.getvalue()


def parquet(values: list[object]) -> bytes:
    made = io.BytesIO()
    pq.write_table(pa.table({"a": values}), made, compression="zstd")
    return made.getvalue()


@pytest.mark.parametrize(
    "content",
    [
        b"x" + str(NAME.value).encode() + b"x",
        str(NAME.value).lower().encode(),
        zipped(str(NAME.value)),
        gzip.compress(zipped(str(NAME.value))),
        parquet([str(NAME.value)]),
        hashlib.sha256(str(NAME.value).encode()).hexdigest().encode(),
    ],
    ids=["text", "lower case", "workbook", "workbook in gzip", "parquet", "hash without key"],
)
def test_an_identifier_is_found(content: bytes) -> None:
    assert "upn" in {leak.field for leak in SEARCH.content(content, "a")}


@pytest.mark.parametrize(
    "content",
    [
        b"born 2008-02-29.", b"29/02/2008", b"29 February 2008", b'{"x":1204243200000}',
        parquet([dt.date(2008, 2, 29)]), parquet([dt.datetime(2008, 2, 29)]),
    ],
    ids=["ISO", "British", "in words", "milliseconds", "date column", "timestamp column"],
)  # fmt: skip
def test_a_day_is_found(content: bytes) -> None:
    assert {leak.field for leak in SEARCH.content(content, "a")} == {"birth_date"}


@pytest.mark.parametrize("one", [NAME, DAY], ids=["name", "day"])
def test_every_form_is_found_wherever_it_stands(one: Canary) -> None:
    for form in one.forms():
        text = form.upper().encode()
        for content in (text, b"2008 " + text, text + b" 2008", b"x" * 99 + text + b"x" * 99):
            assert {leak.field for leak in SEARCH.content(content, "a")} == {one.field}, form


def test_what_is_the_same_is_a_leak_in_each_of_its_places() -> None:
    made = zipped(str(NAME.value))
    for place in ("a", "b"):
        found = {leak.place for leak in SEARCH.content(made, place)}
        assert found
        assert all(one.startswith(f"{place}!xl/") for one in found)


def test_nothing_is_found_where_nothing_is() -> None:
    assert SEARCH.content(zipped("QZX") + b"2008-02-28 born", "a") == set()


def test_names_of_files_and_what_is_set_apart(tmp_path: Path) -> None:
    (tmp_path / "landing").mkdir()
    (tmp_path / "landing" / "a").write_text(str(NAME.value))
    assert SEARCH.files(tmp_path, apart=[tmp_path / "landing"]) == set()
    assert SEARCH.files(tmp_path) == {Leak("upn", "landing/a")}
    (tmp_path / f"page_{NAME.value}.html").touch()
    assert len(SEARCH.files(tmp_path, apart=[tmp_path / "landing"])) == 1


@pytest.mark.parametrize(
    ("schema", "table", "leaks"),
    [
        ("landing", "children", set()),
        ("restricted", "issues", set()),
        ("staging", "stg_a", {"upn"}),
        ("core", "fct_referrals", {"upn"}),
        ("core", "dim_la", {"upn", "birth_date"}),
        ("rates", "fct_rates_la", {"upn", "birth_date"}),
        ("quality", "rpt_a", {"upn", "birth_date"}),
        ("estimates", "cells", {"upn", "birth_date"}),
        ("published", "rates_la", {"upn", "birth_date"}),
    ],
)
def test_a_warehouse_is_searched_by_what_its_schemas_may_hold(
    tmp_path: Path, schema: str, table: str, leaks: set[str]
) -> None:
    place = tmp_path / "warehouse.duckdb"
    with duckdb.connect(str(place)) as connection:
        connection.execute(f"create schema {schema}")
        columns = f"'{NAME.value}' as a, date '2008-02-29' as b"
        connection.execute(f'create table "{schema}"."{table}" as select {columns}')
    found = SEARCH.files(tmp_path)
    assert {leak.field for leak in found} == leaks
    assert all(f"{schema}.{table}" in leak.place for leak in found)


def test_every_canary_is_like_no_other() -> None:
    assert len(set(DAYS.values())) == len(DAYS)
    assert all(text_of(a) != text_of(b) for a, b in [("x", "y"), ("children.upn", "childrenupn")])
