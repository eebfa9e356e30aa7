"""What every part of a run reads, and the names of the parts' results."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from analysis_py.design import Marts
from analysis_py.fitting import Fitted, fit_model
from analysis_py.pool import Cores
from analysis_py.settings import FitSettings
from analysis_py.specs import ModelSpec, TableSpec
from common_py.progress import Progress, silent

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

    from analysis_py.alternatives import Outcome

#: Rows by the table of `estimates` that they are for.
Content = dict[str, Sequence["DataclassInstance"]]


@dataclass
class Job:
    """One run: the marts of a year, the tables, the choices, and the fits made so far.

    Attributes
    ----------
    alpha
        One minus the confidence level of the intervals.
    fits
        By `ModelSpec.key`; tables that share a model share its fit.
    outcomes
        Of what was fitted beside the tables: by (`ModelSpec.key`, method), and by test.
    cores
        What long work is spread over; this process alone by default.
    """

    marts: Marts
    tables: tuple[TableSpec, ...]
    settings: FitSettings
    alpha: float
    progress: Progress = silent
    cores: Cores = field(default_factory=lambda: Cores(1))
    fits: dict[tuple[object, ...], Fitted] = field(default_factory=dict)
    outcomes: dict[object, Outcome] = field(default_factory=dict)

    @property
    def census_year(self) -> int:
        """The year ending 31 March."""
        return self.marts.census_year

    def fitted(self, model: ModelSpec) -> Fitted:
        """Return a model's fit, fitting it if no table has."""
        if model.key not in self.fits:
            design = self.marts.design(model)
            self.fits[model.key] = fit_model(model, design, self.settings.n_points)
        return self.fits[model.key]
