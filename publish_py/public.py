"""The page of real public results: report, DfE's published counts, and the census here, in columns.

What DfE published is real and protected by its publisher; the census here keeps its own
protection, and its column says SYNTHETIC where it is.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from analysis_py.public import STUDY_YEAR, public_specs
from analysis_py.specs import ColumnSpec, TableSpec
from publish_py.beside import ListView
from publish_py.charts import Figure
from publish_py.points import point_figures
from publish_py.protect import ProtectedCell
from publish_py.public_source import PublicData
from publish_py.tables import interval, number

Row = Mapping[str, Any]
_NOTHING = "–"
_REASONS = {
    "equal_to_rounding": "equal to rounding",
    "suppressed_numbers": "suppressed numbers (1 to 5 each)",
    "authority_not_published": "an authority is in the total and not published",
    "unexplained": "unexplained",
}


@dataclass(frozen=True)
class PublicView:
    """The page, laid out.

    Attributes
    ----------
    years
        Of the counts, as text.
    lead
        How many cells agree with the report.
    tables, figures
        In the page's order.
    """

    years: str
    lead: str
    tables: tuple[ListView, ...]
    figures: tuple[Figure, ...]


def public_view(
    data: PublicData, census: Sequence[ProtectedCell], *, synthetic: bool
) -> PublicView | None:
    """Lay the page out; None where no run on public counts was made."""
    if not data.cells:
        return None
    years = sorted({int(row["census_year"]) for row in data.cells})
    specs = {spec.table_no: spec for spec in public_specs(STUDY_YEAR)}
    compared = _comparison(specs["18"], data.cells, census, synthetic=synthetic)
    tables = (compared, *_others(specs, data.cells), *_trends(specs["trend"], data.cells))
    return PublicView(
        years=f"{years[0]}" if len(years) == 1 else f"{years[0]} to {years[-1]}",
        lead=_lead(data.cells),
        tables=tuple(view for view in (*tables, _totals(data.totals)) if view.rows),
        figures=tuple(
            replace(
                figure,
                name=f"public_{figure.name}",
                number="Figure 3, REAL",
                caption=f"REAL: counts that DfE published. {figure.caption}",
                sql_name="3_public",
            )
            for figure in point_figures(data.points, data.lines, synthetic=False)
        ),
    )


def agreement(row: Row) -> str:
    """Return how a real cell stands to the printed one: by direction and by interval."""
    value, printed = row["value"], row["published_value"]
    if value is None or printed is None:
        return _NOTHING
    same = (value - 1.0) * (printed - 1.0) > 0 or round(value, 2) == round(printed, 2)
    direction = "same direction" if same else "other direction"
    low, high = row["published_low"], row["published_high"]
    if low is None or high is None:
        return direction
    if low - 0.005 <= value <= high + 0.005:
        return f"{direction}, inside the printed interval"
    overlap = row["ci_low"] <= high + 0.005 and row["ci_high"] >= low - 0.005
    return f"{direction}, intervals {'overlap' if overlap else 'apart'}"


def _of(cells: Sequence[Row], table_no: str, year: int = STUDY_YEAR) -> dict[tuple[str, str], Row]:
    return {
        (row["row_label"], row["statistic"]): row
        for row in cells
        if row["table_no"] == table_no and row["census_year"] == year
    }


def _text(row: Row | None) -> str:
    """Return an estimate with its interval, or why there is none."""
    if row is None:
        return _NOTHING
    if row["value"] is None:
        return "not public by authority" if row["reason"].startswith("no area") else row["reason"]
    limits = interval(row["ci_low"], row["ci_high"], "ratio")
    return f"{number(row['value'], 'ratio')} ({limits})"


def _places(spec: TableSpec, prefix: str) -> Iterator[tuple[str, ColumnSpec]]:
    """Yield (row, column) of a table for the columns whose measure is meant."""
    for row in spec.rows:
        for column in spec.columns_of(row):
            if column.heading.startswith(prefix):
                yield row.label, column


def _comparison(
    spec: TableSpec, cells: Sequence[Row], census: Sequence[ProtectedCell], *, synthetic: bool
) -> ListView:
    found = _of(cells, spec.table_no)
    here = {(c.row_label, c.statistic): c for c in census if c.table_no == "18"}
    rows = []
    for label, column in _places(spec, "Referral"):
        row = found.get((label, column.statistic))
        if row is None:
            continue
        printed = _NOTHING
        if row["published_value"] is not None:
            limits = interval(row["published_low"], row["published_high"], "ratio")
            printed = f"{number(row['published_value'], 'ratio')} ({limits})"
        rows.append(
            (
                label,
                column.heading.partition(", ")[2],
                printed,
                _text(row),
                str(row["n_obs"] or _NOTHING),
                agreement(row),
                _census(here.get((label, column.statistic))),
            )
        )
    kind = "SYNTHETIC census here" if synthetic else "Census here"
    return ListView(
        slug="public_comparison",
        title="Table 18, referrals: report, real public, " + ("SYNTHETIC" if synthetic else "here"),
        note=(
            "Rate ratios for one standard deviation. The report counts children of 5 to 15 in "
            "the authority where they live; real public counts are of children of every age in "
            "the authority that returned them, per resident of 0 to 17, IoD 2019, 2018/19."
        ),
        columns=(
            *("Indicator", "Model", "Report", "REAL public", "Authorities"),
            *("REAL against report", kind),
        ),
        rows=tuple(rows),
        n_texts=2,
    )


def _census(cell: ProtectedCell | None) -> str:
    if cell is None:
        return _NOTHING
    own = cell.estimate
    if own.is_suppressed:
        return "c"
    limits = interval(own.ci_low, own.ci_high, "ratio")
    return f"{number(own.value, 'ratio')}" + (f" ({limits})" if limits else "")


def _others(specs: Mapping[str, TableSpec], cells: Sequence[Row]) -> Iterator[ListView]:
    """Yield Table 18 for CIN and plans, and for referrals with other releases of the IoD."""
    for prefix, words in (("CIN", "children in need"), ("CP plan", "child protection plans")):
        yield _plain("18", f"Table 18, {words}, REAL", specs["18"], cells, prefix)
    for table_no, spec in specs.items():
        if table_no.startswith("18 with"):
            title = f"Table 18, referrals, {table_no.removeprefix('18 ')}, REAL"
            yield _plain(table_no, title, spec, cells, "Referral")


def _plain(
    table_no: str, title: str, spec: TableSpec, cells: Sequence[Row], prefix: str
) -> ListView:
    found = _of(cells, table_no)
    rows = [
        (label, column.heading.partition(", ")[2], _text(row), str(row["n_obs"] or _NOTHING))
        for label, column in _places(spec, prefix)
        if (row := found.get((label, column.statistic))) is not None and row["value"] is not None
    ]
    slug = "_".join(["public", table_no.replace(" ", "_").lower(), prefix.lower().split()[0]])
    return ListView(
        slug=slug,
        title=title,
        note="The report prints no such table; the same models as above.",
        columns=("Indicator", "Model", "REAL public", "Authorities"),
        rows=tuple(rows),
        n_texts=2,
    )


def _trends(spec: TableSpec, cells: Sequence[Row]) -> Iterator[ListView]:
    """Yield LA income deprivation and rates by year, a table an IoD release."""
    years = sorted({int(row["census_year"]) for row in cells})
    for line in spec.rows:
        rows = []
        for year in years:
            found = _of(cells, spec.table_no, year)
            texts = [_text(found.get((line.label, column.statistic))) for column in spec.columns]
            texts = ["not published" if "counts of" in text else text for text in texts]
            rows.append((str(year), *texts))
        yield ListView(
            slug=f"public_trend_{line.label.lower().replace(' ', '_')}",
            title=f"LA income deprivation ({line.label}) and rates by year, REAL",
            note=spec.note,
            columns=("Year", *(column.heading for column in spec.columns)),
            rows=tuple(rows),
            n_texts=1,
        )


def _totals(found: Sequence[Row]) -> ListView:
    return ListView(
        slug="public_totals",
        title="England's published totals and the sums of authorities, REAL",
        note=(
            "England is rounded to 10, authorities are printed to the unit. Each authority "
            "whose number DfE withholds is named with its marker; nothing is filled in."
        ),
        columns=(
            *("Year", "Measure", "When", "Why they differ", "Withheld"),
            *("England", "Sum of authorities", "Difference"),
        ),
        rows=tuple(
            (
                str(row["census_year"]),
                row["measure_label"],
                "in the year" if row["timing"] == "incidence" else "on 31 March",
                _REASONS[row["reason"]],
                row["marked"] or _NOTHING,
                number(row["england_total"], "count"),
                number(row["sum_of_authorities"], "count"),
                number(row["difference"], "count"),
            )
            for row in found
        ),
        n_texts=5,
    )


def _lead(cells: Sequence[Row]) -> str:
    """Return how many printed referral cells the real ones agree with."""
    printed = [row for row in _of(cells, "18").values() if agreement(row) != _NOTHING]
    same = sum(agreement(row).startswith("same") for row in printed)
    inside = sum("inside" in agreement(row) for row in printed)
    apart = sum("apart" in agreement(row) for row in printed)
    return (
        f"Of {len(printed)} cells of Table 18 that the report prints and public figures reach, "
        f"{same} have the report’s direction; {inside} lie inside the printed interval, and of "
        f"{apart} the intervals are apart."
    )
