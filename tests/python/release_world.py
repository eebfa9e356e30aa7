"""A small warehouse that can be released: what the shelf, the gates and the files are tried on."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Callable, Hashable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any, TypeVar
from unittest.mock import patch

import duckdb
import pyarrow as pa

from common_py.paths import Paths
from common_py.protection import PROTECTION_FILE
from common_py.warehouse import read_build, rows, sql
from expectations import runner
from publish_py import manifest, package
from publish_py.control import control
from publish_py.disclosed import Disclosure
from publish_py.gates import GATES
from publish_py.releasing import ReleaseReport, release
from publish_py.rules import Rules
from publish_py.source import SQL_FOLDER
from publish_py.verdicts import Checked
from tests.python.disclosure_world import relations_sql
from tests.python.small_marts import change

#: What makes the marts of `small_site` sound for every gate.
SOUND = (
    "create schema if not exists staging",
    """
    create or replace table staging.stg_ingest__ledger_files as
    select 'children.csv' as file, 'census' as kind, 'read' as verdict, 'ab12' as sha256
    """,
    # doubles, as the contracts have them
    "alter table quality.rpt_match_rates alter match_rate type double",
    "alter table core.dim_la alter la_income type double",
    "alter table rates.fct_rates_la alter denominator type double",
    "alter table rates.fct_rates_la alter rate_per_10k type double",
    "update rates.fct_rates_la set denominator = 4 * denominator, rate_per_10k = rate_per_10k / 4",
    """
    create or replace table quality.rpt_validation_decisions as
    select census_year, la_number, 'enters' as decision from core.dim_la
    """,
)
#: The cells of these marts that may be published, and what holds between them.
_COUNTED = "measure, basis, timing, stratum_type, stratum"
DISCLOSED = (
    "create schema if not exists disclosure",
    f"""
    create or replace table staging.protection as
    select rule, cast(value as integer) as value
    from read_csv('{PROTECTION_FILE.as_posix()}', all_varchar = true)
    """,  # noqa: S608 - our own file
    f"""
    create or replace table disclosure.dsc_cells as
    with las as (
        select * from rates.fct_rates_la
        inner join core.dim_la using (census_year, la_code)
    ),
    areas as (
        select census_year, 'la' as grain, la_code as area_code, la_name as area_name,
            region_name as parent_code, {_COUNTED}, numerator, denominator from las
        union all
        select census_year, 'region', region_name, region_name, 'E92000001', {_COUNTED},
            cast(sum(numerator) as bigint), sum(denominator) from las group by all
        union all
        select census_year, 'england', 'E92000001', 'England', null, {_COUNTED},
            cast(sum(numerator) as bigint), sum(denominator) from las group by all
    )
    select
        cast(row_number() over (order by grain, area_code, {_COUNTED}) as integer) as cell_no, *,
        true as is_partition, grain <> 'la' as is_rounded,
        numerator between 1 and 5 as is_primary,
        case when numerator between 1 and 5 then 'small count' else '' end as primary_reason
    from areas
    """,  # noqa: S608 - our own columns
    relations_sql(),
)
_TABLES = ("cells", "cell_notes", "fits", "sensitivities")
#: One table of the study and the rates of all children: every file of a release, each a short one.
SHORT = (
    *(f"delete from estimates.{name} where table_no <> '2'" for name in _TABLES),  # noqa: S608
    "delete from estimates.coefficients where spec_id not in (select spec_id from estimates.fits)",
    "delete from rates.fct_rates_la where stratum_type <> 'all'",
    "delete from disclosure.dsc_cells where stratum_type <> 'all'",
)


def passing() -> Checked:
    """Say that dbt's tests pass: they are run for true in `pipeline/test_release.py`."""
    return Checked(1, ())


def releasable(template: Paths, folder: Path, *changes: str) -> Paths:
    """Copy a fitted warehouse, and make it sound for every gate before it is changed."""
    return changed(template, folder, *SOUND, *DISCLOSED, *changes)


def changed(template: Paths, folder: Path, *changes: str) -> Paths:
    """Copy a warehouse, and change it."""
    build = folder / "build"
    build.mkdir(parents=True)
    shutil.copyfile(template.warehouse, build / template.warehouse.name)
    paths = replace(
        template,
        data=folder / "data",
        build=build,
        landing=build / "landing",
        warehouse=build / template.warehouse.name,
        shelf=folder / "releases",
    )
    change(paths, *changes)
    return paths


def _page(folder: Path, *_: object, **__: object) -> None:
    folder.mkdir()
    (folder / "index.html").write_text("SYNTHETIC", encoding="utf-8")


def _book(*_: object, **__: object) -> bytes:
    return b"SYNTHETIC"


def _no_content(*_: object) -> None:
    """Lay nothing out: no page and no workbook shows it."""


@contextmanager
def without_pages() -> Iterator[None]:
    """Release tables only: pages and workbook, which take long, are a line each.

    What a manifest says of this installation is the same of every release of a process.
    """
    with (
        patch.object(package, "render_site", _page),
        patch.object(package, "workbook", _book),
        patch.object(package, "content_of", _no_content),
        patch.object(manifest, "packages", _packages),
        patch.object(manifest, "code_sha256", _code_sha256),
    ):
        yield


_packages, _code_sha256 = cache(manifest.packages), cache(manifest.code_sha256)


def publish(paths: Paths, version: str, tests: Callable[[], Checked] = passing) -> ReleaseReport:
    """Release a warehouse behind the gates that are judged at once."""
    gates = {name: GATES[name] for name in ("validation", "estimates", "disclosure", "dbt tests")}
    return release(paths, version, tests=tests, gates=gates, disclosure=remembered())


Found = TypeVar("Found")
_found: dict[Hashable, Any] = {}


def _once(key: Hashable, find: Callable[[], Found]) -> Found:
    """Find what depends on nothing but its key once a process: most tests change little of it."""
    if key not in _found:
        _found[key] = find()
    found: Found = _found[key]
    return found


def remembered() -> Disclosure:
    """The project's protection and audit, each carried out once over the very same inputs."""
    true = control()

    def tables(
        connection: duckdb.DuckDBPyConnection, rules: Rules, previous: Path | None
    ) -> dict[str, pa.Table]:
        names = ("released_rules", "released_cells", "released_relations")
        read = [rows(connection, sql(SQL_FOLDER, name)) for name in names]
        key = ("tables", _hash(read, read_build(connection), rules), _rates(previous))
        return dict(_once(key, lambda: true.tables(connection, rules, previous)))

    def audit(published: Mapping[str, pa.Table], rules: Rules, previous: Path | None) -> Checked:
        said = [(name, table.schema, table.to_pydict()) for name, table in published.items()]
        key = ("audit", _hash(said, rules), _rates(previous))
        return _once(key, lambda: true.audit(published, rules, previous))

    return Disclosure(tables, audit)


def _hash(*values: object) -> str:
    return hashlib.sha256(repr(values).encode()).hexdigest()


def _rates(previous: Path | None) -> str:
    """Say what is read of the release before: its tables of rates, as `read_release` does."""
    files = [] if previous is None else sorted((previous / "parquet").glob("rates_*.parquet"))
    return _hash([(file.name, file.read_bytes()) for file in files], previous is None)


class _Remembered(runner._Batches):
    """Great Expectations asked once of the very same frame, check and limits."""

    def __init__(self) -> None:
        """Leave the context, which takes long to make, to the first question that is new."""

    def validate(self, check: Any, limits: Any, frame: Any) -> Any:
        said = (tuple(frame.columns), [*map(str, frame.dtypes)], frame.to_numpy().tolist())
        key = ("asked", check.name, _hash(check, limits, said))
        return _once(key, lambda: _asked().validate(check, limits, frame))


_asked = cache(runner._Batches)


@contextmanager
def asked_once() -> Iterator[None]:
    """Judge marts without asking Great Expectations again what was asked of the same values."""
    with patch.object(runner, "_Batches", _Remembered):
        yield
