"""The command: gather, land, build, fit, draw; all of it in a folder that only one run writes."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from analysis_py.local import fit_local
from common_py.alone import only_builder
from common_py.errors import CinError
from common_py.paths import Paths
from common_py.private import private
from common_py.progress import Progress, silent
from ingest_py import ingest
from local_py.areas import no_areas, read_areas
from local_py.build import build_marts
from local_py.inputs import Gathered, gather
from local_py.options import Options
from publish_py.local_site import MARK, LocalSite, local_report
from validate_py.definitions import Definitions


@dataclass(frozen=True)
class LocalReport:
    """What was made.

    Attributes
    ----------
    site
        The site, and what it holds.
    gathered
        Whose returns, of which years.
    warehouse
        The marts that the site was made from, for `cin sql` and `cin export`.
    n_tests
        Data tests that the marts passed.
    messages
        What the analyst should know; never a child's value.
    """

    site: LocalSite
    gathered: Gathered
    warehouse: Path
    n_tests: int
    messages: tuple[str, ...]

    @property
    def summary(self) -> str:
        """The report in lines."""
        years = ", ".join(map(str, self.gathered.census_years))
        mark = "SYNTHETIC " if self.gathered.is_synthetic else ""
        return "\n".join(
            [
                f"{mark}{self.site.la_name} ({self.gathered.la_number}), census year {years}: "
                f"{self.n_tests} data tests passed",
                *(f"  {line}" for line in self.site.findings),
                *self.messages,
                f"site: {self.site.index}",
                f"marts: {self.warehouse} (`cin sql --local`, `cin export --local`)",
            ]
        )


def run(paths: Paths, options: Options, progress: Progress = silent) -> LocalReport:
    """Take one authority's returns to a site about it.

    Parameters
    ----------
    paths
        Of the project: its data folder holds the published files, and its build folder gets a
        folder `local`; the national warehouse is not touched.
    options
        What the analyst gives.

    Raises
    ------
    CinError
        If an input is missing or was refused, a model or data test fails, another run is at work
        there, or a file that has to be replaced is open in another program.
    """
    own, target = paths.of_one_authority(), _target(options.output)
    definitions = Definitions(paths.project)
    areas = no_areas() if options.areas is None else read_areas(options.areas)
    busy = "another `cin local` is at work in this folder"
    with only_builder(own.build / "next", busy, is_all_private=True):
        with private():
            gathered = gather(options, paths.project, paths.data, own.data, progress)
        messages = [*gathered.messages, *_land(own, options, progress)]
        excluded = list(definitions.variables["excluded_la_numbers"])
        settings = options.settings(gathered.la_number, excluded)
        n_tests = build_marts(own, definitions, settings, areas, progress)
        fit_local(own, gathered.la_number, progress=progress)
        cache = paths.build / "cache"
        site = local_report(own, gathered.la_number, target, cache, progress=progress)
    return LocalReport(site, gathered, own.warehouse, n_tests, tuple(messages))


def _land(own: Paths, options: Options, progress: Progress) -> list[str]:
    """Land what was gathered; raise where something was left out that has to be accepted."""
    report = ingest(own, keep_going=options.keep_going, progress=progress)
    if report.ok:
        return list(report.messages)
    said = "\n".join(report.messages)
    if report.n_lacking:
        raise CinError(
            f"something that every site needs is missing; nothing was built\n{said}",
            remedy="put the files named above into data/reference, as downloaded; "
            "docs/reference_files.md lists each",
        )
    raise CinError(
        f"the inputs did not get in whole; nothing was built\n{said}",
        remedy="mend what is named above, or accept the loss with `cin local --continue`",
    )


def _target(output: Path) -> Path:
    """Return the folder of the site, which must be free or hold an earlier one."""
    target = Path(os.path.abspath(output))  # noqa: PTH100 - a link stays a link
    is_foreign = target.exists() and not (target / MARK).is_file()
    if is_foreign and (not target.is_dir() or any(target.iterdir())):
        raise CinError(
            "the folder holds something else, and would be replaced whole",
            file=str(target),
            remedy="give an empty folder, or a new one, with --output",
        )
    return target
