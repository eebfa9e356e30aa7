"""A release as the folder that output checkers read: results.json, outputs and checksums.

The SACRO viewer reads what the package `acro` writes. That package asks for an older pandas
than this project and tabulates rows of children itself, so the folder is written here, in its
format (docs/decisions/0060); `acro` loads it in an environment of its own.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from common_py.release_names import SACRO
from publish_py.formats import write_csv
from publish_py.manifest import sha256
from publish_py.versions import MANIFEST, finish, only_writer, remove, unfinished

#: The version of `acro` whose files these are like; its loader reads no other.
ACRO_VERSION = "1.0.2"
RESULTS = "results.json"
CHECKS = {
    "primary": "MinimumThresholdCheck",
    "secondary": "PresenceOfLinkedTableCheck",
}
#: Every record needs a time; a release has none, and this is no day of any.
_NO_TIME = "1970-01-01T00:00:00"
_WITHHELD = "The cells marked are empty in this file: they were withheld before it was written."

Row = Mapping[str, Any]


@dataclass(frozen=True)
class SacroReport:
    """Where the checkers' folder stands, and how many outputs it has."""

    folder: Path
    n_outputs: int

    @property
    def summary(self) -> str:
        """The report in a line."""
        return f"for output checkers: {self.folder} ({self.n_outputs} outputs)"


@dataclass(frozen=True)
class Output:
    """One output for a checker: its record, and the files that belong to it."""

    record: dict[str, Any]
    files: tuple[Path, ...]


def sacro_folder(release: Path) -> SacroReport:
    """Write `<release>.sacro` beside a release; one that stands is replaced when it is whole.

    Raises
    ------
    CinError
        If the shelf is in use or cannot be written to.
    """
    target = release.with_name(f"{release.name}{SACRO}")
    with only_writer(release.parent):
        folder = unfinished(release.parent, target.name)
        try:
            n_outputs = _write(folder, release)
            remove(target)
            finish(folder, target)
        finally:
            remove(folder)
    return SacroReport(target, n_outputs)


def _write(folder: Path, release: Path) -> int:
    manifest = json.loads((release / MANIFEST).read_text(encoding="utf-8"))
    results = {}
    for number, output in enumerate(_outputs(folder, release)):
        uid = f"output_{number}"
        results[uid] = {"uid": uid, **output.record}
    least = manifest["settings"]["protection"]
    content = {
        "version": ACRO_VERSION,
        "tool": {
            "@type": "SoftwareApplication",
            "name": "Children in Need warehouse, in the format of ACRO",
            "url": "https://github.com/AI-SDC/ACRO",
            "version": ACRO_VERSION,
        },
        "results": results,
    }
    _json(folder / RESULTS, content)
    config = {
        "safe_threshold": least["minimum_count"],
        "safe_dof_threshold": least["minimum_model_events"],
        "zeros_are_disclosive": False,
        "safe_round_base": least["england_rounding"],
        "suppress": True,
    }
    _json(folder / "config.json", config)
    sums = folder / "checksums"
    sums.mkdir()
    for file in sorted(one for one in folder.iterdir() if one.is_file()):
        (sums / f"{file.name}.txt").write_text(sha256(file), encoding="utf-8")
    return len(results)


def _outputs(folder: Path, release: Path) -> Iterator[Output]:
    """Return every table, model table and figure of a release, its files written."""
    for file in sorted((release / "parquet").glob("*.parquet")):
        yield _table(folder, file.stem, pq.read_table(file))
    estimates = {
        file.stem: pq.read_table(file)
        for file in sorted((release / "parquet" / "estimates").glob("*.parquet"))
    }
    yield from _models(folder, estimates["fits"], estimates["coefficients"])
    for name, table in estimates.items():
        if name not in ("fits", "coefficients"):
            yield _table(folder, f"estimates_{name}", table)
    for picture in sorted((release / "site" / "assets").glob("*.png")):
        yield _figure(folder, picture)


def _record(
    name: str, kind: str, files: Sequence[tuple[str, Mapping[str, Any]]], **said: Any
) -> dict[str, Any]:
    """Return a record with every field that the loader asks for."""
    return {
        "status": "pass",
        "type": kind,
        "properties": {},
        "files": [{"name": file, "sdc": dict(sdc)} for file, sdc in files],
        "outcome": {},
        "command": f"cin release: {name}",
        "summary": "pass",
        "timestamp": _NO_TIME,
        "comments": [],
        "exception": "",
        "fair": {},
    } | said


def _table(folder: Path, name: str, table: pa.Table) -> Output:
    """Return a table as an output; what is withheld is said cell by cell."""
    file = folder / f"{name}.csv"
    write_csv(table, file)
    cells, why = _withheld_cells(table)
    n_withheld = sum(why.values())
    summary = {check: len(cells.get(check, [])) for check in CHECKS.values()}
    said = "; ".join(f"{reason}: {n} rows" for reason, n in sorted(why.items()))
    sdc = {"summary": {"suppressed": bool(n_withheld), **summary}, "cells": cells}
    record = _record(
        name,
        "table",
        [(file.name, sdc)],
        properties={"method": "table", "n_rows": table.num_rows},
        status="review" if n_withheld else "pass",
        summary=f"review; {n_withheld} of {table.num_rows} rows withheld ({said})"
        if n_withheld
        else f"pass; {table.num_rows} rows, none withheld",
        comments=[_WITHHELD] if n_withheld else [],
        exception="Small counts and all that would give one away are already withheld; the "
        "audit of the release found none that can be recovered."
        if n_withheld
        else "",
    )
    return Output(record, (file,))


def _withheld_cells(table: pa.Table) -> tuple[dict[str, list[list[int]]], dict[str, int]]:
    """Return the empty cells of withheld rows by check, and how many rows for which reason.

    A cell is its row and its column, both from 0, the first column being the row's name.
    """
    names = table.column_names
    if "is_suppressed" not in names:
        return {}, {}
    reasons = table.column("reason").to_pylist() if "reason" in names else [""] * table.num_rows
    numbers = [
        (place - 1, column.to_pylist())
        for place, column in enumerate(table.columns)
        if place and pa.types.is_floating(column.type) | pa.types.is_integer(column.type)
    ]
    cells: dict[str, list[list[int]]] = {}
    why: dict[str, int] = {}
    for row, hidden in enumerate(table.column("is_suppressed").to_pylist()):
        if hidden:
            reason = reasons[row] or "withheld"
            why[reason] = why.get(reason, 0) + 1
            check = CHECKS.get(reason, CHECKS["primary"])
            cells.setdefault(check, []).extend(
                [row, place] for place, values in numbers if values[row] is None
            )
    return cells, why


def _models(folder: Path, fits: pa.Table, coefficients: pa.Table) -> Iterator[Output]:
    """Return the models of each table of the study as an output of their own."""
    found = fits.to_pylist()
    for number in sorted({row["table_no"] for row in found}):
        models = [row for row in found if row["table_no"] == number]
        specs = pa.array([row["spec_id"] for row in models])
        parts = {
            f"models_{number}.csv": fits.filter(_is_in(fits, specs)),
            f"coefficients_{number}.csv": coefficients.filter(_is_in(coefficients, specs)),
        }
        for name, table in parts.items():
            write_csv(table, folder / name)
        yield Output(_model_record(number, models, list(parts)), tuple(map(folder.joinpath, parts)))


def _is_in(table: pa.Table, specs: pa.Array) -> pa.Array:
    import pyarrow.compute as pc  # noqa: PLC0415 - loads every kernel

    return pc.is_in(table.column("spec_id"), value_set=specs)


def _model_record(number: str, models: Sequence[Row], files: Sequence[str]) -> dict[str, Any]:
    """Return the record of a table of models: the least degrees of freedom among them."""
    n_withheld = sum(row["is_suppressed"] for row in models)
    dof = min(int(row["n_obs"]) - 5 for row in models)  # four coefficients and a variance
    families = ", ".join(sorted({row["family"] for row in models}))
    return _record(
        f"models of table {number}",
        "regression",
        [(name, {}) for name in files],
        properties={"method": families, "dof": dof, "n_models": len(models)},
        status="review" if n_withheld else "pass",
        summary=f"MinimumDoFCheck: pass dof>={dof}; {n_withheld} of {len(models)} models withheld",
        exception="Models on few events are already withheld." if n_withheld else "",
    )


def _figure(folder: Path, picture: Path) -> Output:
    """Return a figure: the picture, for a checker to look at."""
    file = folder / picture.name
    shutil.copyfile(picture, file)
    record = _record(
        picture.stem,
        "custom",
        [(file.name, {})],
        status="review",
        summary="review",
        comments=["Drawn from the protected points in estimates_figure_points.csv and the rates."],
        exception="Points that stand for few neighbourhoods or events are not drawn.",
    )
    return Output(record, (file,))


def _json(file: Path, content: Mapping[str, Any]) -> None:
    file.write_text(json.dumps(content, indent=4) + "\n", encoding="utf-8", newline="\n")
