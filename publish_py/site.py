"""The stage: read and protect, render into a folder beside the site, and swap it in."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from analysis_py.specs import load_specs
from common_py.errors import CinError
from common_py.paths import Paths
from common_py.progress import Progress, silent
from publish_py.authorities import authority_views
from publish_py.beside import checks, sensitivities_of
from publish_py.charts import Figure, figure_02, gradient_figure
from publish_py.dictionary import dictionary_page
from publish_py.files import tables_csv
from publish_py.hexmap import la_maps
from publish_py.inconsistencies import load_inconsistencies
from publish_py.pictures import vega_bundle, write_pictures
from publish_py.points import point_figures
from publish_py.public import public_view
from publish_py.render import Content, Page, named_pages, render_pages
from publish_py.rules import Rules, load_rules
from publish_py.search import search_script
from publish_py.source import SiteData, read_site_data
from publish_py.tables import table_view
from publish_py.tally import tally
from publish_py.workbook import workbook

STATIC_FOLDER = Path(__file__).parent / "static"
STEPS = 4

Documents = Callable[[], Callable[[], object]]


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


def report(
    paths: Paths,
    *,
    rules: Rules | None = None,
    progress: Progress = silent,
    documents: Documents | None = None,
) -> SiteReport:
    """Render `build/site/`; the site that stands there is replaced when the new one is whole.

    Parameters
    ----------
    paths
        Where the warehouse and the build are.
    rules
        Other least numbers than those of `protection.csv`.
    progress
        Called as parts are done.
    documents
        Starts the making of dbt's static page, once the warehouse has been read and let go
        of, and returns what waits for it.

    Raises
    ------
    CinError
        If there are no estimates of this build, or the site's folder cannot be replaced.
    """
    rules = rules or load_rules()
    with ThreadPoolExecutor(1) as early:  # bundling lets the protection of counts run
        bundled = early.submit(vega_bundle, paths.build / "cache")
        data = read_site_data(paths, rules)
    made = documents() if documents is not None else _nothing
    progress("report", 1, STEPS)
    beside = paths.site.with_name(f"{paths.site.name}.new.{os.getpid()}")
    shutil.rmtree(beside, ignore_errors=True)
    try:
        pages = render_site(
            beside, paths, data, rules, made=made, bundle=bundled.result, progress=progress
        )
        files = [file for file in beside.rglob("*") if file.is_file()]
        n_bytes = sum(file.stat().st_size for file in files)
        swap(beside, paths.site)
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


def render_site(
    folder: Path,
    paths: Paths,
    data: SiteData,
    rules: Rules,
    *,
    made: Callable[[], object],
    bundle: Callable[[], str] | None = None,
    content: Content | None = None,
    progress: Progress = silent,
) -> Sequence[Page]:
    """Write the site into a folder that is not there yet, and return its pages.

    Parameters
    ----------
    data
        What pages show, protected.
    made
        Waits for dbt's documentation of the warehouse.
    bundle
        Waits for the charts' script, where it is being made already.
    content
        The same laid out, where somebody has done it.
    """
    content = content or content_of(data)
    assets = folder / "assets"
    assets.mkdir(parents=True)
    with ThreadPoolExecutor(2) as beside:  # drawing and bundling let other threads run
        is_synthetic = data.build.is_synthetic
        drawn = beside.submit(write_pictures, assets, content, synthetic=is_synthetic)
        bundled = beside.submit(bundle or partial(vega_bundle, paths.build / "cache"))
        _write_files(assets, data, content)
        progress("report", 2, STEPS)
        made()
        pages = _write_pages(folder, paths, data, content, rules)
        _text(assets / "vega.js", bundled.result())
        drawn.result()
    progress("report", 3, STEPS)
    return pages


def _nothing() -> None:
    """Wait for no documents."""


def _write_files(assets: Path, data: SiteData, content: Content) -> None:
    """Write numbers, styles and scripts: what pages lie beside, but for the pictures."""
    for name, text in tables_csv(data, content).items():
        _text(assets / name, text)
    (assets / "tables.xlsx").write_bytes(workbook(data, content))
    for source in sorted(STATIC_FOLDER.iterdir()):
        shutil.copyfile(source, assets / source.name)


def _write_pages(
    folder: Path, paths: Paths, data: SiteData, content: Content, rules: Rules
) -> Sequence[Page]:
    docs = paths.build / "dbt" / "static_index.html"
    has_docs = docs.is_file()
    if has_docs:
        text = docs.read_text(encoding="utf-8")
        page = dictionary_page(text, synthetic=data.build.is_synthetic)
        _text(folder / "docs.html", page)
    _text(folder / "assets" / "pages.js", search_script(content, named_pages(data, has_docs)))
    pages = render_pages(data, content, rules, has_docs=has_docs)
    for one in pages:
        (folder / one.file).parent.mkdir(exist_ok=True)
        _text(folder / one.file, one.html)
    return pages


def content_of(data: SiteData) -> Content:
    """Lay everything out that pages and files show."""
    specs = load_specs()
    authorities = authority_views(data)
    return Content(
        tables=tuple(
            (spec, table_view(spec, [one for one in data.cells if one.table_no == spec.table_no]))
            for spec in specs
        ),
        figures=_figures(data),
        tally=tally(specs, data.cells, data.build.confidence_level),
        authorities=authorities,
        maps=la_maps(authorities),
        inconsistencies=load_inconsistencies(data.published),
        sensitivities=sensitivities_of(data, specs),
        checks=checks(data),
        public=public_view(data.public, data.cells, synthetic=data.build.is_synthetic),
    )


def _figures(data: SiteData) -> tuple[Figure, ...]:
    synthetic = data.build.is_synthetic
    made = (
        figure_02(data.bands.rows, data.rate_line, synthetic=synthetic),
        *(
            gradient_figure(number, data.gradients[line["measure"]].rows, line, synthetic=synthetic)
            for number, line in enumerate(data.gradient_lines, start=5)
        ),
        *point_figures(data.points.rows, data.point_lines, synthetic=synthetic),
    )
    return tuple(sorted(made, key=lambda figure: (not figure.number[-1].isdigit(), figure.number)))


def _text(file: Path, text: str) -> None:
    file.write_text(text, encoding="utf-8", newline="\n")


def swap(new: Path, target: Path, again: str = "run `cin report` again") -> None:
    """Put a finished folder in the place of another; on failure the old one stays.

    Parameters
    ----------
    again
        What to do once nothing holds a file of it any more.
    """
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
            remedy=f"close what is open there (Excel holds the files that it shows), and {again}",
        ) from error
    shutil.rmtree(old, ignore_errors=True)
