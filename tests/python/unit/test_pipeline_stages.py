"""Beside the demo's stages: the documentation is of a copy, and the site waits for it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from common_py.errors import CinError
from common_py.paths import Paths
from common_py.progress import Progress, silent
from pipeline_py import copies, steps
from pipeline_py.dbt import describe


@pytest.fixture
def paths(tmp_path: Path) -> Paths:
    build = tmp_path / "build"
    build.mkdir()
    (build / "warehouse.duckdb").write_bytes(b"the warehouse")
    return Paths(tmp_path, tmp_path / "data", build, build / "landing", build / "warehouse.duckdb")


def _stages(paths: Paths) -> dict[str, Callable[[], str]]:
    return steps.stages(paths, steps.SynthOptions(), silent)


def _report_that_waits(seen: list[str]) -> Callable[..., str]:
    def report(_: Paths, __: Progress, *, documented: Callable[[], object]) -> str:
        documented()
        seen.append("report")
        return "site"

    return report


def test_the_documentation_is_of_a_copy_and_the_site_waits_for_it(
    paths: Paths, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[str] = []

    def run_dbt(_: Paths, arguments: list[str], __: Progress, warehouse: Path) -> None:
        assert arguments[:2] == ["docs", "generate"]
        assert warehouse == copies.next_warehouse(paths)
        assert warehouse.read_bytes() == b"the warehouse"
        assert not warehouse.samefile(paths.warehouse)
        seen.append("documented")

    monkeypatch.setattr(copies, "run_dbt", run_dbt)
    monkeypatch.setattr(steps, "gate", lambda *_: "open")
    monkeypatch.setattr(steps, "report", _report_that_waits(seen))
    stages = _stages(paths)
    assert list(stages) == ["synth", "ingest", "build", "gate", "fit", "report"]
    assert stages["gate"]() == "open"
    assert stages["report"]() == "site"
    assert seen == ["documented", "report"]
    assert not copies.next_warehouse(paths).exists()
    assert paths.warehouse.read_bytes() == b"the warehouse"


def test_documentation_that_failed_stops_the_site(
    paths: Paths, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[str] = []

    def run_dbt(*_: Any) -> None:
        raise CinError("dbt docs failed")

    monkeypatch.setattr(copies, "run_dbt", run_dbt)
    monkeypatch.setattr(steps, "gate", lambda *_: "open")
    monkeypatch.setattr(steps, "report", _report_that_waits(seen))
    stages = _stages(paths)
    stages["gate"]()
    with pytest.raises(CinError, match="dbt docs failed"):
        stages["report"]()
    assert not seen
    assert not copies.next_warehouse(paths).exists()


def test_a_model_that_needs_more_memory_says_which_setting_gives_it(paths: Paths) -> None:
    said = "Runtime Error in model a\n  Out of Memory Error: could not allocate block"
    node = {"name": "a", "config": {"meta": {"remedy": "mend the rows"}}}
    failed = describe(node, {"unique_id": "model.a", "message": said}, paths.warehouse)
    assert "CIN_MEMORY_LIMIT" in str(failed)
    other = describe(node, {"unique_id": "model.a", "message": "4 rows"}, paths.warehouse)
    assert other.remedy == "mend the rows"
