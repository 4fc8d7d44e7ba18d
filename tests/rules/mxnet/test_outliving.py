"""Writes into what is there before a call and stays after it: a graph makes none of them again."""

from __future__ import annotations

import pytest

from transpile_hybrid.api import rewrite
from transpile_hybrid.source.source import Source

TEXT = """
from mxnet import nd
from mxnet.gluon import nn

STATE = {{"n": 0}}
LOG = []


class Config:
    n = 0


CONFIG = Config()


def bump():
    CONFIG.n += 1


class Net(nn.Block):
    def __init__(self):
        super().__init__()
        self.fc = nn.Dense(3)
        self.config = Config()
        self.counts = {{"n": 0, "of": {{}}}}
        self.items = [1, 2]
        self.numbers = iter(range(9))

    def forward(self, x):
        {body}
        return nd.relu(self.fc(x))
"""


def left(body: str) -> list[str]:
    """Return what is said of a class whose forward begins with ``body``; nothing is, where it becomes hybrid."""
    text = TEXT.format(body=body.replace("\n", "\n        "))
    (report,) = rewrite([Source("net.py", text)], ["mxnet.hybrid"])
    assert report.result is not None, report.error
    found = [d.code for d in report.result.remaining]
    assert ("class Net(nn.HybridBlock)" in report.result.after.text) == (not found)
    return found


@pytest.mark.parametrize(
    "body",
    [
        "self.fc.last = x",
        "type(self).count = 1",
        "self.__class__.count = 1",
        "Net.count = 1",
        "CONFIG.n += 1",
        "del CONFIG.n",
        "self.config.n += 1",
        "config = self.config\nconfig.n += 1",
        "for CONFIG.n in range(3):\n    x = x * 2",
        'STATE["n"] += 1',
        'del STATE["n"]',
        'counts = self.counts\ncounts["n"] += 1',
        'self.counts["of"]["n"] = 1',
        'a, counts = 1, self.counts\ncounts["n"] = a',
        "for part in self.items:\n    part[0] = 1",
        "items = self.items\nitems.append(1)",
        "items = self.items\nitems.sort()",
        "LOG.append(1)",
        "log = LOG\nlog.append(1)",
        "self.config.seen.append(1)",
        "x = x * self.numbers.__next__()",
        "bump()",
    ],
)
def test_flagged(body: str) -> None:
    assert "THM402" in left(body)


@pytest.mark.parametrize(
    "body",
    [
        "parts = {}\nparts['a'] = nd.tanh(x)\nx = parts['a']",
        "parts = [None] * 2\nfor i in range(2):\n    parts[i] = nd.tanh(x)\nx = parts[0] + parts[1]",
        "parts = []\nparts.append(nd.tanh(x))\nx = parts[0]",
        "parts = []\nothers = parts\nothers.append(nd.tanh(x))\nx = parts[0]",
        "count = self.config.n\nx = x * 2",
        "x = x * STATE['n']",
        "x = nd.add(x, x)",
    ],
)
def test_locals_are_fine(body: str) -> None:
    assert left(body) == []


def test_own_module() -> None:
    """What something does to a member of the module is not a change of the name that the module has in itself."""
    text = TEXT.format(body="x = here.nd.tanh(x)").replace(
        "STATE = ", "import sys\n\nhere = sys.modules[__name__]\nSTATE = "
    )
    text += "\n\ndef more():\n    here.STATE['n'] = 2\n"
    (report,) = rewrite([Source("net.py", text)], ["mxnet.hybrid"])
    assert report.result is not None
    assert "class Net(nn.HybridBlock)" in report.result.after.text


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("def forward(self, x):", "def forward(self, x, y=nd.zeros((1,))):"),
        (
            "def forward(self, x):",
            "def act(self, x, scale=nd.ones((1,))):\n        return nd.relu(x)\n\n    def forward(self, x):",
        ),
    ],
)
def test_default_made_by_an_operator(old: str, new: str) -> None:
    """A default is evaluated where the function is defined: there is no F."""
    text = TEXT.format(body="x = self.act(x)" if "act" in new else "x = x * 2").replace(old, new)
    (report,) = rewrite([Source("net.py", text)], ["mxnet.hybrid"])
    assert report.result is not None, report.error
    assert report.result.after.text == text
    assert any(d.code == "THM601" and d.why for d in report.result.remaining)


@pytest.mark.parametrize(
    ("body", "behind"),
    [
        ("x = x * SCALE", "SCALE = 3.0"),
        ("x = x * STATE['n']", "STATE['n'] = 2"),
        ("x = x * CONFIG.n", "CONFIG.n = 2"),
        ("x = x * STATE['n']", "def more():\n    STATE['n'] = 2"),
        ("x = x * self.scale", "net = Net()\nnet.scale = 2"),
        ("x = x * self.scale", "def widen(net):\n    net.scale = 2"),
        ("x = nd.Dropout(x, p=self.rates[0])", "class Sub(Net):\n    def lower(self):\n        self.rates[0] = 0.1"),
    ],
)
def test_changed_behind(body: str, behind: str) -> None:
    """What a forward reads, and something changes once the class is there."""
    text = TEXT.replace("        self.config = Config()", "        self.scale = 2\n        self.rates = [0.5]")
    text = text.replace("\n\ndef bump():\n    CONFIG.n += 1\n", "\nSCALE = 2.0\n").format(body=body)
    (report,) = rewrite([Source("net.py", text)], ["mxnet.hybrid"])
    assert report.result is not None
    assert "class Net(nn.HybridBlock)" in report.result.after.text
    if "Sub" in behind:
        behind = behind.replace("class Sub(Net):\n", "")
        text = text.replace("    def forward(", behind + "\n\n    def forward(")
    else:
        text += "\n\n" + behind + "\n"
    (report,) = rewrite([Source("net.py", text)], ["mxnet.hybrid"])
    assert report.result is not None
    assert "THM402" in [d.code for d in report.result.remaining]
    assert "class Net(nn.Block)" in report.result.after.text
