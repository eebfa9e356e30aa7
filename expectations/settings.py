"""The gate's limits: data with a reason each, by size of the census."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from common_py.errors import CinError
from common_py.yaml_text import from_yaml

SETTINGS_FILE = Path(__file__).with_name("settings.yml")
SIZES = ("national", "small")
_LIMIT_KEYS = ("min", "max", "share")


@dataclass(frozen=True)
class Limits:
    """What a check allows; None is no limit. `share` is the part of rows that must hold."""

    low: float | None
    high: float | None
    share: float

    def text(self, unit: str) -> str:
        """Return the limits as a reader would say them."""
        if self.low is not None and self.low == self.high:
            span = f"exactly {self.low:g}{unit}"
        elif self.low is not None and self.high is not None:
            span = f"{self.low:g} to {self.high:g}{unit}"
        elif self.low is not None:
            span = f"at least {self.low:g}{unit}"
        elif self.high is not None:
            span = f"at most {self.high:g}{unit}"
        else:
            span = "in order"
        return span if self.share == 1 else f"{span} in {100 * self.share:g} % of rows"


@dataclass(frozen=True)
class GateSettings:
    """The content of `settings.yml`.

    Attributes
    ----------
    national_from
        Authorities from which a census counts as national.
    study_las
        Authorities that a national census of a year must have.
    limits
        (check, size) to limits; a pair without limits is not checked.
    why
        Check to the reason for its limits.
    """

    national_from: int
    study_las: Mapping[int, int]
    limits: Mapping[tuple[str, str], Limits]
    why: Mapping[str, str]

    def size(self, n_las: int) -> str:
        """Return 'national' or 'small' for a number of authorities."""
        return "national" if n_las >= self.national_from else "small"


def load_settings(file: Path = SETTINGS_FILE) -> GateSettings:
    """Read and check the settings.

    Raises
    ------
    CinError
        If a check has no reason, or a key is not known; it names file, place and keys.
    """
    content = from_yaml(file.read_text(encoding="utf-8"))
    limits, why = {}, {}
    for name, check in content["checks"].items():
        _allowed(check, (*SIZES, "why"), file, f"checks, {name}")
        if not str(check.get("why", "")).strip():
            raise CinError(
                "a check has no reason", file=file.name, place=name, remedy="write its `why`"
            )
        why[name] = str(check["why"])
        for size in SIZES:
            if size in check:
                limits[name, size] = _limits(check[size], file, f"checks, {name}, {size}")
    return GateSettings(
        national_from=int(content["national_from"]),
        study_las={int(year): int(n) for year, n in content["study_las"].items()},
        limits=limits,
        why=why,
    )


def _limits(content: Mapping[str, Any], file: Path, place: str) -> Limits:
    _allowed(content, _LIMIT_KEYS, file, place)
    for key, value in content.items():
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise CinError(
                f"{key!r} is not a number", file=file.name, place=place, remedy="write a number"
            )
    low, high = content.get("min"), content.get("max")
    return Limits(
        low=None if low is None else float(low),
        high=None if high is None else float(high),
        share=float(content.get("share", 1.0)),
    )


def _allowed(content: Mapping[str, Any], allowed: tuple[str, ...], file: Path, place: str) -> None:
    for key in content:
        if key not in allowed:
            raise CinError(
                f"unknown key {key!r}",
                file=file.name,
                place=place,
                remedy=f"allowed keys: {', '.join(allowed)}",
            )
