"""What ``rewrite --verify --faster-only`` keeps of the functions that are offered, and whether that is faster.

    python benchmarks/tf_faster.py --before DIR --after DIR [--only NAME] [--json OUT]

DIR are the sources and the rewritten sources as ``tf_corpus.py --write`` leaves them, the functions those of
``tf_run_data.py`` that are no methods.  What a function needs of its file is cut out (``tf_load.needed``) of the
original and of the rewritten one, with an ``example_inputs`` that feeds it as ``tf_run.py`` does.  Both go through
the part of ``rewrite`` that runs both sides and rolls back what is not proved equal and faster.
Then, apart from what that measured, ``tf_run.py`` times each function again, original by what was offered: the share
that is slower, of all that were offered and of those that were kept.
"""

from __future__ import annotations

import argparse
import ast
import json
import sys
import tempfile
import textwrap
from pathlib import Path
from typing import Any

from tf_load import needed, neighbour
from tf_run import Case, child, find, forked, mentioned, ready, summary
from tf_run_data import CASES

from transpile_hybrid.run.verified import keep_verified
from transpile_hybrid.source.definitions import touched
from transpile_hybrid.source.source import Source
from transpile_hybrid.verify.options import VerifyOptions

_SCOPE = """
def _scope(k):
    import types
    import numpy as np
    import tensorflow as tf

    def built(model, *args):
        model(*args)
        return model

    state = np.random.RandomState(k + 7)
    return dict(
        np=np, tf=tf, keras=tf.keras, k=k, b=2, built=built, m=types.SimpleNamespace(**globals()),
        NS=lambda **attributes: types.SimpleNamespace(**attributes),
        n=lambda *shape: tf.constant(state.randn(*shape), tf.float32),
        u=lambda *shape: tf.constant(state.uniform(0.05, 0.95, shape), tf.float32),
        i=lambda high, *shape: tf.constant(state.randint(0, high, shape), tf.int32),
        v=lambda *shape: tf.Variable(np.random.randn(*shape).astype("float32") * 0.3),
    )
"""
_FEED = """

def example_inputs(seed, shape=None, unit=None):
    if unit != {name!r}:
        return None
    scope = _scope(seed % 3)
    scope["o"] = eval({make!r}, scope)
    taken = eval({given!r}, scope)
    return taken if isinstance(taken, tuple) else (taken,)
"""


def segment(text: str, statement: ast.stmt) -> str:
    """Return the source of a statement, its decorators too."""
    lines = text.splitlines(keepends=True)
    first = min([statement.lineno, *[d.lineno for d in getattr(statement, "decorator_list", [])]])
    return "".join(lines[first - 1 : statement.end_lineno]).rstrip("\n")


def imported(statement: ast.Import | ast.ImportFrom, alias: ast.alias) -> str:
    """Return the import of one name, or a stand-in for what isn't installed."""
    one = ast.ImportFrom(statement.module, [alias], 0) if isinstance(statement, ast.ImportFrom) else ast.Import([alias])
    try:
        exec(ast.unparse(one), {})
    except Exception:
        return f"from unittest.mock import MagicMock\n\n{alias.asname or alias.name.split('.')[0]} = MagicMock()"
    return ast.unparse(one)


def cut(file: Path, wanted: set[str], given: set[str], seen: set[tuple[Path, str]]) -> list[str]:
    """Return the sources of the statements that bind what ``wanted`` need, those of files that lie beside included."""
    text = file.read_text(encoding="utf-8")
    out: list[str] = []
    for statement in needed(ast.parse(text).body, wanted, given):
        if not isinstance(statement, ast.Import | ast.ImportFrom):
            out.append(textwrap.dedent(segment(text, statement)))
            continue
        for alias in statement.names:
            beside = neighbour(file, statement, alias.name) if isinstance(statement, ast.ImportFrom) else None
            if beside is None:
                out.append(imported(statement, alias))
            elif beside[1] and alias.asname in (None, alias.name):
                if beside not in seen:
                    seen.add(beside)
                    out += cut(beside[0], {beside[1]}, set(), seen)
            else:
                raise ValueError(f"a module beside it is used as a whole: {alias.name}")
    return out


def alone(file: Path, case: Case) -> str:
    """Return a file of its own for the function of a case."""
    _, name, make, given, prepared = case
    wanted = {name} | mentioned(make) | mentioned(given)
    value = ast.parse(prepared, mode="eval").body if prepared else None
    names = {k.arg or "": ast.unparse(k.value) for k in value.keywords} if isinstance(value, ast.Call) else {}
    pieces = list(dict.fromkeys(cut(file, wanted, set(names), set())))
    future = [one for one in pieces if one.startswith("from __future__")]
    prepare = [f"{key} = eval({text!r}, _scope(0))" for key, text in names.items()]
    feed = _FEED.format(make=make or "None", given=f"({given})", name=name)
    rest = [one for one in pieces if one not in future]
    return "\n\n\n".join([*future, _SCOPE.strip(), *prepare, *rest]) + feed


def kept(before: Path, after: Path, case: Case) -> dict[str, Any]:
    """Let ``rewrite --verify --faster-only`` judge one function: whether its rewrite stays, and why not."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "case.py")
        path.write_text(alone(before, case), encoding="utf-8")
        original = Source.read(path)
        rewritten = original.with_text(alone(after, case))
        options = VerifyOptions(python=sys.executable, jobs=1)
        done = keep_verified(
            [(original, rewritten)], lambda _: ("tf.function",), lambda _: frozenset(), options, faster_only=True
        )
    stays = {name for old, new in done.changed for name in touched(old, new)[0]}
    return {"kept": case[1] in stays, "why": "; ".join(f"{one.unit}: {one.reason}" for one in done.rolled_back)}


def run(options: argparse.Namespace) -> int:
    """Judge each function, and time it again."""
    ready()
    rows: list[dict[str, Any]] = []
    for case in CASES:
        if "." in case[1] or (options.only and options.only not in f"{case[0]} {case[1]}"):
            continue
        row: dict[str, Any] = {"file": case[0], "name": case[1], "why": ""}
        try:
            before, after = find(options.before, case[0]), find(options.after, case[0])
            row |= kept(before, after, case)
            row |= forked(child, (str(before), str(after), case, True), 300)
        except (OSError, ValueError) as exc:
            row["why"] = f"case: {exc}"
        rows.append(row)
        ratio = "{:.2f} [{:.2f}, {:.2f}]".format(*row["ratio"]) if "ratio" in row else row.get("result", "")
        print(
            f"{row['name']:34} {row['file'][-46:]:47} {row.get('kept')!s:6} {ratio:20} {row['why'][:200]}", flush=True
        )
        if options.json:
            options.json.write_text(json.dumps(rows, indent=1), encoding="utf-8")
    timed = [row for row in rows if "ratio" in row and "kept" in row]
    stay = [row for row in timed if row["kept"]]
    for word, some in (("offered", timed), ("kept", stay), ("rolled back", [row for row in timed if not row["kept"]])):
        if some:
            print(f"{word}: {summary(some)}")
    return 1 if any(row["kept"] and row["ratio"][2] < 1 for row in timed) else 0


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--before", type=Path, required=True)
    parser.add_argument("--after", type=Path, required=True)
    parser.add_argument("--only", default="")
    parser.add_argument("--json", type=Path)
    return run(parser.parse_args())


if __name__ == "__main__":
    sys.exit(main())
