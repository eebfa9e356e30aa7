"""Two warehouses, mart by mart and row by row: of two engines, or before and after an upgrade.

Nothing is fetched into Python but what is shown, and no value of a child is shown.
"""

from parity_py.compare import Compared, compare
from parity_py.marts import Mart, Settled, project_marts, settled_columns
from parity_py.run import MartParity, Parity, parity

__all__ = [
    "Compared",
    "Mart",
    "MartParity",
    "Parity",
    "Settled",
    "compare",
    "parity",
    "project_marts",
    "settled_columns",
]
