"""Machine-readable output of ``verify``: a documented, versioned format (docs/formats.md)."""

from __future__ import annotations

import json
from typing import Any

from .. import __version__
from ..verify.verdict import VERDICT_SCHEMA, Verdict


def verify_document(verdicts: list[Verdict]) -> dict[str, Any]:
    """Return the result of ``verify`` as JSON-ready data.

    With exactly one unit, ``equivalent``, ``speed``, ``ratio``, ``interval`` and ``reason`` stand at the top level too.
    """
    document: dict[str, Any] = {
        "version": VERDICT_SCHEMA,
        "tool": f"transpile-hybrid {__version__}",
        "units": [verdict.to_json() for verdict in verdicts],
    }
    if len(verdicts) == 1:
        only = verdicts[0].to_json()
        top = ("unit", "target", "equivalent", "speed", "ratio", "interval", "reason")
        document.update({key: only[key] for key in top})
    return document


def verify_json(verdicts: list[Verdict]) -> str:
    """Return the result of ``verify`` as a JSON document."""
    return json.dumps(verify_document(verdicts), indent=1, ensure_ascii=False)
