"""Machine-readable output of ``check``: documented, versioned formats (docs/formats.md)."""

from __future__ import annotations

import json
from typing import Any

from .. import __version__
from .found import FileResult, Found
from .readiness import Cell, Row

CHECK_SCHEMA = 1


def finding(found: Found) -> dict[str, Any]:
    """Return one finding; lines and columns are 1-based, columns count characters, the end is exclusive."""
    data: dict[str, Any] = {
        "path": found.path.replace("\\", "/"),
        "line": found.line,
        "column": found.column,
        "end_line": found.end_line,
        "end_column": found.end_column,
        "code": found.code,
        "name": found.name,
        "message": found.message,
        "unit": found.unit,
        "targets": list(found.targets),
        "consequence": found.consequence,
        "why": found.why,
        "help": found.help,
        "fix": found.fix,
        "waits": found.waits or None,
        "edits": [
            {"line": a, "column": b, "end_line": c, "end_column": d, "text": text} for a, b, c, d, text in found.edits
        ],
    }
    if found.cell:
        data["cell"] = found.cell
    return data


def row_json(row: Row) -> dict[str, Any]:
    """Return one row of the readiness table."""
    return {
        "path": row.path.replace("\\", "/"),
        "unit": row.unit,
        "targets": {name: _cell_json(cell) for name, cell in row.cells.items()},
    }


def _cell_json(cell: Cell) -> dict[str, Any]:
    data: dict[str, Any] = {"state": cell.state, "codes": list(cell.codes)}
    return {**data, "within": list(cell.within)} if cell.within else data


def check_json(results: list[FileResult], rows: list[Row], targets: tuple[str, ...], unread: list[str]) -> str:
    """Return the whole result of ``check`` as a JSON document; ``unread`` are errors of paths that aren't there."""
    return _document(
        {
            "version": CHECK_SCHEMA,
            "tool": f"transpile-hybrid {__version__}",
            "targets": list(targets),
            "files": len(results) + len(unread),
            "suppressed": sum(result.suppressed for result in results),
            "diagnostics": [finding(found) for result in results for found in result.found],
            "errors": unread + [result.error for result in results if result.error],
            "readiness": [row_json(row) for row in rows],
        }
    )


def _document(data: dict[str, Any]) -> str:
    """Write an object with a line for each item of its lists: many times faster than indenting all that is in them."""
    encode = json.JSONEncoder(ensure_ascii=False).encode
    parts: list[str] = []
    for key, value in data.items():
        if isinstance(value, list) and value and isinstance(value[0], dict):
            items = ",\n  ".join(map(encode, value))
            parts.append(f" {encode(key)}: [\n  {items}\n ]")
        else:
            parts.append(f" {encode(key)}: {encode(value)}")
    return "{\n" + ",\n".join(parts) + "\n}"


def check_jsonl(results: list[FileResult], unread: list[str]) -> str:
    """Return a JSON object a line: findings (``"kind": "finding"``), then errors (``"kind": "error"``)."""
    lines: list[dict[str, Any]] = [
        {"version": CHECK_SCHEMA, "kind": "finding", **finding(found)} for result in results for found in result.found
    ]
    errors = unread + [result.error for result in results if result.error]
    lines += [{"version": CHECK_SCHEMA, "kind": "error", "message": error} for error in errors]
    return "\n".join(json.dumps(line, ensure_ascii=False) for line in lines)
