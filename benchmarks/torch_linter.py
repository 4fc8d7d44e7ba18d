"""The findings for PyTorch against the compiler's verdict: precision and recall of "this module does not compile".

    python benchmarks/torch_linter.py RESULTS.json... --corpus DIR [--target torch.script] [--train MODES.json] [--show]

``RESULTS.json`` is what a parity run over ``DIR`` left (``records``: a file, and for each of its cases the class and
whether it ran eagerly and compiled as it stands).  A module counts as flagged where a finding stands in its class, in
what its class calls, or in a class of the file that it names, and so on (annotations don't count); findings that say
"for other settings" claim nothing of the instance at hand, and those that say "silently different" claim no error: they
count where the results differ.  Cases whose name an import further down the file binds anew ran another class, and are
left out.  Those results are of evaluation; with ``--train``, what ``torch_modes.py`` left over the same files, a module
that does not compile, or differs, in training fails too.  ``--show`` lists where the two disagree.
"""

from __future__ import annotations

import argparse
import ast
import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from transpile_hybrid.api import check
from transpile_hybrid.diagnostics import Consequence
from transpile_hybrid.source.source import Source

Found = tuple[str, Consequence]
_NO_VERDICT = ("StageTimeout", "FileTimeout", "Crash")


def named_by(tree: ast.Module) -> dict[str, set[str]]:
    """Return the classes and functions of the file that each class names, directly or by others."""
    classes = {node.name: node for node in tree.body if isinstance(node, ast.ClassDef)}
    functions = {node.name: node for node in tree.body if isinstance(node, ast.FunctionDef)}
    everything = {**classes, **functions}
    direct = {
        name: {n.id for n in without_annotations(node) if isinstance(n, ast.Name) and n.id in everything} - {name}
        for name, node in everything.items()
    }
    closed: dict[str, set[str]] = {}
    for name in classes:
        seen, work = {name}, [name]
        while work:
            new = direct[work.pop()] - seen
            seen |= new
            work += new
        closed[name] = seen
    return closed


def without_annotations(node: ast.AST) -> Iterator[ast.AST]:
    """Yield a node and all below it but types: a class that only an annotation names isn't used."""
    yield node
    for name, value in ast.iter_fields(node):
        for child in value if isinstance(value, list) else [value]:
            if isinstance(child, ast.AST) and name not in ("annotation", "returns"):
                yield from without_annotations(child)


def imported(tree: ast.Module) -> set[str]:
    """Return the names that an import binds last."""
    last: dict[str, bool] = {}
    for node in tree.body:
        if isinstance(node, ast.Import | ast.ImportFrom):
            last.update({(one.asname or one.name).split(".")[0]: True for one in node.names})
        elif isinstance(node, ast.ClassDef | ast.FunctionDef):
            last[node.name] = False
    return {name for name, by_import in last.items() if by_import}


def flagged(path: Path, target: str) -> tuple[dict[str, set[Found]], dict[str, set[str]], set[str]]:
    """Return what was found in each class and function of the file, those that each class names, and ``imported``."""
    source = Source(path.name, path.read_text(encoding="utf-8"))
    (report,) = check([source], [target])
    codes: dict[str, set[Found]] = {}
    for one in report.diagnostics:
        if one.consequence in (Consequence.SILENT, Consequence.ERROR) and target in one.targets:
            line = source.text.count("\n", 0, one.span.start) + 1
            found = one.code, one.consequence
            codes.setdefault(one.unit.split(".")[0], set()).add(found)
            for node in source.tree.body:  # a function is told as part of one of the classes that call it
                if isinstance(node, ast.FunctionDef) and node.lineno <= line <= (node.end_lineno or 0):
                    codes.setdefault(node.name, set()).add(found)
    return codes, named_by(source.tree), imported(source.tree)


def in_training(results: list[Path]) -> dict[tuple[str, str, str], dict[str, object]]:
    """Return the rows of training steps of modules as they stand, by file, number of the case and class.

    What a module that draws numbers gives is no proof: the compiled one may draw in another order.
    """
    rows: dict[tuple[str, str, str], dict[str, object]] = {}
    for path in results:
        for record in json.loads(path.read_text())["records"]:
            for number, case in (record.get("cases") or {}).items():
                if row := case.get("raw", {}).get("train"):
                    draws = case["raw"]["eager"]["step"]["status"] == "random"
                    rows[record["file"], number, case["cls"]] = {**row, "equal": None} if draws else row
    return rows


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("results", type=Path, nargs="+")
    parser.add_argument("--corpus", type=Path, required=True)
    parser.add_argument("--target", default="torch.script")
    parser.add_argument("--train", type=Path, action="append", default=[])
    parser.add_argument("--show", action="store_true")
    options = parser.parse_args()
    mode = options.target.partition(".")[2]
    counts: Counter[tuple[bool, bool]] = Counter()
    wrong: Counter[str] = Counter()
    trained = in_training(options.train)
    for results in options.results:
        for record in json.loads(results.read_text())["records"]:
            cases = record.get("cases") or {}
            if not cases:
                continue
            codes, names, foreign = flagged(options.corpus / record["file"], options.target)
            for number, case in cases.items():
                if case["cls"] in foreign:
                    continue
                raw = case.get("raw", {})
                verdict = raw.get(mode)
                if not raw.get("eager", {}).get("ok") or verdict is None or verdict.get("type") in _NO_VERDICT:
                    continue
                fails = not verdict.get("ok") or verdict.get("equal") is False  # None: eager itself differs
                differs = bool(verdict.get("ok")) and fails
                step = trained.get((record["file"], number, case["cls"]))
                if step is not None and step.get("type") not in _NO_VERDICT and not fails:
                    verdict, fails = step, not step.get("ok") or step.get("equal") is False
                    differs = bool(step.get("ok")) and fails
                found = {one for name in names.get(case["cls"], {case["cls"]}) for one in codes.get(name, ())}
                mine = {code for code, consequence in found if consequence is Consequence.ERROR or differs}
                counts[bool(mine), fails] += 1
                if bool(mine) != fails:
                    wrong.update(mine)
                    if options.show:
                        text = " ".join(str(verdict.get("msg") or verdict.get("why") or "").split())[:200]
                        print(
                            f"{record['file']}:{case['cls']} {'fails' if fails else 'compiles'} {sorted(mine)} {text}"
                        )
    told, failed = counts[True, True] + counts[True, False], counts[True, True] + counts[False, True]
    print(
        f"{sum(counts.values())} modules, {failed} fail, {told} flagged; precision "
        f"{counts[True, True] / max(told, 1):.1%}, recall {counts[True, True] / max(failed, 1):.1%}"
    )
    print("codes on modules that compile:", dict(wrong.most_common()))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
