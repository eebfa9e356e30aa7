"""The relational extract of census year 2019: the tables of the census as text columns."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from synth_py import attributes, codes, texts
from synth_py.config import AGES, CENSUS_YEAR, SynthConfig
from synth_py.facts import Published
from synth_py.geography import Geography
from synth_py.people import ETHNIC_CODES, People, child_ids, no_upn_codes, upns
from synth_py.texts import Text
from synth_py.timeline import END, NONE, START, Episodes
from synth_py.truth import Truth

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
Columns = dict[str, Text]

SEX_CODES = ("1", "2", "0", "9")
FLAGS = ("0", "1", "false", "true")
N_REVIEWS = 12


@dataclass(frozen=True)
class Keys:
    """What every row of an episode's tables begins with.

    Attributes
    ----------
    people, geo
        Whose rows these are.
    number
        (n_episodes,) referral number within the child.
    spelling
        (J,) 0 where the authority writes flags as 0 and 1, 2 where false and true.
    year
        Census year.
    child_number
        (n_children,) child number within the authority in that year's return.
    """

    people: People
    geo: Geography
    number: Ints
    spelling: Ints
    year: int
    child_number: Ints

    @property
    def last_day(self) -> int:
        """The year's 31 March."""
        return int(np.datetime64(f"{self.year}-03-31").astype(np.int64))

    def child(self, rows: Ints) -> Columns:
        """Return the key columns of children at `rows`."""
        return {
            "census_year": texts.codes([str(self.year)], np.zeros(rows.size, dtype=np.int64)),
            "la_number": texts.codes(self.geo.la_number, self.people.la[rows]),
            "child_no": texts.whole(self.child_number[rows]),
        }

    def episode(self, rows: Ints) -> Columns:
        """Return the key columns of episodes at `rows`."""
        child = self.people.cases.episodes.child[rows]
        return self.child(child) | {"referral_no": texts.whole(self.number[rows])}

    def lsoa(self, rows: Ints) -> Ints:
        """Return the LSOA row of episodes at `rows`."""
        found: Ints = self.people.cases.children.lsoa[self.people.cases.episodes.child[rows]]
        return found

    def counted(self, rows: Ints, date: Ints) -> Bools:
        """Return which events of episodes at `rows`, on `date`, the study counts."""
        children = self.people.cases.children
        child = self.people.cases.episodes.child[rows]
        age = children.age[child]
        of_age = (age >= AGES[0]) & (age <= AGES[-1])
        found: Bools = of_age & children.located[child] & (date >= START)
        return found & self.geo.modelled[children.lsoa[child]]

    def flag(self, rows: Ints, value: Bools) -> Text:
        """Return a yes/no column of episodes at `rows` in the authority's spelling."""
        la = self.people.la[self.people.cases.episodes.child[rows]]
        return texts.codes(FLAGS, self.spelling[la] + value.astype(np.int64))


def spellings(geo: Geography) -> Ints:
    """Return how authorities write flags: 0 as 0 and 1, 2 as false and true, shape (J,)."""
    return np.where(np.arange(geo.la_number.size) % 7 == 3, 2, 0)


def tables(
    config: SynthConfig, report: Published, truth: Truth, people: People
) -> dict[str, Columns]:
    """Return every table of the extract (`cin_plans` exists from 2022 only)."""
    rng = np.random.default_rng([config.seed, 98])
    geo = truth.geography
    e = people.cases.episodes
    keys = Keys(people, geo, texts.rank_within(e.child), spellings(geo), CENSUS_YEAR, people.number)
    assessed = np.flatnonzero(e.assessment_start != NONE)
    factors = _factors(rng, keys, truth, assessed)
    plans, reviews = _plans(rng, keys, report, truth)
    return {
        "returns": returns(geo, np.bincount(people.la, minlength=geo.la_number.size), CENSUS_YEAR),
        "children": children(keys, np.arange(people.la.size)),
        "disabilities": disabilities(config, keys, np.arange(people.la.size)),
        "referrals": _referrals(rng, keys, truth),
        "assessments": _assessments(rng, keys, assessed),
        "assessment_factors": factors,
        "section47": _section47(keys),
        "child_protection_plans": plans,
        "cpp_reviews": reviews,
    }


def returns(geo: Geography, counts: Ints, year: int) -> Columns:
    """Return the table of returns of a census year; `counts` are children by authority (J,)."""
    n = geo.la_number.size
    rows = np.arange(n)
    one = np.zeros(n, dtype=np.int64)
    reference = int(np.datetime64(f"{year}-03-31").astype(np.int64))
    return {
        "census_year": texts.codes([str(year)], one),
        "la_number": texts.codes(geo.la_number, rows),
        "reference_date": texts.dates(np.full(n, reference)),
        "software_code": texts.codes(["SYNTHETIC"], one),
        "release": texts.codes(["1"], one),
        "serial_no": texts.codes(["001"], one),
        "submitted_at": texts.codes([f"{year}-07-31T12:00:00"], one),
        "file_name": texts.nothing(n),
        "file_sha256": texts.nothing(n),
        "n_children": texts.whole(counts),
    }


def children(keys: Keys, rows: Ints) -> Columns:
    """Return the children at `rows` as the year's return has them."""
    p = keys.people
    sex = p.cases.children.sex
    # a referral of an earlier year may have gone further than those of the census year (UN7)
    no_upn = p.no_upn if keys.year == CENSUS_YEAR else np.minimum(p.no_upn, len(codes.NO_UPN))
    # of the born whose sex is not recorded, some are indeterminate (9)
    indeterminate = (sex == 2) & (p.birth != NONE) & (p.number % 5 == 0)
    return keys.child(rows) | {
        "la_child_id": child_ids(p, keys.geo).take(rows),
        "upn": upns(p, keys.geo).take(rows),
        "former_upn": texts.nothing(rows.size),
        "upn_unknown": texts.codes(no_upn_codes(), no_upn[rows], ~p.has_upn[rows]),
        "birth_date": texts.dates(p.birth[rows]),
        "expected_birth_date": texts.dates(p.due[rows]),
        "sex": texts.codes(SEX_CODES, np.where(indeterminate, 3, sex)[rows]),
        "death_date": texts.dates(np.where(p.death > keys.last_day, NONE, p.death)[rows]),
        "ethnicity": texts.codes(ETHNIC_CODES, p.ethnicity[rows]),
    }


def disabilities(config: SynthConfig, keys: Keys, rows: Ints) -> Columns:
    """One NONE, or one to three different disabilities, for every child that is born.

    A child has the same ones in every year.
    """
    rng = np.random.default_rng([config.seed, 97])
    mix = codes.shares(codes.DISABILITIES)
    n = keys.people.la.size
    some_of, first = rng.random(n) < 0.12, mix.draw(rng, n)
    more = (rng.random(n) < 0.3).astype(np.int64) + (rng.random(n) < 0.1)
    born = rows[keys.people.birth[rows] != NONE]
    some = some_of[born]
    at = np.repeat(np.arange(born.size), np.where(some, 1 + more[born], 1))
    place = texts.rank_within(at) - 1
    # consecutive positions from a drawn first one differ, so no code is repeated
    code = (first[born][at] + 5 * place) % len(mix.codes)
    names = (*mix.codes, "NONE")
    return keys.child(born[at]) | {
        "disability_no": texts.whole(place + 1),
        "disability": texts.codes(names, np.where(some[at], code, len(mix.codes))),
    }


def _referrals(rng: np.random.Generator, keys: Keys, truth: Truth) -> Columns:
    e, people = keys.people.cases.episodes, keys.people
    rows = np.arange(len(e))
    need = codes.shares(codes.NEEDS)
    groups = attributes.sources(rng, truth, keys.lsoa(rows))
    source_names, source = codes.codes_within(rng, codes.SOURCES, groups)
    reason = codes.shares(codes.REASONS)
    names = (*reason.codes, "RC8", "RC2")
    at = np.where(e.after_assessment, len(reason.codes), reason.draw(rng, len(e)))
    died = (people.death[e.child] == e.closure) & (e.closure != NONE)
    at = np.where(died, len(reason.codes) + 1, at)
    transfers = (e.plan != NONE) & (e.referral < START) & (e.s47 == NONE) & (e.plan < START)
    return keys.episode(rows) | {
        "referral_date": texts.dates(e.referral),
        "referral_source": texts.codes(source_names, source),
        "primary_need_code": texts.codes(
            need.codes, need.draw(rng, len(e)), ~e.nfa | (rng.random(len(e)) < 0.2)
        ),
        "closure_date": texts.dates(e.closure),
        "reason_for_closure": texts.codes(names, at, e.closure != NONE),
        "initial_cpc_date": texts.dates(
            np.where(transfers & (rng.random(len(e)) < 0.1), e.plan, NONE)
        ),
        "referral_nfa": keys.flag(rows, e.nfa),
    }


def _assessments(rng: np.random.Generator, keys: Keys, rows: Ints) -> Columns:
    e = keys.people.cases.episodes
    start, end = e.assessment_start[rows], e.assessment_end[rows]
    review = np.minimum(start + 10, np.where(end == NONE, END, end))
    reviewed = rng.random(rows.size) < 0.6
    return keys.episode(rows) | {
        "assessment_no": texts.whole(np.ones(rows.size, dtype=np.int64)),
        "start_date": texts.dates(start),
        "internal_review_date": texts.dates(np.where(reviewed, review, NONE)),
        "authorisation_date": texts.dates(end),
    }


def _factors(rng: np.random.Generator, keys: Keys, truth: Truth, assessed: Ints) -> Columns:
    """Factors of completed assessments as in Table 6; the rest have another code, or 21.

    Code 21 (no factor) goes to cases closed after assessment, as DfE's rule 8873 wants.
    """
    e = keys.people.cases.episodes
    rows = assessed[e.assessment_end[assessed] != NONE]
    closed = e.after_assessment[rows]
    n_table, n_other = len(codes.FACTORS), len(codes.OTHER_FACTORS)
    chosen = np.zeros((rows.size, n_table + n_other + 1), dtype=bool)
    chosen[:, :n_table] = attributes.factors(
        rng, truth, keys.lsoa(rows), closed, keys.counted(rows, e.assessment_end[rows])
    )
    none = ~chosen.any(axis=1)
    without = none & closed
    other = (none & ~closed) | (~none & (rng.random(rows.size) < 0.05))
    chosen[other, n_table + rng.integers(0, n_other, int(other.sum()))] = True
    chosen[without, -1] = True
    at, code = np.nonzero(chosen)
    names = (*codes.FACTORS, *codes.OTHER_FACTORS, codes.NO_FACTOR)
    return keys.episode(rows[at]) | {
        "assessment_no": texts.whole(np.ones(at.size, dtype=np.int64)),
        "factor_no": texts.whole(texts.rank_within(at)),
        "factor": texts.codes(names, code),
    }


def _section47(keys: Keys) -> Columns:
    e = keys.people.cases.episodes
    rows = np.flatnonzero(e.s47 != NONE)
    target = e.s47[rows] + 21
    target += np.array([0, 0, 0, 0, 0, 2, 1])[(target + 3) % 7]
    return keys.episode(rows) | {
        "section47_no": texts.whole(np.ones(rows.size, dtype=np.int64)),
        "start_date": texts.dates(e.s47[rows]),
        "initial_cpc_target_date": texts.dates(target),
        "initial_cpc_date": texts.dates(e.conference[rows]),
        "icpc_not_required": keys.flag(rows, e.icpc_not_required[rows]),
    }


def _plans(
    rng: np.random.Generator, keys: Keys, report: Published, truth: Truth
) -> tuple[Columns, Columns]:
    """Plans in the categories of Table 7, 28.4 % after another, and their reviews."""
    e = keys.people.cases.episodes
    rows = np.flatnonzero(e.plan != NONE)
    lsoa = keys.lsoa(rows)
    names = [codes.CATEGORIES[row] for row in report.rows("7")]
    previous = codes.shares(codes.PREVIOUS_PLANS)
    counted = keys.counted(rows, e.plan[rows])
    first = attributes.categories(rng, truth, lsoa, counted)
    again = attributes.categories(rng, truth, lsoa, counted)
    latest = np.where(rng.random(rows.size) < 0.93, first, again)
    prior = attributes.happens(rng, truth, "prior_cp_plan", lsoa)
    times = np.where(prior, 1 + previous.draw(rng, rows.size), 0)
    plans = keys.episode(rows) | {
        "cp_plan_no": texts.whole(np.ones(rows.size, dtype=np.int64)),
        "start_date": texts.dates(e.plan[rows]),
        "end_date": texts.dates(e.plan_end[rows]),
        "initial_category": texts.codes(names, first),
        "latest_category": texts.codes(names, latest),
        "n_previous_plans": texts.whole(times),
    }
    return plans, _reviews(rng, keys, e, rows)


def _reviews(rng: np.random.Generator, keys: Keys, e: Episodes, rows: Ints) -> Columns:
    """Review each plan within three months of its start, then every six months."""
    first = e.plan[rows] + rng.integers(70, 91, rows.size)
    date = first[:, None] + 175 * np.arange(N_REVIEWS)[None, :]
    last = np.where(e.plan_end[rows] == NONE, END, e.plan_end[rows])
    at, k = np.nonzero((date >= START) & (date <= last[:, None]))
    return keys.episode(rows[at]) | {
        "cp_plan_no": texts.whole(np.ones(at.size, dtype=np.int64)),
        "review_no": texts.whole(texts.rank_within(at)),
        "review_date": texts.dates(date[at, k]),
    }
