"""Two folders change names at one stroke, where the operating system can do that.

Linux (`renameat2`) and macOS (`renamex_np`) exchange two names as one operation, so that whenever
a run is killed one complete landing stands under its name. Elsewhere two renames do it; a run
killed between them is put right by the next `cin` command, through `landing.recover`.
"""

from __future__ import annotations

import ctypes
import os
import sys
from pathlib import Path

_AT_FDCWD = -100
_RENAME_EXCHANGE = 2
_RENAME_SWAP = 2


def exchange(first: Path, second: Path) -> bool:
    """Give each of two existing folders the other's name.

    Returns
    -------
    bool
        False if the system or the disk cannot do that; nothing has then changed.
    """
    try:
        if sys.platform == "linux":
            call = ctypes.CDLL(None, use_errno=True).renameat2
            status = call(
                ctypes.c_int(_AT_FDCWD), os.fsencode(first),
                ctypes.c_int(_AT_FDCWD), os.fsencode(second),
                ctypes.c_uint(_RENAME_EXCHANGE),
            )  # fmt: skip
        elif sys.platform == "darwin":
            call = ctypes.CDLL(None, use_errno=True).renamex_np
            status = call(os.fsencode(first), os.fsencode(second), ctypes.c_uint(_RENAME_SWAP))
        else:
            return False
    except (OSError, AttributeError):
        return False
    return bool(status == 0)
