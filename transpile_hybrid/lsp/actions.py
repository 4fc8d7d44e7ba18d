"""Code actions: mend this, convert this class, mend all in the file, ignore this."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..run.add_ignores import with_ignores
from ..source.source import Source
from .buffer import Buffer, split_lines
from .documents import Range, Replacement, Shown, client_range
from .rewriting import differences

QUICK, FIX_ALL, FIX_ALL_UNSAFE = "quickfix", "source.fixAll.transpile-hybrid", "source.transpile-hybrid.fixAllUnsafe"
CONVERT = "refactor.rewrite.transpile-hybrid"
KINDS = [QUICK, FIX_ALL, FIX_ALL_UNSAFE, CONVERT]
_BECOMES = {"mxnet": "to HybridBlock", "torch": "for its compiler", "tensorflow": "for tf.function"}
_MAX_TITLE = 72


def wants(kind: str, only: Sequence[str] | None) -> bool:
    """Whether a client that asks for ``only`` these kinds wants ``kind``."""
    return only is None or any(kind == one or kind.startswith(one + ".") or one == "" for one in only)


def overlaps(a: Range, b: Range) -> bool:
    """Whether two ranges have a place in common (their ends included)."""
    return a[:2] <= b[2:] and b[:2] <= a[2:]


Quick = tuple[str, str, tuple[Replacement, ...], Shown]


def quick_fixes(found: Sequence[Shown], chosen: Sequence[Shown]) -> list[Quick]:
    """Return (title, safety, edits, finding) for each of ``chosen`` that can be mended.

    Fixes that go together are one action.
    """
    out: list[Quick] = []
    groups: set[str] = set()
    for one in chosen:
        if one.safety not in ("safe", "unsafe") or not one.edits:
            continue
        members = [one]
        if one.group:
            if one.group in groups:
                continue
            groups.add(one.group)
            members = [other for other in found if other.group == one.group]
            if any(other.safety not in ("safe", "unsafe") for other in members):
                continue
        edits = list(dict.fromkeys((edit.range, edit.text) for other in members for edit in other.edits))
        if _collide([place for place, _ in edits]):
            continue  # they nest in each other: that takes the rewriter
        safety = "unsafe" if any(other.safety == "unsafe" for other in members) else "safe"
        out.append((_title(one, safety), safety, tuple(Replacement(*edit) for edit in edits), one))
    return out


def _title(one: Shown, safety: str) -> str:
    what = (one.help or one.message).splitlines()[0].rstrip(".")
    if len(what) > _MAX_TITLE:
        what = what[: _MAX_TITLE - 1].rstrip() + "…"
    return f"{one.code}: {what}" + (" (unsafe: may change results)" if safety == "unsafe" else "")


def _collide(places: list[Range]) -> bool:
    ordered = sorted(places)
    return any(b[:2] < a[2:] for a, b in zip(ordered, ordered[1:], strict=False))


def convert_title(unit: str, framework: str, unsafe: bool) -> str:
    """Return the title of "convert this class"."""
    return f"Convert `{unit}` {_BECOMES[framework]}" + (" (with unsafe fixes)" if unsafe else "")


def ignore_edits(source: Source, line: int, code: str) -> list[Replacement]:
    """Return the edits that put an ignore comment at a 1-based line."""
    new, _ = with_ignores(source, [(line, code)])
    return differences(split_lines(source.text), split_lines(new.text))


def workspace_edit(uri: str, edits: Sequence[Replacement], lines: Sequence[str], buffer: Buffer) -> dict[str, Any]:
    """Return edits as the protocol's, bound to the version of the text that they were made for."""
    changes = [{"range": client_range(edit.range, lines, buffer), "newText": edit.text} for edit in edits]
    return {
        "documentChanges": [{"textDocument": {"uri": uri, "version": buffer.version}, "edits": changes}],
    }


def plain_edit(edit: dict[str, Any]) -> dict[str, Any]:
    """Return a workspace edit for a client that doesn't know versions."""
    (change,) = edit["documentChanges"]
    return {"changes": {change["textDocument"]["uri"]: change["edits"]}}
