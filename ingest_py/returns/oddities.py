"""What a return holds beyond the census structure: found, told, and kept as it stood.

The reader takes what the structure knows, and counts characters; only where the count differs from
the file's, or something else was noticed, are those children gone through again here. Every odd
part becomes a row of `unknown_elements` with its path and its XML as written, and counts in the
report, which holds no value of a child.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from lxml import etree

from ingest_py.returns.structure import CHILD, CHILDREN, ROOT, Element, Kind

_PATH_LENGTH = 200


class Issue(StrEnum):
    """How a part of a return can be odd."""

    UNKNOWN = "unknown element"
    REPEATED = "repeated element"
    NESTED = "element inside a value"
    TEXT = "text between elements"
    ATTRIBUTE = "attribute"
    YEAR = "element of other census years"


@dataclass(frozen=True)
class Oddity:
    """One odd part.

    Attributes
    ----------
    issue, path, line
        What, the element's path (for text and attributes, of the element that holds them), where.
    raw_xml
        The part as it stood; child-level.
    child_no
        The child, None outside any.
    """

    issue: Issue
    path: str
    line: int
    raw_xml: str
    child_no: int | None


def scan_sibling(
    element: etree._Element, child: Element, census_year: int, child_no: int | None
) -> Iterator[Oddity]:
    """Yield what is odd about an element directly below `Children`.

    Parameters
    ----------
    element
        A `Child` or what stands beside one.
    child
        The structure of a child.
    census_year
        Settles which of two elements for one column the reader took.
    child_no
        The child's number; None for another element, or a child already done with.
    """
    holder = f"{ROOT}/{CHILDREN}"
    if element.tag != CHILD:
        path = f"{holder}/{element.tag}"[:_PATH_LENGTH]
        yield Oddity(Issue.UNKNOWN, path, element.sourceline, _raw(element), None)
    elif child_no is not None:
        for issue, path, part, raw in _Scan(census_year).row(element, child):
            yield Oddity(issue, path[:_PATH_LENGTH], part.sourceline, raw, child_no)


def stray_tail(element: etree._Element) -> Iterator[Oddity]:
    """Yield the text behind an element below `Children`, if it is not blank."""
    if _has_text(element.tail):
        path = f"{ROOT}/{CHILDREN}"
        yield Oddity(Issue.TEXT, path, element.sourceline, element.tail, None)


Found = tuple[Issue, str, etree._Element, str]


class _Scan:
    """One walk through a child."""

    def __init__(self, census_year: int) -> None:
        self._year = census_year

    def row(self, element: etree._Element, spec: Element) -> Iterator[Found]:
        """Yield what is odd in a row, its groups included, and in the rows below it."""
        taken: dict[str, list[tuple[Element, etree._Element]]] = {}
        yield from self._holder(element, spec, taken)
        for candidates in taken.values():
            if len(candidates) > 1:
                kept = self._kept(candidates)
                for member, part in candidates:
                    if part is not kept:
                        yield Issue.REPEATED, member.path, part, _raw(part)

    def _holder(
        self,
        element: etree._Element,
        spec: Element,
        taken: dict[str, list[tuple[Element, etree._Element]]],
    ) -> Iterator[Found]:
        yield from _attributes(element, spec.path)
        if _has_text(element.text):
            yield Issue.TEXT, spec.path, element, element.text
        for part in element:
            member = spec.member(part.tag)
            if member is None:
                yield Issue.UNKNOWN, f"{spec.path}/{part.tag}", part, _raw(part)
            elif member.kind is Kind.ROW:
                yield from self.row(part, member)
            elif member.kind is Kind.GROUP:
                yield from self._holder(part, member, taken)
            elif member.kind is not Kind.SKIPPED:
                if member.kind is Kind.VALUE:
                    taken.setdefault(member.column, []).append((member, part))
                yield from _attributes(part, member.path)
                for inner in part:
                    yield Issue.NESTED, f"{member.path}/{inner.tag}", inner, _raw(inner, tail=True)
            if _has_text(part.tail):
                yield Issue.TEXT, spec.path, part, part.tail

    def _kept(self, candidates: list[tuple[Element, etree._Element]]) -> etree._Element:
        """Return the element the reader took: the last of a name; by year among names."""
        last = {member.name: (member, part) for member, part in candidates}
        ranked = sorted(last.values(), key=lambda pair: not pair[0].is_in(self._year))
        filled = [part for _, part in ranked if part.text is not None]
        return filled[0] if filled else ranked[0][1]


def _attributes(element: etree._Element, path: str) -> Iterator[Found]:
    if element.attrib:
        raw = " ".join(f'{name}="{value}"' for name, value in element.attrib.items())
        yield Issue.ATTRIBUTE, path, element, raw


def _raw(element: etree._Element, *, tail: bool = False) -> str:
    return str(etree.tostring(element, encoding="unicode", with_tail=tail))


def _has_text(text: str | None) -> bool:
    return text is not None and bool(text.strip(" \t\r\n"))
