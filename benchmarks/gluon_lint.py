"""What ``check`` says of HybridBlocks that people wrote: counts by rule, and a sample to judge by hand.

    python benchmarks/gluon_lint.py ROOT... [--sample 100] [--seed 0] [--with-findings N]

Distinct classes (by their code) that have a ``hybrid_forward`` are counted; of a random sample every finding that is
more than lost speed is printed with its line.  ``--with-findings`` prints a sample of the classes that have some.
"""

from __future__ import annotations

import argparse
import ast
import random
import sys
from collections import Counter
from pathlib import Path

from gluon_corpus import TARGET, code_of, sources_of

from transpile_hybrid.api import check
from transpile_hybrid.diagnostics import Consequence, Diagnostic

Class = tuple[str, str, int, list[Diagnostic], str]


def classes_of(root: Path, seen: set[str]) -> list[Class]:
    """Return the distinct classes of a root with a hybrid_forward: path, name, line, findings, text of the file."""
    out: list[Class] = []
    for report in check(sources_of(root), [TARGET]):
        for unit in report.units:
            if unit.kind != "class" or unit.cls is None or "hybrid_forward" not in unit.cls.methods:
                continue
            code = code_of(ast.parse(ast.unparse(unit.node)))
            if code in seen:
                continue
            seen.add(code)
            mine = [d for d in report.diagnostics if d.unit == unit.name and d.consequence is not Consequence.SPEED]
            out.append((report.source.path, unit.name, unit.node.lineno, mine, report.source.text))
    return out


def show(chosen: list[Class]) -> None:
    for path, name, line, found, text in chosen:
        print(f"{name}  {path}:{line}  {len(found)} findings")
        for one in found:
            at = text.count("\n", 0, one.span.start) + 1
            print(f"    {at}: {one.code} {one.message}\n        {text.splitlines()[at - 1].strip()[:110]}")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("roots", nargs="+", type=Path)
    parser.add_argument("--sample", type=int, default=100)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--with-findings", type=int, default=0)
    options = parser.parse_args()
    seen: set[str] = set()
    everything: list[Class] = []
    for root in options.roots:
        everything += classes_of(root, seen)
    flagged = [one for one in everything if one[3]]
    counted = Counter(d.code for one in flagged for d in one[3])
    print(f"{len(everything)} distinct HybridBlocks, {len(flagged)} with findings: {dict(counted.most_common())}")
    draw = random.Random(options.seed)
    show(draw.sample(everything, min(options.sample, len(everything))))
    if options.with_findings:
        print("\nof those that have findings:")
        show(draw.sample(flagged, min(options.with_findings, len(flagged))))
    return 0


if __name__ == "__main__":
    sys.exit(main())
