"""The coverage that the documentation quotes is what the benchmark measured."""

from __future__ import annotations

import csv

from benchmarks.engine import coverage


def test_the_quoted_table_is_the_measured_one() -> None:
    text = coverage.DOCUMENT.read_text(encoding="utf-8")
    assert text == coverage.quoted(text)


def test_plain_coverage_is_nominal_over_a_thousand_draws() -> None:
    with (coverage.HERE / "coverage.csv").open(encoding="utf-8") as stream:
        rows = list(csv.DictReader(stream))
    plain = next(r for r in rows if (r["scenario"], r["method"]) == ("plain", "random intercept"))
    assert int(plain["draws"]) >= 1000
    assert plain["not_converged"] == "0"
    assert all(93 <= float(plain[f"cover_b{k}"]) <= 97 for k in (1, 2, 3))
