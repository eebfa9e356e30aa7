"""Each injected fault of data quality shuts the gate that is there for it, and no other does.

The faults that dbt's tests catch are planted in `pipeline/test_release.py`, where dbt runs.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import duckdb
import pyarrow as pa
import pytest

from common_py.errors import CinError
from common_py.paths import Paths
from common_py.warehouse import read_build, reading, rows, sql
from expectations import Release as Observed
from expectations.settings import GateSettings, load_settings
from publish_py.control import attacked
from publish_py.disclosed import Disclosure
from publish_py.gates import GATES, Evidence, judge
from publish_py.released import release
from publish_py.rules import Rules, load_rules
from publish_py.source import SQL_FOLDER
from publish_py.verdicts import Checked, Finding, Verdict, refusal
from tests.python.release_faults import FAULTS, LAST, NATIONAL
from tests.python.release_world import asked_once, changed, passing, releasable, remembered


def _national() -> GateSettings:
    settings = load_settings()
    return replace(settings, national_from=10, study_las={2019: 12})


def _observed(paths: Paths) -> Observed:
    """Say what a release of the sound warehouse would have said."""
    with reading(paths.warehouse) as connection:
        kind = "basis = 'episode' and timing = 'incidence' and stratum_type = 'all'"
        england = connection.execute(
            "select measure, 10000.0 * sum(numerator) / sum(denominator) "  # noqa: S608
            f"from rates.fct_rates_la where {kind} group by measure"
        ).fetchall()
        las = connection.execute(
            "select la_code, rate_per_10k from rates.fct_rates_la "  # noqa: S608
            f"where measure = 'referral' and {kind}"
        ).fetchall()
    return Observed(2019, 12, dict(england), 81.0, dict(las))


def _verdicts(
    paths: Paths,
    *,
    tested: Checked | None = None,
    last: tuple[Observed, ...] = (),
    settings: GateSettings | None = None,
    protection: Disclosure | None = None,
) -> tuple[Verdict, ...]:
    protection = protection or remembered()
    rules = load_rules()
    with reading(paths.warehouse) as connection, asked_once():
        try:
            run = rows(connection, sql(SQL_FOLDER, "runs"))[0]
        except CinError:
            run = {}
        published = protection.tables(connection, rules, None)
        evidence = Evidence(
            paths,
            connection,
            read_build(connection),
            rules,
            run,
            tests=passing if tested is None else lambda: tested,
            audit=lambda: protection.audit(published, rules, None),
            last=last,
            settings=settings,
        )
        return judge(evidence, GATES)


@pytest.fixture(scope="module")
def sound(small_site: Paths, tmp_path_factory: pytest.TempPathFactory) -> Paths:
    return releasable(small_site, tmp_path_factory.mktemp("sound"))


@pytest.mark.parametrize("needs", ["", NATIONAL, LAST])
def test_a_sound_warehouse_passes_every_gate(sound: Paths, needs: str) -> None:
    verdicts = _verdicts(
        sound,
        settings=_national() if needs == NATIONAL else None,
        last=(_observed(sound),) if needs == LAST else (),
    )
    assert [one.gate for one in verdicts] == list(GATES)
    assert all(one.passed for one in verdicts), refusal(verdicts)


def test_there_are_thirty_faults_or_more() -> None:
    assert len(FAULTS) >= 30
    assert {fault.gate for fault in FAULTS.values()} == set(GATES) - {"dbt tests"}


#: Another fault that shuts the same gate over the same mart is planted in every run, and
#: `test_gate_checks.py` closes the same check over it.
IN_THE_FULL_RUN = (
    "a match rate that is not there",
    "authorities whose children are not placed",
    "an authority without a referral",
    "a higher threshold that more children reach",
    "totals that are not those planted",
    "a rate that moved since the last release",
)


@pytest.mark.parametrize(
    "name",
    [
        pytest.param(name, marks=pytest.mark.slow) if name in IN_THE_FULL_RUN else name
        for name in FAULTS
    ],
)
def test_each_fault_shuts_its_gate_and_no_other_catches_it(
    sound: Paths, tmp_path: Path, name: str
) -> None:
    fault = FAULTS[name]
    paths = changed(sound, tmp_path, fault.sql)
    settings = _national() if fault.needs == NATIONAL else None
    last = (_observed(sound),) if fault.needs == LAST else ()
    verdicts = _verdicts(paths, settings=settings, last=last)
    shut = {one.gate: one for one in verdicts if not one.passed}
    assert fault.gate in shut, refusal(verdicts)
    found = [one for one in shut[fault.gate].findings if one.table == fault.table]
    said = [one for one in found if fault.words in one.problem]
    assert said, refusal(verdicts)
    text = refusal(verdicts)
    assert f"{fault.gate}, {fault.table}: " in text
    assert all(one.remedy and f"remedy: {one.remedy}" in text for one in said)
    # without its gate nobody would have said it: each is judged for itself
    without = tuple(one for one in verdicts if one.gate != fault.gate)
    assert fault.words not in refusal(without)


def test_without_secondary_suppression_the_gate_is_shut_and_says_no_number(sound: Paths) -> None:
    """The tables of this very warehouse, small counts hidden and nothing for their sake."""

    def bare(
        connection: duckdb.DuckDBPyConnection, rules: Rules, previous: Path | None
    ) -> dict[str, pa.Table]:
        return release(connection, rules, previous, with_secondary=False).tables

    (shut,) = (
        one
        for one in _verdicts(sound, protection=Disclosure(bare, attacked))
        if one.gate == "disclosure"
    )
    kinds = {finding.problem.partition(":")[0] for finding in shut.findings}
    assert "pinned" in kinds <= {"pinned", "narrow"}
    assert all("seeds/rules/protection.csv" in finding.remedy for finding in shut.findings)
    with reading(sound.warehouse) as connection:
        small = connection.execute(
            "select area_code, measure, timing, stratum from disclosure.dsc_cells where is_primary"
        ).fetchall()
    said = [finding.problem.split(": ")[1].split(", ") for finding in shut.findings]
    assert {(area, measure, timing, stratum)
            for _, _, area, measure, _, timing, _, stratum in said} <= set(small)  # fmt: skip
    (whole,) = (one for one in _verdicts(sound) if one.gate == "disclosure")
    assert whole.passed


def test_a_gate_that_cannot_be_judged_is_shut_and_the_others_are_told(
    sound: Paths, tmp_path: Path
) -> None:
    paths = changed(sound, tmp_path, "drop table quality.rpt_validation_decisions")
    verdicts = _verdicts(paths)
    assert len(verdicts) == len(GATES)
    shut = {one.gate for one in verdicts if not one.passed}
    assert {"validation", "expectations"} <= shut
    assert "cin build" in refusal(verdicts)


def test_what_dbt_found_and_what_the_audit_found_shut_their_gates(sound: Paths) -> None:
    finding = Finding("rates.fct_rates_la", "rates_sum: 3 rows", "build again")
    verdicts = {one.gate: one for one in _verdicts(sound, tested=Checked(160, (finding,)))}
    assert verdicts["dbt tests"].lines == [
        "gate dbt tests: FAILED (159 of 160 tests passed)",
        "  dbt tests, rates.fct_rates_la: rates_sum: 3 rows\n    remedy: build again",
    ]
    nothing = {one.gate: one for one in _verdicts(sound, tested=Checked(0, ()))}
    assert not nothing["dbt tests"].passed
    assert "nothing to judge" in nothing["dbt tests"].lines[1]
