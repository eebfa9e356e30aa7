"""Landing appears at once or not at all; the same inputs give the same bytes."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pyarrow as pa
import pytest

from common_py.errors import CinError
from ingest_py import landing, run
from ingest_py.__main__ import main
from ingest_py.alone import alone
from tests.python.ingest_world import World, referral


@pytest.fixture
def world(tmp_path: Path) -> World:
    """Make a project with a landing."""
    return World(tmp_path).landed()


def test_the_same_inputs_give_the_same_bytes(world: World) -> None:
    before = world.fingerprint()
    world.ingest()
    assert world.fingerprint() == before


def test_csv_and_parquet_land_the_same_values(world: World, tmp_path: Path) -> None:
    other = World(tmp_path / "other").tiny(ending="parquet")
    other.ingest()
    for table in ("children", "referrals", "section47", "child_locations"):
        columns = "* exclude (source_file)"
        assert world.rows(table, columns) == other.rows(table, columns)


def test_the_hash_key_is_made_once_and_kept(world: World, tmp_path: Path) -> None:
    ((key,),) = world.rows("hash_key")
    assert len(bytes.fromhex(str(key))) == 32
    world.table("referrals", [referral()])
    world.ingest()
    assert world.rows("hash_key") == [(key,)]
    other = World(tmp_path / "other").tiny()
    other.ingest()
    assert other.rows("hash_key") != [(key,)]


def test_an_unreadable_hash_key_is_never_replaced(world: World) -> None:
    path = world.landing / "hash_key" / "part-0.parquet"
    path.write_bytes(b"PAR1")
    with pytest.raises(CinError, match="key that hides identifiers") as caught:
        world.ingest()
    assert caught.value.remedy is not None
    assert path.read_bytes() == b"PAR1"


@pytest.mark.parametrize(
    "moment", ["land_returns", "land_tables", "land_reference", "_land_synthetic"]
)
def test_a_failure_in_mid_run_leaves_the_old_landing(
    world: World, monkeypatch: pytest.MonkeyPatch, moment: str
) -> None:
    before = world.fingerprint()
    world.table("referrals", [referral()])

    def fail(*_: object, **__: object) -> None:
        raise RuntimeError(moment)

    monkeypatch.setattr(run, moment, fail)
    with pytest.raises(RuntimeError):
        world.ingest()
    assert world.fingerprint() == before
    assert sorted(p.name for p in world.landing.parent.iterdir()) == ["landing"]


def test_a_failed_rename_leaves_the_old_landing(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = world.fingerprint()
    rename = Path.rename

    def refuse(self: Path, target: Path) -> Path:
        if self.name.startswith("landing.next-"):
            raise PermissionError(13, "in use")
        return rename(self, target)

    monkeypatch.setattr(landing, "exchange", lambda *_: False)
    monkeypatch.setattr(Path, "rename", refuse)
    with pytest.raises(CinError, match="in use") as caught:
        world.ingest()
    assert "close programs" in str(caught.value)
    assert world.fingerprint() == before


@pytest.mark.parametrize("can_exchange", [True, False])
def test_a_new_landing_takes_the_place_of_the_old(
    world: World, monkeypatch: pytest.MonkeyPatch, can_exchange: bool
) -> None:
    if not can_exchange:
        monkeypatch.setattr(landing, "exchange", lambda *_: False)
    world.table("referrals", [referral()])
    world.ingest()
    assert world.count("referrals") == 1
    assert sorted(p.name for p in world.landing.parent.iterdir()) == ["landing"]


def test_a_landing_left_under_its_waiting_name_is_recovered(world: World) -> None:
    before = world.fingerprint()
    world.landing.rename(landing.Places(world.landing).old)
    landing.recover(world.landing)
    assert world.fingerprint() == before
    landing.recover(world.landing)
    assert world.fingerprint() == before


@pytest.mark.parametrize("moment", ["building", "between the renames", "before the old is gone"])
def test_an_interrupted_run_is_tidied_up_by_the_next(world: World, moment: str) -> None:
    before = world.fingerprint()
    places = landing.Places(world.landing)
    if moment == "between the renames":
        world.landing.rename(places.old)
        (places.next / "children").mkdir(parents=True)
    elif moment == "building":
        (places.next / "children").mkdir(parents=True)
    else:
        (places.old / "children").mkdir(parents=True)
    world.ingest()
    assert world.fingerprint() == before
    assert sorted(p.name for p in world.landing.parent.iterdir()) == ["landing"]


def test_a_killed_run_leaves_the_old_landing(world: World) -> None:
    before = world.fingerprint()
    script = (
        "import os, ingest_py.run as run\n"
        "run.landing.swap = lambda places: os._exit(9)\n"
        "from pathlib import Path\n"
        "from tests.python.ingest_world import World\n"
        f"World(Path({str(world.root)!r})).ingest()\n"
    )
    root = Path(__file__).resolve().parents[3]
    done = subprocess.run(
        [sys.executable, "-c", script],
        cwd=root,
        env={**os.environ, "PYTHONPATH": str(root)},
        check=False,
    )
    assert done.returncode == 9
    assert world.fingerprint() == before
    world.ingest()
    assert world.fingerprint() == before


def test_two_ingests_never_write_one_landing(world: World) -> None:
    before = world.fingerprint()
    with alone(world.landing):
        with pytest.raises(CinError, match="another ingest") as caught:
            world.ingest()
        assert "wait" in str(caught.value.remedy)
        assert world.fingerprint() == before
    world.ingest()
    assert sorted(p.name for p in world.landing.parent.iterdir()) == ["landing"]


def test_what_a_killed_run_still_writes_gets_into_no_landing(world: World) -> None:
    before = world.fingerprint()
    orphaned = landing.Places(world.landing)
    late = orphaned.next / "referrals" / "census_year=2019" / "la_number=999"
    begin = landing.begin

    def begin_beside_an_orphan(folder: Path) -> landing.Places:
        places = begin(folder)
        late.mkdir(parents=True)
        return places

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(landing, "begin", begin_beside_an_orphan)
        world.ingest()
    assert world.fingerprint() == before
    world.ingest()
    assert not orphaned.next.exists()


def test_the_dataset_row_says_synthetic_or_real_and_hashes_the_inputs(world: World) -> None:
    ((dataset, first, seed),) = world.rows("ledger_dataset")
    assert (dataset, seed) == ("synthetic", "20190331")
    assert world.rows("planted_values") == [("2", "Referral", "gradient", "1.6")]
    (world.data / "synthetic" / "SYNTHETIC.json").unlink()
    world.ingest()
    ((dataset, second, seed),) = world.rows("ledger_dataset")
    assert (dataset, seed) == ("real", None)
    assert second != first
    assert world.count("planted_values") == 0


def test_a_spoiled_marker_still_counts_as_synthetic(world: World) -> None:
    world.text("synthetic/SYNTHETIC.json", "{not json")
    report = world.ingest()
    assert not report.ok
    assert report.dataset == "synthetic"


def test_the_module_runs_as_a_program(world: World, project: Path) -> None:
    (world.root / "dbt_project.yml").touch()
    environment = {**os.environ, "PYTHONPATH": str(project), "CIN_PROJECT_DIR": str(world.root)}
    for name in ("CIN_DATA_DIR", "CIN_BUILD_DIR", "CIN_LANDING_DIR"):
        environment.pop(name, None)

    world.table("referrals", [referral(la_number="x")])
    done = subprocess.run(
        [sys.executable, "-m", "ingest_py"],
        env=environment, capture_output=True, encoding="utf-8", check=False,
    )  # fmt: skip
    assert done.returncode == 1, done.stderr
    assert "remedy: " in done.stderr
    assert "quarantined" in done.stdout
    marker = json.loads((world.data / "synthetic" / "SYNTHETIC.json").read_text("utf-8"))
    assert marker["dataset"] == "SYNTHETIC"


def test_the_program_fails_for_a_row_set_aside_unless_told_to_go_on(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    (world.root / "dbt_project.yml").touch()
    monkeypatch.setenv("CIN_PROJECT_DIR", str(world.root))
    for name in ("CIN_DATA_DIR", "CIN_BUILD_DIR", "CIN_LANDING_DIR"):
        monkeypatch.delenv(name, raising=False)

    def program(*arguments: str) -> int:
        monkeypatch.setattr(sys, "argv", ["ingest_py", *arguments])
        return main()

    assert program() == 0
    world.table("referrals", [referral(la_number="x")])
    assert program() == 1
    assert program("--continue") == 0


def test_partition_writing_takes_rows_of_any_order(tmp_path: Path) -> None:
    world = World(tmp_path).landed()
    rows = [referral(child_no=str(i), la_number=str(805 + i % 7)) for i in range(70)]
    world.table("referrals", rows)
    world.ingest()
    folders = sorted(p.name for p in (world.landing / "referrals/census_year=2019").iterdir())
    assert folders == [f"la_number={805 + i}" for i in range(7)]
    assert pa.array([r[0] for r in world.rows("referrals", "la_number")]).value_counts()[
        0
    ].as_py() == {"values": "805", "counts": 10}
