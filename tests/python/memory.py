"""How much memory some work took."""

from __future__ import annotations

import threading

import psutil


class Peak:
    """How much more memory than at its start the process held at most, sampled.

    Attributes
    ----------
    bytes_more
        The most that was seen, in bytes.
    """

    def __init__(self) -> None:
        self.bytes_more = 0
        self._process = psutil.Process()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def __enter__(self) -> Peak:
        self._before = self._process.memory_info().rss
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()
        self._see()

    def _watch(self) -> None:
        while not self._stop.wait(0.01):
            self._see()

    def _see(self) -> None:
        more = self._process.memory_info().rss - self._before
        self.bytes_more = max(self.bytes_more, more)
