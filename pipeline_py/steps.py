"""The stages in order, each a call into the package that does the work."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Collection
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING

from rich.table import Table

from common_py.errors import CinError
from common_py.paths import Paths, check_warehouse
from common_py.progress import Progress
from common_py.scratch import VALIDATE, sweep
from pipeline_py.copies import (
    discard,
    document,
    document_copy,
    next_warehouse,
    only_dbt,
    put_in_place,
)
from pipeline_py.dbt import Started, target_dir

if TYPE_CHECKING:
    from ingest_py.doctor import DoctorReport
    from local_py import Options as LocalOptions

# Imports of the stages stand inside the functions: `cin --help` must not load them all.


class Size(StrEnum):
    """How large a synthetic England is."""

    NATIONAL = "national"
    SMALL = "small"


class Target(StrEnum):
    """Which engine builds the marts; everything after reads one warehouse file."""

    DUCKDB = "duckdb"
    SPARK = "spark"


class Format(StrEnum):
    """What `cin report` may write."""

    HTML = "html"
    XLSX = "xlsx"
    CSV = "csv"


class FileFormat(StrEnum):
    """What `cin export` may write."""

    PARQUET = "parquet"
    CSV = "csv"
    XLSX = "xlsx"


class Preset(StrEnum):
    """Which settings `cin local` lays over those of the project (`local_py/presets.yml`)."""

    LA = "la"
    STUDY = "study"


class Mode(StrEnum):
    """What a synthetic England's counts vary by."""

    PLAIN = "plain"
    REALISTIC = "realistic"


@dataclass(frozen=True)
class SynthOptions:
    """What `cin synth` and `cin demo` may vary."""

    size: Size = Size.NATIONAL
    seed: int | None = None
    reference: Path | None = None
    returns: bool = False
    faults: bool = False
    mode: Mode = Mode.PLAIN
    n_years: int = 1


class Lsoa(StrEnum):
    """Which census's LSOAs."""

    OF_2011 = "2011"
    OF_2021 = "2021"


@dataclass(frozen=True)
class LocateOptions:
    """What `cin locate` is given: files to read, file to write, which LSOAs, what is accepted."""

    addresses: Path
    onspd: Path
    to: Path
    lsoa: Lsoa = Lsoa.OF_2011
    keep_going: bool = False


def synth(paths: Paths, options: SynthOptions, progress: Progress) -> str:
    """Write a synthetic England into the data folder."""
    import synth_py  # noqa: PLC0415
    from synth_py.faults import inject  # noqa: PLC0415
    from synth_py.returns import write_returns  # noqa: PLC0415

    seed = {} if options.seed is None else {"seed": options.seed}
    config = synth_py.SynthConfig(
        size=options.size.value,
        mode=options.mode.value,
        reference=options.reference,
        n_years=options.n_years,
        **seed,
    )
    result = synth_py.generate(config, paths.data, progress)
    broken = inject(paths.data, progress) if options.faults else None
    files = write_returns(paths.data, progress=progress) if options.returns else []
    return (
        f"SYNTHETIC {options.size} census in {paths.data}: {result.n_rows['children']:,} children, "
        f"{result.n_events['referral']:,} located referrals of the ages studied"
        + (f", {len(files)} XML returns" if files else "")
        + (f", {broken.n_faults:,} faults for {broken.n_rules} rules" if broken else "")
    )


def doctor(paths: Paths, progress: Progress) -> DoctorReport:
    """Look at the installation and the data folder, and write nothing."""
    from ingest_py.doctor import doctor as look  # noqa: PLC0415

    return look(paths, progress)


def tidy() -> int:
    """Remove what killed validations left behind, values of children; return how many folders."""
    return sweep(VALIDATE)


def locate(options: LocateOptions, progress: Progress) -> str:
    """Write the LSOA of every address; raise when some have none."""
    from ingest_py.locate import locate as look_up  # noqa: PLC0415

    report = look_up(
        options.addresses, options.onspd, options.to, progress, lsoa_vintage=options.lsoa.value
    )
    summary = (
        f"{report.n_located:,} of {report.n_rows:,} rows located in LSOAs of {options.lsoa}: "
        f"{report.out}; put it into locations/<year>/ of the data folder"
    )
    if report.messages and not options.keep_going:
        raise CinError(
            "\n".join([summary, *report.messages]),
            remedy="mend the rows named above, or accept their loss with `cin locate --continue`",
        )
    return "\n".join([summary, *report.messages])


def ingest(paths: Paths, keep_going: bool, progress: Progress) -> str:
    """Turn the data folder into landing Parquet; raise when something was left out."""
    import ingest_py  # noqa: PLC0415

    report = ingest_py.ingest(paths, keep_going=keep_going, progress=progress)
    if not report.ok:
        accept = (
            "; what is missing cannot be accepted with --continue"
            if report.n_lacking
            else ", or accept the loss with `cin ingest --continue`"
        )
        raise CinError(
            "ingest left something out; the landing holds the rest\n" + "\n".join(report.messages),
            remedy=f"mend what is named above and run `cin ingest` again{accept}",
        )
    return "\n".join([report.summary, *report.messages])


def start_build(paths: Paths, *, unit_tests: bool) -> Started:
    """Start dbt on a build beside the present warehouse: it reads the project, and waits."""
    arguments = ["build"] if unit_tests else ["build", "--exclude-resource-type", "unit_test"]
    return Started(paths, arguments, next_warehouse(paths))


def build(
    paths: Paths, unit_tests: bool, progress: Progress, started: Started | None = None
) -> str:
    """Build the warehouse beside the present one and put it in place when green."""
    with only_dbt(paths):
        _check_landing(paths)
        discard(next_warehouse(paths))
        with started or start_build(paths, unit_tests=unit_tests) as dbt:
            dbt.succeed(progress)
        put_in_place(paths)
    return f"warehouse: {paths.warehouse}"


def build_on(paths: Paths, target: Target, unit_tests: bool, progress: Progress) -> str:
    """Build the warehouse with the marts made by one engine or the other."""
    if target is Target.DUCKDB:
        return build(paths, unit_tests, progress)
    from pipeline_py.spark_build import build_on_spark  # noqa: PLC0415

    with only_dbt(paths):
        _check_landing(paths)
        return build_on_spark(paths, unit_tests, progress)


def _check_landing(paths: Paths) -> None:
    if not paths.landing.is_dir():  # dbt would say so too, once it has read the project
        raise CinError("no landing", file=str(paths.landing), remedy="run `cin ingest` first")


VALIDATE_EXIT_CODES = (
    "Exit code: 0 nothing found, 3 queries only, 4 errors, 1 a file was not read or a rule "
    "could not run, 2 the command was typed wrong."
)


@dataclass(frozen=True)
class Validated:
    """What `cin validate` shows: a table of counts, lines below it, messages, its exit code."""

    table: Table
    lines: list[str]
    messages: list[str]
    exit_code: int


def validate(
    files: list[Path], output: Path, workers: Path | None, since: Path | None, progress: Progress
) -> Validated:
    """Run the census's rules on returns and write the list of issues."""
    import validate_py  # noqa: PLC0415
    from validate_py import screen  # noqa: PLC0415

    options = validate_py.Options(tuple(files), output, workers, since)
    outcome = validate_py.validate(options, progress)
    return Validated(
        screen.rule_table(outcome),
        screen.summary(outcome),
        [*outcome.landed.notes, *outcome.landed.refused],
        outcome.exit_code,
    )


def gate(paths: Paths, progress: Progress) -> str:
    """Run the Great Expectations suites over the marts; raise when one fails."""
    check_warehouse(paths.warehouse)
    import expectations  # noqa: PLC0415

    report = expectations.gate(paths, progress)
    if not report.passed:
        raise CinError(
            "the gate is closed\n" + "\n".join(report.messages),
            file=str(paths.build / "gate" / "gate.json"),
            remedy="look at the marts named above; a limit that is wrong for your data is set, "
            "with its reason, in expectations/settings.yml",
        )
    return report.summary


def fit(paths: Paths, census_year: int | None, progress: Progress) -> str:
    """Fit every specified model and write the estimates beside the marts."""
    check_warehouse(paths.warehouse)
    import analysis_py  # noqa: PLC0415

    report = analysis_py.fit(paths, census_year=census_year, progress=progress)
    public = analysis_py.fit_public(paths, progress=progress)
    return f"{report.summary}\n{public.summary}"


def report(
    paths: Paths,
    progress: Progress,
    formats: Collection[Format] = (Format.HTML,),
    documented: Callable[[], object] | None = None,
) -> str:
    """Render the site, with dbt's documentation as one file in it, or the tables alone.

    `documented` waits for documentation that is being written already.
    """
    check_warehouse(paths.warehouse)
    import publish_py  # noqa: PLC0415

    said = []
    if Format.HTML in formats:
        with ThreadPoolExecutor(1) as beside:  # dbt is another process: the site is drawn meanwhile

            def documents() -> Callable[[], object]:
                return documented or beside.submit(document, paths).result

            site = publish_py.report(paths, progress=progress, documents=documents)
        said.append(f"site: {site.index}")
    files = [one.value for one in formats if one is not Format.HTML]
    if files:
        said.append(publish_py.export(paths, files).summary)
    return "\n".join(said)


def local(paths: Paths, options: LocalOptions, progress: Progress) -> str:
    """Take one authority's returns to a site about it."""
    import local_py  # noqa: PLC0415

    return local_py.run(paths, options, progress).summary


@dataclass(frozen=True)
class Asked:
    """What `cin sql` shows: a table, unless a file was written, and a line."""

    table: Table | None
    summary: str


def ask(paths: Paths, question: str, to: Path | None) -> Asked:
    """Put a question to the marts; into a file where one is named."""
    import query_py  # noqa: PLC0415
    from query_py.screen import answer_summary, answer_table  # noqa: PLC0415

    answer = query_py.ask(paths.warehouse, question)
    if to is None:
        return Asked(answer_table(answer), answer_summary(answer))
    return Asked(None, f"{answer.table.num_rows:,} rows: {query_py.write_answer(answer, to)}")


def export(paths: Paths, to: Path, ending: FileFormat, marts: list[str], progress: Progress) -> str:
    """Write marts as files for Excel and Power BI."""
    import query_py  # noqa: PLC0415

    return query_py.export_marts(paths, to, ending.value, marts, progress).summary


@dataclass(frozen=True)
class Differences:
    """What `cin parity` shows: a table of counts, lines below it, and whether all is the same."""

    table: Table
    lines: list[str]
    is_same: bool


def parity(
    paths: Paths, one: Path, other: Path, settled: Path | None, show: Progress
) -> Differences:
    """Compare every mart of two warehouses, row for row."""
    import parity_py  # noqa: PLC0415
    from parity_py.screen import parity_lines, parity_table  # noqa: PLC0415

    rightly = parity_py.settled_columns()
    if settled is not None:
        rightly += parity_py.settled_columns(settled)
    found = parity_py.parity(one, other, parity_py.project_marts(paths.project), rightly, show)
    return Differences(parity_table(found), list(parity_lines(found)), found.is_same)


def stages(paths: Paths, options: SynthOptions, progress: Progress) -> dict[str, Callable[[], str]]:
    """Return the stages of the demo in order, ready to run.

    dbt reads the project while the census is made, and documents a copy of the warehouse while
    the marts are held against the gate, on another core.
    """
    started: list[Started] = []
    documented: list[Future[None]] = []

    def synth_and_read() -> str:
        started.append(start_build(paths, unit_tests=False))
        return synth(paths, options, progress)

    def gate_and_document() -> str:
        beside, is_copied = ThreadPoolExecutor(1), Event()
        documented.append(beside.submit(document_copy, paths, is_copied))
        beside.shutdown(wait=False)
        is_copied.wait()
        return gate(paths, progress)

    return {
        "synth": synth_and_read,
        "ingest": lambda: ingest(paths, False, progress),
        "build": lambda: build(paths, False, progress, started.pop()),
        "gate": gate_and_document,
        "fit": lambda: fit(paths, None, progress),
        "report": lambda: report(paths, progress, documented=documented[0].result),
    }


def clean(paths: Paths) -> None:
    """Remove dbt's artefacts of an earlier run."""
    shutil.rmtree(target_dir(paths), ignore_errors=True)
