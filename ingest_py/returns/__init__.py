"""XML returns of the CIN census, every year from 2017 on, to landing: format only.

`structure.csv` says what a return holds, by year; `source` guards the file, `reader` reads it once,
`rows` and `batches` make Arrow record batches, `oddities` finds what the census does not know and
`account` keeps it,
`submissions` chooses among resubmissions, `land` writes partitions over all cores.
"""

from ingest_py.returns.land import ReturnReport, land_return, read_returns
from ingest_py.returns.reader import read_return
from ingest_py.returns.submissions import ReturnFile, choose_submissions, peek

__all__ = [
    "ReturnFile",
    "ReturnReport",
    "choose_submissions",
    "land_return",
    "peek",
    "read_return",
    "read_returns",
]
