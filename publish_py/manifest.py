"""What a release says of itself: what went in, by which code and settings, and what came out.

Nothing here is a time: two releases of the same warehouse by the same code have the same
manifest, but for their names and places in the order.
"""

from __future__ import annotations

import hashlib
import json
import platform
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from importlib.metadata import distributions
from pathlib import Path
from typing import Any

import duckdb

from common_py.paths import Paths
from common_py.warehouse import Build, rows, sql
from publish_py.formats import SIGNIFICANT_DIGITS
from publish_py.rules import Rules
from publish_py.verdicts import Verdict
from publish_py.versions import MANIFEST, SUMS, Release

SQL_FOLDER = Path(__file__).parent / "sql"
_CODE = ("*_py", "expectations", "models", "macros", "seeds")
_SUFFIXES = {".py", ".sql", ".yml", ".csv", ".html", ".css", ".js"}
_BLOCK = 1 << 20


def inputs(connection: duckdb.DuckDBPyConnection) -> list[dict[str, Any]]:
    """Return the files that the warehouse was built from, with their hashes, off its ledger.

    How many rows a file had is no part of it: a file may be one authority's.
    """
    found = rows(connection, sql(SQL_FOLDER, "released_inputs"))
    return [{name: row[name] for name in ("file", "kind", "verdict", "sha256")} for row in found]


def dataset_of(build: Build) -> str:
    """Return the dataset as a release names it."""
    return "SYNTHETIC" if build.is_synthetic else build.dataset


def manifest(
    *,
    name: str,
    sequence: int,
    last: Release | None,
    paths: Paths,
    build: Build,
    run: Mapping[str, Any],
    rules: Rules,
    verdicts: Sequence[Verdict],
    files_in: Sequence[Mapping[str, Any]],
    n_las: Mapping[int, int],
) -> dict[str, Any]:
    """Return the manifest of a release.

    Parameters
    ----------
    name
        The version.
    sequence
        How many releases the shelf has, this one included.
    last
        The release that this one was held against; None for the first.
    n_las
        Authorities of the study that returned a census, by census year.
    """
    protection = asdict(rules)
    protection.pop("why", None)
    return {
        "version": name,
        "sequence": sequence,
        "follows": None if last is None else last.version,
        "dataset": dataset_of(build),
        "build_id": build.build_id,
        "run_id": run["run_id"],
        "census_year": run["census_year"],
        "n_las": {str(year): n for year, n in sorted(n_las.items())},
        "code": {
            "project_version": build.settings.get("project_version", ""),
            "definitions_md5": build.settings.get("definitions_md5", ""),
            "code_sha256": code_sha256(paths.project),
        },
        "settings": {
            "warehouse": dict(build.settings),
            "estimates": str(run.get("settings_hash", "")),
            "protection": protection,
            "significant_digits": SIGNIFICANT_DIGITS,
        },
        "inputs": list(files_in),
        "gates": [verdict.as_json() for verdict in verdicts],
        "python": platform.python_version(),
        "packages": packages(),
    }


def code_sha256(project: Path) -> str:
    """Return one hash over the text of everything that makes a number or a page.

    Line endings do not count: they differ between systems.
    """
    digest = hashlib.sha256()
    files = sorted(
        file
        for pattern in _CODE
        for folder in project.glob(pattern)
        for file in folder.rglob("*")
        if file.suffix in _SUFFIXES and file.is_file()
    )
    for file in files:
        text = file.read_bytes().replace(b"\r\n", b"\n")
        digest.update(f"{file.relative_to(project).as_posix()}\0{len(text)}\0".encode())
        digest.update(text)
    return digest.hexdigest()


def packages() -> dict[str, str]:
    """Return the versions of the installed packages."""
    found = (one.metadata for one in distributions())  # read anew whenever it is asked for
    return dict(sorted((str(one["Name"]).lower(), one["Version"]) for one in found if one["Name"]))


def write_manifest(folder: Path, content: Mapping[str, Any]) -> None:
    """Write the manifest, with the hash of every other file in it, and the hashes of all."""
    listed = dict(sorted(hashes(folder)))
    text = json.dumps({**content, "files": listed}, indent=2, ensure_ascii=False) + "\n"
    (folder / MANIFEST).write_text(text, encoding="utf-8", newline="\n")
    write_sums(folder)


def write_sums(folder: Path) -> None:
    """Write the hashes of all files of a folder in the form that `sha256sum -c` reads."""
    lines = [f"{digest}  {name}\n" for name, digest in sorted(hashes(folder))]
    (folder / SUMS).write_text("".join(lines), encoding="utf-8", newline="\n")


def hashes(folder: Path) -> Iterator[tuple[str, str]]:
    """Return name and SHA-256 of every file of a folder but the list of hashes itself."""
    for file in folder.rglob("*"):
        name = file.relative_to(folder).as_posix()
        if file.is_file() and name != SUMS:
            yield name, sha256(file)


def data_files(folder: Path) -> dict[str, str]:
    """Return the hashes of the files of tables: what makes one release the same as another."""
    return {name: digest for name, digest in hashes(folder) if name.endswith((".parquet", ".csv"))}


def sha256(file: Path) -> str:
    """Return the SHA-256 of a file."""
    digest = hashlib.sha256()
    with file.open("rb") as stream:
        while block := stream.read(_BLOCK):
            digest.update(block)
    return digest.hexdigest()


def broken(folder: Path) -> list[str]:
    """Return the files of a release that are missing, too many, or not what its list says."""
    lines = (folder / SUMS).read_text(encoding="utf-8").splitlines()
    listed = {line[66:]: line[:64] for line in lines}
    present = dict(hashes(folder))
    return sorted(
        name for name in listed.keys() | present.keys() if listed.get(name) != present.get(name)
    )
