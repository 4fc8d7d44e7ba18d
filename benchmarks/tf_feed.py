"""How functions of public TensorFlow code are built and fed where ``tf_run_data.py`` doesn't say, for ``tf_lint.py``.

A parameter gets a number, flag or text where its annotation, the docstring, all calls in the file or its uses say so
(``range(n)``, ``tf.constant(n)``, ``tf.strings.lower(x)``), else plain tensors, by turns: the first combination with
which the function runs eagerly is taken.  Before these are tried

* the tensors that a declared ``input_signature`` asks for (then nothing else: it takes nothing else);
* a list of tensors, where all calls in the file give a list, where the function unpacks the parameter (``a, b = x``,
  ``f(*x)``), or where its annotation says so;
* a dict of tensors, where the function asks the parameter for keys (then nothing else: no tensor has any);
* a list of numbers, where its annotation says so.
"""

from __future__ import annotations

import ast
import itertools
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tf_run import Case, Side, observe
from tf_run_data import CASES

PLAIN = (
    "u(b + 2, b + 2)", "n(b + 2)", "n(b, 8, 8, 3)", "n(b, 4, 4)", "i(3, b + 2)", "n()", "i(3)", "2",
    "tf.constant(['a', 'b'])", "tf.constant([2 + k, 3])",
)  # fmt: skip
ALONE = frozenset(f"{one}," for one in PLAIN if one not in ("n()", "i(3)", "2"))
ANNOTATED = {"int": "2", "float": "0.5", "bool": "True"}
ANOTHER = {"int": "3", "float": "0.75", "bool": "False"}
TEXTS = "tf.constant(['1', '2'])"
NUMBERS = ("Sequence[int]", "List[int]", "list[int]", "Tuple[int, int]", "tuple[int, int]", "Tuple[int, ...]")
KEYED = ("get", "pop")
Wrap = Callable[[str], str]


def function_of(tree: ast.Module, name: str) -> tuple[ast.FunctionDef, ast.ClassDef | None] | str:
    """Return a function by its qualified name and the class that holds it; or why it can't be fed."""
    holder: Any = tree
    cls = None
    for part in name.split("."):
        cls = holder if isinstance(holder, ast.ClassDef) else None
        found = [n for n in holder.body if isinstance(n, ast.FunctionDef | ast.ClassDef) and n.name == part]
        if not found or isinstance(holder, ast.FunctionDef):
            return "it stands inside of another function or statement"
        holder = found[-1]
    return holder, cls


def required(function: ast.FunctionDef, cls: ast.ClassDef | None) -> tuple[list[ast.arg], bool] | str:
    """Return the parameters that have to be given and whether an object is needed; or why it can't be fed."""
    arguments = function.args
    names = [*arguments.posonlyargs, *arguments.args]
    names = names[: len(names) - len(arguments.defaults)]
    static = any(isinstance(d, ast.Name) and d.id == "staticmethod" for d in function.decorator_list)
    if any(default is None for default in arguments.kw_defaults):
        return "it has keyword-only parameters that must be given"
    return (names[1:] if cls is not None and not static else names), cls is not None and not static


def candidates(file: Path, name: str, end: str) -> list[Case] | str:
    """Return ways to build and feed a function, the likeliest first."""
    known = [case for case in CASES if case[0] == end and case[1] == name]
    if known:
        return known
    tree = ast.parse(file.read_text(encoding="utf-8"))
    found = function_of(tree, name)
    if isinstance(found, str):
        return found
    function, cls = found
    needed = required(function, cls)
    if isinstance(needed, str):
        return needed
    names, method = needed
    makes = [f"m.{name.rsplit('.', 1)[0]}({args})" for args in ("", "4", "4, 4", "2, 4, 4")] if method else [""]
    if not names:
        return "it takes no input"
    given = [given_in_file(tree, function, cls, index, arg.arg) for index, arg in enumerate(names)]
    constants = [constant(function, calls, arg) for calls, arg in zip(given, names, strict=True)]
    wraps = [wrapping(function, calls, arg) for calls, arg in zip(given, names, strict=True)]
    loose = [index for index, text in enumerate(constants) if not text]
    if len(loose) <= 2:
        rows = [list(row) for row in itertools.product(PLAIN, repeat=len(loose))]
        rows.sort(key=lambda row: len(set(row)))
    else:
        rows = [[one] * len(loose) for one in PLAIN]
        rows += [[one] * (len(loose) - 1) + [two] for one in PLAIN[:4] for two in ("2", "i(3, b + 2)", "n()")]
    rows = [row for row in rows if len(loose) < 2 or set(row) != {"2"}]  # something is a tensor
    wrapped = [
        [wrap(text) if (wrap := wraps[index]) is not None else text for index, text in zip(loose, row, strict=True)]
        for row in rows
    ]
    keyed = any(wrap is not None and wrap("").startswith("{") for wrap in wraps)
    filled = [
        [row[loose.index(index)] if index in loose else constants[index] for index in range(len(names))]
        for row in [*(wrapped if any(wraps) else []), *(rows if not keyed else [])]
    ]
    return [(end, name, make, ", ".join(row) + ",", "") for make in makes for row in filled]


def given_in_file(
    tree: ast.Module, function: ast.FunctionDef, cls: ast.ClassDef | None, index: int, name: str
) -> list[ast.expr]:
    """Return what the calls in the file give a parameter; an empty list where one of them doesn't tell."""
    names = {function.name}
    if cls is not None and function.name in ("call", "__call__"):
        names |= {
            target.attr if isinstance(target, ast.Attribute) else target.id
            for node in ast.walk(tree)
            if isinstance(node, ast.Assign) and isinstance(node.value, ast.Call)
            and getattr(node.value.func, "id", "") == cls.name
            for target in node.targets
            if isinstance(target, ast.Attribute | ast.Name)
        }  # fmt: skip
    given: list[ast.expr] = []
    for call in ast.walk(tree):
        if not isinstance(call, ast.Call):
            continue
        func = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
        if func not in names or any(isinstance(one, ast.Starred) for one in call.args):
            continue
        by_name = [keyword.value for keyword in call.keywords if keyword.arg == name]
        value = by_name[0] if by_name else call.args[index] if index < len(call.args) else None
        if value is None:
            return []
        given.append(value)
    return given


def typed(function: ast.FunctionDef, arg: ast.arg) -> str:
    """Return the type of a parameter by its annotation, or by the docstring where that says no more than a number."""
    if arg.annotation is not None:
        return ast.unparse(arg.annotation)
    said = re.search(rf"^\s*{arg.arg}: (int|float|bool)(?:[.,]|$)", ast.get_docstring(function) or "", re.M)
    return said[1] if said else ""


def constant(function: ast.FunctionDef, given: list[ast.expr], arg: ast.arg) -> str:
    """Return the text of what a parameter gets that is no tensor: by its type, or by all calls in the file."""
    written = typed(function, arg)
    if written in ANNOTATED:
        return ANNOTATED[written]
    if written.lower().startswith(("list[", "sequence[", "typing.list[", "typing.sequence[")) and "Tensor" in written:
        return "[u(b + 2, b + 2), u(b + 2, b + 2)]"
    if given and all(isinstance(value, ast.Constant) and value.value is not None for value in given):
        return ast.unparse(given[0])
    return used_as(function, arg)


def used_as(function: ast.FunctionDef, arg: ast.arg) -> str:
    """Return what a parameter gets whose uses say what it is: texts, or a number of Python.

    ``tf.strings`` takes texts, and so does what asks for their dtype; ``range`` and ``tf.constant`` are written for
    numbers of Python (a graph's tensor is none to ``tf.constant``, whatever eager code takes).
    """
    if any(isinstance(n, ast.Name) and n.id == arg.arg and isinstance(n.ctx, ast.Store) for n in ast.walk(function)):
        calls = [n for statement in function.body[:2] for n in ast.walk(statement)]  # before it is another value
    else:
        calls = list(ast.walk(function))
    for node in calls:
        if isinstance(node, ast.Compare) and ast.unparse(node) in (
            f"{arg.arg}.dtype == tf.string",
            f"tf.string == {arg.arg}.dtype",
        ):
            return TEXTS
        if not isinstance(node, ast.Call) or not node.args or not _is(node.args[0], arg):
            continue
        name = ast.unparse(node.func)
        if name.startswith("tf.strings."):
            return TEXTS
        if name in ("range", "tf.constant"):
            return "2"
    return ""


def other_numbers(tree: ast.Module, case: Case) -> list[str]:
    """Return the inputs of ``case`` with other values for what is a number or flag by its annotation, if any is."""
    found = function_of(tree, case[1])
    needed = required(*found) if not isinstance(found, str) else found
    given = ast.parse(f"({case[3]})", mode="eval").body
    if isinstance(found, str) or isinstance(needed, str) or not isinstance(given, ast.Tuple):
        return []
    texts = [ast.unparse(one) for one in given.elts]
    changed = list(texts)
    for index, (text, arg) in enumerate(zip(texts, needed[0], strict=False)):
        written = typed(found[0], arg)
        if ANNOTATED.get(written) == text:
            changed[index] = ANOTHER[written]
    return [", ".join(changed) + ","] if changed != texts else []


def wrapping(function: ast.FunctionDef, given: list[ast.expr], arg: ast.arg) -> Wrap | None:
    """Return what makes of a tensor's text the list or dict that a parameter is meant to get, if it is meant so."""
    written = ast.unparse(arg.annotation) if arg.annotation is not None else ""
    if any(one in written for one in NUMBERS):
        return lambda _: "[2, 1]"
    lengths = {len(one.elts) if isinstance(one, ast.List | ast.Tuple) else 0 for one in given}
    sized = lengths.pop() if len(lengths) == 1 else 0
    keys: list[str] = []
    for node in ast.walk(function):
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "isinstance" and _is(node.args[0], arg):
            return None  # it takes the one and the other
        if isinstance(node, ast.Assign) and _is(node.value, arg) and isinstance(node.targets[0], ast.Tuple):
            parts = node.targets[0].elts
            sized = sized or (0 if any(isinstance(part, ast.Starred) for part in parts) else len(parts))
        elif isinstance(node, ast.Call) and any(isinstance(a, ast.Starred) and _is(a.value, arg) for a in node.args):
            sized = sized or 2
        elif isinstance(node, ast.Subscript) and _is(node.value, arg):
            keys += _text(node.slice)
        elif isinstance(node, ast.Compare) and isinstance(node.ops[0], ast.In | ast.NotIn):
            keys += _text(node.left) if _is(node.comparators[0], arg) else []
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and _is(node.func.value, arg):
            keys += _text(node.args[0]) if node.func.attr in KEYED and node.args else []
    if keys:
        return lambda text: "{" + ", ".join(f"{key!r}: {text}" for key in sorted(set(keys))) + "}"
    return (lambda text: "(" + f"{text}, " * sized + ")") if sized else None


def _is(node: ast.expr, arg: ast.arg) -> bool:
    return isinstance(node, ast.Name) and node.id == arg.arg


def _text(node: ast.expr) -> list[str]:
    return [node.value] if isinstance(node, ast.Constant) and isinstance(node.value, str) else []


def declared(side: Side) -> str | None:
    """Return the inputs that the ``input_signature`` of what is called asks for; ``None`` where it declares none.

    '' where it asks for what isn't made here (it takes nothing else).
    """
    holder, name = side.owner()
    function = getattr(holder if side.object is None else side.object, name, None)
    signature = getattr(function, "input_signature", None)
    if not isinstance(signature, list | tuple):
        return None
    texts = [_as_declared(side.tf, spec) for spec in signature]
    return "" if None in texts else "".join(f"{text}, " for text in texts).strip()


def _as_declared(tf: Any, spec: Any) -> str | None:
    """Return the text of an input for ``spec``, part of a signature."""
    if isinstance(spec, list | tuple):
        parts = [_as_declared(tf, part) for part in spec]
        return None if None in parts else "(" + "".join(f"{part}, " for part in parts) + ")"
    if not isinstance(spec, tf.TensorSpec):
        return None
    dims = ["b + 2", "b + 2"] if spec.shape.rank is None else [str(d or "b + 2") for d in spec.shape]
    if spec.dtype == tf.string:
        return f"tf.fill([{', '.join(dims)}], 'a')"
    made = f"n({', '.join(dims)})" if spec.dtype.is_floating else f"i({', '.join(['3', *dims])})"
    return f"tf.cast({made}, tf.{spec.dtype.name})"


def fed(tf: Any, file: Path, cases: list[Case], nothing: Callable[[list[Any]], bool]) -> tuple[Case, list[str]] | str:
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
            except Exception as exc:
                last = f"case: not built: {type(exc).__name__}: {exc}"[:200]
                break
            asked = declared(side) if case not in CASES else None
            if asked == "":
                last = "case: not fed: its input_signature asks for what isn't made here"
                break
            side.given = case[3] if asked is None else asked
            first = observe(side, (0, 1), False)
            if first["error"] or nothing(first["outs"]):
                last = f"case: not fed: {first['error'][:150]} {side.module.__dict__['_failed'][:1]} {make}"
            elif found is not None:
                others.append(case[3])
            else:
                found = (*case[:3], side.given, case[4])
            if asked is not None:
                break
        if found is not None:
            return found, others if found[3] in ALONE else []
    return last
