"""Run functions of public TensorFlow code: the original against what rewriting made of it.

    python benchmarks/tf_run.py --before DIR --after DIR [--only NAME] [--speed] [--json OUT]

DIR are the sources and the rewritten sources as ``tf_corpus.py --write`` leaves them (below one folder a root).  For
each case of ``tf_run_data.py`` only the definitions that it needs are executed (``tf_load.py``), under the same seeds.
Called are three distinct inputs, the first one twice more, and one of another size; compared are outputs (within what
the worker of ``verify`` allows for rounding), gradients, printed and logged text, and the state that is left:
variables, and Python's in arguments, objects and the file.  ``--speed`` adds the ratio of the times, original by
rewritten, with a 95 % interval from interleaved rounds; a case is slower where the whole interval is below 1.  Exit
code 1 when anything differs.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import json
import logging
import math
import multiprocessing
import os
import random
import statistics
import sys
import tempfile
import time
import types
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from unittest.mock import MagicMock

from tf_load import load

ROUNDS, ROUND_SECONDS = 15, 0.02
T95 = 2.145  # Student's t for 14 degrees of freedom
ORDER = (0, 1, 2, 0, 0, 3)
RTOL, SHARE, GRADIENT_FACTOR = 1.3e-5, 2e-6, 10.0  # the worker's for float32
Case = tuple[str, str, str, str, str]
NO_STATE = frozenset({"_failed", "_call_has_context_arg", "_call_has_training_arg", "call_signature_parameters"})
"""Attributes that aren't compared: what Keras notes of the signature of ``call`` (``training`` is added to some)."""


def tensorflow() -> Any:
    """Import TensorFlow, quietly."""
    os.environ.update(TF_CPP_MIN_LOG_LEVEL="3", CUDA_VISIBLE_DEVICES="-1", TF_ENABLE_ONEDNN_OPTS="0")
    import tensorflow as tf

    tf.config.threading.set_inter_op_parallelism_threads(1)
    tf.config.threading.set_intra_op_parallelism_threads(1)
    return tf


def find(folder: Path, end: str) -> Path:
    """Return the one file below a folder whose path ends so."""
    found = [p for p in folder.rglob("*" + end.rsplit("/", 1)[-1]) if str(p).endswith("/" + end)]
    if not found:
        raise FileNotFoundError(f"{folder}/**/{end}")
    return min(found, key=lambda p: len(str(p)))


def seed(tf: Any, number: int) -> None:
    import numpy

    random.seed(number)
    numpy.random.seed(number)
    tf.keras.utils.set_random_seed(number)


class Plain:
    """An object with the attributes that it is given (told apart by identity, as users' objects are)."""

    def __init__(self, **attributes: Any) -> None:
        self.__dict__.update(attributes)


class Side:
    """One side of a comparison: the file, loaded, and what is called."""

    def __init__(self, tf: Any, file: Path, name: str, case: Case, force: bool = False) -> None:
        _, self.qualified, self.make, self.given, prepared = case
        self.tf = tf
        tf.keras.backend.clear_session()  # names that Keras makes up count from the start
        seed(tf, 0)
        wanted = {self.qualified.split(".")[0]} | mentioned(self.make) | mentioned(self.given)
        self.module = load(file, name, wanted, eval(prepared, self.scope(0)) if prepared else {})
        seed(tf, 1)
        if force:
            self.forced()
        self.object: Any = eval(self.make, self.scope(0)) if self.make else None
        self.call: Callable[..., Any] = self.entry()

    def scope(self, k: int) -> dict[str, Any]:
        """Return the names that the expressions of a case may use."""
        import numpy

        tf = self.tf
        state = numpy.random.RandomState(k + 7)
        return {
            "m": getattr(self, "module", None), "o": getattr(self, "object", None), "tf": tf, "np": numpy, "k": k,
            "b": 3 if k == 3 else 2,
            "n": lambda *shape: tf.constant(state.randn(*shape), tf.float32),
            "u": lambda *shape: tf.constant(state.uniform(0.05, 0.95, shape), tf.float32),
            "i": lambda high, *shape: tf.constant(state.randint(0, high, shape), tf.int32),
            "v": lambda *shape: tf.Variable(numpy.random.randn(*shape).astype("float32") * 0.3),
            "keras": tf.keras, "NS": Plain, "built": built,
        }  # fmt: skip

    def owner(self) -> tuple[Any, str]:
        """Return what holds the function (the module, or a class), and its name there."""
        *path, last = self.qualified.split(".")
        holder: Any = self.module
        for part in path:
            holder = getattr(holder, part)
        return holder, last

    def forced(self) -> None:
        """Make the function a tf.function where it is none."""
        holder, name = self.owner()
        value = holder.__dict__[name]
        inner = value.__func__ if isinstance(value, staticmethod | classmethod) else value
        if isinstance(inner, types.FunctionType):
            made = self.tf.function(inner)
            setattr(holder, name, type(value)(made) if isinstance(value, staticmethod | classmethod) else made)

    def entry(self) -> Callable[..., Any]:
        """Return what is called."""
        holder, name = self.owner()
        if self.object is None or "." not in self.qualified:
            return getattr(holder, name)  # type: ignore[no-any-return]
        if name == "__call__" or name == "call" and callable(self.object):
            return self.object  # type: ignore[no-any-return]
        return getattr(self.object, name)  # type: ignore[no-any-return]

    def inputs(self, k: int) -> tuple[Any, ...]:
        value = eval(f"({self.given})", self.scope(k))
        return value if isinstance(value, tuple) else (value,)

    def traces(self) -> int:
        """Return how often tf.functions of the file have been traced."""
        seen: dict[int, Any] = {}
        holders = [self.module, self.object, *[c for c in vars(self.module).values() if isinstance(c, type)]]
        for holder in [h for h in holders if h is not None]:
            for value in list(getattr(holder, "__dict__", {}).values()) + list(vars(type(holder)).values()):
                inner = getattr(value, "__func__", value)
                if hasattr(inner, "experimental_get_tracing_count") and not isinstance(inner, MagicMock):
                    seen[id(inner)] = inner
        holder, name = self.owner()
        if self.object is not None and hasattr(getattr(self.object, name, None), "experimental_get_tracing_count"):
            bound_one = getattr(self.object, name)
            seen = {i: f for i, f in seen.items() if f is not vars(holder).get(name)} | {id(bound_one): bound_one}
        return sum(function.experimental_get_tracing_count() for function in seen.values())

    def state(self) -> list[Any]:
        """Return variables and plain values in the file's module and in the object."""
        out: list[Any] = []
        for holder in (self.module, self.object):
            for name, value in sorted(getattr(holder, "__dict__", {}).items(), key=lambda item: str(item[0])):
                if not name.startswith("__") and name not in NO_STATE:
                    out += [(name, item) for item in self.values(value, 0)]
        return out

    def values(self, value: Any, depth: int) -> Iterator[Any]:
        tf = self.tf
        if isinstance(value, tf.Variable | tf.Tensor | bool | int | float | str) or value is None:
            yield value
        elif isinstance(value, tf.keras.Variable):
            yield value.value
        elif depth < 4 and isinstance(value, list | tuple):
            for item in value:
                yield from self.values(item, depth + 1)
        elif depth < 4 and isinstance(value, dict):
            for key in value:
                yield from self.values(value[key], depth + 1)
        elif hasattr(value, "variables") and isinstance(value, tf.Module | tf.keras.optimizers.Optimizer):
            yield from self.values(list(value.variables), depth)


def mentioned(expression: str) -> set[str]:
    """Return the names that an expression reads off ``m``."""
    import ast

    if not expression:
        return set()
    return {
        node.attr
        for node in ast.walk(ast.parse(f"({expression})"))
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "m"
    }


def built(model: Any, *args: Any) -> Any:
    """Return a Keras object after a first call: its weights are made then, by the random stream of that moment."""
    model(*args)
    return model


class Lines(logging.Handler):
    """What is logged while it is open, at any level (whoever runs the code may ask for all), TensorFlow's own apart."""

    def __init__(self) -> None:
        super().__init__(0)
        self.found: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        if record.name != "tensorflow":
            self.found.append(record.getMessage())

    def __enter__(self) -> list[str]:
        self.loggers = [logging.getLogger(name) for name in ("", "absl", "tensorflow")]
        self.levels = [logger.level for logger in self.loggers]
        for logger, level in zip(self.loggers, (1, 1, logging.ERROR), strict=True):
            logger.setLevel(level)
        self.loggers[0].addHandler(self)
        return self.found

    def __exit__(self, *_: object) -> None:
        self.loggers[0].removeHandler(self)
        for logger, level in zip(self.loggers, self.levels, strict=True):
            logger.setLevel(level)


def weighed(tf: Any, values: Any) -> Any:
    """Return the sum of ``values``, each by another weight: a plain sum may be a constant, its gradient noise."""
    weights = tf.cos(tf.cast(tf.range(tf.size(values)), tf.float32))
    return tf.reduce_sum(tf.cast(values, tf.float32) * tf.reshape(weights, tf.shape(values)))


def observe(side: Side, order: tuple[int, ...], gradients: bool) -> dict[str, Any]:
    """Call a side and return what can be seen."""
    tf = side.tf
    seen: dict[str, Any] = {"outs": [], "error": "", "grads": [], "args": []}
    text = io.StringIO()
    with tempfile.TemporaryFile() as file, Lines() as seen["log"]:
        sys.stdout.flush()
        keep = os.dup(1)
        os.dup2(file.fileno(), 1)
        try:
            with contextlib.redirect_stdout(text):
                for k in order:
                    args = side.inputs(k)
                    tape = tf.GradientTape()
                    with tape if gradients else contextlib.nullcontext():
                        floats = [x for x in args if isinstance(x, tf.Tensor) and x.dtype.is_floating]
                        if gradients:
                            tape.watch(floats)
                        out = side.call(*args)
                        parts = [x for x in tf.nest.flatten(out) if isinstance(x, tf.Tensor) and x.dtype.is_floating]
                        total = tf.add_n([weighed(tf, x) for x in parts]) if parts else None
                    seen["outs"].append(tf.nest.map_structure(frozen, out))
                    changed = [one for one in args if isinstance(one, list | dict)]  # by the call, if at all
                    seen["args"].append(tf.nest.map_structure(frozen, changed))
                    if gradients and total is not None and floats:
                        # a tf.function of several results gives zeros where eager code has no gradient at all
                        found = tape.gradient(total, floats, unconnected_gradients=tf.UnconnectedGradients.ZERO)
                        seen["grads"].append([frozen(tf.convert_to_tensor(g)) for g in found])
                seen["state"] = [(name, frozen(value)) for name, value in side.state()]
        except Exception as exc:  # the difference is the result
            seen["error"] = f"{type(exc).__name__}: {exc}"
        finally:
            os.dup2(keep, 1)
            os.close(keep)
        file.seek(0)
        seen["text"] = sorted((text.getvalue() + file.read().decode("utf-8", "replace")).split("\n"))
    return seen


def frozen(value: Any) -> Any:
    """Return what can be compared later on."""
    import numpy

    if hasattr(value, "to_tensor"):
        return value.to_tensor().numpy()
    return numpy.array(value) if hasattr(value, "numpy") or isinstance(value, numpy.ndarray) else value


def close(left: Any, right: Any, factor: float = 1.0) -> bool:
    """Whether two frozen values agree up to rounding, tensors and Python's values told apart."""
    import numpy

    if isinstance(left, dict) and isinstance(right, dict):
        return left.keys() == right.keys() and all(close(left[key], right[key], factor) for key in left)
    if isinstance(left, list | tuple) and isinstance(right, list | tuple):
        return len(left) == len(right) and all(close(a, b, factor) for a, b in zip(left, right, strict=True))
    if isinstance(left, numpy.ndarray | float) and isinstance(right, numpy.ndarray | float):
        one, other = numpy.asarray(left), numpy.asarray(right)
        if one.shape != other.shape or one.dtype != other.dtype:
            return False
        if one.dtype.kind != "f" or not one.size:
            return bool(numpy.array_equal(one, other))
        one, other = one.astype("float64"), other.astype("float64")
        finite = numpy.abs(one[numpy.isfinite(one)])
        allowed = factor * (RTOL * numpy.abs(one) + SHARE * (finite.max() if finite.size else 0.0) + 1e-12)
        with numpy.errstate(invalid="ignore"):
            same = (numpy.abs(one - other) <= allowed) | (one == other) | (numpy.isnan(one) & numpy.isnan(other))
        return bool(same.all())
    return type(left) is type(right) and bool(left == right)


def compared(before: dict[str, Any], after: dict[str, Any]) -> str:
    """Return what differs, or ''."""
    if before["error"]:
        return f"case: {before['error'][:300]}"
    if after["error"]:
        return f"fails: {after['error'][:300]}"
    factors = {"outs": 1.0, "state": 1.0, "grads": GRADIENT_FACTOR, "text": 1.0, "log": 1.0, "args": 1.0}
    wrong = [key for key, factor in factors.items() if not close(before[key], after[key], factor)]
    if wrong == ["state"]:
        pairs = zip(before["state"], after["state"], strict=False)
        wrong.append(str([(a, b) for a, b in pairs if not close(a, b)][:2])[:200])
    return "differs: " + ", ".join(wrong) if wrong else ""


def child(before: str, after: str, case: Case, speed: bool) -> dict[str, Any]:
    """Compare one function in this process."""
    tf = tensorflow()
    sides = [Side(tf, Path(file), f"case_{name}", case) for name, file in (("before", before), ("after", after))]
    seen = []
    for side in sides:
        seed(tf, 2)
        seen.append(observe(side, ORDER, True))
    bad = compared(*seen)
    result: dict[str, Any] = {"result": bad or "ok", "traces": sides[1].traces()}
    if bad.startswith("case") and sides[0].module.__dict__["_failed"]:
        result["result"] += f" | {sides[0].module.__dict__['_failed'][:3]}"
    if not bad and sides[1].traces() == 0:
        result["result"] = "case: nothing of it is a tf.function"
    if speed and not bad:
        result["ratio"] = clock(*sides)
    return result


def clock(original: Side, rewritten: Side) -> list[float]:
    """Return original/rewritten, and its 95 % interval, from interleaved rounds."""
    inputs = [[side.inputs(k) for k in range(3)] for side in (original, rewritten)]

    def one(index: int, calls: int) -> float:
        call, args = (original, rewritten)[index].call, inputs[index]
        begun = time.perf_counter()
        for number in range(calls):
            call(*args[number % 3])
        return (time.perf_counter() - begun) / calls

    calls = []
    with contextlib.redirect_stdout(io.StringIO()):
        for index in range(2):
            one(index, 3)
            calls.append(max(3, min(3000, round(ROUND_SECONDS / one(index, 6)))))
        logs = [math.log(one(0, calls[0]) / one(1, calls[1])) for _ in range(ROUNDS)]
    mean, half = statistics.fmean(logs), T95 * statistics.stdev(logs) / math.sqrt(len(logs))
    return [math.exp(mean), math.exp(mean - half), math.exp(mean + half)]


def forked(function: Callable[..., dict[str, Any]], arguments: tuple[Any, ...], seconds: float) -> dict[str, Any]:
    """Run a function in a forked process: TensorFlow is imported there already, and nothing of it has run."""
    here, there = multiprocessing.Pipe(duplex=False)

    def work() -> None:
        os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
        try:
            there.send(function(*arguments))
        except BaseException as exc:
            there.send({"result": f"case: {type(exc).__name__}: {exc}"[:400]})

    process = multiprocessing.get_context("fork").Process(target=work)
    process.start()
    there.close()
    result: dict[str, Any] = {"result": f"case: no answer in {seconds:.0f} s"}
    try:
        if here.poll(seconds):
            result = here.recv()
    except EOFError:
        result = {"result": "case: the process died"}
    process.kill()
    process.join()
    return result


def ready() -> None:
    """Import TensorFlow for the processes that will be forked."""
    os.environ.update(TF_CPP_MIN_LOG_LEVEL="3", CUDA_VISIBLE_DEVICES="-1", TF_ENABLE_ONEDNN_OPTS="0")
    os.environ.update(OMP_NUM_THREADS="1")
    import tensorflow  # noqa: F401


def summary(rows: list[dict[str, Any]]) -> str:
    """Say the geometric mean of the ratios with its 95 % interval, and how many are slower (whole interval below 1)."""
    logs = [math.log(row["ratio"][0]) for row in rows]
    half = 1.98 * statistics.stdev(logs) / math.sqrt(len(logs)) if len(logs) > 1 else 0.0
    low, mean, high = (math.exp(statistics.fmean(logs) + by) for by in (-half, 0.0, half))
    slower = [row["name"] for row in rows if row["ratio"][2] < 1]
    return (
        f"geometric mean {mean:.2f} [{low:.2f}, {high:.2f}] over {len(rows)} functions; "
        f"slower: {len(slower)} ({', '.join(slower)})"
    )


def run(options: argparse.Namespace) -> int:
    """Compare originals with what was made of them."""
    from tf_run_data import CASES

    ready()
    rows: list[dict[str, Any]] = []
    for case in CASES:
        if options.only and options.only not in f"{case[0]} {case[1]}":
            continue
        row: dict[str, Any] = {"file": case[0], "name": case[1]}
        rows.append(row)
        try:
            before, after = find(options.before, case[0]), find(options.after, case[0])
            row.update(forked(child, (str(before), str(after), case, options.speed), 300))
        except OSError as exc:
            row["result"] = f"case: {exc}"
        ratio = "{:.2f} [{:.2f}, {:.2f}]".format(*row["ratio"]) if "ratio" in row else ""
        print(f"{case[1]:34} {case[0][-46:]:47} {row['result']}  {row.get('traces', '')} {ratio}", flush=True)
    good = [row for row in rows if row["result"] == "ok"]
    print(f"{len(good)} of {len(rows)} equal in every check")
    timed = [row for row in rows if "ratio" in row]
    if timed:
        print(f"original/rewritten: {summary(timed)}")
    if options.json:
        options.json.write_text(json.dumps(rows, indent=1), encoding="utf-8")
    return 0 if len(good) == len(rows) else 1


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--before", type=Path, required=True)
    parser.add_argument("--after", type=Path, required=True)
    parser.add_argument("--only", default="")
    parser.add_argument("--speed", action="store_true")
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    return run(options)


if __name__ == "__main__":
    sys.exit(main())
