"""The one renderer: protected values and Jinja templates in, pages out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from analysis_py.design import SQL_FOLDER as DESIGN_SQL_FOLDER
from analysis_py.explain import table_sql
from analysis_py.specs import TableSpec
from common_py.warehouse import sql
from publish_py.authorities import AuthorityView
from publish_py.beside import ListView, SensitivityView
from publish_py.charts import Figure
from publish_py.hexmap import HexMap
from publish_py.inconsistencies import Inconsistency
from publish_py.protect import Protected, ProtectedCell
from publish_py.public import PublicView
from publish_py.rules import Rules
from publish_py.source import SQL_FOLDER, SiteData
from publish_py.tables import TableView, interval, number
from publish_py.tally import Tally
from publish_py.validation import validation_words

TEMPLATE_FOLDER = Path(__file__).parent / "templates"
PAGES = (
    ("index", "Tables and figures"),
    ("authorities", "Local authorities"),
    ("public", "Real public results"),
    ("checks", "Tests and checks"),
    ("inconsistencies", "Inconsistencies"),
    ("quality", "Quality"),
)
BREAKDOWNS = (
    ("all", "All referred children"),
    ("sex", "By sex"),
    ("age", "By age"),
    ("ethnic_group", "By ethnic group"),
    ("la", "By local authority"),
)
_STEPS = {
    "in_returns": "in the returns",
    "in_year": "dated in the year",
    "birth_date_known": "with a date of birth",
    "in_age_range": "at the ages studied",
    "matched": "matched to a neighbourhood",
    "lsoa_in_england": "living in England",
    "lsoa_known": "in a known neighbourhood",
    "return_accepted": "in a return that is accepted",
    "counted": "counted in rates and models",
}


@dataclass(frozen=True)
class Page:
    """A rendered page."""

    file: str
    html: str


@dataclass(frozen=True)
class Content:
    """What the pages show, laid out."""

    tables: tuple[tuple[TableSpec, TableView], ...]
    figures: tuple[Figure, ...]
    tally: Tally
    authorities: tuple[AuthorityView, ...]
    maps: tuple[HexMap, ...]
    inconsistencies: tuple[Inconsistency, ...]
    sensitivities: Mapping[str, SensitivityView]
    checks: tuple[ListView, ...]
    public: PublicView | None = None


@dataclass(frozen=True)
class ShownTable:
    """A table with its SQL, its sensitivities, and the variants that stand beside it."""

    view: TableView
    query: str
    sensitivities: SensitivityView | None
    variants: tuple[ShownTable, ...] = ()


@dataclass(frozen=True)
class Headline:
    """The summary on top: one estimate with what it is held against."""

    label: str
    value: str
    interval: str
    published: str
    planted: str


def render_pages(
    data: SiteData, content: Content, rules: Rules, *, has_docs: bool
) -> tuple[Page, ...]:
    """Render every page of the site."""
    templates = environment()
    common = _common(data, rules, has_docs=has_docs)

    def page(name: str, template: str = "", root: str = "", **words: Any) -> Page:
        found = templates.get_template(f"{template or name}.html")
        return Page(f"{name}.html", found.render(common | {"page": name, "root": root} | words))

    authorities = [
        page(view.file.removesuffix(".html"), "authority", "../", view=view)
        for view in content.authorities
    ]
    if content.authorities:
        authorities.append(
            page(
                "authorities",
                views=content.authorities,
                maps=content.maps,
                rates_sql=sql(SQL_FOLDER, "la_rates"),
            )
        )
    public: list[Page] = []
    if content.public is not None:
        # real numbers carry no mark of the census beside them; its column does
        public.append(
            page(
                "public",
                public=content.public,
                synthetic=False,
                census_synthetic=data.build.is_synthetic,
            )
        )
    return (
        page(
            "index",
            headlines=headlines(data.cells),
            tally=content.tally,
            tables=shown_tables(data, content),
            figures=content.figures,
            figure_sql=figure_sql(),
        ),
        page("checks", checks=content.checks, has_sensitivities=bool(data.sensitivities)),
        page("inconsistencies", inconsistencies=content.inconsistencies),
        page(
            "quality",
            gate=data.gate,
            flow=cohort_flow(data.cohort_flow),
            matches=match_groups(data.match_rates),
            ledger=data.ingest_ledger,
            validation=validation_words(data.validation),
            n_suppressed=data.n_suppressed,
        ),
        *public,
        *authorities,
    )


def environment() -> Environment:
    """Return the templates, with everything escaped and nothing undefined."""
    made = Environment(
        loader=FileSystemLoader(TEMPLATE_FOLDER),
        autoescape=select_autoescape(default=True, default_for_string=True),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters |= {"shown": shown, "limits": limits, "figure": number}
    return made


def named_pages(data: SiteData, has_docs: bool) -> tuple[tuple[str, str], ...]:
    """Return the pages that the navigation names, as file names and titles."""
    hidden = (
        *(() if data.authority_codes else ("authorities",)),
        *(() if data.public.cells else ("public",)),
    )
    shown_pages = tuple(page for page in PAGES if page[0] not in hidden)
    return (*shown_pages, ("docs", "Data dictionary")) if has_docs else shown_pages


def _common(data: SiteData, rules: Rules, *, has_docs: bool) -> dict[str, Any]:
    return {
        "build": data.build,
        "run_id": data.run_id,
        "census_year": data.census_year,
        "pages": named_pages(data, has_docs),
        "synthetic": data.build.is_synthetic,
        "level": f"{100 * data.build.confidence_level:g} %",
        "rules": rules,
    }


def map_picture(picture: HexMap, *, synthetic: bool) -> str:
    """Return a map as an SVG file of its own."""
    template = environment().get_template("hexmap.svg")
    return template.render(map=picture, alone=True, synthetic=synthetic)


def limits(value: Protected, kind: str = "ratio") -> str:
    """Return the interval of a protected value as text, or ''."""
    return interval(value.ci_low, value.ci_high, kind)


def shown(value: Protected, kind: str = "count") -> str:
    """Return a protected value as text: `c` where it is suppressed."""
    return "c" if value.is_suppressed else number(value.value, kind)


def headlines(cells: Sequence[ProtectedCell]) -> tuple[Headline, ...]:
    """Return the summary's lines: the referral row of Table 2."""
    wanted = (
        ("irr", "Social gradient in referral", "ratio"),
        ("interaction", "Interaction with LA deprivation", "ratio"),
        ("n", "Referrals", "count"),
        ("rate_per_10k", "Referrals per 10,000 children", "rate"),
    )
    found = {
        cell.statistic: cell
        for cell in cells
        if cell.table_no == "2" and cell.row_label == "Referral"
    }
    return tuple(
        Headline(
            label=label,
            value=shown(found[statistic].estimate, kind),
            interval=interval(
                found[statistic].estimate.ci_low, found[statistic].estimate.ci_high, kind
            ),
            published=number(found[statistic].published, kind),
            planted=""
            if found[statistic].planted is None
            else number(found[statistic].planted, kind),
        )
        for statistic, label, kind in wanted
        if statistic in found
    )


def shown_tables(data: SiteData, content: Content) -> list[ShownTable]:
    """Return the tables in the report's order, each with its variants; the unnumbered last."""

    def shown_table(spec: TableSpec, view: TableView, variants: Sequence[ShownTable]) -> ShownTable:
        return ShownTable(
            view,
            table_sql(spec, data.census_year),
            content.sensitivities.get(spec.table_no),
            tuple(variants),
        )

    variants: dict[str, list[ShownTable]] = {}
    for spec, view in content.tables:
        if view.parent:
            variants.setdefault(view.parent, []).append(shown_table(spec, view, ()))
    ordered = sorted(
        (pair for pair in content.tables if not pair[1].parent),
        key=lambda pair: int(pair[1].table_no) if pair[1].name else 1000,
    )
    return [shown_table(spec, view, variants.get(view.table_no, ())) for spec, view in ordered]


def figure_sql() -> dict[str, str]:
    """Return the SQL under each figure, by `Figure.sql_name`."""
    return {
        name: "\n\n".join(sql(DESIGN_SQL_FOLDER, one) for one in names)
        for name, names in _FIGURE_SQL.items()
    }


_FIGURE_SQL = {
    "2": ("figure_02_bins", "figure_02_rows"),
    "3": ("figure_03",),
    "4": ("figure_04",),
    "5": ("la_gradients",),
    "7": ("figure_deciles",),
    "8": ("figure_deciles",),
    "inverse_intervention": ("counts_lsoa", "grid_lsoa"),
}


def cohort_flow(found: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Lay the flow out as steps by measures."""
    measures: dict[str, str] = {row["measure"]: row["measure_label"] for row in found}
    cells = {(row["step_no"], row["measure"]): row for row in found}
    steps = {row["step_no"]: row for row in found}
    return {
        "measures": list(measures.values()),
        "steps": [
            {
                "label": _STEPS.get(row["step"], row["step"]),
                "drop_reason": row["drop_reason"],
                "cells": [cells.get((number_, measure)) for measure in measures],
            }
            for number_, row in sorted(steps.items())
        ],
    }


def match_groups(found: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Group match rates by breakdown, in the page's order."""
    groups = []
    for breakdown, title in BREAKDOWNS:
        rows = [row for row in found if row["breakdown"] == breakdown]
        if rows:
            groups.append({"breakdown": breakdown, "title": title, "rows": rows})
    return groups
