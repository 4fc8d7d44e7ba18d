"""SARIF 2.1.0: what code scanning of GitHub, GitLab, Azure and editors read.  Paths are relative."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import quote

from .. import __version__
from .found import FileResult, Found

_SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
LEVELS = {"silently different": "error", "error": "error", "error for other settings": "warning", "slower": "warning"}
"""How severe a finding is, by its consequence, in the words that GitHub has as well."""


def check_sarif(results: list[FileResult], unread: list[str]) -> str:
    """Return the result of ``check`` as a SARIF log."""
    every = [in_file(found) for result in results for found in result.found]
    codes = sorted({found.code for found in every})
    index = {code: number for number, code in enumerate(codes)}
    errors = [(result.error, result) for result in results if result.error]
    log = {
        "$schema": _SCHEMA,
        "version": "2.1.0",
        "runs": [
            {
                "tool": {
                    "driver": {
                        "name": "transpile-hybrid",
                        "version": __version__,
                        "semanticVersion": __version__,
                        "rules": [_rule(code, every) for code in codes],
                    }
                },
                "columnKind": "unicodeCodePoints",
                "originalUriBaseIds": {"SRCROOT": {"description": {"text": "The folder that the tool was run in."}}},
                "results": [_result(found, index) for found in every],
                "invocations": [
                    {
                        "executionSuccessful": not (errors or unread),
                        "toolExecutionNotifications": [_notification(text, result) for text, result in errors]
                        + [{"level": "error", "message": {"text": text}} for text in unread],
                    }
                ],
            }
        ],
    }
    return json.dumps(log, indent=1, ensure_ascii=False)


def _rule(code: str, every: list[Found]) -> dict[str, Any]:
    from ..rules.registry import find_rule

    name = next(found.name for found in every if found.code == code)
    rule = find_rule(code)
    data: dict[str, Any] = {"id": code, "name": "".join(part.capitalize() for part in name.split("-"))}
    if rule is not None:
        data["shortDescription"] = {"text": rule.doc.splitlines()[0]}
        data["fullDescription"] = {"text": rule.doc}
        data["defaultConfiguration"] = {"level": LEVELS[rule.consequence.value]}
    return data


def _uri(path: str) -> dict[str, str]:
    relative = not (path.startswith(("/", "\\")) or path[1:2] == ":")
    uri = quote(path.replace("\\", "/"), safe="/:")
    return {"uri": uri, "uriBaseId": "SRCROOT"} if relative else {"uri": "file://" + quote(path.replace("\\", "/"))}


def _result(found: Found, index: dict[str, int]) -> dict[str, Any]:
    text = found.message + (f"\n{found.why}" if found.why else "") + (f"\nHelp: {found.help}" if found.help else "")
    data: dict[str, Any] = {
        "ruleId": found.code,
        "ruleIndex": index[found.code],
        "level": LEVELS[found.consequence],
        "message": {"text": text},
        "locations": [
            {
                "physicalLocation": {
                    "artifactLocation": _uri(found.path),
                    "region": _region(found.line, found.column, found.end_line, found.end_column),
                },
                **({"logicalLocations": [{"fullyQualifiedName": found.unit}]} if found.unit else {}),
            }
        ],
        "partialFingerprints": {"transpileHybrid/v1": fingerprint(found)},
        "properties": {"targets": list(found.targets), "consequence": found.consequence},
    }
    if found.edits and found.fix == "safe":
        data["fixes"] = [
            {
                "description": {"text": found.help or found.message},
                "artifactChanges": [
                    {
                        "artifactLocation": _uri(found.path),
                        "replacements": [
                            {"deletedRegion": _region(a, b, c, d), "insertedContent": {"text": new}}
                            for a, b, c, d, new in found.edits
                        ],
                    }
                ],
            }
        ]
    return data


def _region(line: int, column: int, end_line: int, end_column: int) -> dict[str, int]:
    return {"startLine": line, "startColumn": column, "endLine": end_line, "endColumn": end_column}


def _notification(text: str, result: FileResult) -> dict[str, Any]:
    location: dict[str, Any] = {"artifactLocation": _uri(result.path)}
    if result.error_line:
        location["region"] = {"startLine": result.error_line}
    return {"level": "error", "message": {"text": text}, "locations": [{"physicalLocation": location}]}


def in_file(found: Found) -> Found:
    """Return a finding with places in the file itself: of a notebook, the lines of its JSON."""
    if not found.cell:
        return found
    return found._replace(line=found.raw_line, end_line=found.raw_line, column=1, end_column=1, edits=())


def fingerprint(found: Found) -> str:
    """Return what stays the same when lines move: of path, code, unit and the text of the line."""
    from hashlib import blake2b

    text = "\0".join((found.path.replace("\\", "/"), found.code, found.unit, found.text))
    return blake2b(text.encode(), digest_size=16).hexdigest()
