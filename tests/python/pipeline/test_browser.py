"""The site in a real browser, from disk: every page loads, everything that moves is tried."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from common_py.paths import Paths
from tests.python.browser import Browser, Page, find_browser
from tests.python.conftest import first_of

DESKTOP, PHONE = 1280, 390


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    program = find_browser()
    if program is None or os.name != "posix":
        pytest.skip("no Chromium here: install it, or set CIN_CHROMIUM to its path (POSIX only)")
    with Browser(program, tmp_path_factory.mktemp("profile")) as found:
        yield found


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A page of a desktop's width that must not have gone wrong when the test is over."""
    with browser.page(width=DESKTOP) as found:
        yield found
        assert found.faults() == []


def pages_of(site: Path) -> list[Path]:
    found = sorted(site.rglob("*.html"))
    assert {"index", "authorities", "inconsistencies", "quality", "docs"} <= {
        file.stem for file in found
    }
    assert len(found) > 20
    return found


def assert_fits(page: Page, name: str) -> None:
    """Hold a page to its window's width, and what is read to letters that can be."""
    seen, wide = page.run("[innerWidth, document.documentElement.scrollWidth]")
    assert wide <= seen, name
    small = page.run(
        "[...document.querySelectorAll('main p, main td, main th, main li')].filter("
        "one => one.checkVisibility() && parseFloat(getComputedStyle(one).fontSize) < 12)"
        ".length"
    )
    assert small == 0, name


@pytest.mark.parametrize("one_in", first_of([8, 1], 1))
def test_every_page_loads_without_a_failed_request_or_an_error(
    browser: Browser, small_england: Paths, one_in: int
) -> None:
    """And none is wider than its window.

    All pages of authorities are of one kind: one in so many is opened in every run.
    """
    files = pages_of(small_england.site)
    of_authorities = [file for file in files if file.parent.name == "la"]
    shown = {*files}.difference(of_authorities).union(of_authorities[::one_in])
    faults = {}
    with browser.page(width=DESKTOP) as page:
        for file in sorted(shown):
            page.open(file)
            if file.stem != "docs":
                assert page.run("document.title").startswith("SYNTHETIC"), file.name
                assert page.run(
                    "document.querySelectorAll('main, header, footer, nav').length >= 4"
                )
            page.run("document.querySelectorAll('details').forEach(one => one.open = true)")
            if not file.stem.startswith("d"):
                assert_fits(page, file.name)
            faults[file.name] = page.faults()
            page.forget()
    assert {name: found for name, found in faults.items() if found} == {}


def test_no_page_is_wider_than_a_phone(browser: Browser, small_england: Paths) -> None:
    site = small_england.site
    one = next(iter(sorted((site / "la").iterdir())))
    with browser.page(width=PHONE) as page:
        for file in [*sorted(site.glob("[!d]*.html")), one]:
            page.open(file)
            page.run("document.querySelectorAll('details').forEach(one => one.open = true)")
            assert_fits(page, file.name)


def test_charts_are_drawn_and_zoom_by_button(page: Page, small_england: Paths) -> None:
    page.open(small_england.site / "index.html")
    n_charts = page.run("document.querySelectorAll('.chart').length")
    page.wait(f"document.querySelectorAll('.chart .drawing svg').length === {n_charts}")
    page.wait(f"document.querySelectorAll('.zoom').length === {n_charts}")
    ticks = (
        "[...document.querySelectorAll('.drawing')[0].querySelectorAll('.role-axis-label text')]"
        ".map(one => one.textContent).sort().join()"
    )
    before = page.run(ticks)
    page.run("document.querySelector('.zoom button').click()")
    page.wait(f"{ticks} !== {before!r}")
    page.run("document.querySelectorAll('.zoom button')[2].click()")
    page.wait(f"{ticks} === {before!r}")


def test_search_finds_an_authority_by_keyboard(page: Page, small_england: Paths) -> None:
    page.open(small_england.site / "index.html")
    first = sorted((small_england.site / "la").iterdir())[0]
    page.open(first)
    name = page.run("document.querySelector('h1').textContent")
    page.open(small_england.site / "quality.html")
    page.run("document.getElementById('find').focus()")
    page.type(name[:5].lower())
    page.wait("document.querySelectorAll('#found li').length > 0")
    page.press("ArrowDown")
    page.wait("document.querySelector('#found li[aria-selected=true]') !== null")
    page.press("Enter")
    page.wait(f"location.pathname.endsWith('la/{first.name}')")


def test_the_map_is_chosen_walked_and_followed(page: Page, small_england: Paths) -> None:
    page.open(small_england.site / "authorities.html")
    seen = "[...document.querySelectorAll('figure.map')].filter(one => !one.hidden).length"
    page.wait(f"{seen} === 1")
    page.run(
        "(() => { const one = document.getElementById('choose-map'); one.selectedIndex = 1;"
        " one.dispatchEvent(new Event('change')); })()"
    )
    page.wait("!document.querySelectorAll('figure.map')[1].hidden")
    assert page.run(seen) == 1
    tiles = "document.querySelectorAll('figure.map:not([hidden]) a[data-tip]')"
    assert page.run(f"[...{tiles}].filter(one => one.tabIndex === 0).length") == 1
    page.run(f"{tiles}[0].focus()")
    before = page.run("document.activeElement.getAttribute('aria-label')")
    page.press("ArrowDown")
    page.wait(f"document.activeElement.getAttribute('aria-label') !== {before!r}")
    words = page.run("document.activeElement.getAttribute('aria-label')")
    assert page.run("document.querySelector('.map:not([hidden]) .tip').textContent") == words
    page.press("Enter")
    page.wait("location.pathname.includes('/la/') && document.readyState === 'complete'")
    assert page.run("document.querySelector('h1').textContent") == words.split(",")[0]


def test_a_heading_sorts_the_list_and_says_so(page: Page, small_england: Paths) -> None:
    page.open(small_england.site / "authorities.html")
    page.wait("document.querySelector('.sortable thead button') !== null")
    values = (
        "[...document.querySelectorAll('.sortable tbody tr')].map("
        "row => Number(row.cells[2].dataset.value))"
    )
    for order in ("ascending", "descending"):
        page.run("document.querySelectorAll('.sortable thead button')[2].click()")
        assert page.run("document.querySelectorAll('.sortable thead th')[2].ariaSort") == order
        found = page.run(values)
        assert found == sorted(found, reverse=order == "descending")


def test_the_keyboard_reaches_the_content_first(page: Page, small_england: Paths) -> None:
    page.open(small_england.site / "index.html")
    page.press("Tab")
    assert page.run("document.activeElement.className") == "skip"
    page.press("Enter")
    page.wait("document.activeElement.id === 'content'")


def test_paper_has_the_numbers_and_not_the_navigation(page: Page, small_england: Paths) -> None:
    page.open(small_england.site / "index.html")
    page.call("Emulation.setEmulatedMedia", media="print")
    hidden = page.run(
        "['nav', '.search', '.zoom', '.skip'].every(one =>"
        " !document.querySelector(one) || !document.querySelector(one).checkVisibility())"
    )
    assert hidden
    assert page.run("document.querySelector('table.results').checkVisibility()")
    assert page.run("document.querySelector('.banner').checkVisibility()")
    listed = "[...document.querySelectorAll('details.printed table')]"
    assert page.run(f"{listed}.length > 0 && {listed}.every(one => !one.checkVisibility())")
    page.run("window.dispatchEvent(new Event('beforeprint'))")
    assert page.run(f"{listed}.every(one => one.checkVisibility())")


def test_without_scripts_every_picture_map_and_table_is_there(
    page: Page, small_england: Paths
) -> None:
    page.call("Emulation.setScriptExecutionDisabled", value=True)
    page.open(small_england.site / "index.html")
    page.call("Emulation.setScriptExecutionDisabled", value=False)
    assert page.run(
        "[...document.querySelectorAll('.chart img')].length > 0 &&"
        " [...document.querySelectorAll('.chart img')].every(one => one.naturalWidth > 0)"
    )
    assert page.run("document.querySelector('.search').hidden")
