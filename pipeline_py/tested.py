"""dbt's data tests of one warehouse file: a verdict that no earlier run can have left behind."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from common_py.paths import Paths
from common_py.progress import Progress
from pipeline_py.dbt import RUN, Failure, describe, explain, invoke, target_dir
from publish_py.verdicts import Checked, Finding

_NOT_RUN = {"status": "not run", "message": "the test did not run"}
_REMEDY = "mend the inputs or the model behind it, run `cin build` and release again"


def test(paths: Paths, warehouse: Path, progress: Progress) -> Checked:
    """Run every data test on one warehouse file, which dbt may write to.

    A result counts only if this very run wrote it, and a test without one did not pass.

    Raises
    ------
    CinError
        If dbt could not run them.
    """
    arguments = ["test", "--exclude-resource-type", "unit_test"]
    _, errors, token = invoke(paths, arguments, progress, warehouse)
    found = _read(target_dir(paths) / "run_results.json")
    nodes = _read(target_dir(paths) / "manifest.json").get("nodes", {})
    tests = {name: node for name, node in nodes.items() if node["resource_type"] == "test"}
    if found.get("metadata", {}).get("env", {}).get(RUN) != token or not tests:
        raise explain(paths, arguments[0], errors, warehouse)
    results = {one["unique_id"]: one for one in found["results"]}
    findings = [
        _finding(
            describe(node, {"unique_id": name, **result}, warehouse),
            result["status"],
            _table(node, nodes),
        )
        for name, node in sorted(tests.items())
        if (result := results.get(name, _NOT_RUN))["status"] != "pass"
    ]
    return Checked(len(tests), tuple(findings))


def _finding(failure: Failure, status: str, table: str) -> Finding:
    """Say what failed; an engine's own error may hold a value of a child, and stays in the log."""
    message = failure.message if status == "fail" else f"{status}; the log of dbt says why"
    at = "".join(f"; {place}" for place in failure.places)
    said = f" ({failure.description})" if failure.description else ""
    return Finding(table, f"{failure.name}: {message}{at}{said}", failure.remedy or _REMEDY)


def _table(node: Mapping[str, Any], nodes: Mapping[str, Any]) -> str:
    """Return the tables that a test looks at, as analysts name them."""
    own = str(node.get("attached_node"))
    tested = [own] if own in nodes else node["depends_on"]["nodes"]
    found = [f"{nodes[name]['schema']}.{nodes[name]['name']}" for name in tested if name in nodes]
    return ", ".join(dict.fromkeys(found)) or "the landing"


def _read(file: Path) -> dict[str, Any]:
    try:
        content = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, json.JSONDecodeError):
        return {}
    return content if isinstance(content, dict) else {}
