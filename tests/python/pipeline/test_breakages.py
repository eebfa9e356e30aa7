"""Break a rule, a contract, a conservation law and an input: each must stop the build.

Every case builds a copy of the project on a tiny census (`tests.python.tiny_census`), so that
nothing here touches the warehouse a user has.
"""

from __future__ import annotations

import csv
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.python.conftest import PROJECT, cin
from tests.python.tiny_census import write_tiny

DBT_PROJECT = ("dbt_project.yml", "profiles.yml", "selectors.yml", "models", "seeds", "macros")


@dataclass(frozen=True)
class House:
    """A copy of the project with a landed tiny census."""

    folder: Path

    def cin(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        build = self.folder / "build"
        places = {"PROJECT": self.folder, "DATA": self.folder / "data", "BUILD": build}
        return cin(
            list(arguments), {f"CIN_{name}_DIR": str(place) for name, place in places.items()}
        )

    def replace(self, file: str, old: str, new: str) -> None:
        path = self.folder / file
        text = path.read_text("utf-8")
        assert old in text, f"{file} no longer holds what this test breaks: {old}"
        path.write_text(text.replace(old, new, 1), "utf-8")


@pytest.fixture
def house(tmp_path: Path) -> House:
    for name in DBT_PROJECT:
        source = PROJECT / name
        if source.is_dir():
            shutil.copytree(source, tmp_path / name)
        else:
            shutil.copy(source, tmp_path / name)
    shutil.copytree(PROJECT / "tests" / "data", tmp_path / "tests" / "data")
    write_tiny(tmp_path / "data")
    return House(tmp_path)


def assert_stopped(house: House, done: subprocess.CompletedProcess[str], named: str) -> None:
    assert done.returncode == 1, done.stdout + done.stderr
    assert named in done.stderr
    assert "Traceback" not in done.stderr
    assert not (house.folder / "build" / "warehouse.duckdb").exists(), "half-written warehouse"


@pytest.mark.slow
def test_the_unbroken_house_builds(house: House) -> None:
    assert house.cin("ingest").returncode == 0
    done = house.cin("build")
    assert done.returncode == 0, done.stdout + done.stderr
    assert (house.folder / "build" / "warehouse.duckdb").exists()


@pytest.mark.slow
@pytest.mark.parametrize(
    ("file", "old", "new", "named"),
    [
        pytest.param(
            "models/intermediate/episodes/int_episodes__rereferral.sql",
            "'previous.previous_referral_date', 12",
            "'previous.previous_referral_date', 13",
            "unit test",
            id="rule: re-referral within 13 months",
        ),
        pytest.param(
            "models/marts/core/dim_measure.sql",
            "threshold_no",
            "threshold_no + 0.5 as threshold_no",
            "contract",
            id="contract: a number of another type",
        ),
        pytest.param(
            "models/marts/rates/fct_rates_msoa.sql",
            "sum(counts.numerator)",
            "max(counts.numerator)",
            "msoa",
            id="conservation: MSOA counts that are not sums",
        ),
    ],
)
def test_a_broken_model_stops_the_build(
    house: House, file: str, old: str, new: str, named: str
) -> None:
    assert house.cin("ingest").returncode == 0
    house.replace(file, old, new)
    assert_stopped(house, house.cin("build", "--unit-tests"), named)


def rewrite_locations(data: Path, change: Callable[[dict[str, str]], None]) -> Path:
    """Change the first data row of the location file."""
    path = next((data / "locations" / "2019").iterdir())
    with path.open(encoding="utf-8", newline="") as source:
        rows = list(csv.DictReader(source))
    change(rows[0])
    with path.open("w", encoding="utf-8", newline="") as target:
        writer = csv.DictWriter(target, fieldnames=list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return path


@pytest.mark.slow
def test_an_lsoa_that_no_lookup_knows_stops_the_build_by_file_and_row(house: House) -> None:
    def unknown(row: dict[str, str]) -> None:
        row["lsoa_code"] = "E01999999"

    path = rewrite_locations(house.folder / "data", unknown)
    assert house.cin("ingest").returncode == 0
    done = house.cin("build")
    assert_stopped(house, done, path.name)
    assert "remedy" in done.stderr
    assert "lookup" in done.stderr
