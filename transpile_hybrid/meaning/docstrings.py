"""Types that docstrings state of parameters, in the styles of NumPy, Google and Keras.  What isn't plain says nothing.

A statement counts only if every alternative in it is understood: ``units : int``, ``x (torch.Tensor): ...``,
``mask : NDArray or Symbol, default None``, ``strides: Integer or tuple/list of 2 integers, the strides``.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable
from dataclasses import replace

from .names import FunctionNode
from .values import BOOL, DEVICE, DTYPE, INT, NONE, OPAQUE, STR, Value, join, of, sequence_of, tensor

_NUMBER = of("float", "int")
_SEQUENCE = frozenset({"list", "tuple"})  # the word for one is used for the other
_ATOMS: dict[str, Value] = {
    "int": INT, "integer": INT, "float": _NUMBER, "double": _NUMBER, "number": _NUMBER, "bool": BOOL,
    "boolean": BOOL, "str": STR, "string": STR, "none": NONE, "dict": of("dict"), "dictionary": of("dict"),
    "list": of("list", "tuple"), "tuple": of("tuple", "list"), "callable": OPAQUE, "function": of("function"),
    "np.ndarray": of("array"), "numpy.ndarray": of("array"), "numpy array": of("array"), "torch.dtype": DTYPE,
    "torch.device": DEVICE, "context": DEVICE, "mx.context": DEVICE, "mxnet.context": DEVICE,
    "true": BOOL, "false": BOOL, "parameterdict": of("object", cls="mxnet.gluon.ParameterDict"),
}  # fmt: skip
_TENSORS: dict[str, tuple[str, ...]] = {
    "torch": ("tensor", "torch.tensor", "torch.floattensor", "torch.longtensor", "floattensor", "longtensor",
              "torch.booltensor"),
    "mxnet": ("ndarray", "nd.ndarray", "mx.nd.ndarray", "mxnet.nd.ndarray", "symbol", "mx.sym.symbol", "mx.np.ndarray",
              "mxnet.ndarray.ndarray", "tensor"),
    "tensorflow": ("tensor", "tf.tensor", "input tensor", "keras tensor", "kerastensor"),
}  # fmt: skip
_PARAMETERS = frozenset({"parameter", "gluon.parameter", "mx.gluon.parameter", "mxnet.gluon.parameter"})
_MODULES: dict[str, tuple[str, ...]] = {
    "torch": ("nn.module", "torch.nn.module"),
    "mxnet": ("block", "hybridblock", "gluon.block", "gluon.hybridblock", "mx.gluon.block", "mx.gluon.hybridblock"),
    "tensorflow": ("layer", "keras.layer"),
}  # fmt: skip
_ADJECTIVES = re.compile(r"^(?:an?|the|optional|positive|non-negative|python|single)\s+", re.I)
_MANY = re.compile(r"^(list|tuple)\s+of\s+(?:\w+\s+)??(\S+?)s?$", re.I)
_RANGE = re.compile(r"\s+(?:between|in range|in the range|greater than|>=?|in \[).*$", re.I)
_OR = re.compile(r"\s+or\s+|\s*\|\s*|\s*/\s*|,\s+(?=(?:or\s+)?(?:None|int|float|str|bool|list|tuple)\b)", re.I)
_TAIL = re.compile(
    r"[,.]?\s*(?:\(?optional\)?|\(?default(?:s to|\s*[:=])?\s.*|default|(?:of |with )?shape\b.*|\(.*)\s*$", re.I | re.S
)
_NUMPY = re.compile(r"^[ \t]*(\w+)[ \t]+:[ \t]*(\S[^\n]*)$", re.M)
_GOOGLE = re.compile(r"^[ \t]*(\w+)[ \t]*\(([^()\n]+(?:\([^()\n]*\)[^()\n]*)?)\)[ \t]*:", re.M)
_KERAS = re.compile(r"^[ \t]*(\w+):[ \t]+([^\n]+)$", re.M)
_NAME = re.compile(r"(?:[A-Za-z_]\w*\.)*[A-Z]\w+")
_LONG = 2_000
_MAX_TEXT = 40_000


Named = Callable[[str], Value | None]


def stated(function: FunctionNode, owner: ast.ClassDef | None, framework: str, named: Named) -> dict[str, Value]:
    """Return what the docstring of ``function`` (for a constructor also its class's) says of its parameters.

    ``named`` tells what an instance of a class is that the text calls by its name, ``None`` where it knows none.
    """
    spec = function.args
    names = {argument.arg for argument in [*spec.posonlyargs, *spec.args, *spec.kwonlyargs]}
    found: dict[str, Value] = {}
    contradicted: set[str] = set()
    for node in (owner if function.name == "__init__" else None, function):
        text = _docstring(node)
        for name, value in _statements(text, names, framework, named):
            if name in found and found[name].kinds != value.kinds:
                contradicted.add(name)
            found[name] = value
    return {name: replace(value, assumed=True) for name, value in found.items() if name not in contradicted}


def _docstring(node: ast.ClassDef | FunctionNode | None) -> str:
    if node is None or not node.body or not isinstance(node.body[0], ast.Expr):
        return ""
    held = node.body[0].value
    return held.value[:_MAX_TEXT] if isinstance(held, ast.Constant) and isinstance(held.value, str) else ""


def _statements(text: str, names: set[str], framework: str, named: Named) -> list[tuple[str, Value]]:
    if ":" not in text:
        return []
    found: list[tuple[str, Value]] = []
    for pattern in (_NUMPY, _GOOGLE, _KERAS):
        for match in pattern.finditer(text):
            if match.group(1) not in names:
                continue
            kind = match.group(2) if pattern is not _KERAS else _first_clause(match.group(2))
            value = type_of(kind, framework, named)
            if value is not None:
                found.append((match.group(1), value))
        if found:
            return found
    return found


def _first_clause(text: str) -> str:
    """Keras writes prose: ``Positive integer, dimensionality of the output``.  The type ends at the first mark."""
    return re.split(r"[,.;:(]", text, maxsplit=1)[0]


def type_of(text: str, framework: str, named: Named = lambda name: None) -> Value | None:
    """Return what a docstring's type says, ``None`` where a part of it isn't understood."""
    if len(text) > _LONG:
        return None
    plain = _TAIL.sub("", text.strip().strip("`").rstrip(".")).strip()
    union = re.fullmatch(r"(Optional|Union)\[(.*)\]", plain)
    if union:
        plain = union.group(2).replace(",", " or ") + (" or None" if union.group(1) == "Optional" else "")
    result = Value(frozenset())
    parts = [part.strip().strip("`{}").strip() for part in _OR.split(plain)]
    for index, part in enumerate(parts):
        shared = part.lower() in ("list", "tuple") and index + 1 < len(parts) and _MANY.match(parts[index + 1])
        value = _one(parts[index + 1] if shared else part, framework, named)  # "list/tuple of 2 integers"
        if value is None:
            return None
        result = join(result, value)
    return result if result.kinds else None


def _one(text: str, framework: str, named: Named) -> Value | None:
    while (shorter := _ADJECTIVES.sub("", text)) != text:
        text = shorter
    name = _RANGE.sub("", text).strip().strip("`").lower()
    many = _MANY.match(name)
    if many:
        element = _one(many.group(2), framework, named)
        return None if element is None else replace(sequence_of("list", element), kinds=_SEQUENCE)
    if name in _ATOMS:
        return _ATOMS[name]
    if name in _TENSORS.get(framework, ()):
        return tensor(framework)
    if name in _MODULES.get(framework, ()):  # or the class: "block : HybridBlock" is said of both
        return of("module", "class", framework=framework)
    if framework == "mxnet" and name in _PARAMETERS:
        return of("parameter", framework=framework)
    return named(text) if _NAME.fullmatch(text) else None
