"""What a small synthetic England writes: the same for a seed, and the counts it drew."""

from __future__ import annotations

import csv
import gzip
import hashlib
import json
import shutil
from pathlib import Path

import duckdb
import pytest
from python_calamine import CalamineWorkbook

from common_py.errors import CinError
from synth_py import Counts, SynthConfig, SynthResult, draw_counts, facts, generate, run
from synth_py.config import MEASURES
from tests.python.synth_world import shared_truth

SMALL = SynthConfig(size="small")
OTHER_SEED = SynthConfig(size="small", seed=1)
LEFT_OVER = "left_over.parquet"
SEX_OF_CODE = {"1": 0, "2": 1, "0": 2, "9": 2}

EVENTS = """
with
located as (
    select la_number, la_child_id, upn, lsoa_code from '{data}/locations/2019/*.parquet'
),
children as (
    select c.la_number, c.child_no, c.sex, c.birth_date::date as birth_date,
        coalesce(i.lsoa_code, u.lsoa_code) as lsoa_code
    from '{extract}/children.parquet' c
    left join located i on i.la_number = c.la_number and i.la_child_id = c.la_child_id
    left join located u
        on u.la_number = c.la_number and u.upn = c.upn and u.la_child_id is null
),
events as (
    select 'referral' as measure, la_number, child_no, referral_date::date as event_date
    from '{extract}/referrals.parquet'
    union all
    select 'assessment', la_number, child_no, authorisation_date::date
    from '{extract}/assessments.parquet'
    union all
    select 'cin', la_number, child_no, referral_date::date
    from '{extract}/referrals.parquet'
    where referral_nfa in ('0', 'false') and reason_for_closure is distinct from 'RC8'
    union all
    select 's47', la_number, child_no, start_date::date from '{extract}/section47.parquet'
    union all
    select 'cp_conference', la_number, child_no, initial_cpc_date::date
    from '{extract}/section47.parquet'
    union all
    select 'cp_plan', la_number, child_no, start_date::date
    from '{extract}/child_protection_plans.parquet'
),
aged as (
    select e.measure, c.lsoa_code, c.sex,
        date_diff('year', c.birth_date, e.event_date)
            - (strftime(e.event_date, '%m%d') < strftime(c.birth_date, '%m%d'))::int as age
    from events e
    inner join children c using (la_number, child_no)
    where e.event_date between '2018-04-01' and '2019-03-31'
)
select measure, lsoa_code, age, sex, count(*) as n
from aged
where lsoa_code like 'E%' and age between 5 and 15
group by all
"""
"""The warehouse's rules, written independently of its models."""


@pytest.fixture(scope="module")
def england(small_data: Path) -> Path:
    """What `cin synth` wrote in a process of its own, or `generate` where nothing has."""
    return small_data


@pytest.fixture(scope="module")
def again(england: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, SynthResult]:
    """The same England, written over a copy of the first that holds one file more."""
    folder = tmp_path_factory.mktemp("again") / "data"
    shutil.copytree(england, folder)
    (folder / "census" / "2019" / "extract" / LEFT_OVER).write_bytes(b"old")
    return folder, generate(SMALL, folder)


@pytest.fixture(scope="module")
def counts(tmp_path_factory: pytest.TempPathFactory) -> Counts:
    return drawn(SMALL, tmp_path_factory)


def drawn(config: SynthConfig, factory: pytest.TempPathFactory) -> Counts:
    """Draw counts of an England that other tests calibrate as well: that takes most of the time."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(run, "make_truth", lambda *_: shared_truth(factory, config))
        return draw_counts(config)


def digests(folder: Path) -> dict[str, str]:
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def newest(folder: Path) -> int:
    """When the last file of a folder was written."""
    return max(path.stat().st_mtime_ns for path in folder.rglob("*") if path.is_file())


def query(sql: str, folder: Path) -> list[tuple[object, ...]]:
    extract = folder / "census" / "2019" / "extract"
    text = sql.format(data=folder.as_posix(), extract=extract.as_posix())
    with duckdb.connect() as connection:
        return connection.execute(text).fetchall()


def test_same_seed_same_bytes(england: Path, again: tuple[Path, SynthResult]) -> None:
    first, second = digests(england), digests(again[0])
    assert {name: second.get(name) for name in first} == first


def test_an_earlier_synthetic_england_is_replaced_whole(
    england: Path, again: tuple[Path, SynthResult]
) -> None:
    assert set(digests(again[0])) == set(digests(england))
    written = [path for path in again[0].rglob("*") if path.is_file()]
    assert min(path.stat().st_mtime_ns for path in written) > newest(england)


def test_another_seed_is_another_england(
    counts: Counts, tmp_path_factory: pytest.TempPathFactory
) -> None:
    other = drawn(OTHER_SEED, tmp_path_factory)
    assert (other.drawn.sum(axis=(1, 2, 3)) != counts.drawn.sum(axis=(1, 2, 3))).any()
    assert (other.geography.income != counts.geography.income).any()


def test_every_drawn_count_comes_back_from_the_rows(england: Path, counts: Counts) -> None:
    place = {code: i for i, code in enumerate(counts.geography.lsoa_code.tolist())}
    left = counts.drawn.copy()
    for measure, lsoa, age, sex, n in query(EVENTS, england):
        m = MEASURES.index(str(measure))
        left[m, place[str(lsoa)], int(str(age)) - 5, SEX_OF_CODE[str(sex)]] -= int(str(n))
    assert (left == 0).all()


def test_totals_are_the_drawn_ones(again: tuple[Path, SynthResult], counts: Counts) -> None:
    result = again[1]
    keep = counts.geography.modelled
    assert result.n_events == {m: int(counts.events(m)[keep].sum()) for m in MEASURES}
    for measure in MEASURES:
        expected = result.n_expected[measure]
        assert abs(result.n_events[measure] - expected) < 5 * expected**0.5


def test_small_has_the_two_authorities_that_the_study_leaves_out(counts: Counts) -> None:
    geo = counts.geography
    n_lsoas = {number: int((geo.la_number[geo.la] == number).sum()) for number in ("201", "420")}
    assert n_lsoas == {"201": 6, "420": 1}
    assert not geo.modelled[geo.la_number[geo.la] == "420"].any()
    assert 1_500 <= geo.la.size <= 2_500
    assert geo.la_number.size == 24


def test_extract_keeps_the_census_rules(england: Path) -> None:
    broken = {
        "8630 closed before referral": "select count(*) from '{extract}/referrals.parquet'"
        " where closure_date < referral_date",
        "8820 episodes of a child overlap": "select count(*) from (select closure_date,"
        " lead(referral_date) over (partition by la_number, child_no"
        " order by referral_no::int) as next_date from '{extract}/referrals.parquet')"
        " where closure_date > next_date",
        "8831 activity after no further action": "select count(*)"
        " from '{extract}/referrals.parquet' join '{extract}/assessments.parquet'"
        " using (la_number, child_no, referral_no) where referral_nfa in ('1', 'true')",
        "2990 enquiry in a case closed after assessment": "select count(*)"
        " from '{extract}/referrals.parquet' join '{extract}/section47.parquet'"
        " using (la_number, child_no, referral_no) where reason_for_closure = 'RC8'",
        "8875 conference at a weekend": "select count(*) from '{extract}/section47.parquet'"
        " where dayofweek(initial_cpc_date::date) in (0, 6)",
        "8869 code 21 with others": "select count(*) from (select 1"
        " from '{extract}/assessment_factors.parquet' group by la_number, child_no, referral_no"
        " having count(*) > 1 and bool_or(factor = '21'))",
        "8510 local identifier twice": "select count(*) from (select 1"
        " from '{extract}/children.parquet' group by la_number, la_child_id having count(*) > 1)",
        "1520 UPN twice": "select count(upn) - count(distinct upn)"
        " from '{extract}/children.parquet'",
        "8867 closed with an assessment under way": "select count(*)"
        " from '{extract}/referrals.parquet' join '{extract}/assessments.parquet'"
        " using (la_number, child_no, referral_no)"
        " where closure_date is not null and authorisation_date is null",
        "8925 plan ends before it starts": "select count(*)"
        " from '{extract}/child_protection_plans.parquet' where end_date <= start_date",
        "8565 plan ends after the case has closed": "select count(*)"
        " from '{extract}/referrals.parquet' join '{extract}/child_protection_plans.parquet'"
        " using (la_number, child_no, referral_no) where end_date > closure_date",
        "8606 referred long before birth": "select count(*)"
        " from '{extract}/referrals.parquet' join '{extract}/children.parquet'"
        " using (la_number, child_no) where referral_date::date < birth_date::date - 280",
        "2991Q enquiry without assessment": "select count(*)"
        " from '{extract}/section47.parquet' anti join '{extract}/assessments.parquet'"
        " using (la_number, child_no, referral_no)",
        "8841 review on or before the plan's start": "select count(*)"
        " from '{extract}/cpp_reviews.parquet' join '{extract}/child_protection_plans.parquet'"
        " using (la_number, child_no, referral_no, cp_plan_no) where review_date <= start_date",
    }
    found = {rule: query(sql, england)[0][0] for rule, sql in broken.items()}
    assert found == dict.fromkeys(broken, 0)


def test_planted_truth_has_every_printed_cell(england: Path) -> None:
    folder = england / "synthetic"
    with (folder / "planted.csv").open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines))
    keys = {(row["table_no"], row["row_label"], row["statistic"]) for row in rows}
    assert len(keys) == len(rows)
    printed = {key for key in facts.published().values if key[0] != "text"}
    assert printed - keys == set()
    extra = {key for key in keys - printed if key[0] != "text"}
    assert len(extra) == 4 * 9
    assert all(statistic.endswith("_predicted") for _, _, statistic in extra)
    assert all(float(row["value"]) > 0 for row in rows)
    assert json.loads((folder / "SYNTHETIC.json").read_text(encoding="utf-8"))["size"] == "small"


def test_the_year_before_holds_referrals_only_and_the_same_children(
    england: Path,
) -> None:
    folder = england / "census" / "2018" / "extract"
    assert sorted(path.stem for path in folder.iterdir()) == [
        "children", "disabilities", "referrals", "returns",
    ]  # fmt: skip
    assert not (england / "locations" / "2018").exists()
    unknown, other, n = query(
        "select count(*) filter (where now.la_child_id is null),"
        " count(*) filter (where now.birth_date <> before.birth_date"
        " or now.ethnicity <> before.ethnicity), count(*)"
        " from '{data}/census/2018/extract/children.parquet' before"
        " left join '{extract}/children.parquet' now using (la_number, la_child_id)",
        england,
    )[0]
    assert (unknown, other) == (0, 0)
    assert int(str(n)) > 5_000


def test_re_referrals_are_as_many_as_planted(england: Path, counts: Counts) -> None:
    found = query(
        "with referred as ("
        " select la_number, la_child_id, referral_date::date as day, 2019 as year"
        " from '{extract}/referrals.parquet' join '{extract}/children.parquet'"
        " using (la_number, child_no)"
        " union all select la_number, la_child_id, referral_date::date, 2018"
        " from '{data}/census/2018/extract/referrals.parquet'"
        " join '{data}/census/2018/extract/children.parquet' using (la_number, child_no)),"
        " dated as (select *, lag(day) over ("
        " partition by la_number, la_child_id order by day) as previous from referred)"
        " select count(*) filter (where day <= previous + interval 12 months) / count(*)"
        " from dated where year = 2019 and day >= '2018-04-01'",
        england,
    )[0][0]
    # of all children, located or not: 24.5 % of referrals (Table 9)
    assert float(str(found)) == pytest.approx(0.245, abs=0.006)


def test_indicators_are_written_for_the_study_s_authorities(england: Path, counts: Counts) -> None:
    path = england / "reference" / "la_indicators.csv"
    with path.open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines))
    assert list(rows[0]) == ["la_code", "indicator", "census_year", "value"]
    names = dict.fromkeys(row["indicator"] for row in rows)
    assert len(names) == 22
    assert {row["census_year"] for row in rows} == {"2019"}
    geo = counts.geography
    study = set(geo.la_code[geo.la_modelled].tolist())
    assert {row["la_code"] for row in rows} == study
    assert all(float(row["value"]) >= 0 for row in rows)
    rural = {
        row["la_code"]: float(row["value"]) for row in rows if row["indicator"] == "rural_lsoas"
    }
    share = {
        code: 100.0 * float(geo.rural[geo.la == j].mean())
        for j, code in enumerate(geo.la_code.tolist()) if code in study
    }  # fmt: skip
    assert rural == pytest.approx(share, abs=1e-4)


HEADERS = {
    "iod2015/File_7_*.csv": [
        "LSOA code (2011)", "LSOA name (2011)", "Local Authority District code (2013)",
        "Local Authority District name (2013)",
        "Index of Multiple Deprivation (IMD) Score",
        "Index of Multiple Deprivation (IMD) Rank (where 1 is most deprived)",
        "Index of Multiple Deprivation (IMD) Decile (where 1 is most deprived 10% of LSOAs)",
        "Income Score (rate)",
    ],
    "iod2019/File_7_*.csv": [
        "LSOA code (2011)", "LSOA name (2011)", "Local Authority District code (2019)",
    ],
    "population/*_Males.csv.gz": [
        "LSOA Code", "LSOA Name", "LA Code (2019 boundaries)", "LA name (2019 boundaries)",
        "LA Code (2020 boundaries)", "LA name (2020 boundaries)", "All Ages", "0", "1",
    ],
    "lookups/Output_Area_*.csv.gz": [
        "OA11CD", "OAC11CD", "OAC11NM", "LSOA11CD", "LSOA11NM", "SOAC11CD", "SOAC11NM",
        "MSOA11CD", "MSOA11NM", "LAD17CD", "LAD17NM", "LACCD", "LACNM", "RGN11CD", "RGN11NM",
        "CTRY11CD", "CTRY11NM", "FID",
    ],
    "lookups/Lower_Layer_*.csv": [
        "FID", "LSOA11CD", "LSOA11NM", "WD19CD", "WD19NM", "LAD19CD", "LAD19NM",
    ],
    "lookups/Lower_Tier_*.csv": ["LTLA19CD", "LTLA19NM", "UTLA19CD", "UTLA19NM", "FID"],
    "ruc/*.csv": ["LSOA11CD", "LSOA11NM", "RUC11CD", "RUC11", "FID"],
}  # fmt: skip


@pytest.mark.parametrize("pattern", HEADERS)
def test_reference_headers_are_the_published_ones(england: Path, pattern: str) -> None:
    (path,) = (england / "reference").glob(pattern)
    content = path.read_bytes()
    text = (gzip.decompress(content) if path.suffix == ".gz" else content).decode("utf-8-sig")
    header = next(csv.reader(text.splitlines()[:1]))
    assert header[: len(HEADERS[pattern])] == HEADERS[pattern]


def test_workbooks_have_the_published_sheets(england: Path) -> None:
    reference = england / "reference"
    (density,) = (reference / "density").glob("*.xlsx")
    rows = CalamineWorkbook.from_path(str(density)).get_sheet_by_name(
        "Mid-2018 Population Density"
    ).to_python(skip_empty_area=False)  # fmt: skip
    assert rows[4] == ["Code", "Name", "Mid-2018 population", "Area Sq Km", "People per Sq Km"]
    (summary,) = (reference / "iod2015").glob("File_11_*.xlsx")
    book = CalamineWorkbook.from_path(str(summary))
    assert book.sheet_names[:2] == ["Notes", "Income"]
    assert book.get_sheet_by_name("Income").to_python()[0][:5] == [
        "Upper Tier Local Authority District code (2013)",
        "Upper Tier Local Authority District name (2013)",
        "Income - Average rank", "Income - Rank of average rank", "Income - Average score",
    ]  # fmt: skip


def test_generated_codes_are_outside_the_real_ranges(counts: Counts) -> None:
    codes = counts.geography.lsoa_code
    assert all(code.startswith("E019") and len(code) == 9 for code in codes.tolist())


def test_real_data_are_never_written_over(tmp_path: Path) -> None:
    mine = tmp_path / "census" / "2019" / "returns"
    mine.mkdir(parents=True)
    (mine / "805.xml").write_text("<Message/>", encoding="utf-8")
    with pytest.raises(CinError, match="not synthetic"):
        generate(SMALL, tmp_path)
    assert (mine / "805.xml").read_text(encoding="utf-8") == "<Message/>"
    assert [path.name for path in tmp_path.iterdir()] == ["census"]


def test_a_reference_folder_without_a_file_names_it(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    with pytest.raises(CinError, match="income score of 2015"):
        generate(SynthConfig(reference=tmp_path / "real"), tmp_path / "data")
    assert list((tmp_path / "data").iterdir()) == []
