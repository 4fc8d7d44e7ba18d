"""Graph breaks of ``torch.compile`` in real transformer models, before and after our rewriting.

    python benchmarks/graph_breaks.py --package DIR/transformers [--path DIR ...] [--models NAME ...] [--train]

Each model of ``graph_breaks_data.py`` is built with random weights from the package at ``--package`` and, a second
time, from a copy in which the files that the model runs through are rewritten for ``torch.compile``; each in a process
of its own.  Told are the breaks that ``torch._dynamo.explain`` counts, whether ``fullgraph=True`` compiles, and whether
the results are equal: of the original and the rewritten model in Python (to the bit), and of each with what is
compiled of it.  ``captured`` counts with ``capture_scalar_outputs`` and ``capture_dynamic_output_shape_ops``, which
``fullgraph=True`` sets and the default doesn't.  ``--path`` adds folders with what the package needs, ``--told FILE``
says which of our codes tells each place where a graph broke.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--package", type=Path, required=True)
    parser.add_argument("--path", type=Path, action="append", default=[])
    parser.add_argument("--models", nargs="*")
    parser.add_argument("--train", action="store_true", help="in training mode (random numbers from one seed)")
    parser.add_argument("--raw", action="store_true", help="only count; rewrite nothing")
    parser.add_argument("--reasons", action="store_true", help="print why each graph breaks")
    parser.add_argument("--json", type=Path)
    parser.add_argument("--timeout", type=float, default=600)
    parser.add_argument("--told", type=Path, help="of such a JSON FILE: which of our codes tells each place of a break")
    parser.add_argument("--worker", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.told:
        return told(json.loads(options.told.read_text()), options.package)
    if options.worker:
        return work(options)
    sys.path.insert(0, str(HERE.parent))
    from graph_breaks_data import MODELS

    names = [row[0] for row in MODELS if not options.models or row[0] in options.models]
    rows: dict[str, Any] = {}
    print(f"{'model':<18} {'breaks':<10} {'captured':<10} {'whole':<18} {'same':<10} compiled", flush=True)
    for name in names:
        rows[name] = compare(name, options)
        print(line(name, rows[name]), flush=True)
        if options.reasons:
            for side in ("before", "after"):
                reasons = rows[name].get(side, {}).get("reasons", [])
                for text in dict.fromkeys(f"{reason['where']}: {reason['why']}" for reason in reasons):
                    print(f"    {side}: {text}", flush=True)
        if options.json:
            options.json.write_text(json.dumps(rows, indent=1))
    return 0


def line(name: str, row: dict[str, Any]) -> str:
    before, after = row["before"], row.get("after", {})
    if "error" in before:
        return f"{name:<18} {before['error'][:100]}"
    pairs = [f"{before[key]}->{after.get(key, '-')}" for key in ("breaks", "breaks captured", "whole")]
    bad = "  " + after["error"][:90] if "error" in after else ""
    return (
        f"{name:<18} {pairs[0]:<10} {pairs[1]:<10} {pairs[2]:<18} {row.get('same', '-'):<10} "
        f"{after.get('compiled', before['compiled'])}{bad}"
    )


def compare(name: str, options: argparse.Namespace) -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as folder:
        row: dict[str, Any] = {"before": run(name, options.package, Path(folder, "before.pt"), options)}
        if options.raw or "error" in row["before"]:
            return row
        copy = Path(folder, options.package.name)
        shutil.copytree(options.package, copy, ignore=shutil.ignore_patterns("__pycache__"))
        files = [str(copy / one) for one in row["before"]["files"]]
        command = [sys.executable, "-m", "transpile_hybrid", "rewrite", "--target", "torch.compile", "--allow-dirty"]
        told = subprocess.run(
            [*command, "--no-cache", "-q", *files], capture_output=True, text=True, cwd=HERE.parents[1]
        )
        row["changed"] = [one for one in row["before"]["files"] if differs(copy / one, options.package / one)]
        if told.returncode not in (0, 1):
            row["after"] = {"error": told.stderr[-300:]}
            return row
        row["after"] = run(name, copy, Path(folder, "after.pt"), options)
        if "error" not in row["after"]:
            row["same"] = "equal" if equal(Path(folder, "before.pt"), Path(folder, "after.pt"), 0.0) else "DIFFERENT"
    return row


def differs(one: Path, other: Path) -> bool:
    return one.read_bytes() != other.read_bytes()


def run(name: str, package: Path, results: Path, options: argparse.Namespace) -> dict[str, Any]:
    """Count and run one model in a process of its own."""
    folders = [str(package.resolve().parent), *(str(one.resolve()) for one in options.path)]
    command = [sys.executable, str(HERE), "--worker", name, "--package", str(package), "--json", str(results)]
    environment = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join(folders),
        "PYTHONDONTWRITEBYTECODE": "1",
        "HF_HUB_OFFLINE": "1",
    }
    try:
        done = subprocess.run(
            [*command, *(["--train"] if options.train else [])],
            capture_output=True,
            text=True,
            timeout=options.timeout,
            env=environment,
            cwd="/",
        )
    except subprocess.TimeoutExpired:
        return {"error": "timeout"}
    last = done.stdout.strip().splitlines()[-1:] or [""]
    try:
        return dict(json.loads(last[0]))
    except ValueError:
        return {"error": (done.stderr.strip().splitlines()[-1:] or ["no answer"])[0]}


def told(rows: dict[str, Any], package: Path) -> int:
    """Print each place of the package where a graph broke, with the codes that are found there."""
    from collections import Counter

    from transpile_hybrid.api import check
    from transpile_hybrid.source.source import Source

    places: dict[tuple[str, int], tuple[str, set[str]]] = {}
    for name, row in rows.items():
        for key in ("reasons", "reasons captured"):
            for reason in row["before"].get(key, []):
                path, _, rest = reason["where"].partition(":")
                line, *text = rest.split(":", 1)
                if (package / path).is_file():
                    known = places.setdefault(
                        (path, int(line)), (f"{text[0].strip()[:70]} | {reason['why'][:40]}", set())
                    )
                    known[1].add(name)
    codes: dict[tuple[str, int], set[str]] = {}
    paths = sorted({path for path, _ in places})
    for report in check([Source.read(str(package / path)) for path in paths], ["torch.compile"]):
        source, path = report.source, Path(report.source.path).relative_to(package)
        for one in report.diagnostics:
            first, last = (source.text.count("\n", 0, at) + 1 for at in (one.span.start, one.span.end))
            for line in range(first - 1, last + 1):  # a condition may stand below its `if`
                codes.setdefault((str(path), line), set()).add(one.code)
    counts: Counter[str] = Counter()
    for place, (text, models) in sorted(places.items()):
        found = " ".join(sorted(codes.get(place, {"none"})))
        counts[found] += 1
        print(f"{found:<8} {place[0]}:{place[1]}: {text} ({', '.join(sorted(models))})")
    print(dict(counts))
    return 0


# What follows runs in the worker.


def work(options: argparse.Namespace) -> int:
    import torch

    torch.set_num_threads(1)
    sys.path.insert(0, str(HERE.parent))
    from graph_breaks_data import MODELS

    package = __import__(options.package.name)
    _, cls, config, inputs = next(row for row in MODELS if row[0] == options.worker)
    try:
        model, arguments = build(package, cls, config, inputs)
        model.train(options.train)
        if options.worker.endswith("-half"):
            model.half()
        eager = called(model, arguments)
    except Exception as error:
        print(json.dumps({"error": f"{type(error).__name__}: {str(error).strip()[:200]}"}))
        return 0
    torch.save(eager, options.json)
    root = Path(options.package).resolve()
    answer: dict[str, Any] = {"files": used(root)}
    for key, capture in (("", False), (" captured", True)):
        try:
            told = counted(model, arguments, capture)
        except Exception as error:
            answer["breaks" + key], answer["reasons" + key] = "error", [{"why": first(str(error)), "where": "?"}]
            continue
        answer["breaks" + key] = told.graph_break_count
        answer["reasons" + key] = [
            {"why": first(reason.reason), "where": at(reason.user_stack, root)} for reason in told.break_reasons
        ]
    for key, whole in (("compiled", False), ("whole", True)):
        torch._dynamo.reset()
        try:
            found = called(torch.compile(model, backend="eager", fullgraph=whole), arguments)
            answer[key] = "equal" if alike(eager, found, 1e-4) else "DIFFERENT"
        except Exception as error:
            answer[key] = "no" if whole else f"{type(error).__name__}"
            answer[key + " why"] = str(error)[:1500]
    answer["whole"] = {"equal": "yes"}.get(answer["whole"], answer["whole"])
    print(json.dumps(answer))
    return 0


def build(package: Any, cls: str, config: str, inputs: str) -> tuple[Any, dict[str, Any]]:
    import torch

    def ids(*shape: int, high: int = 90) -> torch.Tensor:
        return torch.randint(min(5, high - 2), high, shape)

    def mask(*shape: int) -> torch.Tensor:
        out = torch.ones(shape, dtype=torch.long)
        out[-1, -1] = 0
        return out

    def audio(rows: int, length: int, count: int, token: int) -> torch.Tensor:
        out = ids(rows, length)
        out[:, 2 : 2 + count] = token
        return out

    names = {
        "t": package,
        "ids": ids,
        "mask": mask,
        "audio": audio,
        "n": torch.randn,
        "u": torch.rand,
        "ones": lambda *shape: torch.ones(shape, dtype=torch.long),
    }
    torch.manual_seed(0)
    model = getattr(package, cls)(eval(config, names))
    torch.manual_seed(0)
    return model, eval(inputs, names)


def counted(model: Any, arguments: dict[str, Any], capture: bool) -> Any:
    """Let Dynamo explain its breaks; ``capture``: with numbers and shapes taken into the graph, as for a whole one."""
    import torch

    torch._dynamo.reset()
    torch.manual_seed(1)
    settings = {"capture_scalar_outputs": capture, "capture_dynamic_output_shape_ops": capture}
    with torch._dynamo.config.patch(settings):
        return torch._dynamo.explain(model)(**arguments)


def called(model: Any, arguments: dict[str, Any]) -> list[Any]:
    """Return the tensors of a result, in order, and after them the gradients of the first that has some."""
    import random

    import numpy
    import torch

    torch.manual_seed(1)
    random.seed(1)
    numpy.random.seed(1)
    model.zero_grad()
    out = flat(model(**arguments))
    first_one = next((one for one in out if one.requires_grad), None)
    if first_one is not None:
        first_one.float().sum().backward()
    grads = [p.grad.clone() if p.grad is not None else torch.zeros(0) for p in model.parameters()]
    return [one.detach().clone() for one in [*out, *grads]]


def flat(value: Any) -> list[Any]:
    import torch

    if isinstance(value, torch.Tensor):
        return [value]
    if isinstance(value, dict):
        return [one for item in value.values() for one in flat(item)]
    if isinstance(value, list | tuple):
        return [one for item in value for one in flat(item)]
    held = getattr(value, "__dict__", {})
    return [one for item in held.values() for one in flat(item)] if "ache" in type(value).__name__ else []


def alike(one: list[Any], other: list[Any], tolerance: float) -> bool:
    import torch

    return len(one) == len(other) and all(
        a.shape == b.shape
        and a.dtype == b.dtype
        and torch.allclose(a.double(), b.double(), atol=tolerance, rtol=tolerance, equal_nan=True)
        for a, b in zip(one, other, strict=True)
    )


def equal(one: Path, other: Path, tolerance: float) -> bool:
    import torch

    return alike(torch.load(one), torch.load(other), tolerance)


def first(text: str) -> str:
    lines = [part.strip() for part in text.splitlines() if part.strip()]
    return " | ".join(lines[:2])[:200]


def at(stack: Any, root: Path) -> str:
    inner = [one for one in stack or [] if str(root) in one.filename] or list(stack or [])[-1:]
    if not inner:
        return "?"
    last = inner[-1]
    return f"{last.filename.replace(str(root) + '/', '')}:{last.lineno}: {(last.line or '').strip()[:90]}"


def used(root: Path) -> list[str]:
    """Return the files of the package with torch modules that are loaded."""
    out = []
    for module in list(sys.modules.values()):
        name = getattr(module, "__file__", None)
        if name and name.endswith(".py") and Path(name).resolve().is_relative_to(root):
            path = Path(name).resolve()
            if "modeling" in path.name or "rope" in path.name or "masking" in path.name or "cache" in path.name:
                out.append(str(path.relative_to(root)))
    return sorted(out)


if __name__ == "__main__":
    sys.exit(main())
