"""The least numbers of disclosure control: rows of `seeds/rules/protection.csv`, with reasons.

SQL flags cells by the same file (`disclosure.dsc_cells`): a number is changed in one place.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from common_py.protection import PROTECTION_FILE, least_number


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
    names = [name for name in Rules.__dataclass_fields__ if name != "why"]
    found = {name: least_number(name, file) for name in names}
    return Rules(
        **{name: one.value for name, one in found.items()},
        why=tuple(one.why for one in found.values()),
    )
