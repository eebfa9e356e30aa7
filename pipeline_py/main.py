"""`cin`: every stage as a command, and `cin demo` for all of them."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn
from rich.progress import Progress as Bar

from common_py.errors import CinError
from common_py.paths import Paths
from common_py.progress import Progress
from pipeline_py import steps
from pipeline_py.meter import Meter, Reading
from pipeline_py.redact import SHOW_ERRORS, unexpected

app = typer.Typer(
    help="From Children in Need census rows to tested, disclosure-safe rates and gradients.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
out = Console(highlight=False, soft_wrap=True)
err = Console(stderr=True, highlight=False, soft_wrap=True)

Size = Annotated[steps.Size, typer.Option(help="All of England, or about 24 authorities.")]
Seed = Annotated[int | None, typer.Option(help="Seed of the synthetic England.")]
Mode = Annotated[
    steps.Mode,
    typer.Option(
        help="Plain: counts vary as the study's model says. Realistic: authorities' gradients, "
        "MSOAs and LSOAs vary beside."
    ),
]
Reference = Annotated[
    Path | None,
    typer.Option(help="Folder of published files: the real geography, scores and populations."),
]
KeepGoing = Annotated[
    bool, typer.Option("--continue", help="Accept refused files and quarantined rows.")
]
Returns = Annotated[
    bool, typer.Option("--returns", help="Write XML returns too, one an authority.")
]
OfLocal = Annotated[
    bool, typer.Option("--local", help="Of the marts of the last `cin local`, not the national.")
]
Faults = Annotated[
    bool, typer.Option("--faults", help="Break rows for every validation rule, and list them.")
]


@app.command()
def demo(
    size: Size = steps.Size.NATIONAL,
    seed: Seed = None,
    reference: Reference = None,
    mode: Mode = steps.Mode.PLAIN,
) -> None:
    """Make a synthetic England and take it all the way to the site."""
    paths = Paths.find()
    options = steps.SynthOptions(size, seed, _existing(reference), mode=mode)
    readings: dict[str, Reading] = {}
    with _Display() as display:
        for name, stage in steps.stages(paths, options, display.show).items():
            readings[name] = _measured(name, stage)
    _print_demo(paths, readings)


@app.command()
def synth(
    size: Size = steps.Size.NATIONAL,
    seed: Seed = None,
    reference: Reference = None,
    *,
    returns: Returns = False,
    faults: Faults = False,
    mode: Mode = steps.Mode.PLAIN,
    years: Annotated[int, typer.Option(help="Census years, 2019 and those around it.")] = 1,
) -> None:
    """Write a SYNTHETIC census, locations and reference files into the data folder."""
    options = steps.SynthOptions(size, seed, _existing(reference), returns, faults, mode, years)
    _one("synth", lambda paths, show: steps.synth(paths, options, show))


@app.command()
def doctor() -> None:
    """Say what is installed, what was found and as what, what is missing, and what to do next."""
    with _Display() as display:
        findings = steps.doctor(Paths.find(), display.show)
        n_swept = steps.tidy()
    out.print(_escape(findings.text))
    if n_swept:
        out.print(f"Removed: {n_swept} folders that killed validations had left behind")
    if not findings.ok:
        raise typer.Exit(1)


@app.command()
def locate(
    addresses: Annotated[
        Path, typer.Argument(help="CSV of la_number, la_child_id and/or upn, and postcode.")
    ],
    onspd: Annotated[Path, typer.Option(help="ONS Postcode Directory: csv, or zip as downloaded.")],
    to: Annotated[Path, typer.Option(help="The CSV to write, without any postcode.")] = Path(
        "child_locations.csv"
    ),
    lsoa: Annotated[steps.Lsoa, typer.Option(help="Which LSOAs to write.")] = steps.Lsoa.OF_2011,
    keep_going: Annotated[
        bool, typer.Option("--continue", help="Accept rows without a known postcode.")
    ] = False,
) -> None:
    """Turn addresses into LSOAs by postcode; no postcode is written anywhere."""
    options = steps.LocateOptions(addresses, onspd, to, lsoa, keep_going)
    _one("locate", lambda _, show: steps.locate(options, show))


@app.command()
def ingest(keep_going: KeepGoing = False) -> None:
    """Read the data folder into landing Parquet, refusing and quarantining by name."""
    _one("ingest", lambda paths, show: steps.ingest(paths, keep_going, show))


@app.command()
def build(
    unit_tests: Annotated[bool, typer.Option(help="Run dbt's unit tests as well.")] = False,
    target: Annotated[
        steps.Target, typer.Option(help="The engine that makes the marts.")
    ] = steps.Target.DUCKDB,
) -> None:
    """Build and test the warehouse; the present one is replaced only when all is green."""
    _one("build", lambda paths, show: steps.build_on(paths, target, unit_tests, show))


@app.command(epilog=steps.VALIDATE_EXIT_CODES)
def validate(
    files: Annotated[
        list[Path], typer.Argument(metavar="FILE…", help="XML returns, or folders of them.")
    ],
    output: Annotated[Path, typer.Option(help="Folder for issues.csv and issues.xlsx.")] = Path(
        "issues"
    ),
    workers: Annotated[
        Path | None, typer.Option(help="CSV or workbook: la_child_id, worker, team.")
    ] = None,
    since: Annotated[
        Path | None, typer.Option(help="An earlier return: tells new, standing, resolved.")
    ] = None,
) -> None:
    """Run the census's validation rules on returns, whole or part-year, and list the issues."""
    with _Display() as display:
        outcome = steps.validate(files, output, workers, since, display.show)
    out.print(outcome.table)
    for line in outcome.lines:
        out.print(_escape(line))
    for message in outcome.messages:
        err.print(_escape(message))
    raise typer.Exit(outcome.exit_code)


@app.command()
def gate() -> None:
    """Hold the marts against the Great Expectations suites."""
    _one("gate", steps.gate)


@app.command()
def fit(
    census_year: Annotated[
        int | None, typer.Option(help="Year ending 31 March; the latest in the marts if absent.")
    ] = None,
) -> None:
    """Fit the models of every table and write the estimates beside the marts."""
    _one("fit", lambda paths, show: steps.fit(paths, census_year, show))


@app.command()
def report(
    formats: Annotated[
        list[steps.Format],
        typer.Option(
            "--format", help="The site, an Excel workbook, or CSV files; several allowed."
        ),
    ] = [steps.Format.HTML],  # noqa: B006 - typer reads it and leaves it alone
) -> None:
    """Render the site, or every table as Excel or CSV, from protected tables."""
    _one("report", lambda paths, show: steps.report(paths, show, formats))


@app.command()
def local(
    returns: Annotated[
        list[Path], typer.Argument(metavar="RETURN…", help="XML returns of one authority.")
    ],
    addresses: Annotated[
        Path | None,
        typer.Option(help="CSV of la_number, la_child_id and/or upn, and postcode (or lsoa_code)."),
    ] = None,
    onspd: Annotated[
        Path | None, typer.Option(help="ONS Postcode Directory: csv, or zip as downloaded.")
    ] = None,
    *,
    preset: Annotated[
        steps.Preset, typer.Option(help="Ages 0-17 of an authority, or 5-15 of the study.")
    ] = steps.Preset.LA,
    areas: Annotated[
        Path | None, typer.Option(help="CSV of lsoa_code, area_type, area: your own areas.")
    ] = None,
    output: Annotated[Path, typer.Option(help="Folder for the site.")] = Path("local_site"),
    keep_going: KeepGoing = False,
) -> None:
    """Take one authority's returns, of any years, to a site about it."""
    from local_py import Options  # noqa: PLC0415 - loads every stage

    options = Options(tuple(returns), output, addresses, onspd, preset.value, areas, keep_going)
    _one("local", lambda paths, show: steps.local(paths, options, show))


@app.command(name="sql")
def ask(
    question: Annotated[str, typer.Argument(help='One select, in quotes: "select … from …".')],
    to: Annotated[
        Path | None, typer.Option(help="File for all rows: .csv, .xlsx or .parquet.")
    ] = None,
    *,
    is_local: OfLocal = False,
) -> None:
    """Ask the marts a question in SQL: on the screen, or into a file. Stays in the room."""
    asked = steps.ask(_of(Paths.find(), is_local), question, to)
    if asked.table is not None:
        out.print(asked.table)
    out.print(_escape(asked.summary))


@app.command()
def export(
    to: Annotated[Path, typer.Argument(help="Folder for the files.")] = Path("marts"),
    format_: Annotated[
        steps.FileFormat, typer.Option("--format", help="What Excel and Power BI read.")
    ] = steps.FileFormat.PARQUET,
    mart: Annotated[
        list[str] | None, typer.Option(help="Such as rates.fct_rates_la; several allowed.")
    ] = None,
    *,
    is_local: OfLocal = False,
) -> None:
    """Write the marts as files, without rows about single children. Stays in the room."""

    def write(paths: Paths, show: Progress) -> str:
        return steps.export(_of(paths, is_local), to, format_, mart or [], show)

    _one("export", write)


@app.command()
def parity(
    one: Annotated[Path, typer.Argument(metavar="FIRST", help="A warehouse file.")],
    other: Annotated[Path, typer.Argument(metavar="SECOND", help="Another.")],
    settled: Annotated[
        Path | None, typer.Option(help="CSV of mart, column, reason: what rightly differs.")
    ] = None,
) -> None:
    """Compare two warehouses, every mart row for row; exit code 0 if nothing differs."""
    with _Display() as display:
        found = steps.parity(Paths.find(), one, other, settled, display.show)
    out.print(found.table)
    out.print(_escape("\n".join(found.lines)))
    raise typer.Exit(not found.is_same)


@app.command()
def release(
    version: Annotated[str, typer.Argument(help="Name of the release, such as 2019.1.")],
    *,
    sacro: Annotated[
        bool,
        typer.Option("--sacro", help="Write the folder for output checkers (SACRO viewer) too."),
    ] = False,
) -> None:
    """Publish protected tables and the site as releases/VERSION, if every gate lets them pass."""
    from pipeline_py import releasing  # noqa: PLC0415 - only where it is asked for

    def publish(paths: Paths, show: Progress) -> str:
        return releasing.release(paths, version, sacro=sacro, progress=show)

    _one("release", publish)


def run() -> None:
    """Entry point: a user's mistake ends in one message and exit code 1, never a trace."""
    _utf8_output()
    try:
        app()
    except CinError as error:
        err.print(f"[bold red]error[/] {_escape(str(error))}")
        sys.exit(1)
    except Exception as error:
        if SHOW_ERRORS in os.environ:
            raise
        err.print(f"[bold red]error[/] {_escape(str(unexpected(error)))}")
        sys.exit(1)


def _one(name: str, stage: Callable[[Paths, Progress], str]) -> None:
    paths = Paths.find()
    with _Display() as display:
        reading = _measured(name, lambda: stage(paths, display.show))
    out.print(f"{name} done: {reading}")


def _of(paths: Paths, is_local: bool) -> Paths:
    return paths.of_one_authority() if is_local else paths


def _measured(name: str, stage: Callable[[], str]) -> Reading:
    with Meter() as meter:
        message = stage()
    out.print(f"[bold]{name:8}[/] {_escape(message)}")
    return meter.reading


def _print_demo(paths: Paths, readings: dict[str, Reading]) -> None:
    from pipeline_py.summary import demo_summary  # noqa: PLC0415 - loads duckdb

    out.print("\nstep         time    peak memory")
    for name, reading in readings.items():
        out.print(f"{name:8} {reading}")
    whole = Reading(
        sum(one.seconds for one in readings.values()),
        max(one.peak_bytes for one in readings.values()),
    )
    out.print(f"{'all':8} {whole}\n")
    for line in demo_summary(paths):
        out.print(_escape(line))


def _existing(reference: Path | None) -> Path | None:
    if reference is not None and not reference.is_dir():
        raise CinError(
            "no such folder",
            file=str(reference),
            remedy="give the folder that holds the published reference files",
        )
    return reference.resolve() if reference else None


def _escape(text: str) -> str:
    return text.replace("[", r"\[")


def _utf8_output() -> None:
    """Let Windows consoles take the characters that we print."""
    os.environ.setdefault("PYTHONUTF8", "1")
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(encoding="utf-8", errors="replace")


class _Display:
    """A bar on a terminal; on anything else a line at each tenth of the work."""

    def __init__(self) -> None:
        self._bar = Bar(
            TextColumn("{task.description:28}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            console=err,
            transient=True,
            disable=not err.is_terminal,
        )
        self._task = self._bar.add_task("", total=None)
        self._last: tuple[str, int] = ("", -1)

    def __enter__(self) -> _Display:
        self._bar.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._bar.stop()

    def show(self, step: str, done: int, total: int) -> None:
        """Show that `done` of `total` are done in this step."""
        self._bar.update(self._task, description=step, completed=done, total=total)
        tenth = (step, 10 * done // max(total, 1))
        if not err.is_terminal and tenth != self._last:
            self._last = tenth
            err.print(f"{step}: {done} of {total}")


if __name__ == "__main__":
    run()
