"""The folder for output checkers: every output with its status, its checks and the exception."""

from __future__ import annotations

import csv
import hashlib
import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from common_py.paths import Paths
from publish_py import sacro_folder
from publish_py.manifest import broken
from publish_py.sacro import ACRO_VERSION
from tests.python.release_world import publish, releasable, without_pages

_FIELDS = {
    "uid", "status", "type", "properties", "files", "outcome", "command", "summary",
    "timestamp", "comments", "exception", "fair",
}  # fmt: skip
_LOADS = """
import json, sys
from acro.record import load_records
records = load_records(sys.argv[1])
print(json.dumps({uid: [one.status, one.output_type, len(one.output), one.exception]
                  for uid, one in records.results.items()}))
"""


@pytest.fixture(scope="module")
def checked(small_site: Paths, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A release with a picture, and the folder made from it."""
    paths = releasable(small_site, tmp_path_factory.mktemp("sacro"))
    with without_pages():
        release = publish(paths, "2019.1").folder
    assets = release / "site" / "assets"
    assets.mkdir()
    picture = next((small_site.site / "assets").glob("figure_*.png"))
    shutil.copyfile(picture, assets / picture.name)
    report = sacro_folder(release)
    assert report.folder.name == "2019.1.sacro"
    assert report.n_outputs > 20
    return report.folder


def _results(folder: Path) -> dict[str, dict[str, object]]:
    content = json.loads((folder / "results.json").read_text("utf-8"))
    assert content["version"] == ACRO_VERSION
    return dict(content["results"])


def test_every_output_is_there_with_its_checksum(checked: Path) -> None:
    results = _results(checked)
    listed = set()
    for uid, one in results.items():
        assert set(one) == _FIELDS
        assert one["uid"] == uid
        assert isinstance(one["files"], list)
        assert one["files"]
        listed |= {file["name"] for file in one["files"]}
    present = {file.name for file in checked.iterdir() if file.is_file()}
    assert present == listed | {"results.json", "config.json"}
    for name in present:
        digest = hashlib.sha256((checked / name).read_bytes()).hexdigest()
        assert (checked / "checksums" / f"{name}.txt").read_text("utf-8") == digest
    kinds = {one["type"] for one in results.values()}
    assert kinds == {"table", "regression", "custom"}


def test_what_is_withheld_is_reviewed_cell_by_cell(checked: Path) -> None:
    table = next(
        one for one in _results(checked).values() if one["command"] == "cin release: rates_la"
    )
    with (checked / "rates_la.csv").open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines))
    withheld = [number for number, row in enumerate(rows) if row["is_suppressed"] == "true"]
    assert withheld, "the small England withholds nothing: the test has nothing to look at"
    assert table["status"] == "review"
    assert "already withheld" in str(table["exception"])
    assert f"{len(withheld)} of {len(rows)} rows withheld" in str(table["summary"])
    assert isinstance(table["files"], list)
    cells = [cell for found in table["files"][0]["sdc"]["cells"].values() for cell in found]
    assert {row for row, _ in cells} == set(withheld)
    names = list(rows[0])
    assert all(rows[row][names[column + 1]] == "" for row, column in cells)
    whole = next(
        one for one in _results(checked).values() if one["command"] == "cin release: rates_england"
    )
    assert (whole["status"], whole["exception"]) == ("pass", "")


def test_it_is_made_again_and_the_release_stays(checked: Path) -> None:
    before = (checked / "results.json").read_bytes()
    release = checked.with_name("2019.1")
    sacro_folder(release)
    assert (checked / "results.json").read_bytes() == before
    assert [one for one in broken(release) if not one.endswith(".png")] == []


@pytest.mark.slow
def test_acro_loads_it(checked: Path) -> None:
    python = os.environ.get("CIN_ACRO_PYTHON")
    if not python:
        pytest.skip("set CIN_ACRO_PYTHON to a Python that has `acro`, which is not in the lock")
    done = subprocess.run(
        [python, "-c", _LOADS, str(checked)], capture_output=True, encoding="utf-8", check=False
    )
    assert done.returncode == 0, done.stderr
    loaded = json.loads(done.stdout)
    results = _results(checked)
    assert loaded.keys() == results.keys()
    for uid, (status, kind, n_outputs, exception) in loaded.items():
        one = results[uid]
        assert (status, kind, exception) == (one["status"], one["type"], one["exception"])
        assert isinstance(one["files"], list)
        assert n_outputs == len(one["files"])
