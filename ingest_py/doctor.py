"""`cin doctor`: what is installed, what was found and as what, what is missing, what to do next.

Nothing is landed and nothing is written. Files are recognised by the same code that reads them;
where the last landing has read the very same bytes, its ledger answers in place of the file.
"""

from __future__ import annotations

import importlib.metadata
import platform
import shutil
import sys
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from common_py.errors import CinError
from common_py.paths import Paths
from common_py.progress import Progress, silent
from ingest_py import published
from ingest_py.access import Access, accesses
from ingest_py.census import Context, Delivery
from ingest_py.facts import Series
from ingest_py.inputs import EVERY_YEAR, find_inputs, name_of
from ingest_py.landing_schema import CENSUS_TABLES, CHILD_LOCATIONS
from ingest_py.ledger import REFUSED, Ledger, Source
from ingest_py.reference import read_file
from ingest_py.renames import Renames, read_renames
from ingest_py.returns import ReturnFile, peek
from ingest_py.reuse import Previous, hash_file
from ingest_py.sources import open_source
from ingest_py.tables import Input, read_input

_PACKAGES = (
    "duckdb", "dbt-core", "dbt-duckdb", "pyarrow", "pandas", "numpy", "scipy", "statsmodels",
    "great-expectations", "lxml", "python-calamine", "openpyxl", "altair", "vl-convert-python",
    "pyyaml", "jinja2", "psutil", "packaging", "typer", "rich",
)  # fmt: skip
_INSTALL = "pip install -e . in the project folder; without a registry see docs/secure_room.md"
_FREE_NEEDED = 10 * 1024**3
_PYTHONS = ((3, 11), (3, 14))


@dataclass(frozen=True)
class Installed:
    """A program or package: its version, None when it is missing, and whether that will do."""

    name: str
    version: str | None
    ok: bool
    remedy: str | None = None


@dataclass(frozen=True)
class FoundInput:
    """A file of the data folder.

    Attributes
    ----------
    file, recognised_as
        Its name, and what it is.
    ok
        Whether ingest will read it (or passes it over for a good reason).
    problem, remedy
        What is wrong and what to do, for a file that will be refused.
    """

    file: str
    recognised_as: str
    ok: bool
    problem: str | None = None
    remedy: str | None = None


@dataclass(frozen=True)
class Missing:
    """A published file that is not there.

    Attributes
    ----------
    what, where
        The file as it is called where it is published, and who publishes it.
    adds
        What the warehouse gains by it.
    required
        Whether ingest is incomplete without it.
    """

    what: str
    where: str
    adds: str
    required: bool


@dataclass(frozen=True)
class DoctorReport:
    """What `cin doctor` found.

    Attributes
    ----------
    installed, inputs, missing
        Programs and packages, files, and what is not there.
    next_steps
        What to do next, in order.
    has_census
        Whether there is a census at all.
    accesses
        Who can read what holds rows about children.
    """

    installed: tuple[Installed, ...]
    inputs: tuple[FoundInput, ...]
    missing: tuple[Missing, ...]
    next_steps: tuple[str, ...]
    has_census: bool = True
    accesses: tuple[Access, ...] = ()

    @property
    def ok(self) -> bool:
        """Whether an ingest of what is there would be complete, and nobody else can read it."""
        return (
            self.has_census
            and all(one.ok for one in self.accesses)
            and all(one.ok for one in self.installed)
            and all(one.ok for one in self.inputs)
            and not any(one.required for one in self.missing)
        )

    @property
    def text(self) -> str:
        """The report as text."""
        lines = ["Installed"]
        lines += [_line(i.ok, f"{i.name} {i.version or 'missing'}", i.remedy)
                  for i in self.installed]  # fmt: skip
        if self.accesses:
            lines.append("Who can read it")
        lines += [_line(one.ok, one.text, one.remedy) for one in self.accesses]
        lines.append("Found")
        lines += _summary(self.inputs)
        if self.missing:
            lines.append("Missing")
        for one in self.missing:
            need = "needed" if one.required else "optional"
            lines.append(f"  [{need}] {one.what}\n      adds: {one.adds}\n      from: {one.where}")
        lines.append("Next")
        lines += [f"  {number}. {step}" for number, step in enumerate(self.next_steps, start=1)]
        return "\n".join(lines)


def _line(ok: bool, text: str, remedy: str | None) -> str:
    return f"  [{'ok' if ok else '!!'}] {text}" + (f"\n      remedy: {remedy}" if remedy else "")


def _summary(inputs: Sequence[FoundInput]) -> list[str]:
    """Return a line for each kind of good file, and one for each bad file."""
    counts = Counter((_folder(one.file), one.recognised_as) for one in inputs if one.ok)
    lines = [
        f"  [ok] {folder}: {what}" + (f" ({n} files)" if n > 1 else "")
        for (folder, what), n in sorted(counts.items())
    ]
    lines += [
        _line(False, f"{one.file}: {one.problem}", one.remedy) for one in inputs if not one.ok
    ]
    return lines or ["  nothing"]


def _folder(name: str) -> str:
    return "/".join(name.split("/")[:-1]) or name


def doctor(paths: Paths, progress: Progress = silent) -> DoctorReport:
    """Look at the installation and the data folder.

    Parameters
    ----------
    paths
        Where inputs and landing are.
    progress
        Called as files are looked at.
    """
    installed, who_reads = tuple(_installed(paths)), tuple(accesses(paths))
    ledger = Ledger()
    try:
        found = find_inputs(paths.data, ledger)
    except CinError as error:
        first = str(error.remedy or error)
        missing = tuple(_missing(paths, [], {}))
        passed_over = tuple(_passed_over(ledger))
        return DoctorReport(installed, passed_over, missing, (first,), False, who_reads)
    context = Context(paths.data, paths.landing, ledger, Previous.read(paths.landing), progress)
    inputs = [*_passed_over(ledger)]
    deliveries = (
        Delivery("census", found.census, CENSUS_TABLES, found.mappings),
        Delivery("locations", found.locations, (CHILD_LOCATIONS,)),
    )
    for delivery in deliveries:
        inputs += _tables(context, delivery)
    returns = [path for year in sorted(found.returns) for path in found.returns[year]]
    inputs += [_return(path, paths.data) for path in returns]
    seen, series = _reference(context, found.reference)
    inputs += seen
    years = sorted((set(found.census) | set(found.returns)) - {EVERY_YEAR})
    missing = tuple(_missing(paths, _counted(years, found.locations), series))
    steps = _steps(installed, inputs, missing, has_locations=any(found.locations.values()))
    todo = (*_closing(who_reads), *steps)
    return DoctorReport(installed, tuple(inputs), missing, todo, accesses=who_reads)


def _installed(paths: Paths) -> Iterable[Installed]:
    low, high = _PYTHONS
    version = sys.version_info[:2]
    fits = low <= version < high
    remedy = None if fits else f"install Python {low[0]}.{low[1]} to {high[0]}.{high[1] - 1}"
    yield Installed("Python", platform.python_version(), fits, remedy)
    for name in _PACKAGES:
        try:
            yield Installed(name, importlib.metadata.version(name), ok=True)
        except importlib.metadata.PackageNotFoundError:
            yield Installed(name, None, ok=False, remedy=_INSTALL)
    place = next(p for p in (paths.build, *paths.build.parents) if p.exists())
    free = shutil.disk_usage(place).free
    enough = free >= _FREE_NEEDED
    yield Installed(
        "free disk space",
        f"{free / 1024**3:.0f} GB",
        enough,
        None
        if enough
        else "a national year takes about 2 GB, and the build keeps the last one: "
        "make room, or set CIN_BUILD_DIR to a larger disk",
    )


def _passed_over(ledger: Ledger) -> list[FoundInput]:
    return [
        FoundInput(
            e.source.name,
            f"passed over: {e.reason}",
            e.verdict != REFUSED,
            e.reason if e.verdict == REFUSED else None,
            e.remedy if e.verdict == REFUSED else None,
        )
        for e in ledger.files
    ]


def _bad(name: str, error: CinError) -> FoundInput:
    place = f"{error.place}: " if error.place else ""
    return FoundInput(name, "refused", False, f"{place}{error.problem}", error.remedy)


def _tables(context: Context, delivery: Delivery) -> list[FoundInput]:
    seen = []
    for year, paths in sorted(delivery.found.items()):
        renames = Renames()
        mapping = delivery.mappings.get(year)
        if mapping is not None:
            name = name_of(mapping, context.data)
            try:
                source, content = open_source(mapping, name, delivery.kind)
                renames = read_renames(source, content, delivery.tables)
                seen.append(FoundInput(name, "list of renamed columns", True))
            except CinError as error:
                seen.append(_bad(name, error))
        for done, path in enumerate(paths):
            context.progress(f"look at {delivery.kind} {year}", done, len(paths))
            seen.append(_table(context, delivery, path, year, renames))
    return seen


def _table(
    context: Context, delivery: Delivery, path: Path, year: str, renames: Renames
) -> FoundInput:
    name = name_of(path, context.data)
    try:
        found = Input(path, Source(name, delivery.kind, *hash_file(path, name)), year)
        if not renames.names and context.previous.has(name, found.source.sha256):
            tables = sorted({table for _, table in context.previous.units(name)})
            if tables:
                return FoundInput(name, ", ".join(tables), True)
        parts, npd = read_input(found, delivery.tables, renames)
    except CinError as error:
        return _bad(name, error)
    if npd:
        return FoundInput(name, f"NPD extract, {npd.header.piece.value}", True)
    return FoundInput(name, ", ".join(sorted({part.table.name for part in parts})), True)


def _return(path: Path, data: Path) -> FoundInput:
    submission = peek(ReturnFile.below(data, path))
    name = name_of(path, data)
    if submission.refusal is not None:
        return _bad(name, submission.refusal)
    return FoundInput(name, "CIN census return", True)


def _reference(
    context: Context, paths: Sequence[Path]
) -> tuple[list[FoundInput], dict[str, set[Series]]]:
    seen: list[FoundInput] = []
    series: dict[str, set[Series]] = {}
    for done, path in enumerate(paths):
        context.progress("look at reference", done, len(paths))
        name = name_of(path, context.data)
        ledger = Ledger()
        facts = read_file(path, context.data, ledger)
        for one in facts:
            series.setdefault(one.table_name, set()).add(one.series)
        if facts:
            tables = ", ".join(dict.fromkeys(one.table_name for one in facts))
            seen.append(FoundInput(name, tables, True))
        else:
            seen += _passed_over(ledger)
    return seen, series


def _counted(years: Sequence[str], locations: Mapping[str, Sequence[Path]]) -> Sequence[str]:
    """Return the years that need reference files: those with locations, or else all."""
    located = {year for year, files in locations.items() if files}
    if EVERY_YEAR in located:
        return years
    return [year for year in years if year in located] or years


def _missing(
    paths: Paths, years: Sequence[str], series: dict[str, set[Series]]
) -> Iterable[Missing]:
    vintages = published.year_vintages(paths.project, list(years))
    for publication in published.PUBLICATIONS:
        required = published.is_required(publication, series, vintages)
        for wanted in published.lacking(publication, series, vintages):
            which = ", ".join(f"{column} {value}" for column, value in wanted.items())
            what = f"{publication.file}{f' ({which})' if which else ''}"
            yield Missing(what, publication.publisher, publication.adds, required)


def _closing(who_reads: Sequence[Access]) -> Iterable[str]:
    n_open = sum(not one.ok for one in who_reads)
    if n_open:
        yield f"take the rights of others from the {n_open} places marked !! above"


def _steps(
    installed: Sequence[Installed],
    inputs: Sequence[FoundInput],
    missing: Sequence[Missing],
    *,
    has_locations: bool,
) -> Iterable[str]:
    for one in installed:
        if not one.ok:
            yield f"{one.name}: {one.remedy}"
    bad = [one for one in inputs if not one.ok]
    if bad:
        yield f"mend or take out the {len(bad)} files marked !! above"
    if not has_locations:
        yield (
            "add locations: put a file of identifiers and LSOA codes into locations/<year>/, or "
            "make one with `cin locate addresses.csv --onspd FILE`"
        )
    needed = [one for one in missing if one.required]
    if needed:
        yield f"download the {len(needed)} published files marked needed into data/reference/"
    yield "run `cin ingest`, then `cin build`, `cin gate`, `cin fit` and `cin report`"
