"""`python -m analysis_py`: fit every spec on the warehouse and write `estimates`."""

from __future__ import annotations

import sys

from analysis_py.public import fit_public
from analysis_py.run import fit
from common_py.errors import CinError
from common_py.paths import Paths


def main() -> int:
    """Fit, say what was fitted, and return the exit code."""
    try:
        paths = Paths.find()
        report, public = fit(paths), fit_public(paths)
    except CinError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    sys.stdout.write(report.summary + "\n" + public.summary + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
