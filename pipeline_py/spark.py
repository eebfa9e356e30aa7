"""Whether a warehouse can be built on Spark here: looked at before anything is written."""

from __future__ import annotations

import os
import re
import secrets
import shutil
import socket
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from common_py.errors import CinError
from common_py.paths import Paths
from common_py.private import private
from pipeline_py.dbt import Engine

_OLDEST_JAVA = 17
_PATIENCE = 5.0  # seconds to a master that answers
_DEFAULT_PORTS = {"spark": 7077, "k8s": 443}
_LOCAL = re.compile(r"local(\[(\*|\d+)(,\s*\d+)?\])?|local-cluster\[\d+,\s*\d+,\s*\d+\]")
_URL = re.compile(r"[a-z][a-z0-9+.-]+://")
_VERSION = re.compile(r'version "(?:1\.)?(\d+)')


@dataclass(frozen=True)
class SparkSettings:
    """Where Spark runs and where its tables go, from `CIN_SPARK_*`.

    Attributes
    ----------
    master
        A `spark.master`: `local[*]`, `local-cluster[…]`, `spark://host:port`, `yarn`, `k8s://…`.
    folder
        Where the tables of a finished build stand: a folder, or a URL that Spark and pyarrow
        both open.
    next_folder
        Where a build's tables are written before they take their place; those at a URL stay.
    """

    master: str
    folder: str
    next_folder: str

    @classmethod
    def find(cls, paths: Paths, variables: Mapping[str, str] = os.environ) -> SparkSettings:
        """Read them from the environment."""
        folder = (variables.get("CIN_SPARK_WAREHOUSE") or str(paths.build / "spark")).rstrip("/")
        if _URL.match(folder):
            following = f"{folder}/build_{secrets.token_hex(4)}"
        else:
            folder = (paths.project / folder).resolve().as_posix()
            following = f"{folder}_next"
        master = variables.get("CIN_SPARK_MASTER") or "local[*]"
        return cls(master, folder, following)

    @property
    def is_url(self) -> bool:
        """Whether the tables go to a place that is no folder of this machine."""
        return _URL.match(self.folder) is not None

    @property
    def engine(self) -> Engine:
        """What dbt is to know."""
        environment = {
            "CIN_SPARK_MASTER": self.master,
            "CIN_SPARK_WAREHOUSE": self.next_folder,
        }
        if self.master.startswith("local"):  # nobody else is to reach it
            environment["SPARK_LOCAL_IP"] = os.environ.get("SPARK_LOCAL_IP", "127.0.0.1")
        return Engine("spark", "dbt_spark", environment, is_quoted=False)


def check_spark(settings: SparkSettings) -> None:
    """Refuse what would fail later, in words that say what to do.

    Raises
    ------
    CinError
        If the extra or Java is not installed, the master cannot be reached, or the folder of
        the tables cannot be written.
    """
    _check_packages()
    _check_java()
    _check_master(settings.master)
    if not settings.is_url:
        _check_folder(settings)


def _check_packages() -> None:
    missing = [
        package
        for package, module in (("pyspark", "pyspark"), ("dbt-spark", "dbt.adapters.spark"))
        if find_spec(module) is None
    ]
    if missing:
        raise CinError(
            f"{' and '.join(missing)} not installed: the Spark target is an optional extra",
            remedy="run `pip install --require-hashes -r requirements-spark.lock` (or "
            "`pip install -e .[spark]`), or build without --target spark",
        )


def _check_java() -> None:
    home = os.environ.get("JAVA_HOME")
    program = shutil.which("java", path=str(Path(home) / "bin") if home else None)
    remedy = f"install Java {_OLDEST_JAVA} and let JAVA_HOME or PATH name it"
    where = "in JAVA_HOME" if home else "on PATH"
    if program is None:
        raise CinError(f"no Java {where}, which Spark needs", file=home, remedy=remedy)
    said = subprocess.run(  # noqa: S603 - the user's own Java, no shell
        [program, "-version"], capture_output=True, encoding="utf-8", errors="replace", check=False
    )
    version = _VERSION.search(said.stderr + said.stdout)
    if version is None or int(version[1]) < _OLDEST_JAVA:
        found = f"Java {version[1]}" if version else "a Java that does not say its version"
        raise CinError(f"{found} is too old for Spark", file=program, remedy=remedy)


def _check_master(master: str) -> None:
    remedy = (
        "set CIN_SPARK_MASTER to local[*], local-cluster[workers,cores,MB], spark://host:port, "
        "yarn or k8s://https://host:port"
    )
    if _LOCAL.fullmatch(master):
        return
    if master == "yarn":
        if not (os.environ.get("HADOOP_CONF_DIR") or os.environ.get("YARN_CONF_DIR")):
            raise CinError(
                "the master is yarn, and no HADOOP_CONF_DIR or YARN_CONF_DIR says where it is",
                remedy="set HADOOP_CONF_DIR to the folder of the cluster's configuration",
            )
        return
    kind, _, rest = master.partition("://")
    if kind not in _DEFAULT_PORTS or not rest:
        raise CinError(f"{master!r} is not a Spark master", remedy=remedy)
    hosts = re.sub(r"^https?://", "", rest).rstrip("/").split(",")
    if not any(_answers(host, _DEFAULT_PORTS[kind]) for host in hosts):
        raise CinError(
            f"no Spark master answers at {master}",
            remedy=f"start it, or {remedy}",
        )


def _answers(host: str, default_port: int) -> bool:
    name, _, port = host.partition(":")
    try:
        with socket.create_connection((name, int(port or default_port)), timeout=_PATIENCE):
            return True
    except (OSError, ValueError):
        return False


def _check_folder(settings: SparkSettings) -> None:
    """Make the folder that the build writes to, empty and its owner's alone."""
    folder = Path(settings.next_folder)
    for emptied in (folder, Path(settings.folder)):
        if not _holds_only_databases(emptied):
            raise CinError(
                "this folder would be replaced, and holds more than Spark's databases",
                file=str(emptied),
                remedy="set CIN_SPARK_WAREHOUSE to another folder",
            )
    try:
        with private():
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir(parents=True)
    except OSError as error:
        raise CinError(
            f"the folder of Spark's tables cannot be written ({error.strerror}); "
            "the warehouse is as it was",
            file=str(folder),
            remedy="let the folder above it be written to, or set CIN_SPARK_WAREHOUSE to another",
        ) from error


def _holds_only_databases(folder: Path) -> bool:
    if not folder.exists():
        return True
    return folder.is_dir() and all(one.suffix == ".db" for one in folder.iterdir())
