"""`cin local` with two years, with the sample returns, and its guide word for word. SYNTHETIC."""

from __future__ import annotations

import csv
import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

from common_py.errors import CinError
from common_py.paths import Paths
from local_py import Options, run
from synth_py.returns import write_returns
from wheelhouse_py.bundle import project_files

SAMPLES = (
    "CIN_Census_2021.xml",
    "CIN_Census_2024.xml",
    "CIN_Census_2026.xml",
    "fake_CIN_data.xml",
)
LA_NUMBER = "805"
FOUND_ISSUES = (0, 3, 4)
"""What `cin validate` ends with when it worked."""


def paths_of(project: Path, folder: Path) -> Paths:
    build = folder / "build"
    return Paths(project, folder / "data", build, build / "landing", build / "warehouse.duckdb")


@pytest.mark.parametrize("name", SAMPLES)
def test_a_sample_return_gets_a_site_or_the_reason_why_not(
    project: Path, shared: Path, small_data: Path, tmp_path: Path, name: str
) -> None:
    """Their years need published files that the small England does not have: each is named."""
    paths = paths_of(project, tmp_path)
    (paths.data / "reference").mkdir(parents=True)
    shutil.copytree(small_data / "reference" / "lookups", paths.data / "reference" / "lookups")
    source = shared / "census" / "samples" / name
    with pytest.raises(CinError, match="nothing was built") as caught:
        run(paths, Options((source,), tmp_path / "site"))
    said = str(caught.value)
    assert "ref_lsoa_population" in said
    assert "download it from ons.gov.uk" in said
    values = re.findall(r"<(?:LAchildID|UPN|PersonBirthDate)>([^<]+)<", source.read_text("utf-8"))
    assert values
    assert not [value for value in values if value.strip() in said]
    assert not (tmp_path / "site").exists()


def earlier(text: str) -> str:
    """Return a return with every year one less: the same children, a year before."""
    shifted = re.sub(
        r"(>)(19|20)(\d\d)(-\d\d-\d\d|<)",
        lambda m: f"{m[1]}{int(m[2] + m[3]) - 1}{m[4]}",
        text,
    )
    return shifted.replace("-02-29", "-02-28")


@pytest.mark.slow
def test_two_years_give_trends_and_look_back(
    project: Path, small_data: Path, tmp_path: Path
) -> None:
    paths = paths_of(project, tmp_path)
    shutil.copytree(small_data, paths.data)
    (source,) = write_returns(paths.data, [2019], [LA_NUMBER])
    now, before = tmp_path / "now.xml", tmp_path / "before.xml"
    source.rename(now)
    before.write_text(earlier(now.read_text("utf-8")), "utf-8")
    folder = paths.data / "reference" / "population"
    for path in sorted(folder.iterdir()):  # the population of mid-2018 is that of mid-2019
        shutil.copy(path, folder / path.name.replace("2019", "2018"))
    addresses = tmp_path / "where.csv"
    with duckdb.connect() as connection:
        connection.execute(
            f"copy (select la_number, la_child_id, upn, lsoa_code "  # noqa: S608
            f"from '{paths.data}/locations/2019/*.parquet' where la_number = '{LA_NUMBER}') "
            f"to '{addresses}' (header)"
        )
    options = Options((before, now), tmp_path / "site", addresses=addresses, preset="study")
    report = run(paths, options)
    assert report.gathered.census_years == (2018, 2019)
    page = report.site.index.read_text("utf-8")
    assert "Year by year" in page
    assert "trend_chart_early" in page
    shares: dict[str, float] = {}
    with (tmp_path / "site" / "assets" / "outcomes.csv").open(encoding="utf-8") as stream:
        for row in csv.DictReader(stream):
            if (row["outcome"], row["statistic"]) == ("Re-referral within 12 months", "share"):
                shares[row["census_year"]] = float(row["value"])
    assert shares["2019"] > shares["2018"] > 0  # every child was referred the year before
    with (tmp_path / "site" / "assets" / "trends.csv").open(encoding="utf-8") as stream:
        referrals = {
            row["census_year"]: float(row["episodes"])
            for row in csv.DictReader(stream)
            if row["measure"] == "referral"
        }
    assert referrals["2018"] == pytest.approx(referrals["2019"], rel=0.02)
    assert referrals["2019"] > 100


def guide_commands(project: Path) -> list[str]:
    """Return the commands of the guide's blocks, in their order."""
    text = (project / "docs" / "local.md").read_text("utf-8")
    blocks = re.findall(r"^```\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    return [line for block in blocks for line in block.splitlines() if line.strip()]


@pytest.mark.slow
def test_the_guide_word_for_word(project: Path, tmp_path: Path) -> None:
    """In a folder laid out as the zip for Windows is, with blanks in its path."""
    work = tmp_path / "OneDrive - A Council" / "CIN"
    for name, source in project_files(project):
        place = work / name
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, place)
    tools = tmp_path / "tools"
    tools.mkdir()
    cin = tools / "cin"
    cin.write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} -m pipeline_py "$@"\n', "utf-8")
    cin.chmod(0o755)
    kept = {name: value for name, value in os.environ.items() if not name.startswith("CIN_")}
    environment = {
        **kept,
        "PATH": f"{tools}{os.pathsep}{os.environ['PATH']}",
        "PYTHONPATH": str(work / "project"),
        "CIN_PROJECT_DIR": str(work / "project"),
        "CIN_DATA_DIR": str(work / "data"),
        "CIN_BUILD_DIR": str(tmp_path / "AppData" / "build"),
    }
    commands = guide_commands(project)
    assert len(commands) >= 9
    for command in commands:
        done = subprocess.run(
            shlex.split(command), cwd=work, env=environment, capture_output=True,
            encoding="utf-8", check=False,
        )  # fmt: skip
        allowed = FOUND_ISSUES if command.startswith("cin validate") else (0,)
        assert done.returncode in allowed, f"{command}\n{done.stdout}{done.stderr}"
    for name in (
        "issues/issues.xlsx", "local_site/index.html", "local_site/areas.html", "by_decile.xlsx",
        "study_site/index.html", "marts/rates.fct_rates_la.csv",
    ):  # fmt: skip
        assert (work / name).is_file(), name
    assert "children of 0 to 17" in (work / "local_site" / "index.html").read_text("utf-8")
    assert "children of 5 to 15" in (work / "study_site" / "index.html").read_text("utf-8")
    assert "Ward 1" in (work / "local_site" / "areas.html").read_text("utf-8")
