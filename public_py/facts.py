"""From a folder of published files to the seeds of public facts.

Figures are read by the models themselves, built in memory over what the folder lands; what
describes areas is computed by `sql/`. Values are written as published, markers in their place.
"""

from __future__ import annotations

import csv
import io
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

import duckdb
import jinja2
import pyarrow as pa
import pyarrow.parquet as pq

from common_py.errors import CinError
from common_py.progress import silent
from common_py.warehouse import sql
from ingest_py.facts import choose
from ingest_py.landing_schema import BY_NAME, REFERENCE_TABLES
from ingest_py.ledger import Ledger
from ingest_py.reference import read_file
from validate_py.building import build, open_memory, plan
from validate_py.definitions import Definitions

#: The census year whose figures the project carries.
CENSUS_YEAR = 2019
#: Where each seed stands in the project.
SEEDS = {
    "published_facts_2019": "seeds/public/published_facts_2019.csv",
    "la_context_2019": "seeds/public/la_context_2019.csv",
    "la_income_by_release": "seeds/public/la_income_by_release.csv",
}
_SQL = Path(__file__).parent / "sql"
_FIGURES = "int_published__figures"
_NEEDED = (
    "ref_published_indicator", "ref_lsoa_deprivation", "ref_la_deprivation",
    "ref_lsoa_population", "ref_oa_lookup", "ref_lsoa_lad", "ref_lad_utla",
    "ref_lsoa_rural_urban", "ref_lsoa_exact_fit", "ref_ethnic_population",
)  # fmt: skip
#: What may be a table; notes that lie beside the files are passed over.
_TABLES = frozenset({".csv", ".gz", ".xlsx", ".ods", ".parquet"})
_GEOGRAPHY = ("la_authorities", "lad17_la_overrides", "lad_changes")


def compute(folder: Path, project: Path) -> Mapping[str, str]:
    """Compute the seeds' texts.

    Parameters
    ----------
    folder
        Published files, recognised by their headers.
    project
        The folder of `dbt_project.yml`.

    Returns
    -------
    dict
        CSV text by seed, the keys of `SEEDS`.

    Raises
    ------
    CinError
        If the folder or what a seed needs of it is not there, or a file cannot be used.
    """
    if not folder.is_dir():
        raise CinError(
            "there is no such folder",
            file=str(folder),
            remedy="name the folder that holds the published files (docs/reference_files.md)",
        )
    landed = _landed(folder)
    with tempfile.TemporaryDirectory() as beside:
        landing = Path(beside)
        for table in REFERENCE_TABLES:
            (landing / table.name).mkdir()
            rows = landed.get(table.name, table.schema.empty_table())
            pq.write_table(rows, landing / table.name / "part-0.parquet")
        connection = open_memory()
        connection.execute("set enable_progress_bar = false")
        try:
            definitions = Definitions(project)
            build(connection, plan(definitions, [_FIGURES], landing), silent)
            return {
                "published_facts_2019": _facts(connection, project),
                **_areas(connection, landed, project),
            }
        finally:
            connection.close()


def write(texts: Mapping[str, str], project: Path) -> dict[str, int]:
    """Write the seeds and return their rows by file."""
    written = {}
    for name, text in texts.items():
        path = project / SEEDS[name]
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8", newline="\n")
        written[SEEDS[name]] = text.count("\n") - 1
    return written


def _landed(folder: Path) -> dict[str, pa.Table]:
    """Read every file of the folder that one of the seeds needs, as landing would have it."""
    ledger = Ledger()
    found = [
        facts
        for path in sorted(folder.rglob("*"))
        if path.suffix.casefold() in _TABLES
        for facts in read_file(path, folder, ledger)
        if facts.table_name in _NEEDED
    ]
    if ledger.messages:
        raise CinError(
            "files cannot be used\n" + "\n".join(ledger.messages),
            file=str(folder),
            remedy="mend the files named above, or take them out of the folder",
        )
    rows: dict[str, list[pa.Table]] = {}
    for facts in choose(found):
        rows.setdefault(facts.table_name, []).append(facts.rows)
    missing = [name for name in _NEEDED if name not in rows]
    if missing:
        raise CinError(
            f"nothing in the folder lands in {', '.join(missing)}",
            file=str(folder),
            remedy="add the published files that docs/reference_files.md lists for it",
        )
    return {
        name: pa.concat_tables(parts).select(BY_NAME[name].schema.names)
        for name, parts in rows.items()
    }


def _facts(connection: duckdb.DuckDBPyConnection, project: Path) -> str:
    """Lay the figures of the year out: a row an area, a column a figure, cells as published."""
    with (project / "seeds/codes/published_figures.csv").open(encoding="utf-8") as stream:
        names = list(dict.fromkeys(row["figure"] for row in csv.DictReader(stream)))
    columns = ", ".join(
        f"max(case when figure = '{name}' then coalesce(marker, value::varchar) end) as {name}"
        for name in names
    )
    found = connection.execute(
        f"select geographic_level, area_code, la_number, {columns} "  # noqa: S608 - our own names
        f"from intermediate.{_FIGURES} where census_year = {CENSUS_YEAR} "
        "group by geographic_level, area_code, la_number "
        "order by geographic_level, la_number, area_code"
    )
    header = [column[0] for column in found.description or []]
    return _csv(header, [tuple(_short(cell) for cell in row) for row in found.fetchall()])


def _areas(
    connection: duckdb.DuckDBPyConnection, landed: Mapping[str, pa.Table], project: Path
) -> dict[str, str]:
    """Run the SQL of areas over what landed."""
    connection.execute("create schema areas; use warehouse.areas")
    for name, rows in landed.items():
        connection.register(name, rows)
    for name in _GEOGRAPHY:
        file = (project / "seeds" / "geography" / f"{name}.csv").as_posix()
        connection.execute(
            f"create table {name} as "  # noqa: S608 - our own names
            "select * from read_csv($file, all_varchar = true)",
            {"file": file},
        )
    connection.execute(jinja2.Template(sql(_SQL, "lsoa_authorities")).render())
    texts = {}
    for name in ("la_context_2019", "la_income_by_release"):
        found = connection.execute(sql(_SQL, name.removesuffix("_by_release")))
        texts[name] = _csv([column[0] for column in found.description or []], found.fetchall())
    return texts


def _short(cell: object) -> object:
    """Return a whole number without its decimal point."""
    return cell.removesuffix(".0") if isinstance(cell, str) else cell


def _csv(header: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    stream = io.StringIO(newline="")
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    return stream.getvalue()
