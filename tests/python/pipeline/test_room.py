"""A room without a registry: the folder of wheels alone makes a working installation."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from packaging.utils import canonicalize_name

from wheelhouse_py.house import LOCK, SUMS
from wheelhouse_py.lock import Machine, read_lock

CARRIED = (
    "*_py", "expectations", "macros", "models", "seeds", "tests/data", "analyses", "pyproject.toml",
    "dbt_project.yml", "profiles.yml", "selectors.yml", "setup.py", "MANIFEST.in", "README.md",
    "LICENSE", LOCK,
)  # fmt: skip


def run(command: list[str], folder: Path, **variables: str) -> str:
    """Run a command that sees no registry, no configuration of pip and no other project."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("CIN_", "PIP_", "PYTHON"))}
    done = subprocess.run(
        command, cwd=folder, env={**kept, "PIP_CONFIG_FILE": os.devnull, **variables},
        capture_output=True, encoding="utf-8", check=False,
    )  # fmt: skip
    assert done.returncode in (0, 1), done.stdout + done.stderr
    assert "Traceback" not in done.stderr
    if "pip" in command:
        assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="the folder holds Linux and Windows wheels")
def test_the_wheels_alone_install_and_the_command_runs(project: Path, tmp_path: Path) -> None:
    house = Path(os.environ.get("CIN_WHEELHOUSE_DIR", project / "build" / "wheelhouse"))
    if not (house / SUMS).is_file():
        pytest.skip("no wheels here: run `make wheelhouse`, or set CIN_WHEELHOUSE_DIR")
    room = tmp_path / "room"
    for path in (path for pattern in CARRIED for path in project.glob(pattern)):
        place = room / path.relative_to(project)
        place.parent.mkdir(parents=True, exist_ok=True)
        (shutil.copytree if path.is_dir() else shutil.copy2)(path, place)
    run([sys.executable, "-m", "venv", str(room / ".venv")], tmp_path)
    python = str(room / ".venv" / "bin" / "python")
    offline = {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": str(house)}
    locked = ["install", "--quiet", "--require-hashes", "-r", LOCK]
    run([python, "-m", "pip", *locked], room, **offline)
    run([python, "-m", "pip", "install", "--quiet", "--no-deps", "-e", "."], room, **offline)
    listed = run([python, "-m", "pip", "freeze", "--all", "--exclude-editable"], room)
    frozen = [
        line.partition("==")
        for line in listed.split()
        if not line.startswith(("pip==", "setuptools=="))
    ]
    machine = Machine("linux", f"{sys.version_info.major}.{sys.version_info.minor}")
    wanted = [one for one in read_lock(project / LOCK) if machine.needs(one)]
    installed = {(canonicalize_name(name), version) for name, _, version in frozen}
    assert installed == {(one.name, one.version) for one in wanted}
    cin = str(room / ".venv" / "bin" / "cin")
    assert "validate" in run([cin, "--help"], room)
    said = run([cin, "doctor"], room)
    assert "missing\n" not in said.split("Found")[0]
    assert f"duckdb {next(one.version for one in wanted if one.name == 'duckdb')}" in said
    assert "cin synth" in said
