"""Machine-readable output of ``check``: a documented, versioned format (docs/formats.md)."""

from __future__ import annotations

import json
from typing import Any

from .. import __version__
from ..api import FileReport
from ..diagnostics import Diagnostic
from ..source.source import Source
from .readiness import Row

CHECK_SCHEMA = 1


def diagnostic_json(source: Source, diagnostic: Diagnostic) -> dict[str, Any]:
    """Return one finding; lines and columns are 1-based, columns count characters, the end is exclusive."""
    line, column = source.position(diagnostic.span.start)
    end_line, end_column = source.position(diagnostic.span.end)
    return {
        "path": source.path,
        "line": line,
        "column": column,
        "end_line": end_line,
        "end_column": end_column,
        "code": diagnostic.code,
        "name": diagnostic.name,
        "message": diagnostic.message,
        "unit": diagnostic.unit,
        "targets": list(diagnostic.targets),
        "consequence": diagnostic.consequence.value,
        "why": diagnostic.why,
        "help": diagnostic.help,
        "fix": diagnostic.fix.safety if diagnostic.fix else None,
    }


def check_json(reports: list[FileReport], rows: list[Row], targets: tuple[str, ...], unread: list[str]) -> str:
    """Return the whole result of ``check`` as a JSON document; ``unread`` are errors of files that could not be read."""
    return json.dumps(
        {
            "version": CHECK_SCHEMA,
            "tool": f"transpile-hybrid {__version__}",
            "targets": list(targets),
            "files": len(reports) + len(unread),
            "diagnostics": [
                diagnostic_json(report.source, diagnostic) for report in reports for diagnostic in report.diagnostics
            ],
            "errors": unread + [report.error for report in reports if report.error],
            "readiness": [
                {
                    "path": row.path,
                    "unit": row.unit,
                    "targets": {name: {"state": c.state, "codes": list(c.codes)} for name, c in row.cells.items()},
                }
                for row in rows
            ],
        },
        indent=1,
        ensure_ascii=False,
    )
