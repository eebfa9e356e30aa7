"""Settings of a synthetic England and what making one returns."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np

DEFAULT_SEED = 20190331
VERSION = "2"
CENSUS_YEAR = 2019
LOOK_BACK_YEAR = 2018
"""A year of referrals only, without locations: it shows who was referred before."""
EXCLUDED_LA_NUMBERS = ("201", "420")
"""City of London and Isles of Scilly: generated, and left out of every fit (study, section 2.3)."""

AGES = tuple(range(5, 16))
MEASURES = ("referral", "assessment", "cin", "s47", "cp_conference", "cp_plan")
SEXES = ("male", "female", "unknown")

SMALL_LA_NUMBERS = (
    "201", "206", "211", "314", "318", "340", "390", "420", "800", "805", "806", "816",
    "835", "836", "837", "841", "856", "857", "868", "871", "872", "880", "890", "921",
)  # fmt: skip
"""24 authorities from 1 to 249 LSOAs, rich and poor, with the three of the 2018/19 rule."""

Size = Literal["national", "small"]
Mode = Literal["plain", "realistic"]
STREAMS = (
    "geography", "population", "effects", "counts", "episodes", "others", "children",
    "ethnicity", "strata", "indicators", "noise", "matches",
)  # fmt: skip


@dataclass(frozen=True)
class SynthConfig:
    """What a synthetic England is made from.

    Attributes
    ----------
    seed
        Seed of every draw. The default was fixed before any result was looked at.
    size
        `national` (152 local authorities) or `small` (24, for tests).
    reference
        Folder of real published files; geography, income scores and populations are
        then read from it and only the children are drawn.
    mode
        `plain`: counts are Poisson about the study's own model and what its tables add to it.
        `realistic`: authorities' gradients, MSOAs and LSOAs vary beside; the planted truth
        is the same, and shows which method survives.
    la_effect_sd
        Standard deviation of the normal LA effect on the log rate (from the widths of
        the study's Table 18 intervals).
    context_gap
        b2 − b1 per 10 percentage points: the effect of LA deprivation at equal
        neighbourhood deprivation, the inverse intervention effect proper.
    thinning_cap
        Largest conditional probability of a later threshold given the one before.
    match_rate
        Share of referrals of children aged 5–15 that have a location row.
    n_years
        Census years: 2019 is drawn, the others are carried from it (`synth_py.years`).
    slope_sd, msoa_sd, overdispersion_sd
        Standard deviations that the realistic mode adds on the log scale: of an authority's
        gradient per 10 points, of an MSOA and of an LSOA.
    """

    seed: int = DEFAULT_SEED
    size: Size = "national"
    reference: Path | None = None
    la_effect_sd: float = 0.435
    context_gap: float = -0.20
    thinning_cap: float = 0.999
    match_rate: float = 0.81
    mode: Mode = "plain"
    slope_sd: float = 0.05
    msoa_sd: float = 0.15
    overdispersion_sd: float = 0.15
    n_years: int = 1

    @property
    def n_rounds(self) -> int:
        """How often calibration goes round: a small England is for tests, not for the print."""
        return 4 if self.size == "national" else 2

    def stream(self, name: str) -> np.random.Generator:
        """Return the independent generator of one part of the work.

        Raises
        ------
        ValueError
            If `name` is not one of `STREAMS`.
        """
        return np.random.default_rng([self.seed, STREAMS.index(name)])


@dataclass(frozen=True)
class SynthResult:
    """What was written.

    Attributes
    ----------
    data_dir
        Folder that now holds `census/`, `locations/`, `reference/` and `synthetic/`.
    n_rows
        Rows written by table name.
    n_events
        Located events of children aged 5–15 of the 150 authorities, by measure, as drawn.
    n_expected
        The same, expected: what the planted truth was fitted to.
    n_unmet
        Printed figures that the planted truth does not meet to its printed precision.
    """

    data_dir: Path
    n_rows: dict[str, int]
    n_events: dict[str, int]
    n_expected: dict[str, float]
    n_unmet: int
