"""The one error users meet: what is wrong, in which file and place, and what to do."""

from __future__ import annotations


class CinError(Exception):
    """A problem the user can mend.

    Parameters
    ----------
    problem
        What is wrong, in one sentence, without any child-level value.
    file
        The file (or table) it is in, as the user knows it.
    place
        Where in that file: a column, a row number, a sheet.
    remedy
        What to do next, as an instruction.
    """

    def __init__(
        self,
        problem: str,
        *,
        file: str | None = None,
        place: str | None = None,
        remedy: str | None = None,
    ) -> None:
        self.problem = problem
        self.file = file
        self.place = place
        self.remedy = remedy
        super().__init__(str(self))

    def __str__(self) -> str:
        where = ", ".join(part for part in (self.file, self.place) if part)
        text = f"{where}: {self.problem}" if where else self.problem
        return f"{text}\n  remedy: {self.remedy}" if self.remedy else text
