"""The one declaration of every landing table: its columns, its key, the names users give them.

Everything else reads it from here: the extract reader (which columns a file must have and which
other names they may carry), the writer (Parquet schemas, zero-row files), the tests that hold the
dbt sources to it. Column lists follow section 4 of the census design: a table's key begins with
`census_year, la_number`, which are the partition folders and not columns of the files.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache, cached_property

import pyarrow as pa


class Group(StrEnum):
    """Where a landing table comes from."""

    CENSUS = "census"
    RETURNS = "returns"
    LOCATIONS = "locations"
    REFERENCE = "reference"
    SYNTHETIC = "synthetic"
    LEDGER = "ledger"
    SECRET = "secret"  # noqa: S105 - the group's name, not a secret


@dataclass(frozen=True)
class Column:
    """One landing column.

    Attributes
    ----------
    name
        Its name in landing.
    aliases
        Other headers it is recognised by, beside its own name; letter case, spaces and
        underscores do not matter (`LAchildID` needs no alias for `la_child_id`).
    optional
        Whether an extract may lack the column: it then lands NULL and the ledger says so.
    is_count
        Whether it is a 64-bit integer made by ingest; every other column is text.
    """

    name: str
    aliases: tuple[str, ...] = ()
    optional: bool = False
    is_count: bool = False


@dataclass(frozen=True)
class Table:
    """One landing table: a folder of Parquet files.

    Attributes
    ----------
    name, group, columns
        Its folder, its origin, its columns in file order.
    key
        What is unique in the whole table, partition columns included; empty for none.
    partitioned
        Whether the files lie in `census_year=…/la_number=…` folders.
    """

    name: str
    group: Group
    columns: tuple[Column, ...]
    key: tuple[str, ...] = ()
    partitioned: bool = False

    @cached_property
    def schema(self) -> pa.Schema:
        """The Arrow schema of its files, without the partition columns."""
        fields = [
            pa.field(column.name, pa.int64() if column.is_count else pa.string())
            for column in self.columns
        ]
        return pa.schema(fields)

    @cached_property
    def input_columns(self) -> tuple[Column, ...]:
        """The columns that a user's file supplies, partition columns first."""
        own = tuple(c for c in self.columns if c not in ORIGIN)
        return PARTITION + own if self.partitioned else own

    @property
    def row_keys(self) -> tuple[str, ...]:
        """The key below the partition, such as child_no and referral_no."""
        return self.key[2:] if self.partitioned else self.key


PARTITION = (
    Column("census_year", ("Year", "CollectionYear")),
    Column("la_number", ("LEA", "LA", "LACode", "old_la_code")),
)
ORIGIN = (Column("source_file"), Column("source_row", is_count=True))


def _column(text: str, *, count: bool = False) -> Column:
    """Read `name?=alias|alias`: a question mark makes the column optional."""
    name, _, aliases = text.partition("=")
    return Column(
        name.rstrip("?"),
        tuple(alias for alias in aliases.split("|") if alias),
        optional=name.endswith("?"),
        is_count=count,
    )


def _columns(texts: Iterable[str]) -> tuple[Column, ...]:
    return tuple(_column(text) for text in texts)


def _census(name: str, keys: str, *columns: str) -> Table:
    row_keys = tuple(keys.split())
    return Table(
        name,
        Group.CENSUS,
        _columns((*row_keys, *columns)) + ORIGIN,
        ("census_year", "la_number", *row_keys),
        partitioned=True,
    )


def _reference(name: str, key: str, *columns: str) -> Table:
    return Table(name, Group.REFERENCE, _columns(columns) + ORIGIN, tuple(key.split()))


CENSUS_TABLES = (
    _census(
        "returns", "", "reference_date?=ReferenceDate", "software_code?", "release?",
        "serial_no?", "submitted_at?=DateTime", "file_name?", "file_sha256?", "n_children?",
    ),
    _census(
        "children", "child_no", "la_child_id=LAchildID", "upn", "former_upn?", "upn_unknown?",
        "birth_date=PersonBirthDate", "expected_birth_date?=ExpectedPersonBirthDate",
        "sex=GenderCurrent|Gender", "death_date?=PersonDeathDate", "ethnicity",
    ),
    _census("disabilities", "child_no disability_no", "disability"),
    _census(
        "referrals", "child_no referral_no", "referral_date=CINreferralDate", "referral_source",
        "primary_need_code", "closure_date=CINclosureDate", "reason_for_closure",
        "initial_cpc_date=DateOfInitialCPC", "referral_nfa",
    ),
    _census(
        "assessments", "child_no referral_no assessment_no",
        "start_date=AssessmentActualStartDate",
        "internal_review_date?=AssessmentInternalReviewDate",
        "authorisation_date=AssessmentAuthorisationDate",
    ),
    _census(
        "assessment_factors", "child_no referral_no assessment_no factor_no",
        "factor=AssessmentFactors|AssessmentFactor",
    ),
    _census(
        "cin_plans", "child_no referral_no cin_plan_no",
        "start_date=CINPlanStartDate", "end_date=CINPlanEndDate",
    ),
    _census(
        "section47", "child_no referral_no section47_no", "start_date=S47ActualStartDate",
        "initial_cpc_target_date?=InitialCPCtarget", "initial_cpc_date=DateOfInitialCPC",
        "icpc_not_required",
    ),
    _census(
        "child_protection_plans", "child_no referral_no cp_plan_no", "start_date=CPPstartDate",
        "end_date=CPPendDate", "initial_category=InitialCategoryOfAbuse",
        "latest_category=LatestCategoryOfAbuse", "n_previous_plans=NumberOfPreviousCPP",
    ),
    _census(
        "cpp_reviews", "child_no referral_no cp_plan_no review_no", "review_date=CPPreviewDate"
    ),
)  # fmt: skip

UNKNOWN_ELEMENTS = Table(
    "unknown_elements",
    Group.RETURNS,
    _columns(("element_no", "child_no", "issue", "element_path", "raw_xml")) + ORIGIN,
    ("census_year", "la_number", "element_no"),
    partitioned=True,
)

LOCATION_IDS = ("la_child_id", "upn", "pmr")
CHILD_LOCATIONS = Table(
    "child_locations",
    Group.LOCATIONS,
    _columns(
        (
            "la_child_id?=LAchildID", "upn?", "pmr?=PupilMatchingReference"
            "|PupilMatchingRefAnonymous|PMRAnonymous",
            "lsoa_code=LSOA|LSOA11|LSOA21|LSOA11CD|LSOA21CD|LSOA11Code|LSOA21Code",
        )
    )
    + ORIGIN,
    ("census_year", "la_number", *LOCATION_IDS),
    partitioned=True,
)  # fmt: skip

AGES = (*(f"age_{age}" for age in range(91)),)

REFERENCE_TABLES = (
    _reference(
        "ref_lsoa_deprivation", "lsoa_code iod_release domain",
        "lsoa_code", "lsoa_vintage", "iod_release", "domain", "score",
    ),
    _reference(
        "ref_la_deprivation", "la_code iod_release domain",
        "la_code", "iod_release", "domain", "average_score",
    ),
    _reference(
        "ref_lsoa_iod_population", "lsoa_code iod_release",
        "lsoa_code", "lsoa_vintage", "iod_release", "total_population", "dependent_children",
    ),
    _reference(
        "ref_lsoa_population", "lsoa_code mid_year sex",
        "lsoa_code", "lsoa_vintage", "mid_year", "sex", "all_ages", *AGES,
    ),
    _reference(
        "ref_oa_lookup", "oa11_code", "oa11_code", "lsoa11_code", "msoa11_code", "lad17_code",
        "region_code", "country_code",
    ),
    _reference("ref_oa21_lookup", "oa21_code", "oa21_code", "lsoa21_code", "msoa21_code"),
    _reference("ref_lsoa_lad", "lsoa11_code lad_year", "lsoa11_code", "lad_code", "lad_year"),
    _reference("ref_lad_utla", "lad_code lookup_year", "lad_code", "utla_code", "lookup_year"),
    _reference(
        "ref_lsoa_rural_urban", "lsoa11_code ruc_release",
        "lsoa11_code", "ruc_code", "ruc_name", "ruc_release",
    ),
    _reference(
        "ref_lsoa_density", "lsoa_code mid_year",
        "lsoa_code", "mid_year", "population", "area_sq_km", "people_per_sq_km",
    ),
    _reference(
        "ref_lsoa_deprivation_statistic", "lsoa_code iod_release domain statistic",
        "lsoa_code", "lsoa_vintage", "iod_release", "domain", "statistic", "value",
    ),
    _reference(
        "ref_area_deprivation_summary", "area_code area_tier iod_release domain statistic",
        "area_code", "area_tier", "iod_release", "domain", "statistic", "value",
    ),
    _reference(
        "ref_lsoa_exact_fit", "lsoa11_code lsoa21_code lad_year",
        "lsoa11_code", "lsoa21_code", "change_code", "lad_code", "lad_year",
    ),
    _reference(
        "ref_la_code", "la_number la_code", "la_number", "la_code", "la_name", "region_code",
        "region_name", "first_year", "last_year",
    ),
    _reference(
        "ref_statistical_neighbour", "la_number neighbour_rank",
        "la_number", "neighbour_rank", "neighbour_la_number", "closeness",
    ),
    _reference(
        "ref_ethnic_population", "area_code census sex age_group ethnic_group",
        "area_code", "census", "sex", "age_group", "ethnic_group", "persons",
    ),
    _reference(
        "ref_la_indicator", "la_code indicator census_year",
        "la_code", "indicator", "census_year", "value",
    ),
    _reference(
        "ref_published_indicator", "",
        "publication", "release", "table_name", "time_period", "time_identifier",
        "geographic_level", "area_code", "la_number", "area_name", "topic", "breakdown", "measure",
        "value", "marker",
    ),
)  # fmt: skip

_COUNTS = ("n_bytes", "rows_read", "rows_kept", "rows_quarantined")
LEDGER_FILES = Table(
    "ledger_files",
    Group.LEDGER,
    (
        *_columns(("file", "kind", "table_name", "census_year", "la_number", "sha256")),
        *(_column(name, count=True) for name in _COUNTS),
        *_columns(("verdict", "reason", "remedy")),
    ),
)
LEDGER_QUARANTINE = Table(
    "ledger_quarantine",
    Group.LEDGER,
    (
        Column("file"),
        Column("source_row", is_count=True),
        *_columns(("table_name", "census_year", "la_number", "reason")),
    ),
)
LEDGER_DATASET = Table(
    "ledger_dataset", Group.LEDGER, _columns(("dataset", "input_sha256", "seed")), ("dataset",)
)
LEDGER_TIMINGS = Table(
    "ledger_timings",
    Group.LEDGER,
    (
        *_columns(("file", "sha256", "reader")),
        Column("n_bytes", is_count=True),
        *_columns(("seconds", "is_reused")),
    ),
)
PLANTED_VALUES = Table(
    "planted_values", Group.SYNTHETIC, _columns(("table_no", "row_label", "statistic", "value"))
)
HASH_KEY = Table("hash_key", Group.SECRET, _columns(("hash_key",)), ("hash_key",))

TABLES: tuple[Table, ...] = (
    *CENSUS_TABLES,
    UNKNOWN_ELEMENTS,
    CHILD_LOCATIONS,
    *REFERENCE_TABLES,
    LEDGER_FILES,
    LEDGER_QUARANTINE,
    LEDGER_DATASET,
    LEDGER_TIMINGS,
    PLANTED_VALUES,
    HASH_KEY,
)
BY_NAME = {table.name: table for table in TABLES}


def plain(header: str) -> str:
    """Reduce a header to lower-case letters and digits, so that `LAchildID` is `la_child_id`."""
    return "".join(character for character in header.casefold() if character.isalnum())


def accepted_names(column: Column) -> tuple[str, ...]:
    """Return every header a column is recognised by, its own name first."""
    return (column.name, *column.aliases)


@cache
def header_index(table: Table) -> Mapping[str, Column]:
    """Map every accepted header of a table, in its plain form, to the column it fills."""
    return {
        plain(name): column for column in table.input_columns for name in accepted_names(column)
    }
