"""The numbered questions run on the marts or on a release, and answer in the shape promised."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pytest

from common_py.paths import Paths
from common_py.progress import silent
from common_py.warehouse import reading
from pipeline_py.copies import next_warehouse
from pipeline_py.dbt import run_dbt, target_dir
from publish_py.rules import load_rules
from publish_py.source import read_site_data
from tests.python.once import our_turn_for_dbt
from validate_py.definitions import Definitions
from validate_py.rendering import Renderer

QUESTIONS = sorted((Path(__file__).resolve().parents[3] / "analyses").glob("*.sql"))
MARTS, RELEASE = "the marts, in the room", "a release"
HEADER = re.compile(
    r"\A-- Question: .+?\?.*?\n-- Answer: one row per .+?\n-- Against: (?P<against>[^.;]+)[.;]",
    re.S,
)


@dataclass(frozen=True)
class Shape:
    """An answer: its columns in order, how many of the first are its key, how many rows at least.

    `one_of` names a column and all the values that it may have.
    """

    columns: list[str]
    n_key: int
    least: int = 1
    one_of: tuple[str, frozenset[object]] | None = None


def shape(columns: str, n_key: int, least: int = 1, **one_of: frozenset[object]) -> Shape:
    return Shape(columns.split(), n_key, least, next(iter(one_of.items()), None))


MEASURES = frozenset({"referral", "assessment", "cin", "s47", "cp_conference", "cp_plan"})
TENTHS = frozenset(range(1, 11))
RATE = "rate_per_10k ci_low ci_high"
SHAPES = {
    "01": shape("census_year income_tenth n_lsoas n_referrals n_children rate_per_10k", 2, 10,
                income_tenth=TENTHS),
    "02": shape("census_year la_name threshold n_events rate_per_10k ci_low ci_high "
                "rank_in_england per_100_referrals", 3, 120),
    "03": shape("census_year measure step_no step n_events n_dropped drop_reason "
                "dropped_pct_of_year", 3, 24, measure=MEASURES),
    "04": shape("census_year referral_source has_return_of_year_before n_referrals n_rereferrals "
                "rereferral_pct", 3, 6),
    "05": shape("census_year breakdown category n_children match_pct points_from_all", 3, 15,
                breakdown=frozenset({"sex", "age", "ethnic_group"})),
    "06": shape(f"census_year measure income_tenth n_events {RATE} ratio_to_least_deprived "
                "is_suppressed", 3, 60, income_tenth=TENTHS),
    "07": shape("census_year measure income_tenth urban_rate rural_rate rural_to_urban", 3, 60,
                income_tenth=TENTHS),
    "08": shape(f"census_year measure region_name {RATE} england_rate ratio_to_england "
                "is_beyond_chance", 3, 12, measure=MEASURES),
    "09": shape("census_year area_code area_name referral_rate enquiries_per_100_referrals "
                "plans_per_100_referrals", 2, 20),
    "10": shape("census_year area_kind measure stratum_type n_cells n_withheld n_rounded "
                "withheld_pct", 4, 40, area_kind=frozenset({"England", "region", "LA", "MSOA"})),
    "11": shape(f"census_year measure age n_events {RATE} age_rank", 3, 66,
                age=frozenset(range(5, 16))),
    "12": shape("census_year measure n_authorities_shown n_higher_for_girls n_higher_for_boys", 2,
                6, measure=MEASURES),
    "13": shape("census_year la_name msoa_code n_referrals rate_per_10k ci_low la_rate ratio_to_la "
                "rank_in_la", 3, 20, rank_in_la=frozenset(range(1, 6))),
    "14": shape("census_year threshold gradient ci_low ci_high published_gradient "
                "in_less_deprived_las in_more_deprived_las interaction", 2, 6),
    "15": shape("census_year la_name irr ci_low ci_high shrunken_irr mean_irr is_unlike_average",
                2, 15),
    "16": shape("census_year indicator alone adjusted ci_low ci_high is_beyond_chance", 2, 20),
    "17": shape("census_year severity rule_code message n_returns n_issues la_number_most "
                "most_per_1k", 4, 0, severity=frozenset({"error", "query"})),
    "18": shape("census_year initial_category n_plans median_days within_6_months_pct "
                "after_2_years_pct", 2, 4),
}  # fmt: skip


def against(question: Path) -> str:
    """Return what a question is asked of, as its head says."""
    head = HEADER.match(question.read_text("utf-8"))
    assert head is not None, f"{question.name} does not say question, answer and against what"
    return head["against"]


def test_there_are_questions_and_each_says_what_it_is_asked_of() -> None:
    assert [path.stem[:2] for path in QUESTIONS] == list(SHAPES)
    assert len(QUESTIONS) >= 15
    for question in QUESTIONS:
        read = set(re.findall(r"(?:from|join)\s+(?:(\w+)\.|\{\{ ref)", question.read_text("utf-8")))
        if against(question) == MARTS:
            assert read == {""}, f"{question.name} names a schema; the marts are asked by ref()"
        else:
            assert against(question) == RELEASE
            assert read <= {"published", "estimates"}, question.name
            assert read


@pytest.fixture(scope="module")
def renderer(project: Path) -> Renderer:
    return Renderer(Definitions(project))


def rendered(renderer: Renderer, question: Path) -> str:
    """Return a question as dbt compiles it."""
    return renderer.render_file(question, question.name).sql


@pytest.fixture(
    scope="module",
    params=[
        pytest.param(False, id="small counts hidden"),
        pytest.param(True, id="all that is hidden", marks=pytest.mark.slow),
    ],
)
def release(
    small_england: Paths, tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest
) -> Path:
    """The small England's release, as far as questions go: its two schemas in a database.

    Small counts, rates and rounding are as they are in every release. What else is hidden, so
    that nobody reckons those, takes many programs to find: the full run asks of that as well.
    """
    released = pytest.importorskip("publish_py.released", reason="no tables of a release yet")
    estimates = pytest.importorskip("publish_py.estimates", reason="no tables of a release yet")
    rules = load_rules()
    place = tmp_path_factory.mktemp("release") / "release.duckdb"
    data = read_site_data(small_england, rules)
    with reading(small_england.warehouse) as marts:
        tables = {
            "published": released.release(marts, rules, with_secondary=request.param).tables,
            "estimates": estimates.estimate_tables(marts, data, rules),
        }
    with duckdb.connect(str(place)) as database:
        for schema, members in tables.items():
            database.execute(f"create schema {schema}")
            for name, content in members.items():
                database.register("content", content)
                database.execute(f'create table {schema}."{name}" as from content')
    return place


def answer(question: Path, database: Path, statement: str) -> None:
    """Hold the answer to its shape: columns, key, number of rows, allowed values."""
    wanted = SHAPES[question.stem[:2]]
    with duckdb.connect(str(database), read_only=True) as connection:
        found = connection.execute(statement)
        assert [column[0] for column in found.description or []] == wanted.columns
        rows = found.fetchall()
    assert len(rows) >= wanted.least
    keys = [row[: wanted.n_key] for row in rows]
    assert len(set(keys)) == len(rows), f"the first {wanted.n_key} columns are no key"
    assert not any(value is None for key in keys for value in key)
    if wanted.one_of is not None:
        column, allowed = wanted.one_of
        assert {row[wanted.columns.index(column)] for row in rows} <= allowed


@pytest.mark.parametrize(
    "question", [q for q in QUESTIONS if against(q) == MARTS], ids=lambda path: path.stem
)
def test_a_question_to_the_marts_has_its_answer(
    small_england: Paths, renderer: Renderer, question: Path
) -> None:
    """Each is rendered (`{{ ref() }}`) and executed as an analyst would."""
    answer(question, small_england.warehouse, rendered(renderer, question))


@pytest.mark.slow
def test_dbt_compiles_the_questions_to_what_is_asked(
    small_england: Paths, renderer: Renderer
) -> None:
    """No build does; the warehouse itself stays open to others."""
    with our_turn_for_dbt(small_england):
        arguments = ["compile", "--select", "path:analyses"]
        run_dbt(small_england, arguments, silent, next_warehouse(small_england))
    for question in QUESTIONS:
        place = next((target_dir(small_england) / "compiled").rglob(question.name))
        compiled = place.read_text("utf-8")
        assert rendered(renderer, question).strip() == compiled.strip(), question.name


@pytest.mark.parametrize(
    "question", [q for q in QUESTIONS if against(q) == RELEASE], ids=lambda path: path.stem
)
def test_a_question_to_a_release_has_its_answer(release: Path, question: Path) -> None:
    """Each is plain SQL, for whoever holds the release and nothing else."""
    answer(question, release, question.read_text("utf-8"))
