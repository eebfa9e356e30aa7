"""The `cin` command itself: help, messages, exit codes; no stage runs to its end here."""

from __future__ import annotations

import csv
import shutil
import subprocess
from pathlib import Path

import pytest
from typer.testing import CliRunner

from pipeline_py.main import app
from tests.python.conftest import cin
from tests.python.tiny_census import write_csv, write_tiny

COMMANDS = (
    "demo", "synth", "doctor", "locate", "ingest", "build", "validate", "gate", "fit", "report",
    "release", "local", "parity",
)  # fmt: skip


def run(tmp_path: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return cin(
        list(arguments),
        {"CIN_DATA_DIR": str(tmp_path / "data"), "CIN_BUILD_DIR": str(tmp_path / "build")},
    )


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_explains_itself(command: str) -> None:
    done = CliRunner().invoke(app, [command, "--help"])
    assert done.exit_code == 0
    assert "Usage" in done.stdout


def test_an_empty_data_folder_is_one_message_with_a_remedy(tmp_path: Path) -> None:
    done = run(tmp_path, "ingest")
    assert done.returncode == 1
    assert "remedy" in done.stderr
    assert "cin synth" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("what", ["a bad row", "a missing published file"])
def test_continue_is_offered_only_where_it_helps(tmp_path: Path, what: str) -> None:
    data = write_tiny(tmp_path / "data", n_children=30)
    if what == "a bad row":
        place = data / "locations" / "2019" / "child_locations.csv"
        place.write_text(place.read_text("utf-8") + "805,A,,,nowhere\n", "utf-8")
    else:
        (data / "reference" / "ruc11.csv").unlink()
    done = run(tmp_path, "ingest")
    assert done.returncode == 1
    assert ("or accept the loss with `cin ingest --continue`" in done.stderr) == (
        what == "a bad row"
    )
    assert (run(tmp_path, "ingest", "--continue").returncode == 0) == (what == "a bad row")


def test_building_from_an_empty_landing_says_run_ingest(tmp_path: Path) -> None:
    done = run(tmp_path, "build")
    assert done.returncode == 1
    assert "cin ingest" in done.stderr
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "build" / "warehouse.duckdb").exists()


@pytest.mark.slow
def test_building_from_half_a_landing_names_what_is_missing(tmp_path: Path) -> None:
    """Here dbt itself looks, as it does for a bare `dbt build`."""
    write_tiny(tmp_path / "data", n_children=30)
    assert run(tmp_path, "ingest").returncode == 0
    shutil.rmtree(tmp_path / "build" / "landing" / "section47")
    done = run(tmp_path, "build")
    assert done.returncode == 1
    assert "lacks section47" in done.stderr
    assert "cin ingest" in done.stderr
    assert not (tmp_path / "build" / "warehouse.duckdb").exists()


@pytest.mark.parametrize("command", [["gate"], ["fit"], ["report"], ["release", "1"]])
def test_a_missing_warehouse_says_run_build(tmp_path: Path, command: list[str]) -> None:
    done = run(tmp_path, *command)
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


@pytest.mark.slow
def test_synth_writes_returns_when_asked(tmp_path: Path) -> None:
    done = run(tmp_path, "synth", "--size", "small", "--returns")
    assert done.returncode == 0, done.stderr
    assert "48 XML returns" in done.stdout
    for year in ("2018", "2019"):  # the year looked back to, and the year
        files = sorted((tmp_path / "data" / "census" / year / "returns").glob("*.xml"))
        assert len(files) == 24
        assert all(b"SYNTHETIC" in path.read_bytes()[:200] for path in files)


def test_doctor_says_what_is_there_and_what_is_missing(tmp_path: Path) -> None:
    write_tiny(tmp_path / "data")
    done = run(tmp_path, "doctor")
    assert done.returncode == 0, done.stdout
    assert "[ok] locations/2019: child_locations" in done.stdout
    (tmp_path / "data" / "reference" / "ruc11.csv").unlink()
    done = run(tmp_path, "doctor")
    assert done.returncode == 1
    assert "[needed] Rural Urban Classification" in done.stdout
    assert not (tmp_path / "build").exists()


def test_doctor_on_an_empty_folder_says_what_to_do(tmp_path: Path) -> None:
    done = run(tmp_path, "doctor")
    assert done.returncode == 1
    assert "cin synth" in done.stdout
    assert "Traceback" not in done.stderr


def test_locate_writes_lsoas_and_no_postcode(tmp_path: Path) -> None:
    addresses = tmp_path / "addresses.csv"
    known = [("la_number", "la_child_id", "postcode"), ("805", "A1", "zz1 1aa")]
    write_csv(addresses, known)
    directory = [("pcds", "lsoa11", "lsoa21"), ("ZZ1 1AA", "E01000001", "E01033333")]
    write_csv(tmp_path / "onspd.csv", directory)
    options = ("--onspd", str(tmp_path / "onspd.csv"), "--to", str(tmp_path / "out" / "here.csv"))
    done = run(tmp_path, "locate", str(addresses), *options, "--lsoa", "2021")
    assert done.returncode == 0, done.stderr
    assert "1 of 1 rows" in done.stdout
    with (tmp_path / "out" / "here.csv").open(encoding="utf-8") as stream:
        assert list(csv.reader(stream)) == [
            ["la_number", "la_child_id", "upn", "lsoa_code"], ["805", "A1", "", "E01033333"],
        ]  # fmt: skip
    write_csv(addresses, [*known, ("805", "A2", "QQ1 1QQ")])
    done = run(tmp_path, "locate", str(addresses), *options)
    assert done.returncode == 1
    assert "row 2" in done.stderr
    assert "QQ1" not in done.stdout + done.stderr
    assert run(tmp_path, "locate", str(addresses), *options, "--continue").returncode == 0
