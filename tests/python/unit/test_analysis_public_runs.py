"""Runs on public counts stand beside the run on the census: neither replaces the other."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from analysis_py.cells import Cell
from analysis_py.fitting import Fit
from analysis_py.store import PUBLIC, Run, write_estimates
from common_py.paths import Paths
from tests.python.small_marts import query, small_marts


def run(paths: Paths, run_id: str, dataset: str, value: float) -> None:
    """Write a run of one cell: Table 2's referral gradient, which has a planted value."""
    one = Run(run_id, "build-one", dataset, 2019, "income", "hash", datetime(2026, 1, 1))
    cell = Cell("2", "Referral", "irr", value, value - 0.1, value + 0.1)
    fit = Fit(
        "spec", "2", "Referral", "referral", "all", "all", "poisson", 150, 150, 9, 1.0, 0.1, 1.0,
        True, "",
    )  # fmt: skip
    write_estimates(paths.warehouse, one, {"cells": [cell], "fits": [fit]})


def test_each_kind_of_run_replaces_its_own(tmp_path: Path) -> None:
    paths = small_marts(tmp_path)
    run(paths, "census", "synthetic", 1.6)
    run(paths, "public", PUBLIC, 1.2)
    run(paths, "public again", PUBLIC, 1.3)
    found = query(paths, "select run_id, dataset from estimates.runs order by run_id")
    assert found == [("census", "synthetic"), ("public again", "public")]
    run(paths, "census again", "synthetic", 1.7)
    found = query(paths, "select run_id, value from estimates.cells order by run_id")
    assert found == [("census again", 1.7), ("public again", 1.3)]


def test_nothing_planted_stands_beside_a_real_cell(tmp_path: Path) -> None:
    paths = small_marts(tmp_path)
    run(paths, "census", "synthetic", 1.6)
    run(paths, "public", PUBLIC, 1.2)
    found = dict(query(paths, "select run_id, planted_value from estimates.cells"))
    assert found["census"] is not None
    assert found["public"] is None
    printed = dict(query(paths, "select run_id, published_value from estimates.cells"))
    assert printed["public"] == printed["census"] is not None
