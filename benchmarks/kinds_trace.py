"""What ``kinds_truth.py`` is made of: reading kinds at run time, predicting them, and counting."""

# ruff: noqa: E402, E501
from __future__ import annotations

import ast
import os
import signal
import sys
import types
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from transpile_hybrid.meaning.classes import Project
from transpile_hybrid.meaning.infer import UnitFacts, function_facts, unit_facts
from transpile_hybrid.meaning.module import Module
from transpile_hybrid.meaning.project import read_module
from transpile_hybrid.meaning.units import collect_units
from transpile_hybrid.meaning.values import Value

Row = dict[str, Any]


def kind_of(value: Any) -> str:
    """The kind that a run-time value has."""
    torch = sys.modules.get("torch")
    mxnet = sys.modules.get("mxnet")
    tensorflow = sys.modules.get("tensorflow")
    numpy = sys.modules.get("numpy")
    if value is None:
        return "none"
    if torch is not None:
        for cls, kind in ((torch.Tensor, "tensor"), (torch.nn.Module, "module"), (torch.Size, "shape"), (torch.dtype,
        "dtype"),
                          (torch.device, "device")):  # fmt: skip
            if isinstance(value, cls):
                return kind
    if mxnet is not None:
        for cls, kind in ((mxnet.nd.NDArray, "tensor"), (mxnet.sym.Symbol, "tensor"), (mxnet.gluon.Block, "module"), (mxnet.gluon.Parameter,
        "parameter"),
                          (mxnet.Context, "device")):  # fmt: skip
            if isinstance(value, cls):
                return kind
    if tensorflow is not None:
        import keras

        for cls, kind in ((tensorflow.Variable, "variable"), (keras.Variable, "variable"), (tensorflow.Tensor,
        "tensor"),
                          (keras.Layer, "module"), (keras.KerasTensor, "tensor"), (tensorflow.TensorShape, "shape"),
                          (tensorflow.DType, "dtype")):  # fmt: skip
            if isinstance(value, cls):
                return kind
    if numpy is not None:
        for cls, kind in ((numpy.ndarray, "array"), (numpy.bool_, "bool"), (numpy.integer, "int"), (numpy.floating,
        "float"),
                          (numpy.dtype, "dtype")):  # fmt: skip
            if isinstance(value, cls):
                return kind
    if isinstance(value, type) and numpy is not None and issubclass(value, numpy.generic):
        return "dtype"
    for cls, kind in ((bool, "bool"), (int, "int"), (float, "float"), (complex, "complex"), (str, "str"), (bytes,
    "bytes"), (list, "list"),
                      (tuple, "tuple"), (dict, "dict"), (set, "set"), (frozenset, "set"), (types.ModuleType,
                      "namespace"), (type, "class"),
                      (slice, "slice"), (type(...), "ellipsis")):  # fmt: skip
        if isinstance(value, cls):
            return kind
    if isinstance(value, range | zip | enumerate | map | filter | reversed | types.GeneratorType) or hasattr(
        value, "__next__"
    ):
        return "iterator"
    if type(value).__name__ in ("dict_keys", "dict_values", "dict_items", "odict_values", "odict_items", "odict_keys"):
        return "iterator"
    if callable(value) and (isinstance(value, types.FunctionType | types.BuiltinFunctionType | types.MethodType) or (
        type(value).__module__ in ("functools", "builtins", "numpy", "torch._ops"))):  # fmt: skip
        return "function"
    return "object"


class Predictor:
    """Predicted values of the functions in some files.

    ``project_of`` gives the project in which a file's module is judged; by default the file stands alone.
    """

    def __init__(self, paths: Iterable[str], project_of: Callable[[Module], Project] | None = None) -> None:
        self.paths = set(paths)
        self.project_of = project_of or (lambda module: Project([module]))
        self.modules: dict[str, Module] = {}
        self.codes: dict[types.CodeType, Any] = {}
        self.home: dict[int, str] = {}
        self.by_line: dict[tuple[str, str, int], Any] = {}
        self.facts: dict[int, UnitFacts] = {}
        self.judged: set[str] = set()

    def function(self, code: types.CodeType) -> Any:
        """Return the definition that ``code`` was compiled from, ``None`` for another file's."""
        if code in self.codes:
            return self.codes[code]
        path, found = code.co_filename, None
        if path in self.paths:
            if path not in self.modules:
                self._read(path)
            found = self.by_line.get((path, code.co_name, code.co_firstlineno))
        self.codes[code] = found
        return found

    def _read(self, path: str) -> None:
        module = self.modules[path] = read_module(path)
        for function in module.scopes.functions:
            first = min([function.lineno, *(d.lineno for d in function.decorator_list)])
            self.by_line[(path, function.name, first)] = function
            self.home[id(function)] = path

    def facts_of(self, function: Any) -> UnitFacts:
        """Return what is predicted for a function: for a method the facts of the first class that runs it."""
        path = self.home[id(function)]
        if path not in self.judged:
            self.judged.add(path)
            module = self.modules[path]
            project = self.project_of(module)
            for unit in collect_units(module, project):
                if unit.kind == "class":
                    facts = unit_facts(unit, project)
                    for reached in unit.region:
                        outer = module.scopes.of(reached).outer
                        if outer is not None and outer.is_module:
                            continue  # a helper of many: what all of them give it counts
                        self.facts.setdefault(id(reached), facts)
            for each in module.scopes.functions:
                if id(each) not in self.facts:
                    self.facts[id(each)] = function_facts(each, module, project)
        return self.facts[id(function)]


class Tracer:
    """Counts what was seen.  At a line about to run, the loads on that line are what is known for certain to be read."""

    def __init__(self, predictor: Predictor) -> None:
        self.predictor = predictor
        self.loads: dict[tuple[int, int], list[ast.expr]] = {}
        self.truth: dict[tuple[int, str], tuple[ast.expr, Any, set[str]]] = {}
        self.attrs: dict[tuple[str, str], set[str]] = {}
        self.parameters: dict[tuple[int, str], tuple[Any, set[str]]] = {}
        self.returns: dict[int, tuple[Any, set[str]]] = {}

    def lines_of(self, function: Any) -> None:
        if (id(function), -1) in self.loads:
            return
        self.loads[(id(function), -1)] = []
        work: list[tuple[ast.AST, int]] = [(statement, statement.lineno) for statement in reversed(function.body)]
        while work:
            node, line = work.pop()
            if isinstance(
                node,
                ast.FunctionDef
                | ast.ClassDef
                | ast.Lambda
                | ast.ListComp
                | ast.GeneratorExp
                | ast.DictComp
                | ast.SetComp,
            ):
                continue
            if isinstance(node, ast.stmt):
                line = node.lineno
            if (
                isinstance(node, ast.Name)
                and isinstance(node.ctx, ast.Load)
                or isinstance(node, ast.Attribute)
                and isinstance(node.ctx, ast.Load)
            ):
                self.loads.setdefault((id(function), line), []).append(node)
            if isinstance(node, ast.While | ast.If):
                self.loads.setdefault((id(function), node.lineno), [])
            if isinstance(node, ast.BoolOp | ast.IfExp):
                work.append((node.values[0] if isinstance(node, ast.BoolOp) else node.test, line))
                continue
            work.extend((child, line) for child in ast.iter_child_nodes(node))

    def __call__(self, frame: types.FrameType, event: str, arg: Any) -> Any:
        function = self.predictor.function(frame.f_code)
        if function is None:
            return None
        self.lines_of(function)
        spec = function.args
        for argument in [*spec.posonlyargs, *spec.args, *spec.kwonlyargs]:
            if argument.arg in frame.f_locals:
                held = self.parameters.setdefault((id(function), argument.arg), (function, set()))
                held[1].add(kind_of(frame.f_locals[argument.arg]))

        raised = [False]

        def local(inner: types.FrameType, happening: str, result: Any) -> Any:
            if happening == "line":
                raised[0] = False
                self.line(inner, function)
            elif happening == "exception":
                raised[0] = True
            elif happening == "return" and not (raised[0] and result is None):
                self.returns.setdefault(id(function), (function, set()))[1].add(kind_of(result))
            return local

        return local

    def line(self, frame: types.FrameType, function: Any) -> None:
        values = frame.f_locals
        for node in self.loads.get((id(function), frame.f_lineno), ()):
            if isinstance(node, ast.Name):
                if node.id in values:
                    self.note(function, node, values[node.id])
                continue
            root = node
            path: list[str] = []
            while isinstance(root, ast.Attribute):
                path.append(root.attr)
                root = root.value
            if not isinstance(root, ast.Name) or root.id not in values:
                continue
            value = values[root.id]
            if root.id != "self" and not path[0].startswith(("shape", "dtype", "device", "T", "data", "ndim")):
                continue
            try:
                for name in reversed(path):
                    value = getattr(value, name)
            except Exception:
                continue
            self.note(function, node, value)

    def note(self, function: Any, node: ast.expr, value: Any) -> None:
        self.truth.setdefault((id(node), ""), (node, function, set()))[2].add(kind_of(value))


def rows_of(predictor: Predictor, tracer: Tracer) -> list[Row]:
    """One row a place and kind seen."""
    rows: list[Row] = []

    def add(what: str, node: Any, function: Any, value: Value, kinds: set[str]) -> None:
        name = os.path.basename(predictor.home[id(function)])
        for kind in sorted(kinds):
            rows.append({
                "file": name, "function": function.name, "line": getattr(node, "lineno", function.lineno), "what": what,
                "text": ast.unparse(node) if isinstance(node, ast.expr) else str(node), "true": kind,
                "kinds": sorted(value.kinds), "known": value.known, "tensor": value.is_tensor,
                "maybe": value.may_be_tensor,
                "assumed": value.assumed, "says": str(value),
            })  # fmt: skip

    for node, function, kinds in tracer.truth.values():
        if not isinstance(node, ast.Name) or node.id != "self":
            value = predictor.facts_of(function).value(node)
            add("attribute" if isinstance(node, ast.Attribute) else "local", node, function, value, kinds)
    for (_, name), (function, kinds) in tracer.parameters.items():
        given = predictor.facts_of(function).parameters(function).get(name)
        if name != "self" and given is not None:
            add("parameter", name, function, given, kinds)
    for function, kinds in tracer.returns.values():
        if function.name != "__init__":
            add("return", "return", function, predictor.facts_of(function).returns(function), kinds)
    return rows


def is_right(row: Row) -> bool:
    """Whether the kind seen is among those predicted (``opaque`` covers everything but tensors)."""
    if row["true"] in row["kinds"] or "unknown" in row["kinds"]:
        return True
    if row["true"] == "tuple" and "shape" in row["kinds"]:  # Gluon's and Keras' shapes are plain tuples
        return True
    return "opaque" in row["kinds"] and row["true"] not in ("tensor", "variable")


def summarize(rows: list[Row]) -> dict[str, Any]:
    """The numbers that are asked for."""
    out: dict[str, Any] = {"places": len(rows)}
    for what in ("all", "local", "attribute", "parameter", "return"):
        part = [row for row in rows if what in ("all", row["what"])]
        if not part:
            continue
        answered = [row for row in part if row["tensor"] or not row["maybe"]]
        wrong = [row for row in answered if row["tensor"] != (row["true"] in ("tensor", "variable"))]
        known = [row for row in part if row["known"]]
        bad = [row for row in known if not is_right(row)]
        single = [row for row in known if len(row["kinds"]) == 1]
        out[what] = {
            "n": len(part), "tensor_answered": round(100 * len(answered) / len(part), 1),
            "tensor_wrong": round(100 * len(wrong) / max(1, len(answered)), 2),
            "kinds_answered": round(100 * len(known) / len(part), 1),
            "kinds_single": round(100 * len(single) / len(part), 1), "kinds_wrong": round(100 * len(bad) / max(1,
            len(known)), 2),
        }  # fmt: skip
    return out


def trace_calls(predictor: Predictor, calls: Iterable[Callable[[], Any]], limit: int) -> tuple[list[Row], int]:
    """Run ``calls`` under the tracer, each for ``limit`` seconds at most; return the rows and how many ran to the end."""
    tracer = Tracer(predictor)
    ran = 0

    def alarm(_number: int, _frame: Any) -> None:
        raise TimeoutError

    signal.signal(signal.SIGALRM, alarm)
    for thunk in calls:
        signal.alarm(limit)
        try:
            sys.settrace(tracer)
            thunk()
            ran += 1
        except BaseException as exc:
            if isinstance(exc, KeyboardInterrupt):
                raise
            if os.environ.get("KINDS_TRUTH_ERRORS"):
                code = getattr(thunk, "__code__", None)
                where = f"line {code.co_firstlineno}" if code is not None else ""
                print(where, type(exc).__name__, str(exc)[:300], file=sys.stderr)
        finally:
            sys.settrace(None)
            signal.alarm(0)
    return rows_of(predictor, tracer), ran
