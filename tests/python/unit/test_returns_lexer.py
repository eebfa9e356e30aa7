"""The fast way through plain children gives the same rows as lxml's tree, or stands back."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from benchmarks.ingest.full_return import write_full_return
from ingest_py.returns import reader, source, structure
from ingest_py.returns.reader import ReturnContent
from ingest_py.returns.tag_names import TagNames
from ingest_py.returns.tree import TreeReader
from ingest_py.returns.window import Window
from tests.python.returns_world import HEADER, Kept, message, read_bytes

PLAIN = """
<Child>
  <ChildIdentifiers>
    <LAchildID>A1</LAchildID>
    <UPN>B2</UPN>
    <PersonBirthDate>2010-01-01</PersonBirthDate>
    <GenderCurrent>1</GenderCurrent>
  </ChildIdentifiers>
  <ChildCharacteristics>
    <Ethnicity>WBRI</Ethnicity>
    <Disabilities><Disability>HAND</Disability><Disability>HEAR</Disability></Disabilities>
  </ChildCharacteristics>
  <CINdetails>
    <CINreferralDate>2022-05-01</CINreferralDate>
    <DateOfInitialCPC>2022-05-02</DateOfInitialCPC>
    <Assessments>
      <AssessmentActualStartDate>2022-05-03</AssessmentActualStartDate>
      <FactorsIdentifiedAtAssessment><AssessmentFactors>1A</AssessmentFactors>
      </FactorsIdentifiedAtAssessment>
    </Assessments>
    <Section47><DateOfInitialCPC>2022-05-04</DateOfInitialCPC></Section47>
    <ReferralNFA>0</ReferralNFA>
    <ChildProtectionPlans>
      <CPPstartDate>2022-06-01</CPPstartDate>
      <Reviews><CPPreviewDate>2022-07-01</CPPreviewDate></Reviews>
      <Reviews><CPPreviewDate>2022-08-01</CPPreviewDate><CPPreviewDate>c</CPPreviewDate></Reviews>
    </ChildProtectionPlans>
  </CINdetails>
</Child>"""
NFA, UPN = "<ReferralNFA>0</ReferralNFA>", "<UPN>B2</UPN>"

PROLOG = source.Limits().prolog_bytes
SHORT_PROLOG = 4_096  # a short return is longer, and its children are read in many pieces

PIECES = {65_536: (PROLOG, 60), 1_111: (SHORT_PROLOG, 10)}
"""Of so many bytes: what is read as prolog, and the children on either side of a change."""

LAST_EXACT = 65_534  # beyond, libxml2 tells the line of the first value in an element

CHANGES = {
    "nothing": ("", ""),
    "a group in another order": (NFA, NFA + "<PrimaryNeedCode>N1</PrimaryNeedCode>"),
    "a blank value": (UPN, "<UPN>  </UPN>"),
    "an empty value": (UPN, "<UPN></UPN>"),
    "an empty tag": (UPN, "<UPN/>"),
    "an empty group": ("<Section47>", "<Section47></Section47><Section47>"),
    "an empty group's tag": ("<Section47>", "<Section47/><Section47>"),
    "an empty list": ("<Reviews>", "<Reviews></Reviews><Reviews>"),
    "a value of several lines": ("A1", "A\n1"),
    "Windows line ends in a value": ("A1", "A\r\n1"),
    "Windows line ends": ("\n", "\r\n"),
    "a reference": ("A1", "A&amp;1"),
    "a character reference": ("A1", "A&#65;1"),
    "another script": ("A1", "Zoë – 中"),
    "greater than": ("A1", "A>1"),
    "an equals sign": ("A1", "A=1"),
    "an attribute": (UPN, "<UPN a='1'>B2</UPN>"),
    "an attribute of a child": ("<Child>", "<Child a='1'>"),
    "blanks in a start tag": (UPN, "<UPN >B2</UPN>"),
    "blanks in an end tag": (UPN, "<UPN>B2</UPN >"),
    "a blank for a letter behind an end tag": (UPN, "<UPN>B2</UPN >x"),
    "a line break in a child's tag": ("<Child>", "<Child\n>"),
    "blanks in a child's end tag": ("</Child>", "</Child >"),
    "a comment": (UPN, f"<!-- {UPN} -->{UPN}"),
    "a comment that looks like children": (
        "<ChildIdentifiers>", f"<!-- {PLAIN} --><ChildIdentifiers>",
    ),
    "an instruction that looks like a child": (
        "<ChildIdentifiers>", "<?x </Child><Child> ?><ChildIdentifiers>",
    ),
    "a CDATA section that looks like a child": ("A1", "<![CDATA[</Child><Child>]]>"),
    "an unknown value": (UPN, "<UPM>B2</UPM>"),
    "an unknown long name": (UPN, "<ExpectedPersonBirthdate>B2</ExpectedPersonBirthdate>"),
    "an unknown longer name": (UPN, f"<{'N' * 90}>B2</{'N' * 90}>"),
    "an unknown group": (
        NFA, f"{NFA}<PreProceedings><PPStartDate>d</PPStartDate></PreProceedings>",
    ),
    "a known value in the wrong place": (NFA, NFA + UPN),
    "a known group in the wrong place": (
        NFA, NFA + "<Reviews><CPPreviewDate>d</CPPreviewDate></Reviews>",
    ),
    "a value twice": (UPN, UPN + "<UPN>B3</UPN>"),
    "a group twice": (
        "</ChildIdentifiers>",
        "</ChildIdentifiers><ChildIdentifiers><UPN>C</UPN></ChildIdentifiers>",
    ),
    "an element in a value": (UPN, "<UPN>B<b>2</b></UPN>"),
    "a value in a value": (UPN, f"<UPN>{UPN}</UPN>"),
    "text in a row": (NFA, "stray" + NFA),
    "a character in a row": (NFA, "." + NFA),
    "a no-break space in a row": (NFA, "\u00a0" + NFA),
    "text behind a child": ("</Child>", "</Child>stray"),
    "an element behind a child": ("</Child>", "</Child><Foo/>"),
    "a value behind a child": ("</Child>", f"</Child>{UPN}"),
    "an empty child": ("</Child>", "</Child><Child></Child>"),
    "an empty child's tag": ("</Child>", "</Child><Child/>"),
    "an empty child before": ("<Child>", "<Child></Child><Child>"),
    "a child in a child": (NFA, NFA + "<Child><CINdetails></CINdetails></Child>"),
    "both sexes": (UPN, UPN + "<Sex>M</Sex>"),
    "the sex of other years": ("<GenderCurrent>1</GenderCurrent>", "<Sex>M</Sex>"),
    "the end of children and new ones": ("</Child>", "</Child></Children>\n<Children>"),
}  # fmt: skip


def _both(
    folder: Path, content: bytes, monkeypatch: pytest.MonkeyPatch, prolog: int = PROLOG
) -> list[tuple[ReturnContent, Kept]]:
    """Read a return the fast way where it can be gone, and from the tree alone."""
    limits = source.Limits(prolog_bytes=prolog)
    fast = read_bytes(folder, content, limits=limits)
    with monkeypatch.context() as patch:
        patch.setattr(Window, "read", lambda *_: None)
        slow = read_bytes(folder, content, limits=limits)
    return [fast, slow]


def _assert_same(fast: tuple[ReturnContent, Kept], slow: tuple[ReturnContent, Kept]) -> None:
    assert [(i.issue, i.path, i.count) for i in fast[0].issues] == [
        (i.issue, i.path, i.count) for i in slow[0].issues
    ]
    assert fast[0].rows == slow[0].rows
    for table in fast[0].rows:
        assert fast[1].rows(table) == slow[1].rows(table)
        lines = zip(fast[1].lines(table), slow[1].lines(table), strict=True)
        assert all(one == other or other > LAST_EXACT for one, other in lines)


@pytest.mark.parametrize("name", CHANGES)
@pytest.mark.parametrize("chunk", PIECES)
def test_the_two_ways_give_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, chunk: int
) -> None:
    monkeypatch.setattr(source, "_CHUNK", chunk)
    monkeypatch.setattr(reader, "BYTES_AT_ONCE", chunk)
    prolog, n_around = PIECES[chunk]
    old, new = CHANGES[name]
    changed = PLAIN.replace(old, new, 1 if "line ends" not in name else -1) if old else PLAIN
    children = PLAIN * n_around + changed + PLAIN + changed * 2 + PLAIN * n_around
    top = '<?xml version="1.0"?>\n<!-- <Children><Child> -->\n'
    content = (top + message(children, HEADER)).encode()
    assert len(content) > prolog
    _assert_same(*_both(tmp_path, content, monkeypatch, prolog))


N_PLAIN = 700
"""Children of several pieces as they are read by default."""


def test_plain_children_never_go_through_the_tree(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "full.xml"
    write_full_return(path, N_PLAIN)
    content = path.read_bytes()
    _assert_same(*_both(tmp_path, content, monkeypatch))
    read = TreeReader.read

    def refuse_children(self: TreeReader, elements: list[object], plans: object) -> object:
        assert not elements
        return read(self, elements, plans)  # type: ignore[arg-type]

    monkeypatch.setattr(TreeReader, "read", refuse_children)
    kept = Kept()
    result = reader.read_return(path, "full.xml", kept)
    assert result.rows["children"] == N_PLAIN
    assert result.rows["cpp_reviews"] == content.count(b"<CPPreviewDate>")


def test_children_put_together_at_random_are_read_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rng = np.random.default_rng(4)
    variants = [PLAIN.replace(old, new, 1) for old, new in CHANGES.values() if old]
    for _ in range(40):
        monkeypatch.setattr(source, "_CHUNK", int(rng.integers(300, 9_000)))
        monkeypatch.setattr(reader, "BYTES_AT_ONCE", int(rng.integers(1, 20_000)))
        children = [PLAIN] * 40
        for _ in range(int(rng.integers(0, 6))):
            children[rng.integers(len(children))] = variants[rng.integers(len(variants))]
        content = message("".join(children)).encode()
        _assert_same(*_both(tmp_path, content, monkeypatch, SHORT_PROLOG))


def test_names_are_told_apart_to_the_last_letter() -> None:
    names = sorted({element.name for element in structure.message().walk()})
    known = TagNames(names)
    rng = np.random.default_rng(1)
    for name in names:
        assert _number(known, name) == names.index(name)
        for at in range(len(name)):
            other = name[:at] + chr(int(rng.integers(97, 123))) + name[at + 1 :]
            for word in (other, name[:at] + name[at + 1 :], name + name[at]):
                assert _number(known, word) == (names.index(word) if word in names else None)


def _number(known: TagNames, name: str) -> int | None:
    text = f"<{name}>{'z' * 40}".encode()
    found = known.read(text, np.array([1]), np.array([len(name)]))
    return None if found is None else int(found[0])
