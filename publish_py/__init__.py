"""Protect, then render: the site is made of protected values only, by one renderer.

Disclosure control (`protect.py`, limits in `protection.yml`) comes before every renderer, of
pages, pictures, CSV and Excel alike; nothing here fits a model.
"""

from publish_py.export import ExportReport, export
from publish_py.site import SiteReport, report

__all__ = ["ExportReport", "SiteReport", "export", "report"]
