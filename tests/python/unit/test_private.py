"""What holds rows about children is its owner's alone, whatever the user's umask."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from common_py.paths import Paths
from common_py.private import HAS_MODES, is_open_to_all, is_private, make_private, private
from common_py.warehouse import writing
from ingest_py.access import accesses
from ingest_py.doctor import doctor
from ingest_py.landing_schema import HASH_KEY
from ingest_py.locate import locate
from tests.python.conftest import cin
from tests.python.ingest_world import World
from tests.python.tiny_census import write_csv

pytestmark = pytest.mark.skipif(not HAS_MODES, reason="this system has no owner, group and others")


@pytest.fixture(autouse=True)
def generous() -> Iterator[None]:
    """A user whose files everybody may read and write."""
    before = os.umask(0)
    yield
    os.umask(before)


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_a_block_is_private_and_what_comes_after_is_not(tmp_path: Path) -> None:
    with private():
        (tmp_path / "folder").mkdir()
        (tmp_path / "folder" / "file").touch()
    (tmp_path / "later").touch()
    assert mode(tmp_path / "folder") == 0o700
    assert mode(tmp_path / "folder" / "file") == 0o600
    assert mode(tmp_path / "later") == 0o666
    make_private(tmp_path / "later")
    assert mode(tmp_path / "later") == 0o600
    make_private(tmp_path / "absent")
    assert is_private(tmp_path / "absent")


def test_landing_and_its_key_are_the_owners_alone(tmp_path: Path) -> None:
    """And stay so when a second ingest takes them over from one that was not."""
    world = World(tmp_path).tiny()
    world.ingest()
    for again in (False, True):
        if again:
            for path in world.landing.rglob("*"):
                path.chmod(0o777 if path.is_dir() else 0o666)
            world.ingest()
        modes = {mode(path) for path in world.landing.rglob("*.parquet")}
        folders = {mode(path) for path in world.landing.rglob("*") if path.is_dir()}
        assert (modes, folders, mode(world.landing)) == ({0o600}, {0o700}, 0o700)
    assert (world.landing / HASH_KEY.name / "part-0.parquet").is_file()
    assert mode(world.landing.parent) == 0o777, "the site beside it is for others"


def test_a_warehouse_that_is_written_to_becomes_private(tmp_path: Path) -> None:
    """A bare `dbt build` leaves it to the user's umask; the journal beside it is private too."""
    place = tmp_path / "warehouse.duckdb"
    with writing(place) as connection:
        connection.execute("create table a as select 1 as b")
    place.chmod(0o666)
    with writing(place) as connection:
        connection.execute("create table c as select range as d from range(1000)")
        beside = {mode(path) for path in tmp_path.iterdir()}
    assert beside == {0o600}


def test_what_locate_writes_is_private(tmp_path: Path) -> None:
    write_csv(
        tmp_path / "a.csv", [("la_number", "la_child_id", "postcode"), ("805", "A", "ZZ11AA")]
    )
    write_csv(tmp_path / "o.csv", [("pcds", "lsoa11"), ("ZZ1 1AA", "E01000001")])
    locate(tmp_path / "a.csv", tmp_path / "o.csv", tmp_path / "out" / "here.csv")
    assert mode(tmp_path / "out" / "here.csv") == 0o600


def test_doctor_names_what_others_can_read(tmp_path: Path) -> None:
    world = World(tmp_path).tiny()
    world.ingest()
    assert all(one.ok for one in accesses(world.paths))
    key = world.landing / HASH_KEY.name / "part-0.parquet"
    key.chmod(0o640)
    world.paths.warehouse.touch()
    report = doctor(world.paths)
    bad = {one.place for one in report.accesses if not one.ok}
    assert bad == {"build/landing/hash_key/part-0.parquet", "build/warehouse.duckdb"}
    assert not report.ok
    assert 'chmod -R go-rwx "build/warehouse.duckdb"' in report.text
    assert "take the rights of others from the 2 places" in report.next_steps[0]


def test_inputs_are_looked_at_unless_they_are_synthetic(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = World(tmp_path).tiny()
    monkeypatch.setattr("ingest_py.access.is_open_to_all", lambda path: path.suffix == ".csv")
    assert list(accesses(world.paths)) == []
    (world.data / "synthetic" / "SYNTHETIC.json").unlink()
    assert {one.place: one.ok for one in accesses(world.paths)} == {
        "data/census": False, "data/locations": False,
    }  # fmt: skip


def test_a_file_behind_a_closed_folder_is_not_open_to_all(tmp_path: Path) -> None:
    (tmp_path / "closed").mkdir(mode=0o700)
    file = tmp_path / "closed" / "file"
    file.touch()
    assert mode(file) == 0o666
    assert not is_open_to_all(file)
    assert not is_open_to_all(tmp_path / "absent")
    root = Path(file.anchor)
    assert is_open_to_all(root) == bool(mode(root) & stat.S_IROTH)


def test_a_build_and_its_artefacts_are_private(small_england: Paths) -> None:
    assert mode(small_england.warehouse) == 0o600
    assert_private_artefacts(small_england.build)


@pytest.mark.slow
def test_a_build_that_failed_is_private(tmp_path: Path) -> None:
    """There is a landing, but nothing in it to build from."""
    (tmp_path / "landing").mkdir()
    done = cin(["build"], {"CIN_BUILD_DIR": str(tmp_path), "CIN_DATA_DIR": str(tmp_path)})
    assert done.returncode == 1
    assert_private_artefacts(tmp_path)


def assert_private_artefacts(build: Path) -> None:
    assert mode(build / "dbt") == 0o700
    assert mode(build / "next") == 0o700
    files = [path for path in (build / "dbt").rglob("*") if path.is_file()]
    assert files
    assert {mode(path) for path in files} == {0o600}
