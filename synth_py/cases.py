"""Children and their episodes: counts become referrals, referrals become children."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace

import numpy as np
from numpy.typing import NDArray

from synth_py import timeline
from synth_py.config import AGES
from synth_py.timeline import END, NONE, START, Episodes

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
Floats = NDArray[np.float64]

CHILDREN_REFERRED = 260_000
REFERRALS = 300_830
RE_REFERRED = 73_828
"""Report, text and Table 9: children, referrals and referrals within 12 months of another."""
FAR = END + 10_000
UNBORN = -1


@dataclass(frozen=True)
class Children:
    """Children, one element each.

    Attributes
    ----------
    lsoa
        (n,) row of the LSOA of residence.
    age, sex
        (n,) completed years at the first counted event (`UNBORN` before birth), and
        0 male, 1 female, 2 not recorded.
    born_from, born_to
        (n,) days between which the birthday that brings `age` lies.
    located
        (n,) whether the location file has the child.
    matchable
        (n,) whether the child belongs to the matched population (its ethnic mix).
    """

    lsoa: Ints
    age: Ints
    sex: Ints
    born_from: Ints
    born_to: Ints
    located: Bools
    matchable: Bools

    def __len__(self) -> int:
        return int(self.lsoa.size)


@dataclass(frozen=True)
class Cases:
    """Children with their episodes (`episodes.child` is a row of `children`)."""

    children: Children
    episodes: Episodes


def stack(parts: list[Cases]) -> Cases:
    """Put groups of cases one after another."""
    offsets = np.cumsum([0] + [len(p.children) for p in parts[:-1]])
    children = Children(
        *(np.concatenate([getattr(p.children, f.name) for p in parts]) for f in fields(Children))
    )
    episodes = timeline.join(
        [replace(p.episodes, child=p.episodes.child + o)
         for p, o in zip(parts, offsets.tolist(), strict=True)]
    )  # fmt: skip
    return Cases(children, episodes)


@dataclass(frozen=True)
class Referrals:
    """Referrals of the year, one element each: LSOA row, age, recorded sex, threshold reached."""

    lsoa: Ints
    age: Ints
    sex: Ints
    level: Ints


def expand(drawn: Ints) -> Referrals:
    """Turn counts by measure, LSOA, age 5–15 and sex, (6, n, 11, 3), into referrals.

    Thresholds are nested, so the first `drawn[m]` referrals of a cell reach measure m;
    dates are drawn later, hence which referral is first says nothing.
    """
    i, a, s = np.nonzero(drawn[0])
    n = drawn[0][i, a, s]
    cell = np.repeat(np.arange(n.size), n)
    rank = np.arange(cell.size) - np.repeat(np.cumsum(n) - n, n)
    level = np.zeros(cell.size, dtype=np.int64)
    for counts in drawn[1:]:
        level += rank < counts[i, a, s][cell]
    return Referrals(i[cell], a[cell] + AGES[0], s[cell], level)


def year_cases(rng: np.random.Generator, referrals: Referrals, *, located: bool) -> Cases:
    """Give the year's referrals to children, with their events and what was carried over.

    Referrals of one neighbourhood and sex in the same or the next year of age may be the
    same child's; enough are linked for the report's 260,000 children in 300,830 referrals.
    Some children's first referral follows an episode from the year before, so that 24.5 %
    of referrals come within 12 months of another.
    """
    r, date, linked = _link(rng, referrals)
    limit = np.where(linked, np.r_[date[1:], FAR], FAR)
    child = np.cumsum(np.r_[False, ~linked[:-1]])
    episodes = timeline.unfold(rng, child, date, r.level, limit)
    kept, source, carried = timeline.wrap(episodes)
    kept = timeline.close(rng, kept, limit)
    carried = timeline.close(rng, carried, np.full(source.size, FAR))
    head = np.flatnonzero(np.r_[True, ~linked[:-1]])
    children = _children(r, kept, head, located)
    guests = _guests(r, source, carried, located)
    repeats = (date.size - head.size) / max(date.size, 1)
    chance = max(RE_REFERRED / REFERRALS - repeats, 0.0) * date.size / max(head.size, 1)
    before = _before(rng, children, date[head], chance)
    return stack([Cases(children, timeline.join([kept, before])), Cases(guests, carried)])


def _link(rng: np.random.Generator, r: Referrals) -> tuple[Referrals, Ints, Bools]:
    """Date and sort the referrals; mark those whose next one is the same child's."""
    date = timeline.referral_dates(rng, r.lsoa.size)
    order = np.lexsort((date, r.age, r.sex, r.lsoa))
    r = Referrals(r.lsoa[order], r.age[order], r.sex[order], r.level[order])
    date = date[order]
    step = np.diff(r.age)
    # a birthday may lie between an odd age and the next, so no child has two in one year
    possible = (
        (np.diff(r.lsoa) == 0)
        & (np.diff(r.sex) == 0)
        & (r.age[:-1] >= 0)
        & ((step == 0) | ((step == 1) & (r.age[:-1] % 2 == 1)))
        & (np.diff(date) >= timeline.MIN_GAP)
        & (r.level[:-1] < timeline.LEVEL_CONFERENCE)
    )
    wanted = (1 - CHILDREN_REFERRED / REFERRALS) * date.size
    chance = min(wanted / max(int(possible.sum()), 1), 1.0)
    linked = np.append(possible & (rng.random(possible.size) < chance), False)
    return r, date, linked


def _children(r: Referrals, episodes: Episodes, head: Ints, located: bool) -> Children:
    """Describe each child by its chain of episodes, which begins at row `head`."""
    first, last = timeline.window(episodes)
    n = head.size
    start_age = r.age[head]
    own = r.age == start_age[episodes.child]
    last_own = np.maximum.reduceat(np.where(own, last, START - 1), head)
    next_age = np.minimum.reduceat(np.where(own, END + 1, first), head)
    steps = next_age <= END
    yes = np.full(n, located)
    return Children(
        lsoa=r.lsoa[head],
        age=np.where(steps, start_age + 1, start_age),
        sex=r.sex[head],
        born_from=np.where(steps, last_own + 1, last_own - timeline.WEEKS_52),
        born_to=np.where(steps, next_age, first[head]),
        located=yes,
        matchable=yes,
    )


def _guests(r: Referrals, source: Ints, carried: Episodes, located: bool) -> Children:
    """Describe the children of carried-over episodes that take another's late events."""
    first, last = timeline.window(carried)
    yes = np.full(source.size, located)
    return Children(
        lsoa=r.lsoa[source],
        age=r.age[source],
        sex=r.sex[source],
        born_from=last - timeline.WEEKS_52,
        born_to=first,
        located=yes,
        matchable=yes,
    )


def _before(rng: np.random.Generator, children: Children, date: Ints, chance: float) -> Episodes:
    """Give some children an episode from the year before that closed before their referral."""
    some = np.flatnonzero((rng.random(date.size) < chance) & (children.age >= 1))
    latest = START - 1
    earliest = np.minimum(date[some] - timeline.RE_REFERRAL_DAYS, latest)
    referral = earliest + (rng.random(some.size) * (latest + 1 - earliest)).astype(np.int64)
    closure = START + (rng.random(some.size) * (date[some] - START + 1)).astype(np.int64)
    return replace(timeline.blank(some, referral), closure=closure)


def other_ages(rng: np.random.Generator, weight: Floats, level_share: Floats, n: int) -> Cases:
    """Draw `n` referrals outside 5–15: unborn, 0–4, 16 and 17 years, none of them located.

    Parameters
    ----------
    weight
        (n_lsoas,) chance of each LSOA.
    level_share
        (6,) share of referrals that end at each threshold.
    """
    ages = np.array([UNBORN, 0, 1, 2, 3, 4, 16, 17])
    chance = np.array([0.06, 0.155, 0.14, 0.14, 0.135, 0.13, 0.14, 0.10])
    lsoa = _pick(rng, weight, n)
    age = ages[_pick(rng, chance, n)]
    sex = np.where(age == UNBORN, 2, _pick(rng, np.array([0.507, 0.492, 0.001]), n))
    level = _pick(rng, level_share, n)
    return year_cases(rng, Referrals(lsoa, age, sex, level), located=False)


def carried_over(rng: np.random.Generator, weight: Floats, match_rate: float, n: int) -> Cases:
    """Draw `n` children whose one episode began before the year and has no counted event.

    `age` is the age on 1 April; no episode begins more than 100 days before birth.
    """
    ages = np.arange(0, 18)
    chance = np.where(ages < 5, 1.0, np.where(ages < 16, 0.95, 1.3))
    age = ages[_pick(rng, chance, n)]
    oldest = START - 365 * age - 100
    referral = np.maximum(START - 1 - rng.gamma(0.8, 380.0, n).astype(np.int64), oldest)
    school = (age >= AGES[0]) & (age <= AGES[-1])
    located = school & (rng.random(n) < match_rate)
    children = Children(
        lsoa=_pick(rng, weight, n),
        age=age,
        sex=_pick(rng, np.array([0.53, 0.469, 0.001]), n),
        born_from=np.full(n, START - timeline.WEEKS_52),
        born_to=np.full(n, START - 21),
        located=located,
        matchable=located,
    )
    return Cases(children, _old_episodes(rng, referral))


def _old_episodes(rng: np.random.Generator, referral: Ints) -> Episodes:
    """Let old episodes close in the year (half) or not; a fifth has a child protection plan."""
    n = referral.size
    closure = np.where(rng.random(n) < 0.55, rng.integers(START, END + 1, n), NONE)
    begin = np.maximum(referral + 20, START - 1 - rng.gamma(1.5, 120.0, n).astype(np.int64))
    planned = (rng.random(n) < 0.19) & (begin < START)
    ends = np.minimum(rng.integers(START, END + 1, n), np.where(closure == NONE, END, closure))
    ended = planned & ((closure != NONE) | (rng.random(n) < 0.75))
    return replace(
        timeline.blank(np.arange(n), referral),
        plan=np.where(planned, begin, NONE),
        plan_end=np.where(ended, ends, NONE),
        closure=closure,
    )


def _pick(rng: np.random.Generator, weight: Floats, n: int) -> Ints:
    """Draw positions in proportion to `weight`."""
    edges = np.cumsum(weight / weight.sum())[:-1]
    return np.searchsorted(edges, rng.random(n), side="right").astype(np.int64)
