"""`python -m ingest_py`: ingest the data folder of the project; exit 0 only when all got in."""

from __future__ import annotations

import argparse
import sys

from common_py.errors import CinError
from common_py.paths import Paths
from ingest_py.run import ingest


def main() -> int:
    """Run one ingest and print what it did."""
    parser = argparse.ArgumentParser(prog="python -m ingest_py", description=__doc__)
    parser.add_argument(
        "--continue",
        dest="keep_going",
        action="store_true",
        help="accept refused files and quarantined rows",
    )
    arguments = parser.parse_args()
    try:
        report = ingest(Paths.find(), keep_going=arguments.keep_going)
    except CinError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    sys.stdout.write(f"{report.summary}\n")
    sys.stderr.writelines(f"{message}\n" for message in report.messages)
    return 0 if report.ok else 1


if __name__ == "__main__":
    sys.exit(main())
