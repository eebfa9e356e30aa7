"""dbt's static documentation as a page of the site: one file that opens from disk."""

from __future__ import annotations

import re

# A path that dbt's build was to fill in, and did not.
_ICON = "${require('./assets/favicons/favicon.ico')}"
# dbt's template names an icon before Angular has filled the name in, and the browser then
# asks for a file called `{{ getIcon(...) }}`. Angular's own prefix makes it wait.
_EARLY = 'xlink:href="{{ getIcon('
_LATE = 'ng-attr-xlink:href="{{ getIcon('
_BODY = re.compile(r"<body[^>]*>")
_BANNER = (
    '<div role="note" style="position:fixed;left:0;right:0;bottom:0;z-index:9999;padding:4px;'
    'text-align:center;font:14px system-ui,sans-serif;color:#7a3412;background:#fff1e6">'
    "<strong>SYNTHETIC</strong> The warehouse described here holds no child’s data. "
    '<a href="index.html">Back to tables and figures</a></div>'
)
_BACK = (
    '<div style="position:fixed;left:0;right:0;bottom:0;z-index:9999;padding:4px;text-align:center;'
    'font:14px system-ui,sans-serif;background:#f5f7f9">'
    '<a href="index.html">Back to tables and figures</a></div>'
)


def dictionary_page(text: str, *, synthetic: bool) -> str:
    """Return dbt's page with a way back, and SYNTHETIC where the input is."""
    page = text.replace(_EARLY, _LATE).replace(_ICON, "data:,")
    note = _BANNER if synthetic else _BACK
    return _BODY.sub(lambda found: found.group() + note, page, count=1)
