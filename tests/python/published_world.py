"""The folder of published files, landed, surveyed and made seeds of: once in a run of the tests.

They are not part of the project: set `CIN_REFERENCE_DIR` to a folder of them, or keep it beside
the project as `../shared/reference`.
"""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import duckdb
import pytest

from ingest_py import IngestReport, reference
from ingest_py import survey as surveys
from ingest_py.facts import Facts
from ingest_py.ledger import FileEntry, Ledger
from ingest_py.survey import Line, survey
from public_py import compute
from public_py import facts as seeds
from tests.python.conftest import PROJECT
from tests.python.ingest_world import World
from tests.python.once import once
from tests.python.tiny_census import write_tiny

Found = list[tuple[object, ...]]


@dataclass(frozen=True)
class Published:
    """What the whole folder became.

    Attributes
    ----------
    world
        The folder beside a tiny census without locations, landed at once.
    report
        What that ingest said.
    lines
        The survey, file by file.
    seeds
        The texts of the seeds of public facts.
    """

    world: World
    report: IngestReport
    lines: list[Line]
    seeds: Mapping[str, str]

    def ask(self, table: str, query: str) -> Found:
        """Return the answer to a query of the rows of one table, which it calls `landed`."""
        files = (self.world.landing / table / "*.parquet").as_posix()
        with duckdb.connect() as connection:
            found: Found = connection.execute(
                f"with landed as (from read_parquet(?)) {query}", [files]
            ).fetchall()
        return found


@dataclass
class _ReadOnce:
    """Reads a file for the landing, and gives others what was found in the same file then."""

    known: dict[Path, tuple[list[Facts], Sequence[FileEntry]]] = field(default_factory=dict)

    def __call__(self, path: Path, data: Path, ledger: Ledger) -> list[Facts]:
        if path in self.known:
            facts, entries = self.known[path]
            ledger.add(entries)
            return facts
        before = len(ledger.files)
        facts = READ_FILE(path, data, ledger)
        self.known[path] = facts, ledger.files[before:]
        return facts


READ_FILE = reference.read_file


def published_world(factory: pytest.TempPathFactory, folder: Path) -> Published:
    """Return what the folder of published files becomes, made by whoever asks first."""
    return once(factory, "published", lambda place: _made(World(place), folder))


def _made(world: World, folder: Path) -> Published:
    write_tiny(world.data)
    shutil.rmtree(world.data / "reference")
    shutil.rmtree(world.data / "locations")
    files = Path(shutil.copytree(folder, world.data / "reference"))
    with pytest.MonkeyPatch.context() as patch:
        reader = _ReadOnce()
        for module in (reference, surveys, seeds):
            patch.setattr(module, "read_file", reader)
        report = world.ingest()
        return Published(world, report, survey(files), compute(files, PROJECT))
