"""Who can read what holds rows about children, for `cin doctor`.

What we write is the owner's alone (`common_py.private`), but a bare `dbt build` writes with the
user's own umask, and the inputs are as they were put there.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from common_py.paths import Paths
from common_py.private import is_open_to_all, is_private
from ingest_py.landing_schema import HASH_KEY

_INPUTS = ("census", "locations")


@dataclass(frozen=True)
class Access:
    """A file or folder that is there, and whether only those may read it who should.

    Attributes
    ----------
    place
        Its path, below the project where it lies there.
    ok
        For what we write: nobody but its owner. For inputs: not every user of the machine.
    text
        What it holds, where it is, and who can read it.
    remedy
        The command that mends it.
    """

    place: str
    ok: bool
    text: str
    remedy: str | None = None


def accesses(paths: Paths) -> Iterator[Access]:
    """Look at the key, landing, warehouse, dbt's artefacts and the inputs that are there.

    Synthetic inputs are nobody's: they are not looked at.
    """
    for what, path in _written(paths):
        if path.exists():
            ok = is_private(path)
            yield _access(paths, path, what, "its owner alone" if ok else "others too", ok=ok)
    if (paths.data / "synthetic" / "SYNTHETIC.json").is_file():
        return
    for name in _INPUTS:
        path = paths.data / name
        if path.is_dir():
            files = (path, *(one for one in path.rglob("*") if one.is_file()))
            ok = not any(map(is_open_to_all, files))
            who = "not everybody" if ok else "every user of this machine"
            yield _access(paths, path, f"{name} as it arrived", who, ok=ok)


def _written(paths: Paths) -> Iterator[tuple[str, Path]]:
    yield "key of the child hashes", paths.landing / HASH_KEY.name / "part-0.parquet"
    yield "landing", paths.landing
    yield "warehouse", paths.warehouse
    yield "warehouse being built", paths.build / "next"
    yield "dbt artefacts and log", paths.build / "dbt"
    yield "artefacts of a bare dbt", paths.project / "target"
    yield "log of a bare dbt", paths.project / "logs"


def _access(paths: Paths, path: Path, what: str, who: str, *, ok: bool) -> Access:
    place = path.relative_to(paths.project) if path.is_relative_to(paths.project) else path
    remedy = None if ok else f'chmod -R go-rwx "{place.as_posix()}"'
    return Access(place.as_posix(), ok, f"{what}, {place.as_posix()}: {who}", remedy)
