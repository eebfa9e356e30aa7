"""What the search box finds: authorities, tables, figures and sections, as a script."""

from __future__ import annotations

import json
from collections.abc import Sequence

from publish_py.render import Content


def search_script(content: Content, pages: Sequence[tuple[str, str]]) -> str:
    """Return a script that gives the search box its entries.

    A script, because a page opened from disk may not read a data file.
    """
    entries = [
        *((title, "Page", f"{name}.html") for name, title in pages),
        *((view.la["la_name"], view.la["region_name"], view.file) for view in content.authorities),
        *((view.full_title, "Table", f"index.html#{view.slug}") for _, view in content.tables),
        *(
            (f"{figure.number}. {figure.title}", "Figure", f"index.html#{figure.name}")
            for figure in content.figures
        ),
        *((view.title, "Test", f"checks.html#{view.slug}") for view in content.checks),
        *(
            (view.title, "Real public results", f"public.html#{view.slug}")
            for view in (content.public.tables if content.public else ())
        ),
        *((f"Map: {one.title}", "Map", f"authorities.html#{one.name}") for one in content.maps),
        *(
            (one.title, "Inconsistency", f"inconsistencies.html#inconsistency-{number}")
            for number, one in enumerate(content.inconsistencies, start=1)
        ),
    ]
    found = [{"title": title, "kind": kind, "href": href} for title, kind, href in entries]
    return f"window.CIN_PAGES = {json.dumps(found, ensure_ascii=True)};\n"
