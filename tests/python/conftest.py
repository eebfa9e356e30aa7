"""What every test may ask for: the project, a small England already built, the public reference."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from common_py.paths import Paths
from synth_py import SynthConfig, generate
from tests.python.once import once

PROJECT = Path(__file__).resolve().parents[2]

#: Files that take a minute or more, the dearest first: begun last, one would run alone.
DEAR = (
    "test_no_identifier_leaves.py",
    "test_synth_recovery.py",
    "test_breakages.py",
    "test_real_geography.py",
    "test_look_back.py",
    "test_validation_gate.py",
    "test_commands.py",
    "test_validate_and_build.py",
    "test_ingest_published.py",
    "test_synth_faults.py",
    "test_publish_site.py",
    "test_browser.py",
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the dear files first, and leave the others in their order."""
    places = {name: place for place, name in enumerate(DEAR)}
    items.sort(key=lambda item: places.get(item.path.name, len(DEAR)))


@pytest.fixture(scope="session")
def project() -> Path:
    """The folder that holds `dbt_project.yml`."""
    return PROJECT


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of public facts beside the project; skips where it is absent."""
    return _present("CIN_SHARED_DIR", PROJECT.parent / "shared")


@pytest.fixture(scope="session")
def reference() -> Path:
    """The folder of published reference files, which are no part of the project."""
    return _present("CIN_REFERENCE_DIR", PROJECT.parent / "shared" / "reference")


def _present(variable: str, default: Path) -> Path:
    folder = Path(os.environ.get(variable, default))
    if not folder.is_dir():
        pytest.skip(f"no folder {folder}; set {variable} to run this test")
    return folder


def first_of(values: Sequence[int], n_always: int) -> list[Any]:
    """Parameters of which so many are tried in every run, the others in the full one."""
    others = (pytest.param(value, marks=pytest.mark.slow) for value in values[n_always:])
    return [*values[:n_always], *others]


def cin(arguments: list[str], environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    """Run `cin` as a user does: another process, its output as text."""
    return subprocess.run(
        [sys.executable, "-m", "pipeline_py", *arguments],
        cwd=PROJECT,
        env={**os.environ, **environment},
        capture_output=True,
        encoding="utf-8",
        check=False,
    )


@pytest.fixture(scope="session")
def small_data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The data folder of a small clean England, to be read only.

    `make test` has written it already (`CIN_DATA_DIR`); a bare pytest generates its own.
    """
    present = Paths.find(PROJECT).data
    if "CIN_DATA_DIR" in os.environ and (present / "synthetic" / "SYNTHETIC.json").is_file():
        return present
    folder = tmp_path_factory.mktemp("small_data")
    generate(SynthConfig(size="small"), folder)
    return folder


@pytest.fixture(scope="session")
def small_england(tmp_path_factory: pytest.TempPathFactory) -> Paths:
    """A small England taken from `cin synth` to `cin report`.

    `make test` has built it already (`CIN_BUILD_DIR`); a bare pytest builds its own.
    """
    present = Paths.find(PROJECT)
    if "CIN_BUILD_DIR" in os.environ and (present.site / "index.html").is_file():
        return present
    folder = tmp_path_factory.mktemp("small_england")
    environment = {"CIN_DATA_DIR": str(folder / "data"), "CIN_BUILD_DIR": str(folder / "build")}
    done = cin(["demo", "--size", "small"], environment)
    assert done.returncode == 0, done.stdout + done.stderr
    return Paths(
        project=PROJECT,
        data=folder / "data",
        build=folder / "build",
        landing=folder / "build" / "landing",
        warehouse=folder / "build" / "warehouse.duckdb",
    )


@pytest.fixture(scope="session")
def small_site(tmp_path_factory: pytest.TempPathFactory) -> Paths:
    """A site over small marts, rendered once: read it; a test that changes it takes a copy."""
    from tests.python.site_marts import whole_site  # noqa: PLC0415 (only where it is asked for)

    return once(tmp_path_factory, "small_site", whole_site)
