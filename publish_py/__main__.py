"""`python -m publish_py`: render the site."""

from __future__ import annotations

import sys

from common_py.errors import CinError
from common_py.paths import Paths
from publish_py.site import report


def main() -> int:
    """Render, say where the site is, and return the exit code."""
    try:
        result = report(Paths.find())
    except CinError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    sys.stdout.write(result.summary + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
