"""An intruder finds what was not protected, and nothing in what was."""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from scipy.sparse import csr_array

from publish_py.audit import Audit, audit_tables, main
from publish_py.bounds import narrowed, ranges
from publish_py.released import release, released_tables
from publish_py.solutions import System
from tests.python.conftest import first_of
from tests.python.disclosure_world import RULES, Cell, cell, random_england, warehouse, with_sums

Tables = dict[str, pa.Table]


def protected(cells: list[Cell], **options: Any) -> Tables:
    return release(warehouse(cells), RULES, **options).tables


def attacked(cells: list[Cell], **options: Any) -> Audit:
    return audit_tables(protected(cells, **options), RULES)


def altered(tables: Tables, table: str, where: dict[str, str], **values: Any) -> Tables:
    """The same tables with other values in the rows of one."""
    rows = tables[table].to_pylist()
    for row in rows:
        if all(row[name] == value for name, value in where.items()):
            row.update(values)
    return tables | {table: pa.Table.from_pylist(rows, schema=tables[table].schema)}


def row_of(counts: list[int], **changes: Any) -> list[Cell]:
    """One authority and the ages that make its total."""
    cells = [cell("A", "all", sum(counts), **changes)]
    return cells + [cell("A", f"age:{at}", n, **changes) for at, n in enumerate(counts)]


def test_a_total_less_the_rest_pins_the_one_that_is_hidden() -> None:
    verdict = attacked(row_of([3, 20, 30]), with_secondary=False)
    assert [(one.kind, one.low, one.high) for one in verdict.findings] == [("pinned", 3, 3)]
    assert verdict.findings[0].cell[-1] == "0"
    assert not verdict.passed
    assert attacked(row_of([3, 20, 30])).passed


def test_two_hidden_counts_with_a_small_sum_are_narrow() -> None:
    verdict = attacked(row_of([1, 1, 30]), with_secondary=False)
    assert [(one.kind, one.low, one.high) for one in verdict.findings] == [("pinned", 1, 1)] * 2
    verdict = attacked(row_of([2, 3, 30]), with_secondary=False)
    assert [(one.kind, one.low, one.high) for one in verdict.findings] == [("narrow", 1, 4)] * 2
    assert attacked(row_of([3, 3, 30]), with_secondary=False).passed  # 1 to 5, both


def test_the_rounded_total_of_one_authority_is_its_count() -> None:
    """A region of one authority: 13 and 14 of 15 to 24 rounded leave 27 no room for a 3."""
    cells = with_sums(row_of([3, 21, 40]))
    tables = protected(cells)
    assert audit_tables(tables, RULES).passed
    # the exact region, had it not been rounded, gives the authority's count
    told = altered(
        altered(tables, "rates_region", {"stratum": "0"}, count=3, is_suppressed=False, reason=""),
        *("rates_england", {"stratum": "0"}),
        **{"count": 0},
    )
    kinds = {one.kind for one in audit_tables(told, RULES).findings}
    assert kinds & {"shown", "contradiction"}


def test_persons_are_no_more_than_episodes() -> None:
    """11 persons of two ages, at most 6 and 7 of them: 4 to 6, and 5 to 7."""
    cells = row_of([5, 6, 40], basis="person") + row_of([6, 7, 40])
    tables = protected(cells, with_secondary=False)
    tables = altered(
        tables,
        "rates_la",
        {"basis": "person", "stratum": "1"},
        **{"count": None, "rate_per_10k": None, "ci_low": None, "ci_high": None},
        **{"is_suppressed": True, "reason": "suppressed"},
    )
    found = audit_tables(tables, RULES).findings
    assert [(one.kind, one.low, one.high) for one in found] == [("narrow", 4, 6), ("narrow", 5, 7)]
    assert attacked(cells).passed


def test_a_rate_left_beside_a_hidden_count_gives_it_away() -> None:
    tables = protected(row_of([3, 20, 30]))
    told = altered(tables, "rates_la", {"stratum": "0"}, rate_per_10k=30.0)
    found = audit_tables(told, RULES).findings
    assert {("shown", None), ("pinned", 3)} <= {(one.kind, one.low) for one in found}
    assert {one.cell[-1] for one in found if one.kind == "shown"} == {"0"}


def test_a_rate_of_the_exact_count_undoes_the_rounding() -> None:
    tables = protected(with_sums(row_of([30, 21, 46])))
    assert audit_tables(tables, RULES).passed
    (row,) = (row for row in tables["rates_england"].to_pylist() if row["stratum"] == "2")
    assert (row["count"], row["rate_per_10k"], row["reason"]) == (50, 500.0, "rounded")
    told = altered(tables, "rates_england", {"stratum": "2"}, rate_per_10k=460.0)
    assert [one.kind for one in audit_tables(told, RULES).findings] == ["rate"]
    limits = altered(tables, "rates_england", {"stratum": "2"}, ci_high=613.6)
    assert [one.kind for one in audit_tables(limits, RULES).findings] == ["rate"]


def test_what_the_release_before_has_shown_is_known(tmp_path: Path) -> None:
    """Age 1 covers for age 0 now, and the release before has shown it."""
    cells = row_of([3, 20, 30, 60])
    then = altered(
        protected(cells),
        "rates_la",
        {"stratum": "1"},
        **{"count": 20, "is_suppressed": False, "reason": ""},
    )
    hidden = {row["stratum"] for row in protected(cells)["rates_la"].to_pylist() if row["reason"]}
    assert hidden == {"0", "1"}
    verdict = audit_tables(protected(cells), RULES, then)
    assert {(one.kind, one.low) for one in verdict.findings} == {("pinned", 3), ("pinned", 20)}
    # two covers fall with one release each: ages 0 and 2 were hidden then
    then = altered(
        then,
        "rates_la",
        {"stratum": "2"},
        **{"count": None, "rate_per_10k": None, "ci_low": None, "ci_high": None},
        **{"is_suppressed": True, "reason": "suppressed"},
    )
    folder = tmp_path / "1.0"
    (folder / "parquet").mkdir(parents=True)
    for name, table in then.items():
        pq.write_table(table, folder / "parquet" / f"{name}.parquet")
    now = released_tables(warehouse(cells), RULES, folder)
    shown = {row["stratum"]: row["count"] for row in now["rates_la"].to_pylist()}
    assert shown == {"all": 113, "0": None, "1": 20, "2": None, "3": 60}
    assert audit_tables(now, RULES, then).passed
    assert not audit_tables(protected(cells), RULES, then).passed


def test_a_revised_count_is_another_unknown() -> None:
    then = protected(row_of([3, 20, 30], measure="cin"))
    now = protected(row_of([3, 20, 31], measure="cin"))
    assert audit_tables(now, RULES, then).passed


@pytest.mark.parametrize("seed", first_of(range(6), 2))
def test_of_a_random_england_nothing_can_be_worked_out(seed: int) -> None:
    cells = random_england(seed)
    bare = attacked(cells, with_secondary=False)
    assert bare.findings  # the check can fail
    kept = release(warehouse(cells), RULES)
    assert all(pattern.n_unprotected == 0 for pattern in kept.patterns.values())
    verdict = audit_tables(kept.tables, RULES)
    assert verdict.findings == ()
    assert verdict.n_suppressed > bare.n_suppressed
    shown = {
        one["count"] for table in kept.tables.values() for one in table.to_pylist() if one["count"]
    }
    assert min(shown) > RULES.largest_small


@pytest.mark.parametrize("seed", first_of(range(3), 1))
def test_england_is_shown_where_other_counts_can_be_hidden_for_it(seed: int) -> None:
    """The study's tables print England: a count hidden here and shown there is shown."""
    decisions = release(warehouse(random_england(seed)), RULES).decisions.to_pylist()
    hidden = {one["table"] for one in decisions if one["mark"] == "secondary"}
    assert "rates_region" in hidden
    assert "rates_england" not in hidden


def _whole(low: float, high: float) -> range:
    return range(int(low), int(high) + 1)


@pytest.mark.parametrize("seed", first_of(range(25), 8))
def test_bounds_are_those_of_every_table_there_is(seed: int) -> None:
    """Against a count of all whole tables: 2 x 3 cells with margins, some known, a bound."""
    draw = np.random.default_rng(seed)
    true = draw.integers(0, 5, size=6)
    margins = [[1, 1, 1, 0, 0, 0], [0, 0, 0, 1, 1, 1], [1, 0, 0, 1, 0, 0], [0, 1, 0, 0, 1, 0]]
    rows = np.array([*margins, [0, 0, 1, 0, 0, -1]])
    sums = rows @ true
    slack = draw.integers(0, 2, size=5)
    lower, upper = np.zeros(6), np.full(6, 6.0)
    known = draw.random(6) < 0.2
    lower[known] = upper[known] = true[known]
    row_lower, row_upper = (sums - slack).astype(float), (sums + slack).astype(float)
    system = System(lower, upper, csr_array(rows.astype(float)), row_lower, row_upper)
    tables = np.array(
        [
            one
            for one in itertools.product(*map(_whole, lower, upper))
            if np.all(rows @ one >= row_lower) and np.all(rows @ one <= row_upper)
        ]
    )
    least, most = tables.min(axis=0), tables.max(axis=0)
    outer = narrowed(system)
    assert np.all(outer[0] <= least)
    assert np.all(outer[1] >= most)
    for width in (2, 4):
        found = ranges(system, ~known, width)
        assert found.is_feasible
        assert np.array_equal(found.is_narrow, ~known & (most - least < width))
        narrow = found.is_narrow
        assert np.all(found.low[narrow] <= least[narrow])
        assert np.all(found.high[narrow] >= most[narrow])
        wide = ~known & ~narrow
        assert np.all(found.low[wide] >= least[wide])
        assert np.all(found.high[wide] <= most[wide])


def test_numbers_that_do_not_fit_are_said() -> None:
    tables = protected(row_of([8, 20, 30]))
    told = altered(tables, "rates_la", {"stratum": "1"}, count=21)
    kinds = [one.kind for one in audit_tables(told, RULES).findings]
    assert kinds[0] == "rate"  # of another count
    assert "contradiction" in kinds


def test_the_command_says_what_and_not_how_many(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name, options in (("bad", {"with_secondary": False}), ("good", {})):
        folder = tmp_path / name / "parquet"
        folder.mkdir(parents=True)
        for table, content in protected(row_of([3, 20, 30]), **options).items():
            pq.write_table(content, folder / f"{table}.parquet")
    assert main([str(tmp_path / "good")]) == 0
    assert "0 recoverable" in capsys.readouterr().out
    assert main([str(tmp_path / "bad")]) == 1
    assert "pinned: rates_la, 2019, A, cp_plan, episode, incidence, age, 0" in (
        capsys.readouterr().out
    )
    assert main([str(tmp_path / "none")]) == 1
    assert "no tables of rates" in capsys.readouterr().err
    assert main([]) == 2
