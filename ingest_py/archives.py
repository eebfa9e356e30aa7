"""Zip and gzip, and workbooks as the zips they are: opened only within bounds of size and shape.

Everything packed is hostile until measured. What is measured is the data, never what the archive
declares of itself: each member is unpacked in small pieces and given up at the limit. Nothing is
ever written to disk, so a member's path is only a name; a path that tries to be more than that
marks the archive as one to refuse.
"""

from __future__ import annotations

import io
import re
import stat
import struct
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass

from common_py.errors import CinError
from ingest_py.extent import Extent

_CHUNK = 1 << 20
_LOCAL_HEADER = struct.Struct("<4s5H3I2H")
_AGAIN = "download it again from its publisher"
_SAVE_AS = "download it again, or open it in a spreadsheet program and save it as xlsx"


@dataclass(frozen=True)
class Limits:
    """What packed data may become.

    Attributes
    ----------
    ratio, free
        Unpacked bytes a packed byte, once `free` bytes are out: published tables are packed ten
        to thirty times, a bomb a thousand.
    total
        Unpacked bytes in all.
    members
        Files in an archive.
    cells
        Rows times columns of all sheets of a workbook, empty cells included: that is what reading
        it takes.
    """

    ratio: int = 100
    free: int = 64 * 1024**2
    total: int = 2 * 1024**3
    members: int = 2_000
    cells: int = 30_000_000

    def of(self, packed: int) -> int:
        """Return how many bytes `packed` bytes may become."""
        return min(self.total, max(self.free, self.ratio * packed))


LIMITS = Limits()


def bomb(limit: int, place: str | None = None) -> CinError:
    """Return the refusal of something that unpacks to too much."""
    return CinError(
        f"unpacks to more than {limit / 1024**2:,.0f} MB, far more than its size allows for",
        place=place,
        remedy="check that it is the right file; if it is, unpack it and put what is in it here",
    )


def gunzip(data: bytes, limits: Limits = LIMITS) -> bytes:
    """Unpack gzip, of one or several members.

    Raises
    ------
    CinError
        If it is cut short, is no gzip, or unpacks to too much.
    """
    limit = limits.of(len(data))
    parts: list[bytes] = []
    n_out, rest = 0, data
    while rest:
        unpacker = zlib.decompressobj(wbits=31)
        try:
            while rest and not unpacker.eof:
                piece = unpacker.decompress(rest, _CHUNK)
                rest = unpacker.unconsumed_tail
                n_out += len(piece)
                if n_out > limit:
                    raise bomb(limit)
                parts.append(piece)
        except zlib.error as error:
            raise _not_gzip() from error
        if not unpacker.eof:
            raise _not_gzip()
        rest = unpacker.unused_data.lstrip(b"\0")
    return b"".join(parts)


def _not_gzip() -> CinError:
    return CinError(
        "not a complete gzip file", remedy="download it again, or unpack it and put the .csv here"
    )


def unzip(data: bytes, limits: Limits = LIMITS) -> Iterator[tuple[str, bytes]]:
    """Yield name and content of every file of a zip archive, in its order.

    Raises
    ------
    CinError
        If it is damaged, holds another archive, a link, a password or a path that leads out of
        it, or unpacks to too much.
    """
    with _archive(data, "zip archive") as archive:
        infos = [info for info in _infos(archive, limits) if not info.is_dir()]
        for info in infos:
            _check_name(info)
        left = limits.of(len(data))
        for info in infos:
            content = b"".join(_unpacked(data, info, left))
            left -= len(content)
            yield info.filename, content


def check_workbook(data: bytes, limits: Limits = LIMITS) -> None:
    """Refuse an xlsx or ods that would take too much to read, before anything reads it.

    Raises
    ------
    CinError
        If it is no zip, unpacks to too much, or its sheets have more cells than `limits.cells` or
        more text than it may unpack to.
    """
    with _archive(data, "workbook") as archive:
        left = limits.of(len(data))
        extent = Extent(limits.cells, left)
        for info in _infos(archive, limits):
            if info.filename.casefold() == "xl/workbook.bin":
                raise CinError("is a workbook of the kind xlsb, which is not read", remedy=_SAVE_AS)
            part = extent.part(info.filename)
            for piece in _unpacked(data, info, left):
                left -= len(piece)
                part.see(piece)
            part.end()
        extent.hold_text()


def _archive(data: bytes, what: str) -> zipfile.ZipFile:
    try:
        return zipfile.ZipFile(io.BytesIO(data))
    except (zipfile.BadZipFile, OSError, ValueError, struct.error) as error:
        remedy = _AGAIN if what == "zip archive" else _SAVE_AS
        raise CinError(f"not a readable {what}", remedy=remedy) from error


def _infos(archive: zipfile.ZipFile, limits: Limits) -> list[zipfile.ZipInfo]:
    infos = archive.infolist()
    if len(infos) > limits.members:
        raise CinError(
            f"holds {len(infos):,} files; more than {limits.members:,} are not read", remedy=_AGAIN
        )
    for info in infos:
        if info.flag_bits & 0x1:
            raise CinError("is locked by a password", remedy="unpack it and put the files here")
    return infos


def _check_name(info: zipfile.ZipInfo) -> None:
    name = info.orig_filename.replace("\\", "/")
    if name.startswith("/") or re.match(r"[A-Za-z]:", name) or ".." in name.split("/"):
        problem = "a path in it leads out of the archive"
    elif "\0" in name or any(ord(character) < 32 for character in name):
        problem = "a path in it has control characters"
    elif stat.S_ISLNK(info.external_attr >> 16):
        problem = "it holds a link in place of a file"
    elif name.casefold().endswith((".zip", ".gz", ".7z", ".rar", ".tar", ".tgz")):
        problem = "it holds an archive within the archive"
    else:
        return
    raise CinError(problem, remedy="unpack it yourself, look at what is in it, and put that here")


def _unpacked(data: bytes, info: zipfile.ZipInfo, limit: int) -> Iterator[bytes]:
    """Yield a member in pieces, whatever length the archive says it has."""
    packed = _packed(data, info)
    if info.compress_type == zipfile.ZIP_STORED:
        if len(packed) > limit:
            raise bomb(limit)
        yield bytes(packed)
        return
    if info.compress_type != zipfile.ZIP_DEFLATED:
        raise CinError("is packed in a way that is not read", remedy="pack it again as a plain zip")
    unpacker = zlib.decompressobj(wbits=-15)
    rest: bytes | memoryview = packed
    n_out = 0
    while not unpacker.eof:
        try:
            piece = unpacker.decompress(rest, _CHUNK)
        except zlib.error as error:
            raise _damaged() from error
        rest = unpacker.unconsumed_tail
        n_out += len(piece)
        if n_out > limit:
            raise bomb(limit)
        if not piece and not rest and not unpacker.eof:
            raise _damaged()
        yield piece
    if n_out != info.file_size:
        raise _damaged()


def _packed(data: bytes, info: zipfile.ZipInfo) -> memoryview:
    start = info.header_offset
    try:
        header = _LOCAL_HEADER.unpack_from(data, start)
    except struct.error as error:
        raise _damaged() from error
    begin = start + _LOCAL_HEADER.size + header[-2] + header[-1]
    if header[0] != b"PK\3\4" or begin + info.compress_size > len(data):
        raise _damaged()
    return memoryview(data)[begin : begin + info.compress_size]


def _damaged() -> CinError:
    return CinError("the archive is damaged or cut short", remedy=_AGAIN)
