"""What ``check`` says about functions of public TensorFlow code, against what a forced tf.function does.

    python benchmarks/tf_lint.py --before DIR --rows ROWS... [--number 100] [--seed 6] [--json OUT] [--known FILE]

DIR are sources and ROWS functions, as ``tf_corpus.py`` leaves them (``--write``, ``--json``).  Functions are drawn by a
fixed seed, in an order that is the same whatever is told, half of them with an error or a silent difference told in
them or in what they reach, half without.  Each is run eagerly, and forced to be a tf.function, on three distinct inputs
and the first one twice more, all three times over (what is random may agree by chance).  It is fed as
``tf_run_data.py`` says, else by the first combination of plain tensors with which it runs eagerly; what can't be built
or fed so is skipped and the next one drawn.  ``--known`` keeps what was seen of each function, which doesn't depend on
what is told.

Where the calls agree, situations are brought about that findings speak of, on both sides and whatever was told:

* weights: all variables are changed between calls;
* outside: Python values of the object or the file are changed, that some other function of the file writes;
* size: an input of another size;
* zeros, negative, nan: numbers for which code raises (of nan only whether it raises is compared);
* setting: a parameter whose default is a flag or a number is given another value;
* other: a tensor of another rank or dtype;
* around: a Keras object is called in a tf.function, instead of its ``call`` being one.

Of a situation in which eager code raises only that is compared.  Results may differ by what the last bit of the inputs
changes.

Precision: of those told, the share that fails or differs; recall: of those that fail or differ, the share told; both on
the three inputs alone, and with the situations.  Half of the drawn are told, and more or fewer of all functions may be:
the *weighted* recall counts each half by how many functions it stands for.
"""

from __future__ import annotations

import argparse
import ast
import functools
import hashlib
import itertools
import json
import os
import socket
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
from tf_run import Case, Plain, Side, close, compared, forked, observe, ready, seed, tensorflow
from tf_run_data import CASES

ORDER = (0, 1, 2, 0, 0) * 3
PLAIN = (
    "u(b + 2, b + 2)", "n(b + 2)", "n(b, 8, 8, 3)", "n(b, 4, 4)", "i(3, b + 2)", "n()", "i(3)", "2",
    "tf.constant(['a', 'b'])", "tf.constant([2 + k, 3])",
)  # fmt: skip
ALONE = frozenset(f"{one}," for one in PLAIN if one not in ("n()", "i(3)", "2"))
ANNOTATED = {"int": "2", "float": "0.5", "bool": "True"}
MAKERS = ("__init__", "__new__", "__setattr__", "__setstate__", "build")
SECONDS = 60
Seen = dict[str, Any]


def required(tree: ast.Module, name: str) -> tuple[list[ast.arg], bool] | str:
    """Return the parameters that have to be given and whether an object is needed; or why it can't be fed."""
    holder: Any = tree
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
    names = [*arguments.posonlyargs, *arguments.args]
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
    tree = ast.parse(file.read_text(encoding="utf-8"))
    found = required(tree, name)
    if isinstance(found, str):
        return found
    names, method = found
    makes = [f"m.{name.rsplit('.', 1)[0]}({args})" for args in ("", "4", "4, 4", "2, 4, 4")] if method else [""]
    if not names:
        return "it takes no input"
    constants = [constant(tree, name.rsplit(".", 1)[-1], index, arg) for index, arg in enumerate(names)]
    loose = [index for index, known in enumerate(constants) if not known]
    if len(loose) <= 2:
        rows = [list(row) for row in itertools.product(PLAIN, repeat=len(loose))]
        rows.sort(key=lambda row: len(set(row)))
    else:
        rows = [[one] * len(loose) for one in PLAIN]
        rows += [[one] * (len(loose) - 1) + [two] for one in PLAIN[:4] for two in ("2", "i(3, b + 2)", "n()")]
    rows = [row for row in rows if len(loose) < 2 or set(row) != {"2"}]  # something is a tensor
    filled = [
        [row[loose.index(index)] if index in loose else constants[index] for index in range(len(names))] for row in rows
    ]
    return [(end, name, make, ", ".join(row) + ",", "") for make in makes for row in filled]


def constant(tree: ast.Module, name: str, index: int, arg: ast.arg) -> str:
    """Return the text of what a parameter gets that is no tensor: by its annotation, or by all calls in the file."""
    written = ast.unparse(arg.annotation) if arg.annotation is not None else ""
    if written in ANNOTATED:
        return ANNOTATED[written]
    if written.lower().startswith(("list[", "sequence[", "typing.list[", "typing.sequence[")) and "Tensor" in written:
        return "[u(b + 2, b + 2), u(b + 2, b + 2)]"
    given: list[str] = []
    for call in ast.walk(tree):
        if not isinstance(call, ast.Call):
            continue
        func = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
        if func != name or any(isinstance(one, ast.Starred) for one in call.args):
            continue
        by_name = [keyword.value for keyword in call.keywords if keyword.arg == arg.arg]
        value = by_name[0] if by_name else call.args[index] if index < len(call.args) else None
        if not isinstance(value, ast.Constant) or value.value is None:
            return ""
        given.append(repr(value.value))
    return given[0] if given else ""


def fed(tf: Any, file: Path, cases: list[Case]) -> tuple[Case, list[str]] | str:
    """Return the first way in which a function runs eagerly, with other inputs that it takes; or why there is none.

    Another input is a tensor of another rank or dtype, for functions of one parameter (of several, most combinations
    mean nothing).
    """
    last = ""
    for make, group in itertools.groupby(cases, key=lambda case: case[2]):
        side, found, others = None, None, list[str]()
        for case in group:
            if found is not None and case[3] not in ALONE:
                continue
            try:
                side = side or Side(tf, file, "case_search", case)
                side.given = case[3]
            except Exception as exc:
                last = f"case: not built: {type(exc).__name__}: {exc}"[:200]
                break
            first = observe(side, (0, 1), False)
            if first["error"] or nothing(first["outs"]):
                last = f"case: not fed: {first['error'][:150]} {side.module.__dict__['_failed'][:1]} {make}"
            elif found is not None:
                others.append(case[3])
            else:
                found = case
        if found is not None:
            return found, others if found[3] in ALONE else []
    return last


def nothing(outs: list[Any]) -> bool:
    """Whether all results are arrays without an element, of which nothing can be seen."""
    parts = [part for out in outs for part in (out if isinstance(out, list | tuple) else [out])]
    return bool(parts) and all(getattr(part, "size", 1) == 0 for part in parts)


def alone(*_: Any) -> None:
    raise OSError("what public code would download isn't loaded")


def judged(file: str, cases: list[Case]) -> Seen:
    """Find a way that runs eagerly, and compare (in a process of its own)."""
    tf = tensorflow()
    socket.socket.connect = alone  # type: ignore[method-assign]
    os.chdir(tempfile.mkdtemp())  # public code writes logs and figures beside itself
    tf.config.run_functions_eagerly(True)
    way = fed(tf, Path(file), cases)
    if isinstance(way, str):
        return {"result": way}
    case, others = way
    tree = ast.parse(Path(file).read_text(encoding="utf-8"))
    outside = written(tree, case[1].rsplit(".", 1)[-1])
    flags = switches(tree, case[1])
    seen: list[list[tuple[str, Seen]]] = []
    for eagerly in (True, False):
        tf.config.run_functions_eagerly(eagerly)
        side = Side(tf, Path(file), f"case_{eagerly}", case, force=not eagerly)
        seed(tf, 2)
        seen.append(list(observed(side, outside, flags, others)))
        if seen[0][0][1]["error"]:
            return {"result": f"case: not fed: {seen[0][0][1]['error'][:200]}"}
        if "MagicMock" in repr(seen[0][0][1]["outs"]):
            return {"result": "case: it rests on a package that isn't here"}
    found = {"result": "equal", "fed": case[3], "make": case[2]}
    slack = 0.0
    for (name, eager), (_, graph) in zip(*seen, strict=False):
        bad = told_apart(name, eager, graph)
        if bad == "differs: outs":
            slack = slack or jitter(tf, Path(file), case, seen[0][0][1]["outs"])
            bad = told_apart(name, eager, graph, slack)
        if bad:
            found["result" if name == "calls" else "situation"] = bad if name == "calls" else f"{name}: {bad}"
            return found
    side = Side(tf, Path(file), "case_around", case)
    if case[1].endswith(".call") and isinstance(side.object, tf.keras.Layer):
        side.call = tf.function(side.call)
        seed(tf, 2)
        bad = told_apart("around", seen[0][0][1], observe(side, ORDER, False))
        if bad:
            found["situation"] = f"around: {bad}"
    return found


def switches(tree: ast.Module, name: str) -> dict[str, bool | float]:
    """Return the parameters of a function whose default is a flag or a number, with another value."""
    holder: Any = tree
    for part in name.split("."):
        holder = [n for n in holder.body if isinstance(n, ast.FunctionDef | ast.ClassDef) and n.name == part][-1]
    arguments = holder.args
    names = [*arguments.posonlyargs, *arguments.args]
    pairs = list(zip(names[::-1], arguments.defaults[::-1], strict=False))
    pairs += [pair for pair in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True) if pair[1] is not None]
    return {
        arg.arg: not value.value if isinstance(value.value, bool) else type(value.value)(value.value / 2 + 1)
        for arg, value in pairs
        if isinstance(value, ast.Constant) and isinstance(value.value, bool | float | int)
    }


def told_apart(name: str, eager: Seen, graph: Seen, slack: float = 0.0) -> str:
    """Return what differs, or ''; where eager code raises, only that is asked for.

    ``slack`` is the share of the largest number by which results may differ.
    """
    if eager["error"]:
        return "" if graph["error"] else f"doesn't raise: {eager['error'][:100]}"
    if name == "nan":
        return f"fails: {graph['error'][:300]}" if graph["error"] else ""
    eager = {**eager, "outs": [numbers(out, other) for out, other in zip(eager["outs"], graph["outs"], strict=False)]}
    bad = compared(eager, graph)
    pairs = zip(eager["outs"], graph["outs"], strict=True)
    return "" if bad == "differs: outs" and all(near(a, b, slack) for a, b in pairs) else bad


def near(left: Any, right: Any, slack: float) -> bool:
    """Whether results differ by no more than ``slack`` of the largest number."""
    if isinstance(left, dict) and isinstance(right, dict):
        return left.keys() == right.keys() and all(near(left[key], right[key], slack) for key in left)
    if isinstance(left, list | tuple) and isinstance(right, list | tuple):
        return len(left) == len(right) and all(near(a, b, slack) for a, b in zip(left, right, strict=True))
    arrays = isinstance(left, np.ndarray) and isinstance(right, np.ndarray)
    if not arrays or left.shape != right.shape or left.dtype != right.dtype or left.dtype.kind != "f" or not left.size:
        return close(left, right)
    return bool(np.abs(left - right).max() <= slack * np.abs(left).max())


def jitter(tf: Any, file: Path, case: Case, outs: list[Any]) -> float:
    """Return the share by which eager results change where each input changes by its last bit (at most a thousandth).

    A sine of a large number tells one graph's order of multiplications from another's; that is no difference.
    """
    tf.config.run_functions_eagerly(True)
    side = Side(tf, file, "case_jitter", case)
    side.inputs = functools.partial(  # type: ignore[method-assign]
        _of_numbers, tf, side.inputs, lambda x: tf.math.nextafter(x, x + 1) if x.dtype == tf.float32 else x
    )
    seed(tf, 2)
    seen = observe(side, ORDER, False)
    tf.config.run_functions_eagerly(False)
    if seen["error"]:
        return 0.0
    return next((share for share in (1e-5, 1e-4, 1e-3) if all(map(near, outs, seen["outs"], [share] * 99))), 0.0)


def numbers(left: Any, right: Any) -> Any:
    """Return ``left`` with its Python numbers as what a tf.function makes of them: they stay equal (see THF506)."""
    if isinstance(left, list | tuple) and isinstance(right, list | tuple) and len(left) == len(right):
        return [numbers(a, b) for a, b in zip(left, right, strict=True)]
    if isinstance(left, dict) and isinstance(right, dict):
        return {key: numbers(value, right.get(key)) for key, value in left.items()}
    if isinstance(left, bool | int | float) and hasattr(right, "dtype"):
        return np.asarray(left, right.dtype) if right.shape == () else left
    return left


def observed(
    side: Side, outside: frozenset[str], flags: dict[str, bool | float], others: list[str]
) -> Iterator[tuple[str, Seen]]:
    """Yield what is seen of the calls, and then in each situation."""
    first = observe(side, ORDER, False)
    yield "calls", first
    if first["error"]:
        return
    tf = side.tf
    if shifted(side):
        yield "weights", observe(side, (0, 1), False)
    if changed(side, outside):
        yield "outside", observe(side, (0, 1), False)
    if "b" in {node.id for node in ast.walk(ast.parse(f"({side.given})")) if isinstance(node, ast.Name)}:
        yield "size", observe(side, (3, 0, 3, 1), False)
    plain = side.inputs
    for name, make in (
        ("zeros", tf.zeros_like),
        ("negative", lambda x: -1 - abs(x)),
        ("nan", lambda x: x * float("nan") if x.dtype.is_floating else x),
    ):
        side.inputs = functools.partial(_of_numbers, tf, plain, make)  # type: ignore[method-assign]
        yield name, observe(side, (0,), False)
    side.inputs = plain  # type: ignore[method-assign]
    call = side.call
    for name, value in flags.items():
        side.call = functools.partial(call, **{name: value})
        yield f"setting {name}", observe(side, (0, 1), False)
    side.call = call
    for given in others:
        side.given = given
        yield f"other {given}", observe(side, (0, 1), False)


def _of_numbers(tf: Any, plain: Callable[[int], Any], make: Callable[[Any], Any], k: int) -> Any:
    """Return the inputs of call ``k`` with other numbers."""

    def one(value: Any) -> Any:
        number = isinstance(value, tf.Tensor) and (value.dtype.is_floating or value.dtype.is_integer)
        return make(value) if number else value

    return tf.nest.map_structure(one, plain(k))


def shifted(side: Side) -> bool:
    """Change all variables that the file and the object hold; return whether there are any."""
    tf, found = side.tf, False
    for holder in (side.module, side.object):
        variables = list(getattr(holder, "variables", None) or []) if isinstance(holder, tf.Module) else []
        for value in [*variables, *vars(holder).values()] if hasattr(holder, "__dict__") else []:
            for one in side.tf.nest.flatten(value) if isinstance(value, list | tuple | dict) else [value]:
                raw = one.value if isinstance(one, tf.keras.Variable) else one
                if isinstance(raw, tf.Variable) and raw.dtype.is_floating:
                    raw.assign(raw * 0.5 + 0.1)
                    found = True
    return found


def changed(side: Side, outside: frozenset[str]) -> bool:
    """Change the Python values of the file and the object that are written elsewhere; return whether there are any."""
    tf, found = side.tf, False
    for holder in (side.module, side.object):
        if holder is None or isinstance(holder, Plain):
            continue
        for name in sorted(outside & set(getattr(holder, "__dict__", {}))):
            value = getattr(holder, name)
            if isinstance(value, bool):
                other: Any = not value
            elif isinstance(value, int | float) or (isinstance(value, tf.Tensor) and value.dtype.is_floating):
                other = value * 2 + 1
            else:
                continue
            try:
                setattr(holder, name, other)
            except Exception:  # a property without a setter
                continue
            found = True
    return found


def written(tree: ast.Module, name: str) -> frozenset[str]:
    """Return the attributes and globals that functions of a file write, other than ``name`` and what makes objects."""
    found: set[str] = set()
    for function in ast.walk(tree):
        if not isinstance(function, ast.FunctionDef) or function.name in (name, *MAKERS):
            continue
        shared = {n for node in ast.walk(function) if isinstance(node, ast.Global) for n in node.names}
        for node in ast.walk(function):
            if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store):
                found.add(node.attr)
            elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store) and node.id in shared:
                found.add(node.id)
    return frozenset(found)


def function_of(tree: ast.Module, line: int) -> ast.FunctionDef | None:
    return next((n for n in ast.walk(tree) if isinstance(n, ast.FunctionDef) and n.lineno == line), None)


def draw(options: argparse.Namespace) -> tuple[list[Seen], Counter[str], Counter[bool]]:
    """Draw and judge functions; return them, how many were skipped, by reason, and how many there are, told and not."""
    rows: list[Seen] = [row for path in options.rows for row in json.loads(path.read_text())]
    rows.sort(
        key=lambda row: hashlib.sha256(f"{options.seed} {row['root']}/{row['path']}:{row['line']}".encode()).digest()
    )
    known: dict[str, Seen] = {}
    if options.known and options.known.exists():
        known = json.loads(options.known.read_text())
    skipped: Counter[str] = Counter()
    drawn: list[Seen] = []
    seen: set[str] = set()
    for told in (True, False):
        number = 0
        for row in rows:
            if bool(row["codes"]) is not told or number >= options.number // 2:
                continue
            end = f"{row['root']}/{row['path']}"
            file = options.before / end
            node = function_of(ast.parse(file.read_text(encoding="utf-8")), row["line"])
            text = ast.unparse(node) if node is not None else end
            if text in seen:
                continue
            seen.add(text)
            key = f"{end}:{row['line']}"
            if key not in known:
                cases = candidates(file, row["name"], end)
                known[key] = (
                    {"result": f"case: {cases}"}
                    if isinstance(cases, str)
                    else forked(judged, (str(file.resolve()), cases), SECONDS)
                )
                if options.known:
                    options.known.write_text(json.dumps(known, indent=1))
            found = known[key]
            if found["result"].startswith("case: "):
                skipped[found["result"][6:].split(":")[0]] += 1
                continue
            number += 1
            drawn.append({**row, **found})
            what = found.get("situation") or found["result"]
            line = f"{row['name'][:36]:37} {end[-44:]:45} {','.join(row['codes']):24} "
            print(line + what[:110].replace("\n", " "), flush=True)
    return drawn, skipped, Counter(bool(row["codes"]) for row in rows)


def report(drawn: list[Seen], skipped: Counter[str], there: Counter[bool]) -> None:
    print(f"\n{len(drawn)} functions; skipped: {', '.join(f'{n} {why}' for why, n in skipped.most_common())}")
    told = [row for row in drawn if row["codes"]]
    rest = [row for row in drawn if not row["codes"]]
    ways: list[tuple[str, Callable[[Seen], bool]]] = [
        ("on three inputs", lambda row: row["result"] != "equal"),
        ("with situations", lambda row: row["result"] != "equal" or "situation" in row),
    ]
    for name, wrong in ways:
        both, missed = sum(map(wrong, told)), sum(map(wrong, rest))
        print(f"{name}: precision {both} of {len(told)} ({100 * both / max(len(told), 1):.1f} %)", end=", ")
        print(f"recall {both} of {both + missed} ({100 * both / max(both + missed, 1):.1f} %)", end=", ")
        hits = both * there[True] / max(len(told), 1)
        misses = missed * there[False] / max(len(rest), 1)
        share = 100 * hits / max(hits + misses, 1e-9)
        print(f"weighted by {there[True]} told and {there[False]} not: {share:.1f} %")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--before", type=Path, required=True)
    parser.add_argument("--rows", type=Path, nargs="+", required=True)
    parser.add_argument("--number", type=int, default=100)
    parser.add_argument("--seed", type=int, default=6)
    parser.add_argument("--json", type=Path)
    parser.add_argument("--known", type=Path)
    options = parser.parse_args()
    ready()
    drawn, skipped, there = draw(options)
    report(drawn, skipped, there)
    if options.json:
        options.json.write_text(json.dumps(drawn, indent=1), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
