"""A file of known findings, so that a project can begin with "no new ones".

A finding is known by its code, its unit and the text of its line: lines may move.
"""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import replace
from pathlib import Path

from ..report.found import FileResult, Found

VERSION = 1


class BaselineError(Exception):
    """A baseline that can't be used."""


def _key(found: Found) -> str:
    return f"{found.code} {found.unit}: {found.text}"


def _path(result: FileResult) -> str:
    return result.path.replace("\\", "/")


def baseline(results: list[FileResult]) -> tuple[str, int]:
    """Return the text of a baseline of all findings, and how many they are."""
    table = {
        _path(result): dict(sorted(Counter(_key(found) for found in result.found).items()))
        for result in results
        if result.found
    }
    text = json.dumps({"version": VERSION, "findings": dict(sorted(table.items()))}, indent=1, ensure_ascii=False)
    return text + "\n", sum(len(result.found) for result in results)


def read_baseline(file: str) -> dict[str, dict[str, int]]:
    """Return the table of a baseline.  Raises :class:`BaselineError`."""
    try:
        data = json.loads(Path(file).read_text(encoding="utf-8"))
        if data["version"] != VERSION:
            raise BaselineError(f"{file}: is of version {data['version']}, this tool reads {VERSION}")
        found = data["findings"]
        if not all(isinstance(n, int) for counts in found.values() for n in counts.values()):
            raise TypeError("counts must be numbers")
        return dict(found)
    except OSError as exc:
        raise BaselineError(f"{file}: cannot be read: {exc.strerror or exc}") from exc
    except (ValueError, KeyError, TypeError, AttributeError) as exc:
        raise BaselineError(f"{file}: is no baseline: {exc}") from exc


def subtract(results: list[FileResult], known: dict[str, dict[str, int]]) -> tuple[list[FileResult], int]:
    """Return the results without what is known, and how many known findings are gone."""
    left: list[FileResult] = []
    gone = 0
    for result in results:
        budget = Counter(known.get(_path(result), {}))
        kept: list[Found] = []
        for found in result.found:
            if budget[_key(found)] > 0:
                budget[_key(found)] -= 1
            else:
                kept.append(found)
        gone += sum(budget.values())
        taken = len(result.found) - len(kept)
        left.append(replace(result, found=kept, suppressed=result.suppressed + taken))
    return left, gone


def without_known(file: str, results: list[FileResult]) -> tuple[list[FileResult], int]:
    """Return the results without what the baseline ``file`` lists, and how many of its findings are gone."""
    return subtract(results, read_baseline(file))
