"""Programs to edit: fixtures put together to one file, each with names of its own."""

from __future__ import annotations

import ast
import random
import re
from collections.abc import Iterator
from itertools import cycle
from pathlib import Path

FIXTURES = Path(__file__).resolve().parents[2] / "fixtures"


def program(framework: str, lines: int) -> str:
    """Return a file of about so many lines."""
    files = [*sorted((FIXTURES / framework / "before").glob("*.py"))]
    files += sorted((FIXTURES / framework / "flagged").glob("*.py"))
    imports: dict[str, None] = {}
    parts: list[str] = []
    size = 0
    for number, file in enumerate(cycle(files)):
        if size >= lines:
            break
        text = _renamed(file.read_text(encoding="utf-8"), number)
        tree = ast.parse(text)
        body = text.splitlines(keepends=True)
        for node in tree.body:
            first = min([node.lineno, *(d.lineno for d in getattr(node, "decorator_list", []))])
            own = "".join(body[first - 1 : node.end_lineno])
            if isinstance(node, ast.Import | ast.ImportFrom):
                imports[own] = None
            elif isinstance(node, ast.ClassDef | ast.FunctionDef | ast.Assign):
                parts.append(own)
                size += own.count("\n") + 2
    return "".join(imports) + "\n\n" + "\n\n".join(parts)


def _renamed(text: str, number: int) -> str:
    names: set[str] = set()
    for node in ast.parse(text).body:
        if isinstance(node, ast.ClassDef | ast.FunctionDef):
            names.add(node.name)
        elif isinstance(node, ast.Assign):
            names |= {target.id for target in node.targets if isinstance(target, ast.Name)}
    for name in sorted(names):
        text = re.sub(rf"\b{name}\b", f"{name}_{number}", text)
    return text


def edits(text: str, count: int, seed: int = 0) -> Iterator[str]:
    """Yield texts, each an edit away from the one before; some don't parse."""
    chooser = random.Random(seed)
    pool = text.splitlines(keepends=True)
    start = text
    broken = 0
    for _ in range(count):
        for _ in range(30):
            new = _edited(text, pool, chooser)
            ok = _parses(new)
            if ok or chooser.random() < 0.08:
                text = new
                break
        broken = 0 if _parses(text) else broken + 1
        if broken > 3:
            text, broken = start, 0
        yield text


def _edited(text: str, pool: list[str], chooser: random.Random) -> str:
    lines = text.splitlines(keepends=True)
    at = chooser.randrange(len(lines))
    line = lines[at]
    column = chooser.randrange(len(line))
    kind = chooser.randrange(7)
    if kind == 0:
        del lines[at]
    elif kind == 1:
        lines.insert(at, chooser.choice(pool))
    elif kind == 2:
        lines.insert(at, "\n")
    elif kind == 3:
        lines[at] = chooser.choice(pool)
    elif kind == 4:
        lines[at] = line[:column] + chooser.choice("ab .(1\U0001f600") + line[column:]
    elif kind == 5:
        lines[at] = line[:column] + line[column + 1 :]
    else:
        comment = chooser.choice(["# hybrid: ignore", "# hybrid: ignore[THT101]", "#"])
        lines[at] = line.rstrip("\n") + f"  {comment}\n"
    return "".join(lines)


def _parses(text: str) -> bool:
    try:
        ast.parse(text)
    except (SyntaxError, ValueError):
        return False
    return True
