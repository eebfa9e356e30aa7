"""The site over small marts: whole, marked SYNTHETIC, protected, and never of another build."""

from __future__ import annotations

import csv
import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest

from analysis_py.specs import load_specs
from common_py.errors import CinError
from common_py.paths import Paths
from publish_py import report, site
from publish_py.charts import Figure
from publish_py.pictures import write_pictures
from publish_py.rules import load_rules
from publish_py.source import read_site_data
from tests.python.site_marts import copied, odd_pages, pages

VOID = {"meta", "link", "img", "br", "input"}


class _Page(HTMLParser):
    """Collects what the tests ask of a page: links, tables' captions, and balance."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.links: list[str] = []
        self.ids: set[str] = set()
        self.tables = self.captions = 0
        self.unscoped = 0
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag not in VOID:
            self.open.append(tag)
        self.links += [str(given[key]) for key in ("href", "src") if key in given]
        self.ids |= {str(given["id"])} if "id" in given else set()
        self.tables += tag == "table"
        self.captions += tag == "caption"
        self.unscoped += tag == "th" and "scope" not in given

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


@pytest.fixture
def without_pictures(monkeypatch: pytest.MonkeyPatch) -> None:
    """Reports of this test draw no picture: it is about something else."""
    monkeypatch.setattr(site, "write_pictures", lambda *_, **__: None)


def test_pages_are_balanced_captioned_and_closed_in_themselves(small_site: Paths) -> None:
    files = sorted(small_site.site.rglob("*.html"))
    found = {file: _Page(file.read_text("utf-8")) for file in files}
    assert len(found) == 5 + 12
    for file, page in found.items():
        assert page.open == [], file
        assert page.captions == page.tables > 0, file
        assert page.unscoped == 0, file
        for link in page.links:
            assert not re.match(r"(https?:)?//", link), link
            if link.startswith("data:"):
                continue
            name, _, fragment = link.partition("#")
            target = (file.parent / name).resolve() if name else file
            assert target.is_file(), (file, link)
            assert not fragment or fragment in found[target].ids, (file, link)


def test_nothing_in_the_site_asks_the_network(small_site: Paths) -> None:
    own = [*small_site.site.rglob("*.html"), *small_site.site.glob("assets/[!v]*.[cj]s*")]
    assert len(own) > 17 + len(load_specs())
    for file in own:
        text = file.read_text("utf-8")
        text = re.sub(r'"\$schema": "https://vega[^"]*"', "", text)
        text = text.replace('xmlns="http://www.w3.org/2000/svg"', "")
        assert "http" not in text, file


def test_synthetic_is_said_on_every_page_picture_and_file(small_site: Paths) -> None:
    assets = small_site.site / "assets"
    said = [
        *small_site.site.rglob("*.html"),
        *assets.glob("*.svg"),
        *assets.glob("*.csv"),
    ]
    pictures = {file.stem for file in assets.glob("*.svg")}
    assert pictures == {file.stem for file in assets.glob("*.png")}
    assert {"figure_02", "figure_03_referral", "figure_05_referral", "map_income"} <= pictures
    assert len(said) == 17 + len(pictures) + len(list(assets.glob("*.csv")))
    for file in said:
        assert "SYNTHETIC" in file.read_text("utf-8"), file.name


def test_real_data_is_not_called_synthetic(tmp_path_factory: pytest.TempPathFactory) -> None:
    text = odd_pages(tmp_path_factory)["index.html"]
    assert "SYNTHETIC" not in text
    assert ">Planted<" not in text


def test_the_first_summary_number_is_the_referral_gradient(small_site: Paths) -> None:
    text = (small_site.site / "index.html").read_text("utf-8")
    with (small_site.site / "assets" / "table_02.csv").open(encoding="utf-8") as file:
        cell = next(
            row
            for row in csv.DictReader(file)
            if (row["row"], row["statistic"]) == ("Referral", "irr")
        )
    assert f'card-value">{float(cell["estimated"]):.2f}<' in text
    assert f"{float(cell['ci_low']):.2f}–{float(cell['ci_high']):.2f}" in text


def test_no_small_count_is_shown_anywhere(small_site: Paths) -> None:
    with (small_site.site / "assets" / "table_04.csv").open(encoding="utf-8") as file:
        rows = [row for row in csv.DictReader(file) if row["row"] == "Age 9"]
    hidden = {row["statistic"]: row for row in rows if row["is_suppressed"] == "true"}
    assert {"n", "rate_per_10k", "irr", "interaction"} <= set(hidden)
    assert all(row["estimated"] == row["ci_low"] == "" for row in hidden.values())
    index = (small_site.site / "index.html").read_text("utf-8")
    assert index.count(">c</abbr></td>") >= len(hidden)
    quality = (small_site.site / "quality.html").read_text("utf-8")
    before_settings = quality.split('id="settings"')[0]
    cells = re.findall(r"<td[^>]*>(?:<span[^>]*>)?[−]?([\d,]+)<", before_settings)
    counts = [int(text.replace(",", "")) for text in cells]
    assert counts
    assert not [count for count in counts if 0 < count < 6]


def test_a_failed_fit_says_why_and_the_page_stands(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    text = odd_pages(tmp_path_factory)["index.html"]
    assert "no estimate: no events in this stratum" in text


@pytest.fixture(scope="module")
def another_build(small_site: Paths, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Pages over a build after that of the gate, whose authorities have names of markup."""
    paths = copied(
        small_site,
        tmp_path_factory.mktemp("another_build"),
        "update core.dim_la set la_name = '<script>alert(1)</script>'",
        "update quality.rpt_build set build_id = 'build-two'",
        "update estimates.runs set build_id = 'build-two'",
    )
    return pages(paths)


def test_names_are_escaped(another_build: dict[str, str]) -> None:
    found = another_build
    assert "&lt;script&gt;alert" in found["quality.html"]
    for name, text in found.items():
        assert "<script>alert" not in text, name


def test_estimates_of_another_build_are_refused(small_site: Paths, tmp_path: Path) -> None:
    paths = copied(small_site, tmp_path, "update quality.rpt_build set build_id = 'build-two'")
    before = (paths.site / "index.html").read_text("utf-8")
    with pytest.raises(CinError, match="cin fit"):
        report(paths)
    assert (paths.site / "index.html").read_text("utf-8") == before


def test_without_estimates_the_remedy_is_to_fit(small_site: Paths, tmp_path: Path) -> None:
    paths = copied(small_site, tmp_path, "drop schema estimates cascade")
    with pytest.raises(CinError, match="cin fit"):
        report(paths)


def test_the_gate_of_another_build_is_not_shown(another_build: dict[str, str]) -> None:
    text = another_build["quality.html"]
    assert "run on another build" in text
    assert "Match rate of referred children" not in text


@pytest.mark.usefixtures("without_pictures")
def test_dbt_docs_are_linked_only_where_they_are(small_site: Paths, tmp_path: Path) -> None:
    paths = copied(small_site, tmp_path)
    assert "docs.html" not in (paths.site / "index.html").read_text("utf-8")
    docs = paths.build / "dbt" / "static_index.html"
    docs.parent.mkdir()
    docs.write_text("<html>docs</html>", "utf-8")
    report(paths)
    assert "docs.html" in (paths.site / "index.html").read_text("utf-8")
    assert (paths.site / "docs.html").is_file()


@pytest.mark.usefixtures("without_pictures")
def test_a_failure_while_rendering_leaves_the_old_site_and_nothing_beside_it(
    small_site: Paths, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    paths = copied(small_site, tmp_path)
    before = sorted(file.name for file in paths.site.rglob("*"))

    def failing(*_: object, **__: object) -> None:
        raise OSError("the disk is full")

    monkeypatch.setattr(site, "render_pages", failing)
    with pytest.raises(OSError, match="disk is full"):
        report(paths)
    assert sorted(file.name for file in paths.site.rglob("*")) == before
    assert [folder.name for folder in paths.build.glob("site*")] == ["site"]


def test_a_picture_that_cannot_be_drawn_is_not_passed_over(
    small_site: Paths, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    content = site.content_of(read_site_data(small_site, load_rules()))
    drawn = replace(content, figures=content.figures[:2], maps=content.maps[:1])
    write_pictures(tmp_path, drawn, synthetic=True)
    names = {one.name for one in (*drawn.figures, *drawn.maps)}
    expected = {f"{name}.{kind}" for name in names for kind in ("svg", "png")}
    assert {file.name for file in tmp_path.iterdir()} == expected

    def failing(_: Figure) -> str:
        raise ValueError("no such mark")

    monkeypatch.setattr(Figure, "svg", failing)
    with pytest.raises(ValueError, match="no such mark"):
        write_pictures(tmp_path, drawn, synthetic=True)
