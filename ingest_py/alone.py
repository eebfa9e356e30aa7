"""Only one ingest at a time writes a landing.

The right is held by the operating system for as long as the process lives: a killed run leaves
nothing to tidy up. On Linux and macOS the folder that holds landing is locked; Windows, which
cannot lock folders, has a file beside landing that is gone when the run ends.
"""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Iterator
from pathlib import Path

from common_py.errors import CinError
from ingest_py.landing import not_writable

_BUSY = (BlockingIOError, PermissionError)


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
    with _lock(landing) as held:
        if not held:
            raise CinError(
                "another ingest is writing this landing",
                file=str(landing),
                remedy="wait until it has ended, or set CIN_BUILD_DIR to another folder",
            )
        yield


@contextlib.contextmanager
def _lock(landing: Path) -> Iterator[bool]:
    """Yield whether the lock was got; a disk that has no locks does not stop anybody."""
    if sys.platform == "win32":
        import msvcrt  # noqa: PLC0415 - not elsewhere

        path = landing.with_name(f"{landing.name}.lock")
        stream = os.open(path, os.O_RDWR | os.O_CREAT)
        try:
            msvcrt.locking(stream, msvcrt.LK_NBLCK, 1)
            held = True
        except OSError:
            held = False
    else:
        import fcntl  # noqa: PLC0415 - not on Windows

        path = None
        stream = os.open(landing.parent, os.O_RDONLY)
        held = True
        try:
            fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except _BUSY:
            held = False
        except OSError:
            pass
    try:
        yield held
    finally:
        os.close(stream)
        if path is not None and held:
            with contextlib.suppress(OSError):
                path.unlink()
