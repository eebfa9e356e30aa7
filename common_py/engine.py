"""What DuckDB may take where models are built without dbt: as `profiles.yml` has it for dbt."""

from __future__ import annotations

import os

MEMORY_LIMIT = "2GB"
"""Of `CIN_MEMORY_LIMIT` where it is not set: ten national years are built with it (0097)."""


def memory_limit() -> str:
    """Return what DuckDB holds at most before it writes to disk."""
    return os.environ.get("CIN_MEMORY_LIMIT") or MEMORY_LIMIT


def build_config() -> dict[str, str | bool | int | float | list[str]]:
    """Return the settings of a connection that builds: no network, any order of rows."""
    return {
        "memory_limit": memory_limit(),
        "threads": os.environ.get("CIN_THREADS") or os.cpu_count() or 1,
        "autoinstall_known_extensions": False,
        "autoload_known_extensions": False,
        "preserve_insertion_order": False,
    }
