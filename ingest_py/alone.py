"""Only one ingest at a time writes a landing."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path

from common_py.alone import locked
from common_py.errors import CinError
from ingest_py.landing import not_writable


@contextlib.contextmanager
def alone(landing: Path) -> Iterator[None]:
    """Hold the right to write a landing.

    Raises
    ------
    CinError
        If another ingest holds it, or the folder cannot be made.
    """
    try:
        landing.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise not_writable(landing, error) from error
    with locked(landing.parent, landing.with_name(f"{landing.name}.lock")) as held:
        if not held:
            raise CinError(
                "another ingest is writing this landing",
                file=str(landing),
                remedy="wait until it has ended, or set CIN_BUILD_DIR to another folder",
            )
        yield
