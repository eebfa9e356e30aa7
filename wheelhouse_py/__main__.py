"""`python -m wheelhouse_py FOLDER`: fetch the locked wheels into a folder, or only check it."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from common_py.errors import CinError
from common_py.paths import Paths
from wheelhouse_py.bundle import bundle
from wheelhouse_py.house import PYTHONS, SYSTEMS, check, download, machines


def main() -> int:
    """Fetch and check, and say what is there."""
    parser = argparse.ArgumentParser(prog="python -m wheelhouse_py", description=__doc__)
    parser.add_argument("folder", type=Path, help="the folder of wheels")
    parser.add_argument("--check", action="store_true", help="fetch nothing: look at what is there")
    parser.add_argument("--zip", type=Path, help="write one zip for Windows, from those wheels")
    parser.add_argument("--system", nargs="+", choices=SYSTEMS, default=list(SYSTEMS))
    parser.add_argument("--python", nargs="+", choices=PYTHONS, default=list(PYTHONS))
    arguments = parser.parse_args()
    wanted = machines(arguments.system, arguments.python)
    try:
        project = Paths.find().project
        if not arguments.check:
            download(project, arguments.folder, wanted, _say)
        checked = check(project, arguments.folder, wanted)
        if arguments.zip is not None and not checked.lacks:
            made = bundle(project, arguments.folder, arguments.zip, arguments.python)
            sys.stdout.write(f"{made.summary}\n")
    except CinError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    sys.stdout.write("\n".join(checked.lines) + "\n")
    return 1 if checked.lacks else 0


def _say(step: str, done: int, total: int) -> None:
    sys.stderr.write(f"{step}: {done} of {total}\n")


if __name__ == "__main__":
    sys.exit(main())
