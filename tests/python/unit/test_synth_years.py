"""Further census years: each a census of its own, in the codes and authorities of its year."""

from __future__ import annotations

import shutil
from pathlib import Path

import duckdb
import numpy as np
import pytest

from common_py.errors import CinError
from synth_py.people import UPN_LETTERS, check_letters
from synth_py.years import census_years, write_years

YEARS = (2018, 2019, 2025)
#: Those that were joined or have another number in 2025, and two that stay as they are.
KEPT = ("314", "835", "836", "837", "880")


@pytest.fixture(scope="module")
def data(small_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Some authorities with the year before and one after the last change of codes."""
    folder = tmp_path_factory.mktemp("years") / "data"
    for part in ("census", "locations"):
        shutil.copytree(small_data / part, folder / part)
    with duckdb.connect() as connection:
        for path in folder.rglob("*.parquet"):
            source = small_data / path.relative_to(folder)
            kept = f"select * from '{source}' where la_number in {KEPT}"  # noqa: S608 - our own
            connection.execute(f"copy ({kept}) to '{path}' (format parquet)")
    write_years(folder, YEARS)
    return folder


def ask(data: Path, text: str, **named: object) -> list[tuple[object, ...]]:
    """Answer a question in which `{census}` is the folder of the censuses."""
    text = text.format(census=data / "census", data=data, **named)
    with duckdb.connect() as connection:
        return connection.execute(text).fetchall()


def test_the_years_stand_around_the_one_that_is_drawn() -> None:
    assert census_years(1) == (2019,)
    assert census_years(2) == (2019, 2020)
    assert census_years(9) == tuple(range(2018, 2027))
    assert census_years(10) == tuple(range(2017, 2027))
    for n_years in (0, 11):
        with pytest.raises(CinError, match="cannot be made") as raised:
            census_years(n_years)
        assert "1 to 10" in str(raised.value)


@pytest.mark.parametrize("year", [2018, 2025])
def test_events_lie_in_their_year(data: Path, year: int) -> None:
    ((years, n_years, last, n_in_year),) = ask(
        data,
        "select min(census_year), count(distinct census_year), max(referral_date), "
        "count(*) filter (where referral_date >= '{before}-04-01') "
        "from '{census}/{year}/extract/referrals.parquet'",
        year=year,
        before=year - 1,
    )
    assert (years, n_years) == (str(year), 1)
    assert str(last) <= f"{year}-03-31"
    ((n_drawn,),) = ask(
        data,
        "select count(*) from '{census}/2019/extract/referrals.parquet' "
        "where referral_date >= '2018-04-01'",
    )
    assert isinstance(n_drawn, int)
    assert isinstance(n_in_year, int)
    assert 0.9 * n_drawn < n_in_year < 1.3 * n_drawn


def test_authorities_are_those_of_the_year(data: Path) -> None:
    """In 2025 Bournemouth and Poole are one, Dorset has another number."""
    numbers = {
        year: {
            number
            for (number,) in ask(
                data,
                "select distinct la_number from '{census}/{year}/extract/children.parquet'",
                year=year,
            )
        }
        for year in YEARS
    }
    assert numbers[2018] == numbers[2019]
    assert numbers[2019] - numbers[2025] == {"835", "836", "837"}
    assert numbers[2025] - numbers[2019] == {"838", "839"}
    returned = ask(
        data,
        "select r.la_number, r.n_children = c.n from '{census}/2025/extract/returns.parquet' as r "
        "inner join (select la_number, cast(count(*) as varchar) as n "
        "from '{census}/2025/extract/children.parquet' group by la_number) as c using (la_number)",
    )
    assert {number for number, _ in returned} == numbers[2025]
    assert all(is_right for _, is_right in returned)


@pytest.mark.parametrize("year", [2018, 2025])
def test_children_are_numbered_through_and_have_their_own_rows(data: Path, year: int) -> None:
    gaps = ask(
        data,
        "select la_number from "
        "(select la_number, cast(child_no as integer) as n "
        "from '{census}/{year}/extract/children.parquet') group by la_number "
        "having min(n) <> 1 or max(n) <> count(*) or count(distinct n) <> count(*)",
        year=year,
    )
    assert gaps == []
    orphans = ask(
        data,
        "select count(*) from '{census}/{year}/extract/referrals.parquet' "
        "anti join '{census}/{year}/extract/children.parquet' using (la_number, child_no)",
        year=year,
    )
    assert orphans == [(0,)]


def test_no_child_is_in_two_years_but_those_looked_back_to(data: Path) -> None:
    for identifier in ("la_child_id", "upn"):
        shared = ask(
            data,
            "select list_sort(list(distinct census_year)) as years "
            "from '{census}/*/extract/children.parquet' where {identifier} is not null "
            "group by {identifier} having len(years) > 1",
            identifier=identifier,
        )
        assert {tuple(years) for (years,) in shared} == {("2018", "2019")}
    ((n_back, n_2018),) = ask(
        data,
        "select count(*) filter (where la_child_id in "
        "(select la_child_id from '{census}/2019/extract/children.parquet')), count(*) "
        "from '{census}/2018/extract/children.parquet'",
    )
    assert isinstance(n_back, int)
    assert isinstance(n_2018, int)
    assert 0 < n_back < n_2018


def test_upns_have_their_check_letter(data: Path) -> None:
    upns = [
        str(upn)
        for (upn,) in ask(
            data,
            "select upn from '{census}/2025/extract/children.parquet' where upn is not null",
        )
    ]
    digits = np.array([[int(digit) for digit in upn[1:]] for upn in upns])
    letters = [UPN_LETTERS[at] for at in check_letters(digits)]
    assert letters == [upn[0] for upn in upns]
    assert len(upns) > 1000


def test_locations_name_children_of_their_year(data: Path) -> None:
    ((n, n_named),) = ask(
        data,
        "with children as (from '{census}/2025/extract/children.parquet') "
        "select count(*), count(*) filter (where "
        "(la_number, la_child_id) in (select (la_number, la_child_id) from children) "
        "or (la_number, upn) in (select (la_number, upn) from children)) "
        "from '{data}/locations/2025/child_locations.parquet'",
    )
    ((n_drawn,),) = ask(
        data, "select count(*) from '{data}/locations/2019/child_locations.parquet'"
    )
    assert isinstance(n, int)
    assert isinstance(n_drawn, int)
    assert n == n_named
    assert 0.9 * n_drawn < n <= n_drawn


def test_those_looked_back_to_are_placed_as_the_others_are(data: Path) -> None:
    """They are in the year before as they are, with where they live."""
    shares = []
    for where in ("in", "not in"):
        ((share,),) = ask(
            data,
            "with earlier as (from '{census}/2018/extract/children.parquet' where la_child_id "
            "{where} (select la_child_id from '{census}/2019/extract/children.parquet')), "
            "placed as (from '{data}/locations/2018/child_locations.parquet') "
            "select avg(cast("
            "(la_number, la_child_id) in (select (la_number, la_child_id) from placed) or "
            "(la_number, upn) in (select (la_number, upn) from placed where la_child_id is null) "
            "as integer)) from earlier",
            where=where,
        )
        assert isinstance(share, float)
        shares.append(share)
    assert min(shares) > 0.4  # of all ages: who is not of school age has no location
    assert shares[0] == pytest.approx(shares[1], abs=0.1)


def test_a_year_has_the_codes_and_plans_of_its_year(data: Path) -> None:
    sexes = {
        year: {
            sex
            for (sex,) in ask(
                data,
                "select distinct sex from '{census}/{year}/extract/children.parquet'",
                year=year,
            )
        }
        for year in YEARS
    }
    assert sexes[2025] == {"M", "F", "U"}
    assert sexes[2018] == sexes[2019]
    assert not (data / "census" / "2018" / "extract" / "cin_plans.parquet").exists()
    ((n_plans,),) = ask(data, "select count(*) from '{census}/2025/extract/cin_plans.parquet'")
    assert n_plans
