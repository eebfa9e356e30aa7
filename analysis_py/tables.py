"""Every model of every table, once, and the cells that the tables print of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from analysis_py.cells import CellMaker
from analysis_py.correlations import too_close
from analysis_py.design import Design
from analysis_py.fitting import Fit, Fitted, coefficients, fit_model
from analysis_py.job import Content, Job
from analysis_py.specs import ModelSpec, TableSpec, with_models

#: Seconds a row of one model, about (docs/engine.md has the times).
_SECONDS_A_ROW = 1e-6


def fit_tables(job: Job, context: str = "la_context") -> Content:
    """Fit the models of the tables and lay out their cells.

    `context` names the SQL of authorities that says which indicators are too close to income.
    """
    tables = with_models(job.tables)
    models = {model.key: model for table in tables for _, model in models_of(table)}
    refused = too_close(job, context)
    left = {key: model for key, model in models.items() if key not in job.fits}
    _fit_models(job, [model for model in left.values() if model.indicator not in refused])
    for key, model in left.items():
        if model.indicator in refused:
            job.fits[key] = _refused(job, model, refused[model.indicator])
    maker = CellMaker(job.fits, job.marts.counts, job.alpha, job.settings.minimum_las)
    laid_out = [maker.table(table) for table in tables]
    return {
        "fits": [one for table in tables for one in _fits(job, table)],
        "coefficients": [
            line
            for table in tables
            for spec_id, model in distinct(table)
            for line in coefficients(spec_id, job.fits[model.key], job.alpha)
        ],
        "cells": [cell for cells, _ in laid_out for cell in cells],
        "cell_notes": [note for _, notes in laid_out for note in notes],
    }


def _fit_models(job: Job, models: Sequence[ModelSpec]) -> None:
    """Fit models and keep them with the job."""
    n_points = job.settings.n_points
    done = job.cores.spread(
        _fitted,
        ((model, job.marts.design(model), n_points) for model in models),
        total=len(models),
        step="models of the tables",
        seconds=_SECONDS_A_ROW * sum(len(job.marts.grid(one.grain).la_code) for one in models),
        progress=job.progress,
    )
    job.fits.update((model.key, fitted) for model, fitted in zip(models, done, strict=True))


def _fitted(work: tuple[ModelSpec, Design, int]) -> Fitted:
    return fit_model(*work)


def models_expected(tables: Sequence[TableSpec]) -> Iterator[ModelSpec]:
    """Yield every model that the tables read."""
    for table in with_models(tables):
        for _, model in models_of(table):
            yield model


def models_of(table: TableSpec) -> Iterator[tuple[str, ModelSpec]]:
    """Yield (row label, model) of every model that a column of its row reads."""
    for row in table.rows:
        read = {column.model for column in table.columns_of(row)}
        for model in row.models:
            if model.name in read:
                yield row.label, model


def distinct(table: TableSpec) -> list[tuple[str, ModelSpec]]:
    """Return (spec_id, model) of a table's models, each once."""
    return list({table.spec_id(model): model for _, model in models_of(table)}.items())


def _refused(job: Job, model: ModelSpec, reason: str) -> Fitted:
    """Return a model that is not fitted, with the reason."""
    design = job.marts.design(model)
    return Fitted(
        model=model,
        exog_names=design.exog_names,
        n_obs=0,
        n_groups=0,
        n_events=0,
        n_trials=None,
        results=None,
        reason=design.reason or reason,
    )


def _fits(job: Job, table: TableSpec) -> Iterator[Fit]:
    """Yield a table's lines of `estimates.fits`: one a model, with the rows that print it."""
    labels: dict[str, list[str]] = {}
    for label, model in models_of(table):
        labels.setdefault(table.spec_id(model), []).append(label)
    for spec_id, model in distinct(table):
        line = _fit(table, spec_id, job.fits[model.key])
        yield replace(line, row_label="; ".join(labels[spec_id]))


def _fit(table: TableSpec, spec_id: str, fitted: Fitted) -> Fit:
    cohort, results = fitted.model.cohort, fitted.results
    return Fit(
        spec_id=spec_id,
        table_no=table.table_no,
        row_label="",
        measure=cohort.measure,
        stratum_type=cohort.stratum_type,
        stratum=cohort.stratum,
        family=fitted.model.family,
        n_obs=fitted.n_obs,
        n_groups=fitted.n_groups,
        n_events=fitted.n_events,
        log_likelihood=None if results is None else results.llf,
        group_sd=None if results is None else results.group_sd,
        dispersion=fitted.dispersion,
        converged=results is not None,
        reason=fitted.reason,
    )
