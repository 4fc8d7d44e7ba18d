"""Which parameters are tensors by what the function does with them, where no call in the file tells.

*Strong* evidence is a place that accepts nothing else in practice: the tensor argument of an op, a layer's input, an
operand of ``@``, ``.numpy()``.  *Weak* evidence is arithmetic inside such a place (``tf.square(a - b)``): it counts
only where no other operand of that arithmetic is known to be a tensor, for then the name may be a number.
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from ...meaning.names import FunctionNode
from ...meaning.nodes import walk
from ...meaning.values import UNKNOWN, Value
from . import _tables as tables
from ._decorated import is_decorated
from ._defaults import default_of

if TYPE_CHECKING:
    from ._kinds import Kinds

DICT, MAPPING, VARIABLES, LIST = "dict ", "mapping ", "variables ", "list "
"""What goes before the name of a parameter that is a dict of tensors, of who knows what, a list of variables, or one of
tensors."""
_NOBODY: frozenset[str] = frozenset()
_ELEMENTS = frozenset({"builtins.list", "builtins.tuple", "builtins.sorted", "builtins.reversed", "builtins.map"})
_DICT_METHODS = frozenset({"keys", "items", "values", "get", "update", "pop", "setdefault"})
_METHODS = frozenset({"numpy", "assign", "assign_add", "assign_sub", "get_shape", "set_shape"})


class Weighed:
    """What the text of one function says of its parameters, and what of the program that rests on."""

    def __init__(self, kinds: Kinds, function: FunctionNode | ast.Lambda) -> None:
        self.kinds = kinds
        self.module = kinds.module
        self.function = function
        self.text = _Text(function)
        self._values: dict[int, Value | None] | None = None
        self._callees: dict[int, int] = {}
        self._proven: dict[int, frozenset[str]] = {}

    def stands(self) -> bool:
        """Whether everything that was asked for is as it was."""
        if self._values is None:
            return False
        values = self.kinds.values
        return (
            all((now := values.get(node)) is value or now == value for node, value in self._values.items())
            and all(len(self.kinds.targets.get(call, ())) == count for call, count in self._callees.items())
            and all(self.kinds.evidence.get(callee, _NOBODY) == told for callee, told in self._proven.items())
        )

    def weigh(self) -> frozenset[str]:
        """Return the names of the parameters that are tensors by use."""
        self._values = {}
        self._callees, self._proven = {}, {}
        return tensor_parameters(self)

    def value(self, node: ast.expr) -> Value:
        """Return what ``node`` can be."""
        found = self.kinds.values.get(id(node))
        if self._values is not None:
            self._values[id(node)] = found
        return found if found is not None and found.kinds else UNKNOWN

    def callees(self, call: ast.Call) -> list[FunctionNode | ast.Lambda]:
        """Return the functions of this module that ``call`` reaches."""
        found = self.kinds.callees(call)
        self._callees[id(call)] = len(found)
        return found

    def proven(self, function: FunctionNode | ast.Lambda) -> frozenset[str]:
        """Return what is told of the parameters of ``function`` so far."""
        found = self._proven[id(function)] = self.kinds.evidence.get(id(function), _NOBODY)
        return found


class _Text:
    """The places in a function that can tell something, in the order of the text: they are asked in every round."""

    def __init__(self, function: FunctionNode | ast.Lambda) -> None:
        arguments = function.args
        names = {arg.arg for arg in arguments.posonlyargs + arguments.args + arguments.kwonlyargs}
        names |= {arguments.vararg.arg} if arguments.vararg is not None else set()
        self.parameters = frozenset(names)
        self.uses: list[ast.Call | ast.BinOp] = []
        self.shaped: set[str] = set()
        self.shapes: set[str] = set()
        self.indexed: list[ast.Subscript | ast.Call] = []
        self.loops: list[ast.For] = []
        self.pairs: list[tuple[str, ast.expr]] = []
        self.parts: list[ast.Name] = []
        self.keyed: list[ast.Subscript | ast.Compare | ast.Attribute] = []
        self.sums: list[ast.AugAssign | ast.BinOp] = []
        self.rows: list[tuple[ast.expr, ast.expr]] = []
        self.calls: list[ast.Call] = []
        self.assigned: set[str] = set()
        self.asked: set[str] = set()
        told_apart: set[str] = set()
        for node in walk(function):
            if isinstance(node, ast.Call):
                self.calls.append(node)
                self.uses.append(node)
                self.indexed.append(node)
                told_apart.add(_told_apart(node))
                if isinstance(node.func, ast.Attribute) and node.func.attr in _ASSIGN:
                    self.assigned.add(_base(node.func.value))
            elif isinstance(node, ast.BinOp):
                self.sums.append(node)
                if isinstance(node.op, ast.MatMult):
                    self.uses.append(node)
            elif isinstance(node, ast.AugAssign):
                self.sums.append(node)
            elif isinstance(node, ast.Attribute):
                if isinstance(node.value, ast.Name):
                    if node.attr in ("shape", "dtype"):
                        self.shaped.add(node.value.id)
                    elif node.attr in _SHAPE_METHODS:
                        self.shapes.add(node.value.id)
                    elif node.attr in _DICT_METHODS:
                        self.keyed.append(node)
            elif isinstance(node, ast.Subscript):
                self.indexed.append(node)
                if isinstance(node.value, ast.Name):
                    self.parts.append(node.value)
                    self.keyed.append(node)
            elif isinstance(node, ast.Compare):
                if isinstance(node.ops[0], ast.In | ast.NotIn) and isinstance(node.comparators[0], ast.Name):
                    self.keyed.append(node)
            elif isinstance(node, ast.For):
                self.loops.append(node)
                self.rows.append((node.target, node.iter))
                names |= _names(node.target)
                if isinstance(node.iter, ast.Name):
                    self.parts.append(node.iter)
            elif isinstance(node, ast.comprehension):
                names |= _names(node.target)
            elif isinstance(node, ast.ListComp | ast.GeneratorExp):
                self.rows += [(generator.target, generator.iter) for generator in node.generators]
            elif isinstance(node, ast.Assign):
                for target in node.targets:
                    names |= _names(target)
                    self.pairs += _pairs(target, node.value)
            self.asked |= {test.id for test in _truths(node)}
        self.names = names
        self.asked -= told_apart


def _pairs(target: ast.expr, value: ast.expr) -> list[tuple[str, ast.expr]]:
    """Return the names that ``target`` binds, each with what it is made of."""
    if isinstance(target, ast.Name):
        return [(target.id, value)]
    if isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple):
        both = zip(target.elts, value.elts, strict=False)
        return [(left.id, right) for left, right in both if isinstance(left, ast.Name)]
    if isinstance(target, ast.Tuple) and isinstance(value, ast.BinOp):  # the rows of what is computed
        return [(left.id, value) for left in target.elts if isinstance(left, ast.Name)]
    return []


def tensor_parameters(kinds: Weighed) -> frozenset[str]:
    """Return the names of the parameters of a function that are tensors by use."""
    function, text = kinds.function, kinds.text
    names, parameters = text.names, text.parameters
    strong: set[str] = set()
    arithmetic: list[ast.expr] = []
    for node in text.uses:
        if isinstance(node, ast.Call):
            for place in tensor_places(kinds, node):
                _collect(kinds, place, names, strong, arithmetic)
            func = node.func
            if isinstance(func, ast.Attribute) and isinstance(func.value, ast.Name) and func.attr in _METHODS:
                strong |= {func.value.id} & names
        else:
            for side in (node.left, node.right):
                _collect(kinds, side, names, strong, arithmetic)
    if not isinstance(function, ast.Lambda) and is_decorated(kinds.module, function):
        strong |= {name for node in text.indexed if (name := _array_like(kinds, node))} & parameters
    _rows(text.rows, names, strong, arithmetic)
    for _ in range(3):  # what a local is used for, its own operands are used for
        size = len(strong), len(arithmetic)
        for name, value in text.pairs:
            if name in strong and name not in _names(value) and not any(place is value for place in arithmetic):
                _collect(kinds, value, names, strong, arithmetic)
        if size == (len(strong), len(arithmetic)):
            break
    tensors = strong | (text.shaped & names)
    for expression in arithmetic:
        operands = list(_operands(expression))
        if any(_is_tensor(kinds, operand, tensors) for operand in operands):
            continue
        tensors = tensors | {
            operand.id for operand in operands if isinstance(operand, ast.Name) and operand.id in names
        }
    mappings = {MAPPING + name for name in parameters}
    parameters = parameters | {kind + name for name in parameters for kind in (DICT, VARIABLES, LIST)}
    tensors = _with_containers(kinds, tensors)
    if not parameters & tensors:  # something must be a tensor: then it is what is made one
        tensors = tensors | {name for node in text.calls if (name := _converted(kinds, node))}
    if not parameters & tensors:  # or what meets the variables
        for sum_ in text.sums:
            if isinstance(sum_, ast.AugAssign):
                if kinds.value(sum_.target).is_tensor:
                    arithmetic.append(sum_.value)
            elif kinds.value(sum_.left).is_tensor or kinds.value(sum_.right).is_tensor:
                arithmetic.append(sum_)
        for expression in arithmetic:
            tensors = tensors | {name for node in _operands(expression) if (name := _base(node))}
        for loop in text.loops:
            tensors = tensors | {
                source.id
                for target, source in [(loop.target, loop.iter), *_zipped(kinds, loop)]
                if isinstance(target, ast.Name) and target.id in tensors and isinstance(source, ast.Name)
            }
        tensors = {name for name in tensors if default_of(function, name) is None}
    found = (parameters & tensors) - text.shapes
    return frozenset(name for name in found | (mappings & tensors) if not _plain(default_of(function, name)))


def _with_containers(kinds: Weighed, tensors: set[str]) -> set[str]:
    """Return ``tensors`` with what is asked for a key marked as a mapping, and what holds variables as a list.

    No tensor has texts as keys, and what iterating over one gives can't be assigned to.  What is taken apart and asked
    whether it is empty (``if x:``, ``assert x``) is a list: of a tensor with elements, Python can't tell the truth.
    """
    text = kinds.text
    for parts in text.parts:
        if parts.id in text.asked and parts.id in tensors:
            tensors = (tensors - {parts.id}) | {LIST + parts.id}
    for node in text.keyed:
        name = ""
        if isinstance(node, ast.Subscript):
            name = _base(node) if _is_text(kinds, node.slice) else ""
        elif isinstance(node, ast.Compare):
            name = _base(node.comparators[0]) if _is_text(kinds, node.left) else ""
        else:
            name = _base(node.value)
        if name:
            tensors = (tensors - {name}) | {DICT + name if name in tensors else MAPPING + name}
    for loop in text.loops:
        pairs = [(loop.target, loop.iter), *_zipped(kinds, loop)]
        if any(isinstance(target, ast.Name) and target.id in text.assigned for target, _ in pairs):
            held = {source.id for _, source in pairs if isinstance(source, ast.Name)}
            tensors = (tensors - held) | {VARIABLES + name for name in held}
    return tensors


def _told_apart(node: ast.Call) -> str:
    """Return the name of which ``node`` asks what it is an instance of, or ''."""
    asks = isinstance(node.func, ast.Name) and node.func.id == "isinstance"
    return _base(node.args[0]) if asks and node.args else ""


def _truths(node: ast.AST) -> list[ast.Name]:
    """Return the names of which ``node`` asks no more than whether they are true."""
    test = node.test if isinstance(node, ast.If | ast.While | ast.Assert | ast.IfExp) else None
    while isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not):
        test = test.operand
    return [test] if isinstance(test, ast.Name) else []


_ASSIGN = frozenset({"assign", "assign_add", "assign_sub"})


def _is_text(kinds: Weighed, node: ast.expr) -> bool:
    return (isinstance(node, ast.Constant) and isinstance(node.value, str)) or kinds.value(node).is_("str")


_SHAPE_METHODS = frozenset(
    {"is_fully_defined", "as_list", "merge_with", "is_compatible_with", "assert_is_compatible_with", "num_elements",
     "with_rank", "with_rank_at_least", "assert_has_rank", "assert_same_rank"}
)  # fmt: skip
"""What a ``TensorShape`` has, and no tensor."""


def _plain(default: ast.expr | None) -> bool:
    """Whether a default says that the parameter is a number, a flag or a text: what ops take as well as a tensor."""
    while isinstance(default, ast.UnaryOp):
        default = default.operand
    return isinstance(default, ast.Constant) and default.value is not None


_ARRAY_FUNCTIONS = frozenset(
    {"argmax", "argmin", "argsort", "cumsum", "dot", "expand_dims", "matmul", "max", "mean", "min", "ones_like",
     "repeat", "reshape", "squeeze", "std", "sum", "tile", "transpose", "var", "where", "zeros_like"}
)  # fmt: skip
"""Functions of NumPy that nobody gives a number."""


def _array_like(kinds: Weighed, node: ast.AST) -> str:
    """Return the name that ``node`` uses as only an array is: ``x[:, 0]``, ``np.argmax(x)``; or ''.

    What a tf.function gets as an array is a tensor inside of it.
    """
    if isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Tuple) and isinstance(node.value, ast.Name):
        return node.value.id
    if isinstance(node, ast.Call) and node.args and isinstance(node.args[0], ast.Name):
        name = kinds.module.qualified(node.func) or ""
        return node.args[0].id if name.removeprefix("numpy.") in _ARRAY_FUNCTIONS and "." in name else ""
    return ""


def _converted(kinds: Weighed, node: ast.AST) -> str:
    """Return the name that ``node`` casts or converts to a tensor, or ''."""
    if not isinstance(node, ast.Call) or not node.args or not isinstance(node.args[0], ast.Name):
        return ""
    name = kinds.module.qualified(node.func)
    return node.args[0].id if name in ("tensorflow.cast", "tensorflow.convert_to_tensor") else ""


def _zipped(kinds: Weighed, loop: ast.For) -> list[tuple[ast.expr, ast.expr]]:
    """Return (target, what it is taken from) for the parts of a loop over ``zip`` or ``enumerate``."""
    source = loop.iter
    if not isinstance(source, ast.Call) or not isinstance(loop.target, ast.Tuple):
        return []
    name = kinds.module.qualified(source.func) or ""
    parts: list[ast.expr] = loop.target.elts[1:] if name == "builtins.enumerate" else list(loop.target.elts)
    return list(zip(parts, source.args, strict=False)) if name in ("builtins.zip", "builtins.enumerate") else []


def _names(node: ast.expr) -> set[str]:
    return {n.id for n in walk(node) if isinstance(n, ast.Name)}


def _rows(rows: list[tuple[ast.expr, ast.expr]], names: set[str], strong: set[str], arithmetic: list[ast.expr]) -> None:
    """A parameter whose elements are tensors is one (or a list of them, which is traced as well)."""
    for target, source in rows:
        while isinstance(source, ast.Call) and isinstance(source.func, ast.Name) and source.args:
            if source.func.id == "enumerate" and isinstance(target, ast.Tuple) and len(target.elts) == 2:
                target = target.elts[1]
            elif source.func.id != "reversed":
                break
            source = source.args[0]
        if isinstance(source, ast.Name) and source.id in names and isinstance(target, ast.Name):
            inner: set[str] = set()
            for place in list(arithmetic):
                if any(isinstance(n, ast.Name) and n.id == target.id for n in walk(place)):
                    inner.add(target.id)
            if target.id in inner or target.id in strong:
                strong.add(source.id)


def _is_tensor(kinds: Weighed, node: ast.expr, tensors: set[str]) -> bool:
    if isinstance(node, ast.Name):
        return node.id in tensors or (kinds.value(node).is_tensor and not kinds.value(node).assumed)
    return kinds.value(node).is_tensor and isinstance(node, ast.Call | ast.Attribute | ast.Subscript)


def _collect(kinds: Weighed, place: ast.expr, names: set[str], strong: set[str], arithmetic: list[ast.expr]) -> None:
    if isinstance(place, ast.Name):
        strong |= {place.id} & names
    elif isinstance(place, ast.List | ast.Tuple):
        for item in place.elts:
            _collect(kinds, item, names, strong, arithmetic)
    elif isinstance(place, ast.BinOp | ast.UnaryOp):
        arithmetic.append(place)
    elif isinstance(place, ast.Call) and (kinds.module.qualified(place.func) or "").startswith("numpy."):
        for argument in place.args[:2]:  # an array that goes into an op: eagerly a tensor would do as well
            if isinstance(argument, ast.Name | ast.BinOp):
                _collect(kinds, argument, names, strong, arithmetic)
    elif isinstance(place, ast.Call) and (kinds.module.qualified(place.func) or "") in _ELEMENTS:
        for argument in place.args[-1:]:  # the elements of a list, sorted or mapped: a tensor's or a list of tensors
            _collect(kinds, argument, names, strong, arithmetic)
    elif isinstance(place, ast.Subscript):
        _collect(kinds, place.value, names, strong, arithmetic)


def _base(node: ast.expr) -> str:
    """Return the name in ``name`` and ``name[i]``."""
    inner = node.value if isinstance(node, ast.Subscript) else node
    return inner.id if isinstance(inner, ast.Name) else ""


def _operands(node: ast.expr) -> list[ast.expr]:
    if isinstance(node, ast.BinOp):
        return _operands(node.left) + _operands(node.right)
    if isinstance(node, ast.UnaryOp):
        return _operands(node.operand)
    return [node]


def tensor_places(kinds: Weighed, node: ast.Call) -> list[ast.expr]:
    """Return the arguments of ``node`` that can only be tensors."""
    qualified = kinds.module.qualified(node.func) or ""
    args = [arg for arg in node.args if not isinstance(arg, ast.Starred)]
    if qualified.startswith("tensorflow."):
        name = tables.short(qualified)
        if name in ("map_fn", "vectorized_map", "scan", "foldl", "foldr"):
            return args[1:2]
        if name in ("py_function", "numpy_function", "while_loop"):
            handed = args[2:3] if name == "while_loop" else args[1:2]
            return handed + [k.value for k in node.keywords if k.arg in ("inp", "loop_vars")]
        if name in tables.NO_EVIDENCE or any(name.startswith(prefix) for prefix, _ in tables.NOT_TENSOR_PREFIXES):
            return []
        if name.rsplit(".", 1)[-1][:1].isupper():
            return []
        binary = name in tables.BINARY or tables.leaf(qualified) in tables.BINARY
        places = args[: 2 if binary else 1]
        return places + [k.value for k in node.keywords if k.arg in tables.TENSOR_KEYWORDS]
    if qualified.startswith(("keras.ops.", "keras.activations.", "keras.losses.")) and args:
        return args[:1]
    func = kinds.value(node.func)
    if func.is_("module") and func.cls:
        if func.cls in ("keras.layer", "keras.metric") or func.cls.startswith(("keras.losses", "keras.metrics")):
            return args[:2]
        return args[:1]
    if func.cls == "tensor.gradient":
        return args
    places = []
    for callee in kinds.callees(node):
        names = [arg.arg for arg in callee.args.posonlyargs + callee.args.args]
        if names[:1] == ["self"] and isinstance(node.func, ast.Attribute):
            names = names[1:]
        proven = kinds.proven(callee)
        places += [arg for name, arg in zip(names, args, strict=False) if name in proven]
    return places
