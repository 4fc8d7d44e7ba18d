"""The checks: what is compared between the records of two sides, and by which rules."""

from __future__ import annotations

import re
from typing import Any, NamedTuple

from .compare import (
    EDGE_FACTOR,
    GRADIENT_FACTOR,
    TRAINED_FACTOR,
    Difference,
    Errors,
    Known,
    Rules,
    Side,
    differences,
    distance,
    largest,
    same_text,
)
from .failing import IN_PLACE
from .records import Record, Stream, keys, pick, plain, refused

_OUTPUTS = {
    "eval": "outputs",
    "train": "outputs in training",
    "repeat": "outputs of repeated calls",
    "shape": "outputs for another shape",
    "edge": "outputs on edge values",
    "reuse": "outputs when an argument's memory is used again",
    "odd": "odd calls",
    "option": "outputs with optional arguments",
    "update": "outputs after a parameter update",
    "float64": "outputs in float64",
}
_NAMES = {
    "state": "state_dict keys",
    "state after": "buffers and running statistics",
    "inputs changed": "inputs changed in place",
    "earlier outputs": "outputs of earlier calls",
    "effects": "files and processes",
    "stderr": "text on standard error",
}
_ORDER = (
    "exceptions", "outputs", "gradients", "inputs changed", "shared memory", "earlier outputs", "stdout", "stderr",
    "effects", "signature", "state", "initial values", "methods", "state after", "attributes", "random numbers",
    "replaced functions", "process-wide settings", "files written", "can be copied",
)  # fmt: skip


RENAMED = "full names of parameters"  # the tool knows it by this name
_FACTS = ("random used", "states elsewhere")  # what helps to compare the rest

# Inputs that compilers may treat differently by leave: NaN, infinities, overflow, denormal numbers.
_EXTREME = re.compile(r"NaN|infinity|huge|denormal")


class Found(NamedTuple):
    """One difference: in which step and check, under which public name, and its text."""

    step: str
    check: str
    name: str
    text: str


class Judge:
    """Compares the original's stream with another.

    ``job`` says how: ``exact``, ``framework``, ``random`` (whether the same random numbers are to be expected),
    ``trains`` (whether the target has a training mode).  ``nudged``: the original's stream for inputs that were moved
    by their last bit.
    """

    def __init__(self, first: Stream, second: Stream, job: dict[str, Any], nudged: Stream | None = None) -> None:
        self.first, self.second, self.job, self.nudged = first, second, job, nudged
        self.exact, self.framework = bool(job["exact"]), str(job["framework"])
        self.errors = self.normal = Errors()
        self.checks: dict[str, str] = {}
        self.found: list[Found] = []
        self.start: dict[str, Side] = {}  # attributes as they were first seen
        # states of models that the unit may train: the role, and the value as it was last seen
        self.elsewhere: dict[str, tuple[str, Side]] = {}
        self.refusals: list[tuple[str, str]] = []
        self.answers = 0
        self.spoiled = False  # whether states elsewhere may hold what came of NaN or infinities
        self.drift = 0  # calls that changed the state so far: rounding differences add up in it

    def run(self) -> None:
        """Fill ``checks`` and ``found``."""
        for step, record in self.first.steps.items():
            if not self.job["trains"] and "(training" in step:
                self.checks["training"] = "not compared: the compiled form has no training mode"
                continue
            other = self.second.steps.get(step)
            if other is None:
                group = self.first.groups[step]
                if group in ("float64", "odd") or (group == "option" and not self.exact):
                    continue  # made of eager code only, or not of what takes one signature
                self.note(step, "outputs", "the rewritten side has no such call")
                continue
            self.errors = self.normal if self.first.groups[step] not in ("edge", "odd") else Errors()
            if elsewhere := record.get("states elsewhere"):
                for name, tree in keys(elsewhere).items():
                    role, value = tree["v"]
                    self.elsewhere.setdefault(name, (role["v"], Side(value, elsewhere.buffers)))
            for check in sorted(set(record) | set(other), key=lambda c: _ORDER.index(c) if c in _ORDER else 99):
                if check not in _FACTS:
                    self.compare(step, check, record, other)

        if self.refusals and not self.answers:
            step, message = self.refusals[0]
            self.note(step, "exceptions", f"every input is refused: {message}")
        if "gradients" not in self.checks and (why := self.no_gradients()):
            self.checks["gradients"] = f"not compared: {why}"

    def no_gradients(self) -> str:
        """Return why the original never went backward (empty where it wasn't asked to)."""
        for step, record in self.first.steps.items():
            if "with gradients" in step and (raised := plain(record.get("exceptions"))):
                in_place = IN_PLACE.search(raised["all"])
                return f"the original can't go backward ({'in-place change' if in_place else raised['message']})"
        return ""

    def name(self, step: str, check: str) -> str:
        """Return the public name of a check."""
        if check == "outputs" or self.first.groups.get(step) == "odd":
            return _OUTPUTS.get(self.first.groups.get(step, ""), "outputs")
        return _NAMES.get(check, check)

    def note(self, step: str, check: str, text: str, ok: bool = False) -> None:
        """Note a difference, or with ``ok`` a remark on a check that passed."""
        name = self.name(step, check)
        if ok:
            if self.checks.get(name, "ok") == "ok":
                self.checks[name] = "ok: " + text
            return
        if check != "exceptions" and "exceptions" in self.first.steps.get(step, {}):
            text += ", after the call raised"
        if self.checks.get(name, "ok").startswith("ok"):
            self.checks[name] = text
        self.found.append(Found(step, check, name, text))

    def compare(self, step: str, check: str, record: Record, other: Record) -> None:
        """Compare one check of one step."""
        if "exceptions" in record or "exceptions" in other:
            odd = self.first.groups[step] == "odd"
            if check == "exceptions":
                self.checks.setdefault(self.name(step, check), "ok")
                if odd:
                    self.odd_exceptions(step, plain(record.get(check)), plain(other.get(check)))
                else:
                    self.exceptions(step, record.get(check), other.get(check))
            if odd or check in ("exceptions", "outputs", "gradients", "shared memory"):
                return
        if check not in record or check not in other:
            return
        self.checks.setdefault(self.name(step, check), "ok")
        self.answers += check == "outputs"
        if check == "state after" and not self.exact and _EXTREME.search(step):
            self.note(step, check, "after NaN or infinite inputs it is not compared", ok=True)
            return
        special = getattr(self, "_" + check.replace(" ", "_").replace("-", "_"), None)
        if special is not None:
            special(step, record[check], other[check], record)
            return
        rules = self.rules(check, record, step)
        if rules.structure and self.drawn(record):
            self.note(step, check, "random numbers are used, compared by structure", ok=True)
        for found in differences(
            record[check],
            other[check],
            rules,
            {"outputs": "output"}.get(check, check.split(" ")[0]),
            self.known(step, check),
            self.errors,
        ):
            self.note(step, check, self.text(found))
            break

    def known(self, step: str, check: str) -> Known:
        """Return what is known of the rounding in one of the original's values.

        Nudged inputs count on edge values alone: there, all can cancel out but the rounding (the gradient of a
        saturated softmax), while usual inputs never excuse more than the tolerance.
        """
        nudged = self.nudged.steps.get(step, {}) if self.nudged and self.first.groups[step] == "edge" else {}
        if check == "outputs" and "zeros" in step:  # moved by more than a last bit, for the gradients
            nudged = {}
        return Known(self.first.reference.get(step, {}).get(check), nudged.get(check))

    def rules(self, check: str, record: Record, step: str) -> Rules:
        """Return how a check is compared."""
        drawn = self.drawn(record)
        random = drawn and not self.exact and not self.job["random"]
        factor = (GRADIENT_FACTOR if check == "gradients" else 1.0) * (1 + 3 * self.drift)
        if self.first.groups[step] == "edge":
            factor *= EDGE_FACTOR
        spoiled = not self.exact and self.first.groups[step] == "edge" and bool(_EXTREME.search(step))
        saturated = not self.exact and self.first.groups[step] == "edge" and "large" in step
        if check == "gradients" and (spoiled or saturated):
            random = True  # which of them are NaN, or what is left where all cancels out, is the kernel's choice
        if check in ("state after", "attributes") and not self.exact and "empty batch" in step:
            random = True  # the mean of nothing: kernels leave in it what lay in memory
        # a hybridized block returns lists, and TorchScript types the tuples of some layers' attributes as lists
        lists = not self.exact and (self.framework == "mxnet" or check == "attributes")
        layout = self.exact and check == "outputs" and self.first.groups[step] != "odd"
        return Rules(self.exact, factor, random, self.exact, lists, spoiled, layout)

    def drawn(self, record: Record) -> bool:
        """Whether the original's call drew random numbers that the compiled form can't be expected to draw as well."""
        if "random used" not in record:
            return False
        framework, own = plain(record["random used"])
        # Keras' seed generators give a graph the numbers that eager code gets; XLA draws by another algorithm
        return bool(framework or (own and self.job["xla"]))

    def text(self, found: Difference) -> str:
        """Return a difference as text."""
        return (f"{found.path} {found.text}").strip()

    def exceptions(self, step: str, one: Side | None, two: Side | None) -> None:
        """Compare what was raised."""
        left, right = plain(one), plain(two)
        if left and not right:
            if "with gradients" in step and IN_PLACE.search(left["all"]):
                remark = "the original can't go backward (in-place change), the rewritten can"
                self.note(step, "exceptions", remark, ok=True)
            elif not self.exact and not left["own"] and self.first.groups[step] == "edge":
                # An operator's own limit (an empty batch, say), not a check that somebody wrote into the model.
                self.note(step, "exceptions", f"compiled, it takes what {left['type']} refuses here", ok=True)
            else:
                self.note(step, "exceptions", f"the original raises {left['message']}, the rewritten does not")
        elif right and not left and self.job["target"] == "torch.export" and refused(right["message"]):
            self.refusals.append((step, right["message"]))
            self.note(step, "exceptions", f"some inputs are refused, loudly: {right['message']}", ok=True)
        elif right and not left and not self.exact and self.first.groups[step] == "option" and refused(right["all"]):
            self.note(step, "exceptions", f"an optional argument is refused, loudly: {right['message']}", ok=True)
        elif right and not left and not self.exact and not right["own"] and "empty batch" in step:
            self.refusals.append((step, right["message"]))
            self.note(step, "exceptions", f"an empty batch is refused, loudly: {right['message']}", ok=True)
        elif right and not left:
            self.note(step, "exceptions", f"raises {right['message']}, the original does not")
        elif left and right and self.exact:
            own = left["own"] and right["own"]  # messages of the framework's may name internals
            if left["type"] != right["type"] or (own and left["message"] != right["message"]):
                self.note(step, "exceptions", f"{left['message']} became {right['message']}")

    def odd_exceptions(self, step: str, left: Any, right: Any) -> None:
        """Compare what was raised on inputs that the model is not meant for.

        Where an operator gives up, another one may do so at another place, or not at all.  What somebody wrote a check
        for has to be raised still.
        """
        if left and left["raised"] and not right:
            self.note(step, "exceptions", f"the original raises {left['message']}, the rewritten does not")
        elif right and not left:
            self.note(step, "exceptions", f"raises {right['message']}, the original does not")
        elif left and right and (left["raised"] or right["raised"]):
            said = left["raised"] and left["message"] != right["message"]
            if said or left["type"] != right["type"]:
                self.note(step, "exceptions", f"{left['message']} became {right['message']}")

    # -- checks with rules of their own; each is found by its name ---------------------------------------------------
    def _gradients(self, step: str, one: Side, two: Side, record: Record) -> None:
        rules = self.rules("gradients", record, step)
        if not rules.exact:  # sums that cancel out leave rounding noise of the size of what went in
            share = 1.0 if self.first.groups[step] == "edge" else 0.1
            rules = rules._replace(scale=share * largest(one))
        for found in differences(one, two, rules, "gradient", self.known(step, "gradients")):
            text = (
                self.text(found).replace("gradient[parameters][", "gradient[").replace("gradient[inputs][", "gradient[")
            )
            self.note(step, "gradients", text)
            break

    def _stdout(self, step: str, one: Side, two: Side, record: Record) -> None:
        left, right = one.tree["v"], two.tree["v"]
        if left == right:
            return
        if self.framework == "tensorflow" and same_text(left, right):
            self.note(step, "stdout", "the same text, laid out differently", ok=True)
        else:
            self.note(step, "stdout", f"{left[:100]!r} became {right[:100]!r}")

    def _stderr(self, step: str, one: Side, two: Side, record: Record) -> None:
        left, right = one.tree["v"], two.tree["v"]
        if left != right and self.exact:
            self.note(step, "stderr", f"{left[:100]!r} became {right[:100]!r}")

    def _effects(self, step: str, one: Side, two: Side, record: Record) -> None:
        left, right = plain(one), plain(two)
        if left != right and self.exact:
            gone, new = [e for e in left if e not in right], [e for e in right if e not in left]
            text = f"{gone[0]} is missing" if gone else f"{new[0]} was added" if new else "another order or number"
            self.note(step, "effects", text)

    def _signature(self, step: str, one: Side, two: Side, record: Record) -> None:
        left, right = plain(one), plain(two)
        for where, parameters in left.items():
            theirs = right.get(where)
            if not parameters or not theirs:
                continue
            if ["**", "VAR_KEYWORD"] in parameters and ["**", "VAR_KEYWORD"] not in theirs:
                self.note(step, "signature", f"{where}: it takes no further keywords any more")
                return
            # what is gathered by ** has no number: parameters with a default may come before it
            parameters, theirs = ([one for one in every if one[0] != "**"] for every in (parameters, theirs))
            names = [name for name, _ in theirs]
            for i, (name, _) in enumerate(parameters):
                if names[i : i + 1] != [name]:
                    self.note(step, "signature", f"{where}: parameter {name} is no longer number {i + 1}")
                    return
            for name, kind in theirs[len(parameters) :]:
                if not kind.startswith("VAR") and not kind.endswith("default"):
                    self.note(step, "signature", f"{where}: parameter {name} was added, and has no default")
                    return

    def _random_numbers(self, step: str, one: Side, two: Side, record: Record) -> None:
        left, right = plain(one), plain(two)
        drawn = self.drawn(record)
        for generator, state in left.items():
            if generator == self.framework and not self.exact and (drawn or not self.job["random"]):
                continue
            if right.get(generator) != state:
                self.note(
                    step, "random numbers", f"{generator}'s generator is in another state: other numbers are drawn"
                )
                return

    def _process_wide_settings(self, step: str, one: Side, two: Side, record: Record) -> None:
        left, right = plain(one), plain(two)
        for name in {**left, **right}:
            theirs = not self.exact and name.startswith(("recursion limit", "environment"))  # compilers change these
            if right.get(name) != left.get(name) and not theirs:
                self.note(step, "process-wide settings", f"{name}: {left.get(name)} became {right.get(name)}")
                return

    def _state(self, step: str, one: Side, two: Side, record: Record) -> None:
        left, right = plain(one), plain(two)
        constants = [name for name in right if name not in left and right[name][0] == "constant"]
        for name, (role, facts) in left.items():
            if name not in right:
                others = [n for n in right if n not in left]
                self.note(step, "state", f"{role} {name} is missing" + (f", there is {others[0]}" if others else ""))
                return
            if right[name][0] != role:
                self.note(step, "state", f"{name} is a {right[name][0]}, was a {role}")
                return
            if right[name][1] != facts:
                self.note(step, "state", f"{name} is {right[name][1]}, was {facts}")
                return
        for name in right:
            if name not in left and name not in constants:
                self.note(step, "state", f"{right[name][0]} {name} was added")
                return
        if [n for n in right if n not in constants] != list(left):
            orders = f"{list(left)[:4]} became {list(right)[:4]}"
            self.note(step, "state", f"the order of the parameters changed: {orders}")
        elif constants:
            added = ", ".join(constants)
            self.note(
                step, "state", f"constants were added ({added}); old checkpoints load with allow_missing", ok=True
            )

    def _initial_values(self, step: str, one: Side, two: Side, record: Record) -> None:
        names = set(keys(one)) & set(keys(two))
        common = pick(one, names), pick(two, names)
        # bit by bit, but for what was compiled already: a function that returns a model may have trained it
        rules = Rules(self.exact, TRAINED_FACTOR, facts=False)
        for found in differences(common[0], common[1], rules, "initial value"):
            self.note(step, "initial values", self.text(found) + " under the same seed")
            break

    def _state_after(self, step: str, one: Side, two: Side, record: Record) -> None:
        names = set(keys(one)) & set(keys(two))
        rules = self.rules("state after", record, step)._replace(facts=False)
        left, right = pick(one, names), pick(two, names)
        for found in differences(left, right, rules, "state"):
            text = self.text(found).replace("'unchanged' became", "unchanged before, now")
            text = text.replace("became 'unchanged'", "is now left unchanged")
            if not (rules.structure and "unchanged" in text):
                self.note(step, "state after", text)
                break

    def _attributes(self, step: str, one: Side, two: Side, record: Record) -> None:
        left, right = keys(one), keys(two)
        self.drift += any(tree["t"] == "array" and tree["dtype"].startswith("float") for tree in left.values())
        state = keys(self.second.steps[step].get("state after", Side({"t": "dict", "k": [], "v": []}, [])))
        usual = self.rules("attributes", record, step)._replace(facts=False)
        training = usual if usual.exact else usual._replace(scale=self.training(left, one))
        nudged = self.nudged.steps.get(step, {}).get("attributes") if self.nudged else None
        moved = {n: Known(None, Side(t, nudged.buffers)) for n, t in keys(nudged).items()} if nudged else {}
        # NaN that a metric or a model elsewhere has taken in stays in it, and compilers may lose it on the way
        self.spoiled |= not self.exact and bool(_EXTREME.search(step))
        for name, tree in left.items():
            if self.spoiled and name in self.elsewhere:
                continue
            if name.startswith("the model's ") and not self.exact:
                continue  # symbolic, inside a graph
            if name == "the model's parameter names" and name in right:
                self.parameter_names(step, plain(Side(tree, one.buffers)), plain(Side(right[name], two.buffers)))
                continue
            # an array is written down again only when it has changed
            now = Side(tree, one.buffers)
            start = self.start.setdefault(name, now)
            changed = tree.get("v") != "unchanged" and any(differences(start, now, Rules()))
            if name not in right:
                kept = name.replace("self.", "", 1) in state or name.replace("self.", "", 1) + ".value" in state
                if changed and not kept:
                    self.note(step, "attributes", f"{name} is no longer kept")
                    return
                continue
            role = self.elsewhere[name][0] if name in self.elsewhere else ""
            rules, known = (
                training if role.endswith("parameter") else usual,
                moved.get(name, Known()) if role else Known(),
            )
            for found in differences(now, Side(right[name], two.buffers), rules, name, known):
                if not (rules.structure and "unchanged" in found.text):
                    self.note(step, "attributes", self.text(found))
                    return

    def parameter_names(self, step: str, left: dict[str, str], right: dict[str, str]) -> None:
        """Compare the full names of parameters, which Gluon makes of their scopes' names.

        A HybridSequential calls its scope otherwise than a Sequential.  Parameters are saved and loaded by structure
        (those are the state's keys); their full names matter to ``collect_params`` alone.
        """
        for key, old in left.items():
            new = right.get(key, old)
            if new.replace("hybridsequential#", "sequential#") != old.replace("hybridsequential#", "sequential#"):
                self.note(step, "attributes", f"the parameter {key} was called {old}, and is called {new}")
                return
            if new != old:
                self.checks.setdefault(RENAMED, f"ok: {old} is {new} now, for one")

    def training(self, left: dict[str, Any], one: Side) -> float:
        """Return the largest change that this call made to a parameter of a model that the unit trains.

        A parameter whose gradient cancels out to nothing (a bias before a normalization) moves by rounding noise, of
        the size of what went into the sum and not of what came out: it is judged against what the step moved most.
        """
        most = 0.0
        for name, (role, before) in self.elsewhere.items():
            if role.endswith("parameter") and name in left and left[name]["t"] == "array":
                now = Side(left[name], one.buffers)
                most, self.elsewhere[name] = max(most, distance(before, now)), (role, now)
        return most

    def _methods(self, step: str, one: Side, two: Side, record: Record) -> None:
        missing = [name for name in plain(one) if name not in plain(two)]
        if missing and self.exact:
            self.note(step, "methods", f"{missing[0]} is missing")

    def _replaced_functions(self, step: str, one: Side, two: Side, record: Record) -> None:
        added = sorted(set(plain(two)) ^ set(plain(one)))
        if added:
            self.note(step, "replaced functions", f"{added[0]} is replaced on one side only")

    def _shared_memory(self, step: str, one: Side, two: Side, record: Record) -> None:
        left, right = set(plain(one)), set(plain(two))
        if right - left:
            self.note(step, "shared memory", f"{sorted(right - left)[0]} is shared now")
        elif left - right and (not self.exact or self.framework == "mxnet"):
            self.note(step, "shared memory", f"a copy is returned now ({sorted(left - right)[0]} was shared)", ok=True)
        elif left - right:
            self.note(step, "shared memory", f"{sorted(left - right)[0]} is no longer shared")
