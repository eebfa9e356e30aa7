"""The public facts that the project carries: computed from published files, kept as seeds.

`python -m public_py FOLDER` computes them again. The rules of figures are those of the models
(`int_published__figures`), which are built in memory over the folder; what describes areas
(income, residents, ethnic groups) is SQL beside this file.
"""

from public_py.facts import SEEDS, compute, write

__all__ = ["SEEDS", "compute", "write"]
