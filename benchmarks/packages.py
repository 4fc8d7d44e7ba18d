"""Rewrite whole packages in memory and tell what became of their classes.

    python benchmarks/packages.py PATH... [--target T]... [--list]

Each PATH (a file, or a folder with its ``.py`` files) is one package.  Per package: files, files that hold no Python 3,
crashes, files rewritten, whether every result parses and a second run changes nothing; and the classes found, rewritten
(with nothing left in the way), flagged, left as they are.  ``--list`` names the classes.  Exit code 1 on a crash, a
result that does not parse, or a second run that changes something.
"""

from __future__ import annotations

import argparse
import ast
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

from transpile_hybrid.api import RewriteReport, rewrite
from transpile_hybrid.diagnostics import stands_in_the_way
from transpile_hybrid.source.source import Source, SourceError


@dataclass
class Package:
    """What became of one package; the lists hold the names of classes."""

    files: int = 0
    unreadable: int = 0
    crashed: list[str] = field(default_factory=list)
    changed: int = 0
    unparsed: list[str] = field(default_factory=list)
    moved: list[str] = field(default_factory=list)
    rewritten: list[str] = field(default_factory=list)
    flagged: list[str] = field(default_factory=list)
    left: list[str] = field(default_factory=list)
    lines: int = 0
    seconds: float = 0.0


def read(path: Path) -> list[Source]:
    files = [path] if path.is_file() else sorted(path.rglob("*.py"))
    sources = []
    for file in files:
        try:
            sources.append(Source.read(str(file)))
        except SourceError as exc:
            print(f"  not read: {exc}", file=sys.stderr)
    return sources


def definitions(source: Source) -> dict[str, str]:
    """The classes of a source by name, as text without its formatting."""
    return {node.name: ast.unparse(node) for node in ast.walk(source.tree) if isinstance(node, ast.ClassDef)}


def sort_classes(report: RewriteReport, package: Package) -> None:
    assert report.result is not None
    old, new = definitions(report.source), definitions(report.result.after)
    blocked = {
        one.unit.split(".")[0] for one in report.result.remaining if stands_in_the_way(one.code, one.consequence.value)
    }
    for unit in report.units:
        if unit.kind != "class":
            continue
        if unit.name in blocked:
            package.flagged.append(unit.name)
        elif old.get(unit.name) != new.get(unit.name):
            package.rewritten.append(unit.name)
        else:
            package.left.append(unit.name)


def measure(path: Path, targets: list[str]) -> Package:
    package = Package()
    sources = read(path)
    package.lines = sum(source.text.count("\n") for source in sources)
    begun = time.process_time()
    reports = rewrite(sources, targets)
    package.seconds = time.process_time() - begun
    after: list[Source] = []
    for report in reports:
        package.files += 1
        if report.internal:
            package.crashed.append(report.error)
        elif report.result is None:
            package.unreadable += 1
        else:
            package.changed += report.changed
            sort_classes(report, package)
            try:
                ast.parse(report.result.after.text)
            except SyntaxError as exc:
                package.unparsed.append(f"{report.source.path}: {exc}")
        after.append(report.result.after if report.result else report.source)
    if package.changed:
        package.moved = [report.source.path for report in rewrite(after, targets) if report.changed]
    return package


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("paths", nargs="+", type=Path)
    parser.add_argument("--target", action="append", default=[])
    parser.add_argument("--list", action="store_true", help="name the classes")
    options = parser.parse_args()
    print(
        f"{'package':28} files  not Python 3  crashed  rewritten  not parsed  moved again"
        " | classes  rewritten  flagged  left | s CPU/1,000 lines"
    )
    bad = 0
    for path in options.paths:
        one = measure(path, options.target)
        bad += len(one.crashed) + len(one.unparsed) + len(one.moved)
        found = len(one.rewritten) + len(one.flagged) + len(one.left)
        print(
            f"{'/'.join(path.parts[-2:]):28} {one.files:5}  {one.unreadable:12}  {len(one.crashed):7}  {one.changed:9}"
            f"  {len(one.unparsed):10}  {len(one.moved):11} | {found:7}  {len(one.rewritten):9}  {len(one.flagged):7}"
            f"  {len(one.left):4} | {one.seconds / max(one.lines, 1) * 1000:.3f}"
        )
        for problem in one.crashed + one.unparsed + one.moved:
            print(f"  {problem}")
        if options.list:
            for title in ("rewritten", "flagged", "left"):
                print(f"  {title}: {', '.join(sorted(getattr(one, title))) or '-'}")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
