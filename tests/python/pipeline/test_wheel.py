"""A wheel, unlike an editable installation, is all there is: `cin validate` must run from it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.python.returns_world import HEADER, message

SOURCE = (
    "*_py", "expectations", "macros", "models", "seeds", "dbt_project.yml", "pyproject.toml",
    "setup.py", "MANIFEST.in", "README.md", "LICENSE",
)  # fmt: skip
BUILD = "import sys; from setuptools import build_meta; print(build_meta.build_wheel(sys.argv[1]))"
DEFINITIONS = ("macros", "models", "seeds")


pytest.importorskip("setuptools", "77", reason="requirements-install.lock has what makes a wheel")


@pytest.fixture(scope="module")
def wheel(project: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A wheel, made from a copy of the project: making one leaves files behind."""
    folder = tmp_path_factory.mktemp("wheel")
    (folder / "source").mkdir()
    for path in (path for pattern in SOURCE for path in project.glob(pattern)):
        place = folder / "source" / path.name
        if path.is_dir():
            shutil.copytree(path, place, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy2(path, place)
    run([sys.executable, "-c", BUILD, str(folder)], folder / "source")
    (made,) = folder.glob("*.whl")
    return made


def run(command: list[str], folder: Path, **variables: str) -> str:
    """Run a command that sees no project but what `variables` say."""
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("CIN_", "PYTHONPATH"))}
    done = subprocess.run(
        command, cwd=folder, env={**environment, **variables}, capture_output=True,
        encoding="utf-8", check=False,
    )  # fmt: skip
    assert done.returncode in (0, 4), done.stdout + done.stderr
    return done.stdout


def test_a_wheel_holds_the_definitions_of_the_project(project: Path, wheel: Path) -> None:
    wanted = {"dbt_project.yml"} | {
        path.relative_to(project).as_posix()
        for name in DEFINITIONS
        for path in (project / name).rglob("*")
        if path.is_file()
    }
    with zipfile.ZipFile(wheel) as packed:
        inside = "validate_py/project/"
        held = {n.removeprefix(inside): n for n in packed.namelist() if n.startswith(inside)}
        assert set(held) == wanted
        for name, place in held.items():
            assert packed.read(place) == (project / name).read_bytes(), name


def test_it_validates_a_return_far_from_any_project(wheel: Path, tmp_path: Path) -> None:
    installed, desk = tmp_path / "installed", tmp_path / "desk of an analyst"
    with zipfile.ZipFile(wheel) as packed:
        packed.extractall(installed)
    desk.mkdir()
    header = HEADER.replace("2023-03-31", "2023-03-30")
    (desk / "return.xml").write_text(message(header=header), "utf-8")
    code = (
        "import validate_py.run as r; print(r.project_folder());"
        "from pipeline_py.main import run; run()"
    )
    said = run([sys.executable, "-c", code, "validate", "return.xml"], desk,
               PYTHONPATH=str(installed))  # fmt: skip
    assert said.splitlines()[0] == str(installed / "validate_py" / "project")
    assert "100 " in said
    assert (desk / "issues" / "issues.xlsx").is_file()
