"""Numbers as a page prints them, held to the answers of the SQL that is folded beneath them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import duckdb
from lxml import html

from analysis_py.figures import exact_limits
from publish_py.rounding import rounded
from publish_py.rules import load_rules

Row = Mapping[str, Any]
_ALPHA = 0.05
_PROCESS_COUNTS = ("totals", "cohort_flow", "match_rates", "validation", "la_ledger")
_NUMBER = re.compile(r"(?<![\w.,])\d[\d,]*(?:\.\d+)?")
#: Where a number of a table stands; not its labels, and not why there is none (`said`).
_PRINTED = (
    ".//td[not(*)]"
    " | .//td//span[contains(@class, 'value')]"
    " | .//td//span[contains(@class, 'interval') and not(contains(@class, 'said'))]"
)
#: What a first paragraph says that is no answer of a query.
_NO_NUMBER = re.compile(r"31 March|children of \d+ to \d+|1 the most deprived")


@dataclass(frozen=True)
class Answer:
    """What a query answers: its rows, and every number in them, those in its texts too."""

    rows: tuple[Row, ...]
    numbers: frozenset[float]

    @classmethod
    def of(cls, connection: duckdb.DuckDBPyConnection, text: str) -> Answer:
        """Run a text of one or more queries as it is printed."""
        found: list[Row] = []
        for one in text.split("\n;\n"):
            answer = connection.execute(one)
            names = [column[0] for column in answer.description or []]
            found += [dict(zip(names, row, strict=True)) for row in answer.fetchall()]
        return cls(tuple(found), frozenset(_all_numbers(found)))


def matches(printed: str, numbers: frozenset[float]) -> bool:
    """Whether a printed number is one of these, at the digits that are printed."""
    value = float(printed.replace(",", ""))
    half = 0.5 * 10.0 ** -len(printed.partition(".")[2])
    return any(abs(abs(one) - value) <= half * (1 + 1e-9) for one in numbers)


def _all_numbers(found: Sequence[Row]) -> Iterator[float]:
    for row in found:
        for value in row.values():
            if isinstance(value, str):
                yield from (float(one.replace(",", "")) for one in _NUMBER.findall(value))
            elif isinstance(value, int | float):
                yield float(value)


def with_rounded(numbers: frozenset[float], base: int) -> frozenset[float]:
    """Return numbers and what the whole ones of them are rounded to."""
    whole = [int(one) for one in numbers if one == int(one)]
    return numbers | frozenset(float(one) for one in rounded(whole, base))


def of_rounded_counts(found: Sequence[Row], base: int, alpha: float) -> frozenset[float]:
    """Return counts rounded to `base`, and the rates and limits of those rounded counts."""
    numbers: set[float] = set()
    for row in found:
        count = int(rounded([int(row["numerator"])], base)[0])
        numbers |= {float(count), float(row["denominator"] or 0)}
        if row["denominator"]:
            limits = exact_limits(count, float(row["denominator"]), alpha)
            numbers |= {1e4 * count / row["denominator"], *map(float, limits)}
    return frozenset(numbers)


def allowed_numbers(slug: str, answer: Answer) -> frozenset[float]:
    """Return what a page may print of an answer: as it is, rounded, or with limits of counts."""
    base = load_rules().england_rounding
    if slug.endswith("_sex"):
        return of_rounded_counts(answer.rows, base, _ALPHA)
    if slug == "deciles" or slug.startswith("areas_"):  # exact limits are worked out from these
        return answer.numbers | of_rounded_counts(answer.rows, 1, _ALPHA)
    if slug in _PROCESS_COUNTS:
        shares = {100 * row["difference_share"] for row in answer.rows
                  if row.get("difference_share") is not None}  # fmt: skip
        return with_rounded(answer.numbers, base) | shares
    return answer.numbers


@dataclass
class Printed:
    """The numbers above one query of a page: in its lead, in tables, in charts as drawn.

    Attributes
    ----------
    slug, query
        Name and text of the query.
    numbers
        As printed.
    """

    slug: str
    query: str
    numbers: list[str] = field(default_factory=list)


def printed(page: str) -> Iterator[Printed]:
    """Return every query of a page in its order, with the numbers that stand above it."""
    pending: list[str] = []
    for element in html.fromstring(page).iter("p", "table", "script", "code"):
        if element.get("class") == "lead":
            pending += in_text(_NO_NUMBER.sub("", element.text_content()))
        elif element.tag == "table" and "wordy" not in element.get("class", ""):
            pending += [n for one in element.xpath(_PRINTED) for n in in_text(one.text_content())]
        elif (element.get("id") or "").startswith("spec-"):
            pending += _drawn(json.loads(element.text))
        elif element.get("data-sql"):
            yield Printed(element.get("data-sql"), element.text_content(), pending)
            pending = []


def in_text(text: str) -> list[str]:
    """Return the numbers of a text."""
    return _NUMBER.findall(text)


def _drawn(spec: Mapping[str, Any]) -> list[str]:
    """Return the numbers of the points of a chart, except those that only draw a line at 1."""
    return [
        f"{value}"
        for one in spec["layer"]
        for point in one.get("data", {}).get("values", ())
        for name, value in point.items()
        if name != "one" and isinstance(value, int | float) and not isinstance(value, bool)
    ]
