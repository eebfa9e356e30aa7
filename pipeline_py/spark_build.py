"""`cin build --target spark`: the marts by Spark, carried into the warehouse file."""

from __future__ import annotations

import shutil
from pathlib import Path

from common_py.paths import Paths
from common_py.private import private
from common_py.progress import Progress
from pipeline_py.copies import discard, next_warehouse, put_in_place
from pipeline_py.dbt import run_dbt, target_dir
from pipeline_py.door import carry
from pipeline_py.spark import SparkSettings, check_spark

_NO_UNIT_TESTS = ["--exclude-resource-type", "unit_test"]
_EMPTY = ["build", "--empty", "--resource-type", "model", "--resource-type", "seed"]
_VIEWS = ["run", "--select", "config.materialized:view"]  # --empty makes them of nothing


def build_on_spark(paths: Paths, unit_tests: bool, progress: Progress) -> str:
    """Build and test on Spark, carry the tables over, and put all in place when green.

    The caller holds the right to run dbt on the build folder.

    Raises
    ------
    CinError
        If Spark cannot be used here, or a model or test failed: what stood before is as it was.
    """
    settings = SparkSettings.find(paths)
    check_spark(settings)
    warehouse = next_warehouse(paths)
    discard(warehouse)
    run_dbt(paths, _EMPTY, progress, warehouse)
    run_dbt(paths, _VIEWS, progress, warehouse)
    arguments = ["build", *([] if unit_tests else _NO_UNIT_TESTS)]
    run_dbt(paths, arguments, progress, warehouse, settings.engine)
    manifest = target_dir(paths, settings.engine) / "manifest.json"
    n_rows = carry(settings.next_folder, manifest, warehouse, progress)
    put_in_place(paths)
    kept = _keep(settings)
    return f"warehouse: {paths.warehouse}, {n_rows:,} rows from Spark's tables in {kept}"


def _keep(settings: SparkSettings) -> str:
    """Let Spark's tables take the place of those of the build before; those at a URL stay."""
    if settings.is_url:
        return settings.next_folder
    with private():
        shutil.rmtree(settings.folder, ignore_errors=True)
        Path(settings.next_folder).rename(settings.folder)
    return settings.folder
