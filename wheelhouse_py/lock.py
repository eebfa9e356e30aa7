"""A lock file: which package, which version, on which machines, with which hashes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from packaging.markers import Marker
from packaging.tags import Tag, compatible_tags, cpython_tags
from packaging.utils import canonicalize_name

from common_py.errors import CinError

_HASH = re.compile(r"--hash=sha256:([0-9a-f]{64})")
_PINNED = re.compile(r"^([A-Za-z0-9._-]+)(?:\[[^]]*\])?==(\S+)(?:\s*;\s*(.+?))?$")
# Machines with a glibc of 2.28 (2018) or later.
_GLIBC = 28


@dataclass(frozen=True)
class Locked:
    """One line of a lock.

    Attributes
    ----------
    name, version
        The package, its name in the form that registries use.
    marker
        On which machines; None for all.
    hashes
        SHA-256 of every file that may be installed.
    """

    name: str
    version: str
    marker: str | None
    hashes: frozenset[str]

    @property
    def pin(self) -> str:
        """The requirement as one line that pip takes, for a machine already chosen."""
        hashes = " ".join(f"--hash=sha256:{one}" for one in sorted(self.hashes))
        return f"{self.name}=={self.version} {hashes}"


@dataclass(frozen=True)
class Machine:
    """A kind of machine: an operating system on 64-bit x86, and a Python of it.

    Attributes
    ----------
    system
        `linux` or `windows`.
    python
        Such as 3.11.
    """

    system: str
    python: str

    @property
    def name(self) -> str:
        """The machine in words."""
        return f"{self.system}, Python {self.python}"

    @property
    def platforms(self) -> list[str]:
        """The platform tags whose wheels run there, best first."""
        if self.system == "windows":
            return ["win_amd64"]
        many = [f"manylinux_2_{minor}" for minor in range(_GLIBC, 4, -1)]
        return [f"{one}_x86_64" for one in (*many, "manylinux2014", "manylinux2010", "manylinux1",
                                            "linux")]  # fmt: skip

    @property
    def tags(self) -> frozenset[Tag]:
        """Every tag of a wheel that runs there."""
        major, minor = map(int, self.python.split("."))
        interpreter, version = f"cp{major}{minor}", (major, minor)
        return frozenset([
            *cpython_tags(version, [interpreter], self.platforms),
            *compatible_tags(version, interpreter, self.platforms),
        ])  # fmt: skip

    def needs(self, locked: Locked) -> bool:
        """Whether a line of a lock is for this machine."""
        return locked.marker is None or Marker(locked.marker).evaluate(self._environment())

    def _environment(self) -> dict[str, str]:
        windows = self.system == "windows"
        full = f"{self.python}.0"
        return {
            "os_name": "nt" if windows else "posix",
            "sys_platform": "win32" if windows else "linux",
            "platform_system": "Windows" if windows else "Linux",
            "platform_machine": "AMD64" if windows else "x86_64",
            "platform_release": "",
            "platform_version": "",
            "implementation_name": "cpython",
            "implementation_version": full,
            "platform_python_implementation": "CPython",
            "python_version": self.python,
            "python_full_version": full,
        }


def read_lock(path: Path) -> list[Locked]:
    """Read a lock with hashes, as `make lock` writes it.

    Raises
    ------
    CinError
        If there is no such file, or a line has no version or no hash.
    """
    try:
        text = path.read_text("utf-8")
    except FileNotFoundError as error:
        raise CinError("no such lock", file=str(path), remedy="run `make lock`") from error
    return list(_locked(text, path.name))


def _locked(text: str, name: str) -> Iterator[Locked]:
    for line in text.replace("\\\n", " ").splitlines():
        said = line.strip()
        if not said or said.startswith("#"):
            continue
        found = _PINNED.match(said.partition("--hash=")[0].strip())
        hashes = frozenset(_HASH.findall(said))
        if found is None or not hashes:
            raise CinError(
                f"a line is no version with hashes: {said[:60]}", file=name,
                remedy="run `make lock`",
            )  # fmt: skip
        yield Locked(canonicalize_name(found[1]), found[2], found[3], hashes)
