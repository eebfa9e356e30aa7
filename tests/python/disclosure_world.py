"""A small England to publish: counts of authorities by stratum, related by the real SQL."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import duckdb
import jinja2
import numpy as np
import pandas as pd

from common_py.protection import PROTECTION_FILE
from publish_py.rules import load_rules

PROJECT = Path(__file__).resolve().parents[2]
COUNTRY = "E92000001"
RULES = load_rules()

Cell = dict[str, Any]


def cell(area: str, stratum: str, count: int, **changes: Any) -> Cell:
    """A count of an authority in region R; `stratum` is all, or type:stratum."""
    kind, _, name = stratum.partition(":")
    return {
        "census_year": 2019,
        "grain": "la",
        "area_code": area,
        "area_name": area,
        "parent_code": "R",
        "measure": "cp_plan",
        "basis": "episode",
        "timing": "incidence",
        "stratum_type": kind,
        "stratum": name or kind,
        "numerator": count,
        "denominator": 1000.0,
    } | changes


def with_sums(cells: list[Cell]) -> list[Cell]:
    """Authorities with their regions and England."""
    found = list(cells)
    for grain, parent in (("region", COUNTRY), ("england", None)):
        sums: dict[tuple[Any, ...], Cell] = {}
        for one in [cell for cell in cells if cell["grain"] == "la"]:
            area = one["parent_code"] if grain == "region" else COUNTRY
            event = (one["measure"], one["basis"], one["timing"])
            key = (area, *event, one["stratum_type"], one["stratum"])
            place = {"grain": grain, "area_code": area, "area_name": area, "parent_code": parent}
            total = sums.setdefault(key, one | place | {"numerator": 0, "denominator": 0.0})
            total["numerator"] += one["numerator"]
            total["denominator"] += one["denominator"]
        found += sums.values()
    return found


def warehouse(cells: list[Cell]) -> duckdb.DuckDBPyConnection:
    """A warehouse in memory with the marts that a release reads."""
    frame = pd.DataFrame(cells)
    frame.insert(0, "cell_no", np.arange(1, len(frame) + 1))
    frame["is_partition"] = frame["stratum_type"] != "factor"
    frame["is_rounded"] = frame["grain"].isin(["region", "england"])
    frame["is_primary"] = frame["numerator"].between(1, RULES.largest_small)
    frame["primary_reason"] = np.where(frame["is_primary"], "small count", "")
    connection = duckdb.connect()
    connection.register("frame", frame)
    connection.register("protection", pd.read_csv(PROTECTION_FILE))
    connection.execute(
        "create schema disclosure; create schema staging; create schema quality;"
        "create table disclosure.dsc_cells as select * from frame;"
        "create table quality.rpt_build as select 'one' as build_id, 'synthetic' as dataset,"
        " 0.95 as confidence_level;"
        "create table staging.protection as select * from protection;"
    )
    connection.execute(relations_sql())
    return connection


def relations_sql() -> str:
    """Return the SQL that relates the cells of a warehouse: the model's own."""
    text = (PROJECT / "models/marts/disclosure/dsc_relations.sql").read_text("utf-8")
    relations = jinja2.Environment(autoescape=False).from_string(text)  # noqa: S701
    return "create table disclosure.dsc_relations as " + relations.render(
        ref=lambda name: f"disclosure.{name}"
    )


def random_england(seed: int, n_las: int = 8, n_ages: int = 5) -> list[Cell]:
    """Plans, referrals and needs of authorities in three regions, by age; persons of them."""
    draw = np.random.default_rng(seed)
    cells = []
    for la in range(n_las):
        place = {"parent_code": f"R{la % 3}"}
        mean = draw.gamma(1.2, 6.0)
        for measure, share in (("cp_plan", 1.0), ("referral", 3.0)):
            episodes = draw.poisson(share * mean, size=n_ages)
            counted = {(measure, "episode"): episodes}
            counted[measure, "person"] = draw.binomial(episodes, 0.9)
            if measure == "referral":
                counted["cin", "episode"] = draw.binomial(episodes, 0.6)
            for (name, basis), ages in counted.items():
                event = {"measure": name, "basis": basis} | place
                cells.append(cell(f"A{la}", "all", int(ages.sum()), **event))
                cells += [
                    cell(f"A{la}", f"age:{age}", int(count), **event)
                    for age, count in enumerate(ages)
                ]
    return with_sums(cells)
