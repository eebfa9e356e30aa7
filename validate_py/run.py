"""From the files an analyst names to the list of issues, and what to tell about it."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import duckdb
import pyarrow as pa

from common_py.errors import CinError
from common_py.paths import Paths
from common_py.progress import Progress, silent
from common_py.scratch import VALIDATE, scratch
from common_py.warehouse import sql
from validate_py.building import build, open_memory, plan
from validate_py.definitions import Definitions
from validate_py.files import write_files
from validate_py.returns import Landed, find_returns, land
from validate_py.workers import COLUMNS, read_workers

NOTHING, NOT_RUN, QUERIES, ERRORS = 0, 1, 3, 4
"""Exit codes; 2 is a command that was typed wrong."""

_TARGET = "rpt_validation_issues"
_SQL = Path(__file__).parent / "sql"
_RULES = "select * from validated.rules order by rowid"
_CHILDREN = (
    "select count(*), count(coalesce(worker, team)) from validated.children where n_issues > 0"
)


@dataclass(frozen=True)
class Options:
    """What the analyst asks for.

    Attributes
    ----------
    places
        XML returns, or folders that hold them.
    output
        The folder for the list.
    workers
        A file of child, worker and team; None for none.
    since
        Earlier returns, to compare with; None for none.
    """

    places: tuple[Path, ...]
    output: Path
    workers: Path | None = None
    since: Path | None = None


@dataclass(frozen=True)
class RuleCount:
    """How often one rule was broken; `n_children` is 0 for a rule on the whole return."""

    severity: str
    rule_code: str
    n_issues: int
    n_children: int
    n_new: int
    n_standing: int
    n_resolved: int
    message: str


@dataclass(frozen=True)
class Outcome:
    """What was found.

    Attributes
    ----------
    rules
        Counts by rule, worst first.
    landed
        What was read, and what was not.
    written
        The files of the list.
    is_compared
        Whether there was an earlier return.
    n_children, n_with_worker
        Children that have an issue, and those of them that the workers' file names; None without
        such a file.
    """

    rules: tuple[RuleCount, ...]
    landed: Landed
    written: tuple[Path, ...]
    is_compared: bool
    n_children: int
    n_with_worker: int | None

    def count(self, severity: str) -> int:
        """Return how many issues of a severity there are, resolved ones apart."""
        return sum(rule.n_issues for rule in self.rules if rule.severity == severity)

    @property
    def exit_code(self) -> int:
        """0 for nothing found, 3 for queries only, 4 for errors, 1 if a file was not read."""
        if self.landed.refused:
            return NOT_RUN
        if self.count("error"):
            return ERRORS
        return QUERIES if self.count("query") else NOTHING


def project_folder() -> Path:
    """Return the folder of the rules: the project around the working folder, else the installed.

    Installed from a folder that stays in use (`pip install -e .`), the rules are that folder's; a
    wheel brings its own (`setup.py`).

    Raises
    ------
    CinError
        If there is none of them, or `CIN_PROJECT_DIR` names a folder without one.
    """
    try:
        return Paths.find().project
    except CinError:
        if "CIN_PROJECT_DIR" in os.environ:
            raise
    here = Path(__file__).resolve().parent
    for installed in (here.parent, here / "project"):
        if (installed / "dbt_project.yml").is_file():
            return installed
    raise CinError(
        "this installation does not hold the rules",
        file=str(here),
        remedy="install the project again (`pip install -e .` in its folder), or set "
        "CIN_PROJECT_DIR to the project folder",
    )


def validate(options: Options, progress: Progress = silent, project: Path | None = None) -> Outcome:
    """Run every rule on the returns, and write the list.

    Parameters
    ----------
    options
        What is asked for.
    progress
        Called as steps advance.
    project
        The folder of `dbt_project.yml`; None for `project_folder()`.

    Raises
    ------
    CinError
        If nothing could be read, a rule could not run, or the list could not be written.
    """
    home = project or project_folder()
    workers = None if options.workers is None else read_workers(options.workers)
    earlier = None
    if options.since is not None:
        with _examined([options.since], home, progress) as (connection, landed):
            _refuse_if_partly_read(landed)
            earlier = connection.execute(
                f"select * from restricted.{_TARGET}"  # noqa: S608 - our own name
            ).to_arrow_table()
    with _examined(options.places, home, progress) as (connection, landed):
        years = _years_unknown(connection, landed)
        _list_issues(connection, workers, earlier)
        written = write_files(connection, options.output, _unasked(workers, earlier))
        rules = connection.execute(_RULES).fetchall()
        ((n_children, n_with_worker),) = connection.execute(_CHILDREN).fetchall()
    return Outcome(
        rules=tuple(RuleCount(*row) for row in rules),
        landed=replace(landed, notes=(*years, *landed.notes)),
        written=written,
        is_compared=earlier is not None,
        n_children=n_children,
        n_with_worker=None if workers is None else n_with_worker,
    )


@contextmanager
def _examined(
    places: Sequence[Path], project: Path, progress: Progress
) -> Iterator[tuple[duckdb.DuckDBPyConnection, Landed]]:
    """Read returns and run the rules over them, in memory and a temporary folder."""
    files = find_returns(places)
    with scratch(VALIDATE) as root:
        with ThreadPoolExecutor(1) as other:  # the models are read while the returns are
            planned = other.submit(plan, Definitions(project), [_TARGET], root)
            landed = land(files, root, progress)
            todo = planned.result()
        connection = open_memory()
        try:
            build(connection, todo, progress)
            yield connection, landed
        finally:
            connection.close()


def _years_unknown(connection: duckdb.DuckDBPyConnection, landed: Landed) -> list[str]:
    """Say of which returns the year has no rules of its own, and whose they are held to."""
    query = "select min(first_year), max(last_year) from staging.validation_rules"
    ((first, last),) = connection.execute(query).fetchall()
    known = f"only those of {first} to {last}"
    return [
        f"{report.file}: the rules of {report.census_year} are not known here ({known}); "
        f"it is held to those of {first if int(report.census_year) < first else last}"
        for report in landed.read
        if report.census_year and not first <= int(report.census_year) <= last
    ]


def _list_issues(
    connection: duckdb.DuckDBPyConnection, workers: pa.Table | None, earlier: pa.Table | None
) -> None:
    nobody = pa.table({name: pa.array([], pa.string()) for name in COLUMNS})
    connection.register("workers_file", nobody if workers is None else workers)
    connection.execute("create schema validated")
    if earlier is None:
        connection.execute(sql(_SQL, "current"))
    else:
        connection.register("earlier_issues", earlier)
        connection.execute(sql(_SQL, "compared"))
    # From here on a table keeps the order in which it was made, and rowid counts it.
    connection.execute("set preserve_insertion_order = true")
    for name in ("kinds", "children", "issues", "rules"):
        connection.execute(sql(_SQL, name))


def _unasked(workers: pa.Table | None, earlier: pa.Table | None) -> list[str]:
    without = [] if workers is not None else ["worker", "team"]
    return without if earlier is not None else [
        *without, "status", "n_new", "n_standing", "n_resolved",
    ]  # fmt: skip


def _refuse_if_partly_read(landed: Landed) -> None:
    """Refuse to compare with half of what came before: its other half would look new."""
    if landed.refused:
        raise CinError("the earlier return could not be read\n" + "\n".join(landed.refused))
