"""What is told to be refused by TorchScript is refused by it, and what stands beside it is taken and not told."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from .running import run
from .test_left_alone import codes, net, rewritten

INIT = """\
self.fc = nn.Linear(4, 4)
self.other = nn.Tanh()
self.layers = nn.ModuleList([nn.Linear(4, 4), nn.Linear(4, 4)])
self.rnn = nn.GRU(4, 4, batch_first=True)
self.mixed = [1, 2.0]
self.functions = [torch.relu]
self.empty = {}
self.names = {"a", "b"}
self.filled = []
self.filled.append(1)
self.pair = (1, 2.0)
self.gaps = [1, None]
self.on = True"""

REFUSED = {
    "THT613": [
        "return x.to(next(self.parameters()).device)",
        "for p in self.parameters():\n    x = x + p.sum()\nreturn x",
        "return x * len(self._modules)",
        "self.fc.train()\nreturn self.fc(x)",
        "return copy.copy(x)",
        "return x * math.log2(4)",
        "return x * len(set([1, 2]))",
        "with torch.enable_grad():\n    return x + 1",
        "if callable(torch.relu):\n    x = x + 1\nreturn x",
        "if type(x) == torch.Tensor:\n    x = x + 1\nreturn x",
        "if torch.distributed.is_available():\n    x = x + 1\nreturn x",
        "assert x.dim() == 2, f'{self.__class__.__name__}'\nreturn x",
        "if x.dim() != 2:\n    raise ValueError(repr(x.shape))\nreturn x",
    ],
    "THT624": ["return x.masked_fill(x > 0, torch.finfo(x.dtype).min)"],
    "THT622": ["if torch.cuda.is_available():\n    x = x + 1\nreturn x"],
    "THT607": ["for m, i in zip(self.layers, range(2)):\n    x = m(x) * i\nreturn x"],
    "THT614": [
        "return x * self.mixed[0]",
        "return self.functions[0](x)",
        "return x * len(self.empty)",
        "if 'a' in self.names:\n    x = x + 1\nreturn x",
    ],
    "THT302": [
        "chosen = self.fc if x.size(0) > 1 else self.other\nreturn chosen(x)",
        "for m in (self.fc, self.other):\n    x = m(x)\nreturn x",
        "f = F.relu if x.size(0) > 1 else torch.tanh\nreturn f(x)",
    ],
    "THT506": [
        "sizes = tuple(x.shape)\nreturn x * sizes[0] * len(sizes[1:] + (1,))",
        "assert x.dim() == 2, f'{tuple(x.shape)}'\nreturn x",
    ],
    "THT804": [
        "self.fc.weight.data = torch.ones(4, 4)\nreturn self.fc(x)",
        "for m in reversed(self.layers):\n    x = m(x)\nreturn x",
    ],
    "THT521": ["a, b = x\nreturn a + b"],
}

TAKEN = [
    "return x * self.pair[0]",
    "return x * len(self.gaps) * len(self.filled)",
    "with torch.no_grad():\n    return x + 1",
    "for m in self.children():\n    pass\nreturn x",
    "return x.to(self.fc.weight.device)",
    "return x * math.sqrt(4.0)",
    "if isinstance(x, torch.Tensor):\n    x = x + 1\nreturn x",
    "d = {i: x * i for i in range(2)}\nreturn d[1]",
    "d = {k: v for k, v in zip(['a', 'b'], [x, x])}\nreturn d['a']",
    "for m in self.layers:\n    x = m(x)\nreturn x",
    "return F.interpolate(x[None, None], scale_factor=2.0)",
    "if not isinstance(x, torch.Tensor):\n    raise ValueError(repr(x))\nreturn x",
    "if isinstance(x, (list, tuple)):\n    x = x[0].first_of_all()\nreturn x",
    "assert x.dim() == 2, 'not %s' % x.shape\nreturn x",
    "return torch.cat([m(x) * p for m, p in zip(self.layers, self.pair)])",
    "for i, p in enumerate(self.pair):\n    x = x * i + p\nreturn x",
]

MENDED = {
    "for i in reversed([1, 2]):\n    x = x * i - 1\nreturn x": "[1, 2][::-1]",
    "self.rnn.flatten_parameters()\ny, _ = self.rnn(x[None])\nreturn y": "is_scripting",
    "a, b = x.view(2, -1)\nreturn a * b": ".unbind(0)",
    "rows = x.permute(1, 0)\na, b, c, d = rows\nreturn a * b - c * d": "rows.unbind(0)",
    "return F.interpolate(x[None, None], scale_factor=2)": "scale_factor=2.0",
    "y = None\nif y == None:\n    x = x + 1\nreturn x": "y is None",
    "return F.upsample(x[None, None], scale_factor=2, mode='nearest')": "scale_factor=2.0",
    "return x.masked_fill((x > 0).float().bool(), 0.0) * x.ndimension()": ".to(torch.bool), 0.0) * x.dim()",
    "for i in range(len(self.layers) - 1):\n    x = self.layers[i + 1](x)\nreturn x": "enumerate(self.layers)",
    "return x.view(tuple(x.shape[:1]) + (-1,))": "list(",
    "return torch.cat([m(p) for m, p in zip(self.layers, [x, x * 2])])": "enumerate(self.layers)",
    "return torch.stack([m(x) for m in self.layers[1:]])": "index >= 1",
    "y = [x, x * 2]\nfor p, z in zip(self.pair, y):\n    x = x + z * p\nreturn x": "enumerate(self.pair)",
    "return sum([m(x) for m in self.layers])": "_sum_of_tensors",
}


def whole(forward: str) -> str:
    return "import copy\nimport math\n" + net(forward, INIT)


@pytest.mark.parametrize(("code", "forward"), [(code, one) for code, found in REFUSED.items() for one in found])
def test_refused_is_told(code: str, forward: str) -> None:
    assert code in codes(whole(forward))


@pytest.mark.parametrize("forward", TAKEN)
def test_taken_is_not_told(forward: str) -> None:
    assert not {code for code in codes(whole(forward)) if code < "THT7" or code > "THT8"}


@pytest.mark.parametrize(("forward", "written"), MENDED.items())
def test_mended(forward: str, written: str) -> None:
    assert written in rewritten(whole(forward))


def test_torchscript_says_the_same(tmp_path: Path) -> None:
    texts = {f"refused{i}": whole(one) for i, one in enumerate(one for found in REFUSED.values() for one in found)}
    texts |= {f"taken{i}": whole(one) for i, one in enumerate(TAKEN)}
    texts |= {f"mended{i}": rewritten(whole(one)) for i, one in enumerate(MENDED)}
    texts |= {f"before{i}": whole(one) for i, one in enumerate(MENDED)}
    for name, text in texts.items():
        (tmp_path / f"{name}.py").write_text(text)
    script = (
        "import importlib, json, sys, torch\n"
        "answers = {}\n"
        "for name in sys.argv[1:]:\n"
        "    torch.manual_seed(0)\n"
        "    model, x = importlib.import_module(name).Net().eval(), torch.randn(2, 4)\n"
        "    wanted = model(x)\n"
        "    if name.startswith('mended'):\n"
        "        torch.manual_seed(0)\n"
        "        before = importlib.import_module(name.replace('mended', 'before')).Net().eval()\n"
        "        assert torch.equal(before(x), wanted), name\n"
        "    try:\n"
        "        answers[name] = torch.equal(torch.jit.script(model)(x), wanted)\n"
        "    except Exception as error:\n"
        "        answers[name] = None\n"
        "print(json.dumps(answers))\n"
    )
    answers = json.loads(run(tmp_path, script, *texts).splitlines()[-1])
    assert {name: answer for name, answer in answers.items() if answer is not (None if name[0] in "rb" else True)} == {}


def test_a_list_of_the_class_that_is_declared_constant_has_a_type() -> None:
    text = net("return x * self.SIZES[0]").replace(
        "class Net(nn.Module):\n", "class Net(nn.Module):\n    SIZES = [2, 3]\n"
    )
    assert "THT614" in codes(text)
    constant = text.replace("    SIZES", '    __constants__ = ["SIZES"]\n    SIZES')
    assert "THT614" not in codes(constant)
