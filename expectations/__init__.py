"""The gate over the marts: what dbt tests cannot say about a release as a whole.

Suites are code (`checks.py`), their limits are data with reasons (`settings.yml`), and what
they look at is SQL (`sql/*.sql`). Great Expectations judges pandas frames in memory.
"""

from expectations.frames import Release
from expectations.gate import GateReport, gate
from expectations.runner import CheckResult
from expectations.settings import GateSettings

__all__ = ["CheckResult", "GateReport", "GateSettings", "Release", "gate"]
