"""What the release before has shown of the counts of this one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from common_py.errors import CinError
from publish_py.rounding import Whole, rounded
from publish_py.solutions import Flags

KEY = (
    "census_year",
    "area_code",
    "measure",
    "basis",
    "timing",
    "stratum_type",
    "stratum",
)
FAMILY = 5  # names of KEY that say of which counts a revision would be

Key = tuple[object, ...]


@dataclass(frozen=True)
class Before:
    """Of each count: whether it was shown, or hidden, and has not been revised since."""

    is_known: Flags
    was_hidden: Flags


def read_release(folder: Path) -> dict[str, pa.Table]:
    """Read the tables of rates of a release from its folder `parquet`.

    Raises
    ------
    CinError
        If there is none.
    """
    files = sorted((folder / "parquet").glob("rates_*.parquet"))
    if not files:
        raise CinError(
            "the release before has no tables of rates",
            file=str(folder / "parquet"),
            remedy="name the folder of a whole release, or none",
        )
    return {file.stem: pq.read_table(file) for file in files}


def keys_of(table: pa.Table) -> list[Key]:
    """Return the full key of each row."""
    return list(zip(*(table.column(name).to_pylist() for name in KEY), strict=True))


def seen_before(
    keys: list[Key],
    counts: Whole,
    is_rounded: Flags,
    previous: Mapping[str, pa.Table],
    base: int,
) -> Before:
    """Say what the release before has shown or hidden of these counts.

    Counts of one area, measure, basis and timing are taken as not revised where every one
    that was shown is what it would be now.

    Parameters
    ----------
    keys, counts, is_rounded
        The counts of this release, exact.
    previous
        Tables of the release before.
    base
        What counts are rounded to.
    """
    shown: dict[Key, int | None] = {}
    for table in previous.values():
        shown.update(zip(keys_of(table), table.column("count").to_pylist(), strict=True))
    now = np.where(is_rounded, rounded(counts, base), counts).tolist()
    revised = {
        key[:FAMILY]
        for key, count in zip(keys, now, strict=True)
        if shown.get(key) is not None and shown[key] != count
    }
    stands = [key in shown and key[:FAMILY] not in revised for key in keys]
    return Before(
        np.array([at and shown[key] is not None for at, key in zip(stands, keys, strict=True)]),
        np.array([at and shown[key] is None for at, key in zip(stands, keys, strict=True)]),
    )
