"""Canaries: unmistakable values in every field that can identify a child, and a search for them.

`tests.python.canary_world` plants them; `Search` looks for all of them, in any form that they could
take, in files of any kind and in the tables of a warehouse. SYNTHETIC.
"""

from __future__ import annotations

import datetime as dt
import gzip
import hashlib
import io
import re
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

_HASH = re.compile(rb"[0-9a-f]{64}|[0-9a-f]{32}")
# Bytes of which each says whether it was a digit of a hash, and those long enough to be one.
_IS_HEX = bytes(ord("h" if chr(byte) in "0123456789abcdef" else " ") for byte in range(256))
_RUN = re.compile(b"h" * 32 + b"h*")
_MARK = b"qzx"  # in the canary of every field of text, in lower case

LEFT_TO_ANALYSTS = ("staging", "intermediate", "restricted")
"""Schemas that hold rows about children, with their dates."""
RAW = ("landing", "restricted")
"""Schemas that may hold an identifier as it was sent."""


@dataclass(frozen=True)
class Canary:
    """A value that nothing else has.

    Attributes
    ----------
    field
        Where it was planted.
    value
        The text, or for a date the day.
    """

    field: str
    value: str | dt.date

    def forms(self) -> Iterator[str]:
        """Every way it may be written: as it is, as people and programs write a day, hashed."""
        if isinstance(self.value, dt.date):
            day = self.value
            instant = dt.datetime(day.year, day.month, day.day, tzinfo=dt.UTC)
            yield from (f"{day:%Y-%m-%d}", f"{day:%Y/%m/%d}", f"{day:%d/%m/%Y}", f"{day:%d.%m.%Y}")
            yield from (f"{day:%d-%m-%Y}", f"{day:%m/%d/%Y}", f"{day:%Y%m%d}")
            yield from (f"{day.day} {day:%B %Y}", f"{day.day} {day:%b %Y}", f"{day:%B} {day.day}, ")
            yield str(int(instant.timestamp()) * 1000)  # as scripts count it
            return
        yield self.value
        for spelled in {self.value, self.value.upper(), self.value.lower()}:
            yield hashlib.sha256(spelled.encode()).hexdigest()
            yield hashlib.md5(spelled.encode()).hexdigest()  # noqa: S324 - a name without its key


@dataclass(frozen=True)
class Leak:
    """A canary where it must not be."""

    field: str
    place: str


class Search:
    """Looks for canaries.

    Parameters
    ----------
    canaries
        What to look for.
    """

    def __init__(self, canaries: Iterable[Canary]) -> None:
        wanted = list(canaries)
        self._fields = {form.lower().encode(): c.field for c in wanted for form in c.forms()}
        self._hashes = {form for form in self._fields if _HASH.fullmatch(form)}
        words = self._fields.keys() - self._hashes
        self._marked = {word for word in words if _MARK in word}
        years = {b"%d" % c.value.year for c in wanted if isinstance(c.value, dt.date)}
        self._year = re.compile(b"|".join(sorted(years)) or b"(?!)")
        self._dated = {word for word in words - self._marked if self._year.search(word)}
        self._reach = 4 + max((len(word) for word in self._dated), default=0)
        self._unmarked = words - self._marked - self._dated
        self._known: dict[bytes, set[Leak]] = {}

    def content(self, content: bytes, place: str) -> set[Leak]:
        """Search bytes, and what they unpack to; the same ones again are known."""
        key = hashlib.sha256(content).digest()
        if key not in self._known:
            self._known[key] = self._content(content)
        return {Leak(leak.field, place + leak.place) for leak in self._known[key]}

    def _content(self, content: bytes) -> set[Leak]:
        """Search bytes as they are and unpacked; the place of a leak is that inside of them."""
        found = self._bytes(content, "")
        if content[:4] == b"PK\3\4":
            with zipfile.ZipFile(io.BytesIO(content)) as archive:
                for name in archive.namelist():
                    found |= self.content(archive.read(name), f"!{name}")
        elif content[:2] == b"\x1f\x8b":
            found |= self.content(gzip.decompress(content), "!")
        elif content[:4] == b"PAR1":
            found |= self.content(_as_text(pq.ParquetFile(io.BytesIO(content)).read()), "!")
        return found

    def _bytes(self, content: bytes, place: str) -> set[Leak]:
        lowered = content.lower()
        words = self._unmarked | (self._marked if _MARK in lowered else set())
        hits = {word for word in words if word in lowered}
        near = self._near_years(lowered)
        hits |= {word for word in self._dated if word in near}
        for run in _RUN.finditer(lowered.translate(_IS_HEX)):
            hits |= self._hashes.intersection(_HASH.findall(lowered[run.start() : run.end()]))
        return {Leak(self._fields[hit], place) for hit in hits}

    def _near_years(self, lowered: bytes) -> bytes:
        """Return what stands around the years of days: a day with its year is nowhere else."""
        found = (match.start() for match in self._year.finditer(lowered))
        return b"\n".join(lowered[max(0, at - self._reach) : at + self._reach] for at in found)

    def files(self, folder: Path, *, apart: Iterable[Path] = ()) -> set[Leak]:
        """Search every file below a folder, names included; databases by SQL; some are apart."""
        left_out = tuple(apart)
        found: set[Leak] = set()
        for path in sorted(folder.rglob("*")):
            place = path.relative_to(folder).as_posix()
            if any(path.is_relative_to(one) for one in left_out):
                continue
            found |= self._bytes(place.encode(), f"the name {place}")
            if path.suffix == ".duckdb":
                found |= self.warehouse(path, place)
            elif path.is_file():
                found |= self.content(path.read_bytes(), place)
        return found

    def warehouse(self, path: Path, place: str) -> set[Leak]:
        """Search the tables of a database.

        Identifiers may be in `RAW` alone; days also in `LEFT_TO_ANALYSTS` and core's facts.
        """
        found: set[Leak] = set()
        with duckdb.connect(str(path), read_only=True) as connection:
            tables = connection.execute(
                "select table_schema, table_name from information_schema.tables order by all"
            ).fetchall()
            for schema, name in tables:
                if schema in RAW:
                    continue
                rows = connection.sql(f'from "{schema}"."{name}"').to_arrow_table()
                leaks = self.content(_as_text(rows), f"{place}: {schema}.{name}")
                with_days = schema in LEFT_TO_ANALYSTS or name.startswith("fct_")
                with_days &= schema != "rates"
                found |= {leak for leak in leaks if not (with_days and is_day(leak.field))}
        return found


def is_day(field: str) -> bool:
    """Whether a field holds a day that typing accepts."""
    return field.endswith("_date")


def _as_text(table: pa.Table) -> bytes:
    """Return every value of a table as a line of text."""
    lines: list[str] = []
    for name in table.column_names:
        values = table.column(name).unique().to_pylist()
        lines += [name, *(str(value) for value in values if value is not None)]
    return "\n".join(lines).encode()


DAYS: Mapping[tuple[str, str], dt.date] = {
    ("children", "birth_date"): dt.date(2008, 2, 29),
    ("children", "expected_birth_date"): dt.date(2019, 5, 19),
    ("children", "death_date"): dt.date(2018, 12, 9),
    ("referrals", "referral_date"): dt.date(2018, 5, 17),
    ("referrals", "closure_date"): dt.date(2019, 1, 23),
    ("referrals", "initial_cpc_date"): dt.date(2018, 5, 29),
    ("assessments", "start_date"): dt.date(2018, 5, 18),
    ("assessments", "internal_review_date"): dt.date(2018, 5, 30),
    ("assessments", "authorisation_date"): dt.date(2018, 6, 19),
    ("cin_plans", "start_date"): dt.date(2018, 6, 20),
    ("cin_plans", "end_date"): dt.date(2018, 9, 21),
    ("section47", "start_date"): dt.date(2018, 7, 3),
    ("section47", "initial_cpc_target_date"): dt.date(2018, 7, 24),
    ("section47", "initial_cpc_date"): dt.date(2018, 7, 19),
    ("child_protection_plans", "start_date"): dt.date(2018, 7, 20),
    ("child_protection_plans", "end_date"): dt.date(2018, 11, 27),
    ("cpp_reviews", "review_date"): dt.date(2018, 10, 16),
}
"""A day for each date of the census, met nowhere else in a project of this kind."""


def text_of(field: str) -> str:
    """Return the canary of a field of text: short, of letters and digits, like no word."""
    letters = re.sub("[^A-Z]", "", field.upper())[:14]
    digest = int(hashlib.sha256(field.encode()).hexdigest(), 16) % 10_000
    return f"{_MARK.decode().upper()}{letters}{digest:04d}"
