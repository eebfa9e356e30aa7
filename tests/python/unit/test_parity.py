"""Two warehouses compared: each way to differ is found and said, and no child is shown."""

from __future__ import annotations

import fnmatch
import subprocess
import sys
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb
import pytest
from typer.testing import CliRunner

from common_py.errors import CinError
from parity_py import Mart, Parity, Settled, compare, parity, project_marts, settled_columns
from parity_py.marts import magnitudes
from parity_py.screen import parity_lines, parity_table
from pipeline_py import main

CHILD = "CANARY-CHILD"
MARTS = (
    Mart("core", "fct_children", ("la", "child_no"), True),
    Mart("modelling", "mdl_view", ("area", "measure"), False),
    Mart("quality", "rpt_build", (), False),
    Mart("rates", "fct_rates", ("area", "measure"), False),
)
_MADE = """
create schema core; create schema modelling; create schema quality; create schema rates;
create table rates.fct_rates as
select
    'E' || area as area, measure, cast(area as bigint) as n, 10000.0 * area / 7 as rate,
    case when area < 3 then 0.1 * area end as low
from range(1, 6) as a (area), (values ('cin'), ('referral')) as m (measure);
create view modelling.mdl_view as select * from warehouse.rates.fct_rates where measure = 'cin';
create table core.fct_children as
select
    '301' as la, n as child_no, 'CANARY-CHILD' || n as child_key,
    date '2018-05-05' as referral_date
from range(1, 6) as r (n);
create table quality.rpt_build as select 'build-one' as build_id, 5 as age_min;
"""


@cache
def made() -> bytes:
    """A warehouse's file; it has the name of every warehouse, which its view knows."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "warehouse.duckdb"
        with duckdb.connect(str(path)) as connection:
            connection.execute(_MADE)
        return path.read_bytes()


def make(folder: Path, *changes: str) -> Path:
    """Make a warehouse, and change it."""
    folder.mkdir()
    path = folder / "warehouse.duckdb"
    path.write_bytes(made())
    if changes:
        with duckdb.connect(str(path)) as connection:
            for statement in changes:
                connection.execute(statement)
    return path


@pytest.fixture
def one(tmp_path: Path) -> Path:
    return make(tmp_path / "one")


def said(found: Parity) -> str:
    return "\n".join(parity_lines(found))


def test_the_same_rows_in_another_order_are_the_same(one: Path, tmp_path: Path) -> None:
    """The order of rows and the last digits of sums are not what a mart says."""
    other = make(
        tmp_path / "other",
        "update rates.fct_rates set rate = rate * (1 + 5e-13)",
        "create or replace table rates.fct_rates as from rates.fct_rates order by n desc, measure",
    )
    found = parity(one, other, MARTS)
    assert found.is_same
    assert said(found) == "no difference: 4 marts, 21 rows"


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (
            "update rates.fct_rates set n = 9 where area = 'E2' and measure = 'referral'",
            ["rates.fct_rates: 1 row differs (1 changed)", "area E2, measure referral: n 2 | 9"],
        ),
        (
            "update rates.fct_rates set rate = rate * (1 + 3e-12) where area = 'E2'",
            ["2 rows differ (2 changed)", "changed, by column: rate 2"],
        ),
        (
            "update rates.fct_rates set low = null where area = 'E1'",
            ["changed, by column: low 2", "low 0.1 | –"],
        ),
        (
            "delete from rates.fct_rates where area = 'E5' and measure = 'referral'",
            ["(1 in the first alone)", "area E5, measure referral: in the first alone"],
        ),
        (
            "insert into rates.fct_rates "
            "from rates.fct_rates where area = 'E4' and measure = 'cin'",
            ["rates.fct_rates: 1 row", "beyond the first of their key (area, measure): 0 | 1",
             "area E4, measure cin: in the second alone"],
        ),
        (
            "update rates.fct_rates set measure = null where area = 'E1' and measure = 'cin'",
            ["(1 in the first alone, 1 in the second alone)"],
        ),
        (
            "create or replace table rates.fct_rates as "
            "select area, measure, rate, n, low from rates.fct_rates",
            ["columns stand in another order: n in the first, rate in the second"],
        ),
        (
            "create or replace table rates.fct_rates as "
            "select area, measure, n, low as rate, rate as low from rates.fct_rates",
            ["changed, by column: rate 10, low 10"],
        ),
        (
            "alter table rates.fct_rates alter n type integer",
            ["column n is BIGINT in the first, INTEGER in the second"],
        ),
        (
            "alter table rates.fct_rates alter area type integer using n",
            ["column area is VARCHAR in the first, INTEGER in the second", "not compared: the key"],
        ),
        ("alter table rates.fct_rates rename low to lower", ["column low is in the first alone"]),
        (
            "alter table rates.fct_rates add column more integer",
            ["column more is in the second alone"],
        ),
        ("drop table quality.rpt_build", ["quality.rpt_build: absent from the second warehouse"]),
        ("update quality.rpt_build set age_min = 0", ["the row: age_min 5 | 0"]),
    ],
)  # fmt: skip
def test_each_difference_is_found_and_said(
    one: Path, tmp_path: Path, change: str, says: list[str]
) -> None:
    found = parity(one, make(tmp_path / "other", change), MARTS)
    assert not found.is_same
    for words in says:
        assert words in said(found)
    assert any(mart.compared is None or not mart.compared.is_same for mart in found.marts)


def test_a_view_is_read_from_its_own_warehouse(one: Path, tmp_path: Path) -> None:
    """It names its tables with the name of the file that it was made in, here both alike."""
    change = "update rates.fct_rates set n = 9 where area = 'E2' and measure = 'cin'"
    lines = said(parity(one, make(tmp_path / "other", change), MARTS))
    assert "modelling.mdl_view: 1 row differs (1 changed)" in lines
    table = "create table modelling.mdl_view as from rates.fct_rates where measure = 'cin'"
    other = make(tmp_path / "tables", "drop view modelling.mdl_view", table)
    assert parity(one, other, MARTS).is_same


@pytest.mark.parametrize(
    "change",
    [
        "update core.fct_children set child_key = 'CANARY-CHILD' where child_no = 3",
        "update core.fct_children set referral_date = date '2018-05-06' where child_no = 3",
        "delete from core.fct_children where child_no = 5",
        "insert into core.fct_children from core.fct_children where child_no = 2",
    ],
)
def test_no_value_of_a_child_is_shown(one: Path, tmp_path: Path, change: str) -> None:
    found = parity(one, make(tmp_path / "other", change), MARTS)
    assert "core.fct_children: 1 row differs" in said(found)
    for value in (CHILD, "2018", "child_no", "301"):
        assert value not in said(found).replace("(la, child_no)", "")
    assert CHILD not in repr(found)
    if "child_no = 3" in change:
        assert "row of the first 3, row of the second 3: " in said(found)


def test_what_rightly_differs_is_said_and_does_not_count(one: Path, tmp_path: Path) -> None:
    other = make(tmp_path / "other", "update quality.rpt_build set build_id = 'build-two'")
    assert not parity(one, other, MARTS).is_same
    settled = [Settled("quality.rpt_build", "build_id", "another build")]
    found = parity(one, other, MARTS, settled)
    assert found.is_same
    assert "rightly differs: quality.rpt_build.build_id, 1 row: another build" in said(found)
    whole = [Settled("quality.rpt_build", "*", "about the build")]
    assert parity(one, other, MARTS, whole).is_same
    again = make(tmp_path / "again", "update quality.rpt_build set age_min = 0")
    assert not parity(one, again, MARTS, settled).is_same


@pytest.mark.parametrize(
    ("x", "y", "n"),
    [
        ("1.0", "1.0", 0),
        ("1.0", "1.0 + 1e-13", 0),
        ("1.0", "1.0 + 1e-11", 1),
        ("1e-300", "1.1e-300", 1),
        ("0.0", "-0.0", 0),
        ("0.0", "1e-300", 1),
        ("'nan'", "'nan'", 0),
        ("'nan'", "1.0", 1),
        ("'inf'", "'inf'", 0),
        ("'inf'", "'-inf'", 1),
        ("'inf'", "1.0", 1),
        ("null", "null", 0),
        ("null", "0.0", 1),
        ("1e308", "-1e308", 1),
    ],
)
def test_numbers_are_the_same_to_a_relative_tolerance(x: str, y: str, n: int) -> None:
    with duckdb.connect() as connection:
        sides = [f"(select 'a' as k, cast({value} as double) as v)" for value in (x, y)]
        assert compare(connection, *sides).n_differing == n
        assert compare(connection, *reversed(sides)).n_differing == n


def test_what_is_left_of_a_difference_has_the_error_of_what_was_taken() -> None:
    """x1 of a score that is almost its mean: 2e-12 of itself is 2e-16 of the scores."""
    with duckdb.connect() as connection:
        sides = [f"(select 'a' as k, {x1} as x1)" for x1 in (9.4e-5, 9.4e-5 + 2e-16)]
        assert compare(connection, *sides).changed == {"x1": 1}
        assert compare(connection, *sides, magnitudes={"x1": 1.0}).is_same
        far = f"(select 'a' as k, {9.4e-5 + 2e-12} as x1)"
        assert not compare(connection, sides[0], far, magnitudes={"x1": 1.0}).is_same


def test_equals_are_paired_one_to_one() -> None:
    """Without a key of its own a row needs a partner all the same."""
    with duckdb.connect() as connection:
        one = "(select unnest([1, 1, 2]) as k, unnest([0.5, 0.25, 0.5]) as v)"
        assert compare(connection, one, one.replace("0.5, 0.25", "0.25, 0.5")).is_same
        doubled = "(select unnest([1, 2, 2]) as k, unnest([0.5, 0.5, 0.5]) as v)"
        found = compare(connection, one, doubled)
        assert (found.n_only_one, found.n_only_other, found.n_changed) == (1, 1, 1)
        assert found.n_repeated == (1, 1)


def test_bad_files_are_named_with_a_remedy(one: Path, tmp_path: Path) -> None:
    text = tmp_path / "notes.txt"
    text.write_text("no warehouse at all, and long enough to have a header", "utf-8")
    empty = tmp_path / "empty.duckdb"
    duckdb.connect(str(empty)).close()
    for other, says in (
        (tmp_path / "nowhere.duckdb", "there is no warehouse here"),
        (tmp_path, "is a folder"),
        (text, "is not a warehouse"),
        (empty, "holds no mart"),
        (one, "the same file"),
    ):
        with pytest.raises(CinError, match=says) as raised:
            parity(one, other, MARTS)
        assert str(other) in str(raised.value)
        assert "remedy" in str(raised.value)


def test_a_file_that_another_process_holds(one: Path, tmp_path: Path) -> None:
    other = make(tmp_path / "other")
    hold = f"import duckdb; c = duckdb.connect({str(other)!r}); print('held', flush=True); input()"
    with subprocess.Popen(
        [sys.executable, "-c", hold], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline().strip() == b"held"
        with pytest.raises(CinError, match="another program may be holding it") as raised:
            parity(one, other, MARTS)
        holder.communicate(b"\n")
    assert str(other) in str(raised.value)


def test_the_exit_code_says_whether_anything_differs(
    one: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("parity_py.project_marts", lambda _: MARTS)
    other = make(tmp_path / "other", "update quality.rpt_build set build_id = 'build-two'")
    same = CliRunner().invoke(main.app, ["parity", str(one), str(make(tmp_path / "same"))])
    assert same.exit_code == 0, same.output
    assert "no difference: 4 marts, 21 rows" in same.output
    # The project's own list settles it: only what is made of the project's text differs.
    assert CliRunner().invoke(main.app, ["parity", str(one), str(other)]).exit_code == 0
    worse = make(tmp_path / "worse", "delete from rates.fct_rates where area = 'E1'")
    differs = CliRunner().invoke(main.app, ["parity", str(one), str(worse)])
    assert differs.exit_code == 1
    assert "2 of 4 marts differ" in differs.output


def test_a_list_of_what_differs_needs_reasons(one: Path, tmp_path: Path) -> None:
    mine = tmp_path / "mine.csv"
    mine.write_text("mart,column,reason\nrates.fct_rates,n,\n", "utf-8")
    with pytest.raises(CinError, match="needs a reason") as raised:
        settled_columns(mine)
    assert "line 2" in str(raised.value)
    mine.write_text("mart,column\nrates.fct_rates,n\n", "utf-8")
    with pytest.raises(CinError, match="no list"):
        settled_columns(mine)


def test_the_projects_marts_say_who_may_see_them(project: Path) -> None:
    marts = {mart.full_name: mart for mart in project_marts(project)}
    assert len(marts) >= 40
    assert {mart.schema for mart in marts.values()} == {
        "core", "rates", "modelling", "quality", "disclosure", "restricted",
    }  # fmt: skip
    of_children = {name for name, mart in marts.items() if mart.is_of_children}
    assert of_children == {
        "core.fct_assessments", "core.fct_cp_plans", "core.fct_referrals", "core.fct_section47",
        "restricted.rpt_untyped_values", "restricted.rpt_validation_issues",
    }  # fmt: skip
    assert [name for name, mart in marts.items() if not mart.key] == ["quality.rpt_build"]
    for settled in settled_columns():
        assert settled.mart in marts
        assert settled.column in marts[settled.mart].columns
    for least in magnitudes():
        assert fnmatch.filter(marts[least.mart].columns, least.column), least


def test_a_project_may_lie_below_a_folder_of_that_name(project: Path, tmp_path: Path) -> None:
    place = tmp_path / "marts"
    place.symlink_to(project, target_is_directory=True)
    assert project_marts(place) == project_marts(project)


def test_the_table_has_a_row_a_mart(one: Path, tmp_path: Path) -> None:
    other = make(tmp_path / "other", "drop table quality.rpt_build")
    table = parity_table(parity(one, other, MARTS))
    assert list(table.columns[0].cells) == [mart.full_name for mart in MARTS]
    assert list(table.columns[3].cells) == ["0", "0", "absent", "0"]
