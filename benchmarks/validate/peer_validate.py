"""Validate a return with the peer, in the peer's own environment; prints a JSON line a step.

    <peer python> benchmarks/validate/peer_validate.py FILE RULESET OUTPUT.csv

Needs csc-validator-be-cin==0.1.13, numpy<2 and pytest<8. It does what `python -m cin_validator run
FILE -r RULESET -o` does. Nothing of this project is imported.
"""

from __future__ import annotations

import importlib
import json
import sys
import time
from xml.etree import ElementTree

from cin_validator import cin_validator  # type: ignore[import-not-found]

if __name__ == "__main__":
    file, ruleset, output = sys.argv[1:]
    started = time.perf_counter()
    tables = cin_validator.process_data(
        cin_validator.convert_data(ElementTree.parse(file).getroot())
    )
    read = time.perf_counter()
    print(json.dumps({"read_seconds": round(read - started, 1)}), flush=True)
    registry = importlib.import_module(f"cin_validator.rules.{ruleset}").registry
    validator = cin_validator.CinValidator(tables, registry)
    validator.user_report.to_csv(output)
    print(
        json.dumps(
            {
                "rules_seconds": round(time.perf_counter() - read, 1),
                "rules": len(registry),
                "rules_broken": len(validator.rules_broken),
                "lines": len(validator.user_report),
            }
        )
    )
