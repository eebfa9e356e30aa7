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
Floats = NDArray[np.float64]

NONE = -1
START = int(np.datetime64("2018-04-01").astype(np.int64))
END = int(np.datetime64("2019-03-31").astype(np.int64))
WEEKS_52 = 364
RE_REFERRAL_DAYS = 364
MIN_GAP = 28
"""Fewest days between two referrals of one child: room for the first one's events."""
MOST_SHORT, LEAST_LONG = 88, 93
"""Days that are within three months, and beyond, whatever the months (Table 12)."""
MOST_SHORT_PLAN, LEAST_LONG_PLAN = 180, 185
"""The same of six months (Table 13)."""
MOST_DAYS = 1_400
LATEST, LATEST_S47 = END - 55, END - 19
"""Before these days DfE expects an assessment or a section 47 enquiry to have ended (rules 8670Q
and 8675Q: 45 and 15 working days)."""
OPEN, SHORT, LONG = range(3)
"""How a spell ends: not in the year, within the months of Tables 12 and 13, or later."""
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


@dataclass(frozen=True)
class Spells:
    """How referrals go on, one element each.

    Attributes
    ----------
    level
        (n,) deepest threshold reached.
    ending, plan_ending
        (n,) OPEN, SHORT or LONG of the episode of need and of the plan.
    pace
        (n,) factor on the time that assessments take.
    """

    level: Ints
    ending: Ints
    plan_ending: Ints
    pace: Floats

    def at(self, rows: Ints) -> Spells:
        """Return some of them."""
        return Spells(*(getattr(self, f.name)[rows] for f in fields(Spells)))


def join(parts: list[Episodes]) -> Episodes:
    """Stack episodes."""
    return Episodes(*(np.concatenate([getattr(p, f.name) for p in parts])
                      for f in fields(Episodes)))  # fmt: skip


def renumbered(episodes: Episodes, rows: Ints) -> Episodes:
    """Return some episodes, of children 0 … k − 1."""
    some = Episodes(*(getattr(episodes, f.name)[rows] for f in fields(Episodes)))
    return replace(some, child=np.arange(rows.size))


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
    rng: np.random.Generator, child: Ints, referral: Ints, spells: Spells, limit: Ints
) -> Episodes:
    """Give each referral the events of its level.

    Parameters
    ----------
    child, referral
        (n,) child and referral date.
    spells
        How far each goes, how it ends, and at what pace it is assessed.
    limit
        (n,) date of the child's next referral, before which the episode has closed; far away
        where there is none. Only episodes below a conference may have one.

    Returns
    -------
    Episodes
        Events may lie after the year's end: `wrap` moves them.
    """
    n = referral.size
    level = spells.level
    last = np.where(level == LEVEL_ASSESSED, np.minimum(limit - 1, END), limit - 1)
    lag = 1 + np.minimum(spells.pace * rng.gamma(3.0, 12.0, n), 80).astype(np.int64)
    end = np.minimum(referral + lag, last)
    start = np.minimum(referral + rng.integers(0, 4, n), end)
    s47 = np.minimum(referral + np.minimum(rng.geometric(0.25, n) - 1, 12), limit - 1)
    conference = s47 + rng.integers(8, 20, n)
    conference += np.array([0, 0, 0, 0, 0, 2, 1])[_weekday(conference)]
    brief = rng.integers(30, MOST_SHORT_PLAN, n)
    lengthy = np.minimum(LEAST_LONG_PLAN + rng.gamma(1.1, 165.0, n), MOST_DAYS).astype(np.int64)
    plan_end = conference + np.where(spells.plan_ending == SHORT, brief, lengthy)

    def where(reached: int, dates: Ints) -> Ints:
        return np.where(level >= reached, dates, NONE)

    episodes = Episodes(
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
    return replace(episodes, closure=_closures(rng, episodes, spells, limit))


def _closures(rng: np.random.Generator, e: Episodes, spells: Spells, limit: Ints) -> Ints:
    """Draw closure dates, which may lie after the year's end; `NONE` where the case stays open.

    RC8 follows the assessment within the year; a short episode closes within 88 days, a long
    one after 93, and after its plan.
    """
    n = len(e)
    done = np.maximum.reduce([e.referral + 1, e.assessment_end, e.s47, e.conference])
    brief = np.maximum(done, e.referral + rng.integers(20, MOST_SHORT + 1, n))
    lengthy = np.minimum(LEAST_LONG + rng.gamma(1.05, 210.0, n), MOST_DAYS).astype(np.int64)
    after_plan = np.where(e.plan == NONE, NONE, e.plan_end + rng.integers(0, 46, n))
    late = np.maximum(e.referral + lengthy, after_plan)
    date = np.where(spells.ending == SHORT, brief, np.where(spells.ending == LONG, late, NONE))
    rc8 = np.minimum(e.assessment_end + rng.integers(0, 8, n), END)
    date = np.where(e.after_assessment, rc8, date)
    return np.where(e.nfa, NONE, np.minimum(date, limit - 1))


def _back(dates: Ints, days: Ints) -> Ints:
    """Move dates back; `NONE` stays."""
    return np.where(dates == NONE, NONE, dates - days)


def wrap(episodes: Episodes) -> tuple[Episodes, Ints, Episodes]:
    """Move what falls after the year to carried-over episodes.

    Returns
    -------
    kept
        The same episodes without their late events (under assessment or enquiry on 31 March).
    source
        (k,) rows of `episodes` that gave events away.
    carried
        (k,) episodes from before the year with those events whole multiples of 52 weeks
        earlier; `child` is 0 … k − 1.
    """
    kept, source, carried = _wrap_events(episodes)
    both = join([kept, carried])
    origin = np.concatenate([np.arange(len(kept)), source])
    parts, sources = [carried], [source]
    for part, rows in (_wrap_plan_ends(both), _wrap_closures(both)):
        parts.append(part)
        sources.append(origin[rows])
    kept, carried = _within_year(kept), _within_year(carried)
    parts[0] = carried
    joined = join(parts)
    return kept, np.concatenate(sources), replace(joined, child=np.arange(len(joined)))


def _within_year(e: Episodes) -> Episodes:
    """Leave out plan ends and closures after the year."""
    return replace(
        e,
        plan_end=np.where(e.plan_end > END, NONE, e.plan_end),
        closure=np.where(e.closure > END, NONE, e.closure),
    )


def _wrap_events(e: Episodes) -> tuple[Episodes, Ints, Episodes]:
    """Move late assessments, enquiries and conferences, a plan with its conference."""
    late_s47, late_icpc = e.s47 > END, e.conference > END
    # an enquiry takes its assessment along: DfE expects both in one episode (rule 2991Q)
    pulled = (late_s47 | late_icpc) & (e.assessment_end != NONE)
    e = replace(e, assessment_end=np.where(pulled, np.maximum(e.assessment_end, END + 1),
                                           e.assessment_end))  # fmt: skip
    late_end = e.assessment_end > END
    source = np.flatnonzero(late_end | late_s47 | late_icpc)

    def moved(dates: Ints, late: Bools) -> Ints:
        return np.where(late, _back(dates, np.full(dates.size, WEEKS_52)), NONE)[source]

    started = np.minimum(e.s47[source] - WEEKS_52, np.where(late_s47[source], END, START - 1))
    late_plan = late_icpc & (e.plan != NONE)
    carried = replace(
        blank(np.arange(source.size), np.minimum(e.referral[source] - WEEKS_52, START - 1)),
        assessment_start=moved(e.assessment_start, late_end),
        assessment_end=moved(e.assessment_end, late_end),
        s47=np.where((late_s47 | late_icpc)[source], started, NONE),
        conference=moved(e.conference, late_icpc),
        plan=moved(e.plan, late_plan),
        plan_end=moved(e.plan_end, late_plan),
        icpc_not_required=e.icpc_not_required[source] & late_s47[source],
    )
    # what is under way on 31 March began not so long ago that DfE would query it
    started_late = np.minimum(np.maximum(e.assessment_start, LATEST), END)
    enquiry = np.where(late_s47, NONE, np.where(late_icpc, np.maximum(e.s47, LATEST_S47), e.s47))
    kept = replace(
        e,
        assessment_start=np.where(late_end, started_late, e.assessment_start),
        assessment_end=np.where(late_end, NONE, e.assessment_end),
        s47=enquiry,
        conference=np.where(late_icpc, NONE, e.conference),
        plan=np.where(late_plan, NONE, e.plan),
        plan_end=np.where(late_plan, NONE, e.plan_end),
        icpc_not_required=e.icpc_not_required & ~late_s47,
    )
    return kept, source, carried


def _wrap_plan_ends(e: Episodes) -> tuple[Episodes, Ints]:
    """Move plans that end after the year so far back that they end in it."""
    rows = np.flatnonzero(e.plan_end > END)
    days = WEEKS_52 * -(-(e.plan_end[rows] - END) // WEEKS_52)
    moved = replace(
        blank(rows, np.minimum(e.referral[rows] - days, START - 1)),
        plan=np.minimum(e.plan[rows] - days, START - 1),
        plan_end=e.plan_end[rows] - days,
    )
    return moved, rows


def _wrap_closures(e: Episodes) -> tuple[Episodes, Ints]:
    """Move episodes that close after the year so far back that they close in it."""
    rows = np.flatnonzero(e.closure > END)
    days = WEEKS_52 * -(-(e.closure[rows] - END) // WEEKS_52)
    referral = np.minimum(e.referral[rows] - days, START - 1)
    return replace(blank(rows, referral), closure=e.closure[rows] - days), rows


def window(episodes: Episodes) -> tuple[Ints, Ints]:
    """Return each episode's first and last counted date in the year, shape (n,) each."""
    dates = np.stack([episodes.referral, episodes.assessment_end, episodes.s47,
                      episodes.conference, episodes.plan, episodes.plan_end,
                      episodes.closure])  # fmt: skip
    inside = (dates >= START) & (dates <= END)
    first = np.where(inside, dates, END + 1).min(axis=0)
    last = np.where(inside, dates, START - 1).max(axis=0)
    return first, last
