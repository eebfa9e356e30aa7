"""The recipes of `faults.yml`, followed on the tables of a census in a database.

A recipe says for one rule which rows will do and what becomes of them. A child is broken for one
rule only, an authority for one rule on whole returns, so that what is found can be told apart.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

import duckdb

from common_py.errors import CinError
from common_py.progress import Progress, silent
from common_py.warehouse import sql
from common_py.yaml_text import from_yaml
from ingest_py.landing_schema import BY_NAME, CENSUS_TABLES
from synth_py.facts import HERE, read_rows, seed_path

FAULTS_PER_RULE = 5
REGISTER = "rules/validation_rules.csv"
_PARENTS = {"assessment_factors": "assessments", "cpp_reviews": "child_protection_plans"}
_FACTS = {"children": "child_facts", "referrals": "episode_facts",
          "assessments": "assessment_facts"}  # fmt: skip
_SPARED = 10  # authorities below which none is given to rules on whole returns
_LEAST_CHILDREN = 500  # of an authority that is
_STEP = "synth: faults"


class Fault(NamedTuple):
    """What was broken, by its key: None for what the row or the rule has no number of."""

    rule_no: str
    census_year: str
    la_number: str
    child_no: str | None
    referral_no: str | None
    record_no: str | None
    part_no: str | None
    table_name: str


@dataclass(frozen=True)
class Recipe:
    """How to break rows for one rule; `faults.yml` says what each part means."""

    rule: str
    table: str
    where: str = "true"
    set: Mapping[str, str] = field(default_factory=dict)
    drop: tuple[str, ...] = ()
    add: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    whole: bool = False

    @property
    def values(self) -> dict[str, str]:
        """What is worked out before anything is broken: a name for each expression."""
        made = {_name("set", target): expression for target, expression in self.set.items()}
        for table, columns in self.add.items():
            made |= {_name("add", f"{table}.{c}"): e for c, e in columns.items()}
        return made


def _name(action: str, target: str) -> str:
    return f"{action}_{target.replace('.', '_')}"


def recipes() -> list[Recipe]:
    """Return the recipes, in the order in which they are followed."""
    listed = from_yaml((HERE / "faults.yml").read_text(encoding="utf-8"))
    return [Recipe(**{**one, "drop": tuple(one.get("drop", ()))}) for one in listed]


def rule_codes(census_year: int) -> dict[str, str]:
    """Return the code of every rule in force in a year, by its number."""
    return {
        row["rule_no"]: row["rule_code"]
        for row in read_rows(seed_path(REGISTER))
        if int(row["first_year"]) <= census_year <= int(row["last_year"])
    }


def load(connection: duckdb.DuckDBPyConnection, folder: Path) -> None:
    """Load the tables of an extract; one that is not there has no rows.

    Raises
    ------
    CinError
        If the folder holds no children.
    """
    if not (folder / "children.parquet").is_file():
        raise CinError("there is no extract", file=str(folder), remedy="run `cin synth` first")
    for table in CENSUS_TABLES:
        path = folder / f"{table.name}.parquet"
        columns = ", ".join(f"{column.name} varchar" for column in table.input_columns)
        connection.execute(f"create table {table.name} ({columns})")
        if path.is_file():
            text = str(path).replace("'", "''")
            connection.execute(f"insert into {table.name} by name from '{text}'")


def save(connection: duckdb.DuckDBPyConnection, folder: Path) -> None:
    """Write the tables that have rows, each beside its place first."""
    folder.mkdir(parents=True, exist_ok=True)
    for table in CENSUS_TABLES:
        order = ", ".join(("la_number", *(f"cast({key} as integer)" for key in table.row_keys)))
        fresh = folder / f".{table.name}.next"
        text = str(fresh).replace("'", "''")
        if _count(connection, f"select count(*) from {table.name}"):  # noqa: S608
            connection.execute(
                f"copy (select * from {table.name} order by {order}) to '{text}' "  # noqa: S608
                "(format parquet, compression zstd)"
            )
            fresh.replace(folder / f"{table.name}.parquet")


def break_rows(
    connection: duckdb.DuckDBPyConnection, census_year: int, seed: int, progress: Progress = silent
) -> None:
    """Follow every recipe whose rule is in force in a year."""
    connection.execute(
        f"create macro first_day() as '{census_year - 1}-04-01'; "
        f"create macro last_day() as '{census_year}-03-31'; "
        f"create macro lot(what, la, child) as md5('{seed} ' || what || ' ' || la || ' ' || child)"
    )
    connection.execute(sql(HERE / "sql", "faults_facts"))
    codes = rule_codes(census_year)
    n_las = _count(connection, "select count(distinct la_number) from children")
    todo = [r for r in recipes() if r.rule in codes and not (r.whole and n_las < _SPARED)]
    for done, recipe in enumerate(todo):
        progress(_STEP, done, len(todo))
        connection.execute(_chosen(recipe))
        for statement in (*_sets(recipe), *_drops(recipe), *_adds(recipe)):
            connection.execute(statement)
        connection.execute(_listed(recipe))
        connection.execute(
            "insert into used_returns select distinct la_number from chosen"
            if recipe.whole
            else "insert into used_children select la_number, child_no from chosen"
        )
    progress(_STEP, len(todo), len(todo))


def faults_of(connection: duckdb.DuckDBPyConnection) -> list[Fault]:
    """Return what `break_rows` broke, ordered by year, authority and child."""
    rows = connection.execute(
        "select * from faults order by census_year, la_number, cast(child_no as integer), rule_no"
    ).fetchall()
    return [Fault(*row) for row in rows]


def _count(connection: duckdb.DuckDBPyConnection, query: str) -> int:
    ((n,),) = connection.execute(query).fetchall()
    return int(n)


def _keys(table: str) -> tuple[str, ...]:
    """Return the key of a table below the year."""
    return ("la_number", *BY_NAME[table].row_keys)


def _same(one: str, other: str, keys: tuple[str, ...]) -> str:
    return " and ".join(f"{one}.{key} = {other}.{key}" for key in keys)


def _shared(table: str, recipe: Recipe) -> tuple[str, ...]:
    """Return the keys that a table has in common with the rows chosen."""
    return tuple(key for key in _keys(table) if key in _keys(recipe.table))


def _chosen(recipe: Recipe) -> str:
    """Return the statement that chooses rows, with the values that they are to get."""
    values = "".join(f", {e} as {name}" for name, e in recipe.values.items())
    rows = f"{_FACTS.get(recipe.table, recipe.table)} as t"
    if recipe.whole:
        return f"""
            create or replace table chosen as
            select t.*{values} from {rows}
            where ({recipe.where}) and t.la_number = (
                select la_number from children
                where la_number not in (from used_returns)
                group by la_number having count(*) >= {_LEAST_CHILDREN}
                order by count(*), la_number limit 1
            )"""  # noqa: S608 - recipes are part of this package
    child, episode = ("la_number", "child_no"), ("la_number", "child_no", "referral_no")
    rows += f" inner join child_facts as k on {_same('t', 'k', child)}"
    if "referral_no" in _keys(recipe.table):
        rows += f" inner join episode_facts as e on {_same('t', 'e', episode)}"
    parent = _PARENTS.get(recipe.table)
    if parent:
        rows += f" inner join {parent} as p on {_same('t', 'p', _keys(parent))}"
    order = ", ".join(f"cast({key} as integer)" for key in _keys(recipe.table))
    return f"""
        create or replace table chosen as
        with candidates as (
            select t.*{values} from {rows}
            where ({recipe.where})
                and t.la_number not in (from used_returns)
                and (t.la_number, t.child_no) not in (from used_children)
        )
        select * from candidates
        qualify row_number() over (partition by la_number, child_no order by {order}) = 1
        order by lot('{recipe.rule}', la_number, child_no)
        limit {FAULTS_PER_RULE}"""  # noqa: S608 - recipes are part of this package


def _sets(recipe: Recipe) -> list[str]:
    statements = []
    for target in recipe.set:
        table, _, column = target.rpartition(".")
        table = table or recipe.table
        statements.append(
            f"update {table} set {column} = chosen.{_name('set', target)} from chosen "  # noqa: S608
            f"where {_same(table, 'chosen', _shared(table, recipe))}"
        )
    return statements


def _drops(recipe: Recipe) -> list[str]:
    return [
        f"delete from {table} using chosen "  # noqa: S608 - recipes are part of this package
        f"where {_same(table, 'chosen', _shared(table, recipe))}"
        for table in recipe.drop
    ]


def _adds(recipe: Recipe) -> list[str]:
    """Return the statements that add a row, numbered after the last of its kind."""
    statements = []
    for table, given in recipe.add.items():
        *above, number = _keys(table)
        last = (
            f"select max(cast(o.{number} as integer)) from {table} as o "  # noqa: S608
            f"where {_same('o', 'chosen', tuple(above))}"
        )
        cells = []
        for column in BY_NAME[table].input_columns:
            if column.name in given:
                cells.append(f"chosen.{_name('add', f'{table}.{column.name}')}")
            elif column.name == number:
                cells.append(f"cast(coalesce(({last}), 0) + 1 as varchar)")
            else:
                copied = "broken" if table == recipe.table else "chosen"
                cells.append(f"{copied}.{column.name}")
        source = "chosen"
        if table == recipe.table:
            source += f" inner join {table} as broken on {_same('broken', 'chosen', _keys(table))}"
        statements.append(f"insert into {table} select {', '.join(cells)} from {source}")  # noqa: S608
    return statements


def _listed(recipe: Recipe) -> str:
    """Return the statement that lists what was broken.

    Where a row was added beside another, the rule may name either: then only the key that they
    share is listed.
    """
    known = () if recipe.whole else _keys(recipe.table)[1:]
    if recipe.table in recipe.add:
        known = known[:-1]
    below = [key for key in known if key not in ("child_no", "referral_no")]
    numbers = [key if key in known else "null" for key in ("child_no", "referral_no")]
    numbers += [*below, "null", "null"][:2]
    return (
        f"insert into faults select distinct '{recipe.rule}', census_year, la_number, "  # noqa: S608
        f"{', '.join(numbers)}, '{recipe.table}' from chosen"
    )
