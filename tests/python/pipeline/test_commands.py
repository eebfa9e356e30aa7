"""The `cin` command itself: help, messages, exit codes; no stage runs to its end here."""

from __future__ import annotations

import csv
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner

from pipeline_py import main
from tests.python.conftest import cin
from tests.python.tiny_census import write_csv, write_tiny

COMMANDS = (
    "demo", "synth", "doctor", "locate", "ingest", "build", "validate", "gate", "fit", "report",
    "release", "local", "parity",
)  # fmt: skip


Done = subprocess.CompletedProcess[str]


def folders(tmp_path: Path) -> dict[str, str]:
    return {"CIN_DATA_DIR": str(tmp_path / "data"), "CIN_BUILD_DIR": str(tmp_path / "build")}


def run(tmp_path: Path, *arguments: str) -> Done:
    return cin(list(arguments), folders(tmp_path))


@pytest.fixture
def here(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[..., Done]:
    """The command's own entry point, in this process: starting another one costs the most."""
    monkeypatch.setenv("PYTHONUTF8", "1")  # which it sets for its children
    for name, folder in folders(tmp_path).items():
        monkeypatch.setenv(name, folder)

    def called(*arguments: str) -> Done:
        monkeypatch.setattr("sys.argv", ["cin", *arguments])
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            main.run()
        code = ended.value.code
        assert isinstance(code, int)
        return subprocess.CompletedProcess(arguments, code, *capsys.readouterr())

    return called


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_explains_itself(command: str) -> None:
    done = CliRunner().invoke(main.app, [command, "--help"])
    assert done.exit_code == 0
    assert "Usage" in done.stdout


def test_what_is_refused_at_once_loads_no_stage(project: Path) -> None:
    """Nobody waits for what makes tables and models to hear that a name cannot be."""
    code = (
        "import atexit, sys; sys.argv[0] = 'cin'; from pipeline_py.main import run;"
        "atexit.register(lambda: print(*{one.split('.')[0] for one in sys.modules})); run()"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, "release", "con"],
        cwd=project, capture_output=True, encoding="utf-8", check=False,
    )  # fmt: skip
    assert "no name for a release" in done.stderr
    assert not {"scipy", "pandas", "openpyxl", "publish_py"} & set(done.stdout.split())
    assert "pipeline_py" in done.stdout


def test_an_empty_data_folder_is_one_message_with_a_remedy(here: Callable[..., Done]) -> None:
    done = here("ingest")
    assert done.returncode == 1
    assert "remedy" in done.stderr
    assert "cin synth" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("what", ["a bad row", "a missing published file"])
def test_continue_is_offered_only_where_it_helps(
    tmp_path: Path, here: Callable[..., Done], what: str
) -> None:
    data = write_tiny(tmp_path / "data", n_children=30)
    if what == "a bad row":
        place = data / "locations" / "2019" / "child_locations.csv"
        place.write_text(place.read_text("utf-8") + "805,A,,,nowhere\n", "utf-8")
    else:
        (data / "reference" / "ruc11.csv").unlink()
    done = here("ingest")
    assert done.returncode == 1
    assert ("or accept the loss with `cin ingest --continue`" in done.stderr) == (
        what == "a bad row"
    )
    assert (here("ingest", "--continue").returncode == 0) == (what == "a bad row")


def test_building_from_an_empty_landing_says_run_ingest(
    tmp_path: Path, here: Callable[..., Done]
) -> None:
    done = here("build")
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
def test_a_missing_warehouse_says_run_build(here: Callable[..., Done], command: list[str]) -> None:
    done = here(*command)
    assert done.returncode == 1
    assert "cin build" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_reference_folder_that_is_not_there(tmp_path: Path, here: Callable[..., Done]) -> None:
    done = here("demo", "--reference", str(tmp_path / "nowhere"))
    assert done.returncode == 1
    assert "no such folder" in done.stderr


def test_synth_never_writes_over_real_rows(tmp_path: Path, here: Callable[..., Done]) -> None:
    """A data folder that synth did not make is refused and stays as it was."""
    theirs = tmp_path / "data" / "census" / "2019" / "extract" / "children.csv"
    theirs.parent.mkdir(parents=True)
    theirs.write_text("census_year,la_number\n", "utf-8")
    done = here("synth", "--size", "small")
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


def test_doctor_says_what_is_there_and_what_is_missing(
    tmp_path: Path, here: Callable[..., Done]
) -> None:
    write_tiny(tmp_path / "data", n_children=30)
    done = here("doctor")
    assert done.returncode == 0, done.stdout
    assert "[ok] locations/2019: child_locations" in done.stdout
    (tmp_path / "data" / "reference" / "ruc11.csv").unlink()
    done = here("doctor")
    assert done.returncode == 1
    assert "[needed] Rural Urban Classification" in done.stdout
    assert not (tmp_path / "build").exists()


def test_doctor_on_an_empty_folder_says_what_to_do(here: Callable[..., Done]) -> None:
    done = here("doctor")
    assert done.returncode == 1
    assert "cin synth" in done.stdout
    assert "Traceback" not in done.stderr


def test_locate_writes_lsoas_and_no_postcode(tmp_path: Path, here: Callable[..., Done]) -> None:
    addresses = tmp_path / "addresses.csv"
    known = [("la_number", "la_child_id", "postcode"), ("805", "A1", "zz1 1aa")]
    write_csv(addresses, known)
    directory = [("pcds", "lsoa11", "lsoa21"), ("ZZ1 1AA", "E01000001", "E01033333")]
    write_csv(tmp_path / "onspd.csv", directory)
    options = ("--onspd", str(tmp_path / "onspd.csv"), "--to", str(tmp_path / "out" / "here.csv"))
    done = here("locate", str(addresses), *options, "--lsoa", "2021")
    assert done.returncode == 0, done.stderr
    assert "1 of 1 rows" in done.stdout
    with (tmp_path / "out" / "here.csv").open(encoding="utf-8") as stream:
        assert list(csv.reader(stream)) == [
            ["la_number", "la_child_id", "upn", "lsoa_code"], ["805", "A1", "", "E01033333"],
        ]  # fmt: skip
    write_csv(addresses, [*known, ("805", "A2", "QQ1 1QQ")])
    done = here("locate", str(addresses), *options)
    assert done.returncode == 1
    assert "row 2" in done.stderr
    assert "QQ1" not in done.stdout + done.stderr
    assert here("locate", str(addresses), *options, "--continue").returncode == 0
