"""Children read from lxml's tree: the way that knows every case."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from lxml import etree

from ingest_py.returns.batches import Plan, TableRows, from_rows, marks_of, n_marks
from ingest_py.returns.rows import Flags, Rows, compile_reader
from ingest_py.returns.structure import Element, Kind

_has_attributes = etree.XPath("boolean(.//@*)")


class TreeReader:
    """Reads children and tells whether anything of them was left.

    Parameters
    ----------
    child
        The structure of a child.
    """

    def __init__(self, child: Element) -> None:
        made = [e for e in child.walk() if e.kind in (Kind.ROW, Kind.ITEM)]
        self._tables = {element.table: Rows() for element in made}
        self._flags = Flags()
        self._read = compile_reader(child, self._tables, self._flags)

    def read(
        self, elements: Iterable[etree._Element], plans: Sequence[Plan]
    ) -> tuple[dict[str, TableRows], bool]:
        """Read children.

        Returns
        -------
        rows
            Rows by table, of all tables.
        has_left
            Whether an element was met that the structure does not have, or two for one column.
        """
        for element in elements:
            self._read(element, {}, 0)
        made = {plan.table: from_rows(self._tables[plan.table], plan) for plan in plans}
        has_left = self._flags.unknown or any(
            len(made[plan.table].values) and made[plan.table].has_rivals(plan) for plan in plans
        )
        n_records = {plan.table: plan.names for plan in plans if plan.names}
        for table, names in n_records.items():
            has_left |= any(len(record) != len(names) for record in self._tables[table].records)
        for rows in self._tables.values():
            rows.clear()
        self._flags.unknown = False
        return made, has_left


def holds_more(
    elements: Sequence[etree._Element],
    made: dict[str, TableRows],
    *,
    with_attributes: bool,
    with_last_tail: bool,
) -> bool:
    """Whether elements hold text or attributes beyond the values read from them.

    Parameters
    ----------
    elements
        The elements, the texts between them included.
    made
        What was read.
    with_attributes
        Whether there may be attributes at all.
    with_last_tail
        Whether the text behind the last one is complete.
    """
    if with_attributes and any(map(_has_attributes, elements)):
        return True
    write, end = etree.tostring, len(elements) - 1
    texts = [write(part, encoding="utf-8", method="text") for part in elements[:end]]
    texts.append(write(elements[end], encoding="utf-8", method="text", with_tail=with_last_tail))
    return n_marks(b"".join(texts)) != sum(marks_of(rows.values) for rows in made.values())
