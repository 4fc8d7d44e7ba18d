"""On how many modules of a corpus do inputs run that were told to nobody?

    python benchmarks/verify_inputs.py FOLDER --prelude prelude.py --count 200

FOLDER holds files with a list ``TESTCASES`` of (class, constructor arguments, inputs, ...), both as functions that
return (args, kwargs): the truth.  The prelude, if any, is imported first; its ``install_stubs()``,
``install_aliases(torch)`` and ``install_helpers(torch)`` are called where it has them, and files that its
``is_heldout(name)`` names are left out.  Two figures, of the modules that run on their true inputs: the share that runs
on inferred inputs, given the true constructor arguments, and with these inferred too.

With ``--outside`` it takes the modules that no test case is for, of which nobody knows whether they can run at all: one
figure, the share that runs with all inferred.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import os
import random
import signal
import sys
import time
import types
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from transpile_hybrid.verify.worker.adapter import load_adapter  # noqa: E402
from transpile_hybrid.verify.worker.building import Recipe, constructor, seeded_build  # noqa: E402
from transpile_hybrid.verify.worker.inputs import InputFinder  # noqa: E402
from transpile_hybrid.verify.worker.load import Unit  # noqa: E402

LIMIT = 8  # seconds of one module


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--prelude", type=Path)
    parser.add_argument("--count", type=int, default=200)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--only", nargs="*", default=[], help="only files whose name holds one of these")
    parser.add_argument("--outside", action="store_true", help="modules that no test case is for")
    parser.add_argument("--show", action="store_true", help="print why each module failed")
    options = parser.parse_args()
    prelude = _prelude(options.prelude)
    adapter: Any = load_adapter("torch")
    steps = (("install_stubs", ()), ("install_aliases", (adapter.torch,)), ("install_helpers", (adapter.torch,)))
    for name, arguments in steps:
        if hasattr(prelude, name):
            getattr(prelude, name)(*arguments)
    files = sorted(options.folder.glob("*.py"))
    if hasattr(prelude, "is_heldout"):
        files = [file for file in files if not prelude.is_heldout(file.name)]
    if options.only:
        files = [file for file in files if any(word in file.name for word in options.only)]
    random.Random(options.seed).shuffle(files)
    rows: list[dict[str, Any]] = []
    for file in files:
        if len(rows) >= options.count:
            break
        found = _forked(adapter, file, options.outside)
        new = [row for row in found if options.outside or row["true"]][: options.count - len(rows)]
        rows += new
        for row in new if options.show else ():
            for key in [key for key in ("given", "inferred") if key in row]:
                print(f"{row['name']}: {key}: {row[key]}"[:220], flush=True)
    figures = [("given", "true constructor arguments, inputs inferred"), ("inferred", "both inferred")]
    for figure, words in figures[options.outside :]:
        count = sum(row[figure] == "ok" for row in rows)
        seconds = sorted(row[figure + "_s"] for row in rows)
        middle = seconds[len(seconds) // 2] if seconds else 0.0
        print(f"{words}: {count} of {len(rows)} run ({count / max(1, len(rows)):.1%}); median {1000 * middle:.0f} ms")


def _prelude(path: Path | None) -> Any:
    if path is None:
        return types.SimpleNamespace()
    spec = importlib.util.spec_from_file_location("prelude", path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _forked(adapter: Any, file: Path, outside: bool) -> list[dict[str, Any]]:
    """Measure the modules of one file in a child process; what it didn't get to within the limit is left out."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        with os.fdopen(os.dup(2), "w"):
            null = os.open(os.devnull, os.O_WRONLY)
            os.dup2(null, 1)
            os.dup2(null, 2)
        with os.fdopen(writing, "w") as out:
            try:
                for row in (_outside if outside else _measure)(adapter, _executed(file)):
                    out.write(json.dumps(row) + "\n")
                    out.flush()
            except BaseException:  # a file that can't be imported has no modules
                pass
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading) as lines:
        rows = [json.loads(line) for line in lines if line.endswith("\n")]
    os.waitpid(child, 0)
    return rows


def _executed(file: Path) -> types.ModuleType:
    signal.signal(signal.SIGALRM, lambda *_: os._exit(1))
    signal.alarm(20)
    module = types.ModuleType(file.stem)
    module.__file__ = str(file)
    sys.modules[file.stem] = module
    exec(compile(file.read_text(encoding="utf-8"), str(file), "exec"), vars(module))
    signal.alarm(0)
    return module


def _outside(adapter: Any, module: types.ModuleType) -> Any:
    """Yield a row for one of the module's own classes that no test case is for, chosen by its name."""
    known = {case[0] for case in vars(module)["TESTCASES"]}
    classes = [
        value
        for value in vars(module).values()
        if isinstance(value, type) and adapter.is_model_class(value) and value.__module__ == module.__name__
    ]
    left = sorted((cls for cls in classes if cls not in known), key=lambda cls: cls.__name__)
    for cls in random.Random(module.__name__).sample(left, min(1, len(left))):
        signal.alarm(LIMIT * 3)
        result, seconds = _try(adapter, module, Unit(cls.__name__, "class", cls), None)
        yield {"name": f"{module.__name__}.{cls.__name__}", "inferred": result, "inferred_s": seconds}


def _measure(adapter: Any, module: types.ModuleType) -> Any:
    for case in vars(module)["TESTCASES"][:2]:
        signal.alarm(LIMIT * 3)
        cls, init, forward = case[0], case[1], case[2]
        row: dict[str, Any] = {"name": f"{module.__name__}.{cls.__name__}", "true": False}
        unit = Unit(cls.__name__, "class", cls)
        try:
            args, kwargs = init()
            recipe = Recipe(tuple(args), dict(kwargs))
            net = seeded_build(adapter, unit, recipe, 0)
            args, kwargs = forward()
            adapter.forward(net, tuple(args), kwargs, False)
            row["true"] = True
        except Exception:
            pass
        if row["true"]:
            row["given"], row["given_s"] = _try(adapter, module, unit, recipe)
            row["inferred"], row["inferred_s"] = _try(adapter, module, unit, None)
        yield row


def _try(adapter: Any, module: Any, unit: Any, recipe: Recipe | None) -> tuple[str, float]:
    begun = time.perf_counter()
    try:
        recipe = recipe or constructor(adapter, module, unit, 0)
        net = seeded_build(adapter, unit, recipe, 0)
        InputFinder(adapter, module, unit, recipe, net, 0).find(None, LIMIT)
        result = "ok"
    except Exception as exc:
        result = f"{type(exc).__name__}: {exc}".splitlines()[0]
    return result, time.perf_counter() - begun


if __name__ == "__main__":
    main()
