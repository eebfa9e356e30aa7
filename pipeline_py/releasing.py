"""The step `cin release`: dbt beside the gates, on a copy that nobody else writes to."""

from __future__ import annotations

from common_py.errors import CinError
from common_py.paths import Paths
from common_py.progress import Progress, silent
from pipeline_py.copies import copied, only_dbt, run_docs
from pipeline_py.tested import test


def release(paths: Paths, version: str, *, sacro: bool, progress: Progress) -> str:
    """Publish the warehouse as a release, and for output checkers where asked; or raise."""
    import publish_py  # noqa: PLC0415 - not for `cin --help`

    publish_py.check_version(version)
    if not paths.warehouse.exists():
        raise CinError("no warehouse", file=str(paths.warehouse), remedy="run `cin build` first")
    with only_dbt(paths), copied(paths) as copy:
        report = publish_py.release(
            paths,
            version,
            tests=lambda: test(paths, copy, silent),
            documents=lambda: run_docs(paths, copy),
            progress=progress,
        )
    said = [report.summary]
    if sacro:
        said.append(publish_py.sacro_folder(report.folder).summary)
    return "\n".join(said)
