"""Parts of synthesis that a line of arithmetic can check."""

from __future__ import annotations

import numpy as np
import pytest

from synth_py import attributes, cases, codes, counts, crowd, facts, referrals, timeline
from synth_py.cases import Setting
from synth_py.config import SynthConfig
from synth_py.ethnic import GROUPS, census_columns
from synth_py.events import expected_events
from synth_py.outcomes import OUTCOMES, overall_share, wanted_coefficients
from synth_py.people import UPN_LETTERS, check_letters
from synth_py.planted_rows import Tables, ethnic_rows
from synth_py.population import study_margins
from synth_py.referrals import Referrals
from synth_py.strata import partition
from synth_py.targets import nearest, read_targets, row_coefficients
from synth_py.truth import Truth
from tests.python.synth_world import shared_truth


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


@pytest.fixture(scope="module")
def england(tmp_path_factory: pytest.TempPathFactory) -> Truth:
    return shared_truth(tmp_path_factory, SynthConfig(size="small"))


def test_every_code_of_a_group_is_drawn_within_its_group() -> None:
    rng = np.random.default_rng(1)
    rows = rng.integers(0, len(codes.SOURCES), 5_000)
    names, found = codes.codes_within(rng, codes.SOURCES, rows)
    groups = list(codes.SOURCES.values())
    assert all(names[at] in groups[row] for at, row in zip(found, rows, strict=True))
    assert len(set(names)) == sum(len(group) for group in groups) == 21


def test_partitions_add_up_and_have_the_printed_sizes(england: Truth) -> None:
    report = facts.published()
    geo = england.geography
    for mix, table, measure in (
        (england.sources, "8", "referral"), (england.categories, "7", "cp_plan"),
    ):  # fmt: skip
        shares = partition(mix, geo)
        assert shares.sum(axis=1) == pytest.approx(np.ones(geo.la.size))
        sizes = england.expected_total(measure)[geo.modelled] @ shares[geo.modelled]
        printed = np.array([report.value(table, row, "n") for row in report.rows(table)])
        assert sizes / sizes.sum() == pytest.approx(printed / printed.sum(), abs=1e-6)


def test_factors_have_the_printed_sizes_and_overlap(england: Truth) -> None:
    report = facts.published()
    geo = england.geography
    found = england.factors.counts(geo, england.expected_total("assessment"), england.steps[1])
    n = found[geo.modelled].sum(axis=0)
    share = 100.0 * n[:-1] / n[-1]
    printed = np.array([report.value("6", row, "n_pct") for row in report.rows("6")])
    assert share == pytest.approx(printed, abs=0.06)
    total = float(england.expected_total("assessment")[geo.modelled].sum())
    assert n[-1] / total == pytest.approx(0.764, abs=0.003)


def test_populations_by_ethnic_group_are_table_5_s(england: Truth) -> None:
    report = facts.published()
    kept = england.geography.la_modelled[england.geography.msoa_la]
    people = england.composition.people[kept].sum(axis=0)
    printed = np.array([report.value("5", group, "population") for group in GROUPS])
    assert people / people.sum() == pytest.approx(printed / printed.sum(), abs=5e-5)


def test_rows_of_an_ethnic_group_count_that_group(england: Truth) -> None:
    # the last column of counts is of unknown group, that of populations White
    report = facts.published()
    events = expected_events(england, report)
    tables = Tables.of(england, events, report)
    kept = england.geography.la_modelled[england.geography.msoa_la]
    white = {measure: float(counts[kept, 4].sum()) for measure, counts in events.ethnic.items()}
    found = {
        statistic: float(row.events.sum())
        for row in ethnic_rows(tables) for _, label, statistic in row.ratios if label == "White"
    }  # fmt: skip
    assert found["irr"] == pytest.approx(white["referral"])
    assert found["cin_irr"] == pytest.approx(white["cin"])
    assert found["cp_plan_irr"] == pytest.approx(white["cp_plan"])


def test_the_census_file_holds_the_composition(england: Truth) -> None:
    columns = census_columns(england.geography, england.composition)
    numbers = [values for header, values in columns.items() if header.startswith("Sex: ")]
    assert sum(int(values.sum()) for values in numbers) == int(england.composition.counts.sum())
    assert all((values >= 0).all() for values in numbers)
    chinese = [header for header in columns if "Asian/Asian British: Chinese" in header]
    assert len(chinese) == 8


def test_outcomes_are_wanted_as_printed() -> None:
    report = facts.published()
    for name, (table, grid, row) in OUTCOMES.items():
        b1, b2, b3 = wanted_coefficients(report, name)
        assert np.exp(b1) == pytest.approx(report.value(table, row, "ratio"), abs=0.006)
        assert np.exp(b3) == pytest.approx(report.value(table, row, "interaction"), abs=0.006)
        percent = 100.0 * overall_share(report, name) * np.exp(b2)
        assert percent == pytest.approx(report.value(grid, row, "pct_la_high_lsoa_mid"), abs=0.12)


def test_nearest_meets_consistent_prints() -> None:
    report = facts.published()
    cells = [
        (("2", "Referral", "irr"), (1.0, 0.0)),
        (("2", "Referral", "irr_low_imd_la"), (1.0, -1.0)),
        (("2", "Referral", "irr_high_imd_la"), (1.0, 1.0)),
        (("2", "Referral", "interaction"), (0.0, 1.0)),
    ]
    found = nearest(report, cells)
    assert found.value == pytest.approx(row_coefficients(report, "2", "Referral"), abs=0.003)


def test_white_children_are_matched_more_often(england: Truth) -> None:
    config = SynthConfig(size="small")
    odds, weights = attributes.unmatched_odds(config.stream("matches"), config, england)
    expected = england.referrals.sum(axis=2)
    unmatched = float((odds * expected).sum()) / attributes.FEWER_AGAIN
    assert expected.sum() / (expected.sum() + unmatched) == pytest.approx(0.81, abs=1e-6)
    assert 1.0 / (1.0 + weights[4]) == pytest.approx(0.85)
    assert (weights[:4] > weights[4]).all()


def test_as_many_events_happen_as_are_expected() -> None:
    rng = np.random.default_rng(11)
    chance, counted = rng.uniform(0.0, 0.1, 2_000), rng.random(2_000) < 0.4
    draws = np.array([attributes.evenly(rng, chance, counted) for _ in range(2_000)])
    for group in (counted, ~counted):
        assert (np.abs(draws[:, group].sum(axis=1) - chance[group].sum()) <= 1.0).all()
    z = (draws.mean(axis=0) - chance) / np.sqrt(chance * (1.0 - chance) / len(draws))
    assert abs(z.std() - 1.0) < 0.1, "each event has its own chance"
    parts = draws[:, counted][:, :100].sum(axis=1)
    binomial = (chance[counted][:100] * (1.0 - chance[counted][:100])).sum()
    assert parts.var() == pytest.approx(binomial, rel=0.15), "parts of the whole stay random"


def test_plans_have_each_category_as_often_as_is_expected(england: Truth) -> None:
    rng = np.random.default_rng(12)
    lsoa = rng.integers(0, england.geography.lsoa_code.size, 20_000)
    counted = rng.random(lsoa.size) < 0.5
    found = attributes.categories(rng, england, lsoa, counted)
    shares = partition(england.categories, england.geography)[lsoa]
    drawn = np.bincount(found[counted], minlength=shares.shape[1])
    assert drawn == pytest.approx(shares[counted].sum(axis=0), abs=8.0)


@pytest.fixture
def drawn() -> np.ndarray:
    rng = np.random.default_rng(5)
    counts = np.zeros((6, 40, 11, 3), dtype=np.int64)
    counts[0] = rng.poisson(3.0, (40, 11, 3))
    for m, share in enumerate((0.98, 0.63, 0.53, 0.34, 0.93)):
        counts[m + 1] = rng.binomial(counts[m], share)
    return counts


def as_referrals(drawn: np.ndarray, seed: int) -> Referrals:
    """Give drawn counts a group and endings, without a calibrated England."""
    rng = np.random.default_rng(seed)
    lsoa, age, sex, level = referrals.expand(drawn)
    n = lsoa.size
    need, plan = level >= timeline.LEVEL_CIN, level >= timeline.LEVEL_PLAN
    ending = np.where(need, rng.integers(0, 3, n), timeline.OPEN)
    ending = np.where(plan & (ending == timeline.SHORT), timeline.LONG, ending)
    return Referrals(
        lsoa, age, sex, rng.integers(0, 2, n), level, ending,
        np.where(plan, rng.integers(1, 3, n), timeline.OPEN),
    )  # fmt: skip


def made(drawn: np.ndarray, seed: int) -> tuple[Referrals, cases.Cases]:
    r = as_referrals(drawn, seed)
    n = drawn.shape[1]
    setting = Setting(chance=np.full(n, 0.3), pace=np.ones(n))
    return r, cases.year_cases(np.random.default_rng(seed), r, setting, located=True)


def inside(dates: np.ndarray) -> np.ndarray:
    return (dates >= timeline.START) & (dates <= timeline.END)


def test_wrapping_conserves_events(drawn: np.ndarray) -> None:
    e = made(drawn, 6)[1].episodes
    counted = [e.referral, e.assessment_end, e.s47, e.conference, e.plan]
    assert [int(inside(dates).sum()) for dates in counted] == drawn.sum(axis=(1, 2, 3))[
        [0, 1, 3, 4, 5]
    ].tolist()
    in_year = (e.referral >= timeline.START) & ~e.nfa & ~e.after_assessment
    assert int(in_year.sum()) == int(drawn[2].sum())
    assert max(int(dates.max()) for dates in counted) <= timeline.END


def months_later(dates: np.ndarray, months: int) -> np.ndarray:
    day = dates.astype("M8[D]")
    month = day.astype("M8[M]")
    last = (month + months + 1).astype("M8[D]") - 1
    return np.minimum((month + months).astype("M8[D]") + (day - month.astype("M8[D]")), last)


def test_every_ending_drawn_is_one_ending_in_the_year(drawn: np.ndarray) -> None:
    r, england = made(drawn, 8)
    e = england.episodes
    ceased = inside(e.closure) & ~e.nfa & ~e.after_assessment
    short = e.closure.astype("M8[D]") <= months_later(e.referral, 3)
    assert int((ceased & short).sum()) == int((r.ending == timeline.SHORT).sum())
    assert int((ceased & ~short).sum()) == int((r.ending == timeline.LONG).sum())
    ended = inside(e.plan_end)
    brief = e.plan_end.astype("M8[D]") <= months_later(e.plan, 6)
    assert int((ended & brief).sum()) == int((r.plan_ending == timeline.SHORT).sum())
    assert int((ended & ~brief).sum()) == int((r.plan_ending == timeline.LONG).sum())


def test_re_referrals_follow_within_twelve_months(drawn: np.ndarray) -> None:
    england = made(drawn, 9)[1]
    e, before = england.episodes, england.earlier
    child = np.concatenate([e.child, before.child])
    date = np.concatenate([e.referral, before.referral])
    order = np.lexsort((date, child))
    child, date = child[order], date[order]
    previous = np.r_[False, child[1:] == child[:-1]]
    gap = np.r_[0, np.diff(date)]
    again = previous & (date <= months_later(date - gap, 12).astype(np.int64)) & inside(date)
    n = int(drawn[0].sum())
    assert int(again.sum()) == pytest.approx(0.3 * n, abs=4 * np.sqrt(0.21 * n))
    assert (before.closure < timeline.START).all()
    assert (before.closure >= before.referral).all()
    assert bool((previous & ~again & inside(date)).any()), "some were referred too long ago"


def test_no_two_episodes_of_a_child_overlap(drawn: np.ndarray) -> None:
    e = made(drawn, 10)[1].episodes
    order = np.lexsort((e.referral, e.child))
    child, closure, start = e.child[order], e.closure[order], e.referral[order]
    same = child[1:] == child[:-1]
    assert same.sum() > 20
    assert (closure[:-1][same] < start[1:][same]).all()


def test_a_birthday_never_lies_between_events_of_one_age(drawn: np.ndarray) -> None:
    c = made(drawn, 7)[1].children
    assert (c.born_from <= c.born_to).all()


def test_children_referred_are_as_many_as_the_report_s(england: Truth) -> None:
    report = facts.published()
    config = SynthConfig(size="small")
    cells = referrals.expand(counts.draw(config, england).drawn)
    r = crowd.describe(np.random.default_rng(3), england, report, cells)
    n = england.geography.la.size
    setting = Setting(np.full(n, 0.245), np.ones(n))
    found = cases.year_cases(config.stream("episodes"), r, setting, located=True)
    year = found.episodes.referral >= timeline.START
    children = np.unique(found.episodes.child[year]).size
    assert year.sum() / children == pytest.approx(300_830 / 260_000, abs=0.01)


def test_streams_are_independent_of_each_other() -> None:
    config = SynthConfig()
    first = config.stream("counts").random(4)
    config.stream("geography").random(100)
    assert (config.stream("counts").random(4) == first).all()
    with pytest.raises(ValueError):
        config.stream("weather")
