"""`cin locate`: an authority's addresses to LSOAs, by postcode, and no postcode kept anywhere.

The postcode is looked up in the ONS Postcode Directory (or the National Statistics Postcode
Lookup, which has the same columns), as published: the CSV, or the zip it comes in. Postcodes are
held in memory while that is read, and nowhere else: the output has identifiers and LSOA codes
only, messages name rows by number, and there is no temporary copy of the input.
"""

from __future__ import annotations

import csv
import io
import re
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pacsv

from common_py.errors import CinError
from common_py.private import private
from common_py.progress import Progress, silent
from ingest_py.landing_schema import plain
from ingest_py.sources import open_source, readable, sheets

IDS = ("la_child_id", "upn")
COLUMNS = ("la_number", *IDS, "lsoa_code")
VINTAGES = ("2011", "2021")
_NAMES = {
    "lanumber": "la_number", "lea": "la_number", "la": "la_number",
    "lachildid": "la_child_id", "upn": "upn",
    "postcode": "postcode", "postcodes": "postcode", "pcd": "postcode", "pcds": "postcode",
}  # fmt: skip
_POSTCODES = ("pcds", "pcd", "pcd2", "pcd7", "pcd8")
_LSOA = r"^[EW]01\d{6}$"
_BLOCK = 32 * 1024**2
_ROWS_SHOWN = 5
_MOST_BYTES = 8 * 1024**3


@dataclass(frozen=True)
class LocateReport:
    """What became of the addresses.

    Attributes
    ----------
    out
        The file written.
    n_rows, n_located
        Rows read, and rows with an LSOA, which are the rows written.
    n_blank, n_unknown, n_nobody
        Rows without a postcode, with one that the directory does not have (or that lies outside
        England and Wales), and without an identifier.
    messages
        What the user should know; row numbers only.
    """

    out: Path
    n_rows: int
    n_located: int
    n_blank: int
    n_unknown: int
    n_nobody: int
    messages: tuple[str, ...]


def locate(
    addresses: Path,
    onspd: Path,
    out: Path,
    progress: Progress = silent,
    *,
    lsoa_vintage: str = "2011",
) -> LocateReport:
    """Write the LSOA of every address.

    Parameters
    ----------
    addresses
        CSV with la_number, la_child_id and/or upn, and postcode; other columns are not read.
    onspd
        The ONS Postcode Directory or the National Statistics Postcode Lookup: csv or zip.
    out
        The CSV to write: la_number, la_child_id, upn, lsoa_code.
    progress
        Called as the directory is read.
    lsoa_vintage
        2011 or 2021: which LSOAs to write.

    Raises
    ------
    CinError
        If a file cannot be read, or a column is missing; nothing is then written.
    """
    if lsoa_vintage not in VINTAGES:
        raise CinError(
            f"there are no LSOAs of {lsoa_vintage}", remedy=f"choose {' or '.join(VINTAGES)}"
        )
    rows = _addresses(addresses)
    wanted = pc.unique(rows.column("postcode")).drop_null()
    found = _look_up(onspd, pa.array(wanted), lsoa_vintage, progress)
    at = pc.index_in(rows.column("postcode"), value_set=found.column("postcode"))
    lsoa = pc.take(found.column("lsoa_code"), at)
    has_id = pc.or_(pc.is_valid(rows.column("la_child_id")), pc.is_valid(rows.column("upn")))
    is_blank = pc.is_null(rows.column("postcode"))
    is_unknown = pc.and_(pc.is_null(lsoa), pc.invert(is_blank))
    keep = pc.and_(has_id, pc.is_valid(lsoa))
    located = rows.select(COLUMNS[:3]).append_column("lsoa_code", lsoa).filter(keep)
    _write(located, out)
    problems = (
        (is_blank, "no postcode"),
        (is_unknown, "the directory has no LSOA for the postcode (mistyped, too new, or outside "
                     "England and Wales)"),
        (pc.invert(has_id), "no identifier: la_child_id and upn are both empty"),
    )  # fmt: skip
    counts = [int(pc.sum(mask).as_py() or 0) for mask, _ in problems]
    messages = [_message(addresses, mask, problem) for mask, problem in problems]
    n_blank, n_unknown, n_nobody = counts
    return LocateReport(
        out=out,
        n_rows=rows.num_rows,
        n_located=located.num_rows,
        n_blank=n_blank,
        n_unknown=n_unknown,
        n_nobody=n_nobody,
        messages=tuple(message for message in messages if message),
    )


def _addresses(path: Path) -> pa.Table:
    """Return identifiers and tidied postcodes, empty ones as NULL."""
    source, content = open_source(path, path.name, "addresses")
    try:
        with readable():
            (sheet,) = sheets(f"{path.name}.csv", content)
            top = sheet.top()
            header = [_NAMES.get(plain(cell), "") for cell in top[0]] if top else []
            _hold_columns(header, source.name)
            names = [name for name in dict.fromkeys(header) if name]
            positions = {name: header.index(name) for name in names}
            cells = sheet.read(0, sorted(positions.values()))
    except CinError as error:
        raise CinError(
            error.problem, file=source.name, place=error.place, remedy=error.remedy
        ) from None
    nothing = pa.nulls(cells.num_rows, pa.string())
    columns = {
        name: _filled(cells.column(str(positions[name]))) if name in positions else nothing
        for name in ("la_number", *IDS)
    }
    columns["postcode"] = _tidy(cells.column(str(positions["postcode"])))
    return pa.table(columns)


def _hold_columns(header: Sequence[str], file: str) -> None:
    for name in ("la_number", "postcode"):
        if header.count(name) != 1:
            problem = "has no column" if name not in header else "has more than one column"
            raise CinError(
                f"{problem} {name}",
                file=file,
                place=f"column {name}",
                remedy="give the columns la_number, la_child_id and/or upn, and postcode",
            )
    if not set(header) & set(IDS):
        raise CinError(
            "has no column that says which child",
            file=file,
            place="columns la_child_id, upn",
            remedy="add la_child_id or upn",
        )


def _filled(column: pa.ChunkedArray) -> pa.ChunkedArray:
    text = pc.utf8_trim_whitespace(column)
    return pc.if_else(pc.equal(pc.utf8_length(text), 0), None, text)


def _tidy(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Return postcodes in capitals without anything between the letters and digits."""
    text = pc.replace_substring_regex(pc.utf8_upper(column), "[^A-Z0-9]", "")
    return pc.if_else(pc.equal(pc.utf8_length(text), 0), None, text)


def _look_up(onspd: Path, wanted: pa.Array, vintage: str, progress: Progress) -> pa.Table:
    """Return the wanted postcodes of the directory with their LSOAs."""
    parts = []
    with _directory(onspd) as (stream, n_bytes):
        reader = _reader(stream, onspd.name, vintage)
        done = 0
        try:
            for batch in reader:
                postcode = _tidy(pa.chunked_array([batch.column(0)]))
                lsoa = pc.utf8_trim_whitespace(pa.chunked_array([batch.column(1)]))
                mask = pc.and_(
                    pc.is_in(postcode, value_set=wanted), pc.match_substring_regex(lsoa, _LSOA)
                )
                table = pa.table({"postcode": postcode, "lsoa_code": lsoa})
                parts.append(table.filter(pc.fill_null(mask, False)))
                done = min(done + _BLOCK, n_bytes)
                progress("read the postcode directory", done // 1024**2, n_bytes // 1024**2)
        except (pa.ArrowException, zlib.error, zipfile.BadZipFile, OSError, EOFError):
            raise _unreadable(onspd.name) from None
    if not parts:
        raise _unreadable(onspd.name)
    progress("read the postcode directory", n_bytes // 1024**2, n_bytes // 1024**2)
    return pa.concat_tables(parts).combine_chunks()


def _reader(stream: IO[bytes], file: str, vintage: str) -> pacsv.CSVStreamingReader:
    first = stream.readline(100_000)
    header = next(csv.reader(io.StringIO(first.decode("utf-8-sig", errors="replace"))), [])
    names = [name.strip().casefold() for name in header]
    postcode = next((name for name in _POSTCODES if name in names), None)
    short = vintage[2:]
    lsoa = next((n for n in (f"lsoa{short}", f"lsoa{short}cd") if n in names), None)
    if postcode is None or lsoa is None:
        lacking = "pcds" if postcode is None else f"lsoa{short}"
        raise CinError(
            f"is not a postcode directory with LSOAs of {vintage}: no column {lacking}",
            file=file,
            place=f"column {lacking}",
            remedy="download the ONS Postcode Directory (ONSPD) from geoportal.statistics.gov.uk "
            "and give it as it is, csv or zip",
        )
    columns = [str(at) for at in range(len(names))]
    wanted = [str(names.index(postcode)), str(names.index(lsoa))]
    try:
        return pacsv.open_csv(
            stream,
            read_options=pacsv.ReadOptions(column_names=columns, block_size=_BLOCK),
            convert_options=pacsv.ConvertOptions(
                include_columns=wanted, column_types=dict.fromkeys(wanted, pa.string())
            ),
        )
    except pa.ArrowException:
        raise _unreadable(file) from None


def _unreadable(file: str) -> CinError:
    return CinError(
        "cannot be read as a postcode directory",
        file=file,
        remedy="download it again; give the csv or the zip as it is",
    )


@contextmanager
def _directory(path: Path) -> Iterator[tuple[IO[bytes], int]]:
    """Open the directory, in the zip it is published in or out of it, as a stream."""
    try:
        if path.suffix.casefold() != ".zip":
            with path.open("rb") as stream:
                yield stream, max(path.stat().st_size, 1)
            return
        with zipfile.ZipFile(path) as archive:
            info = _member(archive, path.name)
            with archive.open(info) as stream:
                yield stream, max(info.file_size, 1)
    except (zipfile.BadZipFile, OSError, RuntimeError, NotImplementedError) as error:
        if isinstance(error, FileNotFoundError):
            raise CinError(
                "there is no such file", file=path.name, remedy="check the name of the file"
            ) from None
        raise _unreadable(path.name) from None


def _member(archive: zipfile.ZipFile, file: str) -> zipfile.ZipInfo:
    """Return the directory among the files of the zip: the largest CSV, of a size it can have."""
    tables = [i for i in archive.infolist() if i.filename.casefold().endswith(".csv")]
    tables = [i for i in tables if not re.search(r"multi_csv|names and codes", i.filename, re.I)]
    largest = max(tables, key=lambda i: i.file_size, default=None)
    if largest is None or largest.file_size > _MOST_BYTES:
        raise CinError(
            "holds no CSV that can be the postcode directory",
            file=file,
            remedy="give the zip of the ONS Postcode Directory as downloaded, or its Data/*.csv",
        )
    return largest


def _write(rows: pa.Table, out: Path) -> None:
    """Write the file at once or not at all."""
    out.parent.mkdir(parents=True, exist_ok=True)
    beside = out.with_name(f"{out.name}.next")
    try:
        with private(), beside.open("w", encoding="utf-8", newline="") as stream:
            writer = csv.writer(stream, lineterminator="\n")
            writer.writerow(COLUMNS)
            columns = [rows.column(name).to_pylist() for name in COLUMNS]
            writer.writerows(
                ["" if v is None else v for v in r] for r in zip(*columns, strict=True)
            )
        beside.replace(out)
    except OSError as error:
        raise CinError(
            f"cannot be written ({error.strerror or type(error).__name__})",
            file=str(out),
            remedy="close programs that hold it open and check that you may write there",
        ) from None
    finally:
        beside.unlink(missing_ok=True)


def _message(file: Path, mask: pa.ChunkedArray, problem: str) -> str | None:
    rows = [at + 1 for at, hit in enumerate(mask.to_pylist()) if hit]
    if not rows:
        return None
    shown = ", ".join(map(str, rows[:_ROWS_SHOWN]))
    more = f" and {len(rows) - _ROWS_SHOWN:,} more" if len(rows) > _ROWS_SHOWN else ""
    return str(
        CinError(
            f"{problem}; not in the output",
            file=file.name,
            place=f"row{'s' if len(rows) > 1 else ''} {shown}{more}",
            remedy="mend the row in your own system and run `cin locate` again",
        )
    )
