"""One authority's site: its own marts, protected, into a folder that opens from disk."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from analysis_py.local import local_spec
from common_py.paths import Paths
from common_py.progress import Progress, silent
from publish_py.charts import Figure
from publish_py.files import csv_lines
from publish_py.local_charts import local_figures
from publish_py.local_findings import findings, headlines
from publish_py.local_places import decile_table, place_tables
from publish_py.local_source import LocalData, read_local
from publish_py.local_tables import LocalTable, query
from publish_py.local_views import (
    beside_table,
    gradient_table,
    outcome_table,
    rate_tables,
    totals_table,
    trend_table,
)
from publish_py.pictures import vega_bundle, write_figure
from publish_py.render import cohort_flow, environment, match_groups
from publish_py.rules import Rules, load_rules
from publish_py.site import STATIC_FOLDER, swap

MARK = ".cin-local-site"
"""A file by which a folder is known to be such a site, and may be replaced."""

_AGAIN = "run `cin local` again"
_QUALITY = ("cohort_flow", "match_rates", "validation", "la_ledger")
_STEP = "draw the site"


@dataclass(frozen=True)
class LocalSite:
    """What was drawn.

    Attributes
    ----------
    index
        The page to open.
    la_name
        The authority.
    findings
        What the first page says first.
    n_suppressed
        Rates that protection took out.
    """

    index: Path
    la_name: str
    findings: tuple[str, ...]
    n_suppressed: int


@dataclass(frozen=True)
class LocalContent:
    """What the pages show, laid out."""

    gradients: LocalTable
    deciles: LocalTable
    rates: tuple[LocalTable, ...]
    outcomes: LocalTable
    totals: LocalTable
    beside: LocalTable | None
    trends: LocalTable | None
    areas: tuple[LocalTable, ...]
    figures: dict[str, Figure]

    @property
    def tables(self) -> list[LocalTable]:
        """Every table, in the order of the pages."""
        found = [self.gradients, self.deciles, self.trends, *self.rates, self.outcomes]
        return [one for one in (*found, self.totals, self.beside, *self.areas) if one is not None]


def local_report(
    paths: Paths,
    la_number: str,
    target: Path,
    cache: Path,
    *,
    progress: Progress = silent,
    rules: Rules | None = None,
) -> LocalSite:
    """Draw the site of one authority; one that stands there is replaced when it is whole.

    Parameters
    ----------
    paths
        Where the authority's marts and estimates are.
    la_number
        The authority's three digits.
    target
        The folder of the site.
    cache
        Where the script that draws charts is kept.

    Raises
    ------
    CinError
        If the authority has no rates, or the folder cannot be replaced.
    """
    rules = rules or load_rules()
    progress(_STEP, 0, 3)
    data = read_local(paths.warehouse, la_number, rules)
    content = content_of(data)
    beside = target.with_name(f"{target.name}.new.{os.getpid()}")
    shutil.rmtree(beside, ignore_errors=True)
    try:
        _write_assets(beside / "assets", data, content, cache)
        progress(_STEP, 1, 3)
        for name, html in pages(data, content, rules).items():
            _text(beside / name, html)
        _text(beside / MARK, "")
        progress(_STEP, 2, 3)
        swap(beside, target, again=_AGAIN)
    finally:
        shutil.rmtree(beside, ignore_errors=True)
    progress(_STEP, 3, 3)
    return LocalSite(
        target / "index.html", str(data.la["la_name"]), findings(data), data.n_suppressed
    )


def content_of(data: LocalData) -> LocalContent:
    """Lay everything out; what needs neighbourhoods is empty where no child has one."""
    return LocalContent(
        gradients=gradient_table(data),
        deciles=decile_table(data),
        rates=tuple(rate_tables(data)),
        outcomes=outcome_table(data),
        totals=totals_table(data),
        beside=beside_table(data),
        trends=trend_table(data),
        areas=tuple(place_tables(data)) if data.is_located else (),
        figures=local_figures(data) if data.is_located else {},
    )


def pages(data: LocalData, content: LocalContent, rules: Rules) -> dict[str, str]:
    """Render the pages, by file name."""
    templates = environment()
    named = [
        ("index", str(data.la["la_name"])),
        *([("areas", "Localities")] if content.areas else []),
        ("quality", "Quality"),
    ]
    common = {
        "build": data.build,
        "run_id": data.run_id,
        "census_year": data.census_year,
        "pages": named,
        "synthetic": data.synthetic,
        "level": f"{100 * data.build.confidence_level:g} %",
        "rules": rules,
        "root": "",
        "la": data.la,
    }

    def page(name: str, **words: Any) -> str:
        return templates.get_template(f"local_{name}.html").render(common | {"page": name} | words)

    made = {
        "index.html": page(
            "index",
            located=data.is_located,
            query=query("local_authority", la_number=data.la["la_number"]),
            headlines=headlines(data),
            findings=findings(data),
            decisions=[one for one in data.decisions if not one["is_counted"]],
            sections=sections(data, content),
            gradients=content.gradients,
            deciles=content.deciles,
            rates=content.rates,
            outcomes=content.outcomes,
            totals=content.totals,
            beside=content.beside,
            trends=content.trends,
            figures=content.figures,
            not_fitted=local_spec().not_fitted,
            absent=_absent(content),
        ),
        "quality.html": page(
            "quality",
            flow=cohort_flow(data.flow),
            matches=match_groups(data.matches),
            validation=data.validation,
            ledger=data.ledger,
            n_suppressed=data.n_suppressed,
            queries={name: query(name, census_year=data.census_year) for name in _QUALITY},
        ),
    }
    if content.areas:
        tops = [one.slug for one in content.areas if one.is_top]
        made["areas.html"] = page("areas", areas=content.areas, tops=tops)
    return made


def sections(data: LocalData, content: LocalContent) -> list[LocalTable]:
    """Return the tables that the first page's list of contents names."""
    found: Sequence[LocalTable | None] = (content.totals, content.beside)
    if data.is_located:
        placed = (content.gradients, content.deciles, content.trends, content.rates[0])
        found = (*placed, content.outcomes, *found)
    return [one for one in found if one is not None]


def _absent(content: LocalContent) -> list[str]:
    """Say which rates a published file would add."""
    if any(one.slug == "rates_ethnicity" for one in content.rates):
        return []
    return [
        "rates by ethnic group, whose populations are in DC2101EW or RM032 (nomisweb.co.uk), a "
        "file for data/reference"
    ]


def _write_assets(assets: Path, data: LocalData, content: LocalContent, cache: Path) -> None:
    assets.mkdir(parents=True)
    with ThreadPoolExecutor(max_workers=os.cpu_count() or 1) as pool:
        drawn = [pool.submit(write_figure, assets, one) for one in content.figures.values()]
        for table in content.tables:
            _text(assets / f"{table.slug}.csv", csv_lines([table.header, *table.records]))
        for source in sorted(STATIC_FOLDER.iterdir()):
            shutil.copyfile(source, assets / source.name)
        _text(assets / "vega.js", vega_bundle(cache))
        _text(assets / "pages.js", _search(data, content))
        for one in drawn:
            one.result()


def _search(data: LocalData, content: LocalContent) -> str:
    """Return a script that gives the search box its entries."""
    areas = {one.slug for one in content.areas}
    on_first = {one.slug for one in sections(data, content)}
    entries = [
        {
            "title": one.title,
            "kind": "Table",
            "href": f"{'areas' if one.slug in areas else 'index'}.html#{one.slug}",
        }
        for one in content.tables
        if one.slug in on_first or (one.slug in areas and one.is_top)
    ]
    entries.append({"title": "Quality", "kind": "Page", "href": "quality.html"})
    return f"window.CIN_PAGES = {json.dumps(entries, ensure_ascii=True)};\n"


def _text(file: Path, text: str) -> None:
    file.write_text(text, encoding="utf-8", newline="\n")
