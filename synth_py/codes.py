"""Shares of the census codes: from the report's tables where it prints them.

Where the report prints groups only, the split inside a group is ours. Every code holds in
the 2018/19 census (no 5D, RC9, 18B/C, 19B/C, 24A).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

SOURCES = {
    "Individuals": {"1A": 0.50, "1B": 0.15, "1C": 0.10, "1D": 0.25},
    "Schools & education": {"2A": 0.90, "2B": 0.10},
    "Health services": {
        "3A": 0.10, "3B": 0.10, "3C": 0.05, "3D": 0.25, "3E": 0.30, "3F": 0.20,
    },
    "LA and housing serv.": {"4": 0.10, "5A": 0.35, "5B": 0.40, "5C": 0.15},
    "Police": {"6": 1.0},
    "Other": {"7": 0.20, "8": 0.40, "9": 0.30, "10": 0.10},
}  # fmt: skip
"""Referral source codes by row of Table 8."""

ETHNICITIES = {
    "Asian": {"AIND": 0.15, "APKN": 0.40, "ABAN": 0.20, "AOTH": 0.25},
    "Black": {"BAFR": 0.55, "BCRB": 0.25, "BOTH": 0.20},
    "Mixed": {"MWBC": 0.35, "MWBA": 0.12, "MWAS": 0.15, "MOTH": 0.38},
    "Other": {"CHNE": 0.10, "OOTH": 0.90},
    "White": {"WBRI": 0.95, "WIRI": 0.005, "WIRT": 0.003, "WOTH": 0.037, "WROM": 0.005},
}
"""Ethnicity codes by row of Table 5; White British is 95 % of White (study, text)."""
UNKNOWN_ETHNICITIES = {"NOBT": 0.8, "REFU": 0.2}

CATEGORIES = {
    "CPP Category: Emotional": "EMO",
    "CPP Category: Neglect": "NEG",
    "CPP Category: Physical": "PHY",
    "CPP Category: Sexual": "SAB",
    "CPP Category: Multiple": "MUL",
}
"""Categories of abuse by row of Table 7, in its order."""

FACTORS = (
    "1A", "1B", "2A", "2B", "3A", "3B", "4A", "4B", "5A", "5B", "6A", "6B", "7A",
    "10A", "11A", "13A", "14A", "15A", "16A", "17A", "18A", "19A", "20",
)  # fmt: skip
"""Factor codes in the order of Table 6's rows."""
OTHER_FACTORS = (
    "1C", "2C", "3C", "4C", "5C", "6C", "8B", "8C", "8D", "8E", "8F", "9A", "12A", "22A", "23A",
)  # fmt: skip
"""Codes outside Table 6, other than 21."""
NO_FACTOR = "21"

NEEDS = {
    "N1": 0.545, "N2": 0.085, "N3": 0.03, "N4": 0.085, "N5": 0.15, "N6": 0.02, "N7": 0.005,
    "N8": 0.03, "N9": 0.01, "N0": 0.04,
}  # fmt: skip
REASONS = {"RC1": 0.01, "RC3": 0.015, "RC4": 0.015, "RC5": 0.09, "RC6": 0.01, "RC7": 0.86}
DISABILITIES = {
    "MOB": 0.09, "HAND": 0.04, "PC": 0.08, "INC": 0.06, "COMM": 0.14, "LD": 0.22, "HEAR": 0.03,
    "VIS": 0.04, "BEH": 0.12, "CON": 0.03, "AUT": 0.10, "DDA": 0.05,
}  # fmt: skip
PREVIOUS_PLANS = {"1": 0.75, "2": 0.19, "3": 0.06}
NO_UPN = ("UN2", "UN3", "UN4", "UN5", "UN6")


@dataclass(frozen=True)
class Shares:
    """A code list with the chance of each code.

    Attributes
    ----------
    codes
        The codes.
    chance
        Their chances, adding up to 1.
    """

    codes: tuple[str, ...]
    chance: Floats

    def draw(self, rng: np.random.Generator, n: int) -> Ints:
        """Draw `n` positions in `codes`."""
        edges = np.cumsum(self.chance)[:-1]
        return np.searchsorted(edges, rng.random(n), side="right").astype(np.int64)


def shares(weights: dict[str, float]) -> Shares:
    """Scale weights to chances."""
    values = np.array(list(weights.values()), dtype=np.float64)
    return Shares(tuple(weights), values / values.sum())


def codes_within(
    rng: np.random.Generator, groups: dict[str, dict[str, float]], rows: Ints
) -> tuple[tuple[str, ...], Ints]:
    """Draw codes within groups: all codes, and the position of each row's; `rows` are groups."""
    names = tuple(code for split in groups.values() for code in split)
    found = np.empty(rows.size, dtype=np.int64)
    first = 0
    for group, split in enumerate(groups.values()):
        part = np.flatnonzero(rows == group)
        found[part] = first + shares(split).draw(rng, part.size)
        first += len(split)
    return names, found
