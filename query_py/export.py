"""The marts as files, for Excel and Power BI: every table without rows about single children."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

from common_py.errors import CinError
from common_py.paths import Paths
from common_py.progress import Progress, silent
from query_py.ask import ask
from query_py.write import FORMATS, MAX_SHEET_ROWS, write_answer

_MARTS = """
select table_schema || '.' || table_name as mart
from information_schema.tables
where
    table_schema in ('core', 'rates', 'modelling', 'quality', 'disclosure', 'estimates')
    -- facts of core have a row a referral, assessment, enquiry or plan of one child
    and not (table_schema = 'core' and table_name like 'fct_%')
order by mart
"""


@dataclass(frozen=True)
class ExportedMarts:
    """Where the marts were written, how many, and which Excel cannot hold."""

    folder: Path
    n_files: int
    too_long: tuple[str, ...]

    @property
    def summary(self) -> str:
        """The report in a line or two."""
        said = f"marts: {self.folder} ({self.n_files} files)"
        if self.too_long:
            said += (
                f"\nleft out, longer than an Excel sheet: {', '.join(self.too_long)}; "
                "write them as parquet or csv"
            )
        return said


def export_marts(
    paths: Paths,
    to: Path,
    ending: str = "parquet",
    marts: Collection[str] = (),
    progress: Progress = silent,
) -> ExportedMarts:
    """Write marts into a folder, one file each, named `<schema>.<mart>.<ending>`.

    Parameters
    ----------
    paths
        Where the warehouse is.
    to
        Folder, made where it is not there; files of the same names are replaced.
    ending
        `csv`, `parquet` or `xlsx`.
    marts
        `<schema>.<mart>`; all without rows about single children where none is named.
    progress
        Told of each file.

    Raises
    ------
    CinError
        If the ending or a mart is not known, or a file cannot be written.
    """
    if f".{ending}" not in FORMATS:
        raise CinError(
            f"no such format: {ending}",
            remedy=f"choose from {', '.join(one.removeprefix('.') for one in FORMATS)}",
        )
    known = ask(paths.warehouse, _MARTS).table["mart"].to_pylist()
    unknown = sorted(set(marts) - set(known))
    if unknown:
        raise CinError(
            f"no mart to export: {', '.join(unknown)}", remedy=f"choose from {', '.join(known)}"
        )
    chosen = [mart for mart in known if not marts or mart in marts]
    to.mkdir(parents=True, exist_ok=True)
    too_long = []
    for number, mart in enumerate(chosen, start=1):
        if not _write(paths.warehouse, mart, to / f"{mart}.{ending}"):
            too_long.append(mart)
        progress("marts written", number, len(chosen))
    return ExportedMarts(to, len(chosen) - len(too_long), tuple(too_long))


def _write(warehouse: Path, mart: str, to: Path) -> bool:
    """Write one mart; return whether the format can hold it."""
    name = ".".join(f'"{part}"' for part in mart.split("."))
    if to.suffix == ".xlsx":
        counted = ask(warehouse, f"select count(*) as n from {name}").table  # noqa: S608 - of _MARTS
        if counted["n"][0].as_py() > MAX_SHEET_ROWS:
            return False
    write_answer(ask(warehouse, f"select * from {name}"), to)  # noqa: S608 - of _MARTS
    return True
