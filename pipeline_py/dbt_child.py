"""dbt as a child process that ends with the one that started it, even one that was killed.

Standard input is a pipe that the parent holds open. When it is closed, the parent is gone, and
what dbt still wrote would land beside the work of the next run.
"""

from __future__ import annotations

import os
import threading


def main() -> None:
    """Run dbt's command line on this process's arguments."""
    threading.Thread(target=_end_with_parent, daemon=True).start()
    from dbt.cli.main import cli  # noqa: PLC0415 - seconds to load: the watch stands before it

    cli()


def _end_with_parent() -> None:
    os.read(0, 1)
    os._exit(1)


if __name__ == "__main__":
    main()
