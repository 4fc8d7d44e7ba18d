"""Python imports this when it starts, for its folder is on ``PYTHONPATH``; it starts the recorder beside it."""

import importlib
import importlib.util
import os
import sys

_here = os.path.dirname(os.path.abspath(__file__))


def _start() -> None:
    spec = importlib.util.spec_from_file_location("_transpile_hybrid_recorder", os.path.join(_here, "record.py"))
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    module.start(os.environ["TRANSPILE_HYBRID_RECORD"])


def _next() -> None:
    """Import the environment's own ``sitecustomize``, whose place this one has taken."""
    mine = sys.modules.pop("sitecustomize", None)
    path = list(sys.path)
    sys.path[:] = [entry for entry in path if os.path.abspath(entry or ".") != _here]
    try:
        importlib.import_module("sitecustomize")
    except ImportError:
        if mine is not None:
            sys.modules["sitecustomize"] = mine
    finally:
        sys.path[:] = path


if os.environ.get("TRANSPILE_HYBRID_RECORD"):
    _start()
_next()
