"""The files an analyst names, to a temporary landing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from common_py.errors import CinError
from common_py.progress import Progress
from ingest_py import landing
from ingest_py.landing_schema import CENSUS_TABLES
from ingest_py.ledger import READ, REFUSED
from ingest_py.returns import ReturnFile, ReturnReport, read_returns

_REMEDY = "give the XML returns, or a folder that holds them"


@dataclass(frozen=True)
class Landed:
    """What was read.

    Attributes
    ----------
    read
        The returns that were read.
    refused
        For each file that was not read and should have been, why; without any child's value.
    notes
        What was passed over or taken otherwise than written.
    """

    read: tuple[ReturnReport, ...]
    refused: tuple[str, ...]
    notes: tuple[str, ...]

    @property
    def n_children(self) -> int:
        """Children in the returns read."""
        return sum(report.rows.get("children", 0) for report in self.read)


def find_returns(places: Sequence[Path]) -> list[ReturnFile]:
    """Return the XML files that are named or lie in a named folder, each with a name of its own.

    Raises
    ------
    CinError
        If one of the places does not exist or holds no XML file.
    """
    found: dict[Path, None] = {}
    for place in places:
        if place.is_dir():
            inside = sorted(
                path for path in place.rglob("*")
                if path.is_file() and path.suffix.casefold() == ".xml"
                and not path.name.startswith((".", "~$"))
            )  # fmt: skip
            if not inside:
                raise CinError("holds no XML file", file=str(place), remedy=_REMEDY)
            found.update(dict.fromkeys(path.resolve() for path in inside))
        elif place.is_file():
            found[place.resolve()] = None
        else:
            raise CinError("there is no such file", file=str(place), remedy=_REMEDY)
    names = [path.name for path in found]
    return [
        ReturnFile(path, path.name if names.count(path.name) == 1 else path.as_posix())
        for path in found
    ]


def land(files: Sequence[ReturnFile], root: Path, progress: Progress) -> Landed:
    """Read returns into an empty landing folder.

    Raises
    ------
    CinError
        If not one of them could be read.
    """
    landing.write_schemas(root, CENSUS_TABLES)
    reports = read_returns(files, root, progress=progress)
    read = tuple(report for report in reports if report.verdict == READ)
    refused = tuple(_refusal(report) for report in reports if report.verdict == REFUSED)
    if not read:
        raise CinError("nothing could be read\n" + "\n".join(refused))
    notes = [f"{r.file}: {r.reason}" for r in reports if r.verdict not in (READ, REFUSED)]
    for report in read:
        notes += [f"{report.file}: {note}" for note in report.notes]
        notes += [
            f"{report.file}: {issue.issue}: {issue.path} "
            f"({issue.count:,}, first on line {issue.first_line})"
            for issue in report.issues
        ]
    return Landed(read, refused, tuple(notes))


def _refusal(report: ReturnReport) -> str:
    problem = report.reason or "cannot be read"
    return str(CinError(problem, file=report.file, place=report.place, remedy=report.remedy))
