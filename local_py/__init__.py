"""`cin local`: one authority's own returns, from XML to a site about it, in a folder of its own.

Nothing is decided here: returns are read by `ingest_py`, postcodes looked up by its `locate`, the
models are the warehouse's own, rendered as `cin validate` renders them, gradients are fitted by
`analysis_py.local`, and pages are protected and drawn by `publish_py`. What is kept here is which
models one authority needs (`targets.yml`), and what the presets set (`presets.yml`).
"""

from local_py.options import PRESETS, Options
from local_py.run import LocalReport, run

__all__ = ["PRESETS", "LocalReport", "Options", "run"]
