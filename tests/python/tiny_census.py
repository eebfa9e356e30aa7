"""A tiny made England for tests: three authorities, 24 LSOAs, about 300 children. SYNTHETIC.

`write_tiny(folder)` fills a data folder: the relational extract, locations, and reference files in
their published layouts. The authorities are a unitary (805 Hartlepool), a county of two districts
(873 Cambridgeshire) and Dorset as it was until April 2019 (835: its district is not its own code).
LSOA and MSOA codes are made up; so is every child.
"""

from __future__ import annotations

import csv
import datetime as dt
import gzip
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq

Row = dict[str, str]
YEAR_START, YEAR_END = dt.date(2018, 4, 1), dt.date(2019, 3, 31)
LSOAS_PER_DISTRICT = {"E06000001": 8, "E07000008": 4, "E07000009": 4, "E07000049": 8}
LA_OF_DISTRICT = {"E06000001": "805", "E07000008": "873", "E07000009": "873", "E07000049": "835"}
UTLA_OF_LAD19 = {
    "E06000001": "E06000001", "E07000008": "E10000003", "E07000009": "E10000003",
    "E06000059": "E06000059",
}  # fmt: skip
LAD19_OF_LAD17 = {"E07000049": "E06000059"}
LA_CODE = {"805": "E06000001", "873": "E10000003", "835": "E10000009"}
KEYS = {
    "children": ("child_no",),
    "disabilities": ("child_no", "disability_no"),
    "referrals": ("child_no", "referral_no"),
    "assessments": ("child_no", "referral_no", "assessment_no"),
    "assessment_factors": ("child_no", "referral_no", "assessment_no", "factor_no"),
    "cin_plans": ("child_no", "referral_no", "cin_plan_no"),
    "section47": ("child_no", "referral_no", "section47_no"),
    "child_protection_plans": ("child_no", "referral_no", "cp_plan_no"),
    "cpp_reviews": ("child_no", "referral_no", "cp_plan_no", "review_no"),
}
COLUMNS = {
    "children": (
        "la_child_id", "upn", "former_upn", "upn_unknown", "birth_date", "expected_birth_date",
        "sex", "death_date", "ethnicity",
    ),
    "disabilities": ("disability",),
    "referrals": (
        "referral_date", "referral_source", "primary_need_code", "closure_date",
        "reason_for_closure", "initial_cpc_date", "referral_nfa",
    ),
    "assessments": ("start_date", "internal_review_date", "authorisation_date"),
    "assessment_factors": ("factor",),
    "cin_plans": ("start_date", "end_date"),
    "section47": (
        "start_date", "initial_cpc_target_date", "initial_cpc_date", "icpc_not_required",
    ),
    "child_protection_plans": (
        "start_date", "end_date", "initial_category", "latest_category", "n_previous_plans",
    ),
    "cpp_reviews": ("review_date",),
}  # fmt: skip


@dataclass(frozen=True)
class Area:
    """One made LSOA."""

    lsoa: str
    msoa: str
    lad17: str
    la_number: str
    income: float
    children_per_age: int


def areas() -> list[Area]:
    """Return the 24 LSOAs, four to an MSOA, from least to most deprived in each district."""
    made: list[Area] = []
    for lad, n in LSOAS_PER_DISTRICT.items():
        for at in range(n):
            number = len(made) + 1
            income = round(0.03 + 0.04 * at + 0.01 * (number % 3), 3)
            msoa = f"E02990{(number - 1) // 4 + 1:03d}"
            made.append(
                Area(f"E01990{number:03d}", msoa, lad, LA_OF_DISTRICT[lad], income, 8 + number % 5)
            )
    return made


def census(n_children: int = 300, seed: int = 20190331) -> dict[str, list[Row]]:
    """Return the census tables as rows of text; keys begin census_year, la_number."""
    rng = np.random.default_rng(seed)
    tables: dict[str, list[Row]] = {name: [] for name in KEYS}
    numbers = sorted(LA_CODE)
    for i in range(n_children):
        la_number = numbers[i * len(numbers) // n_children]
        child_no = i - (numbers.index(la_number) * n_children) // len(numbers) + 1
        base = {"census_year": "2019", "la_number": la_number, "child_no": str(child_no)}
        _child(tables, base, rng)
    return tables


def _child(tables: dict[str, list[Row]], base: Row, rng: np.random.Generator) -> None:
    number = int(base["child_no"])
    birth = YEAR_START - dt.timedelta(days=int(rng.integers(-100, 17 * 365)))
    unborn = birth > YEAR_START + dt.timedelta(days=60)
    tables["children"].append({
        **base,
        "la_child_id": f"TINY{base['la_number']}{number:05d}",
        "upn": "" if number % 10 == 0 else f"T{base['la_number']}{number:09d}",
        "upn_unknown": "UN1" if number % 10 == 0 else "",
        "birth_date": "" if unborn else birth.isoformat(),
        "expected_birth_date": birth.isoformat() if unborn else "",
        "sex": str(rng.choice(["1", "2", "0", "9"], p=[0.5, 0.47, 0.02, 0.01])),
        "ethnicity": str(rng.choice(["WBRI", "wbri", "BAFR", "APKN", "MWBC", "NOBT", "REFU"])),
    })  # fmt: skip
    if number % 8 == 0:
        tables["disabilities"].append({**base, "disability_no": "1", "disability": "AUT"})
    for referral_no in range(1, 2 + int(rng.random() < 0.3)):
        _referral(tables, {**base, "referral_no": str(referral_no)}, rng)


def _referral(tables: dict[str, list[Row]], base: Row, rng: np.random.Generator) -> None:
    opened = YEAR_START + dt.timedelta(days=int(rng.integers(-60, 364)))
    closed = opened + dt.timedelta(days=int(rng.integers(5, 400)))
    is_nfa = bool(rng.random() < 0.1)
    is_closed = closed <= YEAR_END
    tables["referrals"].append({
        **base,
        "referral_date": opened.isoformat(),
        "referral_source": str(rng.choice(["1A", "2A", "3A", "5C", "6", "10"])),
        "primary_need_code": str(rng.choice(["N1", "N4", "N5", "N0"])),
        "closure_date": closed.isoformat() if is_closed else "",
        "reason_for_closure": str(rng.choice(["RC7", "RC8"])) if is_closed else "",
        "referral_nfa": str(rng.choice(["1", "true"] if is_nfa else ["0", "false"])),
    })  # fmt: skip
    if not is_nfa and rng.random() < 0.85:
        _assessment(tables, {**base, "assessment_no": "1"}, opened)
    if not is_nfa and rng.random() < 0.3:
        _section47(tables, base, opened, rng)


def _assessment(tables: dict[str, list[Row]], base: Row, opened: dt.date) -> None:
    done = opened + dt.timedelta(days=35)
    in_year = done <= YEAR_END
    tables["assessments"].append({
        **base,
        "start_date": opened.isoformat(),
        "authorisation_date": done.isoformat() if in_year else "",
    })  # fmt: skip
    for factor_no, factor in enumerate(("3B", "4B") if in_year else (), start=1):
        row = {**base, "factor_no": str(factor_no), "factor": factor}
        tables["assessment_factors"].append(row)


def _section47(
    tables: dict[str, list[Row]], base: Row, opened: dt.date, rng: np.random.Generator
) -> None:
    start = opened + dt.timedelta(days=3)
    conference = start + dt.timedelta(days=14)
    has_plan = conference <= YEAR_END and bool(rng.random() < 0.5)
    tables["section47"].append({
        **base,
        "section47_no": "1",
        "start_date": start.isoformat(),
        "initial_cpc_target_date": conference.isoformat(),
        "initial_cpc_date": conference.isoformat() if has_plan else "",
        "icpc_not_required": "0" if has_plan else "1",
    })  # fmt: skip
    if has_plan:
        plan = {**base, "cp_plan_no": "1"}
        tables["child_protection_plans"].append({
            **plan, "start_date": conference.isoformat(), "initial_category": "NEG",
            "latest_category": "EMO", "n_previous_plans": str(int(rng.integers(0, 2))),
        })  # fmt: skip
        review = conference + dt.timedelta(days=90)
        tables["cpp_reviews"].append({**plan, "review_no": "1", "review_date": review.isoformat()})


def locations(children: Sequence[Row], seed: int = 1) -> list[Row]:
    """Return a location for four children in five, some by UPN only, a few out of the area."""
    rng = np.random.default_rng(seed)
    everywhere = areas()
    rows = []
    for child in children:
        if rng.random() < 0.19:
            continue
        near = [area for area in everywhere if area.la_number == child["la_number"]]
        pool = everywhere if rng.random() < 0.03 else near
        by_upn = child["upn"] != "" and rng.random() < 0.3
        rows.append({
            "la_number": child["la_number"],
            "la_child_id": "" if by_upn else child["la_child_id"],
            "upn": child["upn"] if by_upn else "",
            "pmr": "",
            "lsoa_code": pool[int(rng.integers(len(pool)))].lsoa,
        })  # fmt: skip
    return rows


def write_rows(path: Path, columns: Sequence[str], rows: Iterable[Row]) -> Path:
    """Write rows of text as CSV or Parquet, by the file's ending."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.suffix == ".parquet":
        filled = [{name: row.get(name) or None for name in columns} for row in rows]
        schema = pa.schema([(name, pa.string()) for name in columns])
        pq.write_table(pa.Table.from_pylist(filled, schema=schema), path)
        return path
    write_csv(path, [list(columns), *([row.get(name, "") for name in columns] for row in rows)])
    return path


def write_csv(path: Path, rows: Iterable[Sequence[object]], encoding: str = "utf-8") -> None:
    """Write rows of cells as CSV, gzipped when the name ends in .gz."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.suffix == ".gz":
        with gzip.open(path, "wt", newline="", encoding=encoding) as stream:
            csv.writer(stream).writerows(rows)
        return
    with path.open("w", newline="", encoding=encoding) as stream:
        csv.writer(stream).writerows(rows)


def write_workbook(path: Path, sheets: Mapping[str, Sequence[Sequence[object]]]) -> None:
    """Write an xlsx of the given sheets."""
    path.parent.mkdir(parents=True, exist_ok=True)
    book = openpyxl.Workbook()
    book.remove(book.worksheets[0])
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(list(row))
    book.save(path)


def write_tiny(data: Path, *, ending: str = "csv", n_children: int = 300) -> Path:
    """Fill a data folder with everything that one ingest needs."""
    tables = census(n_children)
    for name, rows in tables.items():
        columns = ("census_year", "la_number", *KEYS[name], *COLUMNS[name])
        write_rows(data / "census" / "2019" / "extract" / f"{name}.{ending}", columns, rows)
    write_rows(
        data / "locations" / "2019" / f"child_locations.{ending}",
        ("la_number", "la_child_id", "upn", "pmr", "lsoa_code"),
        locations(tables["children"]),
    )
    write_reference(data / "reference")
    (data / "synthetic").mkdir(parents=True, exist_ok=True)
    marker = {"dataset": "SYNTHETIC", "seed": 20190331, "size": "tiny", "version": "0"}
    (data / "synthetic" / "SYNTHETIC.json").write_text(json.dumps(marker), encoding="utf-8")
    planted = [("table_no", "row_label", "statistic", "value"), ("2", "Referral", "gradient", 1.6)]
    write_csv(data / "synthetic" / "planted.csv", planted)
    return data


def write_reference(folder: Path) -> None:
    """Write the reference files, in their published layouts."""
    made = areas()
    for release, lad_year, mid in (("2015", "2013", "2012"), ("2019", "2019", "2015")):
        write_csv(folder / f"File_7_{release}.csv", _file_7(made, lad_year, mid), "utf-8-sig")
        write_workbook(folder / f"File_11_{release}.xlsx", {"Income": _file_11(made, lad_year)})
    for sex, share in (("Persons", 2), ("Males", 1), ("Females", 1)):
        write_csv(folder / f"SAPE22DT2_Mid-2019_{sex}.csv.gz", _population(made, share))
    write_csv(folder / "oa_lookup.csv", _output_areas(made), "utf-8-sig")
    write_csv(folder / "lsoa_ward_lad.csv", _lsoa_lad(made), "utf-8-sig")
    pairs = [("LTLA19CD", "UTLA19CD"), *UTLA_OF_LAD19.items()]
    write_csv(folder / "ltla_utla.csv", pairs)
    write_csv(folder / "ruc11.csv", _rural_urban(made), "utf-8-sig")
    write_workbook(folder / "density.xlsx", {"Mid-2018 Population Density": _density(made)})


def _file_7(made: Sequence[Area], lad_year: str, mid: str) -> list[Sequence[object]]:
    header = (
        "LSOA code (2011)", "LSOA name (2011)", f"Local Authority District code ({lad_year})",
        "Index of Multiple Deprivation (IMD) Score", "Income Score (rate)",
        f"Total population: mid {mid} (excluding prisoners)",
        f"Dependent Children aged 0-15: mid {mid} (excluding prisoners) ",
    )  # fmt: skip
    return [header, *(
        (a.lsoa, f"Tiny {a.lsoa}", a.lad17, round(a.income * 100, 3), a.income, "1,500",
         a.children_per_age * 32)
        for a in made
    )]  # fmt: skip


def _file_11(made: Sequence[Area], lad_year: str) -> list[Sequence[object]]:
    header = (
        f"Upper Tier Local Authority District code ({lad_year})",
        f"Upper Tier Local Authority District name ({lad_year})",
        "Income - Average score ",
    )
    rows = []
    for number, code in LA_CODE.items():
        scores = [area.income for area in made if area.la_number == number]
        rows.append((code, f"Tiny {number}", round(sum(scores) / len(scores), 3)))
    return [header, *rows]


def _population(made: Sequence[Area], share: int) -> list[Sequence[object]]:
    ages = [*range(90), "90+"]
    header = ("LSOA Code", "LSOA Name", "LA Code (2019 boundaries)", "All Ages", *ages)
    return [header, *(
        (a.lsoa, f"Tiny {a.lsoa}", LAD19_OF_LAD17.get(a.lad17, a.lad17),
         91 * a.children_per_age * share, *([a.children_per_age * share] * 91))
        for a in made
    )]  # fmt: skip


def _output_areas(made: Sequence[Area]) -> list[Sequence[object]]:
    header = ("OA11CD", "LSOA11CD", "MSOA11CD", "LAD17CD", "LAD17NM", "RGN11CD", "CTRY11CD")
    return [header, *(
        (f"E00990{2 * at + half:03d}", a.lsoa, a.msoa, a.lad17, "Tiny", "E12000001", "E92000001")
        for at, a in enumerate(made) for half in (1, 2)
    )]  # fmt: skip


def _lsoa_lad(made: Sequence[Area]) -> list[Sequence[object]]:
    header = ("FID", "LSOA11CD", "LSOA11NM", "WD19CD", "WD19NM", "LAD19CD", "LAD19NM")
    return [header, *(
        (at, a.lsoa, f"Tiny {a.lsoa}", "E05990001", "Tiny",
         LAD19_OF_LAD17.get(a.lad17, a.lad17), "Tiny")
        for at, a in enumerate(made, start=1)
    )]  # fmt: skip


def _rural_urban(made: Sequence[Area]) -> list[Sequence[object]]:
    header = ("LSOA11CD", "LSOA11NM", "RUC11CD", "RUC11", "FID")
    kinds = (("C1", "Urban city and town"), ("D1", "Rural town and fringe"))
    return [header, *(
        (a.lsoa, f"Tiny {a.lsoa}", *kinds[at % 5 == 0], at) for at, a in enumerate(made, start=1)
    )]  # fmt: skip


def _density(made: Sequence[Area]) -> list[Sequence[object]]:
    above: list[Sequence[object]] = [
        ["Contents"], [], ["Table SAPE21DT11: Mid-2018 Population Density for LSOAs"], [],
        ["Code", "Name", "Mid-2018 population", "Area Sq Km", "People per Sq Km"],
    ]  # fmt: skip
    return [*above, *(
        (a.lsoa, f"Tiny {a.lsoa}", 1500, 0.25 * at, 1500 / (0.25 * at))
        for at, a in enumerate(made, start=1)
    )]  # fmt: skip
