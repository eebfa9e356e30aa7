"""`cin synth --faults`: break rows of a synthetic census, a few for every validation rule.

The census that synthesis drew is broken in place; for the rules that its year does not have,
returns of other years are added. `synthetic/faults.csv` lists what was broken, for which rule, by
key: whoever runs the rules can tell what they had to find.
"""

from __future__ import annotations

import csv
import json
import shutil
from dataclasses import dataclass
from pathlib import Path

import duckdb

from common_py.errors import CinError
from common_py.progress import Progress, silent
from synth_py.config import CENSUS_YEAR
from synth_py.faults_recipes import Fault, break_rows, faults_of, load, rule_codes, save
from synth_py.faults_years import OTHER_YEARS, write_other_year

LIST = "faults.csv"
OTHER_FOLDER = "other_years"
HEADER = (
    "place", "census_year", "rule_code", "la_number", "child_no", "referral_no", "record_no",
    "part_no", "table_name",
)  # fmt: skip


@dataclass(frozen=True)
class Injected:
    """What was broken.

    Attributes
    ----------
    path
        The list.
    n_faults, n_rules
        Faults, and rules that have at least one.
    without
        Rules in force in one of the years that no row would do for.
    """

    path: Path
    n_faults: int
    n_rules: int
    without: tuple[str, ...]


def inject(data_dir: Path, progress: Progress = silent) -> Injected:
    """Break rows of the synthetic census of a data folder.

    Parameters
    ----------
    data_dir
        A data folder that `generate` has written.
    progress
        Called as steps advance.

    Raises
    ------
    CinError
        If there is no synthetic census, or it has been broken already.
    """
    folder = data_dir / "synthetic"
    seed = _seed(folder)
    extract = data_dir / "census" / str(CENSUS_YEAR) / "extract"
    others = folder / OTHER_FOLDER
    shutil.rmtree(others, ignore_errors=True)
    rows: list[tuple[str, Fault]] = []
    for year in OTHER_YEARS:
        place = f"synthetic/{OTHER_FOLDER}/census/{year}/returns"
        found = write_other_year(extract, others, year, seed, progress=progress)
        rows += [(place, fault) for fault in found]
    with duckdb.connect() as connection:
        load(connection, extract)
        break_rows(connection, CENSUS_YEAR, seed, progress)
        place = f"census/{CENSUS_YEAR}/extract"
        rows += [(place, fault) for fault in faults_of(connection)]
        _write(folder / LIST, rows)
        save(connection, extract)
    numbers = {fault.rule_no for _, fault in rows}
    known = {number for year in (CENSUS_YEAR, *OTHER_YEARS) for number in rule_codes(year)}
    return Injected(folder / LIST, len(rows), len(numbers), tuple(sorted(known - numbers)))


def _seed(folder: Path) -> int:
    marker = folder / "SYNTHETIC.json"
    if not marker.is_file():
        raise CinError("there is no synthetic census", file=str(folder), remedy="run `cin synth`")
    if (folder / LIST).exists():
        raise CinError(
            "the synthetic census has been broken already",
            file=str(folder / LIST),
            remedy="run `cin synth` again to have a clean one",
        )
    return int(json.loads(marker.read_text(encoding="utf-8"))["seed"])


def _write(path: Path, rows: list[tuple[str, Fault]]) -> None:
    codes = {year: rule_codes(year) for year in (CENSUS_YEAR, *OTHER_YEARS)}
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(HEADER)
        for place, fault in rows:
            code = codes[int(fault.census_year)][fault.rule_no]
            writer.writerow((place, fault.census_year, code, *fault[2:]))
