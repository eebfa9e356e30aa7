"""The reader of returns takes every value as it stands, and keeps what it does not know."""

from __future__ import annotations

import codecs
from pathlib import Path

import pytest
from lxml import etree

from ingest_py.returns import reader, source
from tests.python.returns_world import CHILD, HEADER, Kept, child, message, read_bytes, read_text

PLAN = "<ChildProtectionPlans><CPPstartDate>2022-06-01</CPPstartDate>{}</ChildProtectionPlans>"
SAMPLES = {
    "CIN_Census_2021.xml": {"children": 1, "cpp_reviews": 1, "assessment_factors": 2},
    "CIN_Census_2024.xml": {"children": 2, "cpp_reviews": 1, "assessment_factors": 3},
    "CIN_Census_2026.xml": {"children": 2, "cpp_reviews": 1, "assessment_factors": 3},
    "fake_CIN_data.xml": {"children": 332, "referrals": 402, "disabilities": 117},
}


@pytest.mark.parametrize("name", SAMPLES)
def test_samples_of_other_tools_are_read_to_the_end(shared: Path, name: str) -> None:
    path = shared / "census" / "samples" / name
    if not path.is_file():
        pytest.skip(f"no {name} among the samples")
    kept = Kept()
    content = reader.read_return(path, name, kept)
    for table, n in SAMPLES[name].items():
        assert content.rows[table] == n == len(kept.rows(table))
    texts = _leaf_texts(path)
    values = [
        value
        for table in kept.batches
        for row in kept.rows(table)
        for column, value in row.items()
        if value is not None and not column.endswith("_no") and table != "unknown_elements"
    ]
    assert sorted(map(str, values)) == sorted(texts)


def _leaf_texts(path: Path) -> list[str]:
    """Return every value in a file that the census structure knows, by lxml alone."""
    root = etree.parse(path).getroot()
    unknown = {leaf for e in root.iter("PreProceedingsandFGDM") for leaf in e.iter()}
    leaves = [e for e in root.find("Children").iter() if not len(e) and e not in unknown]
    return [e.text for e in leaves if e.text and e.text.strip()]


def test_the_coming_pre_proceedings_module_is_kept_as_it_stands(shared: Path) -> None:
    path = shared / "census" / "samples" / "CIN_Census_2026.xml"
    kept = Kept()
    content = reader.read_return(path, path.name, kept)
    (row,) = [r for r in kept.rows("unknown_elements") if r["issue"] == "unknown element"]
    assert row["element_path"] == "Message/Children/Child/CINdetails/PreProceedingsandFGDM"
    assert str(row["raw_xml"]).startswith("<PreProceedingsandFGDM>")
    assert "<CourtAppDate>2026-12-18</CourtAppDate>" in str(row["raw_xml"])
    assert row["child_no"] == "1"
    assert [i.count for i in content.issues if i.issue == "unknown element"] == [1]


def test_stray_text_is_told_and_kept_and_the_value_beside_it_read(shared: Path) -> None:
    path = shared / "census" / "samples" / "CIN_Census_2021.xml"
    kept = Kept()
    content = reader.read_return(path, path.name, kept)
    assert kept.column("children", "upn_unknown") == ["UN3"]
    assert kept.column("children", "birth_date") == ["1965-03-27"]
    (issue,) = content.issues
    assert (issue.issue, issue.first_line) == ("text between elements", 23)


@pytest.mark.parametrize(
    "reviews",
    [
        "<Reviews><CPPreviewDate>1</CPPreviewDate><CPPreviewDate>2</CPPreviewDate>"
        "<CPPreviewDate>3</CPPreviewDate></Reviews>",
        "<Reviews><CPPreviewDate>1</CPPreviewDate></Reviews>"
        "<Reviews><CPPreviewDate>2</CPPreviewDate></Reviews>"
        "<Reviews><CPPreviewDate>3</CPPreviewDate></Reviews>",
        "<Reviews><CPPreviewDate>1</CPPreviewDate><CPPreviewDate>2</CPPreviewDate></Reviews>"
        "<Reviews/><Reviews><CPPreviewDate>3</CPPreviewDate></Reviews>",
    ],
)
def test_every_review_is_read_in_every_form(tmp_path: Path, reviews: str) -> None:
    content, kept = read_text(tmp_path, message(child(PLAN.format(reviews))))
    assert kept.column("cpp_reviews", "review_date") == ["1", "2", "3"]
    assert kept.column("cpp_reviews", "review_no") == ["1", "2", "3"]
    assert not content.issues


def test_an_undated_review_is_a_row(tmp_path: Path) -> None:
    reviews = "<Reviews><CPPreviewDate/><CPPreviewDate>2</CPPreviewDate></Reviews>"
    _, kept = read_text(tmp_path, message(child(PLAN.format(reviews))))
    assert kept.column("cpp_reviews", "review_date") == [None, "2"]


def test_keys_count_in_document_order_within_the_row_above(tmp_path: Path) -> None:
    plans = PLAN.format("") * 2
    two = child(plans + PLAN.format("")).replace(
        "</Child>", f"<CINdetails>{plans}</CINdetails></Child>"
    )
    _, kept = read_text(tmp_path, message(two + child(plans)))
    keys = [
        (row["child_no"], row["referral_no"], row["cp_plan_no"])
        for row in kept.rows("child_protection_plans")
    ]
    assert keys == [
        ("1", "1", "1"), ("1", "1", "2"), ("1", "1", "3"), ("1", "2", "1"), ("1", "2", "2"),
        ("2", "1", "1"), ("2", "1", "2"),
    ]  # fmt: skip


def test_keys_go_on_across_batches(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    section = "<Section47><S47ActualStartDate>d</S47ActualStartDate></Section47>" * 2
    text = message(child(section) * 900)  # the first 64 KB are always read at once
    _, whole = read_text(tmp_path, text)
    monkeypatch.setattr(source, "_CHUNK", 1_000)
    monkeypatch.setattr(reader, "BYTES_AT_ONCE", 1)
    monkeypatch.setattr(reader, "CHILDREN_A_BATCH", 8)
    _, pieces = read_text(tmp_path, text)
    assert len(pieces.batches["children"]) > 1
    for table in ("children", "referrals", "section47"):
        assert pieces.rows(table) == whole.rows(table)
        assert pieces.lines(table) == whole.lines(table)


def test_the_conference_date_is_read_at_both_levels(tmp_path: Path) -> None:
    section = "<Section47><DateOfInitialCPC>in 47</DateOfInitialCPC></Section47>"
    for details in (
        f"<DateOfInitialCPC>in referral</DateOfInitialCPC>{section}",
        f"{section}<DateOfInitialCPC>in referral</DateOfInitialCPC>",
    ):
        _, kept = read_text(tmp_path, message(child(details)))
        assert kept.column("referrals", "initial_cpc_date") == ["in referral"]
        assert kept.column("section47", "initial_cpc_date") == ["in 47"]


@pytest.mark.parametrize("flag", ["0", "1", "true", "false", "TRUE", " 1 ", "yes"])
def test_flags_arrive_as_they_are_spelled(tmp_path: Path, flag: str) -> None:
    _, kept = read_text(tmp_path, message(child(f"<ReferralNFA>{flag}</ReferralNFA>")))
    assert kept.column("referrals", "referral_nfa") == [flag]


@pytest.mark.parametrize("year", range(2017, 2027))
def test_sex_is_read_from_either_element_in_every_year(tmp_path: Path, year: int) -> None:
    header = HEADER.replace("2023", str(year))
    children = child(identifiers="<Sex>F</Sex>") + child(
        identifiers="<GenderCurrent>2</GenderCurrent>"
    )
    content, kept = read_text(tmp_path, message(children, header))
    assert kept.column("children", "sex") == ["F", "2"]
    (issue,) = content.issues
    assert issue.issue == "element of other census years"
    assert issue.path.endswith("GenderCurrent" if year >= 2025 else "Sex")


def test_of_both_sexes_that_of_the_year_counts_and_the_other_is_kept(tmp_path: Path) -> None:
    both = child(identifiers="<Sex>F</Sex><GenderCurrent>2</GenderCurrent>")
    _, kept = read_text(tmp_path, message(both))
    assert kept.column("children", "sex") == ["2"]
    assert kept.column("unknown_elements", "raw_xml") == ["<Sex>F</Sex>"]
    assert kept.column("unknown_elements", "issue") == ["repeated element"]


def test_cin_plans_before_2022_are_read_and_told(tmp_path: Path) -> None:
    plan = "<CINPlanDates><CINPlanStartDate>d</CINPlanStartDate></CINPlanDates>"
    content, kept = read_text(tmp_path, message(child(plan), HEADER.replace("2023", "2021")))
    assert kept.column("cin_plans", "start_date") == ["d"]
    assert [(i.issue, i.count) for i in content.issues] == [("element of other census years", 1)]


def test_empty_groups_are_rows_or_nothing(tmp_path: Path) -> None:
    details = (
        "<Assessments><FactorsIdentifiedAtAssessment/></Assessments><Section47/>"
        "<ChildProtectionPlans><Reviews/></ChildProtectionPlans>"
    )
    content, kept = read_text(
        tmp_path, message(child(details, characteristics="<Disabilities/>") + "<Child/>")
    )
    counts = {table: n for table, n in content.rows.items() if n}
    assert counts == {
        "children": 2, "referrals": 1, "assessments": 1, "section47": 1,
        "child_protection_plans": 1,
    }  # fmt: skip
    assert kept.rows("children")[1]["la_child_id"] is None
    assert not content.issues


ODD = {
    "unknown value": (child("<Foo>x</Foo>"), "unknown element", "<Foo>x</Foo>"),
    "unknown empty element": (child("<Foo/>"), "unknown element", "<Foo/>"),
    "unknown in a flat group": (
        child(identifiers="<Foo/>"), "unknown element", "<Foo/>",
    ),
    "unknown in a list": (
        child(characteristics="<Disabilities><Foo>x</Foo></Disabilities>"),
        "unknown element", "<Foo>x</Foo>",
    ),
    "known in the wrong place": (child("<UPN>x</UPN>"), "unknown element", "<UPN>x</UPN>"),
    "of another group of the row": (
        child(identifiers="<Ethnicity>x</Ethnicity>"), "unknown element",
        "<Ethnicity>x</Ethnicity>",
    ),
    "empty among values only": (
        child("<Section47><Foo/></Section47>"), "unknown element", "<Foo/>",
    ),
    "given twice": (
        child("<ReferralSource>1A</ReferralSource><ReferralSource>2A</ReferralSource>"),
        "repeated element", "<ReferralSource>1A</ReferralSource>",
    ),
    "inside a value": (
        child("<ReferralSource>1A<b>x</b>y</ReferralSource>"), "element inside a value",
        "<b>x</b>y",
    ),
    "text in a row": (child("stray"), "text between elements", "stray"),
    "text between children": (CHILD + "stray" + CHILD, "text between elements", "stray"),
    "text before children": ("stray" + CHILD, "text between elements", "stray"),
    "text behind children": (CHILD + "stray", "text between elements", "stray"),
    "beside children": (CHILD + "<Foo/>" + CHILD, "unknown element", "<Foo/>"),
    "child in a child": (child(CHILD), "unknown element", CHILD),
    "attribute": (
        child('<ReferralSource code="x">1A</ReferralSource>'), "attribute", 'code="x"',
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", ODD)
def test_what_the_census_does_not_know_is_told_and_kept(tmp_path: Path, name: str) -> None:
    children, issue, raw = ODD[name]
    content, kept = read_text(tmp_path, message(children))
    assert [(row["issue"], row["raw_xml"]) for row in kept.rows("unknown_elements")] == [
        (issue, raw)
    ]
    assert [(found.issue, found.count) for found in content.issues] == [(issue, 1)]
    assert content.rows["children"] == children.replace(child(CHILD), CHILD).count("<Child>")


def test_oddities_are_found_in_any_batch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(source, "_CHUNK", 1_000)
    monkeypatch.setattr(reader, "BYTES_AT_ONCE", 1)
    plain, odd = child(), child("<Foo>x</Foo>")
    content, kept = read_text(tmp_path, message((plain + "t" + odd + plain + "<Bar/>") * 500))
    found = [(row["issue"], row["child_no"]) for row in kept.rows("unknown_elements")]
    numbers = [str(3 * i + 2) for i in range(500)]
    assert [no for issue, no in found if issue == "unknown element" and no] == numbers
    counts = {(i.issue, i.path.rpartition("/")[2]): i.count for i in content.issues}
    assert counts == {
        ("text between elements", "Children"): 500,
        ("unknown element", "Foo"): 500,
        ("unknown element", "Bar"): 500,
    }


VALUES = {
    "references": ("&amp;&lt;&#233;&#x20AC;", "&<é€"),
    "CDATA": ("<![CDATA[a<b]]>c", "a<bc"),
    "blanks before CDATA": ("  <![CDATA[a]]>", "  a"),
    "a comment inside": ("a<!-- c -->b", "ab"),
    "blanks before a comment": ("  <!-- c -->b", "  b"),
    "an instruction inside": ("a<?p i?>b", "ab"),
    "blanks around": (" a b ", " a b "),
    "only blanks": ("  ", "  "),
    "line breaks": ("a\nb", "a\nb"),
}


@pytest.mark.parametrize("name", VALUES)
def test_a_value_is_exactly_the_text_of_the_file(tmp_path: Path, name: str) -> None:
    written, value = VALUES[name]
    details = f"<PrimaryNeedCode>{written}</PrimaryNeedCode>"
    content, kept = read_text(tmp_path, message(child(details)))
    assert kept.column("referrals", "primary_need_code") == [value]
    assert not content.issues


NAME = "Zoë – O’Brien"
NOT_UTF_8 = "holds bytes that are not UTF-8: read as Windows-1252 (CP1252)"
DECLARATION = '<?xml version="1.0" encoding="{}"?>\n'
EIGHT_BIT = {
    "UTF-8 undeclared": (b"", "", "utf-8", "utf-8", None),
    "UTF-8 declared": (b"", DECLARATION.format("utf-8"), "utf-8", "utf-8", None),
    "UTF-8 with a mark": (codecs.BOM_UTF8, "", "utf-8", "utf-8", None),
    "UTF-8 with a mark, declared": (
        codecs.BOM_UTF8, DECLARATION.format("UTF-8"), "utf-8", "utf-8", None,
    ),
    "CP1252 declared": (b"", DECLARATION.format("windows-1252"), "cp1252", "cp1252", None),
    "CP1252 declared Latin-1": (b"", DECLARATION.format("ISO-8859-1"), "cp1252", "cp1252", None),
    "CP1252 undeclared": (b"", "", "cp1252", "cp1252", NOT_UTF_8),
    "CP1252 declared UTF-8": (
        b"", DECLARATION.format("UTF-8"), "cp1252", "cp1252", NOT_UTF_8,
    ),
    "CP1252 behind a UTF-8 mark": (codecs.BOM_UTF8, "", "cp1252", "cp1252", NOT_UTF_8),
}  # fmt: skip


@pytest.mark.parametrize("name", EIGHT_BIT)
def test_eight_bit_encodings_declared_or_not(tmp_path: Path, name: str) -> None:
    mark, declaration, written_as, read_as, note = EIGHT_BIT[name]
    details = f"<PrimaryNeedCode>{NAME}</PrimaryNeedCode>"
    body = declaration + message(child() * 500 + child(details))
    content, kept = read_bytes(tmp_path, mark + body.encode(written_as))
    assert kept.column("referrals", "primary_need_code") == [None] * 500 + [NAME]
    assert content.encoding == read_as
    assert content.notes == ((note,) if note else ())
    assert kept.restarts == bool(note)


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("marked", [True, False])
@pytest.mark.parametrize("declared", ["utf-16", "utf-8", None])
def test_utf_16_with_and_without_mark(
    tmp_path: Path, encoding: str, marked: bool, declared: str | None
) -> None:
    mark = {"utf-16-le": codecs.BOM_UTF16_LE, "utf-16-be": codecs.BOM_UTF16_BE}[encoding]
    top = f'<?xml version="1.0" encoding="{declared}"?>\n' if declared else ""
    details = f"<PrimaryNeedCode>{NAME}</PrimaryNeedCode>"
    body = (top + message(child(details) * 500)).encode(encoding)
    content, kept = read_bytes(tmp_path, (mark if marked else b"") + body)
    assert kept.column("referrals", "primary_need_code") == [NAME] * 500
    assert content.encoding == encoding


def test_declared_utf_16_that_is_utf_8_is_read_with_a_note(tmp_path: Path) -> None:
    content, _ = read_text(tmp_path, f'<?xml version="1.0" encoding="utf-16"?>{message()}')
    assert (content.rows["children"], content.encoding) == (1, "utf-8")
    assert content.notes == ("declares UTF-16 and is not: read as UTF-8",)


HEADERS = {
    "year only in the reference date": HEADER.replace("<Year>2023</Year>", ""),
    "no collection details but a date": HEADER.replace("<Collection>CIN</Collection>", ""),
    "no source but LEA": HEADER.replace("<SoftwareCode>SYNTHETIC</SoftwareCode>", "").replace(
        "<SourceLevel>L</SourceLevel>", ""
    ),
    "filing information": HEADER.replace(
        "</Header>", "<Content><CBDSLevels><CBDSLevel>x</CBDSLevel></CBDSLevels></Content></Header>"
    ),
    "two sources that agree": HEADER.replace(
        "</Header>", "<Source><LEA>805</LEA></Source></Header>"
    ),
}


@pytest.mark.parametrize("name", HEADERS)
def test_missing_header_parts_are_tolerated(tmp_path: Path, name: str) -> None:
    content, _ = read_text(tmp_path, message(header=HEADERS[name]))
    assert (content.identity.census_year, content.identity.la_number) == ("2023", "805")
    assert content.rows["children"] == 1


@pytest.mark.parametrize("n", [1, 3000])
def test_a_header_behind_the_children_is_found(tmp_path: Path, n: int) -> None:
    text = f"<Message><Children>{CHILD * n}</Children>{HEADER}</Message>"
    content, kept = read_text(tmp_path, text)
    assert content.identity.la_number == "805"
    assert content.rows["children"] == n == len(kept.rows("children"))


def test_a_return_without_children_is_a_return(tmp_path: Path) -> None:
    for body in ("", "<Children/>"):
        content, _ = read_text(tmp_path, f"<Message>{HEADER}{body}</Message>")
        assert content.rows["children"] == 0


def test_lines_are_those_of_the_elements(tmp_path: Path) -> None:
    text = message(CHILD.replace("><", ">\n<") + "\n" + child("\n\n<Section47/>"))
    _, kept = read_text(tmp_path, text)
    lines = text.split("\n")
    assert [lines[n - 1][:7] for n in kept.lines("children")] == ["<Messag", "<Child>"]
    assert lines[kept.lines("section47")[0] - 1].startswith("<Section47/>")


def test_lines_go_on_beyond_sixteen_bits(tmp_path: Path) -> None:
    text = message("\n".join([CHILD.replace("><", ">\n<")] * 8_000))
    _, kept = read_text(tmp_path, text)
    lines = text.split("\n")
    far = [n for n in kept.lines("children") if n > 70_000]
    assert far
    assert all(lines[n - 1].endswith("<Child>") for n in far)
