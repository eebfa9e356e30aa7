"""One authority of the small England with its own return, addresses and areas. SYNTHETIC."""

from __future__ import annotations

import csv
import shutil
from dataclasses import dataclass
from pathlib import Path

import duckdb

from common_py.paths import Paths
from local_py import LocalReport, Options, run
from synth_py.returns import write_returns
from tests.python.browser import Page

YEAR = 2019


@dataclass(frozen=True)
class World:
    """What the authority has, and what came of it."""

    paths: Paths
    options: Options
    report: LocalReport
    la_number: str

    @property
    def site(self) -> Path:
        return self.report.site.index.parent


def make_world(folder: Path, small_data: Path, small_england: Paths) -> World:
    """Write what the authority has into a folder, and take it to its site.

    It is the authority with most LSOAs.
    """
    data = folder / "data"
    shutil.copytree(small_data, data)
    with duckdb.connect(str(small_england.warehouse), read_only=True) as connection:
        ((la_number,),) = connection.execute(
            "select la_number from core.dim_la where is_study_la "
            "order by n_lsoas desc, la_number limit 1"
        ).fetchall()
        lsoas = connection.execute(
            "select lsoa_code from core.dim_lsoa join core.dim_la using (census_year, la_code) "
            "where la_number = ? order by lsoa_code",
            [la_number],
        ).fetchall()
    (source,) = write_returns(data, [YEAR], [la_number])
    own_return = folder / f"our return {YEAR}.xml"
    source.rename(own_return)
    _write_addresses(data, folder, la_number)
    shutil.rmtree(data / "census")
    shutil.rmtree(data / "locations")
    _write_areas(folder / "areas.csv", [code for (code,) in lsoas])
    build = folder / "build"
    shutil.copytree(small_england.build / "cache", build / "cache")  # the script of the charts
    paths = Paths(small_england.project, data, build, build / "landing", build / "warehouse.duckdb")
    options = Options(
        returns=(own_return,),
        output=folder / "the site",
        addresses=folder / "addresses.csv",
        onspd=folder / "onspd.csv",
        preset="study",
        areas=folder / "areas.csv",
    )
    return World(paths, options, run(paths, options), la_number)


def open_every_page(page: Page, site: Path) -> None:
    """Hold each page of a site to its window, and the first to its drawn charts."""
    for file in sorted(site.glob("*.html")):
        page.open(file)
        page.run("document.querySelectorAll('details').forEach(one => one.open = true)")
        seen, wide = page.run("[innerWidth, document.documentElement.scrollWidth]")
        assert wide <= seen, (file.name, seen)
        assert page.faults() == [], (file.name, seen)
    page.open(site / "index.html")
    page.wait("document.querySelectorAll('.chart .drawing svg').length === 3")


def _write_addresses(data: Path, folder: Path, la_number: str) -> None:
    """Give every LSOA a postcode, and every located child of the authority its address."""
    with duckdb.connect() as connection:
        # another authority's file may hold the child: its pupils live on both sides of a border
        found = connection.execute(
            f"""
            select case when la_number = $own then la_child_id end, upn, lsoa_code
            from '{data}/locations/{YEAR}/*.parquet'
            where la_number = $own or upn in (
                select upn from '{data}/census/{YEAR}/extract/children.parquet'
                where la_number = $own and upn is not null
            )
            order by all
            """,  # noqa: S608
            {"own": la_number},
        ).fetchall()
    codes = sorted({lsoa for *_, lsoa in found})
    letters = "ABDEFGHJLN"
    postcode = {
        code: f"ZZ{n // 1000} {n // 100 % 10}{letters[n // 10 % 10]}{letters[n % 10]}"
        for n, code in enumerate(codes)
    }
    with (folder / "addresses.csv").open("w", encoding="utf-8", newline="") as stream:
        rows = [
            (la_number, child or "", upn or "", postcode[lsoa].lower())
            for child, upn, lsoa in found
        ]
        csv.writer(stream).writerows([("LEA", "LAchildID", "UPN", "Postcode"), *rows])
    with (folder / "onspd.csv").open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream).writerows([("pcds", "lsoa11"), *((postcode[c], c) for c in codes)])


def _write_areas(path: Path, lsoas: list[str]) -> None:
    """Six wards by turns, two districts of three wards, and a hub that leaves one LSOA out."""
    with path.open("w", encoding="utf-8", newline="") as stream:
        rows = [
            (code, f"Ward {n % 6 + 1}", f"District {n % 6 // 3 + 1}", "Hub" if n else "")
            for n, code in enumerate(lsoas)
        ]
        csv.writer(stream).writerows([("lsoa_code", "ward", "district", "family hub"), *rows])
