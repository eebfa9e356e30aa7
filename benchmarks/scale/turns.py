"""The build of two checkouts by turns: whether a change made it slower.

python -m benchmarks.scale.turns BEFORE AFTER [--turns 3]

Each is the folder of a checkout with its own `.venv`, in which `make demo` has run: both build the
same SYNTHETIC census. Machines are not equally fast from one minute to the next, so one build of
each follows the other, the second one first in every other turn; a build of the first before them
fills the file cache, and is not told. A table is printed.
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Iterator
from pathlib import Path

from benchmarks.scale.growth import Stage, measured

_PYTHON = Path("Scripts" if os.name == "nt" else "bin") / "python"


def build(checkout: Path, turn: int, name: str) -> Stage:
    """Run `cin build` in a checkout, with none of this shell's settings."""
    settings = ("CIN_", "DBT_", "PYTHON")
    environment = {key: at for key, at in os.environ.items() if not key.startswith(settings)}
    python = checkout / ".venv" / _PYTHON
    return Stage(turn, name, *measured(["build"], environment, python, checkout))


def by_turns(before: Path, after: Path, n_turns: int) -> Iterator[Stage]:
    """Yield what each build took."""
    both = {"before": before, "after": after}
    build(before, 0, "warm")
    for turn in range(1, n_turns + 1):
        for name in sorted(both, reverse=turn % 2 == 1):
            yield build(both[name], turn, name)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("before", type=Path)
    parser.add_argument("after", type=Path)
    parser.add_argument("--turns", type=int, default=3)
    arguments = parser.parse_args()
    print("| turn | build | seconds | processor seconds | peak GB |\n|---|---|---|---|---|")
    places = (arguments.before.resolve(), arguments.after.resolve())
    for one in by_turns(*places, arguments.turns):
        figures = f"{one.wall_s:.1f} | {one.processor_s:.1f} | {one.peak_mb / 1000:.2f}"
        print(f"| {one.years} | {one.stage} | {figures} |", flush=True)


if __name__ == "__main__":
    main()
