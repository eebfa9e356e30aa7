"""Protect, then render: the site is made of protected values only, by one renderer.

Disclosure control comes before every renderer, of pages, pictures, CSV and Excel alike:
`released.py` and `pattern.py` for the tables of a release, `protect.py` for the site, limits in
`seeds/rules/protection.csv`. `audit.py` attacks a release as an intruder would. Nothing here
fits a model.
"""

from publish_py.export import ExportReport, export
from publish_py.site import SiteReport, report

__all__ = ["ExportReport", "SiteReport", "export", "report"]
