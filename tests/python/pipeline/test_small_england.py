"""The pipe end to end on a small England: what a new user meets."""

from __future__ import annotations

import json

import duckdb
import pytest

from common_py.paths import Paths
from tests.python.once import our_turn_for_dbt

SCHEMAS = {"staging", "intermediate", "core", "rates", "modelling", "quality", "estimates"}


@pytest.fixture(scope="module")
def warehouse(small_england: Paths) -> duckdb.DuckDBPyConnection:
    return duckdb.connect(str(small_england.warehouse), read_only=True)


def one(warehouse: duckdb.DuckDBPyConnection, query: str) -> tuple[object, ...]:
    row = warehouse.execute(query).fetchall()
    assert len(row) == 1
    return tuple(row[0])


def test_the_warehouse_holds_every_schema(warehouse: duckdb.DuckDBPyConnection) -> None:
    found = {
        row[0]
        for row in warehouse.execute(
            "select distinct table_schema from information_schema.tables"
        ).fetchall()
    }
    assert found >= SCHEMAS
    assert "published" not in found, "a schema of that name exists inside a release only"


def test_marts_are_tables_not_views_over_files(warehouse: duckdb.DuckDBPyConnection) -> None:
    views = warehouse.execute(
        "select table_schema || '.' || table_name from information_schema.tables "
        "where table_type = 'VIEW' and table_schema in ('core', 'rates', 'quality', 'modelling')"
    ).fetchall()
    assert {name for (name,) in views} <= {"modelling.mdl_lsoa_counts", "modelling.mdl_msoa_counts"}


def test_every_model_of_tables_2_to_4_converged(warehouse: duckdb.DuckDBPyConnection) -> None:
    rows = warehouse.execute(
        "select table_no, count(*), count(*) filter (where converged) "
        "from estimates.fits where table_no in ('2', '3', '4') group by table_no order by table_no"
    ).fetchall()
    assert rows == [("2", 6, 6), ("3", 2, 2), ("4", 11, 11)]


def test_cells_of_the_default_seed_recover_the_planted_truth(
    warehouse: duckdb.DuckDBPyConnection,
) -> None:
    """Inside the exact 99 % binomial band of 95 % intervals (statistics, section 5.2)."""
    n_cells, n_inside = one(
        warehouse,
        "select count(*), count(*) filter (where planted_value between ci_low and ci_high) "
        "from estimates.cells where table_no in ('2', '3', '4') "
        "and statistic in ('irr', 'irr_low_imd_la', 'irr_high_imd_la', 'interaction')",
    )
    assert n_cells == 19 * 4
    # Binomial(76, 0.95): P(X <= 66) = 0.0045 is cut off; 76 of 76 has probability 0.020.
    assert int(str(n_inside)) >= 67


def test_counted_events_equal_the_planted_counts(warehouse: duckdb.DuckDBPyConnection) -> None:
    """What synth drew is what SQL counts: to the unit, for every row of Tables 2 to 4."""
    differing = warehouse.execute(
        "select cells.table_no, cells.row_label, cells.value "
        "from estimates.cells as cells where cells.statistic = 'n' "
        "and cells.value is distinct from round(cells.value)"
    ).fetchall()
    assert differing == []


def test_no_raw_identifier_outside_restricted(
    warehouse: duckdb.DuckDBPyConnection,
) -> None:
    named = warehouse.execute(
        "select table_schema || '.' || table_name || '.' || column_name "
        "from information_schema.columns where table_schema not in ('restricted', 'landing') "
        "and lower(column_name) in ('la_child_id', 'upn', 'former_upn', 'pmr', 'hash_key')"
    ).fetchall()
    assert named == []


def test_every_page_says_synthetic(small_england: Paths) -> None:
    pages = sorted(small_england.site.glob("*.html"))
    assert {"index.html", "quality.html"} <= {page.name for page in pages}
    for page in pages:
        if page.name != "docs.html":
            assert "SYNTHETIC" in page.read_text("utf-8"), page.name


def test_the_site_asks_for_nothing_from_a_network(small_england: Paths) -> None:
    for page in small_england.site.glob("*.html"):
        if page.name == "docs.html":
            continue
        text = page.read_text("utf-8")
        for attribute in ('src="http', 'href="http', "src='http", "@import url(http"):
            assert attribute not in text, f"{page.name} loads {attribute}…"


def test_the_gate_left_its_verdict(small_england: Paths) -> None:
    verdict = json.loads((small_england.build / "gate" / "gate.json").read_text("utf-8"))
    assert verdict["passed"] is True


def test_dbt_artefacts_do_not_hold_the_key(
    small_england: Paths, warehouse: duckdb.DuckDBPyConnection
) -> None:
    """Child identifiers are hashed with a key that no artefact, log or page may carry."""
    (key,) = one(warehouse, "select hash_key from landing.hash_key")
    assert isinstance(key, str)
    assert len(key) >= 32
    with our_turn_for_dbt(small_england):
        texts = [
            path
            for folder in (small_england.build / "dbt", small_england.site)
            for path in folder.rglob("*")
            if path.suffix in {".json", ".log", ".html", ".sql", ".csv"}
        ]
        assert texts
        for path in texts:
            assert key not in path.read_text("utf-8", errors="replace"), path


def test_dbt_reads_the_whole_project_once(small_england: Paths) -> None:
    """A build, a documentation and tests are of files in other folders, under one name."""
    log = (small_england.build / "dbt" / "logs" / "dbt.log").read_text("utf-8")
    assert log.count("Starting full parse") == 1
    assert "profile has changed" not in log
