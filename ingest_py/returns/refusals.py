"""Why a return is refused: the parser's findings in our words, without a value of any child.

libxml2's own messages quote the file (an attribute's name, an entity), so only their codes and
positions are used.
"""

from __future__ import annotations

from lxml import etree

from common_py.errors import CinError

MEND = "export the return again from the case management system; nothing of this file was read"
_CUT = "the file ends before the return is complete"
_CODES = {
    "ERR_DOCUMENT_EMPTY": "the file holds no XML",
    "ERR_DOCUMENT_END": "something follows the end of the return",
    "ERR_TAG_NAME_MISMATCH": "an element is closed by the end tag of another",
    "ERR_TAG_NOT_FINISHED": _CUT,
    "ERR_INVALID_CHAR": "there is a character that XML does not allow",
    "ERR_INVALID_ENCODING": "there are bytes that are not of the file's encoding",
    "ERR_UNDECLARED_ENTITY": "an entity is used that is not declared",
    "ERR_RESOURCE_LIMIT": "elements are nested more than 256 deep, or a text is far too long",
    "ERR_ATTRIBUTE_REDEFINED": "an attribute is given twice",
    "ERR_ATTRIBUTE_WITHOUT_VALUE": "an attribute has no value",
    "ERR_LT_IN_ATTRIBUTE": "an attribute value holds `<`",
    "ERR_ATTRIBUTE_NOT_STARTED": "an attribute value is not in quotes",
    "ERR_NAME_REQUIRED": "a name is missing after `<` or `&`",
    "ERR_NAME_TOO_LONG": "a name is far too long",
    "ERR_GT_REQUIRED": "a tag is not closed by `>`",
    "ERR_ENTITYREF_SEMICOL_MISSING": "an `&` is not written `&amp;`",
    "ERR_MISPLACED_CDATA_END": "text holds `]]>`",
    "ERR_COMMENT_NOT_FINISHED": "a comment is not closed",
    "ERR_CDATA_NOT_FINISHED": "a CDATA section is not closed",
    "ERR_HYPHEN_IN_COMMENT": "a comment holds `--`",
    "ERR_PI_NOT_FINISHED": "a processing instruction is not closed",
    "ERR_RESERVED_XML_NAME": "an XML declaration stands inside the file",
    "ERR_INVALID_CHARREF": "a character reference is not a character XML allows",
    "ERR_INVALID_DEC_CHARREF": "a character reference is not a number",
    "ERR_INVALID_HEX_CHARREF": "a character reference is not a number",
    "NS_ERR_UNDEFINED_NAMESPACE": "a prefix is used that no namespace is declared for",
}


_OF_A_CUT = {
    "ERR_GT_REQUIRED", "ERR_NAME_REQUIRED", "ERR_LTSLASH_REQUIRED", "ERR_COMMENT_NOT_FINISHED",
    "ERR_CDATA_NOT_FINISHED", "ERR_ATTRIBUTE_NOT_FINISHED", "ERR_ENTITYREF_SEMICOL_MISSING",
    "ERR_EQUAL_REQUIRED", "ERR_ATTRIBUTE_NOT_STARTED", "ERR_ATTRIBUTE_WITHOUT_VALUE",
}  # fmt: skip


def refuse(problem: str, file: str, place: str | None = None, remedy: str = MEND) -> CinError:
    """Return the error that refuses a whole return."""
    return CinError(problem, file=file, place=place, remedy=remedy)


def at(line: int, column: int) -> str:
    """Return a place in a file; both count from 1."""
    return f"line {line}, column {column}"


def syntax_refusal(error: etree.XMLSyntaxError, file: str, *, is_cut: bool) -> CinError:
    """Return the refusal for a file that is not well-formed.

    Parameters
    ----------
    error
        What the parser raised.
    file
        The file's name.
    is_cut
        Whether the file does not end as returns do; something unfinished is then a cut.
    """
    name = code_name(error)
    problem = _CODES.get(name, f"it is not well-formed XML ({name})")
    if is_cut and name in _OF_A_CUT:
        problem = _CUT
    place = at(error.lineno, (error.offset or 0) + 1) if error.lineno else None
    return refuse(problem, file, place)


def code_name(error: etree.XMLSyntaxError) -> str:
    """Return libxml2's name of an error."""
    return str(etree.ErrorTypes._getName(error.code, "unknown"))
