"""A synthetic England's places: LSOAs in MSOAs in districts in authorities, and their income.

Codes of LSOAs and MSOAs lie outside the ranges that ONS uses and names begin SYNTHETIC;
districts and authorities are the real ones. Income follows the real moments of each authority.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from synth_py import facts
from synth_py.config import EXCLUDED_LA_NUMBERS, SMALL_LA_NUMBERS, SynthConfig

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Texts = NDArray[np.str_]
Bools = NDArray[np.bool_]

LSOA_BASE = 1_900_000
MSOA_BASE = 2_900_000
LOWEST, HIGHEST = 0.003, 0.65
INCOME_TAIL = 2.6
"""The larger, the nearer to normal logits of income within an authority."""
INCOME_LOG_SD = 0.5
LEVELLING = 0.25
BEND = -0.10
"""How far log density, which rises with income deprivation, levels off (SAPE21DT11,
IoD 2015); per 10 points of the authority's average, the more so the poorer it is."""
DENSITY_SKEW = 0.31
"""Makes log densities of an authority as skewed to the left as the real ones (−0.96)."""


@dataclass(frozen=True)
class Geography:
    """LSOAs sorted by authority, with what the models need of them.

    Attributes
    ----------
    lsoa_code
        (n,) LSOA 2011 codes.
    la
        (n,) position of each LSOA's authority in `la_number`.
    la_number, la_code
        (J,) DfE numbers and ONS codes.
    income
        (n,) IoD 2015 income score (rate), 3 decimals, as published.
    la_income
        (J,) IoD 2015 upper-tier average score, 3 decimals, as published.
    children
        (n, 11, 2) mid-2019 residents by single year of age 5–15 and sex (male, female).
    msoa
        (n,) position of each LSOA's MSOA in `msoa_code`.
    msoa_code
        (m,) MSOA 2011 codes.
    rural
        (n,) whether RUC 2011 D or E.
    density
        (n,) people per km² of mid-2018, as published.
    elderly
        (J,) share of residents aged 65 and over.
    """

    lsoa_code: Texts
    la: Ints
    la_number: Texts
    la_code: Texts
    income: Floats
    la_income: Floats
    children: Ints
    msoa: Ints
    msoa_code: Texts
    rural: Bools
    density: Floats
    elderly: Floats

    @cached_property
    def la_modelled(self) -> Bools:
        """(J,) whether the study keeps the authority."""
        return ~np.isin(self.la_number, EXCLUDED_LA_NUMBERS)

    @cached_property
    def modelled(self) -> Bools:
        """(n,) whether the study keeps the LSOA."""
        return self.la_modelled[self.la]

    @cached_property
    def x1(self) -> Floats:
        """(n,) LSOA income less its authority's average, in 10 percentage points."""
        tenths: Floats = (self.income - self.la_income[self.la]) * 10.0
        return tenths

    @cached_property
    def x2(self) -> Floats:
        """(n,) authority average less the unweighted mean over authorities, in 10 points."""
        mean = self.la_income[self.la_modelled].mean()
        tenths: Floats = (self.la_income - mean)[self.la] * 10.0
        return tenths

    @cached_property
    def people(self) -> Floats:
        """(n,) children aged 5–15."""
        people: Floats = self.children.sum(axis=(1, 2)).astype(np.float64)
        return people

    @cached_property
    def msoa_la(self) -> Ints:
        """(m,) position of each MSOA's authority."""
        la = np.zeros(self.msoa_code.size, dtype=np.int64)
        la[self.msoa] = self.la
        return la

    @cached_property
    def msoa_x1(self) -> Floats:
        """(m,) income of the MSOA, a mean over its children, less its authority's average."""
        weight = self.people + 1e-9  # an MSOA without children has the plain mean
        income = group_means(self.income, self.msoa, weight)
        tenths: Floats = (income - self.la_income[self.msoa_la]) * 10.0
        return tenths

    @cached_property
    def la_income_z(self) -> Floats:
        """(J,) authority average as a z-score over the study's authorities."""
        return z_scores(self.la_income, self.la_modelled)


@dataclass(frozen=True)
class Places:
    """What a drawn England has beyond `Geography`: what its reference files are written from.

    Attributes
    ----------
    lsoa_code, lsoa_name, msoa_code, msoa_name
        (n,) codes and names.
    district
        (n,) position in `facts.districts()`.
    la
        (n,) position in `moments`.
    moments
        The chosen authorities' moments.
    income_2015, income_2019
        (n,) scores, 3 decimals.
    total
        (n,) residents of all ages that scores are weighted with.
    rural
        (n,) whether RUC 2011 D or E.
    area
        (n,) square kilometres.
    child_share
        (n,) share of residents aged 5–15.
    """

    lsoa_code: Texts
    lsoa_name: Texts
    msoa_code: Texts
    msoa_name: Texts
    district: Ints
    la: Ints
    moments: facts.Columns
    income_2015: Floats
    income_2019: Floats
    total: Ints
    rural: NDArray[np.bool_]
    area: Floats
    child_share: Floats


def chosen_moments(config: SynthConfig) -> facts.Columns:
    """Return the moments of the authorities that the size asks for."""
    moments = facts.la_moments()
    if config.size == "national":
        return moments
    keep = np.isin(moments.text("la_number"), SMALL_LA_NUMBERS)
    return facts.Columns(
        {name: [v for v, k in zip(column, keep, strict=True) if k]
         for name, column in moments.values.items()}
    )  # fmt: skip


def rounded(values: Floats, decimals: int) -> Floats:
    """Round to the decimals of a publication."""
    return np.asarray(np.round(values, decimals), dtype=np.float64)


def z_scores(values: Floats, over: Bools) -> Floats:
    """Centre and scale by the mean and (n − 1) standard deviation of the chosen ones."""
    scores: Floats = (values - values[over].mean()) / values[over].std(ddof=1)
    return scores


def group_means(values: Floats, group: Ints, weight: Floats | None = None) -> Floats:
    """Return (weighted) means by group number."""
    w = np.ones_like(values) if weight is None else weight
    return np.bincount(group, w * values) / np.bincount(group, w)


def group_sums(values: Floats, group: Ints, n: int) -> Floats:
    """Return sums by group number, shape (n,)."""
    sums: Floats = np.asarray(np.bincount(group, values, n), dtype=np.float64)
    return sums


def standardise_within(values: Floats, group: Ints) -> Floats:
    """Centre and scale by group; groups of one come back as zero."""
    centred = values - group_means(values, group)[group]
    spread = np.sqrt(group_means(centred**2, group))
    return centred / np.where(spread > 0, spread, 1.0)[group]


def draw_places(config: SynthConfig) -> Places:
    """Draw a synthetic England's places from the authorities' moments."""
    rng = config.stream("geography")
    moments = chosen_moments(config)
    district, la, msoa = _nest(moments)
    z = _income_scale(rng, moments, la, msoa)
    total, share = _people(rng, moments, la, z)
    first, second = _incomes(rng, moments, la, z, total)
    density, rural = _density(rng, moments, la, z)
    code, name, msoa_code, msoa_name = _names(district, msoa)
    return Places(
        lsoa_code=code,
        lsoa_name=name,
        msoa_code=msoa_code,
        msoa_name=msoa_name,
        district=district,
        la=la,
        moments=moments,
        income_2015=first,
        income_2019=second,
        total=total,
        rural=rural,
        area=np.maximum(rounded(total / density, 4), 0.01),
        child_share=share,
    )


def _nest(moments: facts.Columns) -> tuple[Ints, Ints, Ints]:
    """Lay LSOAs out in districts and MSOAs: (district, la, msoa), each (n,), sorted by la."""
    table = facts.districts()
    la_codes = moments.text("la_code")
    position = {code: j for j, code in enumerate(la_codes.tolist())}
    owner = np.array([position.get(code, -1) for code in table.values["la_code"]])
    order = np.argsort(owner, kind="stable")
    order = order[owner[order] >= 0]
    n_lsoas, n_msoas = table.whole("n_lsoas")[order], table.whole("n_msoas")[order]
    district = np.repeat(order, n_lsoas)
    within = np.arange(district.size) - np.repeat(np.cumsum(n_lsoas) - n_lsoas, n_lsoas)
    local = within * np.repeat(n_msoas, n_lsoas) // np.repeat(n_lsoas, n_lsoas)
    msoa = local + np.repeat(np.cumsum(n_msoas) - n_msoas, n_lsoas)
    return district, owner[district], msoa


def _names(district: Ints, msoa: Ints) -> tuple[Texts, Texts, Texts, Texts]:
    """Name LSOAs and MSOAs after their districts: SYNTHETIC Hartlepool 001A."""
    lad = facts.districts().text("lad17_name")[district]
    first_of_district = np.r_[True, district[1:] != district[:-1]]
    start = np.maximum.accumulate(np.where(first_of_district, np.arange(district.size), 0))
    number = msoa - msoa[start] + 1
    first_of_msoa = np.r_[True, msoa[1:] != msoa[:-1]]
    begin = np.maximum.accumulate(np.where(first_of_msoa, np.arange(msoa.size), 0))
    letter = np.arange(msoa.size) - begin
    msoa_name = np.array(
        [f"SYNTHETIC {a} {b:03d}" for a, b in zip(lad.tolist(), number.tolist(), strict=True)]
    )
    lsoa_name = np.array(
        [f"{a}{chr(65 + b)}" for a, b in zip(msoa_name.tolist(), letter.tolist(), strict=True)]
    )
    lsoa_code = np.array([f"E{LSOA_BASE + i:08d}" for i in range(msoa.size)])
    msoa_code = np.array([f"E{MSOA_BASE + i:08d}" for i in msoa.tolist()])
    return lsoa_code, lsoa_name, msoa_code, msoa_name


def _income_scale(rng: np.random.Generator, moments: facts.Columns, la: Ints, msoa: Ints) -> Floats:
    """Draw each LSOA's place in its authority's income distribution: mean 0, sd 1 by la."""
    share = moments.number("income_2015_msoa_share")[la]
    between = rng.normal(size=int(msoa.max()) + 1)[msoa]
    mixed = np.sqrt(share) * between + np.sqrt(1 - share) * rng.normal(size=la.size)
    # real logits of an authority have shorter tails than the normal's
    return standardise_within(np.tanh(standardise_within(mixed, la) / INCOME_TAIL), la)


def _people(
    rng: np.random.Generator, moments: facts.Columns, la: Ints, z: Floats
) -> tuple[Ints, Floats]:
    """Draw residents of all ages and the share aged 5–15; totals by authority as published."""
    sd = moments.number("lsoa_log_population_sd")[la]
    size = np.exp(sd * standardise_within(rng.normal(size=la.size), la))
    target = moments.number("population")[la] / np.bincount(la, size)[la]
    total = np.maximum(np.round(size * target), 400).astype(np.int64)
    corr = moments.number("child_share_income_corr")[la]
    mixed = corr * z + np.sqrt(1 - corr**2) * standardise_within(rng.normal(size=la.size), la)
    share = np.exp(moments.number("lsoa_log_child_share_sd")[la] * np.clip(mixed, -3, 2.5))
    wanted = moments.number("children_5_15")[la] / np.bincount(la, share * total)[la]
    return total, np.minimum(share * wanted, 0.6)


def _incomes(
    rng: np.random.Generator, moments: facts.Columns, la: Ints, z: Floats, total: Ints
) -> tuple[Floats, Floats]:
    """Draw the 2015 and 2019 scores, which the authorities' published averages centre."""
    corr = moments.number("income_2015_2019_corr")[la]
    other = standardise_within(rng.normal(size=la.size), la)
    later = standardise_within(corr * z + np.sqrt(1 - corr**2) * other, la)
    return (
        _centred_scores(moments, la, z, total, "2015"),
        _centred_scores(moments, la, later, total, "2019"),
    )


def _centred_scores(
    moments: facts.Columns, la: Ints, z: Floats, total: Ints, release: str
) -> Floats:
    """Turn places in the distribution into rates whose weighted mean is the published one."""
    shift = moments.number(f"income_{release}_logit_mean").copy()
    spread = moments.number(f"income_{release}_logit_sd")[la] * z
    target = moments.number(f"income_{release}_average")
    weight = total.astype(np.float64)
    for _ in range(8):
        rate = 1.0 / (1.0 + np.exp(-(shift[la] + spread)))
        slope = group_means(rate * (1 - rate), la, weight)
        shift += (target - group_means(rate, la, weight)) / slope
    rate = 1.0 / (1.0 + np.exp(-(shift[la] + spread)))
    return rounded(np.clip(rate, LOWEST, HIGHEST), 3)


def _density(
    rng: np.random.Generator, moments: facts.Columns, la: Ints, z: Floats
) -> tuple[Floats, NDArray[np.bool_]]:
    """Draw people per km²; the sparsest LSOAs of an authority are its rural ones."""
    corr = moments.number("density_income_corr")[la]
    # density rises with deprivation up to the middle, and no further
    income = standardise_within(np.exp(INCOME_LOG_SD * z), la)
    levelled = standardise_within(income - LEVELLING * income**2, la)
    average = moments.number("income_2015_average")
    bend = BEND * 10.0 * (average - average.mean())[la] * (income**2 - 1.0)
    noise = standardise_within(rng.normal(size=la.size), la)
    other = standardise_within(noise - group_means(noise * levelled, la)[la] * levelled, la)
    place = standardise_within(corr * levelled + bend + np.sqrt(1 - corr**2) * other, la)
    skewed = standardise_within(-np.exp(-DENSITY_SKEW * np.clip(place, -2.5, 2.5)), la)
    log_density = (
        moments.number("log_density_mean")[la] + moments.number("log_density_sd")[la] * skewed
    )
    noisy = place + 0.4 * rng.normal(size=la.size)
    order = np.lexsort((noisy, la))
    rank = np.empty(la.size, dtype=np.int64)
    first = np.r_[0, np.cumsum(np.bincount(la))[:-1]]
    rank[order] = np.arange(la.size) - first[la[order]]
    share = (rank + 0.5) / np.bincount(la)[la]
    return np.exp(log_density), share < moments.number("rural_share")[la]
