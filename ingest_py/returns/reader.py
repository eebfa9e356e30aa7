"""Read one return: a single pass of lxml's parser, children cleared as they are done with.

Memory does not grow with the file: the tree holds a few hundred children, Arrow a few thousand.
Everything in the file is accounted for: the values taken must come to as many characters as the
text of the children, else those children are gone through again for what is odd about them.
"""

from __future__ import annotations

import gc
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import pyarrow as pa
from lxml import etree

from ingest_py.landing_schema import UNKNOWN_ELEMENTS
from ingest_py.returns import structure
from ingest_py.returns.account import Account, IssueCount
from ingest_py.returns.batches import Pending, TableRows, plans, tables_of
from ingest_py.returns.header import Identity, ReturnHeader, identify, parse_header
from ingest_py.returns.lexer import lexer_of
from ingest_py.returns.oddities import Issue, Oddity, scan_sibling, stray_tail
from ingest_py.returns.refusals import code_name, syntax_refusal
from ingest_py.returns.source import CP1252, UTF_8, Limits, ReturnSource
from ingest_py.returns.structure import CHILD, CHILDREN, HEADER, ROOT, Element, Kind
from ingest_py.returns.tree import TreeReader, holds_more
from ingest_py.returns.window import Window

BYTES_AT_ONCE = 524_288  # in the tree; more leave the processor's cache
CHILDREN_A_BATCH = 2_048  # in one record batch
BYTES_A_BATCH = 32_000_000


class Sink(Protocol):
    """Where record batches go."""

    def add(self, table: str, batch: pa.RecordBatch) -> None:
        """Take rows of a landing table."""

    def restart(self) -> None:
        """Forget everything taken: the return is read again in another way."""


@dataclass(frozen=True)
class ReturnContent:
    """What a return held.

    Attributes
    ----------
    header, identity
        What its header says, and whose return it is.
    rows
        Rows by landing table, `returns` apart.
    issues
        What was odd about it, without values.
    notes
        What was taken otherwise than written, in sentences.
    encoding, sha256, n_bytes
        Of the file.
    """

    header: ReturnHeader
    identity: Identity
    rows: dict[str, int]
    issues: tuple[IssueCount, ...]
    notes: tuple[str, ...]
    encoding: str
    sha256: str
    n_bytes: int


@dataclass(frozen=True)
class Attempt:
    """In which way to read a file.

    Attributes
    ----------
    encoding
        Read as this encoding, None for as found.
    keep_blanks
        Keep blanks between elements in the tree: slower, and exact where comments or CDATA
        sections stand next to blanks inside a value.
    notes
        Why.
    """

    encoding: str | None = None
    keep_blanks: bool = False
    notes: tuple[str, ...] = ()


class _Again(Exception):  # noqa: N818 - not an error: a way to start over
    def __init__(self, attempt: Attempt) -> None:
        super().__init__()
        self.attempt = attempt


def read_return(
    path: Path,
    name: str,
    sink: Sink,
    *,
    folder_year: str | None = None,
    sha256: str | None = None,
    limits: Limits | None = None,
) -> ReturnContent:
    """Read one return.

    Parameters
    ----------
    path, name
        The file, and what it is called in landing and in messages.
    sink
        Takes the record batches as they come.
    folder_year
        The census year of the folder the file lies in, None for none.
    sha256
        The file's hash where it is known, None to have it made.
    limits
        What the file may hold at most.

    Raises
    ------
    CinError
        If the file is refused: not well-formed, cut short, not a CIN return, beyond the limits, or
        of another year than its folder. What the sink took is then not to be used.
    """
    attempt = Attempt()
    while True:
        try:
            with ReturnSource(path, name, limits or Limits(), attempt.encoding, sha256) as source:
                return _Reading(source, sink, folder_year, attempt).run()
        except _Again as again:
            attempt = again.attempt
            sink.restart()


class _Reading:
    """One pass over one file."""

    def __init__(
        self, source: ReturnSource, sink: Sink, folder_year: str | None, attempt: Attempt
    ) -> None:
        self._source, self._sink = source, sink
        self._folder_year, self._attempt = folder_year, attempt
        self._child = structure.child()
        self._tree = TreeReader(self._child)
        self._window: Window | None = None
        self._header: ReturnHeader | None = None
        self._year = int(folder_year or 9999)
        self._pending = Pending((), source.name)
        self._of_other_years: list[Element] = []
        self._rows = dict.fromkeys((*tables_of(self._child), UNKNOWN_ELEMENTS.name), 0)
        self._account = Account(source.name)
        self._children: etree._Element | None = None
        self._done_last: etree._Element | None = None
        self._new: list[etree._Element] = []
        self._given_before = self._flushed_at = 0

    def run(self) -> ReturnContent:
        """Read everything.

        Raises
        ------
        CinError
            If the file is refused.
        _Again
            If it is to be read in another way.
        """
        source = self._source
        context = etree.iterparse(
            source, events=("end",), tag=CHILD, encoding=UTF_8, no_network=True, load_dtd=False,
            dtd_validation=False, huge_tree=False, remove_comments=True, remove_pis=True,
            resolve_entities="internal", remove_blank_text=not self._attempt.keep_blanks,
        )  # fmt: skip
        try:
            with _no_collection():
                self._read_children(context)
        except etree.XMLSyntaxError as error:
            raise self._syntax(error) from None
        root = context.root
        if self._header is None:
            self._take_header(root, is_last_chance=True)
        self._finish(root)
        return self._content()

    def _read_children(self, context: Iterable[tuple[str, etree._Element]]) -> None:
        source, new = self._source, self._new
        holder: etree._Element | None = None
        source.before_read = self._flush_if_many
        for _, element in context:
            if element.getparent() is not holder:
                if not _is_child(element):
                    continue
                self._flush(is_final=True)
                holder = self._enter(element)
            source.since_child = 0
            new.append(element)
        self._flush(is_final=True)

    def _enter(self, element: etree._Element) -> etree._Element:
        """Begin with the first child of a `Children`; return the latter."""
        holder = element.getparent()
        assert holder is not None  # noqa: S101 - a child has one
        if self._header is None:
            self._take_header(holder.getparent())
        if self._children is not None and self._window:
            self._window.give_up()  # children in two places
        self._children, self._done_last = holder, None
        if holder.text is not None and holder.text.strip():
            path = f"{ROOT}/{CHILDREN}"
            self._account.note(Oddity(Issue.TEXT, path, holder.sourceline, holder.text, None))
        return holder

    def _take_header(self, root: etree._Element | None, *, is_last_chance: bool = False) -> None:
        found = None if root is None else root.find(HEADER)
        if found is None and not is_last_chance:
            self._plan()  # it may come behind the children
            return
        self._header = parse_header(found, self._source.name)
        self._year = int(identify(self._header, self._folder_year, self._source.name).census_year)
        self._plan()

    def _plan(self) -> None:
        """Plan the tables for the year, as long as nothing has been made by another plan."""
        if not self._pending.n_children:
            self._pending = Pending(plans(self._child, self._year), self._source.name)
            self._of_other_years = _of_other_years(self._child, self._year)
            self._window = Window(lexer_of(self._year))

    def _flush_if_many(self) -> None:
        """Flush between two chunks, when the parser has told of all it was given."""
        if self._source.n_given - self._flushed_at >= BYTES_AT_ONCE:
            self._flush()

    def _flush(self, *, is_final: bool = False) -> None:
        """Turn the children met into rows, account for their text, and clear them.

        Of those before, the last one still stands, empty: its tail was not complete then.
        """
        holder, before, new = self._children, self._done_last, self._new
        if holder is None or not (new or (is_final and before is not None)):
            return
        if self._source.has_markup and not self._attempt.keep_blanks:
            raise _Again(Attempt(self._attempt.encoding, True, self._attempt.notes))
        siblings = new if before is None else [before, *new]
        last = siblings[-1]
        n_up_to = len(holder) if is_final else holder.index(last) + 1
        has_others = n_up_to != len(siblings)
        if has_others:
            siblings = holder[:n_up_to]
        n_before = self._rows["children"] + self._pending.n_children
        if self._take(siblings, is_final=is_final) or has_others:
            self._scan(siblings, n_before, is_final=is_final)
        if is_final:
            del holder[:]
        else:
            del holder[: n_up_to - 1]
            last.clear(keep_tail=True)
            self._done_last = last
        new.clear()
        self._flushed_at = self._source.n_given
        n_bytes = self._source.n_given - self._given_before
        if self._pending.n_children >= CHILDREN_A_BATCH or n_bytes >= BYTES_A_BATCH:
            self._emit()

    def _take(self, siblings: Sequence[etree._Element], *, is_final: bool) -> bool:
        """Read the new children, from their bytes or their tree; say if anything odd is left."""
        new = self._new
        made = self._window.read(self._source, len(new)) if self._window and new else None
        if made is not None:
            is_odd = is_final and any(stray_tail(siblings[-1]))
        else:
            made, has_left = self._tree.read(new, self._pending.plans)
            is_odd = has_left or holds_more(
                siblings,
                made,
                with_attributes=self._source.has_equals,
                with_last_tail=is_final,
            )
        self._count_by_year(made)
        self._pending.add(made)
        return is_odd

    def _scan(self, siblings: Sequence[etree._Element], n_before: int, *, is_final: bool) -> None:
        """Go through elements again for what the readers left."""
        child_no = n_before
        for element in siblings:
            is_new = element.tag == CHILD and element is not self._done_last
            child_no += is_new
            for oddity in scan_sibling(
                element, self._child, self._year, child_no if is_new else None
            ):
                self._account.note(oddity)
            if element is not siblings[-1] or is_final:
                for oddity in stray_tail(element):
                    self._account.note(oddity)

    def _count_by_year(self, made: dict[str, TableRows]) -> None:
        """Count elements that the message of this year does not have; they are read all the same.

        A row of such a table counts, and a value of a table that the year has.
        """
        if self._header is None:
            return
        for element in self._of_other_years:
            rows = made[element.table]
            lines = rows.lines
            if len(lines) and element.kind is Kind.VALUE:
                (plan,) = (p for p in self._pending.plans if p.table == element.table)
                lines = lines[rows.is_filled(plan, element.name)]
            if len(lines):
                path, line = element.path, int(lines[0])
                self._account.count(Issue.YEAR, path, line, len(lines))

    def _emit(self) -> None:
        """Hand over what is pending."""
        batches = self._pending.build(self._rows["children"])
        unknown = self._account.take(self._rows[UNKNOWN_ELEMENTS.name])
        if unknown is not None:
            batches[UNKNOWN_ELEMENTS.name] = unknown
        for table, batch in batches.items():
            self._rows[table] += batch.num_rows
            self._sink.add(table, batch)
        self._given_before = self._source.n_given

    def _finish(self, root: etree._Element) -> None:
        """Note what stands beside header and children, then hand over the rest."""
        for part in root:
            if part.tag == CHILDREN:
                for element in part:  # of a `Children` that holds no child
                    for oddity in scan_sibling(element, self._child, self._year, None):
                        self._account.note(oddity)
            elif part.tag != HEADER:
                raw = str(etree.tostring(part, encoding="unicode", with_tail=False))
                path = f"{ROOT}/{part.tag}"[:200]
                self._account.note(Oddity(Issue.UNKNOWN, path, part.sourceline, raw, None))
        self._emit()

    def _content(self) -> ReturnContent:
        source = self._source
        header = self._header or ReturnHeader()
        identity = identify(header, self._folder_year, source.name)
        sha256 = source.sha256()
        return ReturnContent(
            header=header,
            identity=identity,
            rows=self._rows,
            issues=self._account.issues(),
            notes=(*self._attempt.notes, *source.notes, *identity.notes),
            encoding=source.encoding,
            sha256=sha256,
            n_bytes=source.n_bytes,
        )

    def _syntax(self, error: etree.XMLSyntaxError) -> Exception:
        """Return the refusal, or the wish to read the file again as CP1252."""
        is_bad_text = code_name(error) == "ERR_INVALID_ENCODING"
        if is_bad_text and self._source.encoding == UTF_8 and self._attempt.encoding is None:
            note = "holds bytes that are not UTF-8: read as Windows-1252 (CP1252)"
            return _Again(Attempt(CP1252, self._attempt.keep_blanks, (note,)))
        return syntax_refusal(error, self._source.name, is_cut=self._source.is_cut)


@contextmanager
def _no_collection() -> Iterator[None]:
    """Keep Python from looking for reference cycles: reading makes millions of objects and none."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def _of_other_years(element: Element, census_year: int) -> list[Element]:
    """Return rows, and values of rows that are in the year, which the year does not have."""
    found = []
    for member in element.members:
        if member.is_in(census_year):
            found += _of_other_years(member, census_year)
        elif member.kind in (Kind.ROW, Kind.ITEM, Kind.VALUE):
            found.append(member)
    return found


def _is_child(element: etree._Element) -> bool:
    """Whether an element is `Message/Children/Child`, not one of that name elsewhere."""
    holder = element.getparent()
    if holder is None or holder.tag != CHILDREN:
        return False
    root = holder.getparent()
    return root is not None and root.tag == ROOT and root.getparent() is None
