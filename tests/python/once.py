"""What is made once in a run of the tests, by whichever process asks for it first."""

from __future__ import annotations

import os
import pickle
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from tempfile import mkdtemp
from typing import TypeVar

import pytest

from common_py.alone import locked
from common_py.errors import CinError
from common_py.paths import Paths
from pipeline_py.copies import only_dbt
from pipeline_py.dbt import target_dir

Made = TypeVar("Made")


def once(factory: pytest.TempPathFactory, name: str, make: Callable[[Path], Made]) -> Made:
    """Return what `make` made in a folder of its own; other processes wait for it.

    It is there for all to read: a test that changes it takes a copy.
    """
    run = factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:  # each of these has a folder in that of the run
        run = run.parent
    folder = run / name
    folder.mkdir(exist_ok=True)
    result = folder / "made.pickle"
    while True:
        with locked(folder, folder / "lock") as is_first:
            if is_first:
                if not result.exists():  # nor did an earlier try come to its end
                    result.write_bytes(pickle.dumps(make(Path(mkdtemp(dir=folder)))))
                made: Made = pickle.loads(result.read_bytes())  # noqa: S301 - our own file
                return made
        time.sleep(0.1)


@contextmanager
def our_turn_for_dbt(paths: Paths) -> Iterator[None]:
    """Hold the right to run dbt on a build folder once other tests have let go of it.

    What dbt wrote there at its last run is what others read, and is put back.
    """
    while True:
        with ExitStack() as held:
            try:
                held.enter_context(only_dbt(paths))
            except CinError as error:
                if "is at work" not in error.problem:
                    raise
            else:
                files = [file for file in target_dir(paths).iterdir() if file.is_file()]
                before = {file: file.read_bytes() for file in files}
                try:
                    yield
                finally:
                    for file, content in before.items():
                        file.write_bytes(content)
                return
        time.sleep(0.1)
