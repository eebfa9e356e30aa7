"""The stage: read and protect, render into a folder beside the site, and swap it in."""

from __future__ import annotations

import os
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from analysis_py.specs import load_specs
from common_py.errors import CinError
from common_py.paths import Paths
from common_py.progress import Progress, silent
from publish_py.charts import Figure, figure_02, figure_05
from publish_py.files import csv_text, figure_csv
from publish_py.protect import Rules, load_rules
from publish_py.render import Page, render_pages
from publish_py.source import SiteData, read_site_data
from publish_py.tables import table_view, tally

STATIC_FOLDER = Path(__file__).parent / "static"
STEPS = 4


@dataclass(frozen=True)
class SiteReport:
    """What was rendered.

    Attributes
    ----------
    index
        The page to open.
    n_files, n_bytes
        Files in the site and their size.
    n_suppressed
        Table cells and figure points that protection took out.
    """

    index: Path
    pages: tuple[str, ...]
    n_files: int
    n_bytes: int
    n_suppressed: int

    @property
    def summary(self) -> str:
        """The report in a line."""
        return (
            f"site: {self.index} ({self.n_files} files, {self.n_bytes / 1e6:.1f} MB, "
            f"{self.n_suppressed} values suppressed)"
        )


def report(paths: Paths, *, rules: Rules | None = None, progress: Progress = silent) -> SiteReport:
    """Render `build/site/`; the site that stands there is replaced when the new one is whole.

    Raises
    ------
    CinError
        If there are no estimates of this build, or the site's folder cannot be replaced.
    """
    rules = rules or load_rules()
    data = read_site_data(paths, rules)
    progress("report", 1, STEPS)
    beside = paths.site.with_name(f"{paths.site.name}.new.{os.getpid()}")
    shutil.rmtree(beside, ignore_errors=True)
    try:
        pages = _write(beside, paths, data, rules, progress)
        files = [file for file in beside.rglob("*") if file.is_file()]
        n_bytes = sum(file.stat().st_size for file in files)
        _swap(beside, paths.site)
    finally:
        shutil.rmtree(beside, ignore_errors=True)
    progress("report", STEPS, STEPS)
    return SiteReport(
        index=paths.site / "index.html",
        pages=tuple(page.file for page in pages),
        n_files=len(files),
        n_bytes=n_bytes,
        n_suppressed=data.n_suppressed,
    )


def _write(
    folder: Path, paths: Paths, data: SiteData, rules: Rules, progress: Progress
) -> Sequence[Page]:
    assets = folder / "assets"
    assets.mkdir(parents=True)
    figures = _figures(data)
    _write_figures(assets, figures, synthetic=data.build.is_synthetic)
    progress("report", 2, STEPS)
    specs = load_specs()
    for spec in specs:
        cells = [cell for cell in data.cells if cell.table_no == spec.table_no]
        text = csv_text(spec, cells, data.build.dataset)
        _text(assets / f"table_{spec.table_no:0>2}.csv", text)
    for source in sorted(STATIC_FOLDER.iterdir()):
        shutil.copyfile(source, assets / source.name)
    _text(assets / "vega.js", _vega_bundle())
    progress("report", 3, STEPS)
    docs = paths.build / "dbt" / "static_index.html"
    if docs.is_file():
        shutil.copyfile(docs, folder / "docs.html")
    tables = [
        (spec, table_view(spec, [cell for cell in data.cells if cell.table_no == spec.table_no]))
        for spec in specs
    ]
    pages = render_pages(
        data, tables, figures, tally(specs, data.cells), rules, has_docs=docs.is_file()
    )
    for page in pages:
        _text(folder / page.file, page.html)
    return pages


def _figures(data: SiteData) -> tuple[Figure, ...]:
    synthetic = data.build.is_synthetic
    return (
        figure_02(data.bands.rows, data.rate_line, synthetic=synthetic),
        *(
            figure_05(data.gradients[line["measure"]].rows, line, synthetic=synthetic)
            for line in data.gradient_lines
        ),
    )


def _write_figures(assets: Path, figures: Sequence[Figure], *, synthetic: bool) -> None:
    for figure in figures:
        _text(assets / f"{figure.name}.svg", figure.svg())
        (assets / f"{figure.name}.png").write_bytes(figure.png())
        _text(assets / f"{figure.name}.csv", figure_csv(figure, synthetic=synthetic))


def _vega_bundle() -> str:
    """Return Vega, Vega-Lite and Vega-Embed as one script that needs no network.

    The bundle has the shape of a module; browsers refuse modules from disk, so it is wrapped
    into a plain script of its own scope.
    """
    import vl_convert as vlc  # noqa: PLC0415 (only where pictures are made)

    bundle = vlc.javascript_bundle()  # type: ignore[call-arg]  # its stub lacks the default
    return f"(function () {{\n{bundle}\n}})();\n"


def _text(file: Path, text: str) -> None:
    file.write_text(text, encoding="utf-8", newline="\n")


def _swap(new: Path, target: Path) -> None:
    """Put a finished folder in the place of another; on failure the old one stays."""
    old = target.with_name(f"{target.name}.old")
    shutil.rmtree(old, ignore_errors=True)
    try:
        if target.exists():
            target.rename(old)
        try:
            new.rename(target)
        except OSError:
            if old.exists():
                old.rename(target)
            raise
    except OSError as error:
        raise CinError(
            "the site's folder cannot be replaced; another program may be holding a file of it",
            file=str(target),
            remedy="close what is open there, and run `cin report` again",
        ) from error
    shutil.rmtree(old, ignore_errors=True)
