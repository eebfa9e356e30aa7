"""Archives and workbooks to try ingest on: whole, spoiled, and far larger than they look."""

from __future__ import annotations

import gzip
import io
import stat
import struct
import zipfile
import zlib

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq

FIRST_SHEET = "xl/worksheets/sheet1.xml"
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
OFFICE = "urn:oasis:names:tc:opendocument:xmlns:"


def bomb(n_megabytes: int = 100) -> bytes:
    """Return what packs to less than a hundredth."""
    return b"0" * (n_megabytes << 20)


def gzip_bomb() -> bytes:
    """Return the gzip of 300 MB, of which one is packed and then repeated."""
    zeros, check = bomb(1), 0
    packer = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    piece = packer.compress(zeros) + packer.flush(zlib.Z_FULL_FLUSH)
    for _ in range(300):
        check = zlib.crc32(zeros, check)
    end = packer.flush() + struct.pack("<2L", check, 300 << 20)
    return gzip.compress(b"")[:10] + piece * 300 + end


def zipped(*members: tuple[str, bytes], link: bool = False, lie: bool = False) -> bytes:
    """Return a zip; of links, or one whose headers say that the first member is small."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for name, content in members:
            info = zipfile.ZipInfo(name)
            info.external_attr = ((stat.S_IFLNK if link else stat.S_IFREG) | 0o644) << 16
            archive.writestr(info, content, zipfile.ZIP_DEFLATED, compresslevel=1)
    data = stream.getvalue()
    if lie:
        size = struct.pack("<I", len(members[0][1]))
        data = data.replace(size, struct.pack("<I", 100))
    return data


def workbook(
    sheet: str, *, n_sheets: int = 1, strings: str | None = None, at: str = FIRST_SHEET
) -> bytes:
    """Return an xlsx whose sheets all have this XML.

    Parameters
    ----------
    strings
        The XML of the shared texts.
    at
        The member that holds the first sheet.
    """
    book = openpyxl.Workbook()
    for _ in range(n_sheets - 1):
        book.create_sheet()
    stream = io.BytesIO()
    book.save(stream)
    made = io.BytesIO()
    with (
        zipfile.ZipFile(stream) as old,
        zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as new,
    ):
        for info in old.infolist():
            name, content = info.filename, old.read(info)
            if name.startswith("xl/worksheets/"):
                content = sheet.encode()
            elif name.endswith("workbook.xml.rels"):
                content = content.replace(FIRST_SHEET.encode(), at.encode())
            new.writestr(at if name == FIRST_SHEET else name, content)
        if strings is not None:
            new.writestr("xl/sharedStrings.xml", strings)
    return made.getvalue()


def sheet_of(rows: str) -> str:
    """Return the XML of a sheet with these rows."""
    return f'<worksheet xmlns="{MAIN}"><sheetData>{rows}</sheetData></worksheet>'


def cells(*texts: tuple[str, str]) -> str:
    """Return the XML of a sheet with these cells, each in a row of its own."""
    return sheet_of(
        "".join(
            f'<row r="{place.lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ")}">'
            f'<c r="{place}" t="inlineStr"><is><t>{text}</t></is></c></row>'
            for place, text in texts
        )
    )


def strings_of(*texts: str) -> str:
    """Return the XML of shared texts."""
    return f'<sst xmlns="{MAIN}">{"".join(f"<si><t>{text}</t></si>" for text in texts)}</sst>'


def ods(table: str) -> bytes:
    """Return an ods of one sheet with this XML."""
    content = (
        f'<office:document-content xmlns:office="{OFFICE}office:1.0" '
        f'xmlns:table="{OFFICE}table:1.0" xmlns:text="{OFFICE}text:1.0"><office:body>'
        f'<office:spreadsheet><table:table table:name="a">{table}</table:table>'
        "</office:spreadsheet></office:body></office:document-content>"
    )
    kind = "application/vnd.oasis.opendocument.spreadsheet"
    return zipped(
        ("mimetype", kind.encode()), ("content.xml", content.encode()),
        ("META-INF/manifest.xml", b"<manifest/>"),
    )  # fmt: skip


def ods_row(*values: str, times: int = 1, columns: int = 1) -> str:
    """Return a row of texts, repeated, each cell repeated."""
    inside = "".join(
        f'<table:table-cell office:value-type="string" table:number-columns-repeated="{columns}">'
        f"<text:p>{value}</text:p></table:table-cell>"
        for value in values
    )
    return f'<table:table-row table:number-rows-repeated="{times}">{inside}</table:table-row>'


def parquet(table: pa.Table) -> bytes:
    """Return a Parquet file."""
    stream = io.BytesIO()
    pq.write_table(table, stream)
    return stream.getvalue()


def many_cells() -> bytes:
    """Return a small Parquet file of 180 million cells."""
    nothing = pa.nulls(3_000_000, pa.string())
    return parquet(pa.table({f"c{i}": nothing for i in range(60)}))
