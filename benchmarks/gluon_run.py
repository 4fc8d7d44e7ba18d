"""Run converted classes of public Gluon code on MXNet: the original against what rewriting made of it.

    python benchmarks/gluon_run.py --before DIR --after DIR [--unsafe] [--only NAME] [--speed] [--json OUT]

DIR are the sources and the rewritten sources as ``gluon_corpus.py --write`` leaves them (below one folder a root).  For
each case of ``gluon_run_data.py`` only the definitions of the two files are executed, and the two nets get the same
parameters and inputs.  Compared are three calls in predict mode, one in train mode and one with another batch size;
eagerly, hybridized, with ``static_alloc``; the gradients of inputs and parameters; and what comes back from export and
reload.  ``--speed`` adds the ratios eager/hybridized and eager/static with 95 % intervals from interleaved rounds, and
their geometric means.  ``--unsafe`` adds the classes that only unsafe fixes convert (``gluon_corpus.py --unsafe``).
Exit code 1 when anything differs.
"""

from __future__ import annotations

import argparse
import ast
import importlib.util
import json
import math
import os
import re
import statistics
import subprocess
import sys
import time
import types
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
ROUNDS, CALLS = 15, 20


def definitions(text: str, wanted: str) -> tuple[list[ast.stmt], bool]:
    """Return the statements that define things (a class inside a function is taken out of it); whether NumPy arrays."""
    tree = ast.parse(text)
    out: list[ast.stmt] = []
    numpy_arrays = re.search(r"set_np\(\)|^from mxnet import .*\bnpx?\b", text, re.MULTILINE) is not None
    path = wanted.split(".")
    for node in tree.body:
        if isinstance(node, ast.Import | ast.ImportFrom | ast.FunctionDef | ast.ClassDef | ast.Assign):
            simple = not isinstance(node, ast.Assign) or isinstance(
                node.value, ast.Name | ast.Attribute | ast.Subscript | ast.Lambda
            )
            out += [node] if simple or isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant) else []
        if isinstance(node, ast.FunctionDef) and len(path) == 2 and node.name == path[0]:
            out += [inner for inner in ast.walk(node) if isinstance(inner, ast.ClassDef)]
    return out, numpy_arrays


def load(file: Path, name: str, wanted: str, mx: Any) -> types.ModuleType:
    """Execute the definitions of a file; what can't be imported here is left out."""
    text = file.read_text(encoding="utf-8")
    statements, numpy_arrays = definitions(text, wanted)
    if numpy_arrays or "mxnet as d2l" in text:
        mx.npx.set_np()
    module = types.ModuleType(name)
    sys.modules[name] = module
    module.tab = types.SimpleNamespace(selected=lambda *names: "mxnet" in names)  # type: ignore[attr-defined]
    for statement in statements:
        for node in ast.walk(statement):
            if isinstance(node, ast.FunctionDef | ast.ClassDef):
                node.decorator_list = [d for d in node.decorator_list if needed(d)]
        if isinstance(statement, ast.ImportFrom) and neighbours(statement, file, module, mx):
            continue
        try:
            exec(compile(ast.Module([statement], []), str(file), "exec"), module.__dict__)
        except Exception as exc:
            module.__dict__.setdefault("_left_out", []).append(f"{type(exc).__name__}: {exc}")
    return module


def needed(decorator: ast.expr) -> bool:
    """Whether a definition isn't the same without a decorator: one that puts it into a class, or makes it static."""
    if isinstance(decorator, ast.Call):
        return ast.unparse(decorator.func).rsplit(".", 1)[-1] == "add_to_class"
    return isinstance(decorator, ast.Name) and decorator.id in ("staticmethod", "property")


def neighbours(statement: ast.ImportFrom, file: Path, module: types.ModuleType, mx: Any) -> bool:
    """Bind what is imported from a package that lies beside or above the file; tell whether there is one."""
    for folder in file.parents:
        place = folder.joinpath(*(statement.module or "").split("."))
        files = {alias.asname or alias.name: place / f"{alias.name}.py" for alias in statement.names}
        if statement.module and all(path.is_file() for path in files.values()):
            for name, path in files.items():
                setattr(module, name, load(path, f"{module.__name__}_{name}", "", mx))
            return True
    return False


def find(folder: Path, end: str) -> Path:
    """Return the one file below a folder whose path ends so (a Markdown file's stream has ``#tab`` behind it)."""
    for candidate in (end, f"{end}#default", f"{end}#mxnet"):
        found = [p for p in folder.rglob("*" + candidate.rsplit("/", 1)[-1]) if str(p).endswith(candidate)]
        if found:
            return min(found, key=lambda p: len(str(p)))
    raise FileNotFoundError(f"{folder}/**/{end}")


def runner() -> Any:
    """Return the module that compares two nets (the one that the rule tests use)."""
    path = HERE.parent / "tests" / "rules" / "mxnet" / "run_cases.py"
    spec = importlib.util.spec_from_file_location("run_cases", path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def child(before: str, after: str, cls: str, make: str, given: str, speed: bool) -> dict[str, Any]:
    """Compare one class in this process."""
    cases = runner()
    mx, numpy = cases.mx, cases.numpy
    original = load(Path(before), "case_before", cls, mx)
    rewritten = load(Path(after), "case_after", cls, mx)
    array = mx.np.array if mx.util.is_np_array() else mx.nd.array

    def scope(module: types.ModuleType, b: int) -> dict[str, Any]:
        def add(net: Any, *blocks: Any) -> Any:
            for block in blocks:
                net.add(block)
            return net

        return {
            "m": module, "nn": mx.gluon.nn, "rnn": mx.gluon.rnn, "nd": mx.nd, "np": mx.np, "mx": mx, "b": b, "add": add,
            "n": lambda *shape: array(numpy.random.randn(*shape), dtype="float32"),
            "i": lambda high, *shape: array(numpy.random.randint(0, high, shape), dtype="int32"),
            "f": lambda high, *shape: array(numpy.random.randint(0, high, shape), dtype="float32"),
        }  # fmt: skip

    def fed(module: types.ModuleType, b: int) -> Any:
        value = eval(f"({given})", scope(module, b))
        return value if isinstance(value, tuple) else (value,)

    for module in (original, rewritten):
        module.make = lambda module=module: eval(make, scope(module, 2))  # type: ignore[attr-defined]
    original.inputs = lambda: fed(original, 2)  # type: ignore[attr-defined]
    original.other = lambda: fed(original, 3)  # type: ignore[attr-defined]
    bad = cases.compare(original, lambda: rewritten)
    result: dict[str, Any] = {"result": bad or "ok"}
    if speed and not bad:
        result.update(clock(cases, original, rewritten))
    return result


def clock(cases: Any, original: types.ModuleType, rewritten: types.ModuleType) -> dict[str, Any]:
    """Return the ratios of the times of the original and of the hybridized forms, from interleaved rounds."""
    mx = cases.mx
    plain, hybrid, static = cases.build(original, None), cases.build(rewritten, None), cases.build(rewritten, None)
    hybrid.hybridize()
    static.hybridize(static_alloc=True, static_shape=True)
    args = cases.inputs(original, 0)
    nets = (plain, hybrid, static)

    def one(net: Any, calls: int) -> float:
        begun = time.perf_counter()
        for _ in range(calls):
            net(*args)
        mx.nd.waitall()
        return time.perf_counter() - begun

    for net in nets:
        one(net, 5)
    ratios: list[list[float]] = [[], []]
    for _ in range(ROUNDS):
        times = [one(net, CALLS) for net in nets]
        ratios[0].append(math.log(times[0] / times[1]))
        ratios[1].append(math.log(times[0] / times[2]))
    out: dict[str, Any] = {}
    for name, logs in zip(("hybrid", "static"), ratios, strict=True):
        half = 2.145 * statistics.stdev(logs) / math.sqrt(len(logs))  # Student's t for 14 degrees of freedom
        mean = statistics.fmean(logs)
        out[name] = [math.exp(mean), math.exp(mean - half), math.exp(mean + half)]
    return out


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--before", type=Path)
    parser.add_argument("--after", type=Path)
    parser.add_argument("--unsafe", action="store_true")
    parser.add_argument("--only", default="")
    parser.add_argument("--speed", action="store_true")
    parser.add_argument("--json", type=Path)
    parser.add_argument("--child", nargs=5, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.child:
        before, after, name, make, given = options.child
        print("RESULT " + json.dumps(child(before, after, name, make, given, options.speed)))
        return 0
    from gluon_run_data import CASES, UNSAFE

    rows: list[dict[str, Any]] = []
    for end, cls, make, given in [*CASES, *(UNSAFE if options.unsafe else [])]:
        if options.only and options.only not in f"{end} {cls}":
            continue
        row: dict[str, Any] = {"file": end, "class": cls}
        rows.append(row)
        try:
            before, after = find(options.before, end), find(options.after, end)
            command = [sys.executable, __file__, "--child", str(before), str(after), cls, make, given]
            command += ["--speed"] if options.speed else []
            env = dict(os.environ, OMP_NUM_THREADS="1")
            done = subprocess.run(command, capture_output=True, text=True, timeout=300, env=env, check=False)
            lines = [line for line in done.stdout.splitlines() if line.startswith("RESULT ")]
            row.update(json.loads(lines[-1][7:]) if lines else {"result": f"crash: {done.stderr.strip()[-300:]}"})
        except (OSError, subprocess.TimeoutExpired) as exc:
            row["result"] = str(exc)
        times = "  ".join(
            f"{k} {row[k][0]:.2f} [{row[k][1]:.2f}, {row[k][2]:.2f}]" for k in ("hybrid", "static") if k in row
        )
        print(f"{cls:32} {end[-45:]:46} {row['result']}  {times}", flush=True)
    good = sum(row["result"] == "ok" for row in rows)
    print(f"{good} of {len(rows)} equal in every check")
    for name in ("hybrid", "static"):
        logs = [math.log(row[name][0]) for row in rows if name in row]
        if logs:
            print(f"eager/{name}: geometric mean {math.exp(statistics.fmean(logs)):.2f} over {len(logs)} classes")
    if options.json:
        options.json.write_text(json.dumps(rows, indent=1), encoding="utf-8")
    return 0 if good == len(rows) else 1


if __name__ == "__main__":
    sys.exit(main())
