"""Model the marts: specs → design → fit → estimates, beside the marts they came from.

Tables are data (`specs/*.yml`), who is counted is SQL (`sql/*.sql`), and Python only fits.
"""

from analysis_py.public import PublicReport, fit_public
from analysis_py.run import FitReport, fit

__all__ = ["FitReport", "PublicReport", "fit", "fit_public"]
