"""The public facts synthesis starts from: seeds of the project and files beside this one."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from common_py.errors import CinError
from common_py.paths import Paths

Floats = NDArray[np.float64]
HERE = Path(__file__).resolve().parent


def seed_path(relative: str) -> Path:
    """Find a dbt seed of the project, beside this package or by `CIN_PROJECT_DIR`.

    Raises
    ------
    CinError
        If the seed is in neither place.
    """
    beside = HERE.parent / "seeds" / relative
    if beside.is_file():
        return beside
    found = Paths.find().project / "seeds" / relative
    if found.is_file():
        return found
    raise CinError(
        "a seed that synthesis needs is missing",
        file=f"seeds/{relative}",
        remedy="restore it from the repository",
    )


def read_rows(path: Path) -> Iterator[dict[str, str]]:
    """Yield the rows of a small UTF-8 CSV file."""
    with path.open(encoding="utf-8-sig", newline="") as lines:
        yield from csv.DictReader(lines)


@dataclass(frozen=True)
class Columns:
    """A small table, column by column.

    Attributes
    ----------
    values
        Text columns by name, each of the table's length.
    """

    values: dict[str, list[str]]

    def text(self, name: str) -> NDArray[np.str_]:
        """Return a column as text."""
        return np.array(self.values[name], dtype=np.str_)

    def number(self, name: str) -> Floats:
        """Return a column as float64."""
        return np.array(self.values[name], dtype=np.float64)

    def whole(self, name: str) -> NDArray[np.int64]:
        """Return a column as int64."""
        return np.array(self.values[name], dtype=np.int64)


def _columns(path: Path) -> Columns:
    rows = list(read_rows(path))
    return Columns({name: [row[name] for row in rows] for name in rows[0]})


def la_moments() -> Columns:
    """Return the 152 authorities' moments, sorted by `la_number`."""
    return _columns(seed_path("geography/la_moments_2019.csv"))


def districts() -> Columns:
    """Return the 326 districts of December 2017 with their later codes and LSOA numbers.

    Source: ONS lookups OA11→LSOA11→MSOA11→LAD17, LSOA11→WD19→LAD19, LTLA19→UTLA19.
    """
    return _columns(HERE / "districts_2019.csv")


def la_people() -> Columns:
    """Return who lives in the 152 authorities, in the order of `la_moments`.

    Columns `asian` (without Chinese), `black`, `mixed`, `other` are shares of residents
    (Census 2021, ethnic group by upper tier; an authority of 2018/19 takes those of its
    successors), `minority_logit_sd` and `minority_income_corr` are the standard deviation of
    the logit of the share not White over an authority's MSOAs (Census 2011, over children)
    and its correlation with the logit of income (IoD 2015), and `aged_65_plus` is a share of
    residents (SAPE22DT2, mid-2019).
    """
    return _columns(HERE / "la_people_2019.csv")


def england_ages() -> Floats:
    """Return England's mid-2019 residents by single year 0–90+ and sex, shape (91, 2).

    Source: ONS SAPE22DT2 (the last row is 90 and over).
    """
    table = _columns(HERE / "england_ages_2019.csv")
    return np.column_stack([table.number("male"), table.number("female")])


@dataclass(frozen=True)
class Published:
    """The report's printed values.

    Attributes
    ----------
    values
        Printed value by (table, row, statistic).
    """

    values: dict[tuple[str, str, str], str]

    def value(self, table: str, row: str, statistic: str) -> float:
        """Return one printed value as a number."""
        return float(self.values[table, row, statistic])

    def half_unit(self, table: str, row: str, statistic: str) -> float:
        """Return half a unit of the last printed digit: the print's tolerance."""
        _, _, decimals = self.values[table, row, statistic].partition(".")
        return 0.5 * 10.0 ** -len(decimals)

    def rows(self, table: str) -> list[str]:
        """Return a table's row labels in printed order."""
        return list(dict.fromkeys(row for t, row, _ in self.values if t == table))

    def statistics(self, table: str, row: str) -> list[str]:
        """Return the statistics printed in one row."""
        return [s for t, r, s in self.values if (t, r) == (table, row)]


def published() -> Published:
    """Return the report's values from the seed that the warehouse compares with."""
    rows = read_rows(seed_path("published/report_values.csv"))
    return Published(
        {
            (row["table_no"], row["row_label"], row["statistic"]): row["value"]
            for row in rows
            if row["value"]
        }
    )
