"""The census's rules on one return, at a local authority's desk: XML in, a list of issues out.

`returns` reads the files to a temporary landing, `definitions`, `rendering` and `building` run the
warehouse's own models over it in memory, `workers` and `earlier` join what the analyst has beside
it, `issues` orders the list, `files` and `workbook` write it, `screen` prints counts. No rule
stands here: the models in `models/intermediate/validation` are their one home.
"""

from validate_py.run import Options, Outcome, validate

__all__ = ["Options", "Outcome", "validate"]
