"""`python -m synth_py`: write a synthetic England into the data folder of the project."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from common_py.errors import CinError
from common_py.paths import Paths
from synth_py.config import DEFAULT_SEED, SynthConfig
from synth_py.run import generate


def main() -> int:
    """Generate once and print the located events by measure."""
    parser = argparse.ArgumentParser(prog="python -m synth_py", description=__doc__)
    parser.add_argument("--size", choices=("national", "small"), default="national")
    parser.add_argument("--mode", choices=("plain", "realistic"), default="plain")
    parser.add_argument("--seed", type=int, default=DEFAULT_SEED)
    parser.add_argument("--reference", type=Path, help="folder of real published files")
    options = parser.parse_args()
    config = SynthConfig(
        seed=options.seed, size=options.size, mode=options.mode, reference=options.reference
    )
    try:
        result = generate(config, Paths.find().data)
    except CinError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    events = ", ".join(f"{n:,} {measure}" for measure, n in result.n_events.items())
    sys.stdout.write(f"SYNTHETIC England in {result.data_dir}: {events}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
