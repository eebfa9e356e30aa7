"""`cin doctor` says what is there and as what, what is missing, what to do; it lands nothing."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from ingest_py import doctor as module
from ingest_py.doctor import DoctorReport, doctor
from tests.python.ingest_world import EXTRACT, SECRET, World


@pytest.fixture
def world(tmp_path: Path) -> World:
    """Fill a data folder with everything; tests take away or spoil."""
    return World(tmp_path).tiny()


def _as(report: DoctorReport, file: str) -> str:
    return next(one.recognised_as for one in report.inputs if one.file == file)


def test_a_complete_folder_is_ready_to_ingest(world: World) -> None:
    report = doctor(world.paths)
    assert not [one for one in report.missing if one.required]
    assert all(one.ok for one in report.inputs)
    assert {"Python", "duckdb", "pyarrow", "free disk space"} <= {i.name for i in report.installed}
    assert _as(report, f"{EXTRACT}/referrals.csv") == "referrals"
    assert _as(report, "locations/2019/child_locations.csv") == "child_locations"
    assert "ref_lsoa_deprivation" in _as(report, "reference/File_7_2015.csv")
    assert report.next_steps[-1].startswith("run `cin ingest`")
    assert not world.landing.exists()


@pytest.mark.parametrize("ingested", [False, True])
def test_a_missing_file_is_named_with_what_it_adds_and_where(world: World, ingested: bool) -> None:
    if ingested:
        world.ingest()
    (world.data / "reference" / "ruc11.csv").unlink()
    report = doctor(world.paths)
    assert not report.ok
    (lacking,) = [one for one in report.missing if one.required]
    assert "Rural Urban Classification" in lacking.what
    assert "Table 16" in lacking.adds
    assert "Open Geography" in lacking.where
    assert any("data/reference/" in step for step in report.next_steps)


def test_bad_files_are_shown_with_place_and_remedy(world: World) -> None:
    world.text(f"{EXTRACT}/referrals.csv", f"a,{SECRET}\n1,2\n")
    world.text("census/2019/returns/805.xml", "<Message>")
    world.text("reference/bad.xlsx", b"PK\3\4")
    report = doctor(world.paths)
    bad = {one.file for one in report.inputs if not one.ok}
    assert bad == {
        f"{EXTRACT}/referrals.csv", "census/2019/returns/805.xml", "reference/bad.xlsx"
    }  # fmt: skip
    assert "[!!] reference/bad.xlsx" in report.text
    assert "mend or take out the 3 files" in report.text
    assert SECRET not in report.text


def test_no_data_says_what_to_do(tmp_path: Path) -> None:
    report = doctor(World(tmp_path).paths)
    assert any("cin synth" in step for step in report.next_steps)
    assert any("Rural Urban Classification" in one.what for one in report.missing if one.required)
    assert not report.ok


def test_no_locations_says_how_to_make_them(world: World) -> None:
    (world.data / "locations/2019/child_locations.csv").unlink()
    assert any("cin locate" in step for step in doctor(world.paths).next_steps)


def test_every_package_that_the_project_declares_is_looked_for(project: Path) -> None:
    declared = tomllib.loads((project / "pyproject.toml").read_text("utf-8"))["project"]
    names = {Requirement(one).name for one in declared["dependencies"]}
    assert set(module._PACKAGES) == names


def test_a_missing_package_is_said(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_PACKAGES", ("duckdb", "no-such-package-at-all"))
    report = doctor(world.paths)
    assert not report.ok
    assert "no-such-package-at-all missing" in report.text
    assert "without a registry see docs/secure_room.md" in report.text
