"""What ``torch_modes.py`` does in its workers: the observations of a module, eager and compiled, a file's cases."""

from __future__ import annotations

import collections.abc
import functools
import importlib.util
import inspect
import json
import random
import signal
import socket
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

MODES = {"train": "step", "dynamic": "shapes", "export": "shapes"}
"""The modes, and the observation that each is compared by."""
SEEDS = (1337, 1337, 7331)


class NoGradientError(Exception):
    """Nothing in the result has a gradient."""


class OneShapeError(Exception):
    """No tensor can be repeated, or the compilers always settle its size (one)."""


class Case:
    """One case of one version of a file: builds the module and its inputs, the same ones each time."""

    def __init__(self, seed_all: Callable[[int], None], case: tuple[Any, ...]) -> None:
        self.seed, (self.cls, self.init, self.forward) = seed_all, case[:3]
        self.phase = "init"
        self.plain = False  # inputs without gradients

    def build(self) -> Any:
        self.seed(SEEDS[0])
        args, kwargs = self.init()
        self.seed(SEEDS[0])
        return self.cls(*args, **kwargs)

    def inputs(self) -> Any:
        self.seed(SEEDS[0])
        return self.forward()


def floats(value: Any, depth: int = 0) -> Iterator[Any]:
    """Yield the floating tensors in a result that have a gradient."""
    import torch

    if isinstance(value, torch.Tensor):
        if value.is_floating_point() and value.requires_grad:
            yield value
    elif depth < 12 and not isinstance(value, torch.nn.Module):
        parts: Any = getattr(value, "__dict__", {}).values()
        if isinstance(value, collections.abc.Mapping):
            parts = value.values()
        elif isinstance(value, list | tuple):
            parts = value
        for part in parts:
            yield from floats(part, depth + 1)


def mapped(function: Callable[[Any], Any], value: Any) -> Any:
    """Apply a function to the tensors in the arguments; one that stands there twice stays one tensor."""
    import torch

    made: dict[int, Any] = {}

    def one(x: Any) -> Any:
        if id(x) not in made:
            made[id(x)] = function(x)
        return made[id(x)]

    return torch.utils._pytree.tree_map_only(torch.Tensor, one, value)


def step(case: Case, seed: int, compiler: Callable[[Any], Any] = lambda net: net) -> dict[str, Any]:
    """Train a module by one step and return what can be seen."""
    import torch

    case.phase = "init"
    net = case.build().train()
    leaves: list[Any] = []

    def given(value: Any) -> Any:
        if case.plain or not value.is_floating_point():
            return value
        leaves.append(value.detach().clone().requires_grad_())
        return leaves[-1].clone()

    args, kwargs = mapped(given, case.inputs())
    case.phase = "compile"
    function = compiler(net)
    case.seed(seed)
    out = function(*args, **kwargs)
    case.phase = "run"
    sums = [(x * torch.linspace(0.5, 1.5, x.numel(), dtype=x.dtype).reshape(x.shape)).sum() for x in floats(out)]
    if not sums:
        raise NoGradientError
    sum(sums).backward()
    held = net.state_dict()
    return {
        "results": out,
        "gradients": {name: p.grad for name, p in net.named_parameters()},
        "gradients of inputs": [leaf.grad for leaf in leaves],
        "state": held,
        "other buffers": {name: b for name, b in net.named_buffers() if name not in held},
    }


def repeated(value: Any) -> Any:
    """Return the arguments with every tensor twice along its first dimension."""
    import torch

    seen = []

    def twice(x: Any) -> Any:
        if not x.dim():
            return x
        seen.append(x.shape[0])
        return torch.cat([x, x])

    value = mapped(twice, value)
    if not seen or min(seen) < 2:
        raise OneShapeError("sizes " + str(sorted(set(seen))))
    return value


def shapes(case: Case, seed: int, compiler: Callable[[Any], Any] = lambda net: net) -> dict[str, Any]:
    """Call a module twice with its inputs, then at another shape, and return the results."""
    case.phase = "init"
    net = case.build().eval()
    given = {"first call": case.inputs(), "second call": case.inputs(), "other shape": repeated(case.inputs())}
    case.phase = "compile"
    function = compiler(net)
    seen = {}
    for name, (args, kwargs) in given.items():
        case.seed(seed)
        seen[name] = function(*args, **kwargs)
        case.phase = "run"
    return seen


OBSERVE: dict[str, Callable[..., dict[str, Any]]] = {"step": step, "shapes": shapes}


def compiled(mode: str, case: Case, seed: int, extra: dict[str, Any]) -> dict[str, Any]:
    """Observe what a compiler made of a module."""
    import torch
    import torch.fx.experimental._config as shape_settings
    from torch._dynamo.utils import counters

    shape_config: Any = shape_settings  # its `patch` is added when it is imported

    torch._dynamo.reset()
    if mode == "train":
        return step(case, seed, lambda net: torch.compile(net, fullgraph=True, backend="aot_eager"))
    graphs: list[int] = []

    def dynamic(net: Any) -> Any:
        function = torch.compile(net, fullgraph=True, dynamic=True, backend="eager")

        def counted(*args: Any, **kwargs: Any) -> Any:
            before = counters["stats"]["unique_graphs"]
            try:
                return function(*args, **kwargs)
            finally:
                graphs.append(counters["stats"]["unique_graphs"] - before)

        return counted

    def exported(net: Any) -> Any:
        args, kwargs = case.inputs()
        given = inspect.signature(net.forward).bind(*args, **kwargs).arguments
        first = {0: torch.export.Dim.DYNAMIC}
        marked = torch.utils._pytree.tree_map(
            lambda x: first if isinstance(x, torch.Tensor) and x.dim() else None, given
        )
        return torch.export.export(net, tuple(args), dict(kwargs), dynamic_shapes=dict(marked), strict=False).module()

    if mode == "export":
        return shapes(case, seed, exported)
    with shape_config.patch(use_duck_shape=False):
        seen = shapes(case, seed, dynamic)
        if any(graphs[1:]):
            extra["recompiled"] = "second call" if graphs[1] else "other shape"
            torch._dynamo.reset()
            with torch._dynamo.config.patch(error_on_recompile=True):
                try:
                    shapes(case, seed, dynamic)
                except torch._dynamo.exc.RecompileError as exc:
                    extra["guard"] = str(exc).rpartition("failure(s):")[2].strip()[:600]
    return seen


class Run:
    """The measuring of one file, in a forked process that has its limits."""

    def __init__(self, harness: Any, job: dict[str, Any], torch: Any, stubs: dict[str, bool]) -> None:
        self.harness, self.job, self.torch, self.stubs = harness, job, torch, stubs
        self.skip = {tuple(one) for one in job["skip"]}
        self.seed = functools.partial(harness.seed_all, torch)
        self.lines = open(job["out"], "a", encoding="utf-8")  # noqa: SIM115  (until the process ends)

    def emit(self, **row: Any) -> None:
        self.lines.write(json.dumps(row) + "\n")
        self.lines.flush()

    def limit(self) -> None:
        """Cap the memory, cut the network, and let the alarm end a stage."""
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (int(self.job["mem_gb"] * 2**30),) * 2)

        def offline(*_: Any, **__: Any) -> None:
            raise OSError("no network for the corpus")

        for owner, name in ((socket.socket, "connect"), (socket, "create_connection"), (socket, "getaddrinfo")):
            setattr(owner, name, offline)

        def on_alarm(*_: Any) -> None:
            raise self.harness.StageTimeout

        signal.signal(signal.SIGALRM, on_alarm)

    def versions(self) -> dict[str, list[Any]]:
        """Load the file as it stands and, where it is another one, as rewritten: the cases of each."""
        found: dict[str, list[Any]] = {}
        for tag, path in self.job["files"]:
            if found and Path(path).read_bytes() == Path(self.job["files"][0][1]).read_bytes():
                continue  # the raw rows stand for it
            name = "".join(c if c.isalnum() else "_" for c in Path(path).stem) + ("" if tag == "raw" else "__after")
            try:
                spec = importlib.util.spec_from_file_location(name, path)
                assert spec is not None and spec.loader is not None
                sys.modules[name] = module = importlib.util.module_from_spec(spec)
                spec.loader.exec_module(module)
                found[tag] = getattr(module, "TESTCASES", [])
            except BaseException as exc:
                self.emit(load=tag, **self.harness.error(exc, "load"))
                if tag == "raw":
                    break
        return found

    def guarded(self, case: Case, function: Callable[[], Any]) -> tuple[Any, dict[str, Any]]:
        """Return the function's value, and how it went."""
        begun = time.time()
        signal.setitimer(signal.ITIMER_REAL, self.job["stage_timeout"])
        self.stubs["armed"] = True
        try:
            value, row = function(), {"ok": True}
        except (Exception, SystemExit, self.harness.StageTimeout) as exc:
            value, row = None, self.harness.error(exc, case.phase)
        finally:
            self.stubs["armed"] = False
            signal.setitimer(signal.ITIMER_REAL, 0)
        return value, {**row, "secs": round(time.time() - begun, 2)}

    def change(self, one: dict[str, Any], other: dict[str, Any]) -> str | None:
        """Return what differs: '' nothing, None where values can't be compared."""
        unknown = False
        for part, value in one.items():
            given = other[part]
            if part == "other buffers":  # a rewrite may add some: no one loads or saves them
                given = {name: given[name] for name in value if name in given}
            same, why = self.harness.same(self.torch, value, given, self.job["rtol"], self.job["atol"])
            if same is False:
                return f"{part}: {why}"
            unknown |= same is None
        return None if unknown else ""

    def reference(self, kind: str, case: Case) -> tuple[Any, dict[str, Any]]:
        """Observe eagerly three times: the first observation, and what it can be a reference for."""

        def thrice() -> Any:
            first, again, other = (OBSERVE[kind](case, seed) for seed in SEEDS)
            change = self.change(first, again)
            if change != "":
                return first, "uncheckable" if change is None else "not deterministic"
            return first, "random" if self.change(first, other) else "ok"

        value, row = self.guarded(case, thrice)
        if kind == "step" and row.get("type") == "RuntimeError":  # a target written to, for one
            case.plain = True
            value, row = self.guarded(case, thrice)
        return (value[0], {**row, "status": value[1]}) if value else (None, {**row, "status": row["type"]})

    def compared(self, kind: str, reference: Any, value: Any, raw: Case) -> dict[str, Any]:
        """Compare with the reference; a difference counts if eager code still gives what it gave."""
        why = self.change(reference, value)
        if why:
            again, _ = self.guarded(raw, functools.partial(OBSERVE[kind], raw, SEEDS[0]))
            why = why if again and self.change(reference, again) == "" else None
        return {"equal": None if why is None else not why, "why": why}

    def measure(self, number: int, versions: dict[str, Case]) -> None:
        """Measure one case, in all versions and modes."""
        references: dict[str, tuple[Any, str]] = {}
        for tag, case in versions.items():
            case.plain = versions["raw"].plain
            common = {"case": number, "tag": tag, "cls": getattr(case.cls, "__name__", str(case.cls))}
            if (number, tag, "eager") not in self.skip:
                self.emit(begin=[number, tag, "eager"])
                row: dict[str, Any] = {}
                for kind in OBSERVE:
                    if tag == "raw":
                        value, row[kind] = self.reference(kind, case)
                        if row[kind]["status"] in ("ok", "random"):
                            references[kind] = value, row[kind]["status"]
                    elif kind in references:  # those that draw are comparable: eager code draws in one order
                        value, row[kind] = self.guarded(case, functools.partial(OBSERVE[kind], case, SEEDS[0]))
                        if value:
                            row[kind] |= self.compared(kind, references[kind][0], value, versions["raw"])
                self.emit(**common, mode="eager", ok=True, **row)
            for mode, kind in MODES.items():
                if kind in references and (number, tag, mode) not in self.skip and mode in self.job["modes"]:
                    self.emit(begin=[number, tag, mode])
                    extra: dict[str, Any] = {}
                    value, row = self.guarded(case, functools.partial(compiled, mode, case, SEEDS[0], extra))
                    if value:
                        extra |= self.compared(kind, references[kind][0], value, versions["raw"])
                    self.emit(**common, mode=mode, **row, **extra)


def run_file(harness: Any, job: dict[str, Any], torch: Any, stubs: dict[str, bool]) -> None:
    """Measure the cases of one file: a JSON line for each finished stage."""
    run = Run(harness, job, torch, stubs)
    run.limit()
    versions = run.versions()
    if not versions:
        return
    total = len(versions["raw"])
    index = list(range(total))
    if job["max_cases"] and total > job["max_cases"]:
        index = sorted(random.Random(job["seed"]).sample(index, job["max_cases"]))
    run.emit(total=total, taken=index)
    if len(versions.get("after", versions["raw"])) != total:
        run.emit(load="after", type="CaseList", msg=f"{len(versions.pop('after'))} cases")
    for number in index:
        if (number, "raw", "eager") not in run.skip:
            run.measure(number, {tag: Case(run.seed, found[number]) for tag, found in versions.items()})
    run.emit(done=True)
