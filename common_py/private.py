"""What holds rows about children is its owner's alone: 0600 files in 0700 folders.

Windows has no such modes: there the folder's access list decides, which people inherit from where
they put the project (`docs/governance.md`).
"""

from __future__ import annotations

import contextlib
import os
import stat
from collections.abc import Iterator
from pathlib import Path

HIDDEN = 0o077
"""The rights of group and others, as a umask."""

HAS_MODES = os.name == "posix"
"""Whether the system knows owner, group and others."""


@contextlib.contextmanager
def private() -> Iterator[None]:
    """Let what the block makes be its owner's alone, in this process and those it starts.

    What others make in the same process meanwhile is private too; blocks must not overlap in
    threads, or the last one to end would leave the mode of the first.
    """
    before = os.umask(HIDDEN)
    try:
        yield
    finally:
        os.umask(before)


def make_private(path: Path) -> None:
    """Take the rights of group and others from a file or folder, where there is one."""
    with contextlib.suppress(OSError):
        mode = stat.S_IMODE(path.stat().st_mode)
        if HAS_MODES and mode & HIDDEN:
            path.chmod(mode & ~HIDDEN)


def is_private(path: Path) -> bool:
    """Whether a file or folder gives nothing to group and others; what is absent does not."""
    try:
        return not HAS_MODES or not path.stat().st_mode & HIDDEN
    except OSError:
        return True


def is_open_to_all(path: Path) -> bool:
    """Whether every user of the machine can reach a file or folder and read it."""
    try:
        if not HAS_MODES or not path.stat().st_mode & stat.S_IROTH:
            return False
        return all(above.stat().st_mode & stat.S_IXOTH for above in path.resolve().parents)
    except OSError:
        return False
