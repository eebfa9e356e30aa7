"""The folder of wheels is held against the lock: every package of every machine, by its hash."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

import pytest

from common_py.errors import CinError
from wheelhouse_py.house import LOCK, Checked, check, locked_packages, machines
from wheelhouse_py.lock import Machine, read_lock

LINUX, WINDOWS = Machine("linux", "3.11"), Machine("windows", "3.11")
WHEELS = {
    "plain-1.0-py3-none-any.whl": b"plain",
    "fast-2.0-cp311-cp311-manylinux_2_17_x86_64.manylinux2014_x86_64.whl": b"fast on linux",
    "fast-2.0-cp311-cp311-win_amd64.whl": b"fast on windows",
    "stable-3.0-cp38-abi3-manylinux_2_28_x86_64.whl": b"stable on linux",
    "stable-3.0-cp38-abi3-win_amd64.whl": b"stable on windows",
    "zone_data-2026.6-py2.py3-none-any.whl": b"only windows",
    "setuptools-84.0-py3-none-any.whl": b"builds",
}
MARKERS = {"zone-data": " ; sys_platform == 'win32'"}


def lock_of(*names: str) -> str:
    """Return the lines of a lock for the wheels of these packages."""
    lines = []
    for name in names:
        of = {file: said for file, said in WHEELS.items() if file.startswith(f"{name}-")}
        hashes = [f"--hash=sha256:{hashlib.sha256(said).hexdigest()}" for said in of.values()]
        version = next(iter(of)).split("-")[1]
        known = name.replace("_", "-")
        lines.append(
            f"{known}=={version}{MARKERS.get(known, '')} \\\n    " + " \\\n    ".join(hashes)
        )
    return "\n".join(lines) + "\n"


@pytest.fixture
def house(tmp_path: Path) -> Path:
    """A project with two locks, and a whole folder of wheels beside it."""
    (tmp_path / LOCK).write_text(lock_of("plain", "fast", "stable", "zone_data"), "utf-8")
    (tmp_path / "requirements-install.lock").write_text(lock_of("setuptools"), "utf-8")
    (tmp_path / "wheels").mkdir()
    for name, content in WHEELS.items():
        (tmp_path / "wheels" / name).write_bytes(content)
    return tmp_path


def look(house: Path, *wanted: Machine) -> Checked:
    return check(house, house / "wheels", wanted or (LINUX, WINDOWS))


def test_a_whole_folder_lacks_nothing(house: Path) -> None:
    found = look(house)
    assert (found.lacks, found.strangers) == ((), ())
    names = {machine: {one.name for one in wheels} for machine, wheels in found.found.items()}
    assert names[LINUX] == {"plain", "fast", "stable", "setuptools"}
    assert names[WINDOWS] == {*names[LINUX], "zone-data"}
    assert [wheel.path.name for wheel in found.found[WINDOWS] if wheel.name == "fast"] == [
        "fast-2.0-cp311-cp311-win_amd64.whl"
    ]


@pytest.mark.parametrize("name", WHEELS)
@pytest.mark.parametrize("how", ["gone", "altered"])
def test_each_wheel_is_missed(house: Path, name: str, how: str) -> None:
    wheel = house / "wheels" / name
    if how == "gone":
        wheel.unlink()
    else:
        wheel.write_bytes(b"something else")
    lacks = look(house).lacks
    package = name.split("-", maxsplit=1)[0].replace("_", "-")
    assert {one.locked.name for one in lacks} == {package}
    if "any" not in name or package == "zone-data":
        assert {one.machine for one in lacks} == {LINUX if "linux" in name else WINDOWS}
    said = str(lacks[0])
    assert f"{package} " in said
    assert ("has not the hash of the lock" in said) == (how == "altered")


def test_a_wheel_of_another_python_does_not_do(house: Path) -> None:
    lacks = look(house, Machine("linux", "3.12")).lacks
    assert [(one.locked.name, one.reason) for one in lacks] == [
        ("fast", "no wheel of it is for this machine")
    ]


def test_what_is_not_locked_is_named(house: Path) -> None:
    (house / "wheels" / "other-1-py3-none-any.whl").touch()
    assert look(house).strangers == ("other-1-py3-none-any.whl",)


@pytest.mark.parametrize("line", ["a>=1 --hash=sha256:" + "0" * 64, "a==1", "-e ."])
def test_a_line_without_version_or_hash_is_refused(tmp_path: Path, line: str) -> None:
    (tmp_path / "a.lock").write_text(line + "\n", "utf-8")
    with pytest.raises(CinError, match=r"make lock"):
        read_lock(tmp_path / "a.lock")


def test_the_locks_are_read_whole(project: Path) -> None:
    """Every package of the lock, and what installs the project; markers choose by machine."""
    text = (project / LOCK).read_text("utf-8")
    locked = locked_packages(project)
    assert len(locked) == sum(" --hash" not in x and "==" in x for x in text.splitlines()) + 2
    assert [one.name for one in locked[-2:]] == ["pip", "setuptools"]
    for machine in machines():
        named = [one.name for one in locked if machine.needs(one)]
        assert len(named) == len(set(named)), f"{machine.name} has a package in two versions"
        assert ("tzdata" in named) == (machine.system == "windows")
        assert {"duckdb", "dbt-core", "numpy", "pyarrow", "lxml"} <= set(named)


def test_the_folder_at_hand_is_whole(project: Path) -> None:
    """Of the folder that `make wheelhouse` wrote, where there is one."""
    folder = Path(os.environ.get("CIN_WHEELHOUSE_DIR", project / "build" / "wheelhouse"))
    if not (folder / "SHA256SUMS").is_file():
        pytest.skip("no wheels here: run `make wheelhouse`, or set CIN_WHEELHOUSE_DIR")
    found = check(project, folder, machines())
    assert [str(one) for one in found.lacks] == []
    sums = dict(
        reversed(line.split("  ")) for line in (folder / "SHA256SUMS").read_text().splitlines()
    )
    wheels = {one.path.name: one.sha256 for of in found.found.values() for one in of}
    assert wheels.items() <= sums.items()
