"""The extract of the year before: who was referred then, and nothing else.

Only children who come back in 2018/19 are there, with referrals that closed in 2017/18: what
a look-back of twelve months needs. Identifiers are those of the later year.
"""

from __future__ import annotations

import numpy as np

from synth_py import attributes, codes, texts
from synth_py.config import LOOK_BACK_YEAR, SynthConfig
from synth_py.extract import Columns, Keys, children, disabilities, returns, spellings
from synth_py.people import People
from synth_py.truth import Truth


def tables(config: SynthConfig, truth: Truth, people: People) -> dict[str, Columns]:
    """Return the tables of the look-back year."""
    rng = np.random.default_rng([config.seed, 96])
    geo, before = truth.geography, people.cases.earlier
    rows, whose = np.unique(before.child, return_inverse=True)
    child_number = np.zeros(people.la.size, dtype=np.int64)
    child_number[rows] = texts.rank_within(people.la[rows])
    keys = Keys(people, geo, before.child, spellings(geo), LOOK_BACK_YEAR, child_number)
    counts = np.bincount(people.la[rows], minlength=geo.la_number.size)
    n = before.child.size
    lsoa = people.cases.children.lsoa[before.child]
    names, source = codes.codes_within(rng, codes.SOURCES, attributes.sources(rng, truth, lsoa))
    need, reason = codes.shares(codes.NEEDS), codes.shares(codes.REASONS)
    flags = ("0", "false")
    spelling = np.minimum(spellings(geo), 1)[people.la[before.child]]
    referrals = keys.child(before.child) | {
        "referral_no": texts.whole(texts.rank_within(whose)),
        "referral_date": texts.dates(before.referral),
        "referral_source": texts.codes(names, source),
        "primary_need_code": texts.codes(need.codes, need.draw(rng, n)),
        "closure_date": texts.dates(before.closure),
        "reason_for_closure": texts.codes(reason.codes, reason.draw(rng, n)),
        "initial_cpc_date": texts.nothing(n),
        "referral_nfa": texts.codes(flags, spelling),
    }
    return {
        "returns": returns(geo, counts, LOOK_BACK_YEAR),
        "children": children(keys, rows),
        "disabilities": disabilities(config, keys, rows),
        "referrals": referrals,
    }
