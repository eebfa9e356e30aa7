"""A seeded synthetic England with known coefficients, written in at the front door.

`generate` writes the extract, the location file, the reference files in their published
layouts and the planted truth into a data folder; `draw_counts` stops at the counts.
"""

from synth_py.config import DEFAULT_SEED, SynthConfig, SynthResult
from synth_py.counts import Counts
from synth_py.run import draw_counts, generate

__all__ = ["DEFAULT_SEED", "Counts", "SynthConfig", "SynthResult", "draw_counts", "generate"]
