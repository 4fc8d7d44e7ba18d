"""What ``check`` says about functions of public TensorFlow code, against what a forced tf.function does.

    python benchmarks/tf_lint.py --before DIR --rows ROWS... [--number 100] [--seed 6] [--json OUT]

DIR are sources and ROWS functions, as ``tf_corpus.py`` leaves them (``--write``, ``--json``).  Functions are drawn by a
fixed seed, half of them with an error or a silent difference told in them or in what they reach, half without.  Each is
run eagerly, and forced to be a tf.function, on three distinct inputs and the first one twice more, all three times over
(what is random may agree by chance).  It is fed as
``tf_run_data.py`` says, else by the first combination of plain tensors with which it runs eagerly; what can't be built
or fed so is skipped and the next one drawn.

Precision: of those told, the share that fails or differs; recall: of those that fail or differ, the share told.
Findings that only matter in a situation that three calls don't bring about (an exception is raised, something outside
changes between calls) are counted apart where the calls agree.
"""

from __future__ import annotations

import argparse
import ast
import itertools
import json
import random
import sys
from collections import Counter
from pathlib import Path
from typing import Any

from tf_run import Case, Side, compared, forked, observe, ready, seed, tensorflow
from tf_run_data import CASES

ORDER = (0, 1, 2, 0, 0) * 3
SPECIAL = frozenset({"THF205", "THF206", "THF306", "THF406"})
PLAIN = ("u(4, 4)", "n(4)", "n(2, 8, 8, 3)", "n(2, 4, 4)", "i(3, 4)", "n()", "i(3)", "2", "tf.constant(['a', 'b'])")
SECONDS = 30


def required(file: Path, name: str) -> tuple[list[str], bool] | str:
    """Return the parameters that have to be given and whether an object is needed; or why it can't be fed."""
    holder: Any = ast.parse(file.read_text(encoding="utf-8"))
    cls = None
    for part in name.split("."):
        cls = holder if isinstance(holder, ast.ClassDef) else None
        found = [n for n in holder.body if isinstance(n, ast.FunctionDef | ast.ClassDef) and n.name == part]
        if not found:
            return "it stands inside of another function or statement"
        if isinstance(holder, ast.FunctionDef):
            return "it stands inside of another function or statement"
        holder = found[-1]
    arguments = holder.args
    names = [a.arg for a in [*arguments.posonlyargs, *arguments.args]]
    names = names[: len(names) - len(arguments.defaults)]
    static = any(isinstance(d, ast.Name) and d.id == "staticmethod" for d in holder.decorator_list)
    if any(default is None for default in arguments.kw_defaults):
        return "it has keyword-only parameters that must be given"
    return (names[1:] if cls is not None and not static else names), cls is not None and not static


def candidates(file: Path, name: str, end: str) -> list[Case] | str:
    """Return ways to build and feed a function, the likeliest first."""
    known = [case for case in CASES if case[0] == end and case[1] == name]
    if known:
        return known
    found = required(file, name)
    if isinstance(found, str):
        return found
    names, method = found
    makes = [f"m.{name.rsplit('.', 1)[0]}({args})" for args in ("", "4", "4, 4", "2, 4, 4")] if method else [""]
    if not names:
        return "it takes no input"
    if len(names) <= 2:
        rows = [list(row) for row in itertools.product(PLAIN, repeat=len(names))]
        rows.sort(key=lambda row: len(set(row)))
    else:
        rows = [[one] * len(names) for one in PLAIN]
        rows += [[one] * (len(names) - 1) + [two] for one in PLAIN[:4] for two in ("2", "i(3, 4)", "n()")]
    return [(end, name, make, ", ".join(row) + ",", "") for make in makes for row in rows]


def judged(file: str, cases: list[Case]) -> dict[str, Any]:
    """Find a way that runs eagerly, and compare (in a process of its own)."""
    tf = tensorflow()
    last, broken = "", set[str]()
    for case in cases:
        if case[2] and case[2] in broken:
            continue
        tf.config.run_functions_eagerly(True)
        try:
            eager = Side(tf, Path(file), "case_eager", case)
        except Exception as exc:
            last = f"case: not built: {type(exc).__name__}: {exc}"[:200]
            broken.add(case[2])
            continue
        seed(tf, 2)
        first = observe(eager, ORDER, False)
        if first["error"]:
            last = f"case: not fed: {first['error'][:150]} {eager.module.__dict__['_failed'][:1]}"
            continue
        if "MagicMock" in repr(first["outs"]):
            return {"result": "case: it rests on a package that isn't here"}
        tf.config.run_functions_eagerly(False)
        graph = Side(tf, Path(file), "case_graph", case, force=True)
        seed(tf, 2)
        return {"result": compared(first, observe(graph, ORDER, False)) or "equal", "fed": case[3], "make": case[2]}
    return {"result": last}


def draw(options: argparse.Namespace) -> tuple[list[dict[str, Any]], Counter[str]]:
    """Draw and judge functions; return them and how many were skipped, by reason."""
    rows: list[dict[str, Any]] = [row for path in options.rows for row in json.loads(path.read_text())]
    generator = random.Random(options.seed)
    generator.shuffle(rows)
    skipped: Counter[str] = Counter()
    drawn: list[dict[str, Any]] = []
    seen: set[str] = set()
    for told in (True, False):
        number = 0
        for row in rows:
            if bool(row["codes"]) is not told or number >= options.number // 2:
                continue
            end = f"{row['root']}/{row['path']}"
            file = options.before / end
            tree = ast.parse(file.read_text(encoding="utf-8"))
            nodes = [n for n in ast.walk(tree) if isinstance(n, ast.FunctionDef) and n.lineno == row["line"]]
            text = ast.unparse(nodes[0]) if nodes else end
            if text in seen:
                continue
            seen.add(text)
            cases = candidates(file, row["name"], end)
            found = (
                {"result": f"case: {cases}"} if isinstance(cases, str) else forked(judged, (str(file), cases), SECONDS)
            )
            if found["result"].startswith("case: "):
                skipped[found["result"][6:].split(":")[0]] += 1
                continue
            number += 1
            drawn.append({**row, **found})
            print(
                f"{row['name'][:36]:37} {end[-44:]:45} {','.join(row['codes']):24} {found['result'][:110]}", flush=True
            )
    return drawn, skipped


def report(drawn: list[dict[str, Any]], skipped: Counter[str]) -> None:
    told = [row for row in drawn if row["codes"]]
    wrong = [row for row in drawn if row["result"] != "equal"]
    both = [row for row in told if row["result"] != "equal"]
    apart = [row for row in told if row["result"] == "equal" and set(row["codes"]) <= SPECIAL]
    print(f"\n{len(drawn)} functions; skipped: {', '.join(f'{n} {why}' for why, n in skipped.most_common())}")
    judged_told = len(told) - len(apart)
    print(
        f"precision {len(both)} of {judged_told} ({100 * len(both) / max(judged_told, 1):.1f} %), apart: {len(apart)}"
    )
    print(f"recall    {len(both)} of {len(wrong)} ({100 * len(both) / max(len(wrong), 1):.1f} %)")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--before", type=Path, required=True)
    parser.add_argument("--rows", type=Path, nargs="+", required=True)
    parser.add_argument("--number", type=int, default=100)
    parser.add_argument("--seed", type=int, default=6)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    ready()
    drawn, skipped = draw(options)
    report(drawn, skipped)
    if options.json:
        options.json.write_text(json.dumps(drawn, indent=1), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
