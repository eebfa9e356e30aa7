"""Inputs to landing: the format changes, never the meaning.

What users drop into the data folder (the census extract, location files, published reference
files) becomes text Parquet, with file, row and hash; files that cannot be read are refused by
name, rows that cannot be placed are set aside with reason and position. `landing_schema` declares
every table, `layouts` every published layout, `run.ingest` is the way in.
"""

from ingest_py.run import IngestReport, ingest

__all__ = ["IngestReport", "ingest"]
