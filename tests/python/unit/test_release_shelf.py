"""A release is whole or absent, whatever happens, and what stands is never touched."""

from __future__ import annotations

import errno
import json
import multiprocessing as mp
import os
import shutil
import signal
import stat
import time
from collections.abc import Callable, Iterator
from multiprocessing.process import BaseProcess
from pathlib import Path
from unittest.mock import patch

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from common_py.errors import CinError
from common_py.paths import Paths
from common_py.release_names import check_version
from publish_py import formats, manifest, package, releasing, versions
from publish_py.formats import DECIMALS, SIGNIFICANT_DIGITS, settled, significant
from publish_py.manifest import broken, data_files
from publish_py.verdicts import Checked
from publish_py.versions import MANIFEST, SUMS, releases
from tests.python.release_world import SHORT, publish, releasable, without_pages
from tests.python.small_marts import change

_HAS_SERVER = "forkserver" in mp.get_all_start_methods()
_PROCESSES = mp.get_context("forkserver" if _HAS_SERVER else "spawn")
if _HAS_SERVER:
    _PROCESSES.set_forkserver_preload([__name__])


@pytest.fixture(scope="module")
def shelf(small_site: Paths, tmp_path_factory: pytest.TempPathFactory) -> Paths:
    """A warehouse with its release 2019.1, to be copied by those that add to it."""
    paths = releasable(small_site, tmp_path_factory.mktemp("shelf"), *SHORT)
    with without_pages():
        report = publish(paths, "2019.1")
    assert report.is_new
    return paths


@pytest.fixture
def mine(shelf: Paths, tmp_path: Path) -> Iterator[Paths]:
    """A copy of the shelf and its warehouse; the release on it must be whole at the end."""
    folder = tmp_path / "mine"
    shutil.copytree(shelf.releases.parent, folder)
    names = ("data", "build", "landing", "warehouse", "shelf")
    moved = {
        name: folder / getattr(shelf, name).relative_to(shelf.releases.parent) for name in names
    }
    before = data_files(folder / "releases" / "2019.1")
    with without_pages():
        yield Paths(shelf.project, **moved)
    assert data_files(folder / "releases" / "2019.1") == before
    assert broken(folder / "releases" / "2019.1") == []


@pytest.mark.parametrize(
    "name",
    ["", ".", "..", "../x", "a/b", "a\\b", "/etc", "a..b", ".hidden", "a.", "-a", "con", "NUL.1",
     "a b", "ä", "a\n", "x" * 65, "2019.1.sacro", "a\0b"],
)  # fmt: skip
def test_a_version_is_no_path(name: str) -> None:
    with pytest.raises(CinError, match="no name for a release") as caught:
        check_version(name)
    assert "letters, digits" in str(caught.value.remedy)


@pytest.mark.parametrize("name", ["2019.1", "v1", "2018-19_final", "1", "x" * 64])
def test_a_version_is_a_name(name: str) -> None:
    assert check_version(name) == name


def test_a_release_holds_what_it_says_and_nothing_else(shelf: Paths) -> None:
    folder = shelf.releases / "2019.1"
    assert broken(folder) == []
    said = json.loads((folder / MANIFEST).read_text("utf-8"))
    assert said["version"] == "2019.1"
    assert said["follows"] is None
    assert said["dataset"] == "SYNTHETIC"
    assert [one["gate"] for one in said["gates"]] == [
        "validation", "estimates", "disclosure", "dbt tests",
    ]  # fmt: skip
    assert all(one["passed"] for one in said["gates"])
    assert said["inputs"] == [
        {"file": "children.csv", "kind": "census", "verdict": "read", "sha256": "ab12"}
    ]
    assert said["packages"]["duckdb"]
    assert said["settings"]["protection"]["minimum_count"] == 6
    assert set(said["files"]) == set(data_files(folder)) | {
        "release.duckdb", "disclosure.html", "excel/tables_2019.xlsx", "site/index.html",
    }  # fmt: skip
    with duckdb.connect(str(folder / "release.duckdb"), read_only=True) as release:
        found = release.execute(
            "select table_schema || '.' || table_name from information_schema.tables"
        ).fetchall()
        assert {name.split(".")[0] for (name,) in found} == {"published", "estimates"}
        for (name,) in found:
            ((n_rows,),) = release.execute(f"select count(*) from {name}").fetchall()  # noqa: S608
            assert said["n_rows"][name] == n_rows
            table = pq.read_table(_file(folder, "parquet", name))
            assert table.num_rows == n_rows
            with _file(folder, "csv", name).open(encoding="utf-8") as lines:
                assert lines.readline().rstrip("\n").split(",") == table.column_names
            assert set(table.column("dataset").to_pylist()) <= {"SYNTHETIC"}
            assert not {"run_id", "started_at", "lsoa_code"} & set(table.column_names)


def _file(folder: Path, kind: str, name: str) -> Path:
    schema, table = name.split(".")
    below = folder / kind if schema == "published" else folder / kind / schema
    return below / f"{table}.{kind}"


@pytest.mark.skipif(os.name == "nt", reason="Windows has no modes")
def test_files_of_a_release_are_read_only(shelf: Paths) -> None:
    modes = {
        stat.S_IMODE(file.stat().st_mode)
        for file in (shelf.releases / "2019.1").rglob("*")
        if file.is_file()
    }
    assert modes == {0o444}


def test_doubles_are_settled() -> None:
    assert [significant(one) for one in (1.62349999, 6_936_680.24, 1e-16, -1e-17, 0.0)] == [
        1.6235, 6_936_680.2, 0.0, 0.0, 0.0,
    ]  # fmt: skip
    assert (SIGNIFICANT_DIGITS, DECIMALS) == (5, 12)
    assert significant(float("nan")) is None
    assert significant(None) is None
    rng = np.random.default_rng(7)
    values = np.exp(rng.normal(0, 3, 500))
    keys = [f"k{number:03}" for number in range(500)]
    shuffled = rng.permutation(500)
    one = pa.table({"key": keys, "value": values})
    other = pa.table(
        {"key": [keys[i] for i in shuffled], "value": (values * (1 + 1e-13))[shuffled]}
    )
    assert settled(one).equals(settled(other))


def test_the_same_again_writes_nothing_and_another_content_is_refused(mine: Paths) -> None:
    again = publish(mine, "2019.1")
    assert not again.is_new
    assert "stands already" in again.summary
    change(mine, "update estimates.cells set value = 2 * value where statistic = 'irr'")
    with pytest.raises(CinError, match="stands a release with other tables") as caught:
        publish(mine, "2019.1")
    assert "another name" in str(caught.value.remedy)
    second = publish(mine, "2019.2")
    assert second.is_new
    said = json.loads((second.folder / MANIFEST).read_text("utf-8"))
    assert (said["sequence"], said["follows"]) == (2, "2019.1")


def test_a_shut_gate_leaves_nothing(mine: Paths) -> None:
    change(mine, "update quality.rpt_validation_decisions set decision = 'stops_release'")
    with pytest.raises(CinError, match="is not published: 1 of 4 gates") as caught:
        publish(mine, "2019.2")
    assert "gate estimates: passed" in caught.value.problem
    assert _shelf(mine) == ["2019.1"]


def test_what_a_disk_did_to_a_release_is_seen(mine: Paths) -> None:
    change(mine, "select 1")
    copy = mine.releases / "2019.3"
    shutil.copytree(mine.releases / "2019.1", copy)
    victim = copy / "csv" / "rates_la.csv"
    victim.chmod(0o600)
    victim.write_text("rubbish", "utf-8")
    assert broken(copy) == ["csv/rates_la.csv"]
    with pytest.raises(CinError, match="no whole release"):
        publish(mine, "2019.3")


def _shelf(paths: Paths) -> list[str]:
    return sorted(one.name for one in paths.releases.iterdir())


def _full(*_: object, **__: object) -> None:
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def _duckdb_full(*_: object, **__: object) -> None:
    raise duckdb.IOException("Could not write file: No space left on device")


def _read_only(*_: object, **__: object) -> None:
    raise OSError(errno.EROFS, os.strerror(errno.EROFS))


@pytest.mark.parametrize(
    ("place", "name", "fault"),
    [
        (package, "write_parquet", _full),
        (package, "write_duckdb", _duckdb_full),
        (Path, "rename", _full),
        (Path, "mkdir", _read_only),
        *(
            pytest.param(*one, marks=pytest.mark.slow)
            for one in (
                (package, "write_csv", _full),
                (package, "render_site", _full),
                (releasing, "write_manifest", _full),
                (versions, "_sync", _full),
                (releasing, "finish", _read_only),
            )
        ),
    ],
)
def test_a_full_disk_or_a_read_only_one_leaves_the_last_release(
    mine: Paths, place: object, name: str, fault: Callable[..., None]
) -> None:
    with (
        patch.object(place, name, fault),
        pytest.raises(CinError, match="could not be written") as caught,
    ):
        publish(mine, "2019.2")
    assert "earlier releases are as they were" in caught.value.problem
    assert "make room" in str(caught.value.remedy)
    assert _shelf(mine) == ["2019.1"]
    assert publish(mine, "2019.2").is_new


def test_a_place_that_is_no_folder(mine: Paths, tmp_path: Path) -> None:
    taken = tmp_path / "file"
    taken.write_text("", "utf-8")
    with pytest.raises(CinError, match="could not be written"):
        publish(
            Paths(mine.project, mine.data, mine.build, mine.landing, mine.warehouse, taken), "1"
        )


def test_two_releases_never_write_one_shelf(mine: Paths) -> None:
    with versions.only_writer(mine.releases):
        with pytest.raises(CinError, match="another release is being written") as caught:
            publish(mine, "2019.2")
        assert "wait" in str(caught.value.remedy)
    assert publish(mine, "2019.2").is_new


def test_open_readers_of_warehouse_and_release_stop_nobody(mine: Paths) -> None:
    old = mine.releases / "2019.1"
    with (
        duckdb.connect(str(mine.warehouse), read_only=True) as warehouse,
        duckdb.connect(str(old / "release.duckdb"), read_only=True) as release,
        (old / "csv" / "rates_la.csv").open("rb") as lines,
    ):
        assert publish(mine, "2019.2").is_new
        assert warehouse.execute("select count(*) > 0 from estimates.cells").fetchall() == [(True,)]
        assert release.execute("select count(*) > 0 from estimates.cells").fetchall() == [(True,)]
        assert lines.read(7) == b"dataset"


def test_a_warehouse_that_changes_meanwhile_is_not_published(mine: Paths) -> None:
    def tests() -> Checked:
        mine.warehouse.touch()
        return Checked(1, ())

    with pytest.raises(CinError, match="changed while it was being released"):
        publish(mine, "2019.2", tests)
    assert _shelf(mine) == ["2019.1"]


def test_no_clock_is_believed(mine: Paths) -> None:
    """The last release is the one that was put there last, whatever files say of their age."""
    publish(mine, "b")
    publish(mine, "a")
    for number, name in enumerate(("a", "b", "2019.1")):  # the last one is the oldest
        for file in (mine.releases / name, *(mine.releases / name).rglob("*")):
            os.utime(file, (1e9 + 1e8 * number, 1e9 + 1e8 * number))
    os.utime(mine.warehouse, (4e9, 4e9))
    assert [one.version for one in releases(mine.releases)] == ["2019.1", "b", "a"]
    last = versions.previous(mine.releases, "c", "SYNTHETIC")
    assert last is not None
    assert last.version == "a"
    assert versions.previous(mine.releases, "c", "real") is None
    assert publish(mine, "c").is_new


def test_a_release_whose_manifest_is_gone_to_pieces_is_named(mine: Paths) -> None:
    other = mine.releases / "2019.0"
    other.mkdir()
    (other / MANIFEST).write_text("{", "utf-8")
    with pytest.raises(CinError, match="manifest of this release cannot be read") as caught:
        publish(mine, "2019.2")
    assert SUMS in str(caught.value.remedy)


POINTS = {
    "the folder is made": (releasing, "unfinished"),
    "a Parquet file": (package, "write_parquet"),
    "a CSV file": (package, "write_csv"),
    "the DuckDB file": (package, "write_duckdb"),
    "the report": (package, "disclosure_report"),
    "the site": (package, "render_site"),
    "the manifest": (releasing, "write_manifest"),
    "the hashes": (manifest, "write_sums"),
    "files go to the disk": (versions, "_sync"),
    "folders go to the disk": (versions, "_sync_folder"),
    "the rename": (Path, "rename"),
    "what is left over": (releasing, "remove"),
}

TRIED_ALWAYS = ("a Parquet file", "the manifest", "the rename")


def _release_and_die(paths: Paths, point: str, after: bool) -> None:
    place, name = POINTS[point]
    original = getattr(place, name)

    def die(*arguments: object, **named: object) -> object:
        if after:
            original(*arguments, **named)
        os.kill(os.getpid(), signal.SIGKILL)

    with without_pages(), patch.object(place, name, die):
        publish(paths, "2019.2")


@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGKILL")
@pytest.mark.parametrize("after", [False, pytest.param(True, marks=pytest.mark.slow)])
@pytest.mark.parametrize(
    "point",
    [one if one in TRIED_ALWAYS else pytest.param(one, marks=pytest.mark.slow) for one in POINTS],
)
def test_killed_at_every_point_a_release_is_whole_or_absent(
    mine: Paths, point: str, after: bool
) -> None:
    process = _PROCESSES.Process(target=_release_and_die, args=(mine, point, after))
    process.start()
    process.join()
    assert process.exitcode == -signal.SIGKILL
    _assert_whole(mine)
    publish(mine, "2019.2")
    assert _shelf(mine) == ["2019.1", "2019.2"]
    assert broken(mine.releases / "2019.2") == []


def _assert_whole(paths: Paths) -> None:
    """What has the name of a release is one; a folder with a dot is not looked at."""
    named = [one for one in paths.releases.iterdir() if not one.name.startswith(".")]
    assert {one.name for one in named} in ({"2019.1"}, {"2019.1", "2019.2"})
    assert all(broken(one) == [] for one in named)
    assert len(releases(paths.releases)) == len(named)


def _release(paths: Paths) -> None:
    with without_pages():
        publish(paths, "2019.2")


def _started(paths: Paths) -> BaseProcess:
    process = _PROCESSES.Process(target=_release, args=(paths,))
    process.start()
    return process


@pytest.mark.slow
@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGKILL")
def test_killed_twenty_five_times_at_random(mine: Paths) -> None:
    began = time.perf_counter()
    undisturbed = _started(mine)
    undisturbed.join()
    length = time.perf_counter() - began
    assert undisturbed.exitcode == 0
    rng = np.random.default_rng(25)
    n_killed = n_run = 0
    while n_killed < 25:
        n_run += 1
        assert n_run <= 250, "runs end before they can be killed"
        versions.remove(mine.releases / "2019.2")
        process = _started(mine)
        time.sleep(float(rng.uniform(0, length)))
        process.kill()
        process.join()
        n_killed += process.exitcode != 0
        _assert_whole(mine)
    publish(mine, "2019.2")
    assert _shelf(mine) == ["2019.1", "2019.2"]


def test_parquet_and_csv_are_the_same_bytes_again(shelf: Paths, tmp_path: Path) -> None:
    table = pq.read_table(shelf.releases / "2019.1" / "parquet" / "rates_la.parquet")
    for write, name in ((formats.write_parquet, "a.parquet"), (formats.write_csv, "a.csv")):
        write(table, tmp_path / name)
        stands = shelf.releases / "2019.1" / name.split(".")[1] / f"rates_la.{name.split('.')[1]}"
        assert (tmp_path / name).read_bytes() == stands.read_bytes()
