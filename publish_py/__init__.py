"""Protect, audit, render, package: what is seen is made of protected values only.

Disclosure control comes before every renderer, of pages, pictures, CSV and Excel alike:
`released.py` and `pattern.py` for the tables of a release, `protect.py` for the site, limits in
`seeds/rules/protection.csv`. `audit.py` attacks a release as an intruder would. `releasing.py`
publishes all of it, or nothing, behind the gates of `gates.py`. Nothing here fits a model.
"""

from common_py.release_names import check_version
from publish_py.export import ExportReport, export
from publish_py.releasing import ReleaseReport, release
from publish_py.sacro import SacroReport, sacro_folder
from publish_py.site import SiteReport, report

__all__ = [
    "ExportReport",
    "ReleaseReport",
    "SacroReport",
    "SiteReport",
    "check_version",
    "export",
    "release",
    "report",
    "sacro_folder",
]
