"""A small warehouse that can be released: what the shelf, the gates and the files are tried on."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any
from unittest.mock import patch

import duckdb
import pyarrow as pa

from common_py.paths import Paths
from common_py.warehouse import rows, sql
from publish_py import package
from publish_py.disclosed import Disclosure
from publish_py.gates import GATES
from publish_py.protect import hidden_rates, protect_rates
from publish_py.releasing import ReleaseReport, release
from publish_py.rules import Rules
from publish_py.source import SQL_FOLDER
from publish_py.verdicts import Checked, Finding
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
_SCHEMA = pa.schema(
    [
        ("census_year", pa.int32()),
        ("area_code", pa.string()),
        ("measure", pa.string()),
        ("basis", pa.string()),
        ("timing", pa.string()),
        ("stratum_type", pa.string()),
        ("stratum", pa.string()),
        ("count", pa.int64()),
        ("denominator", pa.float64()),
        ("rate_per_10k", pa.float64()),
        ("is_suppressed", pa.bool_()),
        ("reason", pa.string()),
    ]
)


def tables(
    connection: duckdb.DuckDBPyConnection, rules: Rules, previous: Path | None = None
) -> dict[str, pa.Table]:
    """Protect rates of authorities and England as the site does, in the columns of a release."""
    found = rows(connection, sql(SQL_FOLDER, "la_rates"), {"census_year": 2019})
    shown = protect_rates(found, hidden_rates(found, rules), rules)
    made = [_row(row) for row in shown]
    return {
        "rates_england": pa.Table.from_pylist(
            [row for row in made if row["area_code"] == "England"], schema=_SCHEMA
        ),
        "rates_la": pa.Table.from_pylist(
            [row for row in made if row["area_code"] != "England"], schema=_SCHEMA
        ),
    }


def _row(row: Mapping[str, Any]) -> dict[str, Any]:
    count, rate = row["count"], row["rate"]
    return {
        "census_year": 2019,
        "area_code": row["area"],
        "basis": "episode",
        **{name: row[name] for name in ("measure", "timing", "stratum_type", "stratum")},
        "count": count.value,
        "denominator": row["denominator"],
        "rate_per_10k": rate.value,
        "is_suppressed": count.is_suppressed,
        "reason": "primary" if count.is_suppressed else "",
    }


def audit(published: Mapping[str, pa.Table], rules: Rules, previous: Path | None = None) -> Checked:
    """Find the small counts that are shown outright."""
    findings = [
        Finding(f"published.{name}", f"{n} counts of 1 to 5 are shown", "suppress them")
        for name, table in published.items()
        if (
            n := sum(
                0 < count < rules.minimum_count
                for count in table.column("count").to_pylist()
                if count is not None
            )
        )
    ]
    return Checked(sum(table.num_rows for table in published.values()), tuple(findings))


DISCLOSURE = Disclosure(tables, audit)


def passing() -> Checked:
    """Say that dbt's tests pass: they are run for true in `pipeline/test_release.py`."""
    return Checked(1, ())


def releasable(template: Paths, folder: Path, *changes: str) -> Paths:
    """Copy a fitted warehouse, and make it sound for every gate before it is changed."""
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
    change(paths, *SOUND, *changes)
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
    return release(paths, version, tests=tests, disclosure=DISCLOSURE, gates=gates)
