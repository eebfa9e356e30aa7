"""The folder of wheels: fetched by pip from wherever pip is set to fetch, and checked by itself."""

from __future__ import annotations

import hashlib
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from packaging.tags import Tag
from packaging.utils import InvalidWheelFilename, canonicalize_name, parse_wheel_filename

from common_py.errors import CinError
from common_py.progress import Progress, silent
from wheelhouse_py.lock import Locked, Machine, read_lock

SUMS = "SHA256SUMS"
SYSTEMS = ("linux", "windows")
PYTHONS = ("3.11", "3.12", "3.13")
LOCK, INSTALL_LOCK = "requirements.lock", "requirements-install.lock"
"""What the project runs on, and what installs it, makes it a package, without a registry too."""


@dataclass(frozen=True)
class Wheel:
    """One file of the folder."""

    path: Path
    name: str
    version: str
    tags: frozenset[Tag]
    sha256: str
    n_bytes: int


@dataclass(frozen=True)
class Lack:
    """A locked package that a machine would not find in the folder, and why."""

    machine: Machine
    locked: Locked
    reason: str

    def __str__(self) -> str:
        return f"{self.machine.name}: {self.locked.name} {self.locked.version}: {self.reason}"


@dataclass(frozen=True)
class Checked:
    """What a folder holds for which machines.

    Attributes
    ----------
    found
        For each machine the wheels that it would install.
    lacks
        What is not there.
    strangers
        Files that no machine would install.
    """

    found: dict[Machine, tuple[Wheel, ...]]
    lacks: tuple[Lack, ...]
    strangers: tuple[str, ...]

    @property
    def lines(self) -> list[str]:
        """The check in words: packages and size by machine, then what is wrong."""
        said = [
            f"{machine.name}: {len(wheels)} packages, "
            f"{sum(one.n_bytes for one in wheels) / 1e6:,.1f} MB"
            for machine, wheels in self.found.items()
        ]
        said += [f"lacking: {one}" for one in self.lacks]
        return said + [f"not in the lock: {name}" for name in self.strangers]


def machines(systems: Iterable[str] = SYSTEMS, pythons: Iterable[str] = PYTHONS) -> list[Machine]:
    """Return every Python of every system."""
    return [Machine(system, python) for system in systems for python in pythons]


def locked_packages(project: Path) -> list[Locked]:
    """Return what the project installs, and what installs it and makes it a package."""
    return [*read_lock(project / LOCK), *read_lock(project / INSTALL_LOCK)]


def download(
    project: Path, folder: Path, wanted: Sequence[Machine], progress: Progress = silent
) -> None:
    """Fetch every wheel that the machines need, each by its locked hash, and list their sums.

    Raises
    ------
    CinError
        If pip could not fetch one: its message names the package.
    """
    folder.mkdir(parents=True, exist_ok=True)
    locked = locked_packages(project)
    for done, machine in enumerate(wanted):
        progress(f"fetch wheels for {machine.name}", done, len(wanted))
        _fetch(folder, machine, [one for one in locked if machine.needs(one)])
    progress("fetch wheels", len(wanted), len(wanted))
    lines = [f"{one.sha256}  {one.path.name}" for one in wheels_of(folder)]
    (folder / SUMS).write_text("\n".join(lines) + "\n", encoding="utf-8", newline="\n")


def _fetch(folder: Path, machine: Machine, locked: Sequence[Locked]) -> None:
    with tempfile.TemporaryDirectory() as made:
        pins = Path(made) / "pins.txt"
        pins.write_text("\n".join(one.pin for one in locked) + "\n", encoding="utf-8")
        command = [
            *(sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check"),
            *("--no-deps", "--require-hashes", "--only-binary=:all:", "--find-links", str(folder)),
            *("--implementation", "cp", "--python-version", machine.python),
            *(part for platform in machine.platforms for part in ("--platform", platform)),
            *("--dest", str(folder), "--requirement", str(pins)),
        ]
        done = subprocess.run(  # noqa: S603 - our own interpreter, no shell
            command, capture_output=True, encoding="utf-8", check=False
        )
    if done.returncode:
        said = [line for line in done.stderr.splitlines() if line.startswith("ERROR")]
        raise CinError(
            "\n".join(said) or done.stderr.strip(),
            file=f"wheels for {machine.name}",
            remedy="see that pip reaches a registry; a package without a wheel there must be "
            "pinned, in pyproject.toml, to a version that has one",
        )


def wheels_of(folder: Path) -> list[Wheel]:
    """Read the names and hashes of a folder's wheels, by name.

    Raises
    ------
    CinError
        If there is no such folder, or a file calls itself a wheel and is none.
    """
    if not folder.is_dir():
        raise CinError("no such folder", file=str(folder), remedy="run `make wheelhouse`")
    return [_wheel(path) for path in sorted(folder.glob("*.whl"))]


def _wheel(path: Path) -> Wheel:
    try:
        name, version, _, tags = parse_wheel_filename(path.name)
    except InvalidWheelFilename as error:
        raise CinError("is not named as a wheel", file=path.name, remedy="take it out") from error
    content = path.read_bytes()
    digest = hashlib.sha256(content).hexdigest()
    return Wheel(path, canonicalize_name(name), str(version), tags, digest, len(content))


def check(project: Path, folder: Path, wanted: Sequence[Machine]) -> Checked:
    """Hold a folder against the lock: what each machine would install is there, byte for byte."""
    locked, wheels = locked_packages(project), wheels_of(folder)
    found: dict[Machine, tuple[Wheel, ...]] = {}
    lacks: list[Lack] = []
    for machine in wanted:
        tags = machine.tags
        chosen: list[Wheel] = []
        for one in (one for one in locked if machine.needs(one)):
            named = [w for w in wheels if (w.name, w.version) == (one.name, one.version)]
            fitting = [w for w in named if w.tags & tags]
            intact = [w for w in fitting if w.sha256 in one.hashes]
            if intact:
                chosen += intact
            else:
                lacks.append(Lack(machine, one, _why(named, fitting)))
        found[machine] = tuple(chosen)
    used = {one.path for chosen in found.values() for one in chosen}
    strangers = tuple(one.path.name for one in wheels if one.path not in used)
    return Checked(found, tuple(lacks), strangers)


def _why(named: Sequence[Wheel], fitting: Sequence[Wheel]) -> str:
    if fitting:
        return f"{fitting[0].path.name} has not the hash of the lock"
    return "no wheel of it is for this machine" if named else "no wheel of it is there"
