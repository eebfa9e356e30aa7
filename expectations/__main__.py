"""`python -m expectations`: run the gate and say what failed."""

from __future__ import annotations

import sys

from common_py.errors import CinError
from common_py.paths import Paths
from expectations.gate import gate


def main() -> int:
    """Run the gate; return 0 only when it is open."""
    try:
        report = gate(Paths.find())
    except CinError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    sys.stdout.write("\n".join([report.summary, *report.messages]) + "\n")
    return 0 if report.passed else 1


if __name__ == "__main__":
    sys.exit(main())
