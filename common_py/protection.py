"""The least numbers of disclosure control, as they stand in `seeds/rules/protection.csv`.

Read here alone: SQL flags cells by the same file, models leave out what would not be shown.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path

from common_py.errors import CinError

PROTECTION_FILE = Path(__file__).parents[1] / "seeds" / "rules" / "protection.csv"


@dataclass(frozen=True)
class LeastNumber:
    """A row of the file: the number, and why."""

    value: int
    why: str


def least_number(rule: str, file: Path = PROTECTION_FILE) -> LeastNumber:
    """Return the least number of a rule.

    Raises
    ------
    CinError
        If it is missing, has no reason or is not a whole number of at least 1.
    """
    with file.open(encoding="utf-8", newline="") as handle:
        row = next((one for one in csv.DictReader(handle) if one["rule"] == rule), {})
    value, why = row.get("value") or "", row.get("why") or ""
    if not value.isdigit() or int(value) < 1 or not why:
        raise CinError(
            "a protection rule is not a whole number of at least 1 with its reason",
            file=file.name,
            place=rule,
            remedy=f"give {rule} a `value` and a `why`",
        )
    return LeastNumber(int(value), why)
