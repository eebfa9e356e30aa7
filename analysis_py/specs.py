"""Table specifications: YAML data, checked once, frozen from then on.

A spec is a file `specs/table_NN.yml`. It says what a table's rows count, which terms its
models have, which statistics its columns print and how. Adding a table adds a file.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

SPEC_FOLDER = Path(__file__).parent / "specs"
#: Tables on real public counts of authorities: of the study's year, and of every year.
PUBLIC_SPEC_FOLDER = Path(__file__).parent / "specs_public"
#: la_public: authorities with the counts that DfE published, intervals by t with J - 2.
GRAINS = ("lsoa", "msoa", "outcome", "la", "la_public")
FAMILIES = ("poisson", "binomial")
KINDS = ("count", "percent", "rate", "ratio", "number")
#: LA income of other IoD releases, in the models of public counts.
INCOMES = ("la_income_2015_z", "la_income_2025_z")
COVARIATES = ("x1", "x2", "rural", "log_density", "z", "la_income_z", *INCOMES)
COUNT_TOTALS = ("n", "n_pct", "population", "population_pct", "rate_per_10k")
OUTCOME_TOTALS = ("n_yes", "n_no", "pct_yes", "pct_no")
SENSITIVITIES = (
    "random_slope",
    "nb2",
    "row_lognormal",
    "msoa_in_la",
    "cr2",
    "laplace",
    "match_rate_offset",
    "context_1sd",
    "log_link",
    "hazard",
    "t_interval",
    "leave_one_la_out",
)


@dataclass(frozen=True)
class Cohort:
    """What one grid of counts holds: a measure in one stratum.

    For an outcome of episodes, `measure` is its name and the rest is not used.
    """

    measure: str
    stratum_type: str = "all"
    stratum: str = "all"
    basis: str = "episode"
    timing: str = "incidence"

    @property
    def is_of_the_models(self) -> bool:
        """Whether `modelling` holds it: episodes that begin in the year."""
        return (self.basis, self.timing) == ("episode", "incidence")

    def __str__(self) -> str:
        parts = [self.measure, self.stratum_type, self.stratum]
        if not self.is_of_the_models:
            parts += [self.basis, self.timing]
        return "/".join(parts)


@dataclass(frozen=True)
class Weight:
    """A weight in a contrast: `value` + `mean` means + `sd` standard deviations.

    Mean and standard deviation are those of the term's last factor, over LAs where it is a
    property of LAs, else over areas.
    """

    value: float = 0.0
    mean: float = 0.0
    sd: float = 0.0


Contrast = tuple[tuple[str, Weight], ...]


@dataclass(frozen=True)
class ModelSpec:
    """One model: what is counted, and the terms that explain it.

    Attributes
    ----------
    name
        What the columns call it; '' in tables of one model a row.
    indicator
        The LA indicator that the term `z` stands for, or ''.
    centre
        What is subtracted from covariates before they enter, by name.
    """

    name: str
    grain: str
    family: str
    cohort: Cohort
    terms: tuple[str, ...]
    indicator: str = ""
    centre: tuple[tuple[str, float], ...] = ()

    @property
    def key(self) -> tuple[object, ...]:
        """What makes two models the same fit, whatever tables call them."""
        return (self.grain, self.family, self.cohort, self.terms, self.indicator, self.centre)


@dataclass(frozen=True)
class ColumnSpec:
    """One printed statistic.

    Attributes
    ----------
    how
        total: as counted; contrast: exp of the contrast; percent_times: the overall
        percentage times exp of the contrast (the report's arithmetic); predict: the
        percentage predicted over the authorities at the covariates in `contrast`;
        reference: 1; query: as the table's SQL says.
    contrast
        (term, weight) pairs; (covariate, value) pairs where it predicts.
    model
        The name of the model it reads, '' where rows have one.
    """

    statistic: str
    heading: str
    kind: str
    how: str
    contrast: Contrast = ()
    model: str = ""


@dataclass(frozen=True)
class RowSpec:
    """One row of a table: its label as the report prints it, and its models.

    `shift` is added to the contrasts of every column; statistics in `omit` are not printed.
    """

    label: str
    models: tuple[ModelSpec, ...]
    shift: Contrast = ()
    omit: tuple[str, ...] = ()

    @property
    def cohort(self) -> Cohort:
        """What its first model counts."""
        return self.models[0].cohort

    def model(self, name: str) -> ModelSpec:
        """Return the model that a column names."""
        return next(model for model in self.models if model.name == name)


@dataclass(frozen=True)
class Sensitivity:
    """Another way to estimate a table's cells.

    `of` names the models it is for (all of them if none); for a hazard, the measure of the
    spells and the months of their life that it is over.
    """

    method: str
    of: tuple[str, ...] = ()


@dataclass(frozen=True)
class TableSpec:
    """One table: rows, columns, and the sensitivities that stand beside its models.

    `query` names the SQL files that hold the cells of a table without models.
    """

    table_no: str
    title: str
    note: str
    columns: tuple[ColumnSpec, ...]
    rows: tuple[RowSpec, ...]
    file: str
    percent_of: Cohort | None = None
    sensitivities: tuple[Sensitivity, ...] = ()
    query: tuple[str, ...] = ()

    def columns_of(self, row: RowSpec) -> tuple[ColumnSpec, ...]:
        """Return the columns that a row prints."""
        return tuple(column for column in self.columns if column.statistic not in row.omit)

    def spec_id(self, model: ModelSpec) -> str:
        """Return the identifier of a model in this table, as `table_02/referral/all/all`."""
        parts = [f"table_{self.table_no:0>2}", str(model.cohort), model.indicator, model.name]
        return "/".join(part for part in parts if part)


def load_specs(folder: Path = SPEC_FOLDER) -> tuple[TableSpec, ...]:
    """Read and check every spec of a folder: files by name, variants behind their table.

    Raises
    ------
    CinError
        If a spec is not valid; it names the file, the place and the allowed values.
    """
    from analysis_py.spec_reader import read_folder  # noqa: PLC0415 (it imports this module)

    return read_folder(folder)


def with_models(specs: Sequence[TableSpec]) -> tuple[TableSpec, ...]:
    """Return the tables whose cells come from models."""
    return tuple(spec for spec in specs if not spec.query)
