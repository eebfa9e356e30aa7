"""When things happen in an episode, so that every drawn event lies in the census year.

An event that would fall after 31 March belongs to another child's episode, carried over
from the year before in the same neighbourhood, age and sex, 52 weeks earlier: what leaves
the year at its end comes in at its beginning, and expected counts are conserved.
"""

from __future__ import annotations

from dataclasses import dataclass, fields, replace

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

NONE = -1
START = int(np.datetime64("2018-04-01").astype(np.int64))
END = int(np.datetime64("2019-03-31").astype(np.int64))
WEEKS_52 = 364
RE_REFERRAL_DAYS = 364
MIN_GAP = 28
"""Fewest days between two referrals of one child: room for the first one's events."""
LEVEL_NFA, LEVEL_ASSESSED, LEVEL_CIN, LEVEL_S47, LEVEL_CONFERENCE, LEVEL_PLAN = range(6)


@dataclass(frozen=True)
class Episodes:
    """Episodes of need, one element each; dates are days since 1970, `NONE` when absent.

    Attributes
    ----------
    child
        (n,) row of the child.
    referral, assessment_start, assessment_end, s47, conference, plan, plan_end, closure
        (n,) dates.
    nfa
        (n,) referral that led to no further action.
    after_assessment
        (n,) closed after assessment (RC8).
    icpc_not_required
        (n,) section 47 enquiry that led to no conference.
    """

    child: Ints
    referral: Ints
    assessment_start: Ints
    assessment_end: Ints
    s47: Ints
    conference: Ints
    plan: Ints
    plan_end: Ints
    closure: Ints
    nfa: Bools
    after_assessment: Bools
    icpc_not_required: Bools

    def __len__(self) -> int:
        return int(self.referral.size)


def join(parts: list[Episodes]) -> Episodes:
    """Stack episodes."""
    return Episodes(*(np.concatenate([getattr(p, f.name) for p in parts])
                      for f in fields(Episodes)))  # fmt: skip


def blank(child: Ints, referral: Ints) -> Episodes:
    """Return episodes with nothing but a referral."""
    none = np.full(child.size, NONE, dtype=np.int64)
    no = np.zeros(child.size, dtype=bool)
    return Episodes(child, referral, none, none, none, none, none, none, none, no, no, no)


def referral_dates(rng: np.random.Generator, n: int) -> Ints:
    """Draw referral dates in the year; a weekend day has 15 % of a weekday's referrals."""
    days = np.arange(START, END + 1)
    weight = np.where(_weekday(days) >= 5, 0.15, 1.0)
    edges = np.cumsum(weight / weight.sum())[:-1]
    return days[np.searchsorted(edges, rng.random(n), side="right")]


def _weekday(days: Ints) -> Ints:
    """Return 0 for Monday to 6 for Sunday (1 January 1970 was a Thursday)."""
    return (days + 3) % 7


def unfold(
    rng: np.random.Generator, child: Ints, referral: Ints, level: Ints, limit: Ints
) -> Episodes:
    """Give each referral the events of its level.

    Parameters
    ----------
    child, referral, level
        (n,) child, referral date and deepest threshold reached.
    limit
        (n,) date of the child's next referral, by which the episode has closed; far away
        where there is none. Only episodes below a conference may have one.

    Returns
    -------
    Episodes
        Events may lie after the year's end: `wrap` moves them.
    """
    n = referral.size
    last = np.where(level == LEVEL_ASSESSED, np.minimum(limit - 1, END), limit - 1)
    lag = 1 + np.minimum(rng.gamma(3.0, 12.0, n), 80).astype(np.int64)
    end = np.minimum(referral + lag, last)
    start = np.minimum(referral + rng.integers(0, 4, n), end)
    s47 = np.minimum(referral + np.minimum(rng.geometric(0.25, n) - 1, 12), limit - 1)
    conference = s47 + rng.integers(8, 22, n)
    conference += np.array([0, 0, 0, 0, 0, 2, 1])[_weekday(conference)]
    plan_end = conference + 14 + rng.gamma(3.0, 130.0, n).astype(np.int64)

    def where(reached: int, dates: Ints) -> Ints:
        return np.where(level >= reached, dates, NONE)

    return Episodes(
        child=child,
        referral=referral,
        assessment_start=where(LEVEL_ASSESSED, start),
        assessment_end=where(LEVEL_ASSESSED, end),
        s47=where(LEVEL_S47, s47),
        conference=where(LEVEL_CONFERENCE, conference),
        plan=where(LEVEL_PLAN, conference),
        plan_end=where(LEVEL_PLAN, plan_end),
        closure=np.full(n, NONE, dtype=np.int64),
        nfa=level == LEVEL_NFA,
        after_assessment=level == LEVEL_ASSESSED,
        icpc_not_required=level == LEVEL_S47,
    )


def wrap(episodes: Episodes) -> tuple[Episodes, Ints, Episodes]:
    """Move what falls after the year to carried-over episodes.

    Returns
    -------
    kept
        The same episodes without their late events (under assessment or enquiry on 31 March).
    source
        (k,) rows of `episodes` that gave events away.
    carried
        (k,) episodes from before the year with those events 52 weeks earlier; `child` is
        0 … k − 1.
    """
    e = episodes
    late_end, late_s47, late_icpc = e.assessment_end > END, e.s47 > END, e.conference > END
    source = np.flatnonzero(late_end | late_s47 | late_icpc)

    def back(dates: Ints, late: Bools) -> Ints:
        return np.where(late[source], dates[source] - WEEKS_52, NONE)

    started = np.minimum(e.s47[source] - WEEKS_52, np.where(late_s47[source], END, START - 1))
    carried = replace(
        blank(np.arange(source.size), np.minimum(e.referral[source] - WEEKS_52, START - 1)),
        assessment_start=back(e.assessment_start, late_end),
        assessment_end=back(e.assessment_end, late_end),
        s47=np.where((late_s47 | late_icpc)[source], started, NONE),
        conference=back(e.conference, late_icpc),
        plan=np.where(e.plan[source] == NONE, NONE, back(e.plan, late_icpc)),
        plan_end=np.where(e.plan[source] == NONE, NONE, back(e.plan_end, late_icpc)),
        icpc_not_required=e.icpc_not_required[source] & late_s47[source],
    )

    def drop(dates: Ints, late: Bools) -> Ints:
        return np.where(late, NONE, dates)

    kept = replace(
        e,
        assessment_start=drop(e.assessment_start, e.assessment_start > END),
        assessment_end=drop(e.assessment_end, late_end),
        s47=drop(e.s47, late_s47),
        conference=drop(e.conference, late_icpc),
        plan=drop(e.plan, late_icpc),
        plan_end=drop(e.plan_end, late_icpc),
        icpc_not_required=e.icpc_not_required & ~late_s47,
    )
    return kept, source, carried


def close(rng: np.random.Generator, episodes: Episodes, limit: Ints) -> Episodes:
    """Draw closures: RC8 after the assessment, others later, or none by 31 March."""
    e = episodes
    n = len(e)
    pending = (e.assessment_start != NONE) & (e.assessment_end == NONE)
    pending |= (e.s47 != NONE) & (e.conference == NONE) & ~e.icpc_not_required
    plan_end = np.where(e.plan_end > END, NONE, e.plan_end)
    pending |= (e.plan != NONE) & (plan_end == NONE)
    floor = np.maximum.reduce([e.referral + 1, e.assessment_end, e.s47, e.conference, plan_end,
                               np.full(n, START)])  # fmt: skip
    lasting = e.referral + rng.gamma(0.75, 150.0, n).astype(np.int64)
    after_plan = np.where(plan_end == NONE, 0, plan_end + rng.integers(0, 60, n))
    date = np.maximum.reduce([floor, lasting, after_plan])
    date = np.where(e.after_assessment, e.assessment_end + rng.integers(0, 8, n), date)
    date = np.where(e.after_assessment, np.minimum(date, END), date)
    date = np.minimum(date, limit)
    closed = ~e.nfa & ~pending & (date <= END)
    return replace(e, plan_end=plan_end, closure=np.where(closed, date, NONE))


def window(episodes: Episodes) -> tuple[Ints, Ints]:
    """Return each episode's first and last counted date in the year, shape (n,) each."""
    dates = np.stack([episodes.referral, episodes.assessment_end, episodes.s47,
                      episodes.conference, episodes.plan])  # fmt: skip
    inside = (dates >= START) & (dates <= END)
    first = np.where(inside, dates, END + 1).min(axis=0)
    last = np.where(inside, dates, START - 1).max(axis=0)
    return first, last
