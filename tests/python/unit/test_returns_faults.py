"""Bad returns, each with its verdict: refused whole, by name and place, or read with a note.

Time is bounded by the work: the bytes that the parser is given before a return is refused are
counted, whatever the file's size. Clocks are not asked: they measure the machine.

No message may hold what stands in the file: every value here is the same secret word.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from common_py.errors import CinError
from ingest_py.returns import ReturnFile, land_return, read_returns
from ingest_py.returns.source import Limits, ReturnSource
from tests.python.memory import Peak
from tests.python.returns_world import CHILD, HEADER, SECRET, child, message, read_bytes

KID = CHILD.replace("A1", SECRET)
GOOD = message(KID)
DTD = '<!DOCTYPE Message [<!ENTITY a "{}">]>'


@dataclass(frozen=True)
class Bad:
    """One bad return: its bytes, and what the refusal must say, and where."""

    content: bytes | Callable[[], bytes]
    problem: str
    place: str | None = r"line \d+, column \d+"


def _bad(text: str, problem: str, place: str | None = r"line \d+, column \d+") -> Bad:
    return Bad(text.encode(), problem, place)


def _header(old: str, new: str) -> str:
    assert old in HEADER
    return message(KID, HEADER.replace(old, new))


SYNTAX = {
    "empty file": _bad("", "holds no XML"),
    "blanks only": _bad(" \n\t\n", "holds no XML"),
    "a comment only": _bad("<!-- x -->", "holds no XML"),
    "a declaration only": _bad('<?xml version="1.0"?>', "holds no XML"),
    "not XML": _bad(f"{SECRET},1,2\n", "does not begin with an XML element"),
    "a spreadsheet": Bad(b"PK\x03\x04" + b"\x00" * 300, "does not begin with an XML element"),
    "gzip": Bad(b"\x1f\x8b\x08\x00" + b"\x01" * 300, "does not begin with an XML element"),
    "NULs only": Bad(b"\x00" * 1000, "does not begin"),
    "cut in a tag": _bad(GOOD[:-20], "ends before the return is complete"),
    "cut in a start tag": _bad(GOOD[: GOOD.index("<CINdetails") + 5], "ends before"),
    "cut in a value": _bad(GOOD[: GOOD.index(SECRET) + 5], "ends before"),
    "cut between children": _bad(message(KID * 9)[:-21], "ends before"),
    "cut in a comment": _bad(GOOD[:-21] + "<!-- " + SECRET, "comment is not closed|ends before"),
    "cut in a CDATA section": _bad(
        message(child(f"<UPN><![CDATA[{SECRET}"))[:-70], "CDATA|ends before|not closed",
    ),
    "cut in the header": _bad(GOOD[: GOOD.index("<LEA>") + 7], "ends before"),
    "cut in the root tag": _bad("<Message", "start tag is not complete"),
    "wrong end tag": _bad(GOOD.replace("</CINdetails>", "</Cindetails>"), "by the end tag of"),
    "end tag too many": _bad(GOOD + "</Message>", "follows the end"),
    "two returns in a file": _bad(GOOD + GOOD, "follows the end"),
    "text behind the end": _bad(GOOD + SECRET, "follows the end"),
    "an ampersand": _bad(GOOD.replace(SECRET, f"{SECRET} & Co"), "missing after `<` or `&`"),
    "an ampersand before a word": _bad(GOOD.replace(SECRET, f"&{SECRET}"), "&|entity"),
    "an entity nobody declares": _bad(GOOD.replace(SECRET, "&nbsp;"), "entity .* not declared"),
    "less than in a value": _bad(GOOD.replace(SECRET, f"{SECRET}<5"), "not well-formed|name"),
    "a tag of a value": _bad(GOOD.replace(SECRET, f"<{SECRET} {SECRET}>"), "no value|attribute"),
    "an attribute twice": _bad(GOOD.replace("<CINdetails>", "<CINdetails a='1' a='2'>"), "twice"),
    "an attribute without quotes": _bad(
        GOOD.replace("<CINdetails>", f"<CINdetails a={SECRET}>"), "quotes"
    ),
    "less than in an attribute": _bad(
        GOOD.replace("<CINdetails>", f"<CINdetails a='<{SECRET}'>"), "holds `<`"
    ),
    "a prefix nobody declares": _bad(
        GOOD.replace("CINdetails", "x:CINdetails"), "prefix is used|unknown|read"
    ),
    "a NUL in a value": Bad(GOOD.replace(SECRET, "a\x00b").encode(), "XML does not allow"),
    "a control character": _bad(GOOD.replace(SECRET, "a\x0bb"), "XML does not allow"),
    "a reference to a control character": _bad(GOOD.replace(SECRET, "&#8;"), "XML does not allow"),
    "a reference that is no number": _bad(GOOD.replace(SECRET, "&#xZ;"), "not a number|character"),
    "a declaration inside": _bad(
        message(f'<?xml version="1.0"?>{KID}'), "declaration stands inside"
    ),
    "a document type inside": _bad(message("<!DOCTYPE a>" + KID), "not well-formed|name"),
    "the end of CDATA in a value": _bad(GOOD.replace(SECRET, "]]>"), "]]>"),
}  # fmt: skip

NOT_A_RETURN = {
    "another root": _bad("<Census/>", "not a CIN return: .*Census"),
    "another root's case": _bad("<message></message>", "not a CIN return"),
    "a web page": _bad("<html><body>x</body></html>", "not a CIN return"),
    "a web page with a document type": _bad("<!DOCTYPE html><html></html>", "document type"),
    "a namespace": _bad(GOOD.replace("<Message>", '<Message xmlns="urn:x">'), "in a namespace"),
    "a prefixed root": _bad(
        '<c:Message xmlns:c="urn:x"></c:Message>', "not a CIN return",
    ),
    "another collection": _bad(_header(">CIN<", ">SSDA903<"), "another collection", "Collection"),
    "no header": _bad(f"<Message><Children>{KID}</Children></Message>", "LEA.* missing", "LEA"),
    "no authority": _bad(_header("<LEA>805</LEA>", ""), "LEA.* missing", "LEA"),
    "an empty authority": _bad(_header("805", " "), "LEA.* missing", "LEA"),
    "a name for an authority": _bad(_header("805", SECRET), "not a three-digit number", "LEA"),
    "a path for an authority": _bad(_header("805", "../../x"), "not a three-digit number", "LEA"),
    "digits of another script": _bad(_header("805", "٨٠٥"), "not a three-digit number", "LEA"),
    "another authority in a second source": _bad(
        _header("</Header>", "<Source><LEA>806</LEA></Source></Header>"), "LEA twice", "line 1",
    ),
    "another year in a second group": _bad(
        _header(
            "</Header>", "<CollectionDetails><Year>2022</Year></CollectionDetails></Header>"
        ),
        "Year twice", "line 1",
    ),
    "a year that is none": _bad(_header("<Year>2023", f"<Year>{SECRET}"), "year", "Year"),
    "a school year": _bad(_header("<Year>2023", "<Year>2022-23"), "year", "Year"),
    "no year at all": _bad(
        _header(
            "<Year>2023</Year><ReferenceDate>2023-03-31</ReferenceDate>", ""
        ),
        "no census year", "Year",
    ),
    "elements without end": Bad(
        lambda: message("".join(f"<E{i}>x</E{i}>" for i in range(1_200)) + KID).encode(),
        "more than 1,000 kinds", r"line \d+",
    ),
}  # fmt: skip


def _huge(text: str, piece: bytes = b"x", n: int = 64_000_000) -> bytes:
    """Put so many pieces in the place of HUGE, with no more copies of them than it takes."""
    return text.encode().replace(b"HUGE", piece * n)


HOSTILE = {
    "a document type": _bad("<!DOCTYPE Message>" + GOOD, "document type"),
    "an entity": _bad(DTD.format("x") + GOOD, "document type"),
    "a billion laughs": _bad(
        "<!DOCTYPE Message ["
        + '<!ENTITY a "aaaaaaaaaa">'
        + "".join(
            f'<!ENTITY {chr(98 + i)} "{("&" + chr(97 + i) + ";") * 10}">' for i in range(12)
        )
        + f"]>{GOOD.replace(SECRET, '&m;')}",
        "document type",
    ),
    "an entity that holds itself": _bad(
        '<!DOCTYPE Message [<!ENTITY a "&b;"><!ENTITY b "&a;">]>' + GOOD.replace(SECRET, "&a;"),
        "document type",
    ),
    "quadratic blow-up": _bad(
        DTD.format("a" * 50_000) + GOOD.replace(SECRET, "&a;" * 5_000), "document type"
    ),
    "an external entity": _bad(
        '<!DOCTYPE Message [<!ENTITY a SYSTEM "file:///etc/passwd">]>'
        + GOOD.replace(SECRET, "&a;"),
        "document type",
    ),
    "an external document type": _bad(
        '<!DOCTYPE Message SYSTEM "http://127.0.0.1:9/x.dtd">' + GOOD, "document type"
    ),
    "a parameter entity": _bad(
        '<!DOCTYPE Message [<!ENTITY % a SYSTEM "http://127.0.0.1:9/x"> %a;]>' + GOOD,
        "document type",
    ),
    "a document type behind a comment": _bad(
        "<!-- x --><?p y?>\n<!-- <Message> -->" + DTD.format("x") + GOOD, "document type",
        r"line 2, column 19",
    ),
    "a document type in UTF-16": Bad(
        ("\ufeff" + DTD.format("x") + GOOD).encode("utf-16-le"), "document type"
    ),
    "a document type behind a mark": Bad(
        b"\xef\xbb\xbf" + (DTD.format("x") + GOOD).encode(), "document type"
    ),
    "UTF-7": Bad(
        b'<?xml version="1.0" encoding="UTF-7"?>+ADw-Message+AD4-', "do not come in"
    ),
    "EBCDIC": Bad(GOOD.encode("cp037"), "does not begin with an XML element"),
    "EBCDIC declared": _bad('<?xml version="1.0" encoding="cp037"?>' + GOOD, "do not come in"),
    "UTF-32": Bad(("\ufeff" + GOOD).encode("utf-32-le"), "UTF-32"),
    "half a UTF-16 character": Bad(
        b"\xff\xfe" + GOOD.encode("utf-16-le")[:-1], "not UTF-16-LE", "byte"
    ),
    "neither UTF-8 nor CP1252": Bad(
        GOOD.encode().replace(SECRET.encode(), b"\xc3\x28\x81"), "not CP1252", "byte"
    ),
    "a prolog without end": Bad(
        lambda: b"<!--" + b"x" * 3_000_000 + b"-->" + GOOD.encode(), "does not end, or is too long"
    ),
    "a root tag without end": Bad(
        lambda: b"<Message a='" + b"x" * 3_000_000 + b"'>", "start tag is not complete"
    ),
    "a million levels": Bad(
        lambda: (message("{}").replace("{}", "<a>" * 1_000_000)).encode(), "256 deep"
    ),
    "a million levels in a value": Bad(
        lambda: message(child("<UPN>" + "<a>" * 1_000_000)).encode(), "256 deep"
    ),
    "a text of 64 MB": Bad(
        lambda: GOOD.encode().replace(SECRET.encode(), b"x" * 64_000_000), "2,000,000 bytes",
    ),
    "an attribute of 64 MB": Bad(
        lambda: _huge(GOOD.replace("<CINdetails", "<CINdetails a='HUGE'")),
        "2,000,000 bytes",
    ),
    "a comment of 64 MB": Bad(
        lambda: _huge(message("<!--HUGE-->" + KID)), "2,000,000 bytes",
    ),
    "a CDATA section of 64 MB": Bad(
        lambda: GOOD.encode().replace(
            SECRET.encode(), b"<![CDATA[" + b"x" * 64_000_000 + b"]]>"
        ),
        "2,000,000 bytes",
    ),
    "a name of 64 MB": Bad(
        lambda: _huge(message("<HUGE/>" + KID)), "2,000,000 bytes|too long",
    ),
    "a million attributes": Bad(
        lambda: message(
            "<Child " + " ".join(f"a{i}='1'" for i in range(1_000_000)) + "/>"
        ).encode(),
        "2,000,000 bytes",
    ),
    "ten million elements in a child": Bad(
        lambda: _huge(message(child("HUGE")), b"<a/>", 10_000_000), "2,000,000 bytes",
    ),
    "ten million elements in the header": Bad(
        lambda: _huge(_header("</Header>", "HUGE</Header>"), b"<a/>", 10_000_000),
        "2,000,000 bytes",
    ),
    "ten million elements behind the children": Bad(
        lambda: _huge(GOOD.replace("</Message>", "HUGE</Message>"), b"<a/>", 10_000_000),
        "2,000,000 bytes",
    ),
    "64 MB of blanks behind the end": Bad(
        lambda: GOOD.encode() + b" " * 64_000_000, "2,000,000 bytes"
    ),
}  # fmt: skip
FAULTS = {**SYNTAX, **NOT_A_RETURN, **HOSTILE}


MOST_BYTES_MORE = 300_000_000
MOST_BYTES_GIVEN = 10_000_000


@pytest.fixture
def given(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Count the bytes that are handed to the parser, and again where a place is looked up."""
    sizes: list[int] = []
    read = ReturnSource.read

    def counting(self: ReturnSource, size: int = -1) -> bytes:
        chunk = read(self, size)
        sizes.append(len(chunk))
        return chunk

    monkeypatch.setattr(ReturnSource, "read", counting)
    return sizes


@pytest.mark.parametrize("name", FAULTS)
def test_a_bad_return_is_refused_by_name_and_place(
    tmp_path: Path, given: list[int], name: str
) -> None:
    bad = FAULTS[name]
    content = bad.content if isinstance(bad.content, bytes) else bad.content()
    path = tmp_path / "return.xml"
    path.write_bytes(content)
    del content
    _refuse(path, bad, given)


@pytest.mark.slow
def test_a_text_of_a_gigabyte_is_refused(tmp_path: Path, given: list[int]) -> None:
    path = tmp_path / "return.xml"
    before, behind = GOOD.encode().split(SECRET.encode())
    with path.open("wb") as stream:
        stream.write(before)
        stream.writelines(b"x" * (1 << 20) for _ in range(1 << 10))
        stream.write(behind)
    _refuse(path, Bad(b"", "2,000,000 bytes"), given)


def _refuse(path: Path, bad: Bad, given: list[int]) -> None:
    """Hold that a return is refused as it should be, with little memory and little read."""
    with Peak() as peak:
        report = land_return(ReturnFile(path, "return.xml"), path.parent, Limits())
    assert sum(given) < MOST_BYTES_GIVEN
    assert peak.bytes_more < MOST_BYTES_MORE
    assert report.verdict == "refused"
    assert report.reason is not None
    assert re.search(bad.problem, report.reason), report.reason
    if bad.place is not None:
        assert report.place is not None
        assert re.search(bad.place, report.place), report.place
    assert report.remedy
    assert SECRET not in repr(report)


def test_there_are_enough_faults() -> None:
    assert len(FAULTS) >= 60


def test_nothing_of_a_refused_return_lands(tmp_path: Path) -> None:
    data, out = tmp_path / "data", tmp_path / "out"
    folder = data / "census" / "2023" / "returns"
    folder.mkdir(parents=True)
    (folder / "805.xml").write_text(message(KID * 9_000)[:-30], encoding="utf-8")
    (folder / "806.xml").write_text(message().replace("805", "806"), encoding="utf-8")
    files = [ReturnFile.below(data, path) for path in sorted(folder.iterdir())]
    bad, good = read_returns(files, out, workers=1)
    assert (bad.verdict, good.verdict) == ("refused", "read")
    assert bad.file == "census/2023/returns/805.xml"
    landed = sorted(path.relative_to(out).as_posix() for path in out.rglob("*") if path.is_file())
    assert landed == [
        f"{table}/census_year=2023/la_number=806/part-0.parquet"
        for table in ("children", "referrals", "returns")
    ]


def test_a_return_in_the_folder_of_another_year_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CinError, match="census year 2023, the folder 2022") as caught:
        read_bytes(tmp_path, GOOD.encode(), folder_year="2022")
    assert caught.value.remedy == "move the file to census/2023/returns, or mend its header"


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    (report,) = read_returns([ReturnFile(tmp_path / "x.xml", "x.xml")], tmp_path / "out")
    assert (report.verdict, report.sha256) == ("refused", None)


HARMLESS = {
    "a schema location": GOOD.replace(
        "<Message>",
        '<Message xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" '
        'xsi:noNamespaceSchemaLocation="CIN.xsd">',
    ),
    "comments everywhere": f"<!-- a -->{message('<!-- b -->' + KID + '<!-- c -->')}<!-- d -->",
    "a style sheet": '<?xml-stylesheet href="x"?>' + GOOD,
    "a document type in a comment": "<!-- <!DOCTYPE Message> -->" + GOOD,
    "Windows line ends": GOOD.replace("><", ">\r\n<"),
    "one line": GOOD.replace("\n", ""),
    "two groups of children": GOOD.replace("</Message>", f"<Children>{KID}</Children></Message>"),
    "a blank identifier": GOOD.replace(SECRET, ""),
    "the same child twice": message(KID + KID),
}


@pytest.mark.parametrize("name", HARMLESS)
def test_what_is_only_unusual_is_read(tmp_path: Path, name: str) -> None:
    content, kept = read_bytes(tmp_path, HARMLESS[name].encode())
    n = HARMLESS[name].count("<Child>")
    assert content.rows["children"] == n == len(kept.rows("children"))
    assert [row["child_no"] for row in kept.rows("children")] == [str(i + 1) for i in range(n)]
    assert not content.issues
