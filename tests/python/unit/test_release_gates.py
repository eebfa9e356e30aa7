"""Each injected fault of data quality shuts the gate that is there for it, and no other does.

The faults that dbt's tests catch are planted in `pipeline/test_release.py`, where dbt runs.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import duckdb
import pyarrow as pa
import pytest

from common_py.errors import CinError
from common_py.paths import Paths
from common_py.warehouse import read_build, reading, rows, sql
from expectations import Release as Observed
from expectations.settings import GateSettings, load_settings
from publish_py.control import attacked, control
from publish_py.disclosed import Disclosure
from publish_py.gates import GATES, Evidence, Gate, judge
from publish_py.released import release
from publish_py.rules import Rules, load_rules
from publish_py.source import SQL_FOLDER
from publish_py.verdicts import Checked, Finding, Verdict, refusal
from tests.python.release_world import passing, releasable

NATIONAL = "as if the twelve authorities were the nation"
LAST = "held against a last release"


@dataclass(frozen=True)
class Fault:
    """What is broken, and who must say so."""

    sql: str
    gate: str
    table: str
    words: str
    needs: str = ""


FAULTS = {
    "a return that a threshold stops": Fault(
        "update quality.rpt_validation_decisions set decision = 'stops_release' "
        "where la_number = '801'",
        "validation",
        "quality.rpt_validation_decisions",
        "authority 801, 2019, stops the release",
    ),
    "a return that nothing was decided about": Fault(
        "delete from quality.rpt_validation_decisions where la_number = '802'",
        "validation",
        "quality.rpt_validation_decisions",
        "authority 802, 2019, was never decided about",
    ),
    "no decision at all": Fault(
        "delete from quality.rpt_validation_decisions; delete from quality.rpt_ingest_ledger "
        "where n_rows_staged > 0 and la_number > '801'; "
        "update quality.rpt_ingest_ledger set n_rows_staged = 1",
        "validation",
        "quality.rpt_validation_decisions",
        "never decided about",
    ),
    "a match rate of one in ten": Fault(
        "update quality.rpt_match_rates set match_rate = 0.1 where breakdown = 'all'",
        "expectations",
        "quality.rpt_match_rates",
        "match_rate_overall",
    ),
    "a match rate that is not there": Fault(
        "update quality.rpt_match_rates set match_rate = null where breakdown = 'all'",
        "expectations",
        "quality.rpt_match_rates",
        "match_rate_overall",
    ),
    "authorities whose children are not placed": Fault(
        "update quality.rpt_match_rates set match_rate = 0.05 where breakdown = 'la' "
        "and category <= 'E06000004'",
        "expectations",
        "quality.rpt_match_rates",
        "4 of 12 outside",
    ),
    "one sex that is not placed": Fault(
        "update quality.rpt_match_rates set match_rate = 0.75 where category = 'male'",
        "expectations",
        "quality.rpt_match_rates",
        "match_rate_sex_gap",
        NATIONAL,
    ),
    "an authority that did not return": Fault(
        "delete from quality.rpt_ingest_ledger where la_number = '803'; "
        "delete from quality.rpt_validation_decisions where la_number = '803'",
        "expectations",
        "core.dim_la",
        "study_las",
        NATIONAL,
    ),
    "rates of another unit": Fault(
        "update rates.fct_rates_la set rate_per_10k = rate_per_10k / 1000 "
        "where measure = 'referral'",
        "expectations",
        "rates.fct_rates_la",
        "la_referral_median",
    ),
    "rates of some authorities out of range": Fault(
        "update rates.fct_rates_la set rate_per_10k = 5000 where la_code <= 'E06000004' "
        "and measure = 'referral'",
        "expectations",
        "rates.fct_rates_la",
        "la_referral_rate",
    ),
    "an authority without a referral": Fault(
        "update rates.fct_rates_la set numerator = 0 where la_code = 'E06000007'",
        "expectations",
        "rates.fct_rates_la",
        "la_referral_events",
    ),
    "no rates at all": Fault(
        "delete from rates.fct_rates_la where measure = 'referral'",
        "expectations",
        "rates.fct_rates_la",
        "nothing to judge",
    ),
    "neighbourhoods that lost their children": Fault(
        "update modelling.mdl_lsoa_counts set n_events = 0 "
        "where measure = 'referral' and right(lsoa_code, 2) > '06'",
        "expectations",
        "modelling.mdl_lsoa_counts",
        "lsoa_zero_share",
    ),
    "a higher threshold that more children reach": Fault(
        "update rates.fct_rates_la set numerator = 40 * numerator where measure = 'cp_plan'",
        "expectations",
        "rates.fct_rates_la",
        "s47 before cp_plan",
    ),
    "totals that are not those planted": Fault(
        "insert into modelling.mdl_planted_values values ('2', 'Referral', 'n', 10)",
        "expectations",
        "rates.fct_rates_la",
        "reference_totals",
    ),
    "totals that are not DfE's": Fault(
        "update quality.rpt_reconciliation set is_comparable = true",
        "expectations",
        "quality.rpt_reconciliation",
        "dfe_totals",
        NATIONAL,
    ),
    "rows that were kept out": Fault(
        "update quality.rpt_ingest_ledger set n_rows_quarantined = 200",
        "expectations",
        "quality.rpt_ingest_ledger",
        "quarantined_share",
    ),
    "a stratum that is mostly unknown": Fault(
        "insert into rates.fct_rates_la (census_year, la_code, measure, basis, timing, "
        "stratum_type, stratum, numerator) values (2019, 'E06000001', 'referral', 'episode', "
        "'incidence', 'age', 'unknown', 1000000)",
        "expectations",
        "rates.fct_rates_la",
        "unknown_share",
    ),
    "neighbourhoods without children": Fault(
        "update modelling.mdl_lsoa_context set population = 1 where right(lsoa_code, 2) = '05'",
        "expectations",
        "modelling.mdl_lsoa_context",
        "lsoa_population",
    ),
    "income deprivation that is no share": Fault(
        "update modelling.mdl_lsoa_context set income = 3 where right(lsoa_code, 2) = '05'",
        "expectations",
        "modelling.mdl_lsoa_context",
        "lsoa_income",
    ),
    "a rate that moved since the last release": Fault(
        "update rates.fct_rates_la set numerator = 3 * numerator where measure = 'cin'",
        "expectations",
        "rates.fct_rates_la",
        "release_change_rate",
        LAST,
    ),
    "a match rate that moved since the last release": Fault(
        "update quality.rpt_match_rates set match_rate = 0.62 where breakdown = 'all'",
        "expectations",
        "quality.rpt_match_rates",
        "release_change_match",
        LAST,
    ),
    "an authority that the last release had": Fault(
        "delete from quality.rpt_ingest_ledger where la_number = '812'",
        "expectations",
        "core.dim_la",
        "release_change_las",
        LAST,
    ),
    "authorities whose rate moved since the last release": Fault(
        "update rates.fct_rates_la set rate_per_10k = rate_per_10k / 3.5 "
        "where la_code <= 'E06000003' and measure = 'referral'",
        "expectations",
        "rates.fct_rates_la",
        "release_change_la_rate",
        LAST,
    ),
    "a model of Table 2 that did not converge": Fault(
        "update estimates.fits set converged = false, reason = 'flat' "
        "where table_no = '2' and row_label = 'Referral'",
        "convergence",
        "estimates.fits",
        "Table 2, Referral: the model did not converge (flat)",
    ),
    "many models that did not converge": Fault(
        "update estimates.fits set converged = false where table_no = '18'",
        "convergence",
        "estimates.fits",
        "limit: at least 95 %",
    ),
    "estimates of another build": Fault(
        "update estimates.runs set build_id = 'another'",
        "estimates",
        "estimates.runs",
        "of another build",
    ),
    "estimates of another dataset": Fault(
        "update estimates.runs set dataset = 'real'",
        "estimates",
        "estimates.runs",
        "another dataset or domain",
    ),
    "estimates of another year": Fault(
        "insert into rates.fct_rates_la by name select * replace (2020 as census_year) "
        "from rates.fct_rates_la",
        "estimates",
        "estimates.runs",
        "of 2019, the latest marts of 2020",
    ),
    "no estimates": Fault(
        "drop schema estimates cascade",
        "estimates",
        "estimates.runs",
        "no estimates in the warehouse",
    ),
    "a coefficient without spread": Fault(
        "update estimates.coefficients set std_error = 'nan'::double "
        "where spec_id = 'table_02/referral/all/all'",
        "estimates",
        "estimates.coefficients",
        "no estimate can be that",
    ),
    "a model without its coefficients": Fault(
        "delete from estimates.coefficients where spec_id = 'table_02/cin/all/all'",
        "estimates",
        "estimates.coefficients",
        "without its other half",
    ),
    "a coefficient without its model": Fault(
        "delete from estimates.fits where spec_id = 'table_02/cin/all/all'",
        "estimates",
        "estimates.fits",
        "without its other half",
    ),
    "small counts that nothing flags": Fault(
        "update disclosure.dsc_cells set is_primary = false",
        "disclosure",
        "published.rates_la",
        "shown: rates_la, 2019, E06000001, cp_plan",
    ),
    "ages that are not known to add up": Fault(
        "delete from disclosure.dsc_relations where relation = 'age'",
        "disclosure",
        "published.rates_la",
        "pinned: rates_la, 2019, E06000003, cp_conference",
    ),
    "a cell that nothing says how it was made": Fault(
        "delete from estimates.cell_notes where table_no = '2' and row_label = 'CIN'",
        "estimates",
        "estimates.cells",
        "0 notes",
    ),
}


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
    gates: Mapping[str, Gate] = GATES,
    *,
    tested: Checked | None = None,
    last: tuple[Observed, ...] = (),
    settings: GateSettings | None = None,
    protection: Disclosure | None = None,
) -> tuple[Verdict, ...]:
    protection = protection or control()
    rules = load_rules()
    with reading(paths.warehouse) as connection:
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
        return judge(evidence, gates)


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


@pytest.mark.parametrize("name", FAULTS)
def test_each_fault_shuts_its_gate_and_no_other_catches_it(
    small_site: Paths, sound: Paths, tmp_path: Path, name: str
) -> None:
    fault = FAULTS[name]
    paths = releasable(small_site, tmp_path, fault.sql)
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
    # without its gate nobody would have said it
    others = {gate: judged for gate, judged in GATES.items() if gate != fault.gate}
    without = _verdicts(paths, others, settings=settings, last=last)
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
    small_site: Paths, tmp_path: Path
) -> None:
    paths = releasable(small_site, tmp_path, "drop table quality.rpt_validation_decisions")
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
