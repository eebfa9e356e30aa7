"""The step `cin release`: dbt beside the gates, on a copy that nobody else writes to."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from common_py.errors import CinError
from common_py.paths import Paths
from common_py.progress import Progress, silent
from pipeline_py.dbt import run_dbt
from pipeline_py.steps import next_warehouse, only_dbt
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
            documents=lambda: run_dbt(
                paths, ["docs", "generate", "--static", "--no-compile"], silent, copy
            ),
            progress=progress,
        )
    said = [report.summary]
    if sacro:
        said.append(publish_py.sacro_folder(report.folder).summary)
    return "\n".join(said)


@contextmanager
def copied(paths: Paths) -> Iterator[Path]:
    """Give dbt a copy of the warehouse, for its owner alone, under the name of the build.

    dbt writes where it tests. The copy is made before anything opens the warehouse: closing
    a file lets go of the locks that this process has on it.
    """
    copy = next_warehouse(paths)
    _discard(copy)
    try:
        copy.touch(mode=0o600)
        shutil.copyfile(paths.warehouse, copy)
    except OSError as error:
        raise CinError(
            f"the warehouse could not be copied for its tests ({error.strerror})",
            file=str(copy),
            remedy="make room for a second warehouse, or set CIN_BUILD_DIR to a larger disk; "
            "nothing was published",
        ) from error
    try:
        yield copy
    finally:
        _discard(copy)


def _discard(file: Path) -> None:
    for stale in (file, file.with_name(file.name + ".wal")):
        stale.unlink(missing_ok=True)
