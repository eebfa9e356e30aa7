"""Folders for work in progress that hold values of children, and go even if their process cannot.

A folder is locked by the process that works in it. The next run of the same kind removes every
one that nobody holds any more: a killed process leaves nothing behind for longer than that.
"""

from __future__ import annotations

import os
import shutil
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from common_py.alone import locked

VALIDATE = "cin-validate-"
"""What the folders of `cin validate` are called, before what tells them apart."""


@contextmanager
def scratch(kind: str, place: Path | None = None) -> Iterator[Path]:
    """Give a folder for its owner alone, gone at the end, and sweep what others left behind.

    Parameters
    ----------
    kind
        The beginning of its name.
    place
        Where it is made; the system's folder for temporary files if None.
    """
    where = place or Path(tempfile.gettempdir())
    sweep(kind, where)
    # It gets the name that is swept once it is locked; until then it is empty.
    made = Path(tempfile.mkdtemp(prefix=".cin-new-", dir=where))
    folder = made.with_name(kind + made.name.removeprefix(".cin-new-"))
    try:
        with locked(made, _stand_in(folder)):
            made.rename(folder)
            yield folder
    finally:
        for one in (made, folder):
            shutil.rmtree(one, ignore_errors=True)


def sweep(kind: str, place: Path | None = None) -> int:
    """Remove the folders of a kind that no process holds any more; return how many.

    Only folders of this user are touched.
    """
    n_removed = 0
    for folder in sorted((place or Path(tempfile.gettempdir())).glob(f"{kind}*")):
        if not _is_mine(folder):
            continue
        try:
            with locked(folder, _stand_in(folder)) as held:
                stale = held
        except OSError:
            continue  # another sweep was faster
        if stale:
            shutil.rmtree(folder, ignore_errors=True)
            n_removed += not folder.exists()
    return n_removed


def _stand_in(folder: Path) -> Path:
    return folder.with_name(f"{folder.name}.lock")


def _is_mine(folder: Path) -> bool:
    try:
        status = folder.lstat()
    except OSError:
        return False
    return stat.S_ISDIR(status.st_mode) and (os.name == "nt" or status.st_uid == os.getuid())
