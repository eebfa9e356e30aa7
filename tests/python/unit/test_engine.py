"""Models built without dbt may take what dbt may."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from common_py.engine import MEMORY_LIMIT, build_config, memory_limit


def test_the_limit_of_memory_is_that_of_dbt(project: Path) -> None:
    profile = (project / "profiles.yml").read_text("utf-8")
    assert f"memory_limit: \"{{{{ env_var('CIN_MEMORY_LIMIT', '{MEMORY_LIMIT}') }}}}\"" in profile


def test_settings_of_the_environment_reach_duckdb(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CIN_MEMORY_LIMIT", "500MiB")
    monkeypatch.setenv("CIN_THREADS", "1")
    with duckdb.connect(config=build_config()) as connection:
        found = connection.execute(
            "select current_setting('memory_limit'), current_setting('threads')"
        ).fetchall()
    assert found == [("500.0 MiB", 1)]
    monkeypatch.setenv("CIN_MEMORY_LIMIT", "")
    assert memory_limit() == MEMORY_LIMIT
