"""The bytes of the children the parser has just told of, cut out of what it was given."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from ingest_py.returns.batches import TableRows
from ingest_py.returns.lexer import Lexer
from ingest_py.returns.source import ReturnSource
from ingest_py.returns.structure import CHILD, CHILDREN
from ingest_py.returns.tag_names import LONGEST

_FIRST = f"<{CHILDREN}>".encode()
_BEGIN, _END = f"<{CHILD}>".encode(), f"</{CHILD}>".encode()
_BREAK = ord("\n")
_PADDING = bytes(LONGEST)


class Window:
    """Hands stretches of whole children to the lexer, as long as the file is plain enough.

    Parameters
    ----------
    lexer
        What reads them.
    """

    def __init__(self, lexer: Lexer) -> None:
        self._lexer = lexer
        self._is_first = True
        self._is_plain = True
        self._line = 1
        self._carry = b""

    def give_up(self) -> None:
        """Leave the rest of the file to the tree."""
        self._is_plain = False

    def read(self, source: ReturnSource, n_children: int) -> dict[str, TableRows] | None:
        """Read the children that were completed since the last call.

        Parameters
        ----------
        source
            The file; the bytes of these children are taken out of its window.
        n_children
            How many the parser told of.

        Returns
        -------
        dict or None
            Rows by table; None if they are to be read from the tree.
        """
        if not self._is_plain:
            source.chunks.clear()
            return None
        window = b"".join((self._carry, *source.chunks, _PADDING))
        source.chunks.clear()
        end = window.rfind(_END) + len(_END)
        begin = window.find(_BEGIN)
        # a comment or an instruction could hold what looks like children
        if begin < 0 or end < begin or self._hides(window):
            self.give_up()
            return None
        before = window[:begin].rstrip()
        is_clean = before.endswith(_FIRST) if self._is_first else not before
        self._is_first = False
        first_line = self._line + window.count(b"\n", 0, begin)
        breaks = begin + np.flatnonzero(np.frombuffer(window, np.uint8)[begin:end] == _BREAK)
        self._line = first_line + len(breaks)
        made = self._lexer.read(window, begin, end) if is_clean else None
        self._carry = window[end : -len(_PADDING)]
        if made is None or len(made["children"]) != n_children:
            return None
        return {
            table: replace(rows, lines=first_line + np.searchsorted(breaks, rows.lines))
            for table, rows in made.items()
        }

    def _hides(self, window: bytes) -> bool:
        start = window.find(_FIRST) if self._is_first else 0
        return start < 0 or any(
            mark[1:] in window and window.find(mark, start) >= 0 for mark in (b"<!", b"<?")
        )
