"""Many fits over all cores: specs in, results out in the same order, whatever the workers."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import (
    Executor,
    Future,
    ThreadPoolExecutor,
    as_completed,
)
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from analysis_py.mixed.models import BinomialMixed, PoissonMixed
from analysis_py.mixed.negative_binomial import NegativeBinomialMixed
from analysis_py.mixed.nested import NestedPoissonMixed
from analysis_py.mixed.random_slope import BinomialRandomSlope, PoissonRandomSlope
from analysis_py.mixed.results import MixedResults
from common_py.errors import CinError
from common_py.processes import spawned
from common_py.progress import Progress, silent

MODELS: dict[str, Callable[..., Any]] = {
    "poisson": PoissonMixed,
    "binomial": BinomialMixed,
    "negative_binomial": NegativeBinomialMixed,
    "nested_poisson": NestedPoissonMixed,
    "poisson_slope": PoissonRandomSlope,
    "binomial_slope": BinomialRandomSlope,
}


@dataclass(frozen=True)
class FitSpec:
    """One fit as data.

    Attributes
    ----------
    name
        What progress and results call it.
    model
        A key of `MODELS`.
    rows
        The model's arrays by argument name, each with one entry a row (`endog`, `exog`, …).
    options
        Its other arguments (`exog_names`, `n_points`, `slope`).
    """

    name: str
    model: str
    rows: Mapping[str, Any]
    options: Mapping[str, Any] = field(default_factory=dict)


def run_spec(spec: FitSpec) -> MixedResults:
    """Fit one spec; an input error becomes a result that is flagged with its words.

    Raises
    ------
    CinError
        If the model is unknown: that is a mistake of the caller, not of the data.
    """
    if spec.model not in MODELS:
        raise CinError(
            f"unknown model {spec.model!r}", place=spec.name, remedy="use " + ", ".join(MODELS)
        )
    try:
        fitted: MixedResults = MODELS[spec.model](**spec.rows, **spec.options).fit()
    except CinError as error:
        return _flagged(spec, str(error).splitlines()[0])
    return fitted


def _variance_names(spec: FitSpec) -> tuple[str, ...]:
    """Return the variance parameters that a fit of `spec` would have had."""
    if spec.model == "nested_poisson":
        return "group_sd", "row_sd" if spec.rows.get("subgroups") is None else "subgroup_sd"
    if spec.model == "negative_binomial":
        return "group_sd", "alpha"
    slope = ("slope_sd", "correlation") if spec.model.endswith("_slope") else ()
    return "group_sd", *slope


def _flagged(spec: FitSpec, reason: str) -> MixedResults:
    exog = np.asarray(spec.rows["exog"])
    width = exog.shape[1] if exog.ndim > 1 else 1
    variances = _variance_names(spec)
    names = spec.options.get("exog_names") or [f"x{c}" for c in range(width)]
    nan, none = float("nan"), np.zeros(0)
    return MixedResults(
        family=spec.model,
        exog_names=tuple(str(name) for name in names),
        params=np.full(width, nan),
        variance_names=variances,
        variance_params=np.full(len(variances), nan),
        cov_full=np.full((width + len(variances), width + len(variances)), nan),
        llf=nan,
        llf_null=nan,
        nobs=len(exog),
        n_groups=0,
        n_events=nan,
        n_dropped=0,
        n_points=int(spec.options.get("n_points", 7)),
        converged=False,
        reason=reason,
        boundary=False,
        n_iter=0,
        group_labels=none,
        group_effects=none,
        group_effects_se=none,
    )


#: Microseconds a row of one fit, measured by `benchmarks/engine/growth.py` (orders only matter).
ROW_COST = {
    "poisson": 0.5,
    "binomial": 3.0,
    "negative_binomial": 5.0,
    "nested_poisson": 40.0,
    "poisson_slope": 20.0,
    "binomial_slope": 40.0,
}

#: Starting spawned workers costs seconds: work expected to be shorter than this stays here.
WORTH_PROCESSES = 10.0


def fit_many(
    specs: Sequence[FitSpec],
    workers: int | None = None,
    *,
    backend: str = "auto",
    progress: Progress = silent,
) -> list[MixedResults]:
    """Fit every spec and return the results in the order of the specs.

    Parameters
    ----------
    workers
        How many at once; the number of cores if None.
    backend
        `"processes"` (spawned, so that a script needs its `if __name__ == "__main__"`),
        `"threads"`, or `"auto"`: processes where the work is long enough to pay for their start,
        else one after the other. Short fits hold Python's lock too much for threads to gain.
        The results are the same to the last bit.
    progress
        Called as `progress("fits", done, total)` after each fit.

    Raises
    ------
    CinError
        If the backend or a spec's model is unknown.
    """
    if backend not in {"auto", "threads", "processes"}:
        raise CinError(
            f"unknown backend {backend!r}",
            place="backend",
            remedy="use 'auto', 'threads' or 'processes'",
        )
    count = max(1, min(workers or os.cpu_count() or 1, len(specs) or 1))
    if backend == "auto":
        backend, count = _chosen(specs, count)
    if count == 1:
        out = []
        for done, spec in enumerate(specs, start=1):
            out.append(run_spec(spec))
            progress("fits", done, len(specs))
        return out
    with _executor(backend, count) as executor:
        return _gather(executor, _batches(len(specs), count), specs, progress)


def _chosen(specs: Sequence[FitSpec], count: int) -> tuple[str, int]:
    rows = ((ROW_COST.get(s.model, 1.0), len(s.rows["groups"])) for s in specs)
    seconds = sum(1e-6 * cost * n for cost, n in rows)
    return ("processes", count) if seconds > WORTH_PROCESSES else ("threads", 1)


def _executor(backend: str, count: int) -> AbstractContextManager[Executor]:
    return ThreadPoolExecutor(max_workers=count) if backend == "threads" else spawned(count)


def _batches(n: int, workers: int) -> list[range]:
    """Cut 0 … n - 1 into four batches a worker: arrays that specs share are sent once a batch."""
    size = max(1, -(-n // (4 * workers)))
    return [range(start, min(start + size, n)) for start in range(0, n, size)]


def _run_batch(specs: list[FitSpec]) -> list[MixedResults]:
    return [run_spec(spec) for spec in specs]


def _gather(
    executor: Executor, batches: list[range], specs: Sequence[FitSpec], progress: Progress
) -> list[MixedResults]:
    waiting: dict[Future[list[MixedResults]], range] = {
        executor.submit(_run_batch, [specs[k] for k in batch]): batch for batch in batches
    }
    found: dict[int, MixedResults] = {}
    try:
        for future in as_completed(waiting):
            for k, result in zip(waiting[future], future.result(), strict=True):
                found[k] = result
                progress("fits", len(found), len(specs))
    except BaseException:
        executor.shutdown(wait=False, cancel_futures=True)
        raise
    return [found[k] for k in range(len(specs))]
