"""Names of releases: those that are safe as the name of a folder on every system."""

from __future__ import annotations

import re

from common_py.errors import CinError

SACRO = ".sacro"
_NAME = re.compile(r"[0-9A-Za-z](?:[0-9A-Za-z._-]{0,62}[0-9A-Za-z])?")
# Names that Windows keeps for devices, whatever follows the first dot.
_DEVICES = re.compile(r"(?:con|prn|aux|nul|com[0-9]|lpt[0-9])(?:\..*)?", re.IGNORECASE)


def check_version(version: str) -> str:
    """Return a version that is safe as the name of a folder on every system.

    Raises
    ------
    CinError
        If it is not; the message says what is allowed.
    """
    if (
        not _NAME.fullmatch(version)
        or ".." in version
        or _DEVICES.fullmatch(version)
        or version.lower().endswith(SACRO)
    ):
        raise CinError(
            "this is no name for a release",
            place="VERSION",
            remedy="use up to 64 letters, digits, dots, hyphens and underscores, with a letter or "
            "digit at both ends and no two dots together, such as 2019.1",
        )
    return version
