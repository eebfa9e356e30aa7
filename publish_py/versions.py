"""The shelf of releases: names that are safe, one writer at a time, and a folder whole or absent.

A release is built in a folder that begins with a dot and takes its name by one rename when it
is finished and on the disk. Which release came last is counted in the manifests: no clock is
believed.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from common_py.alone import locked
from common_py.errors import CinError

MANIFEST = "MANIFEST.json"
SUMS = "SHA256SUMS"
_UNFINISHED = ".unfinished-"


@dataclass(frozen=True)
class Release:
    """A finished release on the shelf."""

    version: str
    folder: Path
    manifest: Mapping[str, Any]

    @property
    def sequence(self) -> int:
        """How many releases the shelf had when this one was put there, itself included."""
        return int(self.manifest["sequence"])


def releases(shelf: Path) -> tuple[Release, ...]:
    """Return the finished releases of a shelf, the first one first.

    Raises
    ------
    CinError
        If a release's manifest cannot be read.
    """
    if not shelf.is_dir():
        return ()
    found = [
        _read(folder)
        for folder in sorted(shelf.iterdir())
        if folder.is_dir() and not folder.name.startswith(".") and (folder / MANIFEST).exists()
    ]
    return tuple(sorted(found, key=lambda one: (one.sequence, one.version)))


def _read(folder: Path) -> Release:
    try:
        manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
        return Release(folder.name, folder, manifest | {"sequence": int(manifest["sequence"])})
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise CinError(
            "the manifest of this release cannot be read, so no other can be held against it",
            file=str(folder / MANIFEST),
            remedy=f"restore the folder from a copy (its {SUMS} says what belongs there), or move "
            "it away from the shelf",
        ) from error


def previous(shelf: Path, version: str, dataset: str) -> Release | None:
    """Return the last release of a dataset under another name, None where there is none."""
    others = [
        one
        for one in releases(shelf)
        if one.version != version and one.manifest.get("dataset") == dataset
    ]
    return others[-1] if others else None


@contextmanager
def only_writer(shelf: Path) -> Iterator[None]:
    """Hold the right to add to a shelf; what killed runs left unfinished is removed.

    Raises
    ------
    CinError
        If another release is being written, or the shelf cannot be written to.
    """
    try:
        shelf.mkdir(parents=True, exist_ok=True)
        with locked(shelf, shelf.with_name(f"{shelf.name}.lock")) as held:
            if not held:
                raise CinError(
                    "another release is being written here",
                    file=str(shelf),
                    remedy="wait until it has ended and release again",
                )
            for stale in shelf.glob(f"{_UNFINISHED}*"):
                remove(stale)
            yield
    except OSError as error:
        raise not_written(shelf, error) from error


def unfinished(shelf: Path, name: str) -> Path:
    """Make the folder, for its owner alone, in which a release or its copy is built."""
    folder = shelf / f"{_UNFINISHED}{name}"
    remove(folder)
    folder.mkdir(mode=0o700)
    return folder


def remove(folder: Path) -> None:
    """Remove a folder; its files may be read-only."""
    if not folder.exists():
        return
    for file in folder.rglob("*"):
        if not file.is_symlink():
            file.chmod(0o700)
    shutil.rmtree(folder)


def finish(folder: Path, target: Path) -> None:
    """Put a finished folder on the shelf: read-only files, on the disk, by one rename.

    A release that stands under that name stays as it is: the rename fails.
    """
    for file in sorted(folder.rglob("*")):
        if file.is_file():
            file.chmod(0o444)
            _sync(file)
    for inner in sorted((one for one in folder.rglob("*") if one.is_dir()), reverse=True):
        inner.chmod(0o755)
        _sync_folder(inner)
    folder.chmod(0o755)
    _sync_folder(folder)
    if target.exists():
        raise FileExistsError(f"{target} exists")
    folder.rename(target)
    _sync_folder(target.parent)


def _sync(file: Path) -> None:
    with file.open("rb") as stream:
        if os.name != "nt":  # Windows flushes what was opened for writing only
            os.fsync(stream.fileno())


def _sync_folder(folder: Path) -> None:
    if os.name == "nt":  # folders cannot be opened there; the rename is on the journal
        return
    stream = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(stream)
    finally:
        os.close(stream)


def not_written(place: Path, error: OSError) -> CinError:
    """Return what to tell of a disk or folder that does not take a release."""
    return CinError(
        f"the release could not be written ({error.strerror or type(error).__name__}); "
        "the earlier releases are as they were",
        file=str(place),
        remedy="make room or let this folder be written to, or set CIN_RELEASES_DIR to another "
        "folder, and release again",
    )
