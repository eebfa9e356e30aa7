"""The gate passes sound marts, closes on unsound ones, and says which, how and where."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from common_py.errors import CinError
from expectations import GateReport, gate
from expectations.checks import CHECKS
from expectations.settings import Limits, load_settings
from tests.python.release_world import asked_once
from tests.python.small_marts import change, small_marts


@pytest.fixture(autouse=True)
def same_answers() -> Iterator[None]:
    """Most tests change one frame of many: the others are asked about once."""
    with asked_once():
        yield


def _status(report: GateReport) -> dict[str, str]:
    return {result.check: result.status for result in report.results}


def test_every_check_has_limits_and_a_reason() -> None:
    settings = load_settings()
    names = {check.name for check in CHECKS}
    assert names == set(settings.why) == {name for name, _ in settings.limits}


def test_sound_marts_open_the_gate(tmp_path: Path) -> None:
    report = gate(small_marts(tmp_path, _SOUND))
    assert report.passed
    assert report.messages == []
    assert _status(report)["match_rate_overall"] == "passed"
    assert _status(report)["release_change_rate"] == "skipped"
    # a synthetic census is not held against real numbers, and that is said
    assert _status(report)["dfe_la_totals"] == "skipped"
    written = json.loads(report.file.read_text("utf-8"))
    assert written["passed"] is True
    assert written["build_id"] == "build-one"
    assert not list(report.file.parent.glob("*.new"))


# The fixture's rates are far above England's: bring them near it.
_SOUND = """
update rates.fct_rates_la set denominator = denominator * 5, rate_per_10k = rate_per_10k / 5
"""


@pytest.mark.parametrize(
    ("damage", "check", "words"),
    [
        (
            "update quality.rpt_match_rates set match_rate = 0.1 where breakdown = 'all'",
            "match_rate_overall",
            ["10 %", "50 to 100 %"],
        ),
        (
            "update quality.rpt_match_rates set match_rate = null where breakdown = 'all'",
            "match_rate_overall",
            ["England"],
        ),
        (
            "update quality.rpt_match_rates set match_rate = 0.05 where breakdown = 'la' "
            "and category <= 'E06000004'",
            "match_rate_la",
            ["4 of 12 outside", "E06000001", "E06000004"],
        ),
        (
            "update quality.rpt_reconciliation_la set is_comparable = true, reason = "
            "case when la_number <= '804' then 'outside_threshold' else 'equal' end",
            "dfe_la_totals",
            ["4 of 12 outside", "801 referral", "804 referral"],
        ),
        (
            "update rates.fct_rates_la set numerator = 0, rate_per_10k = 0 "
            "where la_code = 'E06000007'",
            "la_referral_events",
            ["E06000007", "at least 1"],
        ),
        (
            "update rates.fct_rates_la set numerator = 40 * numerator where measure = 'cp_plan'",
            "threshold_order",
            ["s47 before cp_plan"],
        ),
        (
            "update quality.rpt_validation_decisions set decision = 'stops_release' "
            "where la_number = '801'",
            "validation_stops",
            ["1", "at most 0"],
        ),
        (
            "update modelling.mdl_lsoa_counts set n_events = 0 "
            "where measure = 'referral' and right(lsoa_code, 2) > '06'",
            "lsoa_zero_share",
            ["50 %", "at most 40 %"],
        ),
        ("delete from rates.fct_rates_la", "la_referral_median", ["nothing to judge"]),
    ],
)
def test_each_fault_closes_the_gate_and_is_named(
    tmp_path: Path, damage: str, check: str, words: list[str]
) -> None:
    report = gate(small_marts(tmp_path, _SOUND, damage))
    assert not report.passed
    assert _status(report)[check] == "failed"
    lines = [result.line() for result in report.results if result.check == check]
    for word in words:
        assert word in lines[0]


def test_a_national_census_must_be_complete(tmp_path: Path) -> None:
    paths = small_marts(
        tmp_path,
        _SOUND,
        "delete from quality.rpt_ingest_ledger where la_number = '803'",
    )
    settings = load_settings()
    national = type(settings)(10, {2019: 12}, settings.limits, settings.why)
    report = gate(paths, settings=national)
    line = next(result for result in report.results if result.check == "study_las")
    assert line.status == "failed"
    assert line.where == ("E06000003",)


def test_totals_are_held_against_what_was_planted(tmp_path: Path) -> None:
    planted = "insert into modelling.mdl_planted_values values ('2', 'Referral', 'n', 10)"
    report = gate(small_marts(tmp_path, _SOUND, planted))
    assert _status(report)["reference_totals"] == "failed"


def test_a_release_is_held_against_the_last_one(tmp_path: Path) -> None:
    paths = small_marts(tmp_path, _SOUND)
    assert gate(paths).passed
    change(paths, "update quality.rpt_build set build_id = 'build-two'")
    assert _status(gate(paths))["release_change_rate"] == "passed"
    change(
        paths,
        "update quality.rpt_build set build_id = 'build-three'",
        "update rates.fct_rates_la set numerator = 3 * numerator, rate_per_10k = 3 * rate_per_10k",
    )
    report = gate(paths)
    assert _status(report)["release_change_rate"] == "failed"
    # a closed gate is not what the next release is compared with
    assert _status(gate(paths))["release_change_rate"] == "failed"


def test_no_value_of_a_single_authority_is_written(tmp_path: Path) -> None:
    paths = small_marts(
        tmp_path,
        _SOUND,
        "update rates.fct_rates_la set rate_per_10k = 98765.4321 where la_code <= 'E06000006'",
    )
    report = gate(paths)
    assert _status(report)["la_referral_rate"] == "failed"
    assert "98765" not in report.file.read_text("utf-8").split('"releases"')[0]


def test_empty_marts_are_refused(tmp_path: Path) -> None:
    with pytest.raises(CinError, match="no census year"):
        gate(small_marts(tmp_path, "delete from core.dim_la"))


def test_limits_read_as_a_reader_would_say_them() -> None:
    assert Limits(70, 100, 1).text(" %") == "70 to 100 %"
    assert Limits(None, 20, 1).text(" %") == "at most 20 %"
    assert Limits(0, 0, 1).text("") == "exactly 0"
    assert Limits(50, 100, 0.95).text(" %") == "50 to 100 % in 95 % of rows"


def test_a_setting_without_a_reason_or_with_an_unknown_key_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "settings.yml"
    head = "national_from: 100\nstudy_las: {2019: 150}\nchecks:\n  one:\n"
    file.write_text(head + "    national: {min: 1}\n", "utf-8")
    with pytest.raises(CinError, match="no reason"):
        load_settings(file)
    file.write_text(head + "    national: {least: 1}\n    why: so\n", "utf-8")
    with pytest.raises(CinError, match="min, max, share"):
        load_settings(file)
