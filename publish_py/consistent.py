"""What the site of a release shows of authorities and of England: the tables beside it.

A count that is hidden in one place and shown in another is not hidden.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pyarrow as pa

from publish_py.protect import ENGLAND, Protected, RateKey
from publish_py.source import SiteData

Row = Mapping[str, Any]
_NOT_PUBLISHED = Protected(None, is_suppressed=True, reason="not published for this area")


def consistent(data: SiteData, published: Mapping[str, pa.Table]) -> SiteData:
    """Return what the site shows with the rates of the released tables.

    Parameters
    ----------
    data
        Read with `hidden_keys` of the same tables.
    published
        Tables of the release: `rates_la` and `rates_england` are looked at.
    """
    released = _released(data.census_year, published)
    rates = tuple(_rate(row, released.get(_site_key(row))) for row in data.la_rates)
    return replace(data, la_rates=rates)


def hidden_keys(census_year: int, published: Mapping[str, pa.Table]) -> frozenset[RateKey]:
    """Return which counts of authorities and of England the released tables hide in a year."""
    released = _released(census_year, published)
    return frozenset(key for key, row in released.items() if row["is_suppressed"])


def _released(census_year: int, published: Mapping[str, pa.Table]) -> dict[RateKey, Row]:
    found: dict[RateKey, Row] = {}
    for name in ("rates_la", "rates_england"):
        for row in published[name].to_pylist():
            if row["basis"] == "episode" and row["census_year"] == census_year:
                area = ENGLAND if name == "rates_england" else row["area_code"]
                key = (area, row["measure"], row["timing"], row["stratum_type"], row["stratum"])
                found[key] = row
    return found


def _site_key(row: Row) -> RateKey:
    return (row["area"], row["measure"], row["timing"], row["stratum_type"], row["stratum"])


def _rate(row: Row, released: Row | None) -> dict[str, Any]:
    """Return a rate of the site as the released tables have it."""
    if released is None:
        return dict(row) | {"count": _NOT_PUBLISHED, "rate": _NOT_PUBLISHED}
    if released["is_suppressed"]:
        hidden = row["count"].reason or "withheld in the released tables"
        withheld = Protected(None, is_suppressed=True, reason=hidden)
        return dict(row) | {"count": withheld, "rate": withheld}
    limits = (released.get("ci_low"), released.get("ci_high"))
    if row["area"] == ENGLAND:
        limits = (None, None)  # the site shows none
    return dict(row) | {
        "count": Protected(float(released["count"])),
        "rate": Protected(released["rate_per_10k"], *limits),
    }
