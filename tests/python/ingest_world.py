"""A data folder to try ingest on: fill it, spoil it, ingest it, look at what landed. SYNTHETIC."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb

from common_py.paths import Paths
from ingest_py import IngestReport, ingest
from ingest_py.landing_schema import BY_NAME
from tests.python.tiny_census import Row, write_rows, write_tiny

SECRET = "TOPSECRETCHILD"  # noqa: S105 - stands for a child's value
EXTRACT = "census/2019/extract"


@dataclass(frozen=True)
class World:
    """One project folder with data and build below it."""

    root: Path

    @property
    def data(self) -> Path:
        """The inputs."""
        return self.root / "data"

    @property
    def landing(self) -> Path:
        """What ingest writes."""
        return self.root / "build" / "landing"

    @property
    def paths(self) -> Paths:
        """Paths as the stages take them."""
        build = self.root / "build"
        return Paths(self.root, self.data, build, self.landing, build / "warehouse.duckdb")

    def tiny(self, n_children: int = 30, ending: str = "csv") -> World:
        """Fill the data folder with everything that one ingest needs."""
        return self._filled(_tiny_files(n_children, ending))

    def landed(self) -> World:
        """Fill the data folder and landing, as they are when one ingest of it is done.

        The next ingest reads only what the test changes, as `test_ingest_reuse.py` holds.
        """
        return self._filled(_landed_files())

    def _filled(self, files: Mapping[str, bytes]) -> World:
        for folder in {self.root / Path(name).parent for name in files}:
            folder.mkdir(parents=True, exist_ok=True)
        for name, content in files.items():
            (self.root / name).write_bytes(content)
        return self

    def table(self, name: str, rows: Iterable[Row], ending: str = "csv") -> Path:
        """Write a census table with its full header."""
        columns = [column.name for column in BY_NAME[name].input_columns]
        return write_rows(self.data / EXTRACT / f"{name}.{ending}", columns, rows)

    def text(self, name: str, content: str | bytes) -> Path:
        """Write a file below the data folder as it is."""
        path = self.data / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    def ingest(self, *, keep_going: bool = False) -> IngestReport:
        """Run one ingest."""
        return ingest(self.paths, keep_going=keep_going)

    def rows(self, table: str, columns: str = "*", order: str = "all") -> list[tuple[object, ...]]:
        """Read a landing table as dbt does, partition columns as text."""
        return query_landing(self.landing, table, columns, order)

    def count(self, table: str) -> int:
        """Count the rows of a landing table."""
        return len(self.rows(table))

    def fingerprint(self) -> Mapping[str, str]:
        """Return the hash of every file of landing but the timings, which differ by nature."""
        return {
            path.relative_to(self.landing).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
            for path in sorted(self.landing.rglob("*.parquet"))
            if path.parent.name != "ledger_timings"
        }


@cache
def _tiny_files(n_children: int, ending: str) -> Mapping[str, bytes]:
    """Return the files of a tiny world: made once in a process, written out for each test."""
    with TemporaryDirectory() as folder:
        root = Path(folder)
        write_tiny(root / "data", n_children=n_children, ending=ending)
        return _files_below(root)


@cache
def _landed_files() -> Mapping[str, bytes]:
    """Return the files of a tiny world and of its landing."""
    with TemporaryDirectory() as folder:
        world = World(Path(folder)).tiny()
        report = world.ingest()
        assert report.ok, report.messages
        return _files_below(world.root)


def _files_below(root: Path) -> Mapping[str, bytes]:
    return {
        path.relative_to(root).as_posix(): path.read_bytes()
        for path in sorted(root.rglob("*"))
        if path.is_file()
    }


def query_landing(
    landing: Path, table: str, columns: str = "*", order: str = "all"
) -> list[tuple[object, ...]]:
    """Read a landing table as dbt does."""
    pattern = "*/*/*.parquet" if BY_NAME[table].partitioned else "*.parquet"
    hive = (
        ", hive_partitioning=true, hive_types={'census_year': varchar, 'la_number': varchar}"
        if BY_NAME[table].partitioned
        else ""
    )
    files = (landing / table / pattern).as_posix()
    statement = f"select {columns} from read_parquet('{files}'{hive}) order by {order}"  # noqa: S608
    with _engine().cursor() as connection:
        found: list[tuple[object, ...]] = connection.execute(statement).fetchall()
    return found


@cache
def _engine() -> duckdb.DuckDBPyConnection:
    """Return what answers queries in a process: starting it takes five times what they take.

    It keeps nothing of a file, which the next ingest may write anew.
    """
    return duckdb.connect(config={"threads": 1, "enable_external_file_cache": False})


def referral(**changes: str) -> Row:
    """Return one referral row, changed as asked."""
    return {
        "census_year": "2019", "la_number": "805", "child_no": "1", "referral_no": "1",
        "referral_date": "2018-05-01", "referral_source": "6", "primary_need_code": "N1",
        "referral_nfa": "0",
    } | changes  # fmt: skip


def assert_told(messages: Sequence[str], *parts: str) -> None:
    """Hold that one message has all parts (file, place, remedy) and none has a child's value."""
    assert any(all(part in message for part in parts) for message in messages), messages
    assert not any(SECRET in message for message in messages), "a message shows a child's value"
    assert all("remedy: " in message for message in messages)
