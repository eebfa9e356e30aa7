"""A small warehouse that can be released: what the shelf, the gates and the files are tried on."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from unittest.mock import patch

from common_py.paths import Paths
from common_py.protection import PROTECTION_FILE
from publish_py import package
from publish_py.gates import GATES
from publish_py.releasing import ReleaseReport, release
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


@contextmanager
def without_pages() -> Iterator[None]:
    """Release tables only: pages and workbook, which take long, are a line each."""
    with patch.object(package, "render_site", _page), patch.object(package, "workbook", _book):
        yield


def publish(paths: Paths, version: str, tests: Callable[[], Checked] = passing) -> ReleaseReport:
    """Release a warehouse behind the gates that are judged at once."""
    gates = {name: GATES[name] for name in ("validation", "estimates", "disclosure", "dbt tests")}
    return release(paths, version, tests=tests, gates=gates)
