"""Shares of events by stratum: ethnic group, factor, category and source (Tables 5 to 8).

A share given the LSOA thins a Poisson count into independent Poisson counts, so a stratum's
expected counts are the events' times its share, and the study's model can be fitted to them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from synth_py import ethnic
from synth_py.ethnic import Composition
from synth_py.facts import Published
from synth_py.fitting import Area, fit_counts, lsoas, msoas
from synth_py.geography import Geography
from synth_py.targets import Targets, row_table

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

SOURCE_SD, CATEGORY_SD, FACTOR_SD = 0.20, 0.15, 0.20
"""Standard deviation between authorities of a code's log odds or log share: recording differs."""
FACTOR_CAP = 0.97
CODED_AFTER = 0.57
"""First guess at the share of cases closed after assessment to which factors of Table 6 apply."""
N_ROUNDS = 2
N_FACTOR_ROUNDS = 8
N_LEVEL_ROUNDS = 12
LEVELS = 3
"""Ethnic mixes: of referrals below a child in need episode, of those with one but no plan, and of
those with a plan."""


@dataclass(frozen=True)
class Mix:
    """Log-linear shares of several strata.

    Attributes
    ----------
    level, gradient, context
        (g,) intercept, coefficient of x1 + x2, and of x1:x2.
    effects
        (g, J) authorities' effects.
    """

    level: Floats
    gradient: Floats
    context: Floats
    effects: Floats

    def scores(self, geo: Geography) -> Floats:
        """Return log odds or log shares by LSOA, shape (n, g)."""
        slope, product = geo.x1 + geo.x2, geo.x1 * geo.x2
        scores: Floats = (
            self.level
            + slope[:, None] * self.gradient
            + product[:, None] * self.context
            + self.effects.T[geo.la]
        )
        return scores


def partition(mix: Mix, geo: Geography) -> Floats:
    """Return shares that add up to 1, shape (n, g)."""
    odds = np.exp(mix.scores(geo))
    shares: Floats = odds / odds.sum(axis=1, keepdims=True)
    return shares


def overlapping(mix: Mix, geo: Geography) -> Floats:
    """Return shares of strata that overlap, shape (n, g)."""
    shares: Floats = np.exp(np.minimum(mix.scores(geo), np.log(FACTOR_CAP)))
    return shares


def slopes_of(events: Floats, area: Area) -> Floats:
    """Return b1 and b3 of the study's model fitted to one stratum's expected counts (n_study,)."""
    fit = fit_counts(events, area.people, area.study(), area.la)
    slopes: Floats = np.asarray(fit.params)[[1, 3]]
    return slopes


def start_mix(
    rng: np.random.Generator, geo: Geography, n: Floats, slopes: Floats, *, base: Floats, sd: float
) -> Mix:
    """Begin at the rows' gradients over those of all events."""
    effects = sd * rng.normal(size=(n.size, geo.la_number.size))
    gap = slopes - base[None, :]
    return Mix(np.log(n / n.sum()), gap[:, 0], gap[:, 1], effects)


def meet_mix(
    mix: Mix, geo: Geography, events: Floats, n: Floats, slopes: Floats, *, whole: bool
) -> Mix:
    """Move a mix until each stratum has its printed count and gradients.

    Parameters
    ----------
    events
        (n_lsoas,) expected events that the shares are of.
    n
        (g,) printed counts; scaled to the expected total where the strata partition it.
    slopes
        (g, 2) wanted b1 and b3.
    whole
        Whether the strata partition the events.
    """
    area = lsoas(geo)
    shares_of = partition if whole else overlapping
    for _ in range(N_ROUNDS if whole else 1):
        counts = events[area.keep, None] * shares_of(mix, geo)[area.keep]
        found = np.array([slopes_of(column, area) for column in counts.T])
        miss = slopes - found
        mix = replace(
            mix,
            level=mix.level + np.log(n / counts.sum(axis=0)),
            gradient=mix.gradient + miss[:, 0],
            context=mix.context + miss[:, 1],
        )
    return meet_levels(mix, geo, events, n, shares_of)


def table_mix(
    rng: np.random.Generator, geo: Geography, report: Published, table: str, *,
    events: Floats, sd: float,
) -> Mix:  # fmt: skip
    """Calibrate strata that partition events (n_lsoas,) to a table's counts and gradients."""
    rows = tuple(report.rows(table))
    area = lsoas(geo)
    n = np.array([report.value(table, row, "n") for row in rows])
    n *= float(events[area.keep].sum()) / n.sum()
    slopes = row_table(report, table, rows)
    mix = start_mix(rng, geo, n, slopes, base=slopes_of(events[area.keep], area), sd=sd)
    return meet_mix(mix, geo, events, n, slopes, whole=True)


@dataclass(frozen=True)
class Factors:
    """Factors at assessment.

    Attributes
    ----------
    mix
        Log shares of the assessments to which factors may apply.
    coded_after
        Share of cases closed after assessment to which factors may apply; they may to all others.
    """

    mix: Mix
    coded_after: float

    def may_apply(self, cin_share: Floats) -> Floats:
        """Return the share of assessments that may have factors, given that of CIN (n,)."""
        share: Floats = 1.0 - (1.0 - self.coded_after) * (1.0 - cin_share)
        return share

    def counts(self, geo: Geography, assessments: Floats, cin_share: Floats) -> Floats:
        """Return expected assessments by factor (n, 23) and, last, with any of them (n, 24)."""
        may = assessments * self.may_apply(cin_share)
        shares = overlapping(self.mix, geo)
        with_any = 1.0 - np.prod(1.0 - shares, axis=1)
        counts: Floats = may[:, None] * np.column_stack([shares, with_any])
        return counts


def meet_factors(
    rng: np.random.Generator, geo: Geography, report: Published, assessments: Floats,
    cin_share: Floats,
) -> Factors:  # fmt: skip
    """Calibrate the 23 factors to Table 6, and their overlap to its percentages.

    Percentages are of assessments with a factor: about 76 % of all. Independent factors
    overlap less than that leaves, so some cases closed after assessment get none of them.
    """
    rows = tuple(report.rows("6"))
    keep = geo.modelled
    area = lsoas(geo)
    scale = float(assessments[keep].sum()) / report.value("2", "Assessment", "n")
    n = np.array([report.value("6", row, "n") for row in rows]) * scale
    share = np.array([report.value("6", row, "n_pct") for row in rows]) / 100.0
    slopes = row_table(report, "6", rows)
    base = slopes_of(assessments[keep], area)
    mix = start_mix(rng, geo, n, slopes, base=base, sd=FACTOR_SD)
    mix = replace(mix, level=np.log(n / float(assessments[keep].sum())))
    factors = Factors(mix, CODED_AFTER)
    for round_no in range(N_FACTOR_ROUNDS):
        may = assessments * factors.may_apply(cin_share)
        if round_no == 0:  # afterwards only levels move
            mix = meet_mix(factors.mix, geo, may, n, slopes, whole=False)
        mix = meet_levels(mix, geo, may, n, overlapping)
        factors = Factors(mix, factors.coded_after)
        with_any = float(factors.counts(geo, assessments, cin_share)[keep, -1].sum())
        step = np.log(float(n.sum() / share.sum()) / with_any)
        factors = Factors(mix, float(np.clip(factors.coded_after * np.exp(6.0 * step), 0.05, 1.0)))
    may = assessments * factors.may_apply(cin_share)
    return replace(factors, mix=meet_levels(factors.mix, geo, may, n, overlapping))


def meet_levels(
    mix: Mix, geo: Geography, events: Floats, n: Floats,
    shares_of: Callable[[Mix, Geography], Floats],
) -> Mix:  # fmt: skip
    """Move a mix's levels until its strata have their counts; gradients stay."""
    keep = geo.modelled
    for _ in range(20):
        counts = events[keep] @ shares_of(mix, geo)[keep]
        if np.abs(counts / n - 1.0).max() < 1e-9:
            break
        mix = replace(mix, level=mix.level + np.log(n / counts))
    return mix


@dataclass(frozen=True)
class EthnicMix:
    """How the known ethnic groups share an MSOA's referrals, by threshold reached.

    Attributes
    ----------
    level, gradient, context
        (5,) log rate ratio, and its slopes on x1 of the MSOA and on x1:x2.
    by_level, by_level_gradient
        (3, 5) the same for the three ranges of thresholds.
    unknown
        Share of referrals without a known group.
    """

    level: Floats
    gradient: Floats
    context: Floats
    by_level: Floats
    by_level_gradient: Floats
    unknown: float

    def shares(self, geo: Geography, composition: Composition) -> Floats:
        """Return shares by LSOA, range of thresholds and group (last: unknown), (n, 3, 6)."""
        x1, x2 = geo.msoa_x1, np.zeros(geo.msoa_code.size)
        x2[geo.msoa] = geo.x2
        people = np.maximum(composition.people, 1e-12)
        score = np.log(people) + self.level
        score = score + x1[:, None] * self.gradient + (x1 * x2)[:, None] * self.context
        by_level = self.by_level[None] + x1[:, None, None] * self.by_level_gradient[None]
        odds = np.exp(score[:, None, :] + by_level)
        known = odds / odds.sum(axis=2, keepdims=True) * (1.0 - self.unknown)
        lost = np.full((*known.shape[:2], 1), self.unknown)
        shares: Floats = np.concatenate([known, lost], axis=2)[geo.msoa]
        return shares


def level_counts(referrals: Floats, cumulative: Floats) -> Floats:
    """Split expected referrals (n,) by range of thresholds with shares (6, n), (n, 3)."""
    cin, plan = cumulative[2], cumulative[5]
    split: Floats = referrals[:, None] * np.column_stack([1.0 - cin, cin - plan, plan])
    return split


def ethnic_counts(shares: Floats, by_level: Floats, first: int, geo: Geography) -> Floats:
    """Return expected events by MSOA and group of referrals from range `first` on, (m, 6)."""
    events = (shares[:, first:] * by_level[:, first:, None]).sum(axis=1)
    m = geo.msoa_code.size
    return np.column_stack([np.bincount(geo.msoa, column, m) for column in events.T])


def meet_ethnicity(
    geo: Geography, composition: Composition, report: Published, targets: Targets, *,
    by_level: Floats, n_rounds: int,
) -> EthnicMix:  # fmt: skip
    """Calibrate the ethnic mix to Table 5 and to the rates that the text gives for CIN and plans.

    Parameters
    ----------
    by_level
        (n, 3) expected referrals by range of thresholds.
    n_rounds
        How often gradients are moved; levels are moved more often.
    """
    g = len(ethnic.GROUPS)
    mix = EthnicMix(
        level=np.log(targets.ethnic_rates), gradient=targets.ethnic[:, 0].copy(),
        context=targets.ethnic[:, 1].copy(), by_level=np.zeros((LEVELS, g)),
        by_level_gradient=np.zeros((LEVELS, g)), unknown=targets.unknown_ethnicity,
    )  # fmt: skip
    area = msoas(geo)
    people = composition.people[area.keep]
    wanted = _ethnic_rates(report, targets)
    for round_no in range(n_rounds + N_LEVEL_ROUNDS):
        shares = mix.shares(geo, composition)
        counts = [ethnic_counts(shares, by_level, k, geo)[area.keep, :g] for k in range(LEVELS)]
        rates = [np.log(c.sum(axis=0) / people.sum(axis=0)) for c in counts]
        tilt = mix.by_level.copy()
        past = np.zeros(g)
        for k, goal in wanted.items():
            gap = np.where(np.isfinite(goal), goal - (rates[k] - rates[0]), 0.0)
            tilt[k:] += gap - past
            past = gap
        level = mix.level + np.log(targets.ethnic_rates) - rates[0]
        mix = replace(mix, level=level, by_level=tilt)
        if round_no < n_rounds:  # afterwards only levels move
            mix = _meet_ethnic_slopes(mix, report, targets, counts=counts, people=people, area=area)
    return mix


def _meet_ethnic_slopes(
    mix: EthnicMix, report: Published, targets: Targets, *,
    counts: list[Floats], people: Floats, area: Area,
) -> EthnicMix:  # fmt: skip
    """Move gradients to Table 5's, and White children's beyond to those of the text."""
    found = np.array(
        [_msoa_slopes(counts[0][:, e], people[:, e], area) for e in range(people.shape[1])]
    )
    slope = mix.by_level_gradient.copy()
    past = 0.0
    for k, measure in enumerate(("cin", "cp_plan"), start=1):
        # what a threshold's gradient has beyond the referrals', which moves by itself
        beyond = _msoa_slopes(counts[k][:, -1], people[:, -1], area)[0] - found[-1, 0]
        printed = np.log(report.value("text", "White", f"{measure}_irr"))
        gap = printed - targets.ethnic[-1, 0] - beyond
        slope[k:, -1] += gap - past
        past = gap
    miss = targets.ethnic - found
    return replace(
        mix, gradient=mix.gradient + miss[:, 0], context=mix.context + miss[:, 1],
        by_level_gradient=slope,
    )  # fmt: skip


def _ethnic_rates(report: Published, targets: Targets) -> dict[int, Floats]:
    """Return the text's log CIN (1) and plan (2) rates less the referral rates; NaN elsewhere."""
    wanted = {}
    for k, measure in ((1, "cin"), (2, "cp_plan")):
        goal = np.full(len(ethnic.GROUPS), np.nan)
        for group in ("Asian", "Mixed"):
            at = ethnic.GROUPS.index(group)
            rate = report.value("text", group, f"{measure}_rate_per_10k") / 1e4
            goal[at] = np.log(rate / targets.ethnic_rates[at])
        wanted[k] = goal
    return wanted


def _msoa_slopes(events: Floats, people: Floats, area: Area) -> Floats:
    fit = fit_counts(events, people, area.study(), area.la)
    return np.asarray(fit.params)[[1, 3]]
