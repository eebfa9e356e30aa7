"""Questions to the marts in SQL, and the marts as files: for analysts in the room.

Nothing here is protected: what leaves the room is what `cin release` wrote.
"""

from query_py.ask import Answer, ask
from query_py.export import ExportedMarts, export_marts
from query_py.write import FORMATS, write_answer

__all__ = ["FORMATS", "Answer", "ExportedMarts", "ask", "export_marts", "write_answer"]
