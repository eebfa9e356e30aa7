"""Who the children are: returning authority, birth date, identifiers, ethnicity, location."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pyarrow.compute as pc
from numpy.typing import NDArray

from synth_py import codes, texts
from synth_py.cases import UNBORN, Cases, Children
from synth_py.config import SynthConfig
from synth_py.geography import Geography
from synth_py.referrals import Earlier
from synth_py.timeline import END, NONE, START, Episodes

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
Texts = NDArray[np.str_]

CROSS_BORDER = 0.01
UPN_LETTERS = "ABCDEFGHJKLMNPQRTUVWXYZ"
WELSH_SHARE = 4e-4
ETHNIC_CODES = tuple(
    [code for split in codes.ETHNICITIES.values() for code in split]
    + list(codes.UNKNOWN_ETHNICITIES)
)


@dataclass(frozen=True)
class People:
    """Children as an authority returns them, in the order of the return.

    Attributes
    ----------
    cases
        Children and episodes; both kinds of episodes are sorted by child and referral date.
    la
        (n,) position of the returning authority.
    number
        (n,) child number within the authority, from 1.
    birth, due, death
        (n,) dates; `due` of the unborn only.
    ethnicity
        (n,) position in `ETHNIC_CODES`.
    has_upn
        (n,) whether the child has a unique pupil number.
    no_upn
        (n,) position in `no_upn_codes()` where it has none.
    """

    cases: Cases
    la: Ints
    number: Ints
    birth: Ints
    due: Ints
    death: Ints
    ethnicity: Ints
    has_upn: Bools
    no_upn: Ints


def no_upn_codes() -> tuple[str, ...]:
    """Return the reasons for having no UPN: under school age, the middle ones, NFA only."""
    return ("UN1", *codes.NO_UPN, "UN7")


def identify(config: SynthConfig, geo: Geography, cases: Cases) -> People:
    """Give children their identity and put them in the order of the returns."""
    rng = config.stream("children")
    la = _returning(rng, geo, cases.children)
    order = np.lexsort((rng.random(la.size), la))
    cases = _reorder(cases, order)
    la = la[order]
    birth, due, cases = _births(rng, cases)
    has_upn, no_upn = _upn_status(rng, cases)
    return People(
        cases=cases,
        la=la,
        number=texts.rank_within(la),
        birth=birth,
        due=due,
        death=_deaths(rng, cases),
        ethnicity=_ethnicities(rng, cases.children),
        has_upn=has_upn,
        no_upn=no_upn,
    )


def _returning(rng: np.random.Generator, geo: Geography, children: Children) -> Ints:
    """Return each child's authority; one in a hundred is another one's than of residence."""
    la = geo.la[children.lsoa].copy()
    abroad = np.flatnonzero(children.located & (rng.random(la.size) < CROSS_BORDER))
    hosts = np.flatnonzero(geo.la_modelled)
    la[abroad] = hosts[rng.integers(0, hosts.size, abroad.size)]
    return la


def _reorder(cases: Cases, order: Ints) -> Cases:
    place = np.empty(order.size, dtype=np.int64)
    place[order] = np.arange(order.size)
    e, before = cases.episodes, cases.earlier
    child = place[e.child]
    rows = np.lexsort((e.referral, child))
    moved = {name: getattr(e, name)[rows] for name in Episodes.__dataclass_fields__}
    whose = place[before.child]
    old = np.lexsort((before.referral, whose))
    return Cases(
        cases.children.at(order),
        Episodes(**(moved | {"child": child[rows]})),
        Earlier(whose[old], before.referral[old], before.closure[old]),
    )


def _births(rng: np.random.Generator, cases: Cases) -> tuple[Ints, Ints, Cases]:
    """Draw birthdays within their bounds; the unborn are due within the bounds DfE expects."""
    c = cases.children
    span = np.maximum(c.born_to - c.born_from, 0)
    day = (c.born_from + (rng.random(span.size) * (span + 1)).astype(np.int64)).astype("M8[D]")
    month = day.astype("M8[M]")
    years = np.maximum(c.age, 0)
    birth = ((month - 12 * years).astype("M8[D]") + (day - month.astype("M8[D]"))).astype(np.int64)
    waiting = c.age == UNBORN
    arrival = c.born_to + rng.integers(20, 190, waiting.size)
    unborn = waiting & (arrival > END - 20)
    birth = np.where(waiting, np.where(unborn, NONE, arrival), birth)
    sex = np.where(waiting & ~unborn, rng.integers(0, 2, waiting.size), c.sex)
    return birth, np.where(unborn, arrival, NONE), replace(cases, children=replace(c, sex=sex))


def _deaths(rng: np.random.Generator, cases: Cases) -> Ints:
    """Let two in a thousand children with one closed episode die on the day it closed."""
    e = cases.episodes
    single = np.bincount(e.child, minlength=len(cases.children)) == 1
    dies = single[e.child] & (e.closure != NONE) & ~e.after_assessment
    dies &= (cases.children.age[e.child] >= 1) & (e.referral < START) & (rng.random(len(e)) < 0.002)
    death = np.full(len(cases.children), NONE, dtype=np.int64)
    death[e.child[dies]] = e.closure[dies]
    return death


def _ethnicities(rng: np.random.Generator, children: Children) -> Ints:
    """Draw each child's code within its group, (n,) positions in `ETHNIC_CODES`."""
    drawn = np.empty(len(children), dtype=np.int64)
    splits = [*codes.ETHNICITIES.values(), codes.UNKNOWN_ETHNICITIES]
    for group, split in enumerate(splits):
        part = np.flatnonzero(children.ethnic == group)
        mix = codes.shares(split)
        drawn[part] = ETHNIC_CODES.index(mix.codes[0]) + mix.draw(rng, part.size)
    return drawn


def _upn_status(rng: np.random.Generator, cases: Cases) -> tuple[Bools, Ints]:
    """Say who has a UPN: nearly all located children, most others of school age."""
    c, e = cases.children, cases.episodes
    chance = np.where(c.located, 0.98, np.where(c.age >= 5, 0.7, 0.05))
    has = (rng.random(len(c)) < chance) & (c.age >= 0)
    further = np.bincount(e.child, ~e.nfa, minlength=len(c)) > 0
    reason = np.where(c.age < 5, 0, 1 + rng.integers(0, len(codes.NO_UPN), len(c)))
    reason = np.where((c.age >= 5) & ~further, len(codes.NO_UPN) + 1, reason)
    return has, reason


def check_letters(digits: Ints) -> Ints:
    """Return the position of each UPN's check letter among the 23, shape (n,).

    Parameters
    ----------
    digits
        (n, 12) characters 2 to 13 of the UPN (DfE rule 1510: weights 2 … 13, modulo 23).
    """
    weights = np.arange(2, 14)
    letters: Ints = (digits @ weights) % len(UPN_LETTERS)
    return letters


def upns(people: People, geo: Geography) -> texts.Text:
    """Return each child's UPN: letter, authority, 99 (no school has it), serial number."""
    la = np.array([int(number) for number in geo.la_number])[people.la]
    number = la * 10**9 + 99 * 10**7 + people.number
    digits = number[:, None] // 10 ** np.arange(11, -1, -1)[None, :] % 10
    letters = texts.codes(UPN_LETTERS, check_letters(digits), people.has_upn)
    return texts.joined(letters, texts.padded(number, 12))


def child_ids(people: People, geo: Geography) -> texts.Text:
    """Return each child's local identifier, which says SYN."""
    return texts.joined("SYN", texts.codes(geo.la_number, people.la),
                        texts.padded(people.number, 7))  # fmt: skip


def location_columns(config: SynthConfig, people: People, geo: Geography) -> dict[str, texts.Text]:
    """Return the location file: most rows by local identifier, some by UPN only, some by both.

    A few unmatched children of school age live in Wales: their codes are in no English file.
    """
    rng = np.random.default_rng([config.seed, 99])
    c = people.cases.children
    welsh = ~c.located & (c.age >= 5) & (c.age < 16) & (rng.random(len(c)) < WELSH_SHARE)
    rows = np.flatnonzero(c.located | welsh)
    kind = rng.random(rows.size)
    by_id = (kind < 0.85) | ~people.has_upn[rows]
    by_upn = (kind >= 0.75) & people.has_upn[rows]
    english = texts.codes(geo.lsoa_code, c.lsoa[rows])
    abroad = texts.joined("W", texts.padded(1_900_000 + rng.integers(0, 9_999, rows.size), 8))
    ids, upn = child_ids(people, geo).take(rows), upns(people, geo).take(rows)
    return {
        "la_number": texts.codes(geo.la_number, people.la[rows]),
        "la_child_id": pc.if_else(by_id, ids, None),
        "upn": pc.if_else(by_upn, upn, None),
        "pmr": texts.nothing(rows.size),
        "lsoa_code": pc.if_else(welsh[rows], abroad, english),
    }
