"""One side: builds the unit, puts it through the sequence of calls and writes down everything that can be seen."""

from __future__ import annotations

import contextlib
import os
import resource
import sys
import traceback
from collections.abc import Callable
from typing import Any

from . import observe
from .adapter import Adapter
from .apart import Parts
from .building import Recipe, constructor, rebuilt_recipe, seeded_build
from .cases import ONE_SIGNATURE, Floats, Step, last_bit_moved
from .failing import KINDS, Failed, describe, says_raise, stage
from .inputs import IMPORT_SEED
from .load import Loader, Unit, find_unit
from .odd import SCATTERED, signature
from .tree import Encoder, decode, leaves, map_leaves
from .witness import Witness

CALL_SEED = 1_000
_EARLIER = 8  # outputs of earlier calls that are kept, to see whether later calls change them
Emit = Callable[..., None]


class Side:
    """One file, one unit, one target or none."""

    def __init__(self, adapter: Adapter, job: dict[str, Any], emit: Emit) -> None:
        self.adapter, self.job, self.emit = adapter, job, emit
        self.seed = int(job.get("seed", 0))
        self.loader = Loader(job["text"], job["path"], job.get("shown", ""), job.get("neighbours"))
        self.stdout = observe.Stdout()
        adapter.preload(str(job["text"]), str(job.get("target") or ""))
        self.watch = observe.Watch(adapter)
        self.witness = Witness(self.loader.shown, self.loader.folder, os.path.dirname(observe.START))
        self.parts: dict[str, int] = {}
        self.apart = Parts(adapter, job["apart"], job["timeout"]) if job.get("apart") else None
        self.within = contextlib.ExitStack()  # left with the process
        self.held: list[Any] = []
        self.earlier: list[tuple[Any, bytes]] = []
        self.kept: dict[str, tuple[Any, bytes]] = {}
        self.made, self.kinds = 0, set[str]()  # calls, and what tells them apart for a tracer

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
        if self.job.get("nudged"):
            self.within.enter_context(adapter.moving(self._moved))
        adapter.seed(self.seed + IMPORT_SEED)
        self.module = stage("import", lambda: self.loader.load(self.job.get("module", "")))
        text, effects = self.witness.take()
        self.record("import", "import", {
            "stdout": self.stdout.take(), "stderr": text, "effects": effects, "random numbers": adapter.random_state(),
            "replaced functions": self.watch.replaced(),
        })  # fmt: skip
        unit = stage("unit", lambda: find_unit(adapter, self.module, self.job["unit"]))
        self.cases, self.buffers = values["cases"], buffers
        self.constant = frozenset(values["constant"])
        if values["recipe"] is not None:
            recipe = Recipe(*(decode(node, buffers, device) for node in values["recipe"]))
        elif values["choices"] is not None:
            recipe = stage("constructor", lambda: rebuilt_recipe(adapter, self.module, values["choices"]))
        else:
            recorded = self.job.get("recorded")
            recipe = stage("constructor", lambda: constructor(adapter, self.module, unit, self.seed, recorded))
        net = stage("constructor", lambda: seeded_build(adapter, unit, recipe, self.seed))
        if values["model"] and not adapter.is_model(adapter.unwrap(net)) and not callable(net):
            raise Failed("constructor", "it gives no model")
        stage("first call", lambda: adapter.prepare(net, *self.arguments(0)))
        state, elsewhere = adapter.state(net), observe.states_elsewhere(adapter, net, self.module)
        self.record("construction", "init", {
            "state": {name: [entry.role, self._facts(entry.value)] for name, entry in state.items()},
            "initial values": {name: entry.value for name, entry in state.items()},
            "states elsewhere": {name: [entry.role, entry.value] for name, entry in elsewhere.items()},
            "random numbers": adapter.random_state(), "stdout": self.stdout.take(),
            "methods": self._methods(net, unit), "signature": self._signature(net, unit),
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
                names |= {
                    n
                    for n, v in vars(cls).items()
                    if callable(v) or isinstance(v, (property, staticmethod, classmethod))
                }
        return sorted(n for n in names if not n.startswith("_") and n not in ("forward", "hybrid_forward", "call"))

    def _signature(self, net: Any, unit: Unit) -> dict[str, Any]:
        """Return the parameters that callers of the unit see."""
        model = self.adapter.unwrap(net)
        parameters = frozenset(name.rpartition(".")[2] for name in self.adapter.state(net))
        entry = self.adapter.entry(net)
        hybrid = getattr(entry, "__name__", "") == "hybrid_forward"
        found = {"call": signature(entry, parameters if hybrid else frozenset())}
        if unit.kind == "class" and type(model).__module__ == self.module.__name__:
            found["constructor"] = signature(type(model).__init__)
        return found

    def model_like(self, net: Any) -> bool:
        """Whether ``net`` is or holds a model."""
        return self.adapter.is_model(self.adapter.unwrap(net))

    def arguments(self, case: int) -> tuple[tuple[Any, ...], dict[str, Any]]:
        """Return fresh arguments of a case."""
        nodes, device = self.cases[case], self.adapter.device
        args, kwargs = decode(nodes["args"], self.buffers, device), decode(nodes["kwargs"], self.buffers, device)
        if nodes["name"] == SCATTERED:
            args, kwargs = map_leaves(args, self.adapter.scattered), map_leaves(kwargs, self.adapter.scattered)
        if self.job.get("nudged"):
            args, kwargs = Floats(self.adapter).nudged([args, kwargs], self.seed)
        return tuple(args), kwargs

    def _refilled(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> tuple[tuple[Any, ...], dict[str, Any]]:
        """Return the arguments held from the last such call, with the new values written into their memory."""
        new = list(leaves([args, kwargs]))
        if self.held:
            old = dict(leaves(self.held[0]))
            for path, value in new:
                if path not in old or not self.adapter.refill(old[path], value):
                    break
            else:
                args, kwargs = self.held[0]
        self.held = [[args, kwargs]]
        return tuple(args), kwargs

    def run(self, values: dict[str, Any], buffers: list[bytes]) -> None:
        """The whole of one side, from the import to the last call."""
        self.witness.start()
        adapter, target, setting = self.adapter, self.job.get("target"), str(self.job.get("setting") or "")
        net = self.build(values, buffers)
        compiled = self.compiled = adapter.uses_compiled(net, self.module)
        self.plan, self.eager, self.target = [Step(*step) for step in values["steps"]], net, target
        if self.job.get("nudged"):
            self._nudge(net)
        if self.job.get("inference"):  # weights are compiled in: no training, no gradients, no change of parameters
            kept = [s for s in self.plan if not s.train and not s.grad and s.group not in ("update", "odd", "option")]
            self.plan = [step._replace(reset=False) for step in kept]
        if target and not adapter.is_compiled(net):
            net = stage("compile", lambda: adapter.compile(net, target, self.examples(), self.model, setting))
            self.stdout.take()  # what tracing prints is not part of a call
        self._calls(net, "", self._call)
        traces = adapter.traces(net, self.module)
        if self.apart is not None:
            self.apart.run(self.record)
        ending: dict[str, Any] = {"files written": observe.files(observe.START)}
        if not target:  # compilers replace functions and change settings of their own
            theirs = adapter.package if compiled else ""
            ending["replaced functions"] = self.watch.replaced(theirs)
            ending["process-wide settings"] = observe.settings(adapter)
        self.record("the end", "end", ending)
        if adapter.float64 and not target and not compiled and not self.job.get("inference"):
            self._doubled(net)
        if self.job.get("reference") and (adapter.float64 or self.job["reference"] == "all"):
            self._reference(values, buffers)
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1e6 if sys.platform == "darwin" else 1e3)
        summary = {"compiled": compiled or bool(target), "versions": adapter.versions(), "peak_mb": peak}
        summary["traces"] = [traces, self.made, len(self.kinds)]
        self.emit("summary", summary, [])

    def _left_out(self, step: Step) -> bool:
        """Whether the compiled form can't be called so (a training step of a target that has no training mode)."""
        return bool(self.target and step.train and self.model and self.target not in self.adapter.trains)

    def examples(self) -> list[Any]:
        """Return the arguments that a compiler is shown: the main shape first, then the others."""
        main = [i for i, c in enumerate(self.cases) if c["group"] == "shape 0"][:1]
        others = [i for i, c in enumerate(self.cases) if c["group"] not in ("shape 0", "edge", "odd", "option")]
        return [self.arguments(i) for i in main + others]

    def _calls(self, net: Any, prefix: str, call: Callable[[Any, Step], dict[str, Any]]) -> None:
        updated = False
        for number, step in enumerate(self.plan):
            if step.group == "update" and not updated:
                updated = True
                self._update(net)
            mode = "training" if step.train else "eval" if self.model else "function"
            mode += " with gradients" if step.grad else ""
            where = f"{prefix}call {number + 1} ({mode}, {self.cases[step.case]['name']})"
            self.number = number
            if step.group == "odd" and (self.target or self.compiled):
                continue
            if step.group == "option" and self.target in ONE_SIGNATURE:
                continue
            if step.reset:
                self._load(net)
            if self._left_out(step):
                call(self.eager, step)  # so that running statistics move as the original's did
                continue
            group = "train" if step.train and step.group in ("eval", "repeat") else step.group
            self.record(where, group, call(net, step))

    def _nudge(self, net: Any) -> None:
        """Move the weights by their last bit, as the inputs are: those may be whole numbers, which have none."""
        states = {**self.adapter.state(net), **observe.states_elsewhere(self.adapter, net, self.module)}
        for entry in states.values():
            host = self.adapter.host(entry.value) if entry.role.endswith("parameter") else None
            if host is not None and host.dtype in ("float32", "float64"):
                array = self.adapter.numpy_array(host.shape, host.dtype, host.data)
                self.adapter.assign(entry.value, self._moved(array))

    def _moved(self, array: Any) -> Any:
        """Return weights moved by their last bit."""
        return last_bit_moved(self.adapter.np, self.adapter.np.random.RandomState(self.seed), array)

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
        if step.group == "reuse":
            args, kwargs = self._refilled(args, kwargs)
        before = Encoder(adapter.host, exact=True)
        tree = before.encode([args, kwargs])
        self.made += 1
        self.kinds.add(repr([step.train, tree]))  # shapes and dtypes of tensors, Python's values as they are
        adapter.seed(self.seed + CALL_SEED + self.number)
        seeded, kept = adapter.random_state()[adapter.name], adapter.drawn(net)
        adapter.seed(self.seed + CALL_SEED + self.number)  # again: looking at the state may have drawn from it
        checks: dict[str, Any] = {}
        look = self.number == self.job.get("trace")
        try:
            with adapter.traced(net, self._note_part) if look else contextlib.nullcontext():
                if step.grad:
                    grads = adapter.gradients(net, args, kwargs, step.train, self.constant)
                    checks["outputs"] = grads.outputs
                    checks["gradients"] = {"parameters": grads.parameters, "inputs": grads.inputs}
                else:
                    checks["outputs"] = adapter.forward(net, args, kwargs, step.train)
                adapter.sync()
        except (Exception, SystemExit) as exc:  # what user code raises is one of the things to compare
            if self.target in adapter.compiles_late and self.number == 0 and net is not self.eager:
                failed = adapter.compile_failure(exc)
                raise Failed("compile", str(failed), KINDS.get(type(failed), "failed")) from exc
            checks.pop("gradients", None)
            checks.pop("outputs", None)
            checks["exceptions"] = self._raised(exc)
        random = adapter.random_state()
        checks["random numbers"] = random
        checks["random used"] = [random[adapter.name] != seeded, adapter.drawn(net) != kept]
        if not step.grad:
            after = Encoder(adapter.host, exact=True)
            changed = after.encode([args, kwargs]) != tree or after.buffers != before.buffers
            checks["inputs changed"] = [args, kwargs] if changed else None
            if "outputs" in checks:
                checks["shared memory"] = self._shared(net, args, kwargs, checks["outputs"])
                checks["earlier outputs"] = self._earlier(checks["outputs"])
        checks["stdout"] = self.stdout.take()
        checks["stderr"], checks["effects"] = self.witness.take()
        checks["state after"] = {n: self._since(n, e.value) for n, e in adapter.state(net).items()}
        notes, elsewhere = (
            observe.attributes(adapter, net, self.module),
            observe.states_elsewhere(adapter, net, self.module),
        )
        notes.update({name: entry.value for name, entry in elsewhere.items()})
        checks["attributes"] = {n: self._since("attribute " + n, v) for n, v in notes.items()}
        checks["states elsewhere"] = {name: [entry.role, None] for name, entry in elsewhere.items()}
        return checks

    def _note_part(self, path: str, part: Any, args: Any, kwargs: Any, outputs: Any) -> None:
        """Emit what a sub-model gave, under its path and the number of its call."""
        self.parts[path] = self.parts.get(path, 0) + 1
        name = path if self.parts[path] == 1 else f"{path}, call {self.parts[path]}"
        if self.apart is None:
            self.record(f"part: {name}", "part", {"outputs": outputs})
        else:
            self.apart.note(name, part, args, kwargs)

    def _since(self, name: str, value: Any) -> Any:
        """Return ``value``, or the word ``unchanged`` if its bytes are those of the last time."""
        host = None if value is None else self.adapter.host(value)
        if host is None or host.kind == "numpy scalar":  # which may be a Python number once it is compiled
            return value
        if self.kept.get(name) == (host.shape, host.data):
            return "unchanged"
        self.kept[name] = (host.shape, host.data)
        return value

    def _earlier(self, outputs: Any) -> str:
        """Say whether the outputs of the calls before, which a caller may have kept, are what they were."""
        changed = False
        for value, data in self.earlier:
            host = self.adapter.host(value)
            changed = changed or host is None or host.data != data
        fresh = [(leaf, self.adapter.host(leaf)) for _, leaf in leaves(outputs)]
        self.earlier = [*self.earlier, *((leaf, host.data) for leaf, host in fresh if host is not None)][-_EARLIER:]
        return "changed by this call" if changed else "as they were"

    def _shared(self, net: Any, args: Any, kwargs: Any, outputs: Any) -> list[str]:
        adapter = self.adapter
        known = [("input" + path, leaf) for path, leaf in leaves([*args, *kwargs.values()])]
        known += [("the model's " + name, entry.value) for name, entry in adapter.state(net).items()]
        known += [("an earlier output", value) for value, _ in self.earlier]
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

    def _doubled(self, net: Any) -> None:
        """Call a copy in float64: what is hard-coded to float32 shows only there."""
        adapter = self.adapter
        copy = adapter.reference(net)
        self.record("a copy", "float64", {"can be copied": copy is not None})
        cases = [i for i, case in enumerate(self.cases) if case["group"] == "shape 0"][:2] if copy is not None else []
        for number, case in enumerate(cases):
            args, kwargs = map_leaves(self.arguments(case), adapter.upcast)
            adapter.seed(self.seed + CALL_SEED + number)
            try:
                checks = {"outputs": adapter.forward(copy, args, kwargs, False)}
            except (Exception, SystemExit) as exc:
                checks = {"exceptions": self._raised(exc)}
            self.record(f"in float64, {self.cases[case]['name']}", "float64", checks)

    def _raised(self, exc: BaseException) -> dict[str, Any]:
        own = [frame.filename for frame in traceback.extract_tb(exc.__traceback__)][-1:] == [self.loader.shown]
        raised = own and says_raise(exc)
        message, text = describe(exc), str(exc)[:4000]
        return {"type": type(exc).__name__, "message": message, "own": own, "all": text, "raised": raised}

    def _reference(self, values: dict[str, Any], buffers: list[bytes]) -> None:
        """Run the same calls in float64 and record outputs and gradients; given up quietly where the model can't."""
        adapter = self.adapter
        with contextlib.suppress(Exception), adapter.in_float64():  # user code in a dtype it was not written for
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
                    grads = adapter.gradients(net, args, kwargs, step.train, self.constant)
                except Exception:  # no reference for this call
                    return {}
                return {"outputs": grads.outputs, "gradients": {"parameters": grads.parameters, "inputs": grads.inputs}}

            left_out = ("odd",) if self.job["reference"] == "all" else ("edge", "odd")
            self.plan, self.target = [step for step in self.plan if step.group not in left_out], None
            self._calls(net, "reference: ", call)


def _raw(dtype: str) -> str:
    return "uint16" if dtype == "bfloat16" else "uint8" if dtype.startswith("float8") else dtype


def enter_temporary_folder(folder: str) -> None:
    """Make ``folder`` the working directory from which file writes are noticed."""
    os.chdir(folder)
    observe.START = os.getcwd()
