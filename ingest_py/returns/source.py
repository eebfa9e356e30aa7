"""A return as a stream of UTF-8 bytes: its encoding, its hash, and limits on what it may hold.

The parser is never given anything but UTF-8 without a document type: encodings are settled, and a
document type refused, here, on the bytes that the parser is about to see. What lxml 6.1 with
`huge_tree=False` bounds was measured: depth (256 elements), text (10 MB), names (50,000 bytes). It
does not bound the memory of one attribute or comment, nor the number of elements. So the bytes
from the end of one child to the end of the next are bounded here, which bounds everything inside.
"""

from __future__ import annotations

import codecs
import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import BinaryIO

from common_py.errors import CinError
from ingest_py.returns.refusals import at, refuse
from ingest_py.returns.structure import ROOT

UTF_8, CP1252 = "utf-8", "cp1252"
_CHUNK = 65_536
_END = f"</{ROOT}>".encode()
_TAIL = 256
_ALLOWED = {
    "utf-8": UTF_8, "utf8": UTF_8, "us-ascii": UTF_8, "ascii": UTF_8,
    "windows-1252": CP1252, "cp1252": CP1252, "iso-8859-1": CP1252, "iso_8859-1": CP1252,
    "latin1": CP1252, "latin-1": CP1252, "iso-8859-15": "iso8859-15",
    "utf-16": UTF_8, "utf-16le": UTF_8, "utf-16be": UTF_8, "ucs-2": UTF_8, "unicode": UTF_8,
}  # fmt: skip
_MARKS = (
    (b"\xef\xbb\xbf", UTF_8),
    (codecs.BOM_UTF32_LE, None),
    (codecs.BOM_UTF32_BE, None),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_DECLARED = re.compile(rb"""\s*<\?xml[^>]*?\sencoding\s*=\s*["']([^"']{1,40})["']""")
_SKIP = re.compile(rb"(?:\s+|<\?.*?\?>|<!--.*?-->)*", re.DOTALL)
_ROOT = re.compile(rb"""<([^\s<>/]+)((?:[^<>"']|"[^"]*"|'[^']*')*)>""")
_PLAIN_NAME = re.compile(rb"[A-Za-z_][A-Za-z0-9_.:-]{0,39}")
_NOT_A_RETURN = "keep only CIN census returns (XML, root element Message) in the returns folder"


@dataclass(frozen=True)
class Limits:
    """What a return may hold at most.

    Attributes
    ----------
    record_bytes
        From the end of one child to the end of the next, in bytes: several hundred times the
        longest plausible record.
    prolog_bytes
        Before the root element.
    """

    record_bytes: int = 2_000_000
    prolog_bytes: int = 65_536


class ReturnSource:
    """What the parser reads from: call `read`, set `since_child` to 0 at every child.

    Attributes
    ----------
    encoding
        What the file is read as.
    notes
        What was taken otherwise than declared.
    before_read
        Called before more is handed out: the parser has then told of all it was given.
    chunks
        What was handed out since this was last emptied.
    since_child
        Bytes handed out since it was last set to 0.
    n_given
        Bytes handed out.
    has_equals
        Whether a `=` was seen behind the root tag: there may be attributes.
    has_markup
        Whether a `<!` was seen behind the root tag: comments or CDATA sections.
    """

    def __init__(
        self,
        path: Path,
        name: str,
        limits: Limits,
        force_encoding: str | None = None,
        sha256: str | None = None,
    ) -> None:
        self._path, self.name, self.limits = path, name, limits
        self.notes: list[str] = []
        self.before_read: Callable[[], None] = _nothing
        self.chunks: list[bytes] = []
        self.since_child = self.n_bytes = 0
        self.has_equals = self.has_markup = False
        self._tail = b""
        self._is_at_end = False
        self._known_hash, self._hash = sha256, hashlib.sha256()
        self.n_given = 0
        self._file: BinaryIO = path.open("rb", buffering=0)
        try:
            start = self._raw()
            self.declared = _declared(start)
            self.encoding, n_mark = self._encoding(start, force_encoding)
            decoder = codecs.getincrementaldecoder(self.encoding)
            self._decoder = None if self.encoding == UTF_8 else decoder("strict")
            self._held = self._recoded(start[n_mark:])
            self._root_end = self._check_prolog()
        except BaseException:
            self._file.close()
            raise

    def __enter__(self) -> ReturnSource:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._file.close()

    def read(self, size: int = -1) -> bytes:  # noqa: ARG002 - what lxml calls
        """Return the next bytes, none at the end; how many is not for the caller to say.

        Raises
        ------
        CinError
            If a limit is passed or a byte is not of the encoding.
        """
        self.before_read()
        if self._held:
            chunk, self._held = self._held, b""
            behind = self._root_end
        else:
            chunk, behind = self._next(), 0
        self.chunks.append(chunk)
        n = len(chunk)
        self.n_given += n
        self.since_child += n
        if self.since_child > self.limits.record_bytes:
            raise self._too_long()
        if not self.has_equals:
            self.has_equals = chunk.find(b"=", behind) >= 0
        if not self.has_markup:
            self.has_markup = b"!" in chunk and chunk.find(b"<!", behind) >= 0
        if chunk:
            self._tail = (self._tail + chunk[-_TAIL:])[-_TAIL:]
        else:
            self._is_at_end = True
        return chunk

    @property
    def is_cut(self) -> bool:
        """Whether everything has been handed out, and did not end with the root's end tag."""
        return self._is_at_end and not self._tail.rstrip().endswith(_END)

    def sha256(self) -> str:
        """Return the hash of the file, reading what was not read."""
        if self._known_hash is not None:
            return self._known_hash
        while self._raw():
            pass
        return self._hash.hexdigest()

    def _raw(self) -> bytes:
        raw = self._file.read(_CHUNK)
        if self._known_hash is None:
            self._hash.update(raw)
        self.n_bytes += len(raw)
        return raw

    def _next(self) -> bytes:
        raw = self._raw()
        chunk = self._recoded(raw)
        while raw and not chunk:  # half a character
            raw = self._raw()
            chunk = self._recoded(raw)
        return chunk

    def _recoded(self, raw: bytes) -> bytes:
        if self._decoder is None:
            return raw
        try:
            return self._decoder.decode(raw, final=not raw).encode(UTF_8)
        except UnicodeError as error:
            raise refuse(
                f"there are bytes that are not {self.encoding.upper()}",
                self.name,
                f"byte {self.n_bytes - len(raw) + getattr(error, 'start', 0) + 1} or near",
                "save the file as UTF-8, or export it again",
            ) from None

    def _encoding(self, start: bytes, force: str | None) -> tuple[str, int]:
        """Settle the encoding; return it and how many bytes of byte order mark to pass over."""
        for mark, encoding in _MARKS:
            if start.startswith(mark):
                if encoding is None:
                    raise self._unreadable("UTF-32")
                return (force or encoding) if encoding == UTF_8 else encoding, len(mark)
        if start[:2] in (b"<\x00", b"\x00<"):
            return ("utf-16-le" if start[:1] == b"<" else "utf-16-be"), 0
        if force:
            return force, 0
        if self.declared is None:
            return UTF_8, 0
        taken = _ALLOWED.get(self.declared)
        if taken is None:
            raise self._unreadable("one that returns do not come in")
        if taken == UTF_8 and self.declared not in ("utf-8", "utf8", "us-ascii", "ascii"):
            self.notes.append("declares UTF-16 and is not: read as UTF-8")
        return taken, 0

    def _unreadable(self, encoding: str) -> CinError:
        return refuse(f"its encoding is {encoding}", self.name, at(1, 1), "save the file as UTF-8")

    def _check_prolog(self) -> int:
        """Look at everything before the root element; return where the root's start tag ends."""
        while len(self._held) < self.limits.prolog_bytes and (more := self._next()):
            self._held += more
        text = self._held[: self.limits.prolog_bytes]
        skipped = _SKIP.match(text)
        start = skipped.end() if skipped else 0
        here = _place(text, start)
        rest = text[start:]
        if not rest.strip():
            is_all = len(text) < self.limits.prolog_bytes
            problem = "the file holds no XML" if is_all else "no XML element near the beginning"
            raise refuse(problem, self.name, here, _NOT_A_RETURN)
        if rest.startswith((b"<!--", b"<?")):
            problem = (
                "a comment or instruction before the root element does not end, or is too long"
            )
            raise refuse(problem, self.name, here, _NOT_A_RETURN)
        if rest.startswith(b"<!"):
            raise refuse(
                "it has a document type declaration (`<!`)",
                self.name, here, "export the return without a document type",
            )  # fmt: skip
        root = _ROOT.match(rest)
        if root is None:
            problem = "it does not begin with an XML element, or its start tag is not complete"
            raise refuse(problem, self.name, here, _NOT_A_RETURN)
        self._check_root(root, here)
        return start + root.end()

    def _check_root(self, root: re.Match[bytes], here: str) -> None:
        name, attributes = root.groups()
        if name != ROOT.encode():
            shown = f" ({name.decode()})" if _PLAIN_NAME.fullmatch(name) else ""
            raise refuse(
                f"not a CIN return: the root element is not {ROOT}{shown}",
                self.name, here, _NOT_A_RETURN,
            )  # fmt: skip
        if re.search(rb"\sxmlns\s*=", attributes):
            raise refuse(
                "not a CIN return: its elements are in a namespace",
                self.name, here, "export the return in the census layout, without a namespace",
            )  # fmt: skip

    def _too_long(self) -> CinError:
        line, column = self._position()
        limit = self.limits.record_bytes
        return refuse(
            f"more than {limit:,} bytes without the end of a child: no child's record is that long",
            self.name,
            f"before {at(line, column)}",
        )

    def _position(self) -> tuple[int, int]:
        """Return line and column of the last byte handed out, by reading the file again."""
        line, column, left = 1, 1, self.n_given
        forced = None if self.encoding == UTF_8 else self.encoding
        limits = Limits(record_bytes=self.n_given + 1, prolog_bytes=self.limits.prolog_bytes)
        with ReturnSource(self._path, self.name, limits, forced, sha256="") as again:
            while left > 0 and (chunk := again.read()[:left]):
                left -= len(chunk)
                breaks = chunk.count(b"\n")
                line += breaks
                column = len(chunk) - chunk.rfind(b"\n") if breaks else column + len(chunk)
        return line, column


def _nothing() -> None:
    """Do nothing before more is read."""


def _declared(start: bytes) -> str | None:
    found = _DECLARED.match(start.removeprefix(b"\xef\xbb\xbf")[:400])
    return found.group(1).decode("ascii", "replace").lower() if found else None


def _place(text: bytes, offset: int) -> str:
    before = text[:offset]
    return at(before.count(b"\n") + 1, offset - (before.rfind(b"\n") + 1) + 1)
