"""Killed at any moment, an ingest leaves the last landing; run again, it lands the same."""

from __future__ import annotations

import multiprocessing as mp
import time
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from pathlib import Path

import numpy as np
import pytest

from ingest_py import landing
from synth_py.returns import write_returns
from tests.python.ingest_world import World, referral

_HAS_SERVER = "forkserver" in mp.get_all_start_methods()
_PROCESSES = mp.get_context("forkserver" if _HAS_SERVER else "spawn")
if _HAS_SERVER:  # loads what an ingest needs once for all of them
    _PROCESSES.set_forkserver_preload([__name__])


def _ingest(root: Path, ready: Connection) -> None:
    ready.send(True)
    World(root).ingest()


def _start(world: World) -> BaseProcess:
    """Start an ingest in a process of its own; return when it is about to begin."""
    told, ready = _PROCESSES.Pipe(duplex=False)
    process = _PROCESSES.Process(target=_ingest, args=(world.root, ready))
    process.start()
    ready.close()
    assert told.recv()
    return process


def _kill_at_random(tmp_path: Path, times: int, seed: int) -> None:
    """Kill an ingest at random moments until it was killed so often before its end."""
    world = World(tmp_path).tiny(60)
    write_returns(world.data)
    world.ingest()
    old = world.fingerprint()
    world.table("referrals", [referral(la_number="201", child_no=str(i)) for i in range(50)])
    undisturbed = _start(world)
    began = time.perf_counter()
    undisturbed.join()
    assert undisturbed.exitcode == 0
    length = time.perf_counter() - began
    new = world.fingerprint()
    assert new != old
    rng = np.random.default_rng(seed)
    n_killed = n_run = 0
    while n_killed < times:
        n_run += 1
        assert n_run <= 10 * times, "runs end before they can be killed"
        # Even a landing of which nothing may be taken over has to survive.
        (world.landing / "ledger_timings" / "part-0.parquet").unlink()
        running = _start(world)
        time.sleep(float(rng.uniform(0, length)))
        running.kill()
        running.join()
        n_killed += running.exitcode != 0
        landing.recover(world.landing)
        assert world.fingerprint() == new
        world.ingest()
        assert world.fingerprint() == new
        assert sorted(p.name for p in world.landing.parent.iterdir()) == ["landing"]


def test_killed_three_times(tmp_path: Path) -> None:
    _kill_at_random(tmp_path, 3, seed=1)


@pytest.mark.slow
def test_killed_twenty_times(tmp_path: Path) -> None:
    _kill_at_random(tmp_path, 20, seed=2)
