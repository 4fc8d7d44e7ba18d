# ruff: noqa: E501
"""Planted cases: an in-place write that another name can see is never called safe."""

from __future__ import annotations

import textwrap

import pytest

from transpile_hybrid.meaning.aliasing import rebind_is_safe

from .build import Code

NET = """
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(3, 3, 1)
        self.relu = nn.ReLU(inplace=True)
        self.act = nn.ReLU()
        self.id = nn.Identity()
        self.drop = nn.Dropout(0.1)
        self.seq = nn.Sequential(nn.Conv2d(3, 3, 1), nn.ReLU())
        self.empty = nn.Sequential()
        self.seq_id = nn.Sequential(nn.Conv2d(3, 3, 1), nn.Identity())
        self.w = nn.Parameter(torch.ones(3))
        self.flat = nn.Flatten()
        self.same = Same()
        self.twice = Twice()
        self.keeper = Keeper()
        self.h = None
        self.items = []
    def keep(self, t):
        self.h = t
    def view_of(self, t):
        return t[0]
    def forward(self, x, y=None, *rest, **more):
{body}
class Same(nn.Module):
    def forward(self, x):
        return x
class Twice(nn.Module):
    def forward(self, x):
        return x * 2
class Keeper(nn.Module):
    def forward(self, x):
        self.last = x * 2
        return self.last
def helper(t):
    return t + 1
def ident(t):
    return t
STORE = []
def remember(t):
    STORE.append(t)
    return t + 1
GLOBAL = torch.zeros(3)
"""

UNSAFE = {
    "argument": "x += 1  # <--\nreturn x",
    "argument through a name": "a = x\na += 1  # <--\nreturn a",
    "default argument": "y += 1  # <--\nreturn y",
    "star argument": "a = rest[0]\na += 1  # <--\nreturn a",
    "keyword dict": "a = more['k']\na += 1  # <--\nreturn a",
    "two names": "a = x * 2\nb = a\na += 1  # <--\nreturn a, b",
    "other name written": "a = x * 2\nb = a\nb += 1  # <--\nreturn a",
    "chained assignment": "a = b = x * 2\na += 1  # <--\nreturn a + b",
    "tuple assignment": "a = x * 2\nb, c = a, x\na += 1  # <--\nreturn b",
    "slice of an argument": "a = x[0]\na += 1  # <--\nreturn a",
    "view of an argument": "a = x.view(-1)\na += 1  # <--\nreturn a",
    "reshape of an argument": "a = x.reshape(-1)\na += 1  # <--\nreturn a",
    "transpose of an argument": "a = x.t()\na.add_(1)  # <--\nreturn a",
    ".T of an argument": "a = x.T\na += 1  # <--\nreturn a",
    ".data of an argument": "a = x.data\na += 1  # <--\nreturn a",
    "detach": "a = x.detach()\na += 1  # <--\nreturn a",
    "contiguous": "a = x.contiguous()\na += 1  # <--\nreturn a",
    "to": "a = x.to('cpu')\na += 1  # <--\nreturn a",
    "float": "a = x.float()\na += 1  # <--\nreturn a",
    "view of a local, read later": "a = x * 2\nb = a[0]\na += 1  # <--\nreturn a, b",
    "write through a view": "a = x * 2\nb = a[0]\nb += 1  # <--\nreturn a",
    "view in a later expression": "a = x * 2\nb = a.view(-1)\na.mul_(2)  # <--\nreturn b.sum()",
    "expand": "a = x * 2\nb = a.expand(2, 3)\na += 1  # <--\nreturn b",
    "chunk": "a = x * 2\nb, c = a.chunk(2)\nb += 1  # <--\nreturn a",
    "torch.split": "a = x * 2\nb, c = torch.split(a, 2)\na += 1  # <--\nreturn b",
    "unbind in a loop": "a = x * 2\nfor row in a.unbind(0):\n    row += 1  # <--\nreturn a",
    "rows": "a = x * 2\nfor row in a:\n    row += 1  # <--\nreturn a",
    "attribute": "a = self.w\na += 1  # <--\nreturn a",
    "attribute of an attribute": "a = self.conv.weight\na += 1  # <--\nreturn a",
    "stored in an attribute": "a = x * 2\nself.h = a\na += 1  # <--\nreturn a",
    "stored by a method": "a = x * 2\nself.keep(a)\na += 1  # <--\nreturn a",
    "stored by a method as a view": "a = x * 2\nself.keep(a.view(-1))\na += 1  # <--\nreturn a",
    "stored in a list": "a = x * 2\nl = [a]\na += 1  # <--\nreturn l",
    "appended": "l = []\na = x * 2\nl.append(a)\na += 1  # <--\nreturn l",
    "appended to an attribute": "a = x * 2\nself.items.append(a)\na += 1  # <--\nreturn a",
    "stored in a dict": "d = {}\na = x * 2\nd['k'] = a\na += 1  # <--\nreturn d",
    "dict display": "a = x * 2\nd = {'k': a}\na += 1  # <--\nreturn d",
    "tuple": "a = x * 2\nt = (a, x)\na += 1  # <--\nreturn t",
    "taken from a list": "l = [x * 2, x * 3]\na = l[0]\na += 1  # <--\nreturn l",
    "loop carried alias": "a = x * 0\nouts = []\nfor i in range(3):\n    a += x  # <--\n    outs.append(a)\nreturn outs",
    "loop carried name": "a = x * 0\nfor i in range(3):\n    a += x  # <--\n    b = a\nreturn a, b",
    "previous round": "prev = x\nfor i in range(3):\n    a = x * i\n    prev += 1  # <--\n    prev = a\nreturn prev",
    "conditional alias": "a = x * 2\nif y is None:\n    a = x\na += 1  # <--\nreturn a",
    "conditional expression": "a = x if y is None else x * 2\na += 1  # <--\nreturn a",
    "or": "a = y or x * 2\na += 1  # <--\nreturn a",
    "walrus": "b = (a := x * 2)\na += 1  # <--\nreturn b",
    "lambda": "a = x * 2\nf = lambda: a\na += 1  # <--\nreturn f",
    "lambda default": "a = x * 2\nf = lambda t=a: t\na += 1  # <--\nreturn f",
    "closure": "a = x * 2\ndef f():\n    return a\na += 1  # <--\nreturn f",
    "identity module": "a = self.id(x)\na += 1  # <--\nreturn a",
    "dropout module": "a = self.drop(x)\na += 1  # <--\nreturn a",
    "inplace relu": "a = self.relu(x)\na += 1  # <--\nreturn a",
    "flatten module": "a = self.flat(x)\na += 1  # <--\nreturn a",
    "empty sequential": "a = self.empty(x)\na += 1  # <--\nreturn a",
    "user module that returns its input": "a = self.same(x)\na += 1  # <--\nreturn a",
    "user module that keeps its result": "a = self.keeper(x)\na += 1  # <--\nreturn a",
    "method that returns a view": "a = self.view_of(x)\na += 1  # <--\nreturn a",
    "function that returns its argument": "a = ident(x)\na += 1  # <--\nreturn a",
    "function that keeps its argument": "a = x * 2\nb = remember(a)\na += 1  # <--\nreturn a",
    "unknown function": "a = x * 2\nb = unknown(a)\na += 1  # <--\nreturn b",
    "result of an unknown function": "a = unknown(x)\na += 1  # <--\nreturn a",
    "global": "GLOBAL.add_(x)  # <--\nreturn GLOBAL",
    "F.dropout": "a = F.dropout(x, 0.5, self.training)\na += 1  # <--\nreturn a",
    "F.relu in place": "a = F.relu(x, inplace=True)\na += 1  # <--\nreturn a",
    "F.relu in place by position": "a = F.relu(x, True)\na += 1  # <--\nreturn a",
    "in-place method result": "a = x.add_(1)\na += 1  # <--\nreturn a",
    "torch.as_tensor": "a = torch.as_tensor(x)\na += 1  # <--\nreturn a",
    "einsum": "a = torch.einsum('ij->ji', x)\na += 1  # <--\nreturn a",
    "squeeze": "a = torch.squeeze(x)\na += 1  # <--\nreturn a",
    "unary plus": "a = +x\na += 1  # <--\nreturn a",
    "from numpy": "n = np.zeros(3)\na = torch.from_numpy(n)\na += 1  # <--\nreturn a, n",
    "numpy view": "a = x * 2\nn = a.numpy()\na += 1  # <--\nreturn n",
    "out argument": "a = x * 2\nb = torch.add(x, 1, out=a)\na += 1  # <--\nreturn b",
    "whole write from a name": "a = x * 2\nb = x * 3\na[:] = b  # <--\nb += 1\nreturn a, b",
    "whole write from an argument": "a = x * 2\na[:] = x  # <--\nreturn a",
    "whole write of an argument": "x[:] = x * 2  # <--\nreturn x",
    "element write of an argument": "x[0] = 0  # <--\nreturn x",
    "element write with an alias": "a = x * 2\nb = a\na[0] = 0  # <--\nreturn b",
    "yielded": "a = x * 2\nyield a\na += 1  # <--\nyield a",
    "comprehension": "a = x * 2\nl = [a for _ in range(2)]\na += 1  # <--\nreturn l",
    "zip": "a = x * 2\nz = list(zip([a], [x]))\na += 1  # <--\nreturn z",
    "try": "a = x\ntry:\n    a = x * 2\nexcept ValueError:\n    pass\na += 1  # <--\nreturn a",
    "with": "with open('f') as a:\n    a += 1  # <--\nreturn a",
    "while": "a = x\nwhile y:\n    a += 1  # <--\n    a = a * 2\nreturn a",
    "match": "match x:\n    case a:\n        a += 1  # <--\nreturn x",
    "attribute target": "self.w += 1  # <--\nreturn x",
    "list in place": "l = self.items\nl += [x]  # <--\nreturn l",
    "nested list": "a = x * 2\nl = [[a]]\na += 1  # <--\nreturn l",
    "star unpacked": "a, *b = x * 2\na += 1  # <--\nreturn b",
    "swapped": "a = x * 2\nb = x\na, b = b, a\na += 1  # <--\nreturn b",
    "deleted alias": "a = x\ndel x\na += 1  # <--\nreturn a",
    "setattr": "a = x * 2\nsetattr(self, 'h', a)\na += 1  # <--\nreturn a",
    "cat of one": "a = x * 2\nl = list((a,))\na += 1  # <--\nreturn l[0]",
    "nonlocal": "a = x * 2\ndef f():\n    nonlocal a\n    a += 1  # <--\nf()\nreturn a",
    "global name": "global G\nG = x * 2\nG += 1  # <--\nreturn G",
    "user class": "a = Box(x)\nb = a\na += 1  # <--\nreturn b",
    "sorted view": "a = x * 2\nb = max([a], key=len)\na += 1  # <--\nreturn b",
}

SAFE = {
    "fresh operator": "a = x * 2\na += 1  # <--\nreturn a",
    "fresh function": "a = torch.relu(x)\na += 1  # <--\nreturn a",
    "convolution": "a = self.conv(x)\na += x  # <--\nreturn a",
    "relu that is not in place": "a = self.act(self.conv(x))\na += x  # <--\nreturn a",
    "sequential that ends in a fresh layer": "a = self.seq(x)\na += x  # <--\nreturn a",
    "user module": "a = self.twice(x)\na += x  # <--\nreturn a",
    "user function": "a = helper(x)\na += x  # <--\nreturn a",
    "clone": "a = x.clone()\na += 1  # <--\nreturn a",
    "twice": "a = x * 2\na += 1\na += 2  # <--\nreturn a",
    "in-place method": "a = x * 2\na.add_(1)  # <--\nreturn a",
    "zeros": "a = torch.zeros(3)\na += x  # <--\nreturn a",
    "fresh in a loop, kept afterwards": "outs = []\nfor i in range(3):\n    a = x * i\n    a += 1  # <--\n    outs.append(a)\nreturn outs",
    "accumulator": "a = x * 0\nfor i in range(3):\n    a += x  # <--\nreturn a",
    "both branches fresh": "if y is None:\n    a = x * 2\nelse:\n    a = x + 1\na += 1  # <--\nreturn a",
    "alias that is never read again": "a = x * 2\nb = a\nc = b + 1\na += 1  # <--\nreturn a, c",
    "shape is no view": "a = x * 2\ns = a.shape\na += 1  # <--\nreturn a, s",
    "number": "n = 1\nn += 1  # <--\nreturn x * n",
    "size": "n = x.size(0)\nn += 1  # <--\nreturn x * n",
    "string": "s = 'a'\ns += 'b'  # <--\nreturn x",
    "whole write of a fresh value": "a = x * 2\na[:] = x * 3  # <--\nreturn a",
    "sum of the argument": "a = x.sum(0)\na += 1  # <--\nreturn a",
    "softmax": "a = F.softmax(x, dim=-1)\na *= 2  # <--\nreturn a",
    "matmul": "a = x @ x\na /= 2  # <--\nreturn a",
    "cat": "a = torch.cat([x, x])\na += 1  # <--\nreturn a",
    "alias made afterwards": "a = x * 2\na += 1  # <--\nb = a\nreturn a, b",
    "stored afterwards": "a = x * 2\na += 1  # <--\nself.h = a\nreturn a",
    "printed": "a = x * 2\nprint(a)\na += 1  # <--\nreturn a",
}


def answer(body: str) -> tuple[bool, str]:
    code = Code(NET.format(body=textwrap.indent(body, " " * 8)))
    node = code.marked()
    function = code.module.enclosing_function(node)
    facts = code.facts("Net")
    assert function is not None
    if function.name != "forward":
        facts = code.function_facts(function.name)
    found = rebind_is_safe(node, facts)
    return found.safe, found.reason


def test_there_are_enough_cases() -> None:
    assert len(UNSAFE) >= 60


@pytest.mark.parametrize("name", UNSAFE)
def test_what_can_be_seen_is_never_called_safe(name: str) -> None:
    safe, reason = answer(UNSAFE[name])
    assert not safe, reason
    assert reason


@pytest.mark.parametrize("name", SAFE)
def test_what_nobody_can_see_is_called_safe(name: str) -> None:
    safe, reason = answer(SAFE[name])
    assert safe, reason


MXNET_NET = """
class Net(nn.Block):
    def __init__(self):
        super().__init__()
        self.dense = nn.Dense(4)
        self.drop = nn.Dropout(0.5)
        self.w = gluon.Parameter('w', shape=(3,))
    def forward(self, x):
{body}
"""


@pytest.mark.parametrize(
    ("body", "safe"),
    [
        ("a = self.dense(x)\na += 1  # <--\nreturn a", True),
        ("a = self.dense(x)\na[:] = a * 2  # <--\nreturn a", True),
        ("a = x * 2\na += 1  # <--\nreturn a", True),
        ("a = nd.relu(x)\na[:] = a + x  # <--\nreturn a", True),
        ("a = self.drop(x)\na += 1  # <--\nreturn a", False),
        ("a = x.reshape((-1,))\na += 1  # <--\nreturn a", False),
        ("a = x * 2\nb = a\na += 1  # <--\nreturn b", False),
        ("a = x\na[:] = a + 1  # <--\nreturn a", False),
        ("a = self.w.data()\na += 1  # <--\nreturn a", False),
        ("a = x * 2\nb = a[0]\na[:] = a + 1  # <--\nreturn b", False),
        ("a = x.as_in_context(mx.cpu())\na += 1  # <--\nreturn a", False),
    ],
)
def test_gluon(body: str, safe: bool) -> None:
    code = Code(MXNET_NET.format(body=textwrap.indent(body, " " * 8)), "mxnet")
    found = rebind_is_safe(code.marked(), code.facts("Net"))
    assert found.safe is safe, found.reason


def test_tensorflow_tensors_never_change() -> None:
    code = Code(
        "class L(keras.layers.Layer):\n    def call(self, x):\n        x += 1  # <--\n        return x\n", "tensorflow"
    )
    found = rebind_is_safe(code.marked(), code.facts("L"))
    assert found.safe, found.reason
