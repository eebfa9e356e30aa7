"""`cin` in the process of the tests: what it and its children write is kept, to the last byte."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

import pytest

from pipeline_py import main
from tests.python.conftest import PROJECT


def cin_here(
    arguments: Sequence[str], environment: Mapping[str, str]
) -> subprocess.CompletedProcess[str]:
    """Run `cin` from its own entry point: what it loads is loaded once for many commands.

    Descriptors are taken, not Python's streams alone: what a library or a child writes is kept
    too, and so is every warning.
    """
    with pytest.MonkeyPatch.context() as patch, tempfile.TemporaryDirectory() as folder:
        said = {name: Path(folder) / name for name in ("stdout", "stderr")}
        for name, value in {**environment, "PYTHONUTF8": "1"}.items():
            patch.setenv(name, value)
        patch.chdir(PROJECT)
        patch.setattr("sys.argv", ["cin", *arguments])
        patch.setattr(tempfile, "tempdir", None)  # else what the first to ask was given is kept
        with _kept("stdout", said["stdout"]), _kept("stderr", said["stderr"]), _warned():
            code = _code()
        texts = [file.read_text("utf-8", errors="replace") for file in said.values()]
    return subprocess.CompletedProcess(["cin", *arguments], code, *texts)


def _code() -> int:
    try:
        main.run()
    except SystemExit as ended:
        assert ended.code is None or isinstance(ended.code, int)
        return ended.code or 0
    return 0


@contextmanager
def _kept(name: str, file: Path) -> Iterator[None]:
    """Let a stream, and the descriptor beneath it, write to a file."""
    stream: TextIO = getattr(sys, name)
    number = {"stdout": 1, "stderr": 2}[name]
    stream.flush()
    before = os.dup(number)
    try:
        with file.open("w", encoding="utf-8", errors="replace") as taken:
            os.dup2(taken.fileno(), number)
            setattr(sys, name, os.fdopen(os.dup(number), "w", 1, encoding="utf-8"))
            try:
                yield
            finally:
                getattr(sys, name).close()
                setattr(sys, name, stream)
    finally:
        os.dup2(before, number)
        os.close(before)


@contextmanager
def _warned() -> Iterator[None]:
    """Write warnings to stderr as outside of tests, where pytest gathers them."""

    def show(  # noqa: PLR0917 - as the library calls it
        message: Warning | str,
        category: type[Warning],
        filename: str,
        lineno: int,
        file: TextIO | None = None,
        line: str | None = None,
    ) -> None:
        sys.stderr.write(warnings.formatwarning(message, category, filename, lineno, line))

    with warnings.catch_warnings():
        warnings.simplefilter("default")
        warnings.showwarning = show
        yield
