"""Long work over the cores: the same results in the same order, whatever the workers."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Sequence
from typing import TypeVar

from common_py.processes import spawned
from common_py.progress import Progress, silent

Work = TypeVar("Work")
Result = TypeVar("Result")


def spread(
    function: Callable[[Work], Result],
    work: Sequence[Work],
    *,
    step: str,
    workers: int | None = None,
    progress: Progress = silent,
) -> list[Result]:
    """Return `function` of every piece of work, in order.

    Parameters
    ----------
    function
        A function of a module, so that spawned processes find it.
    step
        What progress calls it.
    workers
        Processes at once: the number of cores if None; 1 stays in this process.
    """
    count = max(1, min(workers or os.cpu_count() or 1, len(work) or 1))
    if count == 1:
        return _gathered((function(one) for one in work), len(work), step, progress)
    with spawned(count) as executor:
        return _gathered(executor.map(function, work), len(work), step, progress)


def _gathered(results: Iterable[Result], total: int, step: str, progress: Progress) -> list[Result]:
    found = []
    for done, result in enumerate(results, start=1):
        found.append(result)
        progress(step, done, total)
    return found
