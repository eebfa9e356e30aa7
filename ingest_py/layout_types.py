"""What a published layout is: patterns over headers, and where landing columns come from.

Patterns are matched whole against headers in lower case with runs of blanks made one. The layouts
themselves are data, in `layouts_iod`, `layouts_areas` and `layouts_figures`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

LSOA = r"[EWS]01\d{6}"
OUTPUT_AREA = r"[EWS]00\d{6}"
AUTHORITY = r"[EWSN](0[6-9]|10|1[0-9])\d{6}"

YEAR = r"(20\d\d)"
CENTURY = {f"{year:02d}": f"20{year:02d}" for year in range(100)}


@dataclass(frozen=True)
class Take:
    """A published column that a layout looks for.

    Attributes
    ----------
    header
        Pattern of its header.
    column
        The landing column it fills, None if only its header is used.
    capture
        A landing column filled with the part of the header in brackets: a vintage, a release.
    values
        What that part stands for; anything else is a release that this version does not know.
    number
        Whether its values are numbers, which lose thousands separators.
    """

    header: str
    column: str | None = None
    capture: str | None = None
    values: Mapping[str, str] = field(default_factory=dict)
    number: bool = False


@dataclass(frozen=True)
class Melt:
    """Columns that become rows: one landing row per area and matching column.

    Attributes
    ----------
    headers
        The name that each pattern stands for; where it goes into several landing columns, its
        parts are divided by `|`.
    name_columns, value_column
        The landing columns of name and value.
    beside
        A landing column filled from the file's column to the right of the value's.
    """

    headers: Mapping[str, str]
    name_columns: tuple[str, ...]
    value_column: str
    beside: str | None = None


@dataclass(frozen=True)
class Context:
    """A fact that stands outside the columns: sheet name, title above the header, file name."""

    column: str
    pattern: str
    values: Mapping[str, str]
    remedy: str


@dataclass(frozen=True)
class Layout:
    """A published layout.

    Attributes
    ----------
    name
        What the file is called where it is published.
    table
        The landing table it feeds.
    key, key_pattern
        The landing column that holds the area code, and what such a code looks like.
    also_key
        Landing columns that only together with `key` stand once.
    absent
        Landing columns that this layout has nothing for.
    signature
        Patterns that only this layout has; a file that has them but lacks another column of
        the layout is refused by name rather than ignored.
    takes, melt, contexts, constants
        Where the landing columns come from.
    series
        The landing columns that name a series of facts: one file wins per series.
    """

    name: str
    table: str
    key: str
    key_pattern: str
    signature: tuple[str, ...]
    takes: tuple[Take, ...]
    series: tuple[str, ...]
    melt: Melt | None = None
    contexts: tuple[Context, ...] = ()
    constants: Mapping[str, str] = field(default_factory=dict)
    also_key: tuple[str, ...] = ()
    absent: tuple[str, ...] = ()


@dataclass(frozen=True)
class Known:
    """A published file that is recognised and holds nothing for landing."""

    name: str
    signature: tuple[str, ...]
    reason: str
