"""The gates of a release: all are judged and all are told of; one that fails stops it.

dbt's tests of this warehouse, validation thresholds, Great Expectations, models that
converged, estimates of these marts, and the audit of what would be published.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import duckdb

import expectations
from common_py.errors import CinError
from common_py.paths import Paths
from common_py.progress import Progress, silent
from common_py.warehouse import Build, rows, sql
from common_py.yaml_text import from_yaml
from publish_py.rules import Rules
from publish_py.verdicts import Checked, Finding, Verdict

SQL_FOLDER = Path(__file__).parent / "sql"
LIMITS_FILE = Path(__file__).with_name("release.yml")
HEADLINE_TABLES = ("2", "3", "4")
STOPS = "stops_release"
_FIT = "run `cin fit` and release again"
_BUILD = "run `cin build` and `cin fit`, and release again"


@dataclass(frozen=True)
class Limits:
    """What `release.yml` asks of models."""

    minimum_model_las: int
    minimum_converged_pct: float


def load_limits(file: Path = LIMITS_FILE) -> Limits:
    """Read the limits, each of which has its reason beside it."""
    content = from_yaml(file.read_text(encoding="utf-8"))
    return Limits(**{name: content[name]["value"] for name in Limits.__dataclass_fields__})


@dataclass(frozen=True)
class Evidence:
    """What the gates look at.

    Attributes
    ----------
    connection
        The warehouse, read-only.
    run
        The row of `estimates.runs` that would be released; empty where there is none.
    tests
        Runs dbt's tests of this warehouse, or waits for them.
    audit
        Audits what would be published, and says how many cells that are and what is wrong.
    last
        What the last release on the shelf says, by census year.
    limits, settings
        What is asked of models, and of marts where not `expectations/settings.yml`.
    """

    paths: Paths
    connection: duckdb.DuckDBPyConnection
    build: Build
    rules: Rules
    run: Mapping[str, Any]
    tests: Callable[[], Checked]
    audit: Callable[[], Checked]
    last: Sequence[expectations.Release] = ()
    limits: Limits = field(default_factory=load_limits)
    settings: expectations.GateSettings | None = None


Gate = Callable[[Evidence], Verdict]


def judge(
    evidence: Evidence, gates: Mapping[str, Gate], progress: Progress = silent
) -> tuple[Verdict, ...]:
    """Return every gate's verdict; one that cannot be judged has failed."""
    verdicts = []
    for done, (name, gate) in enumerate(gates.items(), start=1):
        try:
            verdicts.append(gate(evidence))
        except CinError as error:
            finding = Finding(
                error.file or "the warehouse", error.problem, error.remedy or "run `cin build`"
            )
            verdicts.append(Verdict(name, 0, (finding,), "it could not be judged"))
        progress("gates", done, len(gates))
    return tuple(verdicts)


def validation(evidence: Evidence) -> Verdict:
    """Judge what the validation thresholds decided about every return."""
    found = rows(evidence.connection, sql(SQL_FOLDER, "gate_validation"))
    stopping = [row for row in found if row["decision"] in (STOPS, None)]
    findings = tuple(
        Finding(
            "quality.rpt_validation_decisions",
            f"the return of authority {row['la_number']}, {row['census_year']}, "
            + ("stops the release" if row["decision"] else "was never decided about"),
            "mend the return, which `cin validate` lists issue by issue, and run `cin ingest` "
            "and `cin build` again"
            if row["decision"]
            else _BUILD,
        )
        for row in stopping
    )
    return Verdict("validation", len(found), findings, f"{len(found)} returns decided about")


def marts(evidence: Evidence) -> Verdict:
    """Judge the marts by the Great Expectations suites, against the last release on the shelf."""
    report = expectations.gate(evidence.paths, settings=evidence.settings, last=evidence.last)
    made = [one for one in report.results if one.status != "skipped"]
    findings = [
        Finding(one.table, f"{one.check}: {one.line()}", one.remedy)
        for one in made
        if one.status == "failed"
    ]
    if report.build_id != evidence.build.build_id:
        findings.append(
            Finding(
                "quality.rpt_build",
                "the warehouse changed while it was judged",
                "wait until `cin build` has ended, and release again",
            )
        )
    skipped = len(report.results) - len(made)
    said = f"{len(made)} checks made, {skipped} with nothing to hold them against"
    return Verdict("expectations", len(made), tuple(findings), said)


def convergence(evidence: Evidence) -> Verdict:
    """Judge whether the models of the tables converged that could."""
    found = _of_run(evidence, "gate_fits")
    least_events, least_las = evidence.rules.minimum_model_events, evidence.limits.minimum_model_las
    able = [
        row for row in found if row["n_events"] >= least_events and row["n_groups"] >= least_las
    ]
    failed = [row for row in able if not row["converged"]]
    findings = [
        Finding(
            "estimates.fits",
            f"Table {row['table_no']}, {row['row_label']}: the model did not converge "
            f"({row['reason']})",
            "look at the row's counts in modelling.mdl_lsoa_counts, and run `cin fit` again",
        )
        for row in failed
        if row["table_no"] in HEADLINE_TABLES
    ]
    pct = 100.0 * (len(able) - len(failed)) / len(able) if able else 100.0
    if pct < evidence.limits.minimum_converged_pct:
        findings.append(
            Finding(
                "estimates.fits",
                f"{pct:.1f} % of {len(able)} models converged; limit: at least "
                f"{evidence.limits.minimum_converged_pct:g} %",
                "look at the reasons in estimates.fits, and run `cin fit` again",
            )
        )
    said = (
        f"{len(able) - len(failed)} of {len(able)} models converged"
        if able
        else f"no model rests on {least_las} authorities and {least_events} events"
    )
    return Verdict("convergence", len(found), tuple(findings), said)


def estimates(evidence: Evidence) -> Verdict:
    """Judge whether the estimates are of these marts, whole, and numbers that can be."""
    build, run = evidence.build, evidence.run
    if not run:
        finding = Finding("estimates.runs", "there are no estimates in the warehouse", _FIT)
        return Verdict("estimates", 0, (finding,), "no run")
    findings = []
    if run["build_id"] != build.build_id:
        findings.append(
            Finding("estimates.runs", "the estimates are of another build than the marts", _FIT)
        )
    if run["dataset"] != build.dataset or run["domain"] != build.domain:
        findings.append(
            Finding("estimates.runs", "the estimates are of another dataset or domain", _FIT)
        )
    years = [one["census_year"] for one in rows(evidence.connection, _sql("marts_years"))]
    if run["census_year"] != (years or [None])[0]:
        findings.append(
            Finding(
                "estimates.runs",
                f"the estimates are of {run['census_year']}, the latest marts of "
                f"{(years or ['no year'])[0]}",
                _FIT,
            )
        )
    coefficients = _of_run(evidence, "gate_coefficients")
    findings += [
        Finding(
            "estimates.coefficients",
            f"Table {row['table_no']}, {row['row_label']}, {row['term']}: no estimate can be "
            "that (not a number, without spread, or outside its interval)",
            _FIT,
        )
        for row in coefficients
    ]
    findings += [
        Finding(row["table_name"], f"{row['place']}: it stands without its other half", _FIT)
        for row in _of_run(evidence, "gate_orphans")
    ]
    findings += [
        Finding(
            "estimates.cells",
            f"Table {row['place']}: {row['n_notes']} notes say how it was made, not one",
            _FIT,
        )
        for row in _of_run(evidence, "gate_cells")
    ]
    n_fits = len(_of_run(evidence, "gate_fits"))
    return Verdict("estimates", n_fits, tuple(findings), f"{n_fits} models of this build")


def tests(evidence: Evidence) -> Verdict:
    """Judge the warehouse by dbt's data tests, run on it now."""
    tested = evidence.tests()
    passed = tested.n_checked - len(tested.findings)
    said = f"{passed} of {tested.n_checked} tests passed"
    return Verdict("dbt tests", tested.n_checked, tested.findings, said)


def disclosure(evidence: Evidence) -> Verdict:
    """Judge what would be published, as an intruder would attack it."""
    audited = evidence.audit()
    said = f"{audited.n_checked} cells audited"
    return Verdict("disclosure", audited.n_checked, audited.findings, said)


#: In the order in which they are judged; dbt runs beside the others and is waited for last.
GATES: Mapping[str, Gate] = {
    "validation": validation,
    "expectations": marts,
    "convergence": convergence,
    "estimates": estimates,
    "disclosure": disclosure,
    "dbt tests": tests,
}


def _sql(name: str) -> str:
    return sql(SQL_FOLDER, name)


def _of_run(evidence: Evidence, name: str) -> list[dict[str, Any]]:
    if not evidence.run:
        return []
    return rows(evidence.connection, _sql(name), {"run_id": evidence.run["run_id"]})
