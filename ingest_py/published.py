"""Which published file supplies each reference table, and what to say when one is missing."""

from __future__ import annotations

import csv
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from common_py.errors import CinError

Series = tuple[tuple[str, str], ...]
_SEED = "year_vintages.csv"


@dataclass(frozen=True)
class Publication:
    """A published file that the warehouse needs.

    Attributes
    ----------
    table
        The landing table it supplies.
    file
        What it is called where it is published.
    publisher
        Who publishes it, and on which page (in words: addresses move).
    needs
        The series the tables of a census year need: landing column and the column of the
        seed of vintages that says which, or a fixed value after `=`.
    required
        Whether ingest is incomplete without it.
    adds
        What the warehouse gains by it.
    when
        Says of a census year's vintages and what has landed whether it is required after all.
    """

    table: str
    file: str
    publisher: str
    needs: Mapping[str, str]
    required: bool = True
    adds: str = ""
    when: Callable[[Mapping[str, str], Mapping[str, set[Series]]], bool] | None = None


def _has_two_vintages(row: Mapping[str, str], landed: Mapping[str, set[Series]]) -> bool:
    """Whether a census year meets LSOAs of both censuses: its own, or its populations'."""
    mid_year = ("mid_year", row["population_mid_year"])
    populations = [dict(s) for s in landed.get("ref_lsoa_population", ()) if mid_year in s]
    found = {series["lsoa_vintage"] for series in populations}
    return row["lsoa_vintage"] != "2011" or (bool(found) and row["lsoa_vintage"] not in found)


_MHCLG = "gov.uk, English indices of deprivation"
_ONS_GEOGRAPHY = "ONS Open Geography Portal (geoportal.statistics.gov.uk)"
_DFE_CIN = "explore-education-statistics.service.gov.uk and gov.uk, by the name of the release"
_ONS_SAPE = "ons.gov.uk, Population and migration, Small area population estimates"

PUBLICATIONS: tuple[Publication, ...] = (
    Publication(
        "ref_lsoa_deprivation",
        "File 5 (scores) or File 7 (all ranks, scores, deciles and denominators)",
        _MHCLG,
        {"iod_release": "iod_release", "domain": "=income"},
        adds="the deprivation of every neighbourhood; without it there is no gradient",
    ),
    Publication(
        "ref_la_deprivation",
        "File 11 (upper-tier local authority summaries)",
        _MHCLG,
        {"iod_release": "iod_release", "domain": "=income"},
        adds="the average deprivation of every authority, as published",
    ),
    Publication(
        "ref_lsoa_iod_population",
        "File 6 (population denominators) or File 7",
        _MHCLG,
        {"iod_release": "iod_release"},
        required=False,
        adds="authority averages weighted by residents or by children (a setting)",
    ),
    Publication(
        "ref_lsoa_population",
        "SAPE22DT2 (LSOAs of 2011, to mid-2020) or the workbook of 2021 LSOAs: mid-year population "
        "estimates by single year of age and sex (the workbook, or a CSV of each sex)",
        _ONS_SAPE,
        {"mid_year": "population_mid_year", "sex": "=male|female"},
        adds="the children that rates are per: by neighbourhood, age and sex",
    ),
    Publication(
        "ref_oa_lookup",
        "Output Area to LSOA to MSOA to Local Authority District (December 2017) lookup",
        _ONS_GEOGRAPHY,
        {},
        adds="which neighbourhood lies in which MSOA, district and region",
    ),
    Publication(
        "ref_lsoa_lad",
        "LSOA (2011) to Ward (2019) to LAD (2019) lookup",
        _ONS_GEOGRAPHY,
        {},
        adds="which district a neighbourhood lies in since April 2019",
    ),
    Publication(
        "ref_lad_utla",
        "Lower Tier Local Authority to Upper Tier Local Authority lookup",
        _ONS_GEOGRAPHY,
        {"lookup_year": "lad_utla_year"},
        adds="which authority a district belongs to",
    ),
    Publication(
        "ref_lsoa_rural_urban",
        "Rural Urban Classification (2011) of Lower Layer Super Output Areas",
        _ONS_GEOGRAPHY,
        {"ruc_release": "ruc_release"},
        adds="urban and rural: Table 16",
    ),
    Publication(
        "ref_lsoa_density",
        "SAPE21DT11, LSOA population density",
        _ONS_SAPE,
        {"mid_year": "density_mid_year"},
        adds="sparse and dense: Table 17",
    ),
    Publication(
        "ref_lsoa_deprivation_statistic",
        "Files 1, 2 and 3 (ranks and deciles), File 9 (transformed domain scores) or File 7",
        _MHCLG,
        {"iod_release": "iod_release"},
        required=False,
        adds="ranks, deciles and transformed scores of every domain",
    ),
    Publication(
        "ref_area_deprivation_summary",
        "File 10 (lower-tier) and File 11 (upper-tier local authority summaries)",
        _MHCLG,
        {"iod_release": "iod_release"},
        required=False,
        adds="every published summary of an authority's deprivation, beside the average score",
    ),
    Publication(
        "ref_lsoa_exact_fit",
        "LSOA (2011) to LSOA (2021) to Local Authority District (2022) lookup",
        _ONS_GEOGRAPHY,
        {},
        required=False,
        adds="years and locations with LSOAs of 2021, their populations, and IoD 2025",
        when=_has_two_vintages,
    ),
    Publication(
        "ref_oa21_lookup",
        "Output Area (2021) to LSOA to MSOA to Local Authority District lookup",
        _ONS_GEOGRAPHY,
        {},
        required=False,
        adds="the MSOAs of 2021 for years with LSOAs of 2021 (else they have those of 2011)",
    ),
    Publication(
        "ref_la_code",
        "DfE number and ONS code of local authorities, as in the underlying data of a release",
        _DFE_CIN,
        {},
        required=False,
        adds="a check of the seed of authorities",
    ),
    Publication(
        "ref_statistical_neighbour",
        "Statistical neighbour groupings (April 2021)",
        "gov.uk, Local authority interactive tool (LAIT)",
        {},
        required=False,
        adds="comparison of an authority with those most like it",
    ),
    Publication(
        "ref_ethnic_population",
        "DC2101EW or LC2109EW (2011), RM032 (2021): ethnic group by age (and sex), by MSOA",
        "nomisweb.co.uk, Census",
        {},
        required=False,
        adds="rates by ethnic group: Table 5",
    ),
    Publication(
        "ref_la_indicator",
        "la_indicators.csv (la_code, indicator, census_year, value)",
        "your own, from the publications that seeds/codes/la_indicators.csv names",
        {},
        required=False,
        adds="the authority indicators of Tables 18 and 19",
    ),
    Publication(
        "ref_published_indicator",
        "Underlying data of Characteristics of children in need; Children's social work "
        "workforce; Section 251 Table A1; Fingertips downloads; LAIT measures",
        _DFE_CIN,
        {},
        required=False,
        adds="reconciliation with DfE's counts, and the authority indicators of Tables 18 and 19",
    ),
)


def year_vintages(project: Path, census_years: list[str]) -> list[dict[str, str]]:
    """Return the seed's rows of the census years at hand: which vintage goes with which year."""
    for path in sorted((project / "seeds").rglob(_SEED)):
        with path.open(encoding="utf-8-sig", newline="") as stream:
            return [row for row in csv.DictReader(stream) if row["census_year"] in census_years]
    return []


def missing(
    landed: Mapping[str, set[Series]], vintages: list[dict[str, str]], folder: str
) -> list[str]:
    """Say, for every series that the census years need and no file supplied, where to get it.

    Parameters
    ----------
    landed
        The series in landing, by table.
    vintages
        Rows of the seed of vintages; without any, a table only has to have rows.
    folder
        Where the file has to be put.
    """
    messages = [
        _message(publication, series, folder)
        for publication in PUBLICATIONS
        if is_required(publication, landed, vintages)
        for series in lacking(publication, landed, vintages)
    ]
    return list(dict.fromkeys(messages))


def is_required(
    publication: Publication, landed: Mapping[str, set[Series]], vintages: list[dict[str, str]]
) -> bool:
    """Whether an ingest of these census years is incomplete without a publication."""
    when = publication.when
    return publication.required or (when is not None and any(when(row, landed) for row in vintages))


def lacking(
    publication: Publication, landed: Mapping[str, set[Series]], vintages: list[dict[str, str]]
) -> list[dict[str, str]]:
    """Return the series of a publication that the census years need and that are not there."""
    have = landed.get(publication.table, set())
    return [
        series
        for series in _needed(publication, vintages)
        if not any(set(series.items()) <= set(found) for found in have)
    ]


def _needed(publication: Publication, vintages: list[dict[str, str]]) -> list[dict[str, str]]:
    """Return the series needed, each as landing column and value; one empty one for any rows."""
    needed: list[dict[str, str]] = []
    for row in vintages or [{}]:
        series: list[dict[str, str]] = [{}]
        for column, rule in publication.needs.items():
            values = rule[1:].split("|") if rule.startswith("=") else [row.get(rule, "")]
            series = [
                {**one, column: value} if value else one for one in series for value in values
            ]
        needed += [one for one in series if one not in needed]
    return needed


def _message(publication: Publication, series: Mapping[str, str], folder: str) -> str:
    wanted = ", ".join(f"{column} {value}" for column, value in series.items())
    which = f" ({wanted})" if wanted else ""
    return str(
        CinError(
            f"no file supplies it: {publication.file}{which}",
            file=f"{folder}/reference",
            place=publication.table,
            remedy=f"download it from {publication.publisher}, and put it, as published, into "
            f"{folder}/reference/",
        )
    )
