"""Every published layout that is read, and the files that are known and not read.

Adding a release or another published file is adding a row in `layouts_iod` or `layouts_areas` (or,
for tables of indicators, in `measures.csv`) and, when it feeds a new table, a declaration in
`landing_schema`. Where two files hold the same facts, the layout that stands first is preferred;
see `reference.choose`.
"""

from __future__ import annotations

from ingest_py.layout_types import Known, Layout
from ingest_py.layouts_areas import AREA_LAYOUTS
from ingest_py.layouts_iod import IOD_LAYOUTS

LAYOUTS: tuple[Layout, ...] = (*IOD_LAYOUTS, *AREA_LAYOUTS)

_COMPUTED = "computed from published files, which are read themselves"
KNOWN: tuple[Known, ...] = (
    Known("table of local authorities (our own layout)", ("utla19_code", "income_mean"), _COMPUTED),
    Known("tiles of a map (our own layout)", ("tile_col", "tile_row"), "a drawing, not data"),
    Known("assembled LSOAs (our own layout)", ("lsoa11cd", "utla19_code", "nonwhite"), _COMPUTED),
    Known(
        "LAIT data dictionary",
        ("measure_code", "y_axis_name"),
        "describes measures, has no figures",
    ),
    Known(
        "LAIT list of local authorities",
        ("la number", "la name", "region", "type"),
        "the seed la_authorities holds the authorities with their years",
    ),
)
