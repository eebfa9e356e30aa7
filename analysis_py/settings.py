"""What a fit depends on besides the data: the choices that go into `settings_hash`."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass

from analysis_py.specs import TableSpec


@dataclass(frozen=True)
class FitSettings:
    """Choices of the modelling layer.

    Attributes
    ----------
    n_points
        Quadrature points of the random-intercept models (statistics.md section 4).
    gradient_measures
        Measures with a model per LA (Figure 5).
    figure_02_measure, band_width, minimum_lsoas
        Figure 2: the measure, the width of a band in percentage points of income
        deprivation, and the fewest LSOAs at which the open top band may start.
    """

    n_points: int = 7
    gradient_measures: tuple[str, ...] = ("referral", "cp_plan")
    figure_02_measure: str = "referral"
    band_width: float = 2.5
    minimum_lsoas: int = 10


def settings_hash(specs: Sequence[TableSpec], settings: FitSettings, alpha: float) -> str:
    """Return 16 hex digits that change when a spec, a choice or the level changes."""
    content = {
        "specs": [asdict(spec) for spec in specs],
        "settings": asdict(settings),
        "alpha": round(alpha, 12),
    }
    return _digest(json.dumps(content, sort_keys=True))


def run_id(build_id: str, census_year: int, settings: str) -> str:
    """Return the identifier of a run: the same build, year and settings give the same."""
    return _digest(f"{build_id}|{census_year}|{settings}")


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:16]
