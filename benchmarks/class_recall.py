#!/usr/bin/env python3
# ruff: noqa: E402, E501
"""Which classes of a package derive from a framework's base?  The index of sources against ``issubclass`` at run time.

    class_recall.py timm --folder SITE/timm --python VENV/bin/python [--stub cv2 --hide torch]

``folder`` is the package's folder as it lies on disk; ``python`` an interpreter that can import it (this one if left
out).  Every module of the package is imported there, one by one; those that can't be are named and their classes don't
count.  ``--stub`` names libraries that are replaced by empty stand-ins, ``--hide`` those that shall not be found, and
``--bare`` packages whose ``__init__`` is not run.  Exit code 1 below 99% recall or with a false one.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

_TRUTH = r"""
import importlib, importlib.machinery, importlib.util, json, os, sys, types, warnings
warnings.simplefilter("ignore")
folder, out, stubs, hidden, bare = json.loads(sys.argv[1])
import numpy
for name, kind in {"bool": bool, "int": int, "float": float, "object": object, "complex": complex, "str": str}.items():
    if name not in numpy.__dict__:
        setattr(numpy, name, kind)
class Anything(type):
    def __getattr__(cls, name):
        if name.startswith("__"):
            raise AttributeError(name)
        return Thing
class Thing(metaclass=Anything):
    def __init__(self, *args, **kwargs): pass
    def __call__(self, *args, **kwargs): return args[0] if args else self
    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)
        return Thing()
class Stub(types.ModuleType):
    __path__ = []
    __version__ = "9.9"
    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)
        return Thing
class Finder:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in stubs or name in stubs:
            return importlib.machinery.ModuleSpec(name, self)
    def create_module(self, spec): return Stub(spec.name)
    def exec_module(self, module): pass
sys.meta_path.insert(0, Finder())
for name in hidden:
    sys.modules[name] = None
parent = os.path.dirname(folder)
sys.path.insert(0, parent)
for name in bare:
    module = types.ModuleType(name)
    module.__path__ = [os.path.join(parent, *name.split("."))]
    module.__spec__ = importlib.machinery.ModuleSpec(name, None, is_package=True)
    sys.modules[name] = module
bases = []
def base(module, *names):
    try:
        found = importlib.import_module(module)
    except Exception:
        return
    bases.extend(getattr(found, name) for name in names)
if "torch" not in hidden and importlib.util.find_spec("torch"):
    base("torch.nn", "Module")
base("mxnet.gluon", "Block")
base("keras", "Layer")
failed, done = {}, []
for where, folders, files in os.walk(folder):
    folders[:] = sorted(f for f in folders if os.path.exists(os.path.join(where, f, "__init__.py")))
    for file in sorted(files):
        if not file.endswith(".py") or file == "__main__.py":
            continue
        name = os.path.relpath(os.path.join(where, file), parent)[:-3].replace(os.sep, ".").removesuffix(".__init__")
        try:
            importlib.import_module(name)
            done.append(name)
        except BaseException as error:
            failed[name] = f"{type(error).__name__}: {error}"[:160]
        if name in bare:
            failed.setdefault(name, "its __init__ is not run")
truth = {}
top = os.path.basename(folder)
for name in done:
    for key, value in list(vars(sys.modules[name]).items()):
        if not isinstance(value, type) or getattr(value, "__module__", "") != name:
            continue
        work = [value]
        while work:
            cls = work.pop()
            full = f"{cls.__module__}.{cls.__qualname__}"
            if "<locals>" in full or full in truth:
                continue
            truth[full] = issubclass(cls, tuple(bases))
            work += [inner for inner in vars(cls).values() if isinstance(inner, type) and inner.__module__ == name]
json.dump({"truth": truth, "imported": done, "failed": failed}, open(out, "w"))
"""


def truth_of(folder: str, options: argparse.Namespace) -> dict[str, dict[str, bool]]:
    """Import every module of the package in a process of its own and ask ``issubclass``."""
    out = options.out or os.path.join(os.path.dirname(folder) or ".", f"{os.path.basename(folder)}.classes.json")
    ask = json.dumps([folder, out, options.stub, options.hide, options.bare])
    env = dict(os.environ, TF_CPP_MIN_LOG_LEVEL="3", CUDA_VISIBLE_DEVICES="")
    subprocess.run([options.python, "-c", _TRUTH, ask], check=True, env=env, stdout=subprocess.DEVNULL)
    found: dict[str, dict[str, bool]] = json.loads(Path(out).read_text())
    return found


def found_in(folder: str) -> tuple[dict[str, bool], float]:
    """Return all classes of the sources with whether they are found to derive from a base, and the seconds it took."""
    from transpile_hybrid.meaning.project import project_from_files

    begin = time.process_time()
    project = project_from_files(sorted(Path(folder).rglob("*.py")))
    answer: dict[str, bool] = {}
    for info in project.classes.values():
        base = project.framework_base(info)
        answer[info.qualified] = base is not None and base.role == "module"
    return answer, time.process_time() - begin


def main() -> int:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("name")
    parser.add_argument("--folder", required=True)
    parser.add_argument("--python", default=sys.executable)
    parser.add_argument("--stub", nargs="*", default=[])
    parser.add_argument("--hide", nargs="*", default=[])
    parser.add_argument("--bare", nargs="*", default=[])
    parser.add_argument("--out", help="where the truth is written (JSON)")
    parser.add_argument("--truth", help="a file written by --out before: nothing is imported")
    parser.add_argument("--show", type=int, default=20)
    options = parser.parse_args()
    folder = os.path.abspath(options.folder)
    known = json.loads(Path(options.truth).read_text()) if options.truth else truth_of(folder, options)
    found, seconds = found_in(folder)
    truth = known["truth"]
    true = {name for name, derives in truth.items() if derives}
    missed = sorted(name for name in true if not found.get(name))
    false = sorted(name for name, derives in truth.items() if not derives and found.get(name))
    recall = 1 - len(missed) / max(1, len(true))
    print(f"{options.name}: {len(known['imported'])} modules imported ({len(known['failed'])} not), {len(truth)} classes"
          f" compared, {len(true)} derive; found {len(true) - len(missed)} (recall {recall:.2%}), {len(false)} false;"
          f" {sum(found.values())} found in all sources, {seconds:.1f} s of CPU")  # fmt: skip
    for name in missed[: options.show]:
        print("  missed", name)
    for name in false[: options.show]:
        print("  FALSE", name)
    for name, why in list(known["failed"].items())[: options.show]:
        print("  not imported", name, why)
    return int(recall < 0.99 or bool(false))


if __name__ == "__main__":
    sys.exit(main())
