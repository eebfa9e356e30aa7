"""The zip for Windows: project, wheels and `cin.bat`, in paths that Windows can hold."""

from __future__ import annotations

import re
import zipfile
from pathlib import Path

import pytest

from common_py.errors import CinError
from tests.python.unit.test_wheelhouse import WHEELS, lock_of
from wheelhouse_py.bundle import MOST_CHARACTERS, bundle, project_files
from wheelhouse_py.house import LOCK

FILES = {
    "dbt_project.yml": "name: tiny\n",
    "pyproject.toml": '[project]\nversion = "0.1.0"\n',
    "models/marts/one.sql": "select 1\n",
    "local_py/run.py": "pass\n",
    "local_py/__pycache__/run.pyc": "old",
    "tests/python/test_it.py": "pass\n",
    "tests/data/singular/it.sql": "select 1\n",
    "build/warehouse.duckdb": "children",
    "data/census/2019/returns/x.xml": "children",
}


@pytest.fixture
def house(tmp_path: Path) -> Path:
    """A project, its locks, and a folder of wheels for it."""
    project = tmp_path / "our project"
    for name, text in FILES.items():
        path = project / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    (project / LOCK).write_text(lock_of("plain", "fast", "stable", "zone_data"), "utf-8")
    (project / "requirements-install.lock").write_text(lock_of("setuptools"), "utf-8")
    (project / "wheels").mkdir()
    for name, content in WHEELS.items():
        (project / "wheels" / name).write_bytes(content)
    return project


def test_it_holds_what_windows_needs_and_nothing_of_children(house: Path) -> None:
    target = house / "out" / "cin.zip"
    made = bundle(house, house / "wheels", target, ["3.11"])
    with zipfile.ZipFile(target) as archive:
        names = set(archive.namelist())
        lines = archive.read("cin.bat").decode()
    assert {"cin.bat", "READ_ME_FIRST.txt", f"project/{LOCK}", "project/dbt_project.yml"} <= names
    assert {"project/models/marts/one.sql", "project/tests/data/singular/it.sql"} <= names
    assert {name for name in names if name.endswith(".whl")} == {
        f"wheelhouse/{name}" for name in WHEELS if "linux" not in name
    }
    assert not [
        name for name in names if re.search(r"pycache|tests/python|build/|/data/census", name)
    ]
    assert made.n_files == len(names)
    assert "\r\n" in lines
    assert "\n" not in lines.replace("\r\n", "")
    assert "@" not in lines.replace("@echo off", "")
    assert "python-0.1.0" in lines
    assert bundle(house, house / "wheels", target, ["3.11"]).n_bytes == made.n_bytes


def test_every_path_in_the_batch_file_is_quoted(project: Path) -> None:
    """A folder such as `OneDrive - A Council` has blanks."""
    text = (project / "wheelhouse_py" / "windows" / "cin.bat").read_text("utf-8")
    paths = re.compile(r"%(HERE|ROOM|CIN_HOME|CIN_PROJECT_DIR|CIN_BUILD_DIR|LOCALAPPDATA)%")
    used = [line for line in text.splitlines() if paths.search(line) and not line.startswith("rem")]
    assert len(used) > 6
    for line in used:
        for found in paths.finditer(line):
            assert line[: found.start()].count('"') % 2 == 1, line


def test_a_lacking_wheel_and_a_long_path_are_named(house: Path) -> None:
    target = house / "out" / "cin.zip"
    with pytest.raises(CinError, match="lacks what Windows needs"):
        bundle(house, house / "wheels", target, ["3.12"])
    long = house / "models" / "marts" / f"{'n' * MOST_CHARACTERS}.sql"
    long.write_text("select 1", "utf-8")
    with pytest.raises(CinError, match="a path has 1") as caught:
        bundle(house, house / "wheels", target, ["3.11"])
    assert "nnnn" in str(caught.value)
    assert not target.exists()


def test_the_projects_own_paths_are_short_enough(project: Path) -> None:
    assert max(len(name) for name, _ in project_files(project)) <= MOST_CHARACTERS
