"""Populations of LSOAs, and what the areas are: lookups, rural or urban, density, neighbours."""

from __future__ import annotations

from ingest_py.layout_types import (
    AUTHORITY,
    CENTURY,
    LSOA,
    OUTPUT_AREA,
    YEAR,
    Context,
    Layout,
    Melt,
    Take,
)

LA_NUMBER = r"\d{3}"
_SEX = Context(
    "sex",
    r"(?<![a-z])(persons?|males?|females?)(?![a-z])",
    {"person": "persons", "persons": "persons", "male": "male", "males": "male",
     "female": "female", "females": "female"},
    "name the sheet or the file with one of the words persons, males, females, as published",
)  # fmt: skip
_MID_YEAR = Context(
    "mid_year",
    rf"mid[-_ ]?{YEAR}",
    {},
    "name the sheet or the file with the year, such as Mid-2019, as published",
)
_AGES = tuple(
    Take(str(age) if age < 90 else r"90 ?\+", f"age_{age}", number=True) for age in range(91)
)


def _lsoa_of_2021(sex: str, letter: str) -> Layout:
    """Return the layout of one sex: the sheets of 2021 LSOAs have females and males side by side.

    They have a total of persons only, so `all_ages` of a sex stays empty.
    """
    return Layout(
        f"SAPE by LSOA (2021), single year of age, {sex}",
        "ref_lsoa_population",
        "lsoa_code",
        LSOA,
        (rf"lsoa {YEAR} code", "total", f"{letter}0"),
        (
            Take(rf"lsoa {YEAR} code", "lsoa_code", "lsoa_vintage", {"2021": "2021"}),
            *(Take(f"{letter}{age}", f"age_{age}", number=True) for age in range(91)),
        ),
        ("lsoa_vintage", "mid_year", "sex"),
        contexts=(_MID_YEAR,),
        constants={"sex": sex},
        absent=("all_ages",),
    )


AREA_LAYOUTS: tuple[Layout, ...] = (
    Layout(
        "SAPE22DT2 (LSOA populations by single year of age and sex)",
        "ref_lsoa_population",
        "lsoa_code",
        LSOA,
        (r"lsoa code|area codes?", "all ages"),
        (
            Take(r"lsoa code|area codes?", "lsoa_code"),
            Take("all ages", "all_ages", number=True),
            *_AGES,
        ),
        ("lsoa_vintage", "mid_year", "sex"),
        contexts=(_MID_YEAR, _SEX),
        constants={"lsoa_vintage": "2011"},
    ),
    _lsoa_of_2021("female", "f"),
    _lsoa_of_2021("male", "m"),
    Layout(
        "Output area to LSOA to MSOA to local authority district (December 2017)",
        "ref_oa_lookup",
        "oa11_code",
        OUTPUT_AREA,
        ("oa11cd",),
        (
            Take("oa11cd", "oa11_code"),
            Take("lsoa11cd", "lsoa11_code"),
            Take("msoa11cd", "msoa11_code"),
            Take("lad17cd", "lad17_code"),
            Take("rgn11cd", "region_code"),
            Take("ctry11cd", "country_code"),
        ),
        (),
    ),
    Layout(
        "Output area (2021) to LSOA to MSOA to local authority district",
        "ref_oa21_lookup",
        "oa21_code",
        OUTPUT_AREA,
        ("oa21cd", "msoa21cd"),
        (
            Take("oa21cd", "oa21_code"),
            Take("lsoa21cd", "lsoa21_code"),
            Take("msoa21cd", "msoa21_code"),
        ),
        (),
    ),
    Layout(
        "LSOA (2011) to ward (2019) to local authority district",
        "ref_lsoa_lad",
        "lsoa11_code",
        LSOA,
        ("lsoa11cd", r"wd\d\dcd"),
        (
            Take("lsoa11cd", "lsoa11_code"),
            Take(r"lad(\d\d)cd", "lad_code", "lad_year", CENTURY),
        ),
        ("lad_year",),
    ),
    Layout(
        "Lower-tier to upper-tier local authority",
        "ref_lad_utla",
        "lad_code",
        AUTHORITY,
        (r"ltla\d\dcd",),
        (
            Take(r"ltla(\d\d)cd", "lad_code", "lookup_year", CENTURY),
            Take(r"utla\d\dcd", "utla_code"),
        ),
        ("lookup_year",),
    ),
    Layout(
        "Rural Urban Classification of LSOAs",
        "ref_lsoa_rural_urban",
        "lsoa11_code",
        LSOA,
        ("lsoa11cd", r"ruc\d\dcd"),
        (
            Take("lsoa11cd", "lsoa11_code"),
            Take(r"ruc(\d\d)cd", "ruc_code", "ruc_release", CENTURY),
            Take(r"ruc\d\d(?:nm)?", "ruc_name"),
        ),
        ("ruc_release",),
    ),
    Layout(
        "SAPE21DT11 (LSOA population density)",
        "ref_lsoa_density",
        "lsoa_code",
        LSOA,
        ("people per sq km",),
        (
            Take("(?:lsoa )?code", "lsoa_code"),
            Take(rf"mid-{YEAR} population", "population", "mid_year", number=True),
            Take("area sq km", "area_sq_km", number=True),
            Take("people per sq km", "people_per_sq_km", number=True),
        ),
        ("mid_year",),
    ),
    Layout(
        "LSOA (2011) to LSOA (2021) to local authority district (2022)",
        "ref_lsoa_exact_fit",
        "lsoa11_code",
        LSOA,
        # The first header of version 1 really begins with F_.
        (r"(?:f_)?lsoa11cd", "lsoa21cd", r"chgind"),
        (
            Take(r"(?:f_)?lsoa11cd", "lsoa11_code"),
            Take("lsoa21cd", "lsoa21_code"),
            Take("chgind", "change_code"),
            Take(r"lad(\d\d)cd", "lad_code", "lad_year", CENTURY),
        ),
        ("lad_year",),
        also_key=("lsoa21_code",),
    ),
    Layout(
        "DfE number to ONS code of local authorities",
        "ref_la_code",
        "la_number",
        LA_NUMBER,
        ("old_la_code", "new_la_code", "min", "max"),
        (
            Take("old_la_code", "la_number"),
            Take("new_la_code", "la_code"),
            Take("la_name", "la_name"),
            Take("region_code", "region_code"),
            Take("region_name", "region_name"),
            Take("min", "first_year"),
            Take("max", "last_year"),
        ),
        (),
        also_key=("la_code",),
    ),
    Layout(
        "Statistical neighbours of local authorities",
        "ref_statistical_neighbour",
        "la_number",
        LA_NUMBER,
        ("la number", "sn1", "snp"),
        (Take("la number", "la_number"),),
        ("neighbour_rank",),
        melt=Melt(
            {f"sn{rank}": str(rank) for rank in range(1, 11)},
            ("neighbour_rank",),
            "neighbour_la_number",
            beside="closeness",
        ),
    ),
    Layout(
        "Indicators of local authorities (our own layout)",
        "ref_la_indicator",
        "la_code",
        AUTHORITY,
        ("la_code", "indicator", "census_year"),
        (
            Take("la_code", "la_code"),
            Take("indicator", "indicator"),
            Take("census_year", "census_year"),
            Take("value", "value", number=True),
        ),
        (),
        also_key=("indicator", "census_year"),
    ),
)
