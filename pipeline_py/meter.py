"""Time and peak memory of one step, children included, on every operating system."""

from __future__ import annotations

import itertools
import threading
import time
from dataclasses import dataclass
from types import TracebackType

import psutil

SAMPLE_SECONDS = 0.1
#: Who is there is asked less often: the answer takes a look at every process of the machine.
SAMPLES_OF_A_FAMILY = 10


@dataclass(frozen=True)
class Reading:
    """What one step took.

    Attributes
    ----------
    seconds
        Wall-clock seconds.
    peak_bytes
        Largest resident memory of this process and its children together, sampled
        ten times a second; a child counts within a second of its start.
    """

    seconds: float
    peak_bytes: int

    def __str__(self) -> str:
        return f"{self.seconds:6.1f} s  {self.peak_bytes / 2**30:5.2f} GB"


class Meter:
    """Context manager that samples the process tree while a step runs."""

    def __init__(self) -> None:
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._peak = 0
        self._started = 0.0
        self._ended = 0.0

    def __enter__(self) -> Meter:
        self._started = time.perf_counter()
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._ended = time.perf_counter()
        self._done.set()
        self._thread.join()

    @property
    def reading(self) -> Reading:
        """The finished step's figures."""
        return Reading(self._ended - self._started, self._peak)

    def _watch(self) -> None:
        this = psutil.Process()
        for number in itertools.count():
            if number % SAMPLES_OF_A_FAMILY == 0:
                family = (this, *this.children(recursive=True))
            self._peak = max(self._peak, sum(map(_resident, family)))
            if self._done.wait(SAMPLE_SECONDS):
                return


def _resident(process: psutil.Process) -> int:
    try:
        return int(process.memory_info().rss)
    except psutil.NoSuchProcess:
        return 0
