"""The Indices of Deprivation of 2015, 2019 and 2025."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from ingest_py.layout_types import AUTHORITY, LSOA, YEAR, Layout, Melt, Take

LSOA_VINTAGE = Take(
    rf"lsoa code \({YEAR}\)", "lsoa_code", "lsoa_vintage", {"2011": "2011", "2021": "2021"}
)
_RELEASES = {"2013": "2015", "2019": "2019", "2024": "2025"}
_LAD = Take(rf"local authority district code \({YEAR}\)", None, "iod_release", _RELEASES)
_UTLA = Take(
    rf"upper tier local authority (?:district )?code \({YEAR}\)",
    "la_code",
    "iod_release",
    _RELEASES,
)

_CHILDREN_INDEX = "income deprivation affecting children index (?:\\(idaci\\) )?"
_OLDER_INDEX = "income deprivation affecting older people (?:index )?(?:\\(idaopi\\) )?"
DOMAIN_SCORES = {
    r"index of multiple deprivation \(imd\) score": "imd",
    r"income score \(rate\)": "income",
    r"employment score \(rate\)": "employment",
    r"education, skills and training score": "education",
    r"health deprivation and disability score": "health",
    r"crime score": "crime",
    r"barriers to housing and services score": "barriers",
    r"living environment score": "living_environment",
    rf"{_CHILDREN_INDEX}score \(rate\)": "idaci",
    rf"{_OLDER_INDEX}score \(rate\)": "idaopi",
    r"children and young people sub-domain score": "children_young_people",
    r"adult skills sub-domain score": "adult_skills",
    r"geographical barriers sub-domain score": "geographical_barriers",
    r"wider barriers sub-domain score": "wider_barriers",
    r"indoors sub-domain score": "indoors",
    r"outdoors sub-domain score": "outdoors",
}
_COMBINED_SCORES = {
    "income domain score": "income",
    "idaci score": "idaci",
    "idaopi score": "idaopi",
}
# The names that the domains have in headers, and the short names they have in landing.
_DOMAINS = {
    r"(?:imd(?: 20\d\d)?|index of multiple deprivation \(imd\))": "imd",
    r"income": "income",
    r"employment": "employment",
    r"education, skills and training": "education",
    r"health deprivation and disability": "health",
    r"crime": "crime",
    r"barriers to housing and services": "barriers",
    r"living environment": "living_environment",
    r"(?:income deprivation affecting children index(?: \(idaci\))?|idaci)": "idaci",
    r"(?:income deprivation affecting older people(?: index)?(?: \(idaopi\))?|idaopi)": "idaopi",
    r"children and young people sub-domain": "children_young_people",
    r"adult skills sub-domain": "adult_skills",
    r"geographical barriers sub-domain": "geographical_barriers",
    r"wider barriers sub-domain": "wider_barriers",
    r"indoors sub-domain": "indoors",
    r"outdoors sub-domain": "outdoors",
}
_AVERAGES = {rf"{header} - average score": domain for header, domain in _DOMAINS.items()}
_LSOA_STATISTICS = {
    r" rank(?: \(.*)?": "rank",
    r" decile(?: \(.*)?": "decile",
    r" score - exponentially transformed": "transformed_score",
}
_AREA_STATISTICS = {
    " - average rank": "average_rank",
    " - rank of average rank": "rank_of_average_rank",
    " - average score": "average_score",
    " - rank of average score": "rank_of_average_score",
    " - proportion of lsoas in most deprived 10% nationally": "proportion_in_worst_tenth",
    " - rank of proportion of lsoas in most deprived 10% nationally":
        "rank_of_proportion_in_worst_tenth",
    " - extent": "extent",
    " - rank of extent": "rank_of_extent",
    " - local concentration": "local_concentration",
    " - rank of local concentration": "rank_of_local_concentration",
    "(?: -)? scale": "scale",
    " - rank of scale": "rank_of_scale",
}  # fmt: skip
_RANKS_OF_SCALE = {
    "rank of income scale": "income|rank_of_scale",
    "rank of employment scale": "employment|rank_of_scale",
}


def _each(statistics: Mapping[str, str]) -> dict[str, str]:
    """Return every domain with every statistic: header pattern to `domain|statistic`."""
    return {
        f"{header}{ending}": f"{domain}|{statistic}"
        for header, domain in _DOMAINS.items()
        for ending, statistic in statistics.items()
    }


_SCORES = Melt(DOMAIN_SCORES, ("domain",), "score")
_SUMMARY = Melt(_each(_AREA_STATISTICS) | _RANKS_OF_SCALE, ("domain", "statistic"), "value")

IOD_LAYOUTS: tuple[Layout, ...] = (
    Layout(
        "IoD File 7 or File 5 (scores)",
        "ref_lsoa_deprivation",
        "lsoa_code",
        LSOA,
        (r"(?:income|employment) score \(rate\)",),
        (LSOA_VINTAGE, _LAD),
        ("iod_release", "domain"),
        melt=_SCORES,
    ),
    Layout(
        "IoD 2019 income domain, England and Wales combined",
        "ref_lsoa_deprivation",
        "lsoa_code",
        LSOA,
        ("income domain score",),
        (LSOA_VINTAGE, _LAD),
        ("iod_release", "domain"),
        melt=Melt(_COMBINED_SCORES, ("domain",), "score"),
    ),
    Layout(
        "IoD 2015 income score, reconstructed",
        "ref_lsoa_deprivation",
        "lsoa_code",
        LSOA,
        (rf"income_score_{YEAR}",),
        (
            Take("lsoa11_code", "lsoa_code"),
            Take(rf"income_score_{YEAR}", None, "iod_release", {"2015": "2015", "2019": "2019"}),
        ),
        ("iod_release", "domain"),
        melt=Melt({rf"income_score_{YEAR}": "income"}, ("domain",), "score"),
        constants={"lsoa_vintage": "2011"},
    ),
    Layout(
        "IoD File 6 or File 7 (population denominators)",
        "ref_lsoa_iod_population",
        "lsoa_code",
        LSOA,
        (r"dependent children aged 0-15: mid 20\d\d.*",),
        (
            LSOA_VINTAGE,
            _LAD,
            Take(r"total population: mid 20\d\d.*", "total_population", number=True),
            Take(r"dependent children aged 0-15: mid 20\d\d.*", "dependent_children", number=True),
        ),
        ("iod_release",),
    ),
    Layout(
        "IoD File 11 (upper-tier summaries)",
        "ref_la_deprivation",
        "la_code",
        AUTHORITY,
        (rf"upper tier local authority (?:district )?(?:code|name) \({YEAR}\)",),
        (_UTLA,),
        ("iod_release", "domain"),
        melt=Melt(_AVERAGES, ("domain",), "average_score"),
    ),
    Layout(
        "IoD Files 1, 2, 3, 7 and 9 (ranks, deciles, transformed scores)",
        "ref_lsoa_deprivation_statistic",
        "lsoa_code",
        LSOA,
        (
            rf"lsoa code \({YEAR}\)",
            r".*(?<!domain)(?<!idaci)(?<!idaopi) (?:rank|decile)(?: \(.*)?"
            r"|.* score - exponentially transformed",
        ),
        (LSOA_VINTAGE, _LAD),
        ("iod_release", "domain", "statistic"),
        melt=Melt(_each(_LSOA_STATISTICS), ("domain", "statistic"), "value"),
    ),
    Layout(
        "IoD File 11 (upper-tier summaries, every statistic)",
        "ref_area_deprivation_summary",
        "area_code",
        AUTHORITY,
        (rf"upper tier local authority (?:district )?code \({YEAR}\)", ".* - average rank"),
        (replace(_UTLA, column="area_code"),),
        ("area_tier", "iod_release", "domain", "statistic"),
        melt=_SUMMARY,
        constants={"area_tier": "upper"},
    ),
    Layout(
        "IoD File 10 (lower-tier summaries)",
        "ref_area_deprivation_summary",
        "area_code",
        AUTHORITY,
        (rf"local authority district code \({YEAR}\)", ".* - average rank"),
        (replace(_LAD, column="area_code"),),
        ("area_tier", "iod_release", "domain", "statistic"),
        melt=_SUMMARY,
        constants={"area_tier": "lower"},
    ),
)
