"""The ten lines that `cin demo` ends with, read from the warehouse it made."""

from __future__ import annotations

import duckdb

from common_py.paths import Paths

_BUILD = """
select runs.dataset, runs.census_year
from estimates.runs as runs
where runs.dataset <> 'public'
order by runs.started_at desc
limit 1
"""

_COHORT = """
select
    count(*) as n_lsoas,
    count(distinct la_code) as n_las,
    sum(population) as population
from modelling.mdl_lsoa_context
where census_year = ?
"""

_CELLS = """
select row_label, statistic, value, ci_low, ci_high, published_value
from estimates.cells
where table_no = '2' and row_label in ('Referral', 'CIN', 'CP Plan') and statistic in (
    'n', 'irr', 'irr_low_imd_la', 'irr_high_imd_la', 'interaction'
)
"""


def demo_summary(paths: Paths) -> list[str]:
    """Return ten lines: the cohort, the referral gradient, and where everything is."""
    with duckdb.connect(str(paths.warehouse), read_only=True) as warehouse:
        dataset, census_year = warehouse.execute(_BUILD).fetchall()[0]
        n_lsoas, n_las, population = warehouse.execute(_COHORT, [census_year]).fetchall()[0]
        rows = warehouse.execute(_CELLS).fetchall()
    cells = {(row[0], row[1]): row[2:] for row in rows}
    kind = "SYNTHETIC census rows" if dataset == "synthetic" else "census rows"
    return [
        f"{kind}, year ending 31 March {census_year}",
        f"population   {population:,.0f} children in {n_lsoas:,} LSOAs of {n_las} authorities",
        _line("referrals", cells[("Referral", "n")], ",.0f"),
        _line("referral social gradient (IRR per 10 points)", cells[("Referral", "irr")]),
        _line("  in a low-deprivation authority", cells[("Referral", "irr_low_imd_la")]),
        _line("  in a high-deprivation authority", cells[("Referral", "irr_high_imd_la")]),
        _line("  interaction", cells[("Referral", "interaction")]),
        _line("CIN gradient", cells[("CIN", "irr")]),
        f"warehouse    {paths.warehouse}",
        f"site         {paths.site / 'index.html'}",
    ]


def _line(label: str, cell: tuple[float | None, ...], form: str = ".2f") -> str:
    value, low, high, published = cell
    if value is None:
        return f"{label}: not estimated (see estimates.fits for the reason)"
    interval = "" if low is None or high is None else f" ({low:{form}}–{high:{form}})"
    print_value = "" if published is None else f", published {published:{form}}"
    return f"{label}: {value:{form}}{interval}{print_value}"
