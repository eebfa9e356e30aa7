"""What the page on scale quotes is what the committed benchmarks measured, or the model says."""

from __future__ import annotations

import re

import pytest

from benchmarks.scale import quote, report


def test_the_quoted_tables_are_the_measured_ones() -> None:
    text = quote.DOCUMENT.read_text(encoding="utf-8")
    assert text == quote.quoted(text)


@pytest.mark.parametrize("name", ["small", "national"])
def test_every_england_went_through_every_stage(name: str) -> None:
    stages = report.stored(f"{name}_stages")
    if not stages:
        pytest.skip(f"the {name} England has not been measured")
    for years in report.measured_years(name):
        found = [row["stage"] for row in report.of_years(name, years)]
        assert found == ["ingest", "build", "gate", "fit", "report"]
    sizes = {int(row["years"]): row for row in report.stored(f"{name}_sizes")}
    assert set(sizes) == set(report.measured_years(name))


def test_the_model_is_the_line_that_the_page_says() -> None:
    """Its value for the small England's own rows is near what was measured there."""
    sizes = report.stored("small_sizes")
    peaks = {
        int(row["years"]): float(row["peak_mb"])
        for row in report.stored("small_stages")
        if row["stage"] == "build"
    }
    for row in sizes:
        if row["stage"] != report.LOCAL:
            years = int(row["census_rows"]) / report.NATIONAL_ROWS
            assert report.working_set(years) == pytest.approx(peaks[int(row["years"])], rel=0.1)
    text = quote.DOCUMENT.read_text(encoding="utf-8")
    assert f"{report.NATIONAL_ROWS:,}" in text
    assert f"{report.SYSTEM_GB} GB for the system" in text
    held = [report.unspilled_years(memory) for memory in (8, 16, 64)]
    assert held == sorted(held)
    assert re.search(rf"\| 16 GB \| 14 GB \| {held[1]} \|", text)


def test_a_machine_holds_what_the_model_says_and_not_a_year_more() -> None:
    for memory in (8, 16, 64):
        n = report.unspilled_years(memory)
        room = 1000 * (memory - report.SYSTEM_GB)
        assert report.working_set(n) <= room < report.working_set(n + 1)


def test_what_comparing_takes_is_what_was_measured() -> None:
    measured = (report.HERE / "parity.md").read_text(encoding="utf-8")
    text = quote.DOCUMENT.read_text(encoding="utf-8")
    said = re.search(r"([\d,]+) rows of marts each, took ([\d.]+) seconds .* ([\d.]+) GB", text)
    assert said is not None
    for figure, unit in zip(
        said.groups(), ("rows in each", "processor seconds", "GB"), strict=True
    ):
        assert f"{figure} {unit}" in measured


def test_what_less_memory_costs_is_what_was_measured() -> None:
    measured = (report.HERE / "memory.md").read_text(encoding="utf-8")
    text = quote.DOCUMENT.read_text(encoding="utf-8").replace("\n", " ")
    found = re.search(
        r"took ([\d.]+) GB and (\d+) seconds .*? 4 GB, ([\d.]+) GB and (\d+) seconds .*? 450 MB",
        text,
    )
    assert found is not None
    peak, seconds, less_peak, more_seconds = found.groups()
    assert f"| 4GB | {seconds} | {peak} | built |" in measured
    assert f"| 450MB | {more_seconds} | {less_peak} | built |" in measured
    build = next(
        row
        for row in report.stored("small_stages")
        if (row["years"], row["stage"]) == ("10", "build")
    )
    assert float(build["processor_s"]) == pytest.approx(float(seconds), abs=0.5)
    assert float(build["peak_mb"]) / 1000 == pytest.approx(float(peak), abs=0.01)
