"""A census with faults: each is found by its rule, none is missed; a clean one has no error.

SYNTHETIC. The census of 2018/19 comes by the extract and an ingest, those of other years by XML
and `cin validate`, so that both ways lead the faults to the rules.
"""

from __future__ import annotations

import csv
import shutil
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import duckdb
import pytest

from common_py.errors import CinError
from common_py.paths import Paths
from common_py.progress import silent
from common_py.warehouse import reading
from ingest_py import ingest
from synth_py.faults import LIST, Injected, inject
from synth_py.faults_recipes import FAULTS_PER_RULE, recipes, rule_codes
from synth_py.faults_years import OTHER_YEARS, write_other_year
from tests.python.conftest import first_of
from tests.python.planned_once import planned
from validate_py.building import build, open_memory
from validate_py.definitions import Definitions
from validate_py.returns import find_returns, land

YEARS = (2019, *OTHER_YEARS)
TRIED = first_of(OTHER_YEARS, 1)
ISSUES = "restricted.rpt_validation_issues"
WHOLE, N_CHILDREN = "390", 600
"""An authority that stays whole, for the other years; of others so many children are kept."""
EXTRACT = Path("census") / "2019" / "extract"


@pytest.fixture(scope="module")
def few(small_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The small England with the first children of each authority: as many faults find a place."""
    folder = tmp_path_factory.mktemp("few") / "data"
    shutil.copytree(small_data, folder)
    with duckdb.connect() as connection:
        for path in sorted((folder / EXTRACT).glob("*.parquet")):
            number = "n_children" if path.stem == "returns" else "child_no"
            kept = f"(la_number = '{WHOLE}' or cast({number} as integer) <= {N_CHILDREN})"
            rows = (
                f"select * replace (if({kept}, n_children, '{N_CHILDREN}') as n_children) from {{}}"  # noqa: S608
                if path.stem == "returns"
                else f"select * from {{}} where {kept}"  # noqa: S608
            )
            source = f"'{small_data / EXTRACT / path.name}'"
            connection.execute(f"copy ({rows.format(source)}) to '{path}' (format parquet)")
    return folder


@pytest.fixture(scope="module")
def broken(few: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Injected]:
    """A small England with faults, broken in one thread: its statements are many and small."""
    folder = tmp_path_factory.mktemp("broken") / "data"
    shutil.copytree(few, folder)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(duckdb, "connect", partial(duckdb.connect, config={"threads": 1}))
        return folder, inject(folder)


@contextmanager
def ruled(project: Path, landing: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """Run the rules over a landing."""
    with open_memory() as connection:
        build(connection, planned(Definitions(project), ["rpt_validation_issues"], landing), silent)
        yield connection


def landed(project: Path, data: Path, folder: Path) -> Path:
    paths = Paths(project, data, folder, folder / "landing", folder / "warehouse.duckdb")
    ingest(paths)
    return paths.landing


def landed_returns(place: Path, folder: Path) -> Path:
    assert not land(find_returns([place]), folder, silent).refused
    return folder


def listed(data: Path) -> list[dict[str, str]]:
    with (data / "synthetic" / LIST).open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def errors(connection: duckdb.DuckDBPyConnection) -> dict[str, int]:
    return dict(
        connection.execute(
            f"select rule_code, count(*) from {ISSUES} where severity = 'error' group by rule_code"  # noqa: S608
        ).fetchall()
    )


def missed(connection: duckdb.DuckDBPyConnection, faults: list[dict[str, str]]) -> list[str]:
    """The faults that no issue of their rule is about: same child, episode and row."""
    query = (
        "select rule_code, la_number, child_no, referral_no, record_no, part_no, table_name "  # noqa: S608
        f"from {ISSUES}"
    )
    found: dict[tuple[str, str], list[tuple[object, ...]]] = {}
    for code, la_number, *keys in connection.execute(query).fetchall():
        found.setdefault((code, la_number), []).append(tuple(keys))
    return [
        " ".join(fault.values())
        for fault in faults
        if not any(
            is_about(fault, keys)
            for keys in found.get((fault["rule_code"], fault["la_number"]), ())
        )
    ]


def is_about(fault: dict[str, str], keys: tuple[object, ...]) -> bool:
    *numbers, table_name = keys
    if table_name != fault["table_name"]:
        numbers = numbers[:2]  # numbers of other tables' rows are another thing
    wanted = (fault["child_no"], fault["referral_no"], fault["record_no"], fault["part_no"])
    pairs = zip(wanted, numbers, strict=False)
    return all(want == str(have) for want, have in pairs if want and have is not None)


def test_a_clean_synthetic_census_has_no_error(small_england: Paths) -> None:
    """The build has held the rules to it already, by dbt."""
    with reading(small_england.warehouse) as connection:
        held = "select count(*) from restricted.int_validation__children"
        assert connection.execute(held).fetchall() > [(50_000,)]
        assert errors(connection) == {}


@pytest.mark.parametrize("year", TRIED)
def test_a_clean_census_of_another_year_has_no_error(
    project: Path, few: Path, tmp_path: Path, year: int
) -> None:
    write_other_year(few / EXTRACT, tmp_path / "data", year, 1, is_broken=False)
    returns = tmp_path / "data" / "census" / str(year) / "returns"
    with ruled(project, landed_returns(returns, tmp_path / "landing")) as connection:
        ((n,),) = connection.execute("select count(*) from landing.cin_plans").fetchall()
        assert n > 100, "plans of children in need are there to be broken"
        assert errors(connection) == {}


def test_every_rule_has_a_fault_in_some_year(broken: tuple[Path, Injected]) -> None:
    data, injected = broken
    known = {number for year in YEARS for number in rule_codes(year)}
    assert injected.without == ()
    assert injected.n_rules == len(known) == 111
    assert {recipe.rule for recipe in recipes()} == known
    faults = listed(data)
    assert len(faults) == injected.n_faults
    whole = {recipe.rule for recipe in recipes() if recipe.whole}
    counts = Counter((fault["census_year"], fault["rule_code"]) for fault in faults)
    few = {key: n for key, n in counts.items()
           if n < FAULTS_PER_RULE and key[1].rstrip("Q") not in whole}  # fmt: skip
    assert few == {}
    for year in YEARS:
        codes = {code for number, code in rule_codes(year).items() if number not in whole}
        assert codes <= {code for at, code in counts if at == str(year)}


def test_a_child_is_broken_for_one_rule_only(broken: tuple[Path, Injected]) -> None:
    faults = [fault for fault in listed(broken[0]) if fault["child_no"]]
    keys = Counter((fault["place"], fault["la_number"], fault["child_no"]) for fault in faults)
    assert max(keys.values()) == 1


def test_every_fault_of_the_drawn_year_is_found(
    project: Path, broken: tuple[Path, Injected], tmp_path: Path
) -> None:
    data, _ = broken
    faults = [fault for fault in listed(data) if fault["census_year"] == "2019"]
    assert len(faults) > 400
    with ruled(project, landed(project, data, tmp_path)) as connection:
        assert missed(connection, faults) == []


@pytest.mark.parametrize("year", TRIED)
def test_every_fault_of_another_year_is_found(
    project: Path, broken: tuple[Path, Injected], tmp_path: Path, year: int
) -> None:
    data, _ = broken
    faults = [fault for fault in listed(data) if fault["census_year"] == str(year)]
    (place,) = {fault["place"] for fault in faults}
    with ruled(project, landed_returns(data / place, tmp_path)) as connection:
        assert missed(connection, faults) == []


def test_faults_are_injected_once_and_into_synthetic_data_only(
    broken: tuple[Path, Injected], tmp_path: Path
) -> None:
    with pytest.raises(CinError, match="broken already"):
        inject(broken[0])
    with pytest.raises(CinError, match="no synthetic census"):
        inject(tmp_path)
