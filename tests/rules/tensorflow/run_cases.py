"""Run pairs of case files (as written, as rewritten) in one process and print what differs, as JSON.

Called by the tests in a process of its own: ``run_cases.py PAIRS.json`` with ``[[name, original, rewritten], ...]``.
"""

from __future__ import annotations

import importlib.util
import io
import json
import os
import random
import sys
import tempfile
from contextlib import redirect_stdout
from typing import Any

os.environ.update(TF_CPP_MIN_LOG_LEVEL="3", CUDA_VISIBLE_DEVICES="-1", TF_ENABLE_ONEDNN_OPTS="0")

ORDER = (0, 1, 2, 0, 0)


def load(path: str, name: str) -> Any:
    """Import a file under a name of its own (AutoGraph reads the source of functions from it)."""
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


def plain(value: Any) -> Any:
    """Make lists and numbers of whatever a function gives."""
    import numpy as np

    if isinstance(value, dict):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    return np.asarray(value).tolist() if not isinstance(value, str) else value


def run(path: str, name: str) -> dict[str, Any]:
    """Return outputs, printed text and state of one file."""
    import numpy as np
    import tensorflow as tf

    random.seed(0)
    np.random.seed(0)
    tf.keras.utils.set_random_seed(0)
    out: dict[str, Any] = {"outs": [], "error": ""}
    with tempfile.TemporaryFile() as file:
        keep = os.dup(1)
        os.dup2(file.fileno(), 1)
        text = io.StringIO()
        try:
            with redirect_stdout(text):
                module = load(path, name)
                function = module.make()
                for n in ORDER:
                    out["outs"].append(plain(function(*module.inputs(n))))
                out["state"] = plain(module.state()) if hasattr(module, "state") else None
        except Exception as exc:  # the difference is the result
            out["error"] = f"{type(exc).__name__}: {exc}"[:400]
        finally:
            os.dup2(keep, 1)
            os.close(keep)
        file.seek(0)
        out["text"] = sorted((text.getvalue() + file.read().decode("utf-8", "replace")).split("\n"))
    return out


def close(left: Any, right: Any) -> bool:
    """Whether two plain values are equal up to rounding."""
    import numpy as np

    if isinstance(left, dict) and isinstance(right, dict):
        return left.keys() == right.keys() and all(close(left[key], right[key]) for key in left)
    try:
        one, other = np.asarray(left, float), np.asarray(right, float)
    except (TypeError, ValueError):
        if isinstance(left, list) and isinstance(right, list):
            return len(left) == len(right) and all(map(close, left, right))
        return bool(left == right)
    return one.shape == other.shape and bool(np.allclose(one, other, rtol=1e-4, atol=1e-5, equal_nan=True))


def main() -> None:
    """Print one JSON line: what is wrong with each pair, '' where nothing is."""
    with open(sys.argv[1], encoding="utf-8") as file:
        pairs = json.load(file)
    verdicts: dict[str, str] = {}
    for name, original, rewritten in pairs:
        before, after = run(original, f"before_{name}"), run(rewritten, f"after_{name}")
        if before["error"]:
            verdicts[name] = "case: " + before["error"]
        elif after["error"]:
            verdicts[name] = "broken: " + after["error"]
        else:
            wrong = [key for key in ("outs", "text", "state") if not close(before[key], after[key])]
            verdicts[name] = "different: " + ", ".join(wrong) if wrong else ""
    print("RESULT " + json.dumps(verdicts))


if __name__ == "__main__":
    main()
