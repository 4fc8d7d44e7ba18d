#!/usr/bin/env python3
# ruff: noqa: E402, E501
"""Compare predicted kinds with the truth at run time.

    kinds_truth.py torch --corpus DIR [--select SCRIPT] [--files 150] [--out rows.json]
    kinds_truth.py module FILE --cases CASES.py      # Gluon and Keras classes: CASES.py defines ``cases(namespace)``

The corpus folder holds self-contained files with a list ``TESTCASES`` of ``(class, init lambda, forward lambda, ...)``.
Each case is built and called eagerly; ``sys.settrace`` reads,
at every line and at every return of a function of the file,
the kinds of all locals and of the attributes of ``self``.  The prediction for a local is the value of the nearest
binding or use that ends on an earlier line of the same run; see ``Predictor``.  Every (function, line,
name) counts once
per kind seen.
"""

from __future__ import annotations

import argparse
import ast
import collections
import importlib.util
import json
import os
import random
import signal
import sys
import tempfile
import time
import types
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from transpile_hybrid.meaning.classes import Project
from transpile_hybrid.meaning.infer import UnitFacts, function_facts, unit_facts
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
        for cls, kind in ((mxnet.nd.NDArray, "tensor"), (mxnet.gluon.Block, "module"), (mxnet.gluon.Parameter,
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
    """Predicted values by function and by place: a local at a line is what its binding gave, a parameter its seed."""

    def __init__(self, path: str) -> None:
        self.module = read_module(path)
        self.project = Project([self.module])
        self.by_line: dict[tuple[str, int], ast.AST] = {}
        self.facts: dict[int, list[UnitFacts]] = collections.defaultdict(list)
        self.owner: dict[int, str] = {}
        for unit in collect_units(self.module, self.project):
            if unit.kind != "class":
                continue
            facts = unit_facts(unit, self.project)
            for function in unit.region:
                self.facts[id(function)].append(facts)
        for function in self.module.scopes.functions:
            first = min([function.lineno, *(d.lineno for d in function.decorator_list)])
            self.by_line[(function.name, first)] = function
            if id(function) not in self.facts:
                self.facts[id(function)].append(function_facts(function, self.module, self.project))
        self.bindings: dict[int, dict[str, list[ast.expr]]] = {}
        self.classes = {info.name: info for info in self.project.classes_of(self.module)}

    def function(self, code: types.CodeType) -> Any:
        return self.by_line.get((code.co_name, code.co_firstlineno))

    def stores(self, function: Any) -> dict[str, list[ast.expr]]:
        found = self.bindings.get(id(function))
        if found is None:
            found = collections.defaultdict(list)
            work: list[ast.AST] = list(function.body)
            while work:
                node = work.pop()
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
                if isinstance(node, ast.Name):
                    found[node.id].append(node)
                work.extend(ast.iter_child_nodes(node))
            self.bindings[id(function)] = found
        return found


class Tracer:
    """Counts what was seen.  At a line about to run, the loads on that line are what is known for certain to be read."""

    def __init__(self, predictor: Predictor, filename: str) -> None:
        self.predictor, self.filename = predictor, filename
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
        if frame.f_code.co_filename != self.filename:
            return None
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


def rows_of(predictor: Predictor, tracer: Tracer, name: str) -> list[Row]:
    """One row a place and kind seen."""
    rows: list[Row] = []

    def add(what: str, node: Any, function: Any, value: Value, kinds: set[str]) -> None:
        for kind in sorted(kinds):
            rows.append({
                "file": name, "function": function.name, "line": getattr(node, "lineno", function.lineno), "what": what,
                "text": ast.unparse(node) if isinstance(node, ast.expr) else str(node), "true": kind,
                "kinds": sorted(value.kinds), "known": value.known, "tensor": value.is_tensor,
                "maybe": value.may_be_tensor,
                "assumed": value.assumed, "says": str(value),
            })  # fmt: skip

    for (_, _), (node, function, kinds) in tracer.truth.items():
        facts = predictor.facts[id(function)]
        for each in facts[:1]:
            if isinstance(node, ast.Name) and node.id == "self":
                continue
            add("attribute" if isinstance(node, ast.Attribute) else "local", node, function, each.value(node), kinds)
    for (key, name_), (function, kinds) in tracer.parameters.items():
        if name_ == "self":
            continue
        for each in predictor.facts[key][:1]:
            value = each.parameters(function).get(name_)
            if value is not None:
                add("parameter", name_, function, value, kinds)
    for key, (function, kinds) in tracer.returns.items():
        if function.name != "__init__":
            add("return", "return", function, predictor.facts[key][0].returns(function), kinds)
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


def trace_calls(path: str, calls: Any, name: str, limit: int) -> tuple[list[Row], int]:
    """Run ``calls`` (a list of thunks) under the tracer; return the rows and how many ran to the end."""
    predictor = Predictor(path)
    tracer = Tracer(predictor, path)
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
                print(name, type(exc).__name__, str(exc)[:200], file=sys.stderr)
        finally:
            sys.settrace(None)
            signal.alarm(0)
    return rows_of(predictor, tracer, name), ran


def load(path: str) -> types.ModuleType:
    name = f"traced_{Path(path).stem}"
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


def torch_file(path: str, helper: types.ModuleType, cases: int, limit: int) -> tuple[list[Row], int]:
    """All cases of one corpus file."""
    import torch

    torch.manual_seed(1337)
    random.seed(1337)
    module = load(path)
    chosen = list(getattr(module, "TESTCASES", []))
    random.Random(0).shuffle(chosen)

    def thunk(case: Any) -> Any:
        def go() -> None:
            torch.manual_seed(1337)
            args, kwargs = case[1]()
            with torch.no_grad():
                net = case[0](*args, **kwargs)
                net.eval()
                inputs, named = case[2]()
                net(*inputs, **named)

        return go

    return trace_calls(path, [thunk(case) for case in chosen[:cases]], Path(path).name, limit)


def run_torch(options: argparse.Namespace) -> None:
    """Fork a child for each file, so that a crash costs that file alone."""
    spec = importlib.util.spec_from_file_location("corpus_select", options.select)
    assert spec is not None and spec.loader is not None
    helper = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(helper)
    import torch

    torch.set_num_threads(1)
    helper.install_stubs()
    helper.install_aliases(torch)
    helper.install_helpers(torch)
    names = helper.pick(options.corpus, "dev", 0, options.seed)[options.skip : options.skip + options.files]
    rows: list[Row] = []
    ran = files = 0
    for name in names:
        with tempfile.NamedTemporaryFile(suffix=".json") as handle:
            child = os.fork()
            if child == 0:
                signal.alarm(120)
                null = os.open(os.devnull, os.O_WRONLY)
                os.dup2(null, 1)
                try:
                    found, count = torch_file(os.path.join(options.corpus, name), helper, options.cases, 20)
                    Path(handle.name).write_text(json.dumps([found, count]))
                except BaseException as exc:
                    print(name, type(exc).__name__, exc, file=sys.stderr)
                os._exit(0)
            os.waitpid(child, 0)
            text = Path(handle.name).read_text()
        if text:
            found, count = json.loads(text)
            rows += found
            ran += count
            files += bool(count)
    finish(rows, ran, files, options)


class _Stub(types.ModuleType):
    """A stand-in for a library that plots or downloads."""

    __path__: list[str] = []

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return _Stub(name)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return _Stub("result")


def stub(names: tuple[str, ...]) -> None:
    """Make missing libraries importable, as far as an import goes."""
    for name in names:
        if importlib.util.find_spec(name) is None:
            sys.modules[name] = _Stub(name)


def run_module(options: argparse.Namespace) -> None:
    """Classes of one file, called as the cases file says."""
    import numpy

    for name, kind in {
        "bool": bool,
        "int": int,
        "float": float,
        "object": object,
        "complex": complex,
        "str": str,
    }.items():
        if name not in numpy.__dict__:
            setattr(numpy, name, kind)
    cases = load(options.cases_file)
    stub(getattr(cases, "STUBS", ()))
    module = load(options.file)
    rows, ran = trace_calls(options.file, cases.cases(module), Path(options.file).name, 60)
    finish(rows, ran, 1, options)


def finish(rows: list[Row], ran: int, files: int, options: argparse.Namespace) -> None:
    """Print the numbers and the wrong answers, grouped."""
    print(json.dumps({"files": files, "cases": ran, **summarize(rows)}, indent=1))
    if options.out:
        Path(options.out).write_text(json.dumps(rows))
    wrong = [row for row in rows if row["known"] and not is_right(row)]
    wrong += [row for row in rows if not row["known"] and not row["maybe"] and row["true"] in ("tensor", "variable")]
    for row in wrong[: options.show]:
        print(
            f"  WRONG {row['file']}:{row['line']} {row['function']} {row['what']} {row['text'][:60]}: {row['true']}, not {row['says'][:80]}"
        )
    unknown = collections.Counter((row["what"], row["true"]) for row in rows if row["maybe"] and not row["tensor"])
    print("not answered:", unknown.most_common(12))


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=("torch", "module"))
    parser.add_argument("file", nargs="?")
    parser.add_argument("--corpus")
    parser.add_argument(
        "--select", help="a script with pick(), install_stubs(), install_aliases() and install_helpers()"
    )
    parser.add_argument("--cases-file")
    parser.add_argument("--files", type=int, default=150)
    parser.add_argument("--skip", type=int, default=0)
    parser.add_argument("--cases", type=int, default=10)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--show", type=int, default=60)
    parser.add_argument("--out")
    options = parser.parse_args()
    began = time.time()
    run_torch(options) if options.what == "torch" else run_module(options)
    print(f"{time.time() - began:.0f} s")


if __name__ == "__main__":
    main()
