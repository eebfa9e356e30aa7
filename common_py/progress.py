"""Progress as "step: n of N", silent unless somebody listens."""

from __future__ import annotations

from typing import Protocol


class Progress(Protocol):
    """Called by long work with the step's name, how many are done, and of how many."""

    def __call__(self, step: str, done: int, total: int) -> None:
        """Tell that `done` of `total` are done in this step."""


def silent(step: str, done: int, total: int) -> None:
    """Report nothing: the default of every stage."""
