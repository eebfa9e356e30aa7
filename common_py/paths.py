"""Where inputs, landing, warehouse and site are: `CIN_*` variables over defaults."""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from pathlib import Path

from common_py.errors import CinError

BUILD_REMEDY = "run `cin build` (or `dbt build`), which makes the marts"


@dataclass(frozen=True)
class Paths:
    """Absolute paths of one project.

    Attributes
    ----------
    project
        The folder that holds `dbt_project.yml`.
    data
        Inputs (`CIN_DATA_DIR`, default `data/`).
    build
        Everything derived (`CIN_BUILD_DIR`, default `build/`).
    landing
        Text Parquet written by ingest (`CIN_LANDING_DIR`, default `build/landing`).
    warehouse
        The DuckDB file (`CIN_WAREHOUSE`, default `build/warehouse.duckdb`).
    shelf
        Where releases stand, if not in `releases/` (`CIN_RELEASES_DIR`).
    """

    project: Path
    data: Path
    build: Path
    landing: Path
    warehouse: Path
    shelf: Path | None = None

    @property
    def releases(self) -> Path:
        """The folder of finished releases."""
        return self.shelf or self.project / "releases"

    @property
    def site(self) -> Path:
        """The rendered site, which opens from disk."""
        return self.build / "site"

    @classmethod
    def find(cls, start: Path | None = None) -> Paths:
        """Find the project by `CIN_PROJECT_DIR`, else from `start` upwards.

        Raises
        ------
        CinError
            If no folder on the way up holds `dbt_project.yml`.
        """
        project = _project_dir(start)

        def place(variable: str, default: Path) -> Path:
            value = os.environ.get(variable)
            return (project / value).resolve() if value else default

        build = place("CIN_BUILD_DIR", project / "build")
        return cls(
            project=project,
            data=place("CIN_DATA_DIR", project / "data"),
            build=build,
            landing=place("CIN_LANDING_DIR", build / "landing"),
            warehouse=place("CIN_WAREHOUSE", build / "warehouse.duckdb"),
            shelf=place("CIN_RELEASES_DIR", project / "releases"),
        )

    def of_one_authority(self) -> Paths:
        """Return where `cin local` works: a folder of its own below the build folder."""
        own = self.build / "local"
        return replace(
            self,
            data=own / "data",
            build=own,
            landing=own / "landing",
            warehouse=own / "warehouse.duckdb",
        )

    def environment(self) -> dict[str, str]:
        """Return the `CIN_*` variables that make a child process see these paths."""
        return {
            "CIN_PROJECT_DIR": str(self.project),
            "CIN_DATA_DIR": str(self.data),
            "CIN_BUILD_DIR": str(self.build),
            "CIN_LANDING_DIR": str(self.landing),
            "CIN_WAREHOUSE": str(self.warehouse),
            "CIN_RELEASES_DIR": str(self.releases),
        }


def check_warehouse(warehouse: Path) -> None:
    """Refuse to go on without a warehouse; cheap, so asked before what reads it is loaded.

    Raises
    ------
    CinError
        If there is none.
    """
    if not warehouse.is_file():
        raise CinError("there is no warehouse here", file=str(warehouse), remedy=BUILD_REMEDY)


def _project_dir(start: Path | None) -> Path:
    named = os.environ.get("CIN_PROJECT_DIR")
    if named and start is None:
        candidates = [Path(named).resolve()]
    else:
        here = (start or Path.cwd()).resolve()
        candidates = [here, *here.parents]
    for folder in candidates:
        if (folder / "dbt_project.yml").is_file():
            return folder
    raise CinError(
        "no dbt_project.yml here or in any folder above",
        file=str(candidates[0]),
        remedy="change to the project folder, or set CIN_PROJECT_DIR to it",
    )
