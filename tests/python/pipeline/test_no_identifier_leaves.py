"""No identifier, postcode, worker or exact day leaves landing and the tables of children.

A tiny census with a canary in every field that can identify a child goes through every command;
then everything they wrote and said is searched (`tests.python.canaries`). What may hold rows about
children is set apart by name, here and nowhere else.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import duckdb
import pytest
import vl_convert

import publish_py
from analysis_py import run as fitting
from common_py.paths import Paths
from pipeline_py import main
from publish_py.verdicts import Checked
from tests.python.canaries import Canary, Leak, Search, is_day
from tests.python.canary_world import (
    Planted,
    plant,
    without_children,
    write_addresses,
    write_return,
    write_workers,
)
from tests.python.conftest import PROJECT
from tests.python.here import cin_here
from tests.python.small_marts import IN_BRIEF

EXIT_ERRORS = 4
DBT_PROJECT = ("models", "seeds", "macros", "tests", "dbt_project.yml", "profiles.yml",
               "selectors.yml")  # fmt: skip


@dataclass(frozen=True)
class Ran:
    """What every command was given, wrote and said.

    Attributes
    ----------
    folder
        Inputs in `data`, everything written in `out`.
    planted
        The canaries.
    said
        What each command printed, by its words.
    """

    folder: Path
    planted: Planted
    said: dict[str, subprocess.CompletedProcess[str]]

    @property
    def out(self) -> Path:
        return self.folder / "out"

    @property
    def build(self) -> Path:
        return self.out / "build"

    @property
    def apart(self) -> list[Path]:
        """Landing, the list that `cin validate` makes for caseworkers, and new locations."""
        return [self.build / "landing", self.out / "issues", self.out / "located.csv"]

    @cached_property
    def search(self) -> Search:
        """It knows again what it has searched: for all canaries, so ask once they are planted."""
        return Search(self.planted.canaries)

    @cached_property
    def found_apart(self) -> dict[str, set[Leak]]:
        """What is in each place that is set apart, by its name."""
        found = {one.name: self.search.files(one) for one in self.apart if one.is_dir()}
        files = [one for one in self.apart if one.is_file()]
        assert files
        return found | {one.name: self.search.content(one.read_bytes(), "") for one in files}

    def cin(self, *arguments: str, project: Path = PROJECT) -> int:
        temporary = self.out / "tmp"
        temporary.mkdir(parents=True, exist_ok=True)
        done = cin_here(
            arguments,
            {
                "CIN_PROJECT_DIR": str(project),
                "CIN_DATA_DIR": str(self.folder / "data"),
                "CIN_BUILD_DIR": str(self.build),
                "CIN_RELEASES_DIR": str(self.out / "releases"),
                **dict.fromkeys(("TMPDIR", "TEMP", "TMP"), str(temporary)),
            },
        )
        self.said[" ".join(arguments[:2])] = done
        return done.returncode


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory, small_england: Paths) -> Ran:
    """Everything once: what is refused and set aside is first complained of, then accepted."""
    folder = tmp_path_factory.mktemp("canaries")
    ran = Ran(folder, plant(folder / "data"), {})
    shutil.copytree(small_england.build / "cache", ran.build / "cache")  # the charts' script
    (ran.build / "dbt").mkdir()  # and what dbt read of the project
    shutil.copy(small_england.build / "dbt" / "partial_parse.msgpack", ran.build / "dbt")
    addresses, directory = write_addresses(folder, ran.planted)
    earlier = write_return(folder, ran.planted, "earlier")
    now = write_return(folder, ran.planted, "validated")
    workers = write_workers(folder, ran.planted, "validated")
    located = ("--onspd", str(directory), "--to", str(ran.out / "located.csv"))
    assert ran.cin("doctor") == 1
    assert ran.cin("locate", str(addresses), *located) == 1
    assert ran.cin("locate", str(addresses), "--continue", *located) == 0
    assert ran.cin("ingest") == 1
    assert ran.cin("ingest", "--continue") == 0
    ran.planted.canaries.append(Canary("hash_key", key_of(ran.build)))
    with in_brief():
        for command in ("build", "gate", "fit"):
            ran.cin(command)
        ran.cin("report", "--format", "html", "--format", "xlsx", "--format", "csv")
        ran.cin("export", str(ran.out / "marts"))
        release_past_the_gates(ran)
    listed = ("--output", str(ran.out / "issues"), "--workers", str(workers))
    ran.cin("validate", str(now), "--since", str(earlier), *listed)
    return ran


@contextmanager
def in_brief() -> Iterator[None]:
    """Fit the sensitivities of one table alone, and draw what is drawn already no more."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(fitting, "load_specs", lambda: IN_BRIEF)
        for name in ("vegalite_to_svg", "svg_to_png"):
            patch.setattr(vl_convert, name, remembered(getattr(vl_convert, name)))
        yield


def remembered(draw: Callable[..., Any]) -> Callable[..., Any]:
    """Draw the same once: report and release show most pictures alike."""
    drawn: dict[str, Any] = {}

    def known(picture: object, **options: object) -> Any:
        key = f"{picture!r} {options!r}"
        if key not in drawn:
            drawn[key] = draw(picture, **options)
        return drawn[key]

    return known


def release_past_the_gates(ran: Ran) -> None:
    """Make the whole release that gates would stop, and the folder for output checkers."""
    paths = Paths(
        PROJECT,
        data=ran.folder / "data",
        build=ran.build,
        landing=ran.build / "landing",
        warehouse=ran.build / "warehouse.duckdb",
        shelf=ran.out / "releases",
    )
    report = publish_py.release(paths, "1", tests=lambda: Checked(1, ()), gates={})
    checkers = publish_py.sacro_folder(report.folder)
    said = f"{report.summary}\n{checkers.summary}"
    ran.said["release past the gates"] = subprocess.CompletedProcess([], 0, said, "")


def key_of(build: Path) -> str:
    place = (build / "landing" / "hash_key" / "*.parquet").as_posix()
    with duckdb.connect() as connection:
        ((key,),) = connection.execute(f"select hash_key from '{place}'").fetchall()  # noqa: S608
    assert len(key) == 64
    return str(key)


def test_the_commands_ran_and_met_the_canaries(ran: Ran) -> None:
    """Else there is nothing to find: each went as far as it should, and each canary got in."""
    codes = {name: done.returncode for name, done in ran.said.items()}
    wanted = dict.fromkeys(("build", "fit", "report --format", "ingest --continue"), 0)
    assert {name: codes[name] for name in wanted} == wanted, {
        name: ran.said[name].stderr for name in wanted
    }
    released = {one.relative_to(ran.out).as_posix() for one in ran.out.glob("releases/*/*")}
    wanted_files = (
        "1/release.duckdb",
        "1/MANIFEST.json",
        "1/site",
        "1/parquet",
        "1.sacro/results.json",
    )
    assert {f"releases/{name}" for name in wanted_files} <= released
    exported = next(code for name, code in codes.items() if name.startswith("export"))
    assert exported == 0
    validated = next(code for name, code in codes.items() if name.startswith("validate"))
    assert validated == EXIT_ERRORS
    landed = {leak.field for leak in ran.found_apart["landing"]}
    planted = {one.field for one in ran.planted.canaries if one.field.startswith("children.")}
    set_aside = {one for one in planted if one.endswith(" as key")}
    assert planted - set_aside <= landed
    assert {one.field for one in ran.planted.canaries if is_day(one.field)} <= landed
    listed = {leak.field for leak in ran.found_apart["issues"]}
    assert {"worker", "team", "validated LAchildID"} <= listed


def test_all_that_is_said_is_kept(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Of Python, of a library beneath it, of a child, and warnings; and where files would be."""

    def says() -> None:
        sys.stdout.write("1")
        sys.stderr.write(tempfile.gettempdir())
        sys.stdout.flush()
        os.write(1, b"2")
        child = "import os; os.write(1, b'3'); os.write(2, b'of a child')"
        subprocess.run([sys.executable, "-c", child], check=True)
        warnings.warn("of a row", stacklevel=1)
        sys.exit(5)

    monkeypatch.setattr(main, "run", says)
    done = cin_here(["anything"], {"TMPDIR": str(tmp_path)})
    assert (done.returncode, done.stdout) == (5, "123")
    assert all(one in done.stderr for one in (str(tmp_path), "of a child", "of a row"))


def test_nothing_was_said(ran: Ran) -> None:
    for name, done in ran.said.items():
        assert not ran.search.content((done.stdout + done.stderr).encode(), name)


def test_nothing_was_written(ran: Ran) -> None:
    """Site, tables, gate, dbt's artefacts and log, compiled SQL, marts, temporary files."""
    assert not ran.search.files(ran.out, apart=ran.apart)


def test_a_postcode_is_not_even_in_what_locate_writes(ran: Ran) -> None:
    """Nor in anything else that is set apart; the rest may hold no canary at all."""
    never = {one.field for one in without_children(ran.planted)}
    assert never
    assert list(ran.found_apart) == ["landing", "issues", "located.csv"]
    for name, found in ran.found_apart.items():
        assert not {leak for leak in found if leak.field in never}, name


def test_a_leak_would_be_seen(ran: Ran, tmp_path: Path) -> None:
    """One planted by hand, in a page and in a table: what finds nothing above can find."""
    upn = next(str(one.value) for one in ran.planted.canaries if one.field == "children.upn")
    (tmp_path / "site").mkdir()
    (tmp_path / "site" / "leak.html").write_text(f"<p>{upn}</p>", "utf-8")
    with duckdb.connect(str(tmp_path / "warehouse.duckdb")) as connection:
        connection.execute(
            "create schema quality; "
            "create table quality.rpt_leak as select date '2018-05-17' as day"
        )
    found = ran.search.files(tmp_path)
    assert {(leak.field, leak.place) for leak in found} == {
        ("children.upn", "site/leak.html"),
        ("referrals.referral_date", "warehouse.duckdb: quality.rpt_leak"),
    }


@pytest.mark.slow
def test_a_release_that_is_refused_quotes_nobody(ran: Ran) -> None:
    """No gate lets such a census pass; dbt's tests are run on it, and everything is told."""
    assert ran.cin("release", "2", "--sacro") == 1
    told = ran.said["release 2"].stderr
    assert "release 2 is not published" in told
    assert "gate dbt tests" in told
    assert not ran.search.content(told.encode(), "stderr")
    assert not ran.search.files(ran.out, apart=ran.apart)


@pytest.mark.slow
def test_a_build_that_fails_quotes_nobody(ran: Ran, tmp_path: Path) -> None:
    """A cast that fails in a test, one that fails in a model, and a contract that is broken."""
    for name in DBT_PROJECT:
        source = PROJECT / name
        (shutil.copytree if source.is_dir() else shutil.copy)(source, tmp_path / name)
    broken = tmp_path / "tests" / "data" / "singular" / "broken.sql"
    broken.write_text(
        "select la_child_id from {{ ref('rpt_validation_issues') }}\n"
        "where cast(la_child_id as integer) > 0\n",
        "utf-8",
    )
    cast = "select * from final where cast(raw_value as date) is not null"
    marts = tmp_path / "models" / "marts"
    replace(marts / "restricted" / "rpt_untyped_values.sql", "select * from final", cast)
    replace(
        marts / "core" / "dim_measure.sql", "threshold_no", "threshold_no + 0.5 as threshold_no"
    )
    assert ran.cin("build", "--no-unit-tests", project=tmp_path) == 1
    told = ran.said["build --no-unit-tests"].stderr
    assert told.count("a value does not fit") >= 2
    assert "contract" in told
    assert "broken" in told
    assert "rpt_untyped_values" in told
    assert not ran.search.content(told.encode(), "stderr")
    assert not ran.search.files(ran.out, apart=ran.apart)


def replace(path: Path, old: str, new: str) -> None:
    text = path.read_text("utf-8")
    assert old in text, f"{path.name} no longer holds what this test breaks: {old}"
    path.write_text(text.replace(old, new, 1), "utf-8")
