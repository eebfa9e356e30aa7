"""The `cin` command itself: help, messages, exit codes; no stage runs to its end here."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from tests.python.conftest import cin

COMMANDS = ("demo", "synth", "ingest", "build", "gate", "fit", "report")


def run(tmp_path: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return cin(
        list(arguments),
        {"CIN_DATA_DIR": str(tmp_path / "data"), "CIN_BUILD_DIR": str(tmp_path / "build")},
    )


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_explains_itself(tmp_path: Path, command: str) -> None:
    done = run(tmp_path, command, "--help")
    assert done.returncode == 0
    assert "Usage" in done.stdout


def test_an_empty_data_folder_is_one_message_with_a_remedy(tmp_path: Path) -> None:
    done = run(tmp_path, "ingest")
    assert done.returncode == 1
    assert "remedy" in done.stderr
    assert "cin synth" in done.stderr
    assert "Traceback" not in done.stderr


def test_building_from_an_empty_landing_says_run_ingest(tmp_path: Path) -> None:
    done = run(tmp_path, "build")
    assert done.returncode == 1
    assert "cin ingest" in done.stderr
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "build" / "warehouse.duckdb").exists()


@pytest.mark.parametrize("command", ["gate", "fit", "report"])
def test_a_missing_warehouse_says_run_build(tmp_path: Path, command: str) -> None:
    done = run(tmp_path, command)
    assert done.returncode == 1
    assert "cin build" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_reference_folder_that_is_not_there(tmp_path: Path) -> None:
    done = run(tmp_path, "demo", "--reference", str(tmp_path / "nowhere"))
    assert done.returncode == 1
    assert "no such folder" in done.stderr


def test_synth_never_writes_over_real_rows(tmp_path: Path) -> None:
    """A data folder that synth did not make is refused and stays as it was."""
    theirs = tmp_path / "data" / "census" / "2019" / "extract" / "children.csv"
    theirs.parent.mkdir(parents=True)
    theirs.write_text("census_year,la_number\n", "utf-8")
    done = run(tmp_path, "synth", "--size", "small")
    assert done.returncode == 1
    assert "remedy" in done.stderr
    assert theirs.read_text("utf-8") == "census_year,la_number\n"
    assert sorted(path.name for path in (tmp_path / "data").iterdir()) == ["census"]


def test_a_size_that_does_not_exist_names_those_that_do(tmp_path: Path) -> None:
    done = run(tmp_path, "synth", "--size", "tiny")
    assert done.returncode == 2
    assert "national" in done.stderr
    assert "small" in done.stderr
