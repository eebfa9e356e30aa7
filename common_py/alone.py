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

from common_py.errors import CinError
from common_py.private import make_private

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


@contextlib.contextmanager
def only_builder(folder: Path, busy: str, *, is_all_private: bool = False) -> Iterator[None]:
    """Hold the right to build in the folder above `folder`, where the new stands until it is whole.

    Parameters
    ----------
    folder
        Made, for its owner alone, where it is not there.
    busy
        What is said to the second.
    is_all_private
        Whether the folder above is for its owner alone as well.

    Raises
    ------
    CinError
        If another holds it, or the folder cannot be made.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        make_private(folder.parent if is_all_private else folder)
    except OSError as error:
        raise CinError(
            f"the build folder cannot be written ({error.strerror}); the warehouse is as it was",
            file=str(folder),
            remedy="let this folder be written to, or set CIN_BUILD_DIR to another one",
        ) from error
    with locked(folder, folder.with_name(f"{folder.name}.lock")) as held:
        if not held:
            raise CinError(
                busy,
                file=str(folder.parent),
                remedy="wait until it has ended, or set CIN_BUILD_DIR to another folder",
            )
        yield
