"""The least numbers of disclosure control: rows of `seeds/rules/protection.csv`, with reasons.

SQL flags cells by the same file (`disclosure.dsc_cells`): a number is changed in one place.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path

from common_py.errors import CinError

PROTECTION_FILE = Path(__file__).parents[1] / "seeds" / "rules" / "protection.csv"


@dataclass(frozen=True)
class Rules:
    """The least numbers of `protection.csv`, and why."""

    minimum_count: int
    england_rounding: int
    minimum_cell_lsoas: int
    largest_lsoa_pct: int
    minimum_children: int
    minimum_model_events: int
    minimum_bin_lsoas: int
    minimum_bin_events: int
    minimum_la_events: int
    minimum_la_lsoas: int
    why: tuple[str, ...]

    @property
    def largest_small(self) -> int:
        """The largest count that is hidden for its size, k: 5 where 6 is shown."""
        return self.minimum_count - 1


def load_rules(file: Path = PROTECTION_FILE) -> Rules:
    """Read the rules.

    Raises
    ------
    CinError
        If a rule is missing, has no reason or is not a whole number of at least 1.
    """
    with file.open(encoding="utf-8", newline="") as handle:
        rows = {row["rule"]: row for row in csv.DictReader(handle)}
    names = [name for name in Rules.__dataclass_fields__ if name != "why"]
    for name in names:
        row = rows.get(name, {})
        value = row.get("value") or ""
        if not value.isdigit() or int(value) < 1 or not row.get("why"):
            raise CinError(
                "a protection rule is not a whole number of at least 1 with its reason",
                file=file.name,
                place=name,
                remedy=f"give {name} a `value` and a `why`",
            )
    return Rules(
        **{name: int(rows[name]["value"]) for name in names},
        why=tuple(rows[name]["why"] for name in names),
    )
