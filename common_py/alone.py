"""The right to be the only one at work in a folder, for as long as the process lives.

The operating system holds it: a killed run leaves nothing to tidy up, and no clock and no
process number has to be believed. Linux and macOS lock the folder itself; Windows, which
cannot lock folders, locks a file beside it that is gone when the run ends.
"""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Iterator
from pathlib import Path

_BUSY = (BlockingIOError, PermissionError)


@contextlib.contextmanager
def locked(folder: Path, stand_in: Path) -> Iterator[bool]:
    """Yield whether the lock was got; a disk that has no locks does not stop anybody.

    Parameters
    ----------
    folder
        An existing folder, locked where the system can.
    stand_in
        The file that is locked on Windows instead.
    """
    if sys.platform == "win32":
        import msvcrt  # noqa: PLC0415 - not elsewhere

        path = stand_in
        stream = os.open(path, os.O_RDWR | os.O_CREAT)
        try:
            msvcrt.locking(stream, msvcrt.LK_NBLCK, 1)
            held = True
        except OSError:
            held = False
    else:
        import fcntl  # noqa: PLC0415 - not on Windows

        path = None
        stream = os.open(folder, os.O_RDONLY)
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
