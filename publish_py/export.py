"""The stage's other formats: every table as one workbook, or as a folder of CSV files."""

from __future__ import annotations

import os
import shutil
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

from common_py.errors import CinError
from common_py.paths import Paths
from publish_py.files import tables_csv
from publish_py.rules import Rules, load_rules
from publish_py.site import content_of, swap
from publish_py.source import read_site_data
from publish_py.workbook import workbook

FORMATS = ("xlsx", "csv")


@dataclass(frozen=True)
class ExportReport:
    """Where the tables were written, and how many files."""

    folder: Path
    n_files: int

    @property
    def summary(self) -> str:
        """The report in a line."""
        return f"tables: {self.folder} ({self.n_files} files)"


def export(paths: Paths, formats: Collection[str], *, rules: Rules | None = None) -> ExportReport:
    """Write `build/tables/`; what stands there is replaced when the new one is whole.

    Parameters
    ----------
    paths
        Where the warehouse and the build are.
    formats
        Any of `FORMATS`.

    Raises
    ------
    CinError
        If a format is not known, there are no estimates of this build, or the folder
        cannot be replaced.
    """
    unknown = sorted(set(formats) - set(FORMATS))
    if unknown or not formats:
        raise CinError(
            f"no such format of tables: {', '.join(unknown) or 'none given'}",
            remedy=f"choose from {', '.join(FORMATS)}",
        )
    data = read_site_data(paths, rules or load_rules())
    content = content_of(data)
    target = paths.build / "tables"
    beside = target.with_name(f"{target.name}.new.{os.getpid()}")
    shutil.rmtree(beside, ignore_errors=True)
    beside.mkdir(parents=True)
    try:
        if "xlsx" in formats:
            (beside / f"tables_{data.census_year}.xlsx").write_bytes(workbook(data, content))
        if "csv" in formats:
            for name, text in tables_csv(data, content).items():
                (beside / name).write_text(text, encoding="utf-8", newline="\n")
        n_files = len(list(beside.iterdir()))
        swap(beside, target)
    finally:
        shutil.rmtree(beside, ignore_errors=True)
    return ExportReport(target, n_files)
