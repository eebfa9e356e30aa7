"""Which of several submissions of a return counts: the highest SerialNo, visibly."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from lxml import etree

from common_py.errors import CinError
from ingest_py.returns.header import Identity, ReturnHeader, identify, parse_header
from ingest_py.returns.refusals import code_name, refuse, syntax_refusal
from ingest_py.returns.source import CP1252, UTF_8, Limits, ReturnSource
from ingest_py.returns.structure import CHILD, HEADER, ROOT

_FOLDER_YEAR = re.compile(r"census/(20\d\d)/returns/")


@dataclass(frozen=True)
class ReturnFile:
    """One XML file to read.

    Attributes
    ----------
    path, name
        Where it is, and what it is called in landing and messages (below the data folder).
    folder_year
        The census year of its folder, None for none; a return of another year is then refused.
    sha256
        The file's hash where the caller has it; None to have it made on the way.
    """

    path: Path
    name: str
    folder_year: str | None = None
    sha256: str | None = None

    @classmethod
    def below(cls, data_dir: Path, path: Path, sha256: str | None = None) -> ReturnFile:
        """Name a file below the data folder; `census/<year>/returns/` gives its year."""
        name = path.relative_to(data_dir).as_posix()
        year = _FOLDER_YEAR.match(name)
        return cls(path, name, year.group(1) if year else None, sha256)


@dataclass(frozen=True)
class Submission:
    """A file and what its header says.

    Attributes
    ----------
    file
        The file.
    header, identity
        Its header, and whose return it is; None when it is refused.
    refusal
        Why it cannot be told, else None.
    """

    file: ReturnFile
    header: ReturnHeader | None = None
    identity: Identity | None = None
    refusal: CinError | None = None


@dataclass(frozen=True)
class Choice:
    """Which submissions are to be read.

    Attributes
    ----------
    chosen
        One for each local authority and year.
    superseded
        The others, each with the name of the file that replaces it.
    refused
        Those without a usable header, or that nothing tells apart.
    """

    chosen: tuple[Submission, ...]
    superseded: tuple[tuple[Submission, str], ...]
    refused: tuple[Submission, ...]


def peek(file: ReturnFile, limits: Limits | None = None) -> Submission:
    """Read as much of a return as tells whose it is; never raises for a bad file."""
    try:
        header = _peek(file, limits or Limits(), None)
        return Submission(file, header, identify(header, file.folder_year, file.name))
    except CinError as error:
        return Submission(file, refusal=error)
    except OSError as error:
        problem = f"the file cannot be read ({error.strerror or type(error).__name__})"
        remedy = "check that the file is there and may be read"
        return Submission(file, refusal=refuse(problem, file.name, remedy=remedy))


def _peek(file: ReturnFile, limits: Limits, encoding: str | None) -> ReturnHeader:
    with ReturnSource(file.path, file.name, limits, encoding, sha256="") as source:
        context = etree.iterparse(
            source, events=("end",), tag=(HEADER, CHILD), encoding=UTF_8, huge_tree=False,
            resolve_entities="internal", remove_comments=True, remove_pis=True,
        )  # fmt: skip
        try:
            for _, element in context:
                source.since_child = 0
                holder = element.getparent()
                if element.tag == HEADER and holder is not None and holder.tag == ROOT:
                    return parse_header(element, file.name)
                element.clear()
                while element.tag == CHILD and element.getprevious() is not None:
                    del element.getparent()[0]
        except etree.XMLSyntaxError as error:
            is_bad_text = code_name(error) == "ERR_INVALID_ENCODING"
            if not (is_bad_text and source.encoding == UTF_8 and encoding is None):
                raise syntax_refusal(error, file.name, is_cut=source.is_cut) from None
        else:
            return ReturnHeader()
    return _peek(file, limits, CP1252)


def choose_submissions(submissions: Iterable[Submission]) -> Choice:
    """Choose for each local authority and year the submission that counts.

    The highest SerialNo wins, then the latest DateTime. Of files with the same bytes the first by
    name is read; files that differ and that nothing tells apart are all refused.

    Parameters
    ----------
    submissions
        What `peek` returned, in any order.
    """
    refused = []
    by_return: dict[tuple[str, str], list[Submission]] = {}
    for submission in submissions:
        if submission.identity is None:
            refused.append(submission)
        else:
            whose = (submission.identity.census_year, submission.identity.la_number)
            by_return.setdefault(whose, []).append(submission)
    chosen, superseded = [], []
    for rivals in by_return.values():
        ranked = sorted(rivals, key=lambda s: s.file.name)
        best = max(map(_rank, ranked))
        first = [submission for submission in ranked if _rank(submission) == best]
        if len(first) > 1 and len({_sha256(s.file.path) for s in first}) > 1:
            refused += [_undecided(submission, first) for submission in first]
            continue
        chosen.append(first[0])
        superseded += [(s, first[0].file.name) for s in ranked if s is not first[0]]
    return Choice(tuple(chosen), tuple(superseded), tuple(refused))


def _rank(submission: Submission) -> tuple[int, str]:
    header = submission.header or ReturnHeader()
    serial = (header.serial_no or "").strip()
    is_number = serial.isascii() and serial.isdigit() and len(serial) <= 18
    return int(serial) if is_number else -1, (header.submitted_at or "").strip()


def _undecided(submission: Submission, rivals: Sequence[Submission]) -> Submission:
    others = ", ".join(s.file.name for s in rivals if s is not submission)
    error = refuse(
        f"the same local authority, year, SerialNo and DateTime as {others}, and not the same "
        "content",
        submission.file.name, "Header/Source/SerialNo",
        "keep the submission that counts in the folder and take the others out",
    )  # fmt: skip
    return Submission(submission.file, submission.header, submission.identity, error)


def _sha256(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
