"""Long work over the cores: the same results in the same order, whatever the workers."""

from __future__ import annotations

import itertools
import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from contextlib import ExitStack
from types import TracebackType
from typing import TypeVar

from common_py.processes import spawned
from common_py.progress import Progress, silent

Work = TypeVar("Work")
Result = TypeVar("Result")

#: Starting processes costs seconds: work expected to be shorter than this stays in this one.
WORTH_PROCESSES = 5.0

#: Pieces of work that are sent together: the arrays they share are sent once.
TOGETHER = 4

#: Sendings a process that wait for it: their arrays are held in memory.
AHEAD = 4


class Cores:
    """Processes that long work is spread over: started at the first such work, ended once.

    Parameters
    ----------
    workers
        Processes at once: the number of cores if None; 1 stays in this process.
    """

    def __init__(self, workers: int | None = None) -> None:
        self._count = max(1, workers or os.cpu_count() or 1)
        self._started: ProcessPoolExecutor | None = None
        self._open = ExitStack()

    def __enter__(self) -> Cores:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._open.__exit__(kind, error, trace)

    def spread(
        self,
        function: Callable[[Work], Result],
        work: Iterable[Work],
        *,
        total: int,
        step: str,
        seconds: float,
        progress: Progress = silent,
    ) -> list[Result]:
        """Return `function` of every piece of work, in order.

        Parameters
        ----------
        function
            A function of a module, so that spawned processes find it.
        work, total
            The pieces, taken a few ahead of the processes, and how many there are.
        step
            What progress calls it.
        seconds
            How long it takes one core, about: short work stays in this process.
        """
        if self._count == 1 or total < 2 or seconds < WORTH_PROCESSES:
            return _gathered(map(function, work), total, step, progress)
        if self._started is None:
            self._started = self._open.enter_context(spawned(self._count))
            for _ in range(self._count):  # they import while the first work is being made
                self._started.submit(_ready)
        done = _in_order(self._started, function, work, AHEAD * self._count)
        return _gathered(done, total, step, progress)


def _ready() -> None:
    """Load what fits models."""
    import analysis_py.mixed  # noqa: F401, PLC0415


def _in_order(
    executor: ProcessPoolExecutor,
    function: Callable[[Work], Result],
    work: Iterable[Work],
    most: int,
) -> Iterator[Result]:
    """Yield results in order, with no more than `most` sendings waiting."""
    waiting: deque[Future[list[Result]]] = deque()
    pieces = iter(work)
    while some := list(itertools.islice(pieces, TOGETHER)):
        waiting.append(executor.submit(_each, function, some))
        if len(waiting) == most:
            yield from waiting.popleft().result()
    while waiting:
        yield from waiting.popleft().result()


def _each(function: Callable[[Work], Result], some: list[Work]) -> list[Result]:
    """Return `function` of each of some pieces of work."""
    return [function(one) for one in some]


def _gathered(results: Iterable[Result], total: int, step: str, progress: Progress) -> list[Result]:
    found = []
    for done, result in enumerate(results, start=1):
        found.append(result)
        progress(step, done, total)
    return found
