"""Rewrite whole packages in memory and tell what became of their classes.

    python benchmarks/packages.py PATH... [--target T]... [--list]

Each PATH (a file, or a folder with its ``.py`` files) is one package.  Per package: files, files that hold no Python 3,
crashes, files rewritten, whether every result parses, a second run changes nothing, all bytes outside of the edits are
the same (told from the edits of each round, without applying them), and the same files with ``\\r\\n`` become the same
texts with ``\\r\\n``; and the classes found, rewritten (with nothing left in the way), flagged, left as they are.
``--list`` names the classes; ``--no-classes`` counts none, which takes a tenth of the memory.  Exit code 1 on a crash,
a result that does not parse, a second run that changes something, a byte that changed outside of the edits, or another
result with other newlines.
"""

from __future__ import annotations

import argparse
import ast
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from transpile_hybrid.api import Config, RewriteReport
from transpile_hybrid.diagnostics import stands_in_the_way
from transpile_hybrid.rewrite import loop
from transpile_hybrid.rewrite.edit import Edit
from transpile_hybrid.run.rewriting import rewrite_all
from transpile_hybrid.source.source import LINE_END, Source, SourceError
from transpile_hybrid.targets import parse_targets


@dataclass
class Package:
    """What became of one package; the lists hold the names of classes."""

    files: int = 0
    unreadable: int = 0
    crashed: list[str] = field(default_factory=list)
    changed: int = 0
    unparsed: list[str] = field(default_factory=list)
    moved: list[str] = field(default_factory=list)
    outside: list[str] = field(default_factory=list)
    newlines: list[str] = field(default_factory=list)
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


@dataclass(frozen=True)
class Step:
    """One round of one file: its text before and after, and what was edited."""

    old: str
    new: str
    spans: tuple[tuple[int, int], ...]

    def keeps_the_rest(self) -> bool:
        """Whether what lies outside of the edits stands in the new text, in order."""
        at = done = 0
        for number, (start, end) in enumerate(self.spans):
            if start < done:
                continue  # inside of the edit before
            kept = self.old[done:start]
            at = self.new.find(kept, at) if number else at - (not self.new.startswith(kept))
            if at < 0:
                return False
            at += len(kept)
            done = end
        rest = self.old[done:]
        return self.new.endswith(rest) and at <= len(self.new) - len(rest)


@contextmanager
def recorded() -> Iterator[dict[str, list[Step]]]:
    """Yield the rounds of all files by path, as they are applied."""
    steps: dict[str, list[Step]] = {}
    apply = loop.apply_edits

    def recording(source: Source, edits: list[Edit]) -> str:
        new = apply(source, edits)
        spans = tuple(sorted(((edit.start, edit.end) for edit in edits), key=lambda span: (span[0], -span[1])))
        steps.setdefault(source.path, []).append(Step(source.text, new, spans))
        return new

    loop.apply_edits = recording  # type: ignore[assignment]
    try:
        yield steps
    finally:
        loop.apply_edits = apply


def kept(report: RewriteReport, steps: list[Step]) -> bool:
    """Whether a result came about by its edits alone, each of which left the rest as it was."""
    assert report.result is not None
    text = report.source.text
    for step in steps:
        if step.old != text or not step.keeps_the_rest():
            return False
        text = step.new
    after = report.result.after
    data = after.to_bytes()
    again = Source.from_bytes(data, after.path)
    return after.text == text and (again.text, again.bom) == (text, report.source.bom)


def with_newlines(source: Source) -> Source:
    return source.with_text(LINE_END.sub("\r\n", source.text))


@dataclass(frozen=True)
class How:
    """How a package is rewritten."""

    targets: tuple[str, ...]
    unsafe: bool
    classes: bool

    def rewrite(self, sources: list[Source], classes: bool = False) -> list[RewriteReport]:
        settings = Config().with_options(target=self.targets)
        return rewrite_all(sources, lambda _: settings, unsafe=self.unsafe, format=False, texts_only=not classes)


def other_newlines(reports: list[RewriteReport], how: How) -> list[str]:
    """Return the changed files that become another text when their lines end with ``\\r\\n``."""
    sources = [report.source for report in reports if report.changed and "\r" not in report.source.text]
    plain = how.rewrite(sources)
    other = how.rewrite([with_newlines(source) for source in sources])
    return [
        one.source.path
        for one, two in zip(plain, other, strict=True)
        if one.result and (not two.result or with_newlines(one.result.after).text != two.result.after.text)
    ]


def measure(path: Path, how: How) -> Package:
    package = Package()
    sources = read(path)
    package.lines = sum(source.text.count("\n") for source in sources)
    begun = time.process_time()
    with recorded() as steps:
        reports = how.rewrite(sources, how.classes)
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
            if how.classes:
                sort_classes(report, package)
            if not kept(report, steps.get(report.source.path, [])):
                package.outside.append(f"{report.source.path}: changed outside of the edits")
            try:
                ast.parse(report.result.after.text)
            except SyntaxError as exc:
                package.unparsed.append(f"{report.source.path}: {exc}")
        after.append(report.result.after if report.result else report.source)
    if package.changed:
        again = how.rewrite(after)
        package.moved = [f"{report.source.path}: moved again" for report in again if report.changed]
        package.newlines = [f"{file}: other with \\r\\n" for file in other_newlines(reports, how)]
    return package


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("paths", nargs="+", type=Path)
    parser.add_argument("--target", action="append", default=[])
    parser.add_argument("--list", action="store_true", help="name the classes")
    parser.add_argument("--no-classes", action="store_true")
    parser.add_argument("--unsafe", action="store_true")
    options = parser.parse_args()
    how = How(parse_targets(options.target), options.unsafe, not options.no_classes)
    print(
        f"{'package':28} files  not Python 3  crashed  rewritten  not parsed  moved again"
        "  outside  newlines"
        " | classes  rewritten  flagged  left | s CPU/1,000 lines"
    )
    bad = 0
    for path in options.paths:
        one = measure(path, how)
        problems = one.crashed + one.unparsed + one.moved + one.outside + one.newlines
        bad += len(problems)
        found = len(one.rewritten) + len(one.flagged) + len(one.left)
        faults = f"{len(one.moved):11}  {len(one.outside):7}  {len(one.newlines):8}"
        print(
            f"{'/'.join(path.parts[-2:]):28} {one.files:5}  {one.unreadable:12}  {len(one.crashed):7}  {one.changed:9}"
            f"  {len(one.unparsed):10}  {faults} | {found:7}  {len(one.rewritten):9}  {len(one.flagged):7}"
            f"  {len(one.left):4} | {one.seconds / max(one.lines, 1) * 1000:.3f}",
            flush=True,
        )
        for problem in problems:
            print(f"  {problem}")
        if options.list:
            for title in ("rewritten", "flagged", "left"):
                print(f"  {title}: {', '.join(sorted(getattr(one, title))) or '-'}")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
