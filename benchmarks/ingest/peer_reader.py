"""Read a return with the peer reader, in the peer's own environment; prints one JSON line.

    <peer python> benchmarks/ingest/peer_reader.py FILE [FIRST_N_CHILDREN]

Needs csc-validator-be-cin==0.1.13, numpy<2 and pytest<8. Nothing of this project is imported.
"""

from __future__ import annotations

import json
import sys
import time
from xml.etree import ElementTree

from cin_validator.ingress import XMLtoCSV  # type: ignore[import-not-found]

if __name__ == "__main__":
    started = time.process_time()
    root = ElementTree.parse(sys.argv[1]).getroot()
    children = root.find("Children")
    assert children is not None
    if len(sys.argv) > 2:
        for child in list(children)[int(sys.argv[2]) :]:
            children.remove(child)
    n_reviews = sum(1 for _ in children.iter("CPPreviewDate"))
    tables = XMLtoCSV(root)
    print(
        json.dumps(
            {
                "children": len(children),
                "seconds": round(time.process_time() - started, 2),
                "reviews_in_file": n_reviews,
                "reviews_read": len(tables.Reviews),
            }
        )
    )
