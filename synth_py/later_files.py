"""Reference files that further census years need: populations, lookups and IoD 2025 by year.

Residents and scores are those of the drawn England, every LSOA of 2021 is one of 2011, and
districts and authorities are those of each file's year (`seeds/geography/lad_changes.csv`).
"""

from __future__ import annotations

import csv
import shutil
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from synth_py import facts, workbooks
from synth_py.config import CENSUS_YEAR
from synth_py.geography import Places
from synth_py.published_files import Values, la_averages, write_csv

Ints = NDArray[np.int64]
Texts = NDArray[np.str_]

DRAWN_MID_YEAR = "2019"
FIRST_MID_YEAR_OF_2021 = 2024
"""From then on estimates are drawn up by LSOA of 2021 only."""
_SEXES = ("Persons", "Males", "Females")
_LAST_YEAR_OF_LOOKUP = {"2021": 2022, "2023": 2024}
"""The last census year whose changes of districts a lookup of districts knows."""


def write_later(
    folder: Path, places: Places, residents: Ints, census_years: tuple[int, ...]
) -> None:
    """Write what the census years need beyond the files of 2019.

    Parameters
    ----------
    folder
        The reference folder, with the files of 2019.
    places, residents
        LSOAs, and their residents by age and sex, shape (n, 91, 2).
    census_years
        The years that are counted.
    """
    vintages = [row for row in _rows("year_vintages") if int(row["census_year"]) in census_years]
    for mid_year in {row["population_mid_year"] for row in vintages} - {DRAWN_MID_YEAR}:
        _population(folder, places, residents, int(mid_year))
    for year in sorted({row["lad_utla_year"] for row in vintages} & set(_LAST_YEAR_OF_LOOKUP)):
        _upper_tiers(folder, places, year)
    if any(int(row["population_mid_year"]) >= FIRST_MID_YEAR_OF_2021 for row in vintages):
        _exact_fit(folder, places)
    if any(row["iod_release"] == "2025" for row in vintages):
        _scores_of_2025(folder, places, residents)


def write_indicators_of(folder: Path, file: Path, census_years: tuple[int, ...]) -> None:
    """Give an authority the same indicators in every year, under its code of that year."""
    rows = list(facts.read_rows(folder / file))
    for year in census_years:
        if year == CENSUS_YEAR:
            continue
        now = _codes_in(year)
        before = {code: number for number, code in _codes_in(CENSUS_YEAR).items()}
        drawn = [row for row in rows if row["census_year"] == str(CENSUS_YEAR)]
        rows += [
            row | {"la_code": now[before[row["la_code"]]], "census_year": str(year)}
            for row in drawn
            if before[row["la_code"]] in now
        ]
    with (folder / file).open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def _rows(seed: str) -> list[dict[str, str]]:
    return list(facts.read_rows(facts.seed_path(f"geography/{seed}.csv")))


def _codes_in(census_year: int) -> dict[str, str]:
    """Return the ONS code of each authority in a census year, by its DfE number."""
    return {
        row["la_number"]: row["la_code"]
        for row in _rows("la_authorities")
        if int(row["first_census_year"]) <= census_year <= int(row["last_census_year"])
    }


def _districts_in(places: Places, census_year: int) -> Texts:
    """Return each LSOA's district of a census year, (n,)."""
    code = facts.districts().text("lad19_code")[places.district]
    changed = {
        row["old_lad_code"]: row["new_lad_code"]
        for row in _rows("lad_changes")
        if int(row["first_census_year"]) <= census_year
    }
    return np.array([changed.get(one, one) for one in code.tolist()])


def _upper_tier_of(places: Places, census_year: int) -> Texts:
    """Return each LSOA's authority of a census year, (n,): a district that changed is its own."""
    before = facts.districts().text("lad19_code")[places.district]
    now = _districts_in(places, census_year)
    upper = facts.districts().text("utla19_code")[places.district]
    return np.where(now == before, upper, now)


def _population(folder: Path, places: Places, residents: Ints, mid_year: int) -> None:
    """Write the estimates of a mid-year, in the layout of its time."""
    place = folder / "population"
    if mid_year < FIRST_MID_YEAR_OF_2021:
        for sex in _SEXES:
            name = "SAPE22DT2_Mid-{}_{}.csv.gz"
            source = place / name.format(DRAWN_MID_YEAR, sex)
            shutil.copyfile(source, place / name.format(mid_year, sex))
        return
    columns: dict[str, Values] = {
        "LSOA 2021 Code": places.lsoa_code,
        "Total": residents.sum(axis=(1, 2)),
    }
    for letter, at in (("F", 1), ("M", 0)):
        columns |= {f"{letter}{age}": residents[:, age, at] for age in range(residents.shape[1])}
    write_csv(place / f"Mid-{mid_year} LSOA 2021.csv", columns)


def _upper_tiers(folder: Path, places: Places, year: str) -> None:
    """Write LTLA→UTLA of a year."""
    census_year, short = _LAST_YEAR_OF_LOOKUP[year], year[2:]
    code, rows = np.unique(_districts_in(places, census_year), return_index=True)
    columns: dict[str, Values] = {
        f"LTLA{short}CD": code,
        f"UTLA{short}CD": _upper_tier_of(places, census_year)[rows.astype(np.int64)],
    }
    write_csv(folder / "lookups" / f"LTLA_to_UTLA_{year}.csv", columns)


def _exact_fit(folder: Path, places: Places) -> None:
    """Write LSOA 2011→2021: every one unchanged."""
    columns: dict[str, Values] = {
        "LSOA11CD": places.lsoa_code,
        "LSOA21CD": places.lsoa_code,
        "CHGIND": np.full(places.la.size, "U"),
        "LAD22CD": _districts_in(places, 2022),
    }
    write_csv(folder / "lookups" / "LSOA_2011_to_LSOA_2021_Exact_Fit.csv", columns)


def _scores_of_2025(folder: Path, places: Places, residents: Ints) -> None:
    """Write Files 7 and 11 of 2025: income as in 2019, authorities of April 2023."""
    upper = _upper_tier_of(places, 2024)
    columns: dict[str, Values] = {
        "LSOA code (2021)": places.lsoa_code,
        "Local Authority District code (2024)": _districts_in(places, 2024),
        "Income Score (rate)": places.income_2019,
        "Total population: mid 2022": places.total,
        "Dependent Children aged 0-15: mid 2022": residents[:, :16].sum(axis=(1, 2)),
    }
    write_csv(folder / "iod2025" / "File_7_IoD2025.csv", columns)
    codes, group = np.unique(upper, return_inverse=True)
    average = la_averages(places.income_2019, places.total, group)
    tier = "Upper Tier Local Authority District"
    head: list[workbooks.Cell] = [
        f"{tier} code (2024)", f"{tier} name (2024)", "Income - Average score",
    ]  # fmt: skip
    names = {row["la_code"]: row["la_name"] for row in _rows("la_authorities")}
    body: workbooks.Rows = [
        [code, names[code], value]
        for code, value in zip(codes.tolist(), average.tolist(), strict=True)
    ]
    notes: workbooks.Rows = [["SYNTHETIC: not a publication of MHCLG"]]
    workbooks.write(
        folder / "iod2025" / "File_11_IoD2025.xlsx", {"Notes": notes, "Income": [head, *body]}
    )
