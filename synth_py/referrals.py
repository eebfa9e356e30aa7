"""Referrals of the year, one by one, and which of them are the same child's."""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from synth_py import timeline
from synth_py.config import AGES
from synth_py.timeline import END, LONG, OPEN, START, Spells

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
Floats = NDArray[np.float64]

CHILDREN_REFERRED = 260_000
REFERRALS = 300_830
"""Report, text and Table 9: children and referrals."""
FAR = END + 10_000
OLD_REFERRAL = 0.06
"""Share of other children who were referred in the year before, too long ago to count."""
NO_TWO = 400
"""Days by which a referral that does not count lies before the next: more than 12 months."""


@dataclass(frozen=True)
class Referrals:
    """Referrals of the year, one element each.

    Attributes
    ----------
    lsoa, age, sex
        (n,) LSOA row, completed years, recorded sex.
    ethnic
        (n,) position in Table 5's groups, 5 for unknown.
    level, ending, plan_ending
        (n,) as in `timeline.Spells`.
    """

    lsoa: Ints
    age: Ints
    sex: Ints
    ethnic: Ints
    level: Ints
    ending: Ints
    plan_ending: Ints

    def at(self, rows: Ints) -> Referrals:
        """Return some of them."""
        return Referrals(*(getattr(self, f.name)[rows] for f in fields(Referrals)))

    def spells(self, pace: Floats) -> Spells:
        """Return how they go on; `pace` is by LSOA."""
        return Spells(self.level, self.ending, self.plan_ending, pace[self.lsoa])


def expand(drawn: Ints) -> tuple[Ints, Ints, Ints, Ints]:
    """Turn counts by measure, LSOA, age 5–15 and sex, (6, n, 11, 3), into referrals.

    Thresholds are nested, so the first `drawn[m]` referrals of a cell reach measure m;
    dates are drawn later, hence which referral is first says nothing.

    Returns
    -------
    lsoa, age, sex, level
        (n,) each.
    """
    i, a, s = np.nonzero(drawn[0])
    n = drawn[0][i, a, s]
    cell = np.repeat(np.arange(n.size), n)
    rank = np.arange(cell.size) - np.repeat(np.cumsum(n) - n, n)
    level = np.zeros(cell.size, dtype=np.int64)
    for counts in drawn[1:]:
        level += rank < counts[i, a, s][cell]
    return i[cell], a[cell] + AGES[0], s[cell], level


@dataclass(frozen=True)
class Chains:
    """Referrals in the order of children and dates.

    Attributes
    ----------
    referrals, date
        The referrals, sorted, and their (n,) dates.
    linked
        (n,) whether the next referral is the same child's.
    again
        (n,) whether a child's first referral comes within 12 months of one before the year.
    """

    referrals: Referrals
    date: Ints
    linked: Bools
    again: Bools

    @property
    def head(self) -> Ints:
        """Rows at which children begin."""
        return np.flatnonzero(np.r_[True, ~self.linked[:-1]][: self.linked.size])


def chain(rng: np.random.Generator, r: Referrals, chance: Floats) -> Chains:
    """Decide which referrals are re-referrals, and give them their child's earlier ones.

    An LSOA's number of re-referrals is binomial with its chance; which of its referrals they
    are is free, and goes to those that can follow another of the year. The rest of them
    follow one from before the year.

    Parameters
    ----------
    chance
        (n_lsoas,) chance that a referral is within 12 months of the child's one before.
    """
    n_lsoas = chance.size
    date = timeline.referral_dates(rng, r.lsoa.size)
    # dates say nothing of a referral: within a group the first go to those that can be followed
    pair, later = (r.age + 1) // 2, _follow(r)
    order = np.lexsort((later, r.age, pair, r.ethnic, r.sex, r.lsoa))
    by_date = np.lexsort((date, pair, r.ethnic, r.sex, r.lsoa))
    r, date = r.at(order), date[by_date]
    many = rng.binomial(np.bincount(r.lsoa, minlength=n_lsoas), chance)
    linked = _link(rng, r, date, many)
    left = many - np.bincount(r.lsoa[linked], minlength=n_lsoas)
    first = np.r_[True, ~linked[:-1]][: linked.size] & (r.age >= 1)
    again = first & (_random_rank(rng, r.lsoa, first) < left[r.lsoa])
    return Chains(r, date, linked, again)


def _follow(r: Referrals) -> Ints:
    """Say how hard it is for another referral of the year to follow: 0 easy to 3 impossible."""
    need = r.level >= timeline.LEVEL_CIN
    hard = np.where(need & (r.ending == LONG), 1, np.where(need & (r.ending == OPEN), 2, 0))
    return np.where(r.level >= timeline.LEVEL_CONFERENCE, 3, hard)


def _link(rng: np.random.Generator, r: Referrals, date: Ints, many: Ints) -> Bools:
    """Mark referrals whose next one is the same child's, no more than re-referrals an LSOA."""
    gap, step = np.diff(date), np.diff(r.age)
    # a birthday may lie between an odd age and the next, so no child has two in one year
    possible = (
        (np.diff(r.lsoa) == 0) & (np.diff(r.sex) == 0) & (np.diff(r.ethnic) == 0)
        & (r.age[:-1] >= 0)
        & ((step == 0) | ((step == 1) & (r.age[:-1] % 2 == 1)))
        & (gap >= timeline.MIN_GAP)
        & (r.level[:-1] < timeline.LEVEL_CONFERENCE)
        & ((r.ending[:-1] != LONG) | (gap > timeline.LEAST_LONG))
        & ((r.ending[:-1] != OPEN) | (r.level[:-1] < timeline.LEVEL_CIN))
    )  # fmt: skip
    possible = np.append(possible, False)
    within = possible & (_random_rank(rng, r.lsoa, possible) < many[r.lsoa])
    wanted = (1 - CHILDREN_REFERRED / REFERRALS) * date.size
    share = min(wanted / max(int(within.sum()), 1), 1.0)
    return within & (rng.random(date.size) < share)


def _random_rank(rng: np.random.Generator, group: Ints, among: Bools) -> Ints:
    """Rank the marked rows of each group at random from 0; the others come last."""
    order = np.lexsort((rng.random(group.size), ~among, group))
    ordered = group[order]
    first = np.r_[True, ordered[1:] != ordered[:-1]][: group.size]
    start = np.maximum.accumulate(np.where(first, np.arange(group.size), 0))
    rank = np.empty(group.size, dtype=np.int64)
    rank[order] = np.arange(group.size) - start
    return rank


def pick(rng: np.random.Generator, weight: Floats, n: int) -> Ints:
    """Draw `n` positions in proportion to `weight`."""
    edges = np.cumsum(weight / weight.sum())[:-1]
    return np.searchsorted(edges, rng.random(n), side="right").astype(np.int64)


@dataclass(frozen=True)
class Earlier:
    """Episodes of the year before that closed in it, one element each.

    Attributes
    ----------
    child
        (n,) row of the child.
    referral, closure
        (n,) dates.
    """

    child: Ints
    referral: Ints
    closure: Ints


def earlier(rng: np.random.Generator, chains: Chains) -> Earlier:
    """Draw the referral before the year of children who are referred again, and some older ones."""
    head = chains.head
    date = chains.date[head]
    again = chains.again[head]
    old = ~again & (chains.referrals.age[head] >= 3) & (rng.random(head.size) < OLD_REFERRAL)
    child = np.flatnonzero(again | old)
    latest = START - 1
    first = np.where(again[child], date[child] - timeline.RE_REFERRAL_DAYS,
                     date[child] - NO_TWO - 150)  # fmt: skip
    first = np.minimum(first, latest)
    last = np.where(again[child], latest, np.minimum(date[child] - NO_TWO, latest))
    referral = first + (rng.random(child.size) * (last - first + 1)).astype(np.int64)
    opened = np.maximum(referral + 5, START - timeline.WEEKS_52)
    closure = opened + (rng.random(child.size) ** 2 * (START - opened)).astype(np.int64)
    return Earlier(child, referral, np.minimum(closure, latest))
