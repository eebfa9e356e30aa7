"""Parts of synthesis that a line of arithmetic can check."""

from __future__ import annotations

import numpy as np
import pytest

from synth_py import cases, codes, facts, timeline
from synth_py.config import SynthConfig
from synth_py.people import UPN_LETTERS, check_letters
from synth_py.population import study_margins
from synth_py.targets import read_targets, row_coefficients


def test_check_letter_follows_the_published_rule() -> None:
    # DfE's guidance: digits 2-13 weighted 2 … 13, remainder by 23 in this alphabet
    digits = np.array([[8, 2, 3, 4, 3, 2, 1, 0, 0, 0, 2, 5]])
    total = sum(d * w for d, w in zip(digits[0].tolist(), range(2, 14), strict=True))
    assert UPN_LETTERS[int(check_letters(digits)[0])] == UPN_LETTERS[total % 23]
    assert len(UPN_LETTERS) == 23
    assert not set("IOS") & set(UPN_LETTERS)


def test_row_coefficients_reproduce_the_print() -> None:
    report = facts.published()
    for row in ("Referral", "S47", "CP Plan"):
        b1, b3 = row_coefficients(report, "2", row)
        for name, value in {
            "irr": b1, "irr_low_imd_la": b1 - b3, "irr_high_imd_la": b1 + b3, "interaction": b3,
        }.items():  # fmt: skip
            assert f"{np.exp(value):.2f}" == f"{report.value('2', row, name):.2f}"


def test_unknown_sex_is_what_table_3_leaves_out() -> None:
    assert read_targets(facts.published()).unknown_sex * 300_830 == pytest.approx(331)


def test_study_margins_hold() -> None:
    inside = study_margins(facts.published())
    assert inside.sum(axis=0).tolist() == [3_851_406, 3_664_378]
    assert int(inside[0].sum()) == 690_987
    assert int(inside.sum()) == 7_515_784


def test_districts_add_up_to_the_authorities() -> None:
    moments, districts = facts.la_moments(), facts.districts()
    by_la = dict.fromkeys(moments.values["la_code"], 0)
    for code, n in zip(districts.values["la_code"], districts.whole("n_lsoas"), strict=True):
        by_la[code] += int(n)
    assert list(by_la.values()) == moments.whole("n_lsoas").tolist()
    assert sum(by_la.values()) == 32_844
    assert len(by_la) == 152


def test_shares_add_up_to_one() -> None:
    report = facts.published()
    for mix in (
        codes.source_shares(report),
        codes.category_shares(report),
        codes.ethnicity_shares(report, matched=True, match_rate=0.81),
        codes.ethnicity_shares(report, matched=False, match_rate=0.81),
    ):
        assert mix.chance.sum() == pytest.approx(1.0)
    assert codes.factor_shares(report)[1] == pytest.approx(0.76, abs=0.01)


def test_white_children_are_matched_more_often() -> None:
    report = facts.published()
    matched = codes.ethnicity_shares(report, matched=True, match_rate=0.81)
    missed = codes.ethnicity_shares(report, matched=False, match_rate=0.81)
    at = [i for i, code in enumerate(matched.codes) if code.startswith("W")]
    n_matched, n_missed = 0.81 * matched.chance[at].sum(), 0.19 * missed.chance[at].sum()
    assert n_matched / (n_matched + n_missed) == pytest.approx(0.85, abs=0.001)


@pytest.fixture
def drawn() -> np.ndarray:
    rng = np.random.default_rng(5)
    counts = np.zeros((6, 40, 11, 3), dtype=np.int64)
    counts[0] = rng.poisson(3.0, (40, 11, 3))
    for m, share in enumerate((0.98, 0.63, 0.53, 0.34, 0.93)):
        counts[m + 1] = rng.binomial(counts[m], share)
    return counts


def test_wrapping_conserves_events(drawn: np.ndarray) -> None:
    rng = np.random.default_rng(6)
    made = cases.year_cases(rng, cases.expand(drawn), located=True)
    e = made.episodes

    def inside(dates: np.ndarray) -> int:
        return int(((dates >= timeline.START) & (dates <= timeline.END)).sum())

    counted = [e.referral, e.assessment_end, e.s47, e.conference, e.plan]
    assert [inside(dates) for dates in counted] == drawn.sum(axis=(1, 2, 3))[
        [0, 1, 3, 4, 5]
    ].tolist()
    in_year = (e.referral >= timeline.START) & ~e.nfa & ~e.after_assessment
    assert int(in_year.sum()) == int(drawn[2].sum())
    assert max(int(dates.max()) for dates in counted) <= timeline.END


def test_a_birthday_never_lies_between_events_of_one_age(drawn: np.ndarray) -> None:
    made = cases.year_cases(np.random.default_rng(7), cases.expand(drawn), located=True)
    c = made.children
    assert (c.born_from <= c.born_to).all()


def test_streams_are_independent_of_each_other() -> None:
    config = SynthConfig()
    first = config.stream("counts").random(4)
    config.stream("geography").random(100)
    assert (config.stream("counts").random(4) == first).all()
    with pytest.raises(ValueError):
        config.stream("weather")
