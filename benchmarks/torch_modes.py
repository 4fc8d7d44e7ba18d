"""How PyTorch modules fare under the compilers when they train, and when sizes change.

    python benchmarks/torch_modes.py --harness PATH --corpus DIR [--split dev] [--sample 12] [--transform CMD] [--out F]

``PATH`` is the parity harness: a Python file that draws files of the corpus, keeps workers with limits, loads files and
compares values, and itself measures evaluation at one fixed shape.  Measured here, for each case as it stands and with
``--transform`` also after:

* ``train``: ``net.train()``, a forward under a fixed seed, ``backward()`` from a weighted sum of all floating results
  (the plain sum of what a normalization gives has no gradient); eager against ``torch.compile(fullgraph=True,
  backend="aot_eager")``: results, gradients of parameters and inputs, what the module holds afterwards.  Inputs need
  gradients, and are no leaves, as a layer's inputs are; where that does not run, they are plain.
* ``dynamic``: ``torch.compile(fullgraph=True, dynamic=True, backend="eager")`` in evaluation, called twice with the
  case's inputs, then with every tensor repeated along its first dimension; results against eager, and whether a call
  compiled again: the second one by what the module keeps, the third by its size (no errors, but told).  Dimensions that
  happen to be equal are different ones here (``use_duck_shape`` off): inputs of 4x4x4x4 would tell of nothing else.
* ``export``: ``torch.export.export`` with the first dimension of every tensor ``Dim.DYNAMIC`` (``AUTO`` would settle a
  dimension silently, and only a call would fail), called in the same way.

A case is eligible where eager gives equal observations twice, and with another seed.  Those that draw numbers are rows
of their own, compared under one seed: the compiled code may draw in another order, so a difference there is no proof.
"""

from __future__ import annotations

import argparse
import collections
import contextlib
import functools
import importlib.util
import json
import os
import queue
import signal
import subprocess
import sys
import threading
import time
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from torch_modes_run import MODES, run_file


def cause(row: dict[str, Any] | None) -> str:
    """Return '' for a row that is equal, or in a few words what it is."""
    if row is None:
        return "not reached"
    if not row["ok"]:
        return row["type"] + (f" ({row['gb_type']})" if row.get("gb_type") else "")
    if row["equal"] is None:
        return "not comparable"
    return "" if row["equal"] else "differs: " + row["why"].split(":")[0]


def summarise(records: list[dict[str, Any]], mode: str, status: str, after: bool) -> dict[str, Any]:
    """Count the cases of one row of the table."""
    kind = MODES[mode]
    out: collections.Counter[str] = collections.Counter()
    causes: dict[str, collections.Counter[str]] = {"raw": collections.Counter(), "after": collections.Counter()}
    names: dict[str, list[str]] = {"gained": [], "lost": [], "broken": []}
    for record in records:
        for number, case in record["cases"].items():
            eager = case.get("raw", {}).get("eager", {})
            if not eager.get("ok") or eager[kind]["status"] != status:
                continue
            rows = {"raw": case["raw"].get(mode)}
            if after:
                rows["after"] = case.get("after", {}).get(mode) if record.get("changed") else rows["raw"]
            out["eligible"] += 1
            said = {tag: cause(row) for tag, row in rows.items()}
            for tag, row in rows.items():
                out[tag] += not said[tag]
                if row and "recompiled" in row:
                    out[tag + " recompiled"] += 1
                    causes[tag][f"recompiled by {row['recompiled']}"] += 1
                causes[tag][said[tag]] += bool(said[tag])
            name = f"{record['file']}:{number} {case.get('cls', '')}"
            if after and bool(said["raw"]) != bool(said["after"]) and None not in rows.values():
                names["lost" if said["after"] else "gained"].append(f"{name} {said['raw'] or said['after']}")
            if after and record.get("changed"):
                row = case.get("after", {}).get("eager") or record["load_error"].get("after")
                found = row.get(kind, row) if row else {}  # no row: not reached
                if why := found.get("type") or found.get("why"):
                    names["broken"].append(f"{name} {why}")
    return {
        **out,
        **{key: len(value) for key, value in names.items()},
        "causes": {tag: dict((+count).most_common()) for tag, count in causes.items()},
        "names": names,
    }


def summaries(records: list[dict[str, Any]], after: bool) -> dict[str, Any]:
    """Return the rows of the table by name, and why other cases are not eligible."""
    rows: dict[str, Any] = {}
    for mode in MODES:
        rows[mode] = summarise(records, mode, "ok", after)
        rows[mode + ", random"] = summarise(records, mode, "random", after)
    left: dict[str, collections.Counter[str]] = {"step": collections.Counter(), "shapes": collections.Counter()}
    for record in records:
        for case in record["cases"].values():
            for kind, count in left.items():
                eager = case.get("raw", {}).get("eager", {})
                count[eager[kind]["status"] if kind in eager else eager.get("type", "not reached")] += 1
    files = {"files": len(records), "changed": sum(bool(record.get("changed")) for record in records)}
    files["not rewritten"] = sum(bool(record.get("transform_error")) for record in records)
    return {**files, "rows": rows, "eager": {kind: dict(count.most_common()) for kind, count in left.items()}}


def show(found: dict[str, Any], after: bool) -> None:
    """Print the table, and what stands in the way."""
    head = ["eligible", "raw", "after", "gained", "lost", "broken", "raw recompiled", "after recompiled"]
    head = head if after else ["eligible", "raw", "raw recompiled"]
    print(", ".join(f"{name} {number}" for name, number in found.items() if isinstance(number, int)))
    print(" " * 18 + "".join(f"{name:>{max(len(name), 6) + 2}}" for name in head))
    for name, row in found["rows"].items():
        print(f"{name:18}" + "".join(f"{row.get(key, 0):>{max(len(key), 6) + 2}}" for key in head))
    for kind, count in found["eager"].items():
        print(f"eager, {kind}: " + ", ".join(f"{name} {number}" for name, number in count.items()))
    for name, row in found["rows"].items():
        for tag, causes in row["causes"].items():
            if causes:
                print(f"{name}, {tag}: " + ", ".join(f"{cause} {number}" for cause, number in causes.items()))
        for key in ("gained", "lost", "broken"):
            for text in row["names"][key][:10]:
                print(f"{name}, {key}: {text[:160]}")


def load_harness(path: str) -> Any:
    spec = importlib.util.spec_from_file_location("parity_harness", path)
    assert spec is not None and spec.loader is not None
    module: Any = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def serve(harness: Any) -> int:
    """Be the harness's worker, with these measurements."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the driver gets it, too: without one, the worker ends its children
    warnings.filterwarnings("ignore")
    import torch

    torch.set_num_threads(1)
    with contextlib.suppress(Exception), torch.no_grad():  # imported once; no backward, it may not run before a fork
        torch.compile(torch.nn.Linear(2, 2), fullgraph=True, backend="aot_eager")(torch.ones(2, 2))
    harness.run_file = functools.partial(run_file, harness)
    harness.serve()
    return 0


def measured(harness: Any, names: list[str], options: argparse.Namespace) -> Iterator[dict[str, Any]]:
    """Yield the record of each file as it is finished."""

    class Worker(harness.Worker):
        def __init__(self) -> None:
            command = [options.python, os.path.abspath(__file__), "--harness", options.harness, "--serve"]
            env = {"OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1", "PYTHONHASHSEED": "0", "CUDA_VISIBLE_DEVICES": ""}
            self.proc = subprocess.Popen(
                command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env={**os.environ, **env}
            )
            self.torch = json.loads(self.proc.stdout.readline())["ready"] if self.proc.stdout else ""

    todo: queue.SimpleQueue[str] = queue.SimpleQueue()
    done: queue.SimpleQueue[dict[str, Any]] = queue.SimpleQueue()
    for name in names:
        todo.put(name)

    def loop() -> None:
        worker = None
        with contextlib.suppress(queue.Empty):
            while True:
                name = todo.get_nowait()
                begun = time.time()
                try:
                    worker = worker or Worker()
                    record = {**harness.measure(worker, name, options), "torch": worker.torch}
                except Exception as exc:  # the worker is gone: told in the record, and another one is started
                    record = {"file": name, "cases": {}, "load_error": {}, "notes": [repr(exc)]}
                    if worker:
                        worker.close()
                    worker = None
                done.put({**record, "secs": round(time.time() - begun, 1)})
        if worker:
            worker.close()

    threads = [threading.Thread(target=loop, daemon=True) for _ in range(max(1, options.jobs))]
    for thread in threads:
        thread.start()
    for _ in names:
        yield done.get()
    for thread in threads:
        thread.join()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--harness", required=True)
    parser.add_argument("--corpus")
    parser.add_argument("--split", choices=("heldout", "dev", "all"), default="dev")
    parser.add_argument("--sample", type=int, default=12, help="files; 0: all")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--max-cases", type=int, default=10, help="cases of a file, drawn by the seed; 0: all")
    parser.add_argument("--only", nargs="*", help="these files")
    parser.add_argument("--modes", default=",".join(MODES))
    parser.add_argument("--python", default=sys.executable)
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--file-timeout", type=float, default=600)
    parser.add_argument("--stage-timeout", type=float, default=60)
    parser.add_argument("--mem-gb", type=float, default=8)
    parser.add_argument("--transform", help="command that rewrites the file whose path is appended")
    parser.add_argument("--out", type=Path)
    parser.add_argument("--serve", action="store_true", help=argparse.SUPPRESS)
    parser.set_defaults(restarts=6, rtol=1e-4, atol=1e-5, strict_export=False, transform_timeout=120)
    options = parser.parse_args()
    harness = load_harness(options.harness)
    if options.serve:
        return serve(harness)
    options.modes = options.modes.split(",")
    if not set(options.modes) <= set(MODES) or not options.corpus:
        parser.error(f"--corpus, and --modes of {', '.join(MODES)}")
    names = harness.pick(options.corpus, options.split, options.sample, options.seed, options.only)
    records: list[dict[str, Any]] = []
    for record in measured(harness, names, options):
        records.append(record)
        problems = record["notes"] or record["load_error"] or ""
        print(f"[{len(records)}/{len(names)}] {record['file']} {record['secs']:.0f} s {problems}", file=sys.stderr)
        found = summaries(records, bool(options.transform))
        if options.out:
            document = {**vars(options), "out": "", "complete": len(records) == len(names), "summary": found}
            options.out.write_text(json.dumps({**document, "records": records}), encoding="utf-8")
    show(summaries(records, bool(options.transform)), bool(options.transform))
    return 0


if __name__ == "__main__":
    sys.exit(main())
