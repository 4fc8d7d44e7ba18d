"""What functions read and write beyond their locals."""

from __future__ import annotations

import textwrap

import pytest

from transpile_hybrid.meaning.effects import effects

from .build import Code

HEAD = """
import random, time, logging, os
logger = logging.getLogger(__name__)
COUNT = 0
STORE = []
TABLE = {{}}
def bump():
    global COUNT
    COUNT += 1
def deep(t):
    bump()
    return t
def noisy(t):
    print(t)
    return t
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(2, 2)
        self.log = []
        self.n = 0
    def note(self, t):
        self.log.append(t)
    def forward(self, x, items=None):
{body}
"""


@pytest.mark.parametrize(
    ("body", "kinds"),
    [
        ("return self.fc(x)", []),
        ("print(x)\nreturn x", ["print"]),
        ("logger.info('a')\nreturn x", ["log"]),
        ("logging.warning('a')\nreturn x", ["log"]),
        ("self.n += 1\nreturn x", ["attribute-write"]),
        ("self.h = x\nreturn x", ["attribute-write"]),
        ("self.log.append(x)\nreturn x", ["container-mutation"]),
        ("self.note(x)\nreturn x", ["container-mutation"]),
        ("STORE.append(x)\nreturn x", ["container-mutation"]),
        ("TABLE['a'] = x\nreturn x", ["container-mutation"]),
        ("items.append(x)\nreturn x", ["argument-mutation"]),
        ("global COUNT\nCOUNT = 1\nreturn x", ["global-write"]),
        ("bump()\nreturn x", ["global-write"]),
        ("return deep(x)", ["global-write"]),
        ("return noisy(x)", ["print"]),
        ("return x * COUNT", ["global-read"]),
        ("return x * random.random()", ["python-random"]),
        ("return x * np.random.rand()", ["numpy-random"]),
        ("t = time.time()\nreturn x", ["time"]),
        ("f = open('a')\nreturn x", ["io"]),
        ("e = os.environ['A']\nreturn x", ["env"]),
        ("e = os.getenv('A')\nreturn x", ["env"]),
        ("i = next(items)\nreturn x", ["iterator-next"]),
        ("l = []\nl.append(x)\nreturn l", []),
        ("d = {}\nd['a'] = x\nreturn d", []),
        ("x = x + 1\nreturn x", []),
        ("n = 0\nn += 1\nreturn x", []),
        ("x.add_(1)\nreturn x", ["argument-mutation"]),
        ("x[0] = 1\nreturn x", ["argument-mutation"]),
        ("y = x * 2\ny.add_(1)\nreturn y", []),
        ("setattr(self, 'a', x)\nreturn x", ["attribute-write"]),
        ("return x.log()", []),
    ],
)
def test_effects(body: str, kinds: list[str]) -> None:
    code = Code(HEAD.format(body=textwrap.indent(body, " " * 8)))
    found = effects(code.function("forward"), code.module, code.project)
    assert [effect.kind for effect in found] == kinds, [effect.reason for effect in found]
    assert all(effect.reason for effect in found)


def test_a_constructor_may_fill_its_own_object() -> None:
    code = Code(HEAD.format(body="        return x"))
    assert effects(code.function("__init__"), code.module, code.project) == ()


def test_recursion_ends() -> None:
    code = Code("def f(n):\n    print(n)\n    return g(n)\ndef g(n):\n    return f(n)\n")
    assert "print" in [effect.kind for effect in effects(code.function("f"), code.module, code.project)]
    assert "print" in [effect.kind for effect in effects(code.function("g"), code.module, code.project)]
