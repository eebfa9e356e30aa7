"""Returns to try the reader on: whole ones, bits of ones, and what was read. SYNTHETIC."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import pyarrow as pa

from ingest_py.returns import read_return
from ingest_py.returns.reader import ReturnContent
from ingest_py.returns.source import Limits

SECRET = "TOPSECRETCHILD"  # noqa: S105 - stands for a child's value
HEADER = (
    "<Header><CollectionDetails><Collection>CIN</Collection><Year>2023</Year>"
    "<ReferenceDate>2023-03-31</ReferenceDate></CollectionDetails><Source><SourceLevel>L"
    "</SourceLevel><LEA>805</LEA><SoftwareCode>SYNTHETIC</SoftwareCode><Release>1</Release>"
    "<SerialNo>001</SerialNo><DateTime>2023-07-01T12:00:00</DateTime></Source></Header>"
)
CHILD = (
    "<Child><ChildIdentifiers><LAchildID>A1</LAchildID><GenderCurrent>1</GenderCurrent>"
    "</ChildIdentifiers><ChildCharacteristics><Ethnicity>WBRI</Ethnicity></ChildCharacteristics>"
    "<CINdetails><CINreferralDate>2022-05-01</CINreferralDate><ReferralNFA>0</ReferralNFA>"
    "</CINdetails></Child>"
)


def message(children: str = CHILD, header: str = HEADER) -> str:
    """Return a whole return around children."""
    return f"<Message>{header}<Children>{children}</Children></Message>"


def child(details: str = "", identifiers: str = "", characteristics: str = "") -> str:
    """Return a child with one referral that holds `details`."""
    return (
        f"<Child><ChildIdentifiers><LAchildID>A1</LAchildID>{identifiers}</ChildIdentifiers>"
        f"<ChildCharacteristics>{characteristics}</ChildCharacteristics>"
        f"<CINdetails>{details}</CINdetails></Child>"
    )


@dataclass
class Kept:
    """A sink that keeps everything."""

    batches: dict[str, list[pa.RecordBatch]] = field(default_factory=dict)
    restarts: int = 0

    def add(self, table: str, batch: pa.RecordBatch) -> None:
        """Take rows."""
        self.batches.setdefault(table, []).append(batch)

    def restart(self) -> None:
        """Forget them."""
        self.batches.clear()
        self.restarts += 1

    def rows(self, table: str) -> list[dict[str, object]]:
        """Return the rows of a table, without where they came from."""
        found = [row for batch in self.batches.get(table, []) for row in batch.to_pylist()]
        for row in found:
            del row["source_file"], row["source_row"]
        return found

    def column(self, table: str, name: str) -> list[object]:
        """Return one column of a table."""
        return [row[name] for row in self.rows(table)]

    def lines(self, table: str) -> list[int]:
        """Return the lines of the rows of a table."""
        return [n for b in self.batches.get(table, []) for n in b.column("source_row").to_pylist()]


def read_bytes(
    folder: Path,
    content: bytes,
    *,
    folder_year: str | None = None,
    limits: Limits | None = None,
) -> tuple[ReturnContent, Kept]:
    """Write a file, read it, and return what it held."""
    path = folder / "return.xml"
    path.write_bytes(content)
    kept = Kept()
    return read_return(path, "return.xml", kept, folder_year=folder_year, limits=limits), kept


def read_text(folder: Path, text: str) -> tuple[ReturnContent, Kept]:
    """Read a return written as UTF-8."""
    return read_bytes(folder, text.encode())
