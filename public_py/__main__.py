"""`python -m public_py FOLDER`: write the seeds of public facts from published files."""

from __future__ import annotations

import sys
from pathlib import Path

from common_py.errors import CinError
from common_py.paths import Paths
from public_py import compute, write


def main() -> int:
    """Write the seeds; return the exit code."""
    if len(sys.argv) != 2:
        print("usage: python -m public_py FOLDER", file=sys.stderr)  # noqa: T201
        return 2
    try:
        paths = Paths.find()
        written = write(compute(Path(sys.argv[1]), paths.project), paths.project)
    except CinError as error:
        print(f"error {error}", file=sys.stderr)  # noqa: T201
        return 1
    for file, n_rows in written.items():
        print(f"{file}: {n_rows} rows")  # noqa: T201
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
