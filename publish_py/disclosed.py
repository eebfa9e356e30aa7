"""What a release asks of disclosure control: tables to publish, and an attack on them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pyarrow as pa

from publish_py.rules import Rules
from publish_py.verdicts import Checked


@dataclass(frozen=True)
class Disclosure:
    """How tables are protected, and how they are then attacked.

    Attributes
    ----------
    tables
        Of the warehouse, the rules and the folder of the last release: the tables that may
        be published, by name.
    audit
        Of those tables, the rules and the last release: what an intruder finds in them.
    """

    tables: Callable[[duckdb.DuckDBPyConnection, Rules, Path | None], dict[str, pa.Table]]
    audit: Callable[[Mapping[str, pa.Table], Rules, Path | None], Checked]
