# ruff: noqa: E501
"""Kinds of values inside functions."""

from __future__ import annotations

import ast
import textwrap

import pytest

from transpile_hybrid.meaning.infer import module_facts, module_value
from transpile_hybrid.meaning.tables import framework_class, has_member, table
from transpile_hybrid.meaning.values import (
    INT,
    NONE,
    STR,
    UNKNOWN,
    Depends,
    Value,
    constant,
    join,
    of,
    sequence,
    tensor,
)

from .build import Code


def body(text: str, framework: str = "torch") -> dict[str, Value]:
    """The locals at the end of a forward with this body."""
    head = {
        "torch": "class Net(nn.Module):\n    def __init__(self, dim, n=3, flag=True, act=None):\n        super().__init__()\n"
        "        self.dim = dim\n        self.n = n\n        self.flag = flag\n        self.act = act\n        self.conv = nn.Conv2d(3, dim, 1)\n"
        "        self.lstm = nn.LSTM(3, 3)\n        self.w = nn.Parameter(torch.ones(3))\n"
        "        self.layers = nn.ModuleList([nn.Linear(3, 3) for _ in range(n)])\n"
        "        self.plain = [nn.Linear(3, 3)]\n        self.name = 'a'\n        self.pool = nn.MaxPool2d(2, return_indices=True)\n"
        "        self.register_buffer('mask', torch.zeros(3))\n        self.cache = None\n"
        "    def helper(self, t, k):\n        return t.view(k, -1), k + 1\n    def forward(self, x, y=None, size=4):\n",
        "mxnet": "class Net(nn.HybridBlock):\n    def __init__(self):\n        super().__init__()\n        self.dense = nn.Dense(3)\n"
        "        self.weight = self.params.get('weight', shape=(3, 3))\n"
        "    def hybrid_forward(self, F, x, weight):\n",
        "tensorflow": "class Net(keras.layers.Layer):\n    def __init__(self, units):\n        super().__init__()\n        self.units = units\n"
        "        self.dense = keras.layers.Dense(units)\n    def build(self, input_shape):\n"
        "        self.w = self.add_weight(shape=(input_shape[-1], self.units))\n    def call(self, x, training=None):\n",
    }[framework]
    code = Code(head + textwrap.indent(text, " " * 8) + "\n", framework)
    entry = {"torch": "forward", "mxnet": "hybrid_forward", "tensorflow": "call"}[framework]
    return code.locals("Net", entry)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("a = x + 1", "tensor"),
        ("a = x.shape", "shape"),
        ("a = x.shape[0]", "int"),
        ("a = x.size()", "shape"),
        ("a = x.size(0)", "int"),
        ("b, c, h, w = x.shape\na = x", "tensor[4d]"),
        ("b, c, h, w = x.shape\na = h", "int"),
        ("a = x.view(2, 3)", "tensor[2d]"),
        ("a = x.max()", "tensor[0d]"),
        ("a, b = x.max(dim=1)", "tensor"),
        ("a = x.max(1)", "tuple(tensor, tensor)"),
        ("a = torch.max(x, x)", "tensor"),
        ("a = x.item()", "bool or complex or float or int"),
        ("a = x.tolist()", "bool or float or int or list"),
        ("a = x.numpy()", "array"),
        ("a = x.dtype", "dtype"),
        ("a = x.device", "device"),
        ("a = x.is_cuda", "bool"),
        ("a = x > 0", "tensor"),
        ("a = x is None", "bool"),
        ("a = y is None", "bool"),
        ("a = 1 in x", "bool"),
        ("a = len(x)", "int"),
        ("a = [x, x]", "list(tensor, tensor)"),
        ("a = []\nfor i in range(self.n):\n    a.append(x)", "list of tensor"),
        ("a = torch.cat([x, x])", "tensor"),
        ("a = torch.split(x, 2)", "tuple of tensor"),
        ("a = x.chunk(2)[0]", "tensor"),
        ("a = {'k': x}['k']", "tensor"),
        ("a = self.conv(x)", "tensor"),
        ("a = self.lstm(x)[1]", "tuple(tensor, tensor)"),
        ("a, b = self.pool(x)", "tensor"),
        ("a = self.w", "tensor"),
        ("a = self.mask", "tensor[1d]"),
        ("a = self.conv", "module(torch.nn.Conv2d)"),
        ("a = self.conv.weight", "tensor"),
        ("for a in self.layers:\n    x = a(x)", "module(torch.nn.Linear)"),
        ("a = self.layers[0](x)", "tensor"),
        ("a = self.plain[0]", "module(torch.nn.Linear)"),
        ("a = self.name", "str = 'a'"),
        ("a = self.dim", "int"),
        ("a = self.n * 2", "int"),
        ("a = self.flag", "bool"),
        ("a = self.training", "bool"),
        ("a = self.cache", "None"),
        ("a, b = self.helper(x, 3)", "tensor[2d]"),
        ("b, a = self.helper(x, 3)", "int = 4"),
        ("a = math.sqrt(self.dim)", "float"),
        ("a = np.zeros(3)", "array"),
        ("a = x if y is None else 1", "tensor or int"),
        ("a = None\nif y is None:\n    a = x", "tensor or None"),
        ("a = None\nif y is None:\n    a = x\nif a is None:\n    a = 1\nelse:\n    a = a + 1", "tensor or int"),
        ("a = 1\nwhile a < 5:\n    a = a + 1", "int"),
        ("a = lambda t: t + 1\na = a(x)", "tensor"),
        ("def f(t):\n    return t * 2\na = f(x)", "tensor"),
        ("a = [t * 2 for t in (x, x)]", "list(tensor, tensor)"),
        ("a = sum([x, x])", "tensor"),
        ("a = F.relu", "function(torch.nn.functional.relu)"),
        ("a = nn.Linear", "class(torch.nn.Linear)"),
        ("a = nn.Linear(2, 3)", "module(torch.nn.Linear)"),
        ("a = torch", "namespace(torch)"),
        ("a = torch.float32", "dtype"),
        ("a = f'{x}'", "str"),
        ("a = -1", "int = -1"),
        ("a = (1, 2) + (3,)", "tuple(int = 1, int = 2, int = 3)"),
        ("a = [0] * 2", "list(int = 0, int = 0)"),
        ("a = x.shape[1:]", "shape"),
        ("a = x.shape[:2] + (3,)", "shape"),
        ("a = unknown(x)", "unknown"),
        ("a = unknown(x) + x", "tensor"),
        ("a = y", "unknown or None"),
        ("a = size", "int"),
        ("a = isinstance(x, torch.Tensor)", "bool"),
        ("try:\n    a = x\nexcept ValueError:\n    a = 1", "tensor or int"),
        ("with torch.no_grad():\n    a = x * 2", "tensor"),
        ("a = (b := x)", "tensor"),
        ("a = [*x.shape]", "list of int"),
        ("a = not x", "bool"),
        ("a = torch.zeros(2, 3)", "tensor[2d]"),
        ("a = x[0]", "unknown"),
        ("a = x[0] + x.size(0)\na = x[0]", "tensor"),
        ("a = super().forward(x)", "unknown"),
        ("a = getattr(self, 'conv')(x)", "tensor"),
        ("a = list(map(lambda t: t + 1, [x, x]))", "list of tensor"),
        ("a = dict(k=x)['k']", "tensor"),
        ("a = 3 // 2", "int = 1"),
        ("a = x.shape[0] / 2", "float"),
        ("a = 2 ** -1", "float or int"),
        ("a = nn.Sequential(nn.Linear(2, 3), nn.LSTM(2, 3))(x)", "tuple(tensor, tuple(tensor, tensor))"),
        ("m = nn.ReLU() if y is None else nn.Tanh()\na = m(x)", "tensor"),
    ],
)
def test_torch(text: str, says: str) -> None:
    found = str(body(text)["a"])
    order = lambda s: sorted(s.split(" or "))  # noqa: E731
    assert order(found) == order(says)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("a = F.relu(x)", "tensor"),
        ("a = F.np.dot(x, weight)", "tensor"),
        ("a = F.npx.relu(x)", "tensor"),
        ("a = F.dot(x, weight)", "tensor"),
        ("a = self.dense(x)", "tensor"),
        ("a = self.weight", "parameter"),
        ("a = self.weight.data()", "tensor"),
        ("a = x.asnumpy()", "array"),
        ("a = x.asscalar()", "float or int"),
        ("a = F.split(x, num_outputs=2)", "list(tensor, tensor)"),
        ("a = x.context", "device"),
        ("a = autograd.is_training()", "bool"),
        ("a = nd.zeros((2, 3))", "tensor[2d]"),
    ],
)
def test_gluon(text: str, says: str) -> None:
    assert str(body(text, "mxnet")["a"]) == says


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("a = tf.matmul(x, self.w)", "tensor"),
        ("a = self.w", "variable"),
        ("a = self.w + 1", "tensor"),
        ("a = self.dense(x)", "tensor"),
        ("a = tf.shape(x)", "tensor"),
        ("a = x.shape", "shape"),
        ("a = x.numpy()", "array"),
        ("a = training", "bool or None"),
        ("a = tf.split(x, 2)", "list(tensor, tensor)"),
        ("a = tf.Variable(1.0)", "variable"),
        ("a = tf.reduce_sum(x)", "tensor"),
        ("a = tf.float32", "dtype"),
    ],
)
def test_tensorflow(text: str, says: str) -> None:
    assert str(body(text, "tensorflow")["a"]) == says


def test_what_decides_a_value() -> None:
    found = body("a = x.shape[0]\nb = self.dim + 1\nc = x.sum().item()\nd = 3\ne = size\nf = 1\nif c > 0:\n    f = 2")
    assert found["a"].is_static and not found["a"].is_config
    assert found["b"].is_config
    assert found["c"].depends & Depends.VALUE and not found["c"].is_static
    assert found["d"].depends == Depends.NOTHING
    assert found["e"].depends & Depends.PARAM
    assert found["f"].depends & Depends.VALUE


def test_attributes_and_who_sets_them() -> None:
    code = Code(
        "class Net(nn.Module):\n    k = 3\n    def __init__(self, dim):\n        super().__init__()\n        self.a = nn.Linear(dim, 2)\n"
        "        self.b = None\n        self._more()\n    def _more(self):\n        self.c = [1]\n    def forward(self, x):\n        self.b = x\n"
        "        return self.b\n"
    )
    facts = code.facts("Net")
    assert str(facts.attrs["a"]) == "module(torch.nn.Linear)"
    assert facts.attrs["b"].is_none
    assert facts.attrs["c"].is_("list")
    assert facts.attrs["k"].const == 3
    assert facts.setters["b"] == {"__init__", "forward"}
    assert facts.setters["a"] == {"__init__"}
    assert facts.returns(code.function("forward")).is_tensor


def test_an_assumed_parameter_says_so() -> None:
    code = Code(
        "class Net(nn.Module):\n    def forward(self, x, items):\n        for i in items:\n            x = x + i\n        return x\n"
    )
    seeds = code.facts("Net").parameters(code.function("forward"))
    assert seeds["x"].is_tensor and seeds["x"].assumed
    assert not seeds["items"].known


def test_annotations() -> None:
    code = Code(
        "from typing import Optional, List, Tuple\nclass Net(nn.Module):\n    def forward(self, a: torch.Tensor, b: Optional[int], c: List[str],\n"
        "                d: 'Tuple[int, torch.Tensor]', e: int | None, f: 'Net', g: float = 1.0):\n        return a\n"
    )
    found = {k: str(v) for k, v in code.facts("Net").parameters(code.function("forward")).items()}
    assert found == {
        "self": "module(m.Net)", "a": "tensor", "b": "int or None", "c": "list of str", "d": "tuple(int, tensor)",
        "e": "int or None",
        "f": "module(m.Net)", "g": "float or int",
    }  # fmt: skip


def test_helpers_take_what_their_callers_give() -> None:
    code = Code("def scale(t, k):\n    return t * k\nx = torch.randn(2, 3)\ny = scale(x, 2)\n")
    facts = code.function_facts("scale")
    assert facts.parameters(code.function("scale"))["t"].is_tensor
    assert str(facts.parameters(code.function("scale"))["k"]) == "int"
    assert module_value("y", code.module, code.project).is_tensor
    assert module_facts(code.module, code.project).values


@pytest.mark.parametrize(
    "text",
    [
        "def f(n):\n    return f(n - 1)\nf(3)",
        "def f(n):\n    return g(n)\ndef g(n):\n    return f(n)\nf(3)",
        "class A(nn.Module):\n    def forward(self, x):\n        return self(x)",
        "class A(nn.Module):\n    def __init__(self):\n        self.a = A()\n    def forward(self, x):\n        return self.a(x)",
        "def f(x):\n    l = []\n    while True:\n        l = [l]\n    return l",
        "def f(x):\n    while x:\n        x = (x, x)\n    return x",
        "def f(x):\n    for x in x:\n        for x in x:\n            for x in x:\n                x = [x]\n    return x",
        "x = " + "+".join(["a"] * 900),
        "f = lambda g: g(g)\nf(f)",
        "class A(A): ...",
        "def f(**k):\n    return f(**k)",
    ],
)
def test_everything_comes_to_an_end(text: str) -> None:
    code = Code(text + "\n")
    for unit_name in [info.name for info in code.project.classes_of(code.module)]:
        if unit_name == "A" and "nn.Module" in text:
            code.facts(unit_name)
    for function in code.module.scopes.functions:
        code.function_facts(function.name)
    module_facts(code.module, code.project)


def test_join() -> None:
    assert join(INT, INT) is INT
    assert join(constant(1), constant(2)).const is not constant(1).const
    assert str(join(tensor("torch", 4), NONE)) == "tensor[4d] or None"
    assert join(sequence("list", [INT]), sequence("list", [INT, STR])).element == of("int", "str")
    assert not join(INT, UNKNOWN).known
    assert join(of("opaque"), INT).may_be_tensor is False


def test_tables() -> None:
    found = framework_class("torch.nn.modules.conv.Conv2d")
    assert found is not None and found.name == "torch.nn.Conv2d"
    sequential, hybrid = (
        framework_class("mxnet.gluon.nn.Sequential"),
        framework_class("mxnet.gluon.nn.HybridSequential"),
    )
    assert sequential is not None and not sequential.hybrid
    assert hybrid is not None and hybrid.hybrid
    assert framework_class("keras.models.Sequential") == framework_class("keras.Sequential") or framework_class(
        "keras.Sequential"
    )
    assert framework_class("torch.relu") is None
    assert has_member("torch.nn", "Linear") and not has_member("torch.nn", "Nothing")
    assert table("no such table").functions == {}
    assert "view" in table("torch").sharing and "cat" not in table("torch").sharing


def test_value_of_every_expression_of_a_forward_is_asked_for_safely() -> None:
    code = Code(
        "class Net(nn.Module):\n    def forward(self, x):\n        return [i for i in x if i], {**{}}, x[1:, None], (yield x)\n"
    )
    facts = code.facts("Net")
    for node in ast.walk(code.module.tree):
        if isinstance(node, ast.expr):
            assert isinstance(facts.value(node), Value)
