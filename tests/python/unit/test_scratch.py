"""What a killed validation leaves behind is gone after the next one, or after `cin doctor`."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from common_py.scratch import VALIDATE, scratch, sweep
from tests.python.conftest import PROJECT, cin

_WORK = """
import sys
from common_py.scratch import VALIDATE, scratch
with scratch(VALIDATE) as folder:
    (folder / "children.parquet").write_text("a child")
    print(folder, flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder for temporary files of this test's own."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setenv("TEMP", str(tmp_path))
    return tmp_path


def _worker() -> tuple[subprocess.Popen[str], Path]:
    process = subprocess.Popen(
        [sys.executable, "-c", _WORK],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        encoding="utf-8",
        cwd=PROJECT,
    )
    assert process.stdout is not None
    return process, Path(process.stdout.readline().strip())


def test_a_folder_is_its_owners_and_gone_at_the_end(temporary: Path) -> None:
    with scratch(VALIDATE) as folder:
        assert folder.name.startswith(VALIDATE)
        if os.name == "posix":
            assert stat.S_IMODE(folder.stat().st_mode) == 0o700
        (folder / "file").write_text("a child", "utf-8")
    assert list(temporary.iterdir()) == []


def test_a_killed_process_leaves_nothing_for_longer_than_the_next_run(temporary: Path) -> None:
    killed, left = _worker()
    alive, held = _worker()
    assert list(temporary.iterdir())
    killed.kill()
    killed.wait()
    assert (left / "children.parquet").is_file()
    with scratch(VALIDATE):
        assert not left.exists()
        assert (held / "children.parquet").is_file(), "a run that goes on lost its folder"
    assert sweep(VALIDATE) == 0
    alive.communicate("")
    assert alive.returncode == 0
    assert list(temporary.iterdir()) == []


def test_doctor_sweeps_too(temporary: Path) -> None:
    killed, left = _worker()
    killed.kill()
    killed.wait()
    places = {"CIN_DATA_DIR": str(temporary / "none"), "CIN_BUILD_DIR": str(temporary / "build")}
    done = cin(["doctor"], places)
    assert "Removed: 1 folders" in done.stdout
    assert not left.exists()


@pytest.mark.skipif(os.name == "nt", reason="Windows asks for a right to make links")
def test_a_link_is_not_followed(temporary: Path) -> None:
    theirs = temporary / "theirs"
    theirs.mkdir()
    (theirs / "file").write_text("", "utf-8")
    (temporary / f"{VALIDATE}x").symlink_to(theirs)
    assert sweep(VALIDATE) == 0
    assert (theirs / "file").is_file()
