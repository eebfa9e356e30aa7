"""dbt as a child process that ends with the one that started it, even one that was killed.

Standard input is a pipe that the parent holds open. When it is closed, the parent is gone, and
what dbt still wrote would land beside the work of the next run. A byte on it says that the work
may begin: the project is read before, which needs no landing.

dbt's own loggers put every event into words, those below their level too, which takes a sixth of
its time. Here the few that are told are, as one JSON object a line, to the parent and the log.

What dbt read of the project stays until it ends. Python's collector of what is no longer reached
walks through it again and again, a seventh of dbt's time; here it is called seldom (decision 0099).
"""

from __future__ import annotations

import gc
import json
import os
import sys
import threading
from logging import Logger
from logging.handlers import RotatingFileHandler
from pathlib import Path
from typing import Any

_TOLD = {"info", "warn", "error"}
_MAX_LOG_BYTES = 10 * 2**20
_OBJECTS_BETWEEN_COLLECTIONS = 1_000_000


def main() -> None:
    """Run the dbt command of this process's arguments; its folders are in the environment."""
    may_begin = threading.Event()
    threading.Thread(target=_watch, args=(may_begin,), daemon=True).start()
    gc.set_threshold(_OBJECTS_BETWEEN_COLLECTIONS, 1_000, 1_000)
    from dbt.cli.main import dbtRunner  # noqa: PLC0415 - seconds to load: the watch stands before

    teller, command = _Teller(Path(os.environ["DBT_LOG_PATH"]) / "dbt.log"), sys.argv[1:]
    # A command that is handed the project does not write all of it down; documentation holds it.
    reading = ["parse"] if command[0] == "docs" else ["parse", "--no-write-json"]
    outcome = dbtRunner(callbacks=[teller]).invoke(reading)
    if outcome.success and command[0] != "parse":
        may_begin.wait()
        manifest: Any = outcome.result
        outcome = dbtRunner(manifest, [teller]).invoke(command)
    if outcome.exception is not None and not teller.has_told_errors:
        sys.stdout.write(f"{outcome.exception}\n")
    gc.freeze()  # a last walk through all of it, at the end of a process, frees nothing
    sys.exit(0 if outcome.success else 1)


def _watch(may_begin: threading.Event) -> None:
    while os.read(0, 1):
        may_begin.set()
    os._exit(1)


class _Teller:
    """Called with each event of dbt, on several threads."""

    def __init__(self, log: Path) -> None:
        self.has_told_errors = False
        self._telling = threading.Lock()
        handler = RotatingFileHandler(
            log, maxBytes=_MAX_LOG_BYTES, backupCount=1, encoding="utf-8", delay=True
        )
        self._log = Logger("dbt")
        self._log.addHandler(handler)

    def __call__(self, event: Any) -> None:
        from dbt_common.events.functions import env_scrubber  # noqa: PLC0415 - as above

        if event.info.level not in _TOLD:
            return
        info = {
            "ts": event.info.ts.ToJsonString(),
            "name": event.info.name,
            "level": event.info.level,
            "msg": env_scrubber(event.info.msg),
        }
        data = {name: getattr(event.data, name, 0) for name in ("index", "total")}
        # A message in one piece, however many lines it has: values are taken out of it later.
        line = json.dumps({"info": info, "data": data})
        with self._telling:
            self.has_told_errors |= info["level"] == "error"
            sys.stdout.write(f"{line}\n")
            sys.stdout.flush()
            self._log.info(line)


if __name__ == "__main__":
    main()
