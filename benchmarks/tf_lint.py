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
* outside: Python values of the object or the file are changed, that some other function of the file writes, or the
  file itself further down;
* size: an input of another size;
* zeros, negative, larger, nan: numbers for which code raises (of nan only whether it raises is compared), or draws;
* arrays: what some call in the file gives as an array of NumPy is one, in double precision;
* setting: a parameter whose default is a flag or a number is given another value, ``training=None`` is ``True``;
* other: a tensor of another rank or dtype, or another number where the annotation asks for one;
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
from tf_feed import candidates, fed, function_of, other_numbers
from tf_load import STAND_INS
from tf_run import Case, Plain, Side, close, compared, forked, observe, ready, seed, tensorflow

ORDER = (0, 1, 2, 0, 0) * 3
MAKERS = ("__init__", "__new__", "__setattr__", "__setstate__", "build")
SECONDS = 60
Seen = dict[str, Any]


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
    way = fed(tf, Path(file), cases, nothing)
    if isinstance(way, str):
        return {"result": way}
    case, others = way
    tree = ast.parse(Path(file).read_text(encoding="utf-8"))
    outside = written(tree, case[1].rsplit(".", 1)[-1]) | bound_anew(tree, case[1])
    flags = switches(tree, case[1])
    arrays = given_arrays(tree, case[1])
    others += other_numbers(tree, case)
    seen: list[list[tuple[str, Seen]]] = []
    for eagerly in (True, False):
        tf.config.run_functions_eagerly(eagerly)
        side = Side(tf, Path(file), f"case_{eagerly}", case, force=not eagerly)
        seed(tf, 2)
        for stand_in in STAND_INS:
            stand_in.reset_mock()
        seen.append(list(observed(side, outside, flags, arrays, others)))
        if seen[0][0][1]["error"]:
            return {"result": f"case: not fed: {seen[0][0][1]['error'][:200]}"}
        if "MagicMock" in repr(seen[0][0][1]["outs"]) or any(stand_in.mock_calls for stand_in in STAND_INS):
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
    if bad := around(tf, Path(file), case, seen[0][0][1]):
        found["situation"] = f"around: {bad}"
    return found


def around(tf: Any, file: Path, case: Case, eager: Seen) -> str:
    """Return what differs where a Keras object is called in a tf.function, or ''.

    Where the first call makes weights, eager and graph draw other random numbers for them: then both make them eagerly.
    """
    bad = ""
    for built in (False, True):
        side = Side(tf, file, f"case_around_{built}", case)
        if not (case[1].endswith(".call") and isinstance(side.object, tf.keras.Layer)):
            return ""
        bare = not side.object.variables
        if built:
            other = Side(tf, file, "case_beside", case)
            for one in (side, other):
                seed(tf, 2)
                one.call(*one.inputs(0))
            seed(tf, 2)
            eager = observe(other, ORDER, False)
        side.call = tf.function(side.call)
        seed(tf, 2)
        bad = told_apart("around", eager, observe(side, ORDER, False))
        if not bad or not bare or not side.object.variables:
            return bad
    return bad


def switches(tree: ast.Module, name: str) -> dict[str, bool | float]:
    """Return the parameters of a function whose default is a flag or a number, with another value."""
    found = function_of(tree, name)
    if isinstance(found, str):
        return {}
    arguments = found[0].args
    names = [*arguments.posonlyargs, *arguments.args]
    pairs = list(zip(names[::-1], arguments.defaults[::-1], strict=False))
    pairs += [pair for pair in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True) if pair[1] is not None]
    out: dict[str, bool | float] = {
        arg.arg: not value.value if isinstance(value.value, bool) else type(value.value)(value.value / 2 + 1)
        for arg, value in pairs
        if isinstance(value, ast.Constant) and isinstance(value.value, bool | float | int)
    }
    for arg, value in pairs:  # Keras fills it in: `None` by itself is no training
        if arg.arg == "training" and isinstance(value, ast.Constant) and value.value is None:
            out[arg.arg] = True
    return out


def given_arrays(tree: ast.Module, name: str) -> frozenset[int]:
    """Return the places of the parameters for which some call in the file gives an array of NumPy, by its name.

    Arrays of Python's floats are double precision.
    """
    found = function_of(tree, name)
    if isinstance(found, str) or found[1] is not None:
        return frozenset()
    made = [
        (target.id, node.value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Assign)
        for target in node.targets
        if isinstance(target, ast.Name)
    ]
    arrays = {
        name
        for name, value in made
        if isinstance(value, ast.Call) and ast.unparse(value.func).startswith(("np.", "numpy."))
        and "32" not in ast.unparse(value)
    }  # fmt: skip
    arrays -= {name for name, value in made if not isinstance(value, ast.Call)}
    return frozenset(
        index
        for call in ast.walk(tree)
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id == found[0].name
        for index, value in enumerate(call.args)
        if isinstance(value, ast.Name) and value.id in arrays
    )


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
    side: Side, outside: frozenset[str], flags: dict[str, bool | float], arrays: frozenset[int], others: list[str]
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
        ("larger", lambda x: x * 2 + 1),
        ("nan", lambda x: x * float("nan") if x.dtype.is_floating else x),
    ):
        side.inputs = functools.partial(_of_numbers, tf, plain, make)  # type: ignore[method-assign]
        yield name, kept(side, (0,))
    if arrays:
        side.inputs = functools.partial(_as_arrays, plain, arrays)  # type: ignore[method-assign]
        yield "arrays", kept(side, (0, 1))
    side.inputs = plain  # type: ignore[method-assign]
    call = side.call
    for name, value in flags.items():
        side.call = functools.partial(call, **{name: value})
        yield f"setting {name}", kept(side, (0, 1))
    side.call = call
    for given in others:
        side.given = given
        yield f"other {given}", kept(side, (0, 1))


def kept(side: Side, order: tuple[int, ...]) -> Seen:
    """Observe a side, and give its variables back what they held: of code that raises, an update may have been made.

    In a graph it may be another one than eagerly; that isn't compared, nor may it be taken on to the next situation.
    """
    before = [(one, one.numpy()) for _, one in side.state() if isinstance(one, side.tf.Variable)]
    seen = observe(side, order, False)
    for variable, value in before:
        variable.assign(value)
    return seen


def _of_numbers(tf: Any, plain: Callable[[int], Any], make: Callable[[Any], Any], k: int) -> Any:
    """Return the inputs of call ``k`` with other numbers."""

    return tf.nest.map_structure(lambda value: make(value) if _numeric(tf, value) else value, plain(k))


def _numeric(tf: Any, value: Any) -> bool:
    return isinstance(value, tf.Tensor) and (value.dtype.is_floating or value.dtype.is_integer)


def _as_arrays(plain: Callable[[int], Any], places: frozenset[int], k: int) -> Any:
    """Return the inputs of call ``k``, of which those at ``places`` are arrays in double precision."""
    floats = ("float32", "float64")
    return tuple(
        value.numpy().astype("float64") if place in places and getattr(value, "dtype", "") in floats else value
        for place, value in enumerate(plain(k))
    )


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
            elif isinstance(value, int | float) or _numeric(tf, value):
                other = value * 2 + 3
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


def bound_anew(tree: ast.Module, name: str) -> frozenset[str]:
    """Return the names at the top of a file that are bound before a function and anew behind it."""
    found = function_of(tree, name)
    if isinstance(found, str):
        return frozenset()
    before, behind = set[str](), set[str]()
    for statement in tree.body:
        for target in getattr(statement, "targets", [getattr(statement, "target", None)]):
            names = {n.id for n in ast.walk(target) if isinstance(n, ast.Name)} if target is not None else set()
            if statement.lineno > (found[0].end_lineno or 0):
                behind |= names
            elif statement.lineno < found[0].lineno:
                before |= names
    return frozenset(before & behind)


def function_at(tree: ast.Module, line: int) -> ast.FunctionDef | None:
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
            node = function_at(ast.parse(file.read_text(encoding="utf-8")), row["line"])
            text = ast.unparse(node) if node is not None else end
            reached = function_of(ast.parse(file.read_text(encoding="utf-8")), row["name"])
            if not isinstance(reached, str) and node is not None and reached[0].lineno != node.lineno:
                skipped["it is defined anew further down"] += 1
                continue
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
