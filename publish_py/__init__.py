"""Protect, then render: the site is made of protected values only, by one renderer.

The first stage of disclosure control (`protect.py`, limits in `protection.yml`) suppresses
small counts and what would give them away directly; nothing here fits a model.
"""

from publish_py.site import SiteReport, report

__all__ = ["SiteReport", "report"]
