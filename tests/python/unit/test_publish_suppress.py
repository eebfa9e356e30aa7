"""Counts that add up: no small one can be found by subtraction, and no more is hidden than that."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import linprog

from publish_py.pattern import protected_width
from publish_py.protect import ENGLAND, hidden_rates, protect_cells, protect_rates
from publish_py.rules import load_rules
from publish_py.suppress import Relation, suppressed

RULES = load_rules()
Key = tuple[str, ...]


def row_of(counts: list[int]) -> tuple[dict[str, int], list[Relation[str]]]:
    """A total and its parts."""
    parts = {f"part {at}": count for at, count in enumerate(counts)}
    return {"total": sum(counts)} | parts, [Relation("total", tuple(parts))]


@pytest.mark.parametrize(
    ("counts", "hidden"),
    [
        ([20, 30, 0], set()),
        ([3, 20, 30], {0, 1}),  # the total less the rest would be 3
        ([3, 4, 30], {0, 1}),  # 7: either may be 2 to 5, and no reader knows which
        ([1, 1, 30], {0, 1, 2}),  # 2 would be 1 and 1
        ([5, 0, 0, 9], {0, 3}),  # a zero is no help while there is another
        ([2, 2, 2, 2], {0, 1, 2, 3}),
    ],
)
def test_one_sum(counts: list[int], hidden: set[int]) -> None:
    cells, relations = row_of(counts)
    assert suppressed(cells, relations, RULES) == {f"part {at}" for at in hidden}


def test_when_every_part_is_hidden_and_their_sum_still_tells_the_total_is_hidden() -> None:
    cells, relations = row_of([1] * 6)
    assert suppressed(cells, relations, RULES) == set(cells)


def test_a_small_total_takes_a_part_with_it() -> None:
    cells, relations = row_of([4, 0])
    assert suppressed(cells, relations, RULES) == {"total", "part 0"}


def test_parts_of_a_zero_are_never_hidden() -> None:
    counts = {"all": 9, "a": 3, "b": 6, "none": 0, "others": 0, "also none": 0}
    relations = [Relation("all", ("a", "b", "none")), Relation("others", ("none", "also none"))]
    assert suppressed(counts, relations, RULES) == {"a", "b"}


def test_what_is_hidden_in_one_sum_is_protected_in_the_other() -> None:
    """Two rows and two columns: hiding two cells of a row opens both columns."""
    counts = {"r1": 43, "r2": 70, "c1": 33, "c2": 80, "11": 3, "12": 40, "21": 30, "22": 40}
    relations = [
        Relation("r1", ("11", "12")),
        Relation("r2", ("21", "22")),
        Relation("c1", ("11", "21")),
        Relation("c2", ("12", "22")),
    ]
    assert suppressed(counts, relations, RULES) == {"11", "12", "21", "22"}


def authorities(seed: int) -> list[dict[str, object]]:
    """Rates of authorities by age, with England their sum, as the site reads them."""
    draw = np.random.default_rng(seed)
    n_las, n_ages = 8, 5
    counts = draw.poisson(draw.gamma(1.2, 6.0, size=(n_las, 1)) * np.ones((1, n_ages)))
    areas = {f"LA{at}": row for at, row in enumerate(counts)} | {ENGLAND: counts.sum(axis=0)}
    found = []
    for area, row in areas.items():
        strata = {("age", str(at)): int(count) for at, count in enumerate(row)}
        for (kind, stratum), count in ({("all", "all"): int(row.sum())} | strata).items():
            found.append(
                {
                    "area": area,
                    "measure": "cp_plan",
                    "timing": "incidence",
                    "stratum_type": kind,
                    "stratum": stratum,
                    "is_partition": True,
                    "numerator": count,
                    "denominator": 100.0,
                    "rate_per_10k": 100.0 * count,
                    "ci_low": 90.0 * count,
                    "ci_high": 110.0 * count,
                }
            )
    return found


@pytest.mark.parametrize("seed", range(20))
def test_no_hidden_count_can_be_solved_for(seed: int) -> None:
    """Linear programming over every sum that is shown leaves each hidden count k values."""
    found = authorities(seed)
    hidden = hidden_rates(found, RULES)
    counts = {(row["area"], row["stratum"]): row["numerator"] for row in found}
    unknown = sorted((key[0], key[4]) for key in hidden)
    place = {key: at for at, key in enumerate(unknown)}
    areas = {area for area, _ in counts}
    strata = {stratum for _, stratum in counts}
    sums = [((area, "all"), [(area, one) for one in strata - {"all"}]) for area in areas]
    sums += [((ENGLAND, one), [(area, one) for area in areas - {ENGLAND}]) for one in strata]
    lines, right = [], []
    for total, parts in sums:
        line, known = np.zeros(len(unknown)), 0
        for key, sign in [(total, -1), *((part, 1) for part in parts)]:
            if key in place:
                line[place[key]] = sign
            else:
                known -= sign * counts[key]
        lines.append(line)
        right.append(known)
    assert any(0 < counts[key] <= RULES.largest_small for key in counts)
    for key in unknown:
        ends = []
        for sign in (1, -1):
            cost = np.zeros(len(unknown))
            cost[place[key]] = sign
            solved = linprog(cost, A_eq=np.array(lines), b_eq=np.array(right), bounds=(1, None))
            assert solved.status in (0, 3), solved.message
            ends.append(np.inf if solved.status == 3 else sign * solved.fun)
        assert ends[1] - ends[0] > protected_width(RULES) - 1e-6, (key, counts[key], ends)


def test_a_hidden_count_takes_its_rate_with_it_and_no_more() -> None:
    found = authorities(3)
    hidden = hidden_rates(found, RULES)
    shown = protect_rates(found, hidden, RULES)
    n_hidden = 0
    for before, after in zip(found, shown, strict=True):
        assert not {"numerator", "rate_per_10k", "ci_low", "ci_high"} & set(after)
        if after["count"].is_suppressed:
            n_hidden += 1
            assert after["rate"].is_suppressed
            assert after["count"].value is after["rate"].value is after["rate"].ci_low is None
        else:
            assert after["count"].value == before["numerator"]
    assert n_hidden == len(hidden)
    reasons = {row["count"].reason for row in shown if row["count"].is_suppressed}
    assert len(reasons) == 1  # a reason that told small ones from their cover would undo it


def test_what_is_hidden_of_england_is_hidden_in_the_tables() -> None:
    """One authority is England: the table of ages must not show what its page hides."""
    found = [
        row
        for area in ("LA1", ENGLAND)
        for row in (
            {"area": area, "stratum_type": kind, "stratum": stratum, "numerator": count}
            for kind, stratum, count in (("all", "all", 33), ("age", "5", 3), ("age", "6", 30))
        )
    ]
    for row in found:
        row |= {"measure": "referral", "timing": "incidence", "is_partition": True}
    hidden = hidden_rates(found, RULES)
    assert {key[4] for key in hidden} == {"5", "6"}
    cells = [
        {
            **{"table_no": "4", "row_label": f"Age {age}", "statistic": "n", "value": count},
            **{"measure": "referral", "stratum_type": "age", "stratum": age, "n_events": count},
            **dict.fromkeys(
                ("published_value", "published_low", "published_high", "published_p", "n_las")
            ),
            **{"planted_value": None, "converged": True, "reason": "", "how": "total"},
            **{"n_trials": None, "p_adjusted": None, "is_extrapolated": False},
            **{"ci_low": None, "ci_high": None},
        }
        for age, count in (("5", 3), ("6", 30))
    ]
    assert [one.estimate.is_suppressed for one in protect_cells(cells, RULES, hidden)] == [True] * 2
    assert [one.estimate.is_suppressed for one in protect_cells(cells, RULES)] == [True, False]
