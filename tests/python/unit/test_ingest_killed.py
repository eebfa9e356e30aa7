"""Killed at any moment, an ingest leaves the last landing; run again, it lands the same."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from ingest_py import landing
from synth_py.returns import write_returns
from tests.python.ingest_world import World, referral

ROOT = Path(__file__).resolve().parents[3]
PROGRAM = (
    "import sys\nfrom pathlib import Path\n"
    "from tests.python.ingest_world import World\n"
    "if __name__ == '__main__':\n"
    "    print('ready', flush=True)\n"
    "    World(Path(sys.argv[1])).ingest()\n"
)


def _start(world: World) -> subprocess.Popen[str]:
    script = world.root / "ingest_it.py"
    script.write_text(PROGRAM, encoding="utf-8")
    child = subprocess.Popen(
        [sys.executable, str(script), str(world.root)],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        text=True,
    )
    assert child.stdout is not None
    assert child.stdout.readline() == "ready\n"
    return child


def _kill_at_random(tmp_path: Path, times: int, seed: int) -> int:
    """Kill an ingest at random moments; return how many were killed before their end."""
    world = World(tmp_path).tiny(60)
    write_returns(world.data)
    world.ingest()
    old = world.fingerprint()
    world.table("referrals", [referral(la_number="201", child_no=str(i)) for i in range(50)])
    undisturbed = _start(world)
    began = time.perf_counter()
    assert undisturbed.wait() == 0
    length = time.perf_counter() - began
    new = world.fingerprint()
    assert new != old
    rng = np.random.default_rng(seed)
    n_killed = 0
    for _ in range(times):
        # Even a landing of which nothing may be taken over has to survive.
        (world.landing / "ledger_timings" / "part-0.parquet").unlink()
        child = _start(world)
        time.sleep(float(rng.uniform(0, length)))
        child.kill()
        n_killed += child.wait() != 0
        landing.recover(world.landing)
        assert world.fingerprint() == new
        world.ingest()
        assert world.fingerprint() == new
        assert sorted(p.name for p in world.landing.parent.iterdir()) == ["landing"]
    return n_killed


def test_killed_three_times(tmp_path: Path) -> None:
    assert _kill_at_random(tmp_path, 3, seed=1) >= 1


@pytest.mark.slow
def test_killed_twenty_times(tmp_path: Path) -> None:
    assert _kill_at_random(tmp_path, 20, seed=2) >= 10
