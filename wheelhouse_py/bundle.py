"""One zip for Windows: the project, the wheels and `cin.bat`, which needs no administrator.

Python finds the project by `PYTHONPATH`, so nothing is installed but the locked packages, and the
project can lie in a folder that is read-only.
"""

from __future__ import annotations

import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from common_py.errors import CinError
from wheelhouse_py.house import SUMS, check
from wheelhouse_py.lock import Machine

CARRIED = (
    *("*_py", "expectations", "macros", "models", "seeds", "tests/data", "analyses", "docs"),
    *("dbt_project.yml", "profiles.yml", "selectors.yml", "pyproject.toml", "README.md"),
    *("LICENSE", "CHANGELOG.md", "requirements.lock"),
)
"""What of the project goes along: everything that runs or is read, nothing that tests it."""

TEXTS = Path(__file__).parent / "windows"
MOST_CHARACTERS = 120
"""The longest path within the zip: with a user's folder before it, Windows allows 259."""

_EPOCH = (2020, 1, 1, 0, 0, 0)
_LEFT_OUT = frozenset({"__pycache__"})


@dataclass(frozen=True)
class Bundle:
    """The zip that was made: how many files, how many bytes, and its longest path."""

    path: Path
    n_files: int
    n_bytes: int
    longest: int

    @property
    def summary(self) -> str:
        """The bundle in a line."""
        return (
            f"{self.path}: {self.n_files:,} files, {self.n_bytes / 1e6:,.1f} MB, longest path "
            f"{self.longest} characters"
        )


def bundle(project: Path, house: Path, target: Path, pythons: Sequence[str]) -> Bundle:
    """Write the zip, whole or not at all.

    Parameters
    ----------
    project
        The project's folder.
    house
        The folder of wheels, as `make wheelhouse` fetches it.
    target
        The zip.
    pythons
        Which Pythons of Windows it is for, such as 3.12.

    Raises
    ------
    CinError
        If the folder lacks a wheel for one of them, a path is too long, or the zip cannot be
        written.
    """
    wanted = [Machine("windows", python) for python in pythons]
    checked = check(project, house, wanted)
    if checked.lacks:
        lines = "\n".join(str(one) for one in checked.lacks)
        raise CinError(
            f"the folder of wheels lacks what Windows needs\n{lines}",
            file=str(house),
            remedy="run `make wheelhouse SYSTEM=windows`",
        )
    files = dict(project_files(project))
    for wheels in checked.found.values():
        files |= {f"wheelhouse/{one.path.name}": one.path for one in wheels}
    if (house / SUMS).is_file():
        files[f"wheelhouse/{SUMS}"] = house / SUMS
    longest = max(len(name) for name in files)
    if longest > MOST_CHARACTERS:
        name = max(files, key=len)
        raise CinError(
            f"a path has {longest} characters, more than {MOST_CHARACTERS}",
            file=name,
            remedy="give the file or its folder a shorter name: Windows allows 259 in all",
        )
    texts = {name: _text(name, pythons, project, longest) for name in _texts()}
    _write(target, files, texts)
    n_files = len(files) + len(texts)
    return Bundle(target, n_files, target.stat().st_size, longest)


def project_files(project: Path) -> Iterator[tuple[str, Path]]:
    """Return every file of the project that goes along, by its name in the zip."""
    for pattern in CARRIED:
        for top in sorted(project.glob(pattern)):
            paths = [top] if top.is_file() else sorted(top.rglob("*"))
            for path in paths:
                inside = path.relative_to(project)
                if path.is_file() and not _LEFT_OUT & set(inside.parts):
                    yield f"project/{inside.as_posix()}", path


def _texts() -> list[str]:
    return sorted(path.name for path in TEXTS.iterdir() if path.is_file())


def _text(name: str, pythons: Sequence[str], project: Path, longest: int) -> str:
    """Return a text of the zip for these Pythons, its lines ended as Windows ends them."""
    version = next(
        line.partition('"')[2].rstrip('"')
        for line in (project / "pyproject.toml").read_text("utf-8").splitlines()
        if line.startswith("version = ")
    )
    said = (TEXTS / name).read_text("utf-8")
    for mark, word in (
        ("@VERSION@", version),
        ("@PYTHONS@", " ".join(pythons) if name.endswith(".bat") else " or ".join(pythons)),
        ("@LONGEST@", str(longest)),
    ):
        said = said.replace(mark, word)
    return said.replace("\r\n", "\n").replace("\n", "\r\n")


def _write(target: Path, files: dict[str, Path], texts: dict[str, str]) -> None:
    beside = target.with_name(f"{target.name}.next")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with zipfile.ZipFile(beside, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, text in sorted(texts.items()):
                archive.writestr(zipfile.ZipInfo(name, _EPOCH), text.encode(), zipfile.ZIP_DEFLATED)
            for name, path in sorted(files.items()):
                kind = zipfile.ZIP_STORED if path.suffix == ".whl" else zipfile.ZIP_DEFLATED
                archive.writestr(zipfile.ZipInfo(name, _EPOCH), path.read_bytes(), kind)
        beside.replace(target)
    except OSError as error:
        raise CinError(
            f"the zip cannot be written ({error.strerror or type(error).__name__})",
            file=str(target),
            remedy="close it in other programs, make room, or name another file",
        ) from error
    finally:
        beside.unlink(missing_ok=True)
