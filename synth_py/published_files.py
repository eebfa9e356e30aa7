"""Reference files of a drawn England in the layouts in which the real ones are published."""

from __future__ import annotations

import gzip
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.csv
from numpy.typing import NDArray

from synth_py import facts, texts, workbooks
from synth_py.geography import Geography, Places, group_means, rounded

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Values = texts.Text | Ints | Floats | NDArray[np.str_]

OA_BASE, WARD_BASE = 800_000, 5_900_000
OAS_PER_LSOA = 5
_OTHER_SCORES = (
    "Education, Skills and Training Score", "Health Deprivation and Disability Score",
    "Crime Score", "Barriers to Housing and Services Score", "Living Environment Score",
    "Income Deprivation Affecting Children Index (IDACI) Score (rate)",
    "Income Deprivation Affecting Older People (IDAOPI) Score (rate)",
    "Children and Young People Sub-domain Score", "Adult Skills Sub-domain Score",
    "Geographical Barriers Sub-domain Score", "Wider Barriers Sub-domain Score",
    "Indoors Sub-domain Score", "Outdoors Sub-domain Score",
)  # fmt: skip
_OA_HEADER = (
    "OA11CD", "OAC11CD", "OAC11NM", "LSOA11CD", "LSOA11NM", "SOAC11CD", "SOAC11NM", "MSOA11CD",
    "MSOA11NM", "LAD17CD", "LAD17NM", "LACCD", "LACNM", "RGN11CD", "RGN11NM", "CTRY11CD",
    "CTRY11NM", "FID",
)  # fmt: skip


@dataclass(frozen=True)
class Release:
    """One release of the Indices of Deprivation.

    Attributes
    ----------
    year
        `2015` or `2019`.
    lad_year
        Year of the district codes in its headers.
    mid_year
        Year of its population denominators.
    lsoa_file, la_file
        Where the scores by LSOA and the upper-tier summaries go.
    """

    year: str
    lad_year: str
    mid_year: str
    lsoa_file: str
    la_file: str


RELEASES = (
    Release(
        "2015",
        "2013",
        "2012",
        "iod2015/File_7_ID_2015_All_ranks__deciles_and_scores_for_the_Indices_of_Deprivation"
        "__and_population_denominators.csv",
        "iod2015/File_11_ID_2015_Upper-tier_Local_Authority_Summaries.xlsx",
    ),
    Release(
        "2019",
        "2019",
        "2015",
        "iod2019/File_7_-_All_IoD2019_Scores__Ranks__Deciles_and_Population_Denominators_3.csv",
        "iod2019/File_11_-_IoD2019_Local_Authority_District_Summaries__upper-tier___.xlsx",
    ),
)


def write_csv(path: Path, columns: dict[str, Values], *, bom: bool = False) -> None:
    """Write columns under their published headers; `.gz` is compressed."""
    path.parent.mkdir(parents=True, exist_ok=True)
    header = ",".join(f'"{name}"' if "," in name else name for name in columns)
    body = pa.table([pa.array(values) for values in columns.values()],
                    names=[str(i) for i in range(len(columns))])  # fmt: skip
    options = pa.csv.WriteOptions(include_header=False, quoting_style="needed")
    text = pa.BufferOutputStream()
    text.write(("\ufeff" * bom + header + "\n").encode("utf-8"))
    pa.csv.write_csv(body, text, options)
    content = text.getvalue().to_pybytes()
    if path.suffix == ".gz":  # no time stamp: the same England is the same bytes
        content = gzip.compress(content, compresslevel=1, mtime=0)
    path.write_bytes(content)


def la_averages(score: Floats, weight: Ints, group: Ints) -> Floats:
    """Return published average scores: weighted by all residents, 3 decimals."""
    return rounded(group_means(score, group, weight.astype(np.float64)), 3)


def as_geography(places: Places, residents: Ints) -> Geography:
    """Return what the models need, from exactly the figures that the files publish."""
    msoa_code, msoa = np.unique(places.msoa_code, return_inverse=True)
    by_la = np.zeros((places.moments.text("la_number").size, residents.shape[1]))
    np.add.at(by_la, places.la, residents.sum(axis=2))
    return Geography(
        lsoa_code=places.lsoa_code,
        la=places.la,
        la_number=places.moments.text("la_number"),
        la_code=places.moments.text("la_code"),
        income=places.income_2015,
        la_income=la_averages(places.income_2015, places.total, places.la),
        children=residents[:, 5:16],
        msoa=msoa,
        msoa_code=msoa_code,
        rural=places.rural,
        density=places.total / places.area,
        elderly=by_la[:, 65:].sum(axis=1) / by_la.sum(axis=1),
    )


def write_reference(folder: Path, places: Places, residents: Ints) -> None:
    """Write every reference file of a drawn England below `folder`."""
    employment = _employment(places)
    for release, income, work in zip(
        RELEASES, (places.income_2015, places.income_2019), employment, strict=True
    ):
        _scores(folder / release.lsoa_file, release, places, residents, (income, work))
        _summaries(folder / release.la_file, release, places, (income, work))
    _populations(folder, places, residents)
    _output_areas(folder, places)
    _wards(folder, places)
    _upper_tiers(folder, places)
    _rural_urban(folder, places)
    _densities(folder, places)


def _lad(places: Places, column: str) -> NDArray[np.str_]:
    return facts.districts().text(column)[places.district]


def _employment(places: Places) -> tuple[Floats, Floats]:
    """Return employment scores of both releases, close followers of income."""
    wave = np.sin(np.arange(places.la.size) * 12.9898) * 0.012
    first, second = (np.round(np.clip(0.78 * income + wave, 0.002, 0.6), 3)
                     for income in (places.income_2015, places.income_2019))  # fmt: skip
    return first, second


def ranks(score: Floats) -> Ints:
    """Rank from 1, the most deprived; ties in file order."""
    rank = np.empty(score.size, dtype=np.int64)
    rank[np.argsort(-score, kind="stable")] = np.arange(1, score.size + 1)
    return rank


def deciles(score: Floats) -> Ints:
    """Return deciles, 1 the most deprived."""
    tenths: Ints = 1 + (ranks(score) - 1) * 10 // score.size
    return tenths


def _scores(
    path: Path, release: Release, places: Places, residents: Ints, scores: tuple[Floats, Floats]
) -> None:
    """Write File 7: income and employment; the other scores are blank."""
    n = places.la.size
    income, work = scores
    ages = residents.sum(axis=2)
    lad = "lad17" if release.year == "2015" else "lad19"
    columns: dict[str, Values] = {
        "LSOA code (2011)": places.lsoa_code,
        "LSOA name (2011)": places.lsoa_name,
        f"Local Authority District code ({release.lad_year})": _lad(places, f"{lad}_code"),
        f"Local Authority District name ({release.lad_year})": _lad(places, f"{lad}_name"),
    }
    filled = {"Income Score (rate)": income, "Employment Score (rate)": work}
    for header in ("Index of Multiple Deprivation (IMD) Score", *filled, *_OTHER_SCORES):
        stem = header.removesuffix(" (rate)").removesuffix(" Score")
        score = filled.get(header)
        blank = texts.nothing(n)
        columns |= {
            header: blank if score is None else score,
            f"{stem} Rank (where 1 is most deprived)": blank if score is None else ranks(score),
            f"{stem} Decile (where 1 is most deprived 10% of LSOAs)": (
                blank if score is None else deciles(score)
            ),
        }
    ending = f": mid {release.mid_year} (excluding prisoners)"
    columns |= {
        "Total population" + ending: places.total,
        "Dependent Children aged 0-15" + ending: ages[:, :16].sum(axis=1),
        "Population aged 16-59" + ending: ages[:, 16:60].sum(axis=1),
        "Older population aged 60 and over" + ending: ages[:, 60:].sum(axis=1),
        "Working age population 18-59/64: for use with Employment Deprivation Domain"
        " (excluding prisoners) ": ages[:, 18:62].sum(axis=1),
    }
    write_csv(path, columns)


def _summaries(path: Path, release: Release, places: Places, scores: tuple[Floats, Floats]) -> None:
    """Write File 11: the authorities of the release (2019: those of April 2019)."""
    if release.year == "2015":
        code = places.moments.text("la_code")[places.la]
        name = places.moments.text("la_name")[places.la]
    else:
        code, name = _lad(places, "utla19_code"), _lad(places, "utla19_name")
    codes, first, group = np.unique(code, return_index=True, return_inverse=True)
    mark = " " if release.year == "2019" else ""
    head = [f"Upper Tier Local Authority District {what} ({release.lad_year})"
            for what in ("code", "name")]  # fmt: skip
    notes: workbooks.Rows = [["SYNTHETIC: not a publication of MHCLG"]]
    sheets = {"Notes": notes}
    for domain, score in zip(("Income", "Employment"), scores, strict=True):
        header: list[workbooks.Cell] = [*head]
        header += [f"{domain} - {what}{mark}" for what in workbooks.SUMMARY]
        if release.year == "2019":
            header[-2:] = [f"{domain} scale", f"Rank of {domain} Scale"]
        else:
            header[-2:] = [f"{domain} - Scale", f"{domain} - Rank of scale"]
        sheets[domain] = [header, *_summary(codes, name[first], group, score, places.total)]
    workbooks.write(path, sheets)


def _summary(
    codes: NDArray[np.str_], names: NDArray[np.str_], group: Ints, score: Floats, weight: Ints
) -> workbooks.Rows:
    w = weight.astype(np.float64)
    worst = rounded(group_means((deciles(score) == 1).astype(np.float64), group), 4)
    least_first = (score.size + 1 - ranks(score)).astype(np.float64)
    rank_mean = rounded(group_means(least_first, group, w), 2)
    average = la_averages(score, weight, group)
    scale = rounded(np.asarray(np.bincount(group, score * w), dtype=np.float64), 0)
    figures = np.column_stack(
        [column for value in (rank_mean, average, worst, scale) for column in (value, ranks(value))]
    )
    return [
        [code, name, *row]
        for code, name, row in zip(codes.tolist(), names.tolist(), figures.tolist(), strict=True)
    ]


def _populations(folder: Path, places: Places, residents: Ints) -> None:
    """Write SAPE22DT2 mid-2019, one compressed file a sex, with the workbook's headers."""
    by_sex = {"Persons": residents.sum(axis=2), "Males": residents[:, :, 0],
              "Females": residents[:, :, 1]}  # fmt: skip
    for sex, ages in by_sex.items():
        columns: dict[str, Values] = {
            "LSOA Code": places.lsoa_code,
            "LSOA Name": places.lsoa_name,
        }
        for year in (2019, 2020):
            columns |= {
                f"LA Code ({year} boundaries)": _lad(places, "lad19_code"),
                f"LA name ({year} boundaries)": _lad(places, "lad19_name"),
            }
        columns["All Ages"] = ages.sum(axis=1)
        columns |= {"90+" if a == 90 else str(a): ages[:, a] for a in range(91)}
        write_csv(folder / f"population/SAPE22DT2_Mid-2019_{sex}.csv.gz", columns)


def _output_areas(folder: Path, places: Places) -> None:
    """Write OA→LSOA→MSOA→LAD (December 2017); classifications are blank."""
    at = np.repeat(np.arange(places.la.size), OAS_PER_LSOA)
    number = np.arange(at.size)
    blank = texts.nothing(at.size)
    known: dict[str, Values] = {
        "OA11CD": texts.joined("E", texts.padded(OA_BASE + number, 8)),
        "LSOA11CD": places.lsoa_code[at],
        "LSOA11NM": places.lsoa_name[at],
        "MSOA11CD": places.msoa_code[at],
        "MSOA11NM": places.msoa_name[at],
        "LAD17CD": _lad(places, "lad17_code")[at],
        "LAD17NM": _lad(places, "lad17_name")[at],
        "RGN11CD": _lad(places, "region_code")[at],
        "RGN11NM": _lad(places, "region_name")[at],
        "CTRY11CD": texts.codes(["E92000001"], np.zeros(at.size, dtype=np.int64)),
        "CTRY11NM": texts.codes(["England"], np.zeros(at.size, dtype=np.int64)),
        "FID": number + 1,
    }
    name = ("Output_Area_to_LSOA_to_MSOA_to_Local_Authority_District__December_2017__Lookup"
            "_with_Area_Classifications_in_Great_Britain.csv.gz")  # fmt: skip
    columns = {header: known.get(header, blank) for header in _OA_HEADER}
    write_csv(folder / "lookups" / name, columns, bom=True)


def _wards(folder: Path, places: Places) -> None:
    """Write LSOA→ward→LAD of 2019; a ward is an MSOA here."""
    n = places.la.size
    msoa = np.unique(places.msoa_code, return_inverse=True)[1]
    columns: dict[str, Values] = {
        "FID": np.arange(1, n + 1),
        "LSOA11CD": places.lsoa_code,
        "LSOA11NM": places.lsoa_name,
        "WD19CD": texts.joined("E", texts.padded(WARD_BASE + msoa, 8)),
        "WD19NM": places.msoa_name,
        "LAD19CD": _lad(places, "lad19_code"),
        "LAD19NM": _lad(places, "lad19_name"),
    }
    name = "Lower_Layer_Super_Output_Area_(2011)_to_Ward_(2019)_Lookup_in_England_and_Wales.csv"
    write_csv(folder / "lookups" / name, columns, bom=True)


def _upper_tiers(folder: Path, places: Places) -> None:
    """Write LTLA→UTLA of April 2019 for the districts there are."""
    table = facts.districts()
    code = table.text("lad19_code")
    used = np.unique(places.district)
    rows = used[np.unique(code[used], return_index=True)[1]]
    columns: dict[str, Values] = {
        "LTLA19CD": code[rows],
        "LTLA19NM": table.text("lad19_name")[rows],
        "UTLA19CD": table.text("utla19_code")[rows],
        "UTLA19NM": table.text("utla19_name")[rows],
        "FID": np.arange(1, rows.size + 1),
    }
    name = ("Lower_Tier_Local_Authority_to_Upper_Tier_Local_Authority__April_2019__Lookup"
            "_in_England_and_Wales.csv")  # fmt: skip
    write_csv(folder / "lookups" / name, columns)


def _rural_urban(folder: Path, places: Places) -> None:
    """Write RUC 2011: rural are D1 (towns) and E1 (villages), urban C1."""
    density = places.total / places.area
    kind = np.where(places.rural, np.where(density > 400, 1, 2), 0)
    columns: dict[str, Values] = {
        "LSOA11CD": places.lsoa_code,
        "LSOA11NM": places.lsoa_name,
        "RUC11CD": texts.codes(["C1", "D1", "E1"], kind),
        "RUC11": texts.codes(
            ["Urban city and town", "Rural town and fringe", "Rural village and dispersed"], kind
        ),
        "FID": np.arange(1, kind.size + 1),
    }
    name = ("Rural_Urban_Classification_2011_of_Lower_Layer_Super_Output_Areas_in_England"
            "_and_Wales.csv")  # fmt: skip
    write_csv(folder / "ruc" / name, columns, bom=True)


def _densities(folder: Path, places: Places) -> None:
    """Write SAPE21DT11: header in row 5 of sheet 'Mid-2018 Population Density'."""
    title = "SYNTHETIC SAPE21DT11: Mid-2018 Population Density for Lower Layer Super Output Areas"
    rows: workbooks.Rows = [
        ["Contents"], [], [title], [],
        ["Code", "Name", "Mid-2018 population", "Area Sq Km", "People per Sq Km"],
    ]  # fmt: skip
    lists = [places.lsoa_code.tolist(), places.lsoa_name.tolist(), places.total.tolist(),
             places.area.tolist(), (places.total / places.area).tolist()]  # fmt: skip
    rows += [list(row) for row in zip(*lists, strict=True)]
    contents: workbooks.Rows = [["SYNTHETIC"]]
    sheets = {"Contents": contents, "Mid-2018 Population Density": rows}
    workbooks.write(folder / "density/SAPE21DT11-mid-2018-lsoa-population-density.xlsx", sheets)
