"""What a fit depends on besides the data: the choices that go into `settings_hash`."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field

from analysis_py.specs import TableSpec
from common_py.protection import least_number


@dataclass(frozen=True)
class FitSettings:
    """Choices of the modelling layer.

    Attributes
    ----------
    n_points
        Quadrature points of the random-intercept models (statistics.md section 4).
    sensitivity_points
        Those of the slower models beside them; 1 (Laplace) differs from 7 in the third
        decimal where LAs have dozens of areas, and takes a tenth of the time.
    with_sensitivities
        Whether the models beside the tables are fitted at all.
    minimum_las
        A context beyond which fewer LAs lie is marked as extrapolated.
    maximum_correlation
        LA indicators this close to LA income, or closer, are not tabulated (section 2).
    gradient_measures
        Measures with a model per LA (figures 5 and 6).
    minimum_la_events
        Fewest events on which an LA has a gradient of its own: on seven, one is 46, and the
        mean over LAs is about it. The least number of the points that are shown, too.
    figure_measures
        Measures of the other figures, the domains, the indices and Moran's I.
    curve_lsoa_income_pct
        Neighbourhoods that the curves of the inverse intervention effect follow.
    figure_02_measure, band_width, minimum_lsoas
        Figure 2: the measure, the width of a band in percentage points of income
        deprivation, and the fewest LSOAs at which the open top band may start.
    """

    n_points: int = 7
    sensitivity_points: int = 1
    with_sensitivities: bool = True
    minimum_las: int = 10
    maximum_correlation: float = 0.7
    gradient_measures: tuple[str, ...] = ("referral", "cp_plan")
    minimum_la_events: int = field(default_factory=lambda: least_number("minimum_la_events").value)
    figure_measures: tuple[str, ...] = ("referral", "cin", "cp_plan")
    curve_lsoa_income_pct: tuple[float, ...] = (5.0, 15.0, 25.0, 35.0)
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
