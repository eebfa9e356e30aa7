"""Who lives in each MSOA by ethnic group, as a census counts them: the study's Table 5 populations.

There is no mid-year population by ethnic group below authorities. The study (section 2.3)
takes the mid-year population times census shares by age and sex; so do these.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from synth_py import facts
from synth_py.config import AGES, SynthConfig
from synth_py.geography import Geography, standardise_within

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

GROUPS = ("Asian", "Black", "Mixed", "Other", "White")
"""Rows of Table 5, in its order; Chinese are among Other there."""
BANDS = {"Age 5 to 7": (5, 7), "Age 8 to 9": (8, 9), "Age 10 to 14": (10, 14), "Age 15": (15, 15)}
"""Ages 5–15 in the bands of the 2011 census table DC2101EW."""
SEXES = ("Males", "Females")
DETAIL = {
    "Asian": {
        "Asian/Asian British: Indian": 0.31, "Asian/Asian British: Pakistani": 0.35,
        "Asian/Asian British: Bangladeshi": 0.14, "Asian/Asian British: Other Asian": 0.20,
    },
    "Black": {
        "Black/African/Caribbean/Black British: African": 0.60,
        "Black/African/Caribbean/Black British: Caribbean": 0.24,
        "Black/African/Caribbean/Black British: Other Black": 0.16,
    },
    "Mixed": {
        "Mixed/multiple ethnic group: White and Black Caribbean": 0.34,
        "Mixed/multiple ethnic group: White and Black African": 0.14,
        "Mixed/multiple ethnic group: White and Asian": 0.28,
        "Mixed/multiple ethnic group: Other Mixed": 0.24,
    },
    "Other": {
        "Asian/Asian British: Chinese": 0.27, "Other ethnic group: Arab": 0.33,
        "Other ethnic group: Any other ethnic group": 0.40,
    },
    "White": {
        "White: English/Welsh/Scottish/Northern Irish/British": 0.945, "White: Irish": 0.005,
        "White: Gypsy or Irish Traveller": 0.003, "White: Other White": 0.047,
    },
}  # fmt: skip
"""Groups of DC2101EW with their share of the row of Table 5 (the split inside a row is ours)."""
MIXED_TILT = -0.03
"""Log odds of Mixed ethnicity a year of age: younger children are more often Mixed."""
SPLIT_NOISE = 0.4
MIN_PERSONS = 4.0
N_ROUNDS = 8


@dataclass(frozen=True)
class Composition:
    """Census counts by ethnic group and the populations that follow from them.

    Attributes
    ----------
    counts
        (m, 4, 2, 5) persons of the census by MSOA, age band, sex and group.
    people
        (m, 5) children aged 5–15 of mid-2019 by MSOA and group, fractional.
    minority
        (J,) share of an authority's children who are not White.
    """

    counts: Ints
    people: Floats
    minority: Floats


def band_of_age() -> Ints:
    """Return the position of each age 5–15 in `BANDS`, shape (11,)."""
    starts = np.array([first for first, _ in BANDS.values()])
    return np.searchsorted(starts, np.array(AGES), side="right") - 1


def draw_composition(config: SynthConfig, geo: Geography, report: facts.Published) -> Composition:
    """Draw each MSOA's ethnic composition; groups add up to Table 5's populations."""
    rng = config.stream("ethnicity")
    residents = _by_band(geo)
    share = _shares(rng, geo)
    persons = np.maximum(residents * np.exp(0.05 * rng.normal(size=residents.shape)), MIN_PERSONS)
    printed = np.array([report.value("5", group, "population") for group in GROUPS])
    wanted = printed / printed.sum() * float(geo.people[geo.modelled].sum())
    scale = np.ones(len(GROUPS))
    kept = geo.la_modelled[geo.msoa_la]
    counts = np.zeros((*persons.shape, len(GROUPS)), dtype=np.int64)
    for _ in range(N_ROUNDS):
        weight = share * scale
        weight /= weight.sum(axis=-1, keepdims=True)
        counts = _whole(persons[..., None] * weight)
        people = _people(counts, residents)
        scale *= wanted / people[kept].sum(axis=0)
    people = _people(counts, residents)
    by_la = np.zeros((geo.la_number.size, len(GROUPS)))
    np.add.at(by_la, geo.msoa_la, people)
    minority = 1.0 - by_la[:, -1] / by_la.sum(axis=1)
    return Composition(counts, people, minority)


def _by_band(geo: Geography) -> Floats:
    """Return children of mid-2019 by MSOA, age band and sex, shape (m, 4, 2)."""
    residents = np.zeros((geo.msoa_code.size, len(BANDS), len(SEXES)))
    for age, band in enumerate(band_of_age().tolist()):
        for sex in range(len(SEXES)):
            residents[:, band, sex] += np.bincount(
                geo.msoa, geo.children[:, age, sex], geo.msoa_code.size
            )
    return residents


def _shares(rng: np.random.Generator, geo: Geography) -> Floats:
    """Draw shares by MSOA, age band, sex and group, shape (m, 4, 2, 5), before scaling."""
    table = facts.la_people()
    at = np.searchsorted(table.text("la_number"), geo.la_number)[geo.msoa_la]
    groups = np.column_stack([table.number(group.lower())[at] for group in GROUPS[:-1]])
    total = groups.sum(axis=1)
    la = geo.msoa_la
    order = np.argsort(la, kind="stable")
    place = np.empty_like(geo.msoa_x1)
    corr = table.number("minority_income_corr")[at]
    noise = standardise_within(rng.normal(size=la.size), la)
    place[order] = standardise_within(geo.msoa_x1[order], la[order])
    mixed = corr * place + np.sqrt(1 - corr**2) * noise
    logit = np.log(total / (1 - total)) + table.number("minority_logit_sd")[at] * mixed
    minority = 1.0 / (1.0 + np.exp(-logit))
    split = groups * np.exp(SPLIT_NOISE * rng.normal(size=groups.shape))
    split *= (minority / split.sum(axis=1))[:, None]
    share = np.column_stack([split, 1.0 - minority])[:, None, None, :]
    middle = np.array([(first + last) / 2 for first, last in BANDS.values()]) - 10.0
    tilt = np.ones((1, len(BANDS), len(SEXES), len(GROUPS)))
    tilt[0, :, :, GROUPS.index("Mixed")] = np.exp(MIXED_TILT * middle)[:, None]
    return share * tilt


def _whole(values: Floats) -> Ints:
    """Round so that totals over MSOAs are kept (each takes what the ones before left over)."""
    edges = np.floor(np.cumsum(values, axis=0) + 0.5)
    counts: Ints = np.diff(edges, axis=0, prepend=0.0).astype(np.int64)
    return counts


def _people(counts: Ints, residents: Floats) -> Floats:
    """Return mid-year children times census shares by age band and sex, shape (m, 5)."""
    persons = counts.sum(axis=-1, keepdims=True)
    share = counts / np.where(persons > 0, persons, 1)
    people: Floats = (residents[..., None] * share).sum(axis=(1, 2))
    return people


def census_columns(geo: Geography, composition: Composition) -> dict[str, Ints | NDArray[np.str_]]:
    """Return DC2101EW as nomis publishes it in bulk: a column for every combination.

    Only the ages of the study are there: the file is SYNTHETIC and says so in its name.
    """
    n = geo.msoa_code.size
    columns: dict[str, Ints | NDArray[np.str_]] = {
        "date": np.full(n, 2011),
        "geography": geo.msoa_code,
        "geography code": geo.msoa_code,
    }
    for s, sex in enumerate(SEXES):
        for b, band in enumerate(BANDS):
            for g, group in enumerate(GROUPS):
                names = DETAIL[group]
                edges = np.cumsum(list(names.values()))
                upto = np.floor(composition.counts[:, b, s, g, None] * edges[None, :] + 0.5)
                parts = np.diff(upto, axis=1, prepend=0.0).astype(np.int64)
                for k, name in enumerate(names):
                    header = f"Sex: {sex}; Age: {band}; Ethnic Group: {name}; measures: Value"
                    columns[header] = parts[:, k]
    return columns


FILE = Path("ethnicity") / "SYNTHETIC_DC2101EW_ethnic_group_by_sex_by_age_msoa.csv.gz"
