"""Modules of a whole PyTorch package under its compilers: as they stand, and rewritten.

    python benchmarks/torch_packages.py DIR/package [--number 40] [--seed 0] [--target T]... [--path DIR]... [--json F]

A copy of the package is rewritten for all the targets at once.  Then its module classes are drawn by seed until
``--number`` of them could be built and called with arguments that nobody told (as ``verify`` finds them) and gave equal
results twice in evaluation.  Each is compiled as it stands and as it was rewritten, with the same arguments, inputs and
parameters, and compared with what the *original* gives in Python:

* ``torch.script``: ``torch.jit.script(net)``; ``torch.compile``: one graph, backend ``eager``; ``torch.export``:
  ``torch.export.export`` at one shape.

*Broken* is a module that can no longer be imported or built, has other names or shapes in its ``state_dict``, or gives
something else in Python; *lost* one that was compiled and equal, and no longer is.  ``--imports`` also imports every
file of both copies and names those that only the original's can.  Exit code 1 where something is broken.

What the package needs is looked for in ``--path`` too; ``--prelude FILE`` is executed first where it is loaded.
"""

from __future__ import annotations

import argparse
import ast
import contextlib
import importlib
import json
import os
import pickle
import random
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import warnings
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

TARGETS = ("torch.script", "torch.compile", "torch.export")
SECONDS = 120  # of one module, all of its targets
FINDING = 10.0  # of them for its inputs
GIGABYTES = 8


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("package", type=Path)
    parser.add_argument("--number", type=int, default=40)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--target", action="append", choices=TARGETS)
    parser.add_argument("--path", type=Path, action="append", default=[])
    parser.add_argument("--prelude", type=Path)
    parser.add_argument("--imports", action="store_true")
    parser.add_argument(
        "--keep", type=Path, help="keep the rewritten copy in this folder, or take the one that is there"
    )
    parser.add_argument("--json", type=Path)
    parser.add_argument("--show", action="store_true", help="print why a module is not compiled, after")
    parser.add_argument("--worker", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.worker:
        return work(options)
    targets = options.target or list(TARGETS)
    package = options.package.resolve()
    with tempfile.TemporaryDirectory() as folder:
        rewritten = (options.keep or Path(folder) / "after").resolve()
        if not rewritten.exists():
            shutil.copytree(package, rewritten / package.name, ignore=shutil.ignore_patterns("__pycache__"))
            rewrite(rewritten / package.name, targets)
        sides = {"raw": package.parent, "after": rewritten}
        names = class_names(package)
        random.Random(options.seed).shuffle(names)
        rows = run(sides, names, targets, options, Path(folder))
        lost_imports = failed_imports(sides, package, options, Path(folder)) if options.imports else []
    report(package.name, rows, len(names), targets, options.show)
    if options.imports:
        print(f"  imports that only the original can: {len(lost_imports)}", *lost_imports)
    if options.json:
        options.json.write_text(json.dumps({"package": package.name, "rows": rows, "imports": lost_imports}, indent=1))
    return int(any(row["broken"] for row in rows) or bool(lost_imports))


def rewrite(folder: Path, targets: list[str]) -> None:
    """Rewrite every file of a folder; findings that are left (exit code 1) are no failure."""
    begun = time.perf_counter()
    command = [sys.executable, "-m", "transpile_hybrid", "rewrite", "--allow-dirty", "--no-cache", "-q", str(folder)]
    for target in targets:
        command += ["--target", target]
    done = subprocess.run(command, stdout=subprocess.DEVNULL, check=False)
    if done.returncode not in (0, 1):
        raise SystemExit(f"rewrite ended with exit code {done.returncode}")
    print(f"rewritten in {time.perf_counter() - begun:.0f} s", file=sys.stderr)


def class_names(package: Path) -> list[str]:
    """Return ``module:Class`` for each class of the package whose body has a ``forward``, sorted."""
    names = []
    for file in sorted(package.rglob("*.py")):
        module = ".".join(file.relative_to(package.parent).with_suffix("").parts).removesuffix(".__init__")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(file.read_bytes())
        for node in tree.body:
            if isinstance(node, ast.ClassDef) and any(getattr(part, "name", "") == "forward" for part in node.body):
                names.append(f"{module}:{node.name}")
    return names


def run(
    sides: dict[str, Path], names: list[str], targets: list[str], options: argparse.Namespace, folder: Path
) -> list[dict[str, Any]]:
    """Measure classes in the given order until enough could be called; those that can't are told as tried."""
    rows: list[dict[str, Any]] = []
    with worker(sides["raw"], options, folder) as raw, worker(sides["after"], options, folder) as after:
        for tried, name in enumerate(names, 1):
            saved = str(folder / "case.pickle")
            found = raw({"name": name, "targets": targets, "save": saved})
            if not found["ok"]:
                continue
            row = {"name": name, "raw": found["targets"], "after": {}, "broken": "", "tried": tried}
            again = after({"name": name, "targets": targets, "load": saved})
            row["broken"], row["after"] = again["why"], again["targets"]
            rows.append(row)
            print(f"[{len(rows)}/{options.number}] {name}", file=sys.stderr, flush=True)
            if len(rows) == options.number:
                break
    return rows


def failed_imports(sides: dict[str, Path], package: Path, options: argparse.Namespace, folder: Path) -> list[str]:
    """Name the modules of the package that only the original can import."""
    files = sorted(package.rglob("*.py"))
    modules = [".".join(f.relative_to(package.parent).with_suffix("").parts).removesuffix(".__init__") for f in files]
    with worker(sides["raw"], options, folder) as raw, worker(sides["after"], options, folder) as after:
        asked = [({"name": f"{module}:", "targets": [], "import": True}, module) for module in modules]
        return [module for request, module in asked if raw(request)["ok"] and not after(request)["ok"]]


def report(package: str, rows: list[dict[str, Any]], classes: int, targets: list[str], show: bool) -> None:
    tried = rows[-1]["tried"] if rows else 0
    broken = [row for row in rows if row["broken"]]
    print(f"{package}: {len(rows)} modules of {tried} tried ({classes} classes); broken {len(broken)}")
    for row in broken:
        print(f"  BROKEN {row['name']}: {row['broken']}")
    for target in targets:
        pairs = [(row["raw"][target] == "", row["after"].get(target) == "", row["name"]) for row in rows]
        count = Counter((raw, after) for raw, after, _ in pairs)
        both, lost, gained = count[True, True], count[True, False], count[False, True]
        print(
            f"  {target:14} raw {both + lost:3}  after {both + gained:3}  gained {gained}  lost {lost}",
            *[name for raw, after, name in pairs if raw and not after],
        )
        for row in rows if show else ():
            if row["after"].get(target):
                print(f"    {row['name']}: {row['after'][target]}")


# -- the processes that load the package


@contextlib.contextmanager
def worker(
    root: Path, options: argparse.Namespace, folder: Path
) -> Iterator[Callable[[dict[str, Any]], dict[str, Any]]]:
    """Start a process that has loaded the package under ``root``; it answers requests from forks of itself."""
    command = [sys.executable, __file__, str(options.package), "--worker", str(root)]
    for path in options.path:
        command += ["--path", str(path)]
    if options.prelude:
        command += ["--prelude", str(options.prelude)]
    process = subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, cwd=folder
    )
    assert process.stdin is not None and process.stdout is not None

    def ask(request: dict[str, Any]) -> dict[str, Any]:
        assert process.stdin is not None and process.stdout is not None
        process.stdin.write(json.dumps(request) + "\n")
        process.stdin.flush()
        line = process.stdout.readline()
        if not line:
            raise SystemExit(f"the process that loads {root} ended with {process.wait()}")
        answer: dict[str, Any] = json.loads(line)
        return answer

    try:
        yield ask
    finally:
        process.kill()
        process.wait()


def work(options: argparse.Namespace) -> int:
    """Answer a request a line: each in a fork, with a limit of time and memory."""
    paths = [options.worker, Path(__file__).resolve().parent.parent, *options.path]
    sys.path[:0] = [str(path.resolve()) for path in paths]
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # what the package prints is no answer
    if options.prelude:
        exec(compile(options.prelude.read_bytes(), str(options.prelude), "exec"), {"__name__": "prelude"})
    import torch

    torch.set_num_threads(1)
    warnings.simplefilter("ignore")
    with contextlib.suppress(Exception):
        importlib.import_module(options.package.name)
    for line in sys.stdin:
        answers.write(json.dumps(forked(json.loads(line))) + "\n")
        answers.flush()
    return 0


def forked(request: dict[str, Any]) -> dict[str, Any]:
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        resource.setrlimit(resource.RLIMIT_AS, (GIGABYTES << 30, GIGABYTES << 30))
        signal.alarm(SECONDS)
        with os.fdopen(writing, "w") as out:
            for part in answered(request):
                out.write(json.dumps(part) + "\n")
                out.flush()
        os._exit(0)
    os.close(writing)
    whole: dict[str, Any] = {"ok": False, "why": "it ran out of time or memory", "targets": {}}
    with os.fdopen(reading) as parts:
        for line in parts:
            told = json.loads(line)
            whole["targets"].update(told.pop("targets", {}))
            whole.update(told)
    os.waitpid(child, 0)
    for target in request["targets"]:
        whole["targets"].setdefault(target, "not reached")
    return whole


def answered(request: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield what is known, as it becomes known: a compiler may end the process."""
    try:
        module, _, name = request["name"].partition(":")
        loaded = importlib.import_module(module)
        if request.get("import"):
            yield {"ok": True, "why": ""}
            return
        case = load(request["load"]) if "load" in request else find(loaded, getattr(loaded, name))
        net = built(getattr(loaded, name), case)
        first, second = called(net, case), called(built(getattr(loaded, name), case), case)
        if why := difference(case.setdefault("result", first), first) or difference(first, second):
            yield {"ok": False, "why": f"in Python: {why}"}
            return
        if "save" in request:
            with open(request["save"], "wb") as file:
                pickle.dump(case, file)
        yield {"ok": True, "why": ""}
    except BaseException as exc:
        yield {"ok": False, "why": words(exc)}
        return
    for target in request["targets"]:
        yield {"targets": {target: compiled(target, built(getattr(loaded, name), case), case)}}


def words(exc: BaseException) -> str:
    return " ".join(f"{type(exc).__name__}: {exc}".split())[:300]


def find(module: Any, cls: Any) -> dict[str, Any]:
    """Find arguments for a module class that nobody told, and keep its parameters."""
    from transpile_hybrid.verify.worker.adapter import load_adapter
    from transpile_hybrid.verify.worker.building import constructor, seeded_build
    from transpile_hybrid.verify.worker.inputs import InputFinder
    from transpile_hybrid.verify.worker.load import Unit

    adapter: Any = load_adapter("torch")
    if not (isinstance(cls, type) and adapter.is_model_class(cls)):
        raise TypeError("no module")
    unit = Unit(cls.__name__, "class", cls)
    recipe = constructor(adapter, module, unit, 0)
    net = seeded_build(adapter, unit, recipe, 0)
    inputs = InputFinder(adapter, module, unit, recipe, net, 0).find(None, FINDING).cases[0]
    case = {"init": (recipe.args, recipe.kwargs), "call": (tuple(inputs.args), dict(inputs.kwargs)), "state": None}
    case["state"] = built(cls, case).state_dict()
    return case


def load(path: str) -> dict[str, Any]:
    with open(path, "rb") as file:
        case: dict[str, Any] = pickle.load(file)
    return case


def built(cls: Any, case: dict[str, Any]) -> Any:
    """Build a module in evaluation with the parameters of the original: the same names and shapes, or it raises."""
    import torch

    torch.manual_seed(0)
    random.seed(0)
    args, kwargs = case["init"]
    net = cls(*args, **kwargs)
    if case["state"] is not None:
        net.load_state_dict(case["state"], strict=True)
    return net.eval()


def called(function: Any, case: dict[str, Any]) -> Any:
    import torch

    torch.manual_seed(1)
    random.seed(1)
    args, kwargs = pickle.loads(pickle.dumps(case["call"]))
    with torch.no_grad():
        return function(*args, **kwargs)


def difference(expected: Any, result: Any) -> str:
    """Say where two results differ: '' where tensors are close and the rest is equal."""
    import torch

    if isinstance(expected, torch.Tensor):
        try:
            torch.testing.assert_close(result, expected, equal_nan=True)
        except AssertionError as exc:
            return " ".join(str(exc).split())[:200]
        return ""
    if isinstance(expected, dict):
        if not isinstance(result, dict) or list(expected) != list(result):
            return "other keys"
        return next((why for key in expected if (why := difference(expected[key], result[key]))), "")
    if isinstance(expected, list | tuple):
        if not isinstance(result, list | tuple) or len(expected) != len(result):
            return "another length"
        return next((why for pair in zip(expected, result, strict=True) if (why := difference(*pair))), "")
    if dataclass_like := getattr(expected, "__dict__", None):
        return difference(dataclass_like, getattr(result, "__dict__", None))
    return "" if expected is None and result is None or bool(expected == result) else "another value"


def compiled(target: str, net: Any, case: dict[str, Any]) -> str:
    """Compile a module and call it: '' where it gives what the original gives in Python, or why not."""
    import torch

    try:
        if target == "torch.script":
            function: Any = torch.jit.script(net)
        elif target == "torch.compile":
            function = torch.compile(net, fullgraph=True, backend="eager")
        else:
            args, kwargs = pickle.loads(pickle.dumps(case["call"]))
            function = torch.export.export(net, args, kwargs).module()
        return difference(case["result"], called(function, case))
    except Exception as exc:
        return words(exc)


if __name__ == "__main__":
    sys.exit(main())
