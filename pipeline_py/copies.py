"""The files of a warehouse that dbt reads and writes, one at a time."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from threading import Event

from common_py.alone import only_builder
from common_py.errors import CinError
from common_py.paths import Paths
from common_py.progress import silent
from pipeline_py.dbt import run_dbt


def only_dbt(paths: Paths) -> AbstractContextManager[None]:
    """Hold the right to run dbt on this build folder: its files have one writer.

    Raises
    ------
    CinError
        If another build, report or release holds it, or the folder cannot be made.
    """
    return only_builder(
        next_warehouse(paths).parent,
        "another build, report or release is at work on this build folder",
    )


def next_warehouse(paths: Paths) -> Path:
    """Where a warehouse is built before it takes its place."""
    return paths.build / "next" / paths.warehouse.name


@contextmanager
def copied(paths: Paths) -> Iterator[Path]:
    """Give dbt a copy of the warehouse, for its owner alone, where a warehouse is built.

    dbt opens nothing only to read. The copy is made before anything else here opens the
    warehouse: closing a file lets go of the locks that this process has on it.

    Raises
    ------
    CinError
        If there is no room for it.
    """
    copy = next_warehouse(paths)
    discard(copy)
    try:
        copy.touch(mode=0o600)  # not by a umask: another thread may be writing
        shutil.copyfile(paths.warehouse, copy)
    except OSError as error:
        raise CinError(
            f"the warehouse could not be copied for dbt ({error.strerror})",
            file=str(copy),
            remedy="make room for a second warehouse, or set CIN_BUILD_DIR to a larger disk; "
            "the warehouse is as it was, and nothing was published",
        ) from error
    try:
        yield copy
    finally:
        discard(copy)


def document(paths: Paths) -> None:
    """Write dbt's documentation of the warehouse as one page."""
    with only_dbt(paths):
        run_docs(paths, paths.warehouse)


def document_copy(paths: Paths, is_copied: Event) -> None:
    """Write the same of a copy; say when it is made, or will not be."""
    try:
        with only_dbt(paths), copied(paths) as copy:
            is_copied.set()
            run_docs(paths, copy)
    finally:
        is_copied.set()


def run_docs(paths: Paths, warehouse: Path) -> None:
    """Let dbt write its documentation of a warehouse."""
    run_dbt(paths, ["docs", "generate", "--static", "--no-compile"], silent, warehouse)


def put_in_place(paths: Paths) -> None:
    """Let the warehouse that was built take the place of the present one.

    Raises
    ------
    CinError
        If another program holds that open, on a system where this is in the way.
    """
    try:
        paths.warehouse.parent.mkdir(parents=True, exist_ok=True)
        os.replace(next_warehouse(paths), paths.warehouse)  # noqa: PTH105 - on Windows too
    except PermissionError as error:
        raise CinError(
            "the warehouse is open in another program, so the new one could not take its place",
            file=str(paths.warehouse),
            remedy="close it there (a SQL client, a notebook) and run `cin build` again",
        ) from error


def discard(file: Path) -> None:
    """Remove a warehouse and its journal, where they are."""
    for stale in (file, file.with_name(file.name + ".wal")):
        stale.unlink(missing_ok=True)
