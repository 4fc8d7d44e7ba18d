"""One side: builds the unit, puts it through the sequence of calls and writes down everything that can be seen."""

from __future__ import annotations

import os
import time
import traceback
from collections.abc import Callable
from typing import Any

from . import observe
from .adapter import Adapter, CannotCompile, TargetMissing
from .cases import Case, Step, steps
from .inputs import InputFinder, Recipe, build, constructor
from .load import Loader, Missing, NotRunnable, Unit, find_unit
from .tree import Encoder, decode, leaves, map_leaves, without_addresses

BUILD_SEED, CALL_SEED = 7_000, 1_000
SLOW_CALL = 0.5
Emit = Callable[..., None]


class Failed(Exception):
    """A stage before the first call failed: the message says which and why."""

    def __init__(self, stage: str, why: str, kind: str = "failed") -> None:
        super().__init__(why)
        self.stage, self.why, self.kind = stage, why, kind


def describe(exc: BaseException) -> str:
    """Return an exception in one line, with the user's line it came from."""
    lines = [line for line in str(exc).splitlines() if line.strip()]
    text = f"{type(exc).__name__}: {lines[0]}" if lines else type(exc).__name__
    return without_addresses(text[:300])


def stage(name: str, action: Callable[[], Any]) -> Any:
    """Run one stage; what user code raises becomes :class:`Failed` (``SystemExit`` too: leaving is no result)."""
    try:
        return action()
    except (Failed, KeyboardInterrupt):
        raise
    except Missing as exc:
        raise Failed(name, str(exc), "missing") from exc
    except NotRunnable as exc:
        raise Failed(name, str(exc), "not runnable") from exc
    except CannotCompile as exc:
        raise Failed(name, str(exc), "cannot compile") from exc
    except TargetMissing as exc:
        raise Failed(name, str(exc), "target missing") from exc
    except BaseException as exc:
        raise Failed(name, describe(exc)) from exc


class Side:
    """One file, one unit, one target or none."""

    def __init__(self, adapter: Adapter, job: dict[str, Any], emit: Emit) -> None:
        self.adapter, self.job, self.emit = adapter, job, emit
        self.seed = int(job.get("seed", 0))
        self.loader = Loader(job["text"], job["path"], job.get("shown", ""))
        self.stdout = observe.Stdout()
        self.watch = observe.Watch(adapter)
        self.kept: dict[str, tuple[Any, bytes]] = {}

    # -- the original only: what both sides will be given --------------------------------------------------------------
    def probe(self) -> None:
        """Find constructor arguments, inputs and initial state, and emit them as the frame ``values``."""
        adapter = self.adapter
        adapter.seed(self.seed + BUILD_SEED)
        module = stage("import", self.loader.load)
        unit: Unit = stage("unit", lambda: find_unit(adapter, module, self.job["unit"]))
        recipe: Recipe = stage("constructor", lambda: constructor(adapter, module, unit, self.seed))
        net = stage("constructor", lambda: self._built(unit, recipe))
        model = adapter.is_model(adapter.unwrap(net))
        finder = InputFinder(adapter, module, unit, net, self.seed)
        found = stage("inputs", lambda: finder.find(self.job.get("inputs"), self.job["timeout"] / 3.0))
        first = found.cases[0]
        started = time.monotonic()
        stage("first call", lambda: finder.try_call(first.args, first.kwargs))
        slow = time.monotonic() - started > SLOW_CALL
        resets = model and adapter.name != "torch" and self._random_in_training(net, finder, first)
        encoder = Encoder(adapter.host, exact=True)
        cases = [
            {"name": c.name, "group": c.group, "args": encoder.encode(list(c.args)), "kwargs": encoder.encode(c.kwargs)}
            for c in found.cases
        ]
        state = {name: encoder.encode(entry.value) for name, entry in adapter.state(net).items()}
        body = {
            "cases": cases, "steps": steps(found.cases, model, slow, resets), "state": state, "source": found.source,
            "notes": found.notes, "recipe": [encoder.encode(list(recipe.args)), encoder.encode(recipe.kwargs)],
            "kind": unit.kind, "model": model,
        }  # fmt: skip
        self.emit("values", body, encoder.buffers)

    def _random_in_training(self, net: Any, finder: InputFinder, case: Case) -> bool:
        adapter = self.adapter
        args, kwargs = finder.floats.change((case.args, case.kwargs), lambda array, floating: array)
        adapter.seed(0)
        before = adapter.framework_random_state(), adapter.drawn(net)
        adapter.seed(0)
        try:
            adapter.forward(net, args, kwargs, True)
        except Exception:  # shown when it is called in earnest
            return False
        return before != (adapter.framework_random_state(), adapter.drawn(net))

    def _built(self, unit: Unit, recipe: Recipe) -> Any:
        self.adapter.seed(self.seed + BUILD_SEED + 1)
        return build(unit, recipe)

    # -- both sides ----------------------------------------------------------------------------------------------------
    def record(self, step: str, group: str, checks: dict[str, Any]) -> None:
        """Emit one record: the checks of a step, encoded."""
        encoder = Encoder(self.adapter.host)
        body = {"step": step, "group": group, "checks": {name: encoder.encode(value) for name, value in checks.items()}}
        self.emit("record", body, encoder.buffers)

    def build(self, values: dict[str, Any], buffers: list[bytes]) -> Any:
        """Import the file, build the unit, record what that did, and give it the original's weights."""
        adapter, device = self.adapter, self.adapter.device
        self.stdout.take()
        adapter.fresh()
        adapter.seed(self.seed + BUILD_SEED)
        self.module = stage("import", lambda: self.loader.load(self.job.get("module", "")))
        self.record("import", "import", {
            "stdout": self.stdout.take(), "random numbers": adapter.random_state(),
            "replaced functions": self.watch.replaced(),
        })  # fmt: skip
        unit = stage("unit", lambda: find_unit(adapter, self.module, self.job["unit"]))
        self.cases, self.buffers = values["cases"], buffers
        recipe = Recipe(*(decode(node, buffers, device) for node in values["recipe"]))
        net = stage("constructor", lambda: self._built(unit, recipe))
        if values["model"] and not adapter.is_model(adapter.unwrap(net)) and not callable(net):
            raise Failed("constructor", "it gives no model")
        stage("first call", lambda: adapter.prepare(net, *self.arguments(0)))
        state = adapter.state(net)
        self.record("construction", "init", {
            "state": {name: [entry.role, self._facts(entry.value)] for name, entry in state.items()},
            "initial values": {name: entry.value for name, entry in state.items()},
            "random numbers": adapter.random_state(), "stdout": self.stdout.take(),
            "methods": self._methods(net, unit),
        })  # fmt: skip
        self.initial = values["state"]
        stage("loading the weights", lambda: self._load(net))
        self.model = bool(values["model"])
        return net

    def _load(self, net: Any) -> None:
        """Give ``net`` the original's weights, by name."""
        adapter = self.adapter
        state = adapter.state(net)
        for name, node in self.initial.items():
            if name in state and state[name].value is not None and node.get("t") == "array":
                array = adapter.numpy_array(tuple(node["shape"]), _raw(node["dtype"]), self.buffers[node["i"]])
                adapter.assign(state[name].value, array)

    def _facts(self, value: Any) -> list[Any]:
        host = None if value is None else self.adapter.host(value)
        return [] if host is None else [list(host.shape), host.dtype]

    def _methods(self, net: Any, unit: Unit) -> list[str]:
        """Return the public methods that the user's own classes give the unit (callers may use them)."""
        if not self.model_like(net):
            return []
        names = set()
        for cls in type(self.adapter.unwrap(net)).__mro__:
            if cls.__module__ == self.module.__name__:
                names |= {n for n, v in vars(cls).items() if callable(v) or isinstance(v, (property, staticmethod, classmethod))}
        return sorted(n for n in names if not n.startswith("_") and n not in ("forward", "hybrid_forward", "call"))

    def model_like(self, net: Any) -> bool:
        """Whether ``net`` is or holds a model."""
        return self.adapter.is_model(self.adapter.unwrap(net))

    def arguments(self, case: int) -> tuple[tuple[Any, ...], dict[str, Any]]:
        """Return fresh arguments of a case."""
        nodes, device = self.cases[case], self.adapter.device
        return tuple(decode(nodes["args"], self.buffers, device)), decode(nodes["kwargs"], self.buffers, device)

    def run(self, values: dict[str, Any], buffers: list[bytes]) -> None:
        """The whole of one side, from the import to the last call."""
        adapter, target = self.adapter, self.job.get("target")
        net = self.build(values, buffers)
        compiled = adapter.uses_compiled(net, self.module)
        self.plan, self.eager, self.target = [Step(*step) for step in values["steps"]], net, target
        if target and not adapter.is_compiled(net):
            net = stage("compile", lambda: adapter.compile(net, target, self.examples(), self.model))
            self.stdout.take()  # what tracing prints is not part of a call
        self._calls(net, "", self._call)
        ending: dict[str, Any] = {"files written": observe.files(observe.START)}
        if not target:  # compilers replace functions and change settings of their own
            theirs = adapter.package if compiled else ""
            ending["replaced functions"] = self.watch.replaced(theirs)
            ending["process-wide settings"] = observe.settings(adapter)
        self.record("the end", "end", ending)
        if self.job.get("reference") and adapter.float64:
            self._reference(values, buffers)
        self.emit("summary", {"compiled": compiled or bool(target), "versions": adapter.versions()}, [])

    def _left_out(self, step: Step) -> bool:
        """Whether the compiled form can't be called so (a training step of a target that has no training mode)."""
        return bool(self.target and step.train and self.model and self.target not in self.adapter.trains)

    def examples(self) -> list[Any]:
        """Return the arguments that a compiler is shown: the main shape first, then the others."""
        main = [i for i, c in enumerate(self.cases) if c["group"] == "shape 0"][:1]
        others = [i for i, c in enumerate(self.cases) if c["group"] not in ("shape 0", "edge")]
        return [self.arguments(i) for i in main + others]

    def _calls(self, net: Any, prefix: str, call: Callable[[Any, Step], dict[str, Any]]) -> None:
        updated = False
        for number, step in enumerate(self.plan):
            if step.group == "update" and not updated:
                updated = True
                self._update(net)
            mode = ("training" if step.train else "eval" if self.model else "function") + (" with gradients" if step.grad else "")
            where = "%scall %d (%s, %s)" % (prefix, number + 1, mode, self.cases[step.case]["name"])
            self.number = number
            if step.reset:
                self._load(net)
            if self._left_out(step):
                call(self.eager, step)  # so that running statistics move as the original's did
                continue
            group = "train" if step.train and step.group in ("eval", "repeat") else step.group
            self.record(where, group, call(net, step))

    def _update(self, net: Any) -> None:
        """Change the parameters as an optimiser would: what a side cached from them at construction shows now."""
        for entry in self.adapter.state(net).values():
            host = self.adapter.host(entry.value) if entry.role.endswith("parameter") else None
            if host is not None and host.dtype in ("float32", "float64", "float16"):
                array = self.adapter.numpy_array(host.shape, host.dtype, host.data)
                shift = self.adapter.weights_for(host.shape, host.dtype) * self.adapter.np.float32(0.01)
                self.adapter.assign(entry.value, (array * self.adapter.np.float32(1.01) + shift).astype(host.dtype))

    def _call(self, net: Any, step: Step) -> dict[str, Any]:
        adapter = self.adapter
        args, kwargs = self.arguments(step.case)
        before = Encoder(adapter.host, exact=True)
        tree = before.encode([args, kwargs])
        adapter.seed(self.seed + CALL_SEED + self.number)
        seeded, kept = adapter.random_state()[adapter.name], adapter.drawn(net)
        adapter.seed(self.seed + CALL_SEED + self.number)  # again: looking at the state may have drawn from it
        checks: dict[str, Any] = {}
        try:
            if step.grad:
                grads = adapter.gradients(net, args, kwargs, step.train)
                checks["outputs"] = grads.outputs
                checks["gradients"] = {"parameters": grads.parameters, "inputs": grads.inputs}
            else:
                checks["outputs"] = adapter.forward(net, args, kwargs, step.train)
            adapter.sync()
        except (Exception, SystemExit) as exc:  # what user code raises is one of the things to compare
            checks.pop("gradients", None)
            checks.pop("outputs", None)
            own = [frame.filename for frame in traceback.extract_tb(exc.__traceback__)][-1:] == [self.loader.shown]
            checks["exceptions"] = {"type": type(exc).__name__, "message": describe(exc), "own": own}
        random = adapter.random_state()
        checks["random numbers"] = random
        checks["random used"] = [random[adapter.name] != seeded, adapter.drawn(net) != kept]
        if not step.grad:
            after = Encoder(adapter.host, exact=True)
            changed = after.encode([args, kwargs]) != tree or after.buffers != before.buffers
            checks["inputs changed"] = [args, kwargs] if changed else None
            if "outputs" in checks:
                checks["shared memory"] = self._shared(net, args, kwargs, checks["outputs"])
        checks["stdout"] = self.stdout.take()
        checks["state after"] = {n: self._since(n, e.value) for n, e in adapter.state(net).items()}
        notes = observe.attributes(adapter, net, self.module)
        checks["attributes"] = {n: self._since("attribute " + n, v) for n, v in notes.items()}
        return checks

    def _since(self, name: str, value: Any) -> Any:
        """Return ``value``, or the word ``unchanged`` if its bytes are those of the last time."""
        host = None if value is None else self.adapter.host(value)
        if host is None:
            return value
        if self.kept.get(name) == (host.shape, host.data):
            return "unchanged"
        self.kept[name] = (host.shape, host.data)
        return value

    def _shared(self, net: Any, args: Any, kwargs: Any, outputs: Any) -> list[str]:
        adapter = self.adapter
        known = [("input" + path, leaf) for path, leaf in leaves([*args, *kwargs.values()])]
        known += [("the model's " + name, entry.value) for name, entry in adapter.state(net).items()]
        found, taken = [], [(name, adapter.memory(value)) for name, value in known if value is not None]
        for path, leaf in leaves(outputs):
            mine = adapter.memory(leaf)
            if mine is None:
                continue
            for name, other in taken:
                if other is not None and mine[0] < other[1] and other[0] < mine[1]:
                    found.append(f"output{path} with {name}")
            taken.append(("output" + path, mine))
        return sorted(set(found))

    def _reference(self, values: dict[str, Any], buffers: list[bytes]) -> None:
        """Run the same calls in float64 and record outputs and gradients; given up quietly where the model can't."""
        adapter = self.adapter
        try:
            muted, self.emit = self.emit, lambda *_: None
            try:
                net = adapter.reference(self.build(values, buffers))
            finally:
                self.emit = muted
            if net is None:
                return

            def call(net: Any, step: Step) -> dict[str, Any]:
                args, kwargs = map_leaves(self.arguments(step.case), adapter.upcast)
                try:
                    if not step.grad:
                        return {"outputs": adapter.forward(net, args, kwargs, step.train)}
                    grads = adapter.gradients(net, args, kwargs, step.train)
                except Exception:  # no reference for this call
                    return {}
                return {"outputs": grads.outputs, "gradients": {"parameters": grads.parameters, "inputs": grads.inputs}}

            self.plan, self.target = [step for step in self.plan if step.group != "edge"], None
            self._calls(net, "reference: ", call)
        except Exception:  # user code in a dtype it was not written for
            return


def _raw(dtype: str) -> str:
    return "uint16" if dtype == "bfloat16" else "uint8" if dtype.startswith("float8") else dtype


def enter_temporary_folder(folder: str) -> None:
    """Make ``folder`` the working directory from which file writes are noticed."""
    os.chdir(folder)
    observe.START = os.getcwd()
