"""Children and their episodes: counts become referrals, referrals become children."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace

import numpy as np
from numpy.typing import NDArray

from synth_py import timeline
from synth_py.config import AGES
from synth_py.referrals import FAR, Chains, Earlier, Referrals, chain, earlier, pick
from synth_py.timeline import END, NONE, START, Episodes

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
Floats = NDArray[np.float64]

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
    ethnic
        (n,) position in Table 5's groups, 5 for unknown.
    born_from, born_to
        (n,) days between which the birthday that brings `age` lies.
    located
        (n,) whether the location file has the child.
    """

    lsoa: Ints
    age: Ints
    sex: Ints
    ethnic: Ints
    born_from: Ints
    born_to: Ints
    located: Bools

    def __len__(self) -> int:
        return int(self.lsoa.size)

    def at(self, rows: Ints) -> Children:
        """Return some of them."""
        return Children(*(getattr(self, f.name)[rows] for f in fields(Children)))


@dataclass(frozen=True)
class Cases:
    """Children with their episodes (`child` is a row of `children`), and the year before's."""

    children: Children
    episodes: Episodes
    earlier: Earlier


@dataclass(frozen=True)
class Setting:
    """What every group of children is drawn with.

    Attributes
    ----------
    chance
        (n_lsoas,) chance that a referral is a re-referral.
    pace
        (n_lsoas,) factor on the time that assessments take.
    """

    chance: Floats
    pace: Floats


def no_earlier() -> Earlier:
    """Return no episodes of the year before."""
    none = np.zeros(0, dtype=np.int64)
    return Earlier(none, none, none)


def stack(parts: list[Cases]) -> Cases:
    """Put groups of cases one after another."""
    offsets = np.cumsum([0] + [len(p.children) for p in parts[:-1]]).tolist()
    children = Children(
        *(np.concatenate([getattr(p.children, f.name) for p in parts]) for f in fields(Children))
    )
    episodes = timeline.join(
        [replace(p.episodes, child=p.episodes.child + o)
         for p, o in zip(parts, offsets, strict=True)]
    )  # fmt: skip
    before = Earlier(
        np.concatenate([p.earlier.child + o for p, o in zip(parts, offsets, strict=True)]),
        np.concatenate([p.earlier.referral for p in parts]),
        np.concatenate([p.earlier.closure for p in parts]),
    )
    return Cases(children, episodes, before)


def year_cases(
    rng: np.random.Generator, referrals: Referrals, setting: Setting, *, located: bool
) -> Cases:
    """Give the year's referrals to children, with their events and what was carried over.

    Referrals of one neighbourhood, sex and ethnic group in the same or the next year of age
    may be the same child's; enough are linked for the report's 260,000 children in 300,830
    referrals. Other re-referrals follow an episode of the year before.
    """
    chains = chain(rng, referrals, setting.chance)
    r, date, linked = chains.referrals, chains.date, chains.linked
    limit = np.where(linked, np.r_[date[1:], FAR][: date.size], FAR)
    child = np.cumsum(np.r_[False, ~linked[:-1]][: date.size])
    episodes = timeline.unfold(rng, child, date, r.spells(setting.pace), limit)
    kept, source, carried = timeline.wrap(episodes)
    children = _children(chains, kept, located)
    if not located:  # the youngest were not born when what was carried over began
        some = np.flatnonzero(_was_born(r.age[source], carried))
        source, carried = source[some], timeline.renumbered(carried, some)
    guests = guests_of(r.at(source), carried, located)
    own = Cases(children, kept, earlier(rng, chains))
    return stack([own, Cases(guests, carried, no_earlier())])


def _was_born(age: Ints, carried: Episodes) -> Bools:
    """Say for whom an episode began no more than 40 weeks before birth, at the latest birthday."""
    first, _ = timeline.window(carried)
    born: Bools = (age >= 0) & (carried.referral >= first - 365 * age - 270)
    return born


def _children(chains: Chains, episodes: Episodes, located: bool) -> Children:
    """Describe each child by its chain of episodes."""
    r, head = chains.referrals, chains.head
    first, last = timeline.window(episodes)
    start_age = r.age[head]
    own = r.age == start_age[episodes.child]
    last_own = np.maximum.reduceat(np.where(own, last, START - 1), head)
    next_age = np.minimum.reduceat(np.where(own, END + 1, first), head)
    steps = next_age <= END
    return Children(
        lsoa=r.lsoa[head],
        age=np.where(steps, start_age + 1, start_age),
        sex=r.sex[head],
        ethnic=r.ethnic[head],
        born_from=np.where(steps, last_own + 1, last_own - timeline.WEEKS_52),
        born_to=np.where(steps, next_age, first[head]),
        located=np.full(head.size, located),
    )


def guests_of(r: Referrals, carried: Episodes, located: bool) -> Children:
    """Describe the children of carried-over episodes that take another's late events."""
    first, last = timeline.window(carried)
    return Children(
        lsoa=r.lsoa,
        age=r.age,
        sex=r.sex,
        ethnic=r.ethnic,
        born_from=last - timeline.WEEKS_52,
        born_to=first,
        located=np.full(r.lsoa.size, located),
    )


def ended_plans(rng: np.random.Generator, r: Referrals) -> Cases:
    """Give each row a child whose plan of more than six months ends in the year."""
    n = r.lsoa.size
    plan_end = timeline.referral_dates(rng, n)
    lengthy = timeline.LEAST_LONG_PLAN + rng.gamma(1.1, 165.0, n).astype(np.int64)
    plan = np.minimum(plan_end - lengthy, START - 1)
    referral = plan - rng.integers(10, 40, n)
    episodes = replace(timeline.blank(np.arange(n), referral), plan=plan, plan_end=plan_end)
    return Cases(guests_of(r, episodes, True), episodes, no_earlier())


def carried_over(
    rng: np.random.Generator, weight: Floats, groups: Floats, match_rate: float, n: int
) -> Cases:
    """Draw `n` children whose one episode began before the year and has no counted event.

    Those of the ages studied who are located stay open: every spell of theirs that ends in
    the year is drawn with the spells that start in it. `age` is the age on 1 April; no
    episode begins more than 100 days before birth.

    Parameters
    ----------
    weight, groups
        Chances of LSOAs (n_lsoas,) and of ethnic groups (6,).
    """
    ages = np.arange(0, 18)
    chance = np.where(ages < 5, 1.0, np.where(ages < 16, 0.95, 1.3))
    age = ages[pick(rng, chance, n)]
    oldest = START - 365 * age - 100
    referral = np.maximum(START - 1 - rng.gamma(0.8, 380.0, n).astype(np.int64), oldest)
    school = (age >= AGES[0] - 1) & (age <= AGES[-1])
    located = school & (rng.random(n) < match_rate)
    children = Children(
        lsoa=pick(rng, weight, n),
        age=age,
        sex=pick(rng, np.array([0.53, 0.469, 0.001]), n),
        ethnic=pick(rng, groups, n),
        born_from=np.full(n, START - timeline.WEEKS_52),
        born_to=np.full(n, START - 21),
        located=located,
    )
    return Cases(children, _old_episodes(rng, referral, located), no_earlier())


def _old_episodes(rng: np.random.Generator, referral: Ints, stays: Bools) -> Episodes:
    """Let old episodes close in the year or not; a fifth has a child protection plan."""
    n = referral.size
    closes = ~stays & (rng.random(n) < 0.55)
    closure = np.where(closes, rng.integers(START, END + 1, n), NONE)
    begin = np.maximum(referral + 20, START - 1 - rng.gamma(1.5, 120.0, n).astype(np.int64))
    planned = (rng.random(n) < np.where(stays, 0.12, 0.19)) & (begin < START)
    ends = np.minimum(rng.integers(START, END + 1, n), np.where(closure == NONE, END, closure))
    ended = planned & ~stays & ((closure != NONE) | (rng.random(n) < 0.75))
    return replace(
        timeline.blank(np.arange(n), referral),
        plan=np.where(planned, begin, NONE),
        plan_end=np.where(ended, ends, NONE),
        closure=closure,
    )
