"""What stands beside the tables: sensitivities and tests, all fitted in one go over the cores."""

from __future__ import annotations

from analysis_py.alternatives import Alternative, run_alternative
from analysis_py.job import Content, Job
from analysis_py.prose_tests import load_tests
from analysis_py.sensitivity import planned_sensitivities, sensitivities
from analysis_py.spatial import moran_tests
from analysis_py.stacked import comparisons, stacked

#: Microseconds a row of one fit, about: the longest work must not be begun last.
_COST = {
    "random_slope": 5.0,
    "nb2": 6.0,
    "row_lognormal": 6.0,
    "msoa_in_la": 3.0,
    "cr2": 7.0,
    "log_link": 7.0,
    "test": 1.0,
    "leave_one_la_out": 2000.0,
}


def fit_beside(job: Job) -> Content:
    """Fit every sensitivity and stacked model, and return their rows.

    The outcomes stay with the job: later parts draw on the random-slope models.
    """
    planned: dict[object, Alternative] = {}
    planned.update(planned_sensitivities(job).items())
    tests = load_tests()
    planned |= {test.key: stacked(job, test) for test in tests}
    order = sorted(planned, key=lambda key: _cost(planned[key]), reverse=True)
    done = job.cores.spread(
        run_alternative,
        [planned[key] for key in order],
        total=len(order),
        step="models beside the tables",
        seconds=1e-6 * sum(_cost(work) for work in planned.values()),
        progress=job.progress,
    )
    job.outcomes.update(zip(order, done, strict=True))
    found = [
        line for test in tests for line in comparisons(test, job.outcomes[test.key], job.alpha)
    ]
    return sensitivities(job) | {"tests": [*found, *moran_tests(job)]}


def _cost(work: Alternative) -> float:
    n = len(work.rows.get("groups", ()))
    return _COST.get(work.method, 0.5) * n
