"""The referral model's rows from the marts of a built warehouse."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from common_py.errors import CinError
from common_py.paths import Paths
from common_py.warehouse import arrays, read_build, reading, rows

FloatArray = npt.NDArray[np.float64]

#: As R and the benchmarks name them.
COLUMNS = ("y", "x1", "x2", "group", "pop")

# The latest year; LSOAs with children and a deprivation score, as every model of Table 2 has them.
_YEAR = "select max(census_year) as census_year from modelling.mdl_lsoa_counts"
_ROWS = """
select
    cast(counts.n_events as double) as y,
    cast(context.x1 as double) as x1,
    cast(context.x2 as double) as x2,
    cast(dense_rank() over (order by context.la_code) as double) as "group",
    cast(counts.population as double) as pop
from modelling.mdl_lsoa_counts as counts
inner join modelling.mdl_lsoa_context as context
    on counts.census_year = context.census_year and counts.lsoa_code = context.lsoa_code
where
    counts.census_year = $census_year
    and counts.measure = 'referral'
    and counts.stratum_type = 'all'
    and counts.population > 0
    and context.x1 is not null
    and context.x2 is not null
order by context.la_code, counts.lsoa_code
"""


@dataclass(frozen=True)
class Mart:
    """Columns `y, x1, x2, group, pop`, each (n,), and what they are in words."""

    columns: dict[str, FloatArray]
    source: str


def referral_mart() -> Mart:
    """Read the warehouse that `CIN_BUILD_DIR` names.

    Raises
    ------
    CinError
        If it is not built, or has no referrals.
    """
    with reading(Paths.find().warehouse) as connection:
        build = read_build(connection)
        year = rows(connection, _YEAR)[0]["census_year"]
        found = arrays(connection, _ROWS, {"census_year": year})
    if not len(found["y"]):
        raise CinError("the marts hold no referrals", remedy="run `cin ingest`, then `cin build`")
    kind = "SYNTHETIC" if build.is_synthetic else build.dataset
    size = f"{len(found['y']):,} LSOAs in {int(found['group'].max())} LAs"
    columns = {name: np.asarray(found[name], dtype=np.float64) for name in COLUMNS}
    return Mart(columns, f"referrals of {year}, {size}, {kind}")


def design(data: dict[str, FloatArray]) -> FloatArray:
    """Return const, x1, x2, x1:x2, shape (n, 4)."""
    x1, x2 = data["x1"], data["x2"]
    return np.column_stack([np.ones(len(x1)), x1, x2, x1 * x2])
