"""Element names read by array arithmetic: eight bytes at a time, each name compared in full."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]
Words = npt.NDArray[np.uint64]

_WORD = 8
_WORDS = 4
LONGEST = _WORD * _WORDS
"""The most bytes a name may have, and how many must follow in a text where one is read."""

_MASKS = np.array(
    [
        [(1 << 8 * min(max(length - _WORD * word, 0), _WORD)) - 1 for length in range(LONGEST + 1)]
        for word in range(_WORDS)
    ],
    np.uint64,
)  # [word, length of the name]: the bytes of that word that are the name's
_FACTORS = np.array(
    [0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9, 0x27D4EB2F165667C5], np.uint64
)
_BITS = 13


class TagNames:
    """A set of names, numbered in the order given.

    Parameters
    ----------
    names
        At most 32 ASCII characters each.
    """

    def __init__(self, names: Sequence[str]) -> None:
        self._numbers = {name: i for i, name in enumerate(names)}
        padded = [name.encode().ljust(LONGEST, b"\0") for name in names]
        if any(len(name) > LONGEST for name in padded):
            raise ValueError(f"names of more than {LONGEST} bytes")
        self._words = np.frombuffer(b"".join(padded), "<u8").reshape(-1, _WORDS).T.copy()
        self._at, self._spread = _spread(self._words)

    def __len__(self) -> int:
        return len(self._numbers)

    def number(self, name: str) -> int:
        """Return the number of a name."""
        return self._numbers[name]

    def read(self, text: bytes, begins: Ints, lengths: Ints) -> Ints | None:
        """Return the number of each name.

        Parameters
        ----------
        text
            The text the names stand in.
        begins, lengths
            (n,) where each begins, with at least 32 bytes behind, and how long it is.

        Returns
        -------
        array or None
            (n,) the numbers; None if a name is not in the set.
        """
        if len(lengths) and int(lengths.max()) > LONGEST:
            return None
        at_every_byte: Words = np.ndarray((len(text) - _WORD + 1,), "<u8", text, strides=(1,))
        words = [
            at_every_byte[begins + _WORD * word] & _MASKS[word][lengths] for word in range(_WORDS)
        ]
        numbers: Ints = self._at[_hash(words, self._spread)]
        known = zip(words, self._words, strict=True)
        return numbers if all((word == own[numbers]).all() for word, own in known) else None


def _hash(words: Sequence[Words], spread: np.uint64) -> Ints:
    mixed = words[0] * _FACTORS[0]
    for word, factor in zip(words[1:], _FACTORS[1:], strict=True):
        mixed ^= word * factor
    mixed *= spread
    mixed >>= np.uint64(64 - _BITS)
    places: Ints = mixed.view(np.int64)
    return places


def _spread(words: Words) -> tuple[Ints, np.uint64]:
    """Find a factor that gives every name a place of its own in a table; return both."""
    rng = np.random.default_rng(1)
    for _ in range(10_000):
        factor = rng.integers(1, 2**63, dtype=np.uint64) * np.uint64(2) + np.uint64(1)
        places = _hash(list(words), factor)
        if len(np.unique(places)) == words.shape[1]:
            table = np.zeros(1 << _BITS, np.int64)  # a name not in the set equals none of them
            table[places] = np.arange(words.shape[1])
            return table, factor
    raise ValueError("no factor tells the names apart")
