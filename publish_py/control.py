"""Which protection and which audit a release goes through."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pyarrow as pa

from publish_py.audit import audit_tables
from publish_py.before import read_release
from publish_py.disclosed import Disclosure
from publish_py.released import TABLES, released_tables
from publish_py.rules import Rules
from publish_py.verdicts import Checked, Finding

_REMEDY = (
    "do not release by hand: a count can be worked out from what would be published; raise a "
    "least number in seeds/rules/protection.csv or take the cell out of "
    "seeds/rules/publishable.csv, then run `cin build` and `cin fit` and release again"
)


def control() -> Disclosure:
    """Return the protection and the audit of this project."""
    return Disclosure(released_tables, attacked)


def attacked(published: Mapping[str, pa.Table], rules: Rules, previous: Path | None) -> Checked:
    """Attack the rates that would be published, beside those of the last release."""
    rates = {name: published[name] for name in TABLES if name in published}
    before = None if previous is None else read_release(previous)
    audit = audit_tables(rates, rules, before)
    findings = tuple(
        Finding(f"published.{one.cell[0]}", str(one), _REMEDY) for one in audit.findings
    )
    return Checked(audit.n_cells, findings)
