"""Take the values out of a database's error messages: DuckDB prints what it could not cast.

No model casts or keys an identifier in a way that can fail (`try_cast`, hashes). This is the second
line: a model that somebody breaks, or writes, must not put a child into a log.
"""

from __future__ import annotations

import json
import re
import traceback
from pathlib import Path
from typing import Any

from common_py.errors import CinError

SHOW_ERRORS = "CIN_SHOW_ERRORS"
"""The variable that lets an unexpected error be shown as it is."""

_KINDS = "Conversion|Constraint|Out of Range|Invalid Input|Invalid Type|Mismatch Type"
_SAID = re.compile(rf"((?:{_KINDS}) Error: )(.*)\Z", re.DOTALL)
# Spark names each error; these speak of a query and its names, the others may quote a row.
_SPARK = re.compile(r"\[([A-Z][A-Z0-9_]+)(?:\.[A-Z0-9_]+)*\] (.*SQLSTATE.*)\Z", re.DOTALL)
_OF_QUERIES = re.compile(
    "UNRESOLVED_|TABLE_OR_VIEW_|SCHEMA_|PATH_NOT_FOUND|LOCATION_|DATATYPE_|MISSING_|AMBIGUOUS_|"
    "NUM_COLUMNS_|PARSE_SYNTAX_ERROR|COLUMN_"
)
_JAVA = re.compile(r"((?:[a-z_]\w*\.)+\w*(?:Exception|Error)): (.*)\Z", re.DOTALL)
_SIGNS = (" Error: ", "SQLSTATE", "Exception: ")
_LEFT_OUT = "(Spark's words are left out: they may quote a value)"
# What dbt says after it. The last one counts: a value may hold line ends of its own.
_AFTER = re.compile(r"\s*\n\s*(?:LINE \d+:|compiled code at )")
_HARMLESS = re.compile(r"NOT NULL constraint failed: [\w.]+|More than one row returned[^'\"]*")
_TYPE = re.compile(r" to ([A-Z]+\d*)(?:\([\d,]+\))?(?: when casting from source column \w+)?\s*\Z")


def redact(text: str) -> str:
    """Return a message in which the database's own words, which quote values, are left out.

    The kind of error, the type that a value would not become and what dbt adds stay.
    """
    spoken = _SAID.sub(lambda found: found[1] + _without_values(found[2]), text)
    return _JAVA.sub(_class_alone, _SPARK.sub(_without_rows, spoken))


def _without_rows(found: re.Match[str]) -> str:
    """Keep the name of Spark's error, and what it says where that is of the query alone."""
    if _OF_QUERIES.match(found[1]):
        return found[0].partition(";\n")[0].partition("\n\tat ")[0]
    return f"[{found[1]}] {_LEFT_OUT}"


def _class_alone(found: re.Match[str]) -> str:
    return f"{found[1]} {_LEFT_OUT}"


def _without_values(said: str) -> str:
    after = max((found.start() for found in _AFTER.finditer(said)), default=len(said))
    words, rest = said[:after], said[after:]
    if _HARMLESS.fullmatch(words.strip()):
        return said
    type_ = _TYPE.search(words.partition("\n\nLINE ")[0])
    what = f"a value does not fit {type_[1]}" if type_ else "a value does not fit"
    return f"{what} (the database's words are left out: they quote it){rest}"


def unexpected(error: Exception) -> CinError:
    """Return an error that nobody foresaw, without its words: a library's may quote a row."""
    frames = traceback.extract_tb(error.__traceback__)
    places = " > ".join(f"{Path(one.filename).name}:{one.lineno}" for one in frames[-4:])
    return CinError(
        f"unexpected {type(error).__name__} at {places}; what it says is left out, because it may "
        "quote a row",
        remedy=f"tell the maintainers this line; set {SHOW_ERRORS}=1 to see the whole error, and "
        "keep that in the room",
    )


def redact_files(target: Path) -> None:
    """Redact dbt's account of a run: `run_results.json` and its logs, in place."""
    for path in (target / "run_results.json", *(target / "logs").glob("dbt.log*")):
        try:
            text = path.read_text("utf-8", errors="replace")
        except OSError:
            continue
        if not any(sign in text for sign in _SIGNS):
            continue
        if path.suffix == ".json":
            clean = json.dumps(_walk(json.loads(text)))
        else:
            clean = "".join(_line(line) for line in text.splitlines(keepends=True))
        if clean != text:
            path.write_text(clean, "utf-8")


def _line(line: str) -> str:
    try:
        return json.dumps(_walk(json.loads(line))) + "\n"
    except json.JSONDecodeError:
        return redact(line)


def _walk(content: Any) -> Any:
    if isinstance(content, str):
        return redact(content)
    if isinstance(content, list):
        return [_walk(one) for one in content]
    if isinstance(content, dict):
        return {name: _walk(one) for name, one in content.items()}
    return content
