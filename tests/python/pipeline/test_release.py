"""`cin release` on a small England: dbt's tests are run on what is released, and nothing else is.

`unit/test_release_gates.py` plants the faults that the other gates catch.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import duckdb
import numpy as np
import pyarrow.parquet as pq
import pytest

from common_py.errors import CinError
from common_py.paths import Paths
from common_py.progress import silent
from pipeline_py import copies, tested
from pipeline_py.dbt import RUN, target_dir
from publish_py import manifest, release, versions
from publish_py.manifest import data_files
from publish_py.verdicts import Checked, Verdict, refusal
from tests.python.conftest import PROJECT, cin
from tests.python.once import our_turn_for_dbt
from tests.python.tiny_census import write_tiny

#: What is broken in a mart, the mart, and the test that says so.
FAULTS = (
    (
        "update rates.fct_rates_la set numerator = numerator + 1 "
        "where measure = 'cin' and basis = 'episode' and timing = 'incidence' "
        "and stratum_type = 'all' and la_code = (select min(la_code) from rates.fct_rates_la)",
        "rates.fct_rates_la",
        "rates_lsoa_sum_to_la",
    ),
    (
        "delete from rates.fct_rates_lsoa where measure = 's47' "
        "and lsoa_code = (select min(lsoa_code) from rates.fct_rates_lsoa)",
        "rates.fct_rates_lsoa",
        "rates_lsoa_complete",
    ),
    (
        "update rates.fct_rates_msoa set numerator = numerator + 1 where measure = 'referral' "
        "and basis = 'episode' and stratum_type = 'all' "
        "and msoa_code = (select min(msoa_code) from rates.fct_rates_msoa)",
        "rates.fct_rates_msoa",
        "rates_lsoa_sum_to_msoa",
    ),
    (
        "update quality.rpt_cohort_flow set n_dropped = n_dropped + 1 where step_no = 3",
        "quality.rpt_cohort_flow",
        "cohort_flow_adds_up",
    ),
    (
        "update modelling.mdl_lsoa_context set x1 = x1 + 1",
        "modelling.mdl_lsoa_context",
        "context_x1_and_x2_are_centred",
    ),
    (
        "update quality.rpt_match_rates set n_matched = n_matched + 1 "
        "where breakdown = 'sex' and category = 'male'",
        "quality.rpt_match_rates",
        "match_rates_add_up",
    ),
    (
        "update modelling.mdl_episode_outcomes set successes = trials + 1",
        "modelling.mdl_episode_outcomes",
        "outcomes_are_of_counted_episodes",
    ),
    (
        "insert into quality.rpt_build by name select * from quality.rpt_build",
        "quality.rpt_build",
        "build_is_one_row",
    ),
)


def _identifiers(paths: Paths) -> set[str]:
    """Return what children are called in the returns."""
    files = sorted((paths.landing / "children").rglob("*.parquet"))
    columns = [pq.read_table(file, columns=["la_child_id", "upn"]) for file in files]
    return {
        value
        for table in columns
        for name in ("la_child_id", "upn")
        for value in table.column(name).to_pylist()
        if value and len(value) > 5
    }


def test_dbt_finds_each_fault_of_a_mart_and_names_no_child(small_england: Paths) -> None:
    """Tested as `cin release` does: a copy under the name of the build, which dbt knows."""
    with our_turn_for_dbt(small_england), copies.copied(small_england) as copy:
        with duckdb.connect(str(copy)) as connection:
            for sql, _, _ in FAULTS:
                connection.execute(sql)
        broken = tested.test(small_england, copy, silent)
    assert broken.n_checked > 150
    assert len(broken.findings) < broken.n_checked / 2
    text = refusal((Verdict("dbt tests", broken.n_checked, broken.findings, "now"),))
    for _, table, name in FAULTS:
        said = [one for one in broken.findings if one.problem.startswith(f"{name}: Got ")]
        assert said, f"{name} said nothing:\n{text}"
        assert table in said[0].table.split(", ")
        assert said[0].remedy
    identifiers = _identifiers(small_england)
    assert len(identifiers) > 1000
    assert not [one for one in identifiers if one in text]


@pytest.mark.parametrize("whose", ["of this run", "of another run"])
def test_a_result_of_another_run_is_no_result(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, whose: str
) -> None:
    """What a killed run or a bare dbt left behind is never taken for this one's verdict."""
    paths = Paths(PROJECT, tmp_path, tmp_path, tmp_path, tmp_path / "warehouse.duckdb")
    mart = {"resource_type": "model", "schema": "rates", "name": "fct_rates_la"}
    test = {"resource_type": "test", "name": "adds_up", "depends_on": {"nodes": ["model"]}}
    written = {
        "manifest.json": {"nodes": {"model": mart, "ran": test, "left_out": test}},
        "run_results.json": {
            "metadata": {"env": {RUN: whose}},
            "results": [{"unique_id": "ran", "status": "pass"}],
        },
    }

    def left_behind(*_: object) -> tuple[int, list[str], str]:
        target_dir(paths).mkdir()
        for name, content in written.items():
            (target_dir(paths) / name).write_text(json.dumps(content), "utf-8")
        return 0, ["dbt did not run"], "of this run"

    monkeypatch.setattr(tested, "invoke", left_behind)
    if whose == "of another run":
        with pytest.raises(CinError, match="dbt"):
            tested.test(paths, paths.warehouse, silent)
        return
    found = tested.test(paths, paths.warehouse, silent)
    assert found.n_checked == 2
    assert [(one.table, "did not run" in one.problem) for one in found.findings] == [
        ("rates.fct_rates_la", False)
    ]
    assert "not run" in found.findings[0].problem


def test_two_builds_or_a_build_and_a_release_never_share_a_folder(tmp_path: Path) -> None:
    paths = Paths(PROJECT, tmp_path / "data", tmp_path, tmp_path / "landing", tmp_path / "w.duckdb")
    places = {"CIN_BUILD_DIR": str(tmp_path), "CIN_DATA_DIR": str(paths.data)}
    shutil.copyfile(PROJECT / "README.md", tmp_path / "warehouse.duckdb")
    with copies.only_dbt(paths):
        for command in (["build"], ["release", "1"]):
            done = cin(command, places)
            assert done.returncode == 1
            assert "is at work on this build folder" in done.stderr
            assert "wait until it has ended" in done.stderr
            assert "Traceback" not in done.stderr
    with copies.only_dbt(paths):
        pass


def test_a_version_that_is_no_name_is_refused_at_once(tmp_path: Path) -> None:
    """`unit/test_release_shelf.py` has the names."""
    done = cin(["release", "../x"], {"CIN_BUILD_DIR": str(tmp_path)})
    assert done.returncode == 1
    assert "no name for a release" in done.stderr
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGKILL")
def test_dbt_ends_with_the_one_that_started_it(tmp_path: Path) -> None:
    """What a killed build left running would write beside the next one."""
    child = subprocess.Popen(
        [sys.executable, "-m", "pipeline_py.dbt_child", "--version"],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        cwd=PROJECT,
    )
    assert child.stdin is not None
    child.stdin.close()  # as the system does for a parent that was killed
    assert child.wait(timeout=60) == 1


class _Killer:
    """Kills `cin` at a random moment of the seconds that it takes when nobody does."""

    def __init__(self, places: dict[str, str], length: float, seed: int) -> None:
        self._places, self._length = places, length
        self._rng = np.random.default_rng(seed)
        self.n_killed = 0

    def run(self, *arguments: str) -> None:
        began = time.perf_counter()
        running = subprocess.Popen(
            [sys.executable, "-m", "pipeline_py", *arguments],
            cwd=PROJECT,
            env={**os.environ, **self._places},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            running.wait(timeout=float(self._rng.uniform(0, self._length)))
        except subprocess.TimeoutExpired:
            running.kill()
            self.n_killed += running.wait() == -signal.SIGKILL
        else:  # the machine is faster by now: it takes no longer than this
            self._length = time.perf_counter() - began


@pytest.mark.slow
@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGKILL")
def test_a_build_killed_at_random_leaves_the_old_warehouse_or_the_new(tmp_path: Path) -> None:
    data = write_tiny(tmp_path / "data")
    places = {"CIN_DATA_DIR": str(data), "CIN_BUILD_DIR": str(tmp_path / "build")}
    warehouse = tmp_path / "build" / "warehouse.duckdb"
    assert cin(["ingest"], places).returncode == 0
    began = time.perf_counter()
    assert cin(["build"], places).returncode == 0
    killer = _Killer(places, time.perf_counter() - began, seed=12)
    whole = _content(warehouse)
    for _ in range(12):
        killer.run("build")
        assert _content(warehouse) == whole
    assert killer.n_killed > 5
    assert cin(["build"], places).returncode == 0
    assert _content(warehouse) == whole


@pytest.mark.slow
@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGKILL")
def test_a_release_killed_at_random_leaves_the_old_shelf_or_the_new(
    small_england: Paths, tmp_path: Path
) -> None:
    """The whole command: its copies, dbt's tests, the audit, the pages and the rename."""
    shutil.copytree(small_england.build, tmp_path / "build")
    paths = replace(
        small_england,
        build=tmp_path / "build",
        warehouse=tmp_path / "build" / small_england.warehouse.name,
        shelf=tmp_path / "releases",
    )
    places = {
        "CIN_DATA_DIR": str(paths.data),
        "CIN_BUILD_DIR": str(paths.build),
        "CIN_RELEASES_DIR": str(paths.releases),
    }
    warehouse = paths.warehouse.read_bytes()
    began = time.perf_counter()
    done = cin(["release", "1"], places)
    assert done.returncode == 0, done.stderr
    killer = _Killer(places, time.perf_counter() - began, seed=13)
    for _ in range(13):
        killer.run("release", "2")
        named = [one for one in paths.releases.iterdir() if not one.name.startswith(".")]
        assert {one.name for one in named} in ({"1"}, {"1", "2"})
        assert [manifest.broken(one) for one in named] == [[]] * len(named)
        assert paths.warehouse.read_bytes() == warehouse
        versions.remove(paths.releases / "2")
    assert killer.n_killed > 6
    assert cin(["release", "2"], places).returncode == 0
    assert manifest.broken(paths.releases / "2") == []


@pytest.mark.slow
def test_two_builds_fits_and_releases_of_the_same_inputs_are_the_same_bytes(
    small_england: Paths, tmp_path: Path
) -> None:
    """Threads add in no fixed order: what is released must not show it."""
    places = {"CIN_DATA_DIR": str(small_england.data), "CIN_BUILD_DIR": str(tmp_path / "build")}
    for command in ("ingest", "build", "fit"):
        done = cin([command], places)
        assert done.returncode == 0, done.stdout + done.stderr
    again = replace(
        small_england,
        build=tmp_path / "build",
        landing=tmp_path / "build" / "landing",
        warehouse=tmp_path / "build" / "warehouse.duckdb",
    )
    first, second = (
        release(
            replace(paths, shelf=tmp_path / name),
            "1",
            tests=lambda: Checked(1, ()),  # they are run for true above
        ).folder
        for paths, name in ((small_england, "first"), (again, "second"))
    )
    files = data_files(first)
    assert len([name for name in files if name.endswith(".parquet")]) > 20
    assert len([name for name in files if name.startswith("site/") and name.endswith(".csv")]) > 20
    assert files == data_files(second)
    identifiers = [
        json.loads((one / "MANIFEST.json").read_text("utf-8")) for one in (first, second)
    ]
    assert identifiers[0]["build_id"] == identifiers[1]["build_id"]


def _content(warehouse: Path) -> list[tuple[object, ...]]:
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        return connection.execute(
            "select (select build_id from quality.rpt_build), "
            "(select count(*) from rates.fct_rates_lsoa), "
            "(select sum(numerator) from rates.fct_rates_la)"
        ).fetchall()
