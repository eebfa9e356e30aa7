"""The step `cin release`: dbt beside the gates, on a copy that nobody else writes to."""

from __future__ import annotations

from common_py.paths import Paths, check_warehouse
from common_py.progress import Progress, silent
from common_py.release_names import check_version
from pipeline_py.copies import copied, only_dbt, run_docs


def release(paths: Paths, version: str, *, sacro: bool, progress: Progress) -> str:
    """Publish the warehouse as a release, and for output checkers where asked; or raise."""
    check_version(version)
    check_warehouse(paths.warehouse)
    import publish_py  # noqa: PLC0415 - seconds to load: what is refused does not wait
    from pipeline_py.tested import test  # noqa: PLC0415 - loads it too

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
