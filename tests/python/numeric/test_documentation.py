"""What the engine's page quotes is what the committed benchmarks measured."""

from __future__ import annotations

import csv

import pytest

from benchmarks.engine import quote


def test_the_quoted_tables_are_the_measured_ones() -> None:
    text = quote.DOCUMENT.read_text(encoding="utf-8")
    assert text == quote.quoted(text)


def _rows(name: str) -> list[dict[str, str]]:
    with (quote.HERE / f"{name}.csv").open(encoding="utf-8") as stream:
        return list(csv.DictReader(stream))


def test_plain_coverage_is_nominal_over_a_thousand_draws() -> None:
    plain = next(
        r
        for r in _rows("coverage")
        if (r["scenario"], r["method"]) == ("plain", "random intercept")
    )
    assert int(plain["draws"]) >= 1000
    assert plain["not_converged"] == "0"
    assert all(93 <= float(plain[f"cover_b{k}"]) <= 97 for k in (1, 2, 3))


def test_the_referral_model_was_that_of_r() -> None:
    """The committed comparison on the marts meets the tolerances of statistics, section 4."""
    rows = {(r["engine"], r["points"], r["whose"]): r for r in _rows("referral_reference")}
    terms = ("const", "x1", "x2", "x1:x2", "group_sd")
    for engine, points in (("lme4", "1"), ("lme4", "7"), ("glmmTMB", "1")):
        ours = rows["this engine", points, "own objective"]
        theirs, at_ours = rows[engine, points, "polished"], rows[engine, points, "this engine"]
        for term in terms:
            close = 1e-4 if term == "group_sd" else 1e-5
            assert float(ours[term]) == pytest.approx(float(theirs[term]), rel=0, abs=close)
            error = f"se_{term}"
            assert float(ours[error]) == pytest.approx(float(theirs[error]), rel=1e-3)
        assert float(ours["llf"]) == pytest.approx(float(theirs["llf"]), abs=1e-3)
        assert float(at_ours["llf"]) >= float(theirs["llf"]) - 1e-6
