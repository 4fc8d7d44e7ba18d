"""A rule's documentation as Markdown, and a link to it that works without a network."""

from __future__ import annotations

import contextlib
import os
import sys
from functools import cache
from pathlib import Path

from ..diagnostics import Consequence
from ..rules.registry import find_rule
from ..rules.rule import Rule

_HEADINGS = ("What it does", "Why is this bad", "Fix safety", "References", "Example", "Limits")


def page(rule: Rule, examples: int = 2) -> str:
    """Return the documentation of a rule with at most so many examples."""
    lines = rule.doc.splitlines() or [rule.name]
    out = [f"### {rule.code}: {rule.name}", "", lines[0], ""]
    targets = ", ".join(f"`{target}`" for target in rule.targets)
    out += [f"*{targets} · if compiled as it stands: {rule.consequence.value} · rewrite: {rule.fix}*", ""]
    for line in lines[1:]:
        if line.strip().rstrip(":") in _HEADINGS and not line.startswith(" "):
            out += [f"**{line.strip().rstrip(':')}**", ""]
        else:
            out.append(line[4:] if line.startswith("    ") else line)
    for example in rule.examples[:examples]:
        out += ["", example.title or "Example", "```python", example.before.strip("\n"), "```"]
        if example.after is not None:
            flag = " --unsafe" if example.unsafe else ""
            out += [f"after `rewrite{flag}`", "```python", example.after.strip("\n"), "```"]
    return "\n".join(out).rstrip() + "\n"


def documentation(code: str) -> str:
    """Return the documentation of the rule with that code, ``""`` where there is none."""
    rule = find_rule(code)
    return page(rule) if rule is not None else ""


def link(code: str, template: str = "") -> str:
    """Return the address of a rule's page.

    ``template`` is an address with ``{code}`` in it.  Without one it is a page beside the user's other caches, written
    when it is first asked for: the right version, and there without a network.
    """
    if template:
        return template.replace("{code}", code)
    return _local(code)


@cache
def _local(code: str) -> str:
    rule = find_rule(code)
    if rule is None:
        return ""
    from .. import __version__

    folder = _cache() / "transpile-hybrid" / "rules" / __version__
    file = folder / f"{code}.md"
    text = page(rule, examples=99)
    with contextlib.suppress(OSError, UnicodeDecodeError):
        if file.is_file() and file.read_text(encoding="utf-8") == text:
            return file.as_uri()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    except OSError:
        return ""
    return file.as_uri()


def _cache() -> Path:
    home = Path.home()
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA") or home / "AppData" / "Local")
    if sys.platform == "darwin":
        return home / "Library" / "Caches"
    return Path(os.environ.get("XDG_CACHE_HOME") or home / ".cache")


SEVERITY = {Consequence.SILENT: 1, Consequence.ERROR: 2, Consequence.SETTINGS: 3, Consequence.SPEED: 3}
"""The protocol's severities: a silently different result is worst."""
