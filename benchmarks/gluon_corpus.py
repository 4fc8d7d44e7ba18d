"""What becomes of the Gluon Block classes of whole repositories, and what stands in the way of the others.

    python benchmarks/gluon_corpus.py ROOT... [--json OUT] [--write DIR] [--list] [--again] [--unsafe]

Each ROOT is a repository: its ``.py`` files, and the Python of its Markdown and notebooks, are rewritten together for
``mxnet.hybrid``.  Distinct classes (told apart by their code, not by name or place) that are no HybridBlocks are
counted:

* converted: a HybridBlock now, with nothing left that stands in the way;
* flagged: still a Block, with the findings that say why;
* without forward: it computes nothing itself (a base, a data structure);
* left: still a Block, and nothing was said.

``--write`` puts the sources and the rewritten ones below a folder, ``--again`` rewrites them once more and compares,
``--unsafe`` admits unsafe fixes.  Printed are the table, the causes (how many classes have each, and for how many it is
the only one) and the time per 1,000 lines.
Exit code 1 on a crash, a result that does not parse, a second run that changes something, or a class that is left.
"""

from __future__ import annotations

import argparse
import ast
import json
import re
import sys
import time
from collections import Counter
from dataclasses import asdict, dataclass, field
from pathlib import Path

from transpile_hybrid.api import FileReport, RewriteReport, check, rewrite
from transpile_hybrid.source.document import is_document, read_document
from transpile_hybrid.source.source import Source, SourceError

TARGET = "mxnet.hybrid"
_ABOUT = re.compile(r"mxnet|\bmx\b|d2l|gluon", re.IGNORECASE)


@dataclass
class Found:
    """One distinct class: where it is, what became of it, and the findings that are left on it."""

    name: str
    path: str
    line: int
    state: str
    causes: list[str] = field(default_factory=list)
    why: str = ""


def sources_of(root: Path) -> list[Source]:
    """Return all Python of a root that is about MXNet; of documents the stream for it."""
    found: list[Source] = []
    files = [root] if root.is_file() else sorted(p for p in root.rglob("*") if p.is_file())
    for path in files:
        try:
            if path.suffix == ".py":
                source = Source.read(str(path))
                source.tree  # noqa: B018
                found.append(source)
            elif is_document(str(path)):
                document = read_document(str(path))
                streams = document.streams()
                wanted = [s.source for s in streams if s.name in ("", "mxnet", "default")]
                if any(s.name == "mxnet" for s in streams):
                    wanted = [s.source for s in streams if s.name == "mxnet"]
                found += [source for source in wanted if _ABOUT.search(source.text)]
        except SourceError:
            continue
    return found


def code_of(node: ast.AST) -> str:
    """Return the code of a class without its docstrings."""
    for inner in ast.walk(node):
        if isinstance(inner, ast.ClassDef | ast.FunctionDef) and ast.get_docstring(inner) is not None:
            inner.body = inner.body[1:] or [ast.Pass()]
    return ast.unparse(node)


def judge_root(
    root: Path, seen: set[str], out: list[Found], unsafe: bool
) -> tuple[list[Source], list[RewriteReport], float]:
    """Rewrite one root and add its distinct Block classes to ``out``."""
    sources = sources_of(root)
    begun = time.process_time()
    before = check(sources, [TARGET])
    reports = rewrite(sources, [TARGET], unsafe=unsafe)
    seconds = time.process_time() - begun
    for old, new in zip(before, reports, strict=True):
        out += classes(old, new, seen)
    return sources, reports, seconds


def classes(old: FileReport, new: RewriteReport, seen: set[str]) -> list[Found]:
    """Return the distinct Block classes of one file that were not seen yet."""
    out: list[Found] = []
    after = {u.name: u for u in new.units if u.kind == "class" and u.framework == "mxnet"}
    for unit in old.units:
        if unit.kind != "class" or unit.framework != "mxnet" or unit.base is None or unit.cls is None:
            continue
        if unit.base.hybrid or unit.base.name.startswith("mxnet.gluon.") and unit.base.name.rsplit(".", 1)[-1] not in (
            "Block", "Sequential",
        ):  # fmt: skip
            continue
        text = code_of(ast.parse(ast.unparse(unit.node)))
        if text in seen:
            continue
        seen.add(text)
        line = unit.node.lineno
        if new.result is None:
            out.append(Found(unit.name, old.source.path, line, "left", [new.error]))
            continue
        mine = [d for d in new.result.remaining if d.unit == unit.name]
        causes = sorted({f"{d.code} {general(d.message)}" for d in mine if d.code != "THM601"})
        why = next((d.why for d in mine if d.code == "THM601"), "")
        now = after.get(unit.name)
        state = "left"
        if now is not None and now.base is not None and now.base.hybrid:
            state = "converted" if not why else "flagged"
        elif why or causes:
            state = "flagged"
        elif unit.entry is None or "hybrid_forward" in unit.cls.methods:
            state = "without forward"  # or, in MXNet itself, with one for the blocks that derive from it
        if state == "flagged" and causes == [] and "it is abstract" in why:
            state = "without forward"
        structural = [f"THM601 {general(part)}" for part in why.removeprefix("not converted: ").split("; ") if part]
        causes += [part for part in structural if not re.match(r"THM601 THM\d+ at line", part)]
        out.append(Found(unit.name, old.source.path, line, state, causes, why))
    return out


def general(text: str) -> str:
    """Return a message without the names that are in it."""
    text = re.sub(r"`[^`]*`", "`_`", text)
    text = re.sub(r"\((?:.|\n)*\)", "", text)
    text = re.sub(r"\b[A-Z]\w+ (stays a Block|is a Block|overrides|holds|has another)", r"_ \1", text)
    return re.sub(r"line \d+", "line _", text)[:90]


def report(found: list[Found], listed: bool) -> None:
    states = Counter(one.state for one in found)
    print(f"{len(found)} distinct Block classes: " + ", ".join(f"{n} {s}" for s, n in states.most_common()))
    counted = Counter(cause for one in found if one.state == "flagged" for cause in one.causes)
    alone = Counter(one.causes[0] for one in found if one.state == "flagged" and len(one.causes) == 1)
    print(f"\n{'classes':>7} {'alone':>5}  cause")
    for cause, number in counted.most_common():
        print(f"{number:7} {alone[cause]:5}  {cause}")
    if listed:
        for one in sorted(found, key=lambda f: (f.state, f.path, f.line)):
            print(f"\n{one.state:10} {one.name}  {one.path}:{one.line}")
            if one.state != "converted":
                for cause in one.causes:
                    print(f"    {cause}")
                print(f"    {one.why}")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("roots", nargs="+", type=Path)
    parser.add_argument("--json", type=Path)
    parser.add_argument("--write", type=Path)
    parser.add_argument("--list", action="store_true")
    parser.add_argument("--again", action="store_true")
    parser.add_argument("--unsafe", action="store_true")
    options = parser.parse_args()
    seen: set[str] = set()
    found: list[Found] = []
    bad = 0
    for root in options.roots:
        start = len(found)
        sources, reports, seconds = judge_root(root, seen, found, options.unsafe)
        lines = sum(s.text.count("\n") for s in sources)
        changed = sum(r.changed for r in reports)
        problems = [r.error for r in reports if r.internal]
        after = [r.result.after if r.result else r.source for r in reports]
        moved = []
        if options.again:
            moved = [r.source.path for r in rewrite(after, [TARGET], unsafe=options.unsafe) if r.changed]
        bad += len(problems) + len(moved)
        print(
            f"{root}: {len(sources)} sources, {lines} lines, {changed} changed, {len(problems)} crashed, "
            f"{len(moved)} moved again, {len(found) - start} new classes, "
            f"{seconds / max(lines, 1) * 1000:.2f} s CPU/1,000 lines (check and rewrite)",
            flush=True,
        )
        for problem in problems + moved:
            print(f"  {problem}")
        if options.write:
            for source, result in zip(sources, after, strict=True):
                for folder, one in (("before", source), ("after", result)):
                    place = options.write / folder / root.name / Path(source.path).relative_to(root)
                    place.parent.mkdir(parents=True, exist_ok=True)
                    place.write_bytes(one.to_bytes())
    report(found, options.list)
    if options.json:
        options.json.write_text(json.dumps([asdict(one) for one in found], indent=1), encoding="utf-8")
    return 1 if bad or any(one.state == "left" for one in found) else 0


if __name__ == "__main__":
    sys.exit(main())
