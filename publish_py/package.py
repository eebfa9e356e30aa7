"""The files of a release, from protected tables: DuckDB, Parquet, CSV, Excel, site, report."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa

from common_py.paths import Paths
from publish_py.disclosure_report import disclosure_report
from publish_py.formats import settled, write_csv, write_duckdb, write_parquet
from publish_py.manifest import dataset_of
from publish_py.render import Content
from publish_py.rules import Rules
from publish_py.site import content_of, render_site
from publish_py.source import SiteData
from publish_py.verdicts import Verdict
from publish_py.workbook import workbook

DUCKDB = "release.duckdb"
REPORT = "disclosure.html"
#: Columns that order a table of rates; every other table is in the order of its texts.
_RATE_KEY = (
    *("census_year", "area_code", "measure", "basis", "timing", "stratum_type", "stratum"),
)
STEPS = 3


@dataclass(frozen=True)
class Protected:
    """What a release is made of, protected.

    Attributes
    ----------
    data
        What the site shows.
    published, estimates
        Tables by name, of the schemas of those names.
    verdicts
        Of the gates, all of which let it pass.
    """

    data: SiteData
    published: Mapping[str, pa.Table]
    estimates: Mapping[str, pa.Table]
    rules: Rules
    verdicts: Sequence[Verdict]


def package(
    folder: Path,
    paths: Paths,
    protected: Protected,
    *,
    made: Callable[[], object],
    progress: Callable[[int], None],
) -> dict[str, int]:
    """Write everything but manifest and hashes into an empty folder.

    Parameters
    ----------
    made
        Waits for dbt's documentation of the warehouse.
    progress
        Called with the number of steps done, of `STEPS`.

    Returns
    -------
    dict
        Rows by schema and table.
    """
    schemas = {
        "published": _settled(protected, protected.published),
        "estimates": _settled(protected, protected.estimates),
    }
    for schema, tables in schemas.items():
        _write_tables(folder, "" if schema == "published" else schema, tables)
    write_duckdb(schemas, folder / DUCKDB)
    progress(1)
    data = protected.data
    content = content_of(data)
    _write_excel(folder / "excel", data, content, schemas["published"])
    report = disclosure_report(protected.rules, protected.verdicts, schemas, data)
    (folder / REPORT).write_text(report, encoding="utf-8", newline="\n")
    progress(2)
    render_site(folder / "site", paths, data, protected.rules, made=made, content=content)
    progress(3)
    return {
        f"{schema}.{name}": table.num_rows
        for schema, tables in schemas.items()
        for name, table in tables.items()
    }


def _settled(protected: Protected, tables: Mapping[str, pa.Table]) -> dict[str, pa.Table]:
    mark = dataset_of(protected.data.build)
    made = {}
    for name, table in sorted(tables.items()):
        keys = [key for key in _RATE_KEY if key in table.column_names]
        whole = settled(table, keys)
        if "dataset" not in whole.column_names:
            marks = pa.array([mark] * whole.num_rows, pa.string())
            whole = whole.add_column(0, "dataset", marks)
        made[name] = whole
    return made


def _write_tables(folder: Path, below: str, tables: Mapping[str, pa.Table]) -> None:
    for kind, write in (("parquet", write_parquet), ("csv", write_csv)):
        place = folder / kind / below
        place.mkdir(parents=True, exist_ok=True)
        for name, table in tables.items():
            write(table, place / f"{name}.{kind}")


def _write_excel(
    folder: Path, data: SiteData, content: Content, published: Mapping[str, pa.Table]
) -> None:
    folder.mkdir()
    (folder / f"tables_{data.census_year}.xlsx").write_bytes(workbook(data, content, published))
