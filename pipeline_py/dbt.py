"""Run dbt as a child process: progress while it works, its failures in plain words."""

from __future__ import annotations

import json
import os
import secrets
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import duckdb

from common_py.errors import CinError
from common_py.paths import Paths
from common_py.private import HAS_MODES, HIDDEN, make_private
from common_py.progress import Progress
from pipeline_py.redact import redact, redact_files

# Node-start events of dbt's structured log carry "n of N" as fields.
_NODE_START_EVENTS = {"LogStartLine"}
_FAILED = {"error", "fail", "runtime error", "partial success"}
# dbt copies this variable into its artefacts: theirs is the run that they tell of.
RUN = "CIN_RUN"
_MORE_MEMORY = (
    "let it have more memory (CIN_MEMORY_LIMIT, such as 12GB on a machine of 16), or fewer models "
    "at once (CIN_THREADS=1); docs/scale.md says what a build holds"
)


@dataclass(frozen=True)
class Failure:
    """One node that stopped the build: its name, dbt's message, and the project's own words."""

    name: str
    kind: str
    message: str
    description: str
    remedy: str
    places: tuple[str, ...] = ()

    def __str__(self) -> str:
        lines = [f"{self.kind} {self.name}: {self.message}"]
        lines += [f"  at {place}" for place in self.places]
        if self.description:
            lines.append(f"  what it guards: {self.description}")
        if self.remedy:
            lines.append(f"  remedy: {self.remedy}")
        return "\n".join(lines)


@dataclass(frozen=True)
class Engine:
    """What dbt builds on.

    Attributes
    ----------
    target
        Its name in `profiles.yml`.
    folder
        Where dbt's artefacts and logs are, below the build folder: what dbt keeps of the
        project that it read is of one target.
    environment
        What the target reads beside the paths.
    is_quoted
        Whether lines that are not dbt's own may be shown: those of another engine's log may
        hold values of children.
    """

    target: str = "duckdb"
    folder: str = "dbt"
    environment: Mapping[str, str] = field(default_factory=dict)
    is_quoted: bool = True


DUCKDB = Engine()


def target_dir(paths: Paths, engine: Engine = DUCKDB) -> Path:
    """Where `cin` keeps dbt's artefacts and logs."""
    return paths.build / engine.folder


class Started:
    """dbt at work on one command: it reads the project at once, and does the rest when told to.

    Leaving the block ends it, where it has not ended.
    """

    def __init__(
        self, paths: Paths, arguments: list[str], warehouse: Path, engine: Engine = DUCKDB
    ) -> None:
        self._paths, self._step, self._warehouse = paths, arguments[0], warehouse
        self._engine = engine
        target = target_dir(paths, engine)
        make_private(target)
        (target / "run_results.json").unlink(missing_ok=True)
        folder = _folder(paths, warehouse, engine)
        folder.mkdir(parents=True, exist_ok=True)
        self.token = secrets.token_hex(16)
        self._child = subprocess.Popen(  # noqa: S603 - our own interpreter, no shell
            [sys.executable, "-P", "-m", "pipeline_py.dbt_child", *arguments],
            cwd=folder,
            env=_environment(paths, warehouse, self.token, engine),
            stdin=subprocess.PIPE,  # held open: dbt ends when this process does
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            errors="replace",
            umask=HIDDEN if HAS_MODES else -1,
        )

    def __enter__(self) -> Started:
        return self

    def __exit__(self, *_: object) -> None:
        self._child.__exit__(None, None, None)  # closes the pipes, and waits

    def finish(self, progress: Progress) -> tuple[int, list[str]]:
        """Let it do the rest; return its exit code and its error messages."""
        assert self._child.stdin is not None  # noqa: S101 - stdin=PIPE
        assert self._child.stdout is not None  # noqa: S101 - stdout=PIPE
        with suppress(OSError):  # it may have ended already: what it said is read below
            os.write(self._child.stdin.fileno(), b".")
        errors = _follow(self._child.stdout, self._step, progress, self._engine)
        status = self._child.wait()
        redact_files(target_dir(self._paths, self._engine))
        return status, errors

    def succeed(self, progress: Progress) -> None:
        """Let it do the rest.

        Raises
        ------
        CinError
            If dbt did not succeed; the message lists every failed node in plain words.
        """
        status, errors = self.finish(progress)
        if status != 0:
            raise explain(self._paths, self._step, errors, self._warehouse, self._engine)


def run_dbt(
    paths: Paths,
    arguments: list[str],
    progress: Progress,
    warehouse: Path,
    engine: Engine = DUCKDB,
) -> None:
    """Run one dbt command against one warehouse file.

    Raises
    ------
    CinError
        If dbt did not succeed; the message lists every failed node in plain words.
    """
    with Started(paths, arguments, warehouse, engine) as started:
        started.succeed(progress)


def invoke(
    paths: Paths, arguments: list[str], progress: Progress, warehouse: Path
) -> tuple[int, list[str], str]:
    """Run dbt; return its exit code, its error messages, and the token in its artefacts."""
    with Started(paths, arguments, warehouse) as started:
        return *started.finish(progress), started.token


def _folder(paths: Paths, warehouse: Path, engine: Engine) -> Path:
    """Where dbt works: beside the warehouse, whose path is then its name.

    dbt keeps what it read of the project for one path of a database alone; under another it
    reads everything again, which takes longer than all that `cin report` does.
    """
    return warehouse.parent if engine == DUCKDB else paths.project


def _environment(paths: Paths, warehouse: Path, token: str, engine: Engine) -> dict[str, str]:
    target = target_dir(paths, engine)
    return {
        **os.environ,
        **paths.environment(),
        **engine.environment,
        "CIN_WAREHOUSE": warehouse.name if engine == DUCKDB else str(warehouse),
        "CIN_TARGET": engine.target,
        f"DBT_ENV_CUSTOM_ENV_{RUN}": token,
        "DBT_PROJECT_DIR": str(paths.project),
        "DBT_PROFILES_DIR": str(paths.project),
        "DBT_TARGET_PATH": str(target),
        "DBT_LOG_PATH": str(target / "logs"),
        "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
        "DBT_LOG_LEVEL": "none",  # pipeline_py.dbt_child tells what there is to tell
        "DBT_LOG_LEVEL_FILE": "none",
        "PYTHONIOENCODING": "utf-8",
    }


def _follow(
    lines: Iterator[str], step: str, progress: Progress, engine: Engine = DUCKDB
) -> list[str]:
    """Turn dbt's JSON log into progress calls; return its error messages."""
    errors: list[str] = []
    for line in lines:
        event = _parse(line)
        info, data = event.get("info", {}), event.get("data", {})
        if info.get("name") in _NODE_START_EVENTS and data.get("total"):
            progress(f"dbt {step}", int(data.get("index", 0)), int(data["total"]))
        elif info.get("level") == "error" and info.get("msg"):
            errors.append(redact(str(info["msg"])).strip())
        elif not event and line.strip() and engine.is_quoted:
            errors.append(redact(line).strip())
    return errors


def _parse(line: str) -> dict[str, Any]:
    try:
        event = json.loads(line)
    except json.JSONDecodeError:
        return {}
    return event if isinstance(event, dict) else {}


def failures(paths: Paths, warehouse: Path, engine: Engine = DUCKDB) -> list[Failure]:
    """Return the failed nodes of the last dbt run, with the descriptions of its manifest."""
    target = target_dir(paths, engine)
    try:
        results = json.loads((target / "run_results.json").read_text("utf-8"))["results"]
        nodes = json.loads((target / "manifest.json").read_text("utf-8"))
    except (OSError, KeyError, json.JSONDecodeError):
        return []
    known = {**nodes.get("nodes", {}), **nodes.get("unit_tests", {})}
    return [
        describe(known.get(result["unique_id"], {}), result, warehouse)
        for result in results
        if result["status"] in _FAILED
    ]


def describe(node: dict[str, Any], result: dict[str, Any], warehouse: Path) -> Failure:
    """Return a node's result in the words of the project."""
    meta = {**node.get("meta", {}), **node.get("config", {}).get("meta", {})}
    is_too_large = "Out of Memory Error" in str(result.get("message"))
    return Failure(
        name=node.get("name", result["unique_id"]),
        kind=node.get("resource_type", "node").replace("_", " "),
        message=" ".join(redact(str(result.get("message") or "failed")).split()),
        description=" ".join(str(node.get("description", "")).split()),
        remedy=_MORE_MEMORY if is_too_large else str(meta.get("remedy", "")),
        places=_places(node.get("relation_name"), warehouse) if meta.get("has_places") else (),
    )


def _places(relation: str | None, warehouse: Path) -> tuple[str, ...]:
    """Name where a test's stored failures came from: file and row, never a value."""
    if relation is None or not warehouse.exists():
        return ()
    query = (
        f"select source_file, min(source_row), count(*) from {relation} "  # noqa: S608 - dbt's name
        "group by source_file order by source_file limit 10"
    )
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        rows = connection.execute(query).fetchall()
    return tuple(f"{file}, row {first} ({count} rows in all)" for file, first, count in rows)


def explain(
    paths: Paths, step: str, errors: list[str], warehouse: Path, engine: Engine = DUCKDB
) -> CinError:
    """Return what to tell of a run that did not succeed."""
    failed = failures(paths, warehouse, engine)
    if failed:
        body = "\n".join(str(one) for one in failed)
        problem = f"dbt {step} stopped: {len(failed)} failed\n{body}"
    else:
        body = "\n".join(dict.fromkeys(errors)) or "no message; see the log"
        problem = f"dbt {step} could not run\n{body}"
    logs = target_dir(paths, engine) / "logs"
    return CinError(problem, remedy=f"mend the above and run again; the full log is {logs}")
