"""Findings as plain data: places resolved, lines at hand, so that they cross processes and outlive their trees."""

# Annotations are values here: a NamedTuple would compile each that is text, at every start of the command.
from dataclasses import dataclass, field
from typing import Any, NamedTuple


class Found(NamedTuple):
    """One finding.  Lines and columns are 1-based, columns count characters, ends are exclusive.

    ``path`` is relative to the working directory where it lies below; ``cell`` names the cell or block of a notebook or
    document, whose own line ``line`` then is (for a document: the line of the file).  ``fix`` is the safety of its fix;
    ``edits`` are replacements as (line, column, end line, end column, text); ``frame`` holds the source lines around
    it.  ``last_column`` is the end of a finding within one line, ``text`` its line without indentation, ``block``
    says which block of a Markdown document it is in, ``raw_line`` is the line of a notebook's file.  ``waits`` is the
    safety of a fix that ``rewrite`` has once nothing else stands in the way of the unit.
    """

    path: str
    line: int
    column: int
    end_line: int
    end_column: int
    code: str
    name: str
    message: str
    unit: str
    targets: tuple[str, ...]
    consequence: str
    why: str = ""
    help: str = ""
    fix: str | None = None
    edits: tuple[tuple[int, int, int, int, str], ...] = ()
    frame: tuple[tuple[int, str], ...] = ()
    cell: str = ""
    text: str = ""
    last_column: int = 0
    block: str = ""
    raw_line: int = 0
    waits: str = ""

    @property
    def place(self) -> str:
        """``path:line:column``, with the cell in between where there is one."""
        middle = f"{self.cell}:" if self.cell else ""
        return f"{self.path}:{middle}{self.line}:{self.column}"


class FoundUnit(NamedTuple):
    """A class or function that targets compile, as far as the readiness table needs it.

    ``lines`` are its first and last one (of a notebook's cell, both 0), ``uses`` the path and name of the units that it
    builds or calls.
    """

    name: str
    framework: str
    kind: str
    has_entry: bool
    lines: tuple[int, int] = (0, 0)
    uses: tuple[tuple[str, str], ...] = ()


@dataclass
class FileResult:
    """All that is to be told about one file.  ``suppressed`` counts findings that comments or settings took out."""

    path: str
    found: list[Found] = field(default_factory=list)
    units: list[FoundUnit] = field(default_factory=list)
    error: str = ""
    error_line: int = 0
    internal: str = ""
    suppressed: int = 0
    judged: bool = False
    targets: tuple[str, ...] = ()

    def pack(self) -> tuple[Any, ...]:
        """Return builtin types only (for ``marshal``)."""
        return (
            self.path,
            [tuple(one) for one in self.found],
            [tuple(unit) for unit in self.units],
            self.error, self.error_line, self.internal, self.suppressed, self.judged, self.targets,
        )  # fmt: skip

    @staticmethod
    def unpack(data: tuple[Any, ...]) -> "FileResult":
        """Undo :meth:`pack`."""
        path, found, units, *rest = data
        return FileResult(path, [Found(*one) for one in found], [FoundUnit(*one) for one in units], *rest)
