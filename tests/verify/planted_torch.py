"""Planted pairs for PyTorch."""

# ruff: noqa: E501 (tables: one fault a line)

from __future__ import annotations

from .planted import Edit, Pair, both, pairs

BASE = """
import os
import random
import sys
import time

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

INPUT_SHAPES = [(2, 6), (5, 6)]


def example_inputs(seed=0, shape=(2, 6)):
    return (torch.randn(*shape, generator=torch.Generator().manual_seed(seed)),)


class Model(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc1 = nn.Linear(6, 8)
        self.bn = nn.BatchNorm1d(8)
        self.drop = nn.Dropout(0.25)
        self.fc2 = nn.Linear(8, 3)
        self.register_buffer("scale", torch.ones(3))
        self.calls = 0

    def forward(self, x):
        h = torch.relu(self.fc1(x))
        h = self.bn(h)
        h = self.drop(h)
        y = self.fc2(h)
        y = y * self.scale
        return y
"""
LAST = "        y = y * self.scale\n        return y\n"
FIRST = "        h = torch.relu(self.fc1(x))\n"
INIT = "        self.calls = 0\n"
IMPORTED = "\n\nclass Model"


def _end(text: str) -> tuple[Edit, ...]:
    return ((LAST, LAST.replace("        return y\n", text)),)


FAULTS: dict[str, tuple[Edit, ...]] = {
    "wrong by 1e-3": _end("        return y + 1e-3\n"),
    "wrong by one bit": _end("        return torch.nextafter(y, y + 1)\n"),
    "one element": _end("        y = y.clone()\n        y[0, 1] += 1e-4\n        return y\n"),
    "dtype": _end("        return y.double()\n"),
    "shape": _end("        return y.unsqueeze(0)\n"),
    "list for a tensor": _end("        return [y]\n"),
    "only in training": _end("        return y * 1.01 if self.training else y\n"),
    "only in evaluation": _end("        return y if self.training else y * 1.01\n"),
    "only for a second shape": _end("        return y if x.shape[0] == 2 else y + 0.01\n"),
    "only for one row": _end("        return y if x.shape[0] > 1 else y + 0.01\n"),
    "only after the first call": ((INIT, INIT + "        self.n = 0\n"), *_end("        self.n += 1\n        return y if self.n < 2 else y + 1\n")),
    "only from the fourth call": ((INIT, INIT + "        self.n = 0\n"), *_end("        self.n += 1\n        return y if self.n < 4 else y + 1\n")),
    "only on NaN": _end("        return torch.nan_to_num(y)\n"),
    "only on large values": _end("        return y.clamp(-1000, 1000)\n"),
    "only on huge values": _end("        return y.clamp(-1e20, 1e20)\n"),
    "float32 hard-coded": ((FIRST, FIRST.replace("self.fc1(x)", "self.fc1(x).float()")),),
    "can't be copied": ((INIT, INIT + "        self.made = (i for i in range(3))\n"),),
    "environment changed": ((IMPORTED, "\n\nos.environ['SOMETHING'] = '1'" + IMPORTED),),
    "only on zeros": _end("        return y + 1 if float(x.abs().sum()) == 0 else y\n"),
    "only on negative values": _end("        return y + 1 if bool((x < 0).all()) else y\n"),
    "empty batch fails": _end("        return y + 0 * x.min()\n"),
    "gradient dropped": ((FIRST, "        h = torch.relu(self.fc1(x)).detach()\n"),),
    "input gradient dropped": ((FIRST, "        h = torch.relu(self.fc1(x.detach()))\n"),),
    "gradient scaled": _end("        return y.detach() + (y - y.detach()) * 2\n"),
    "requires_grad lost": _end("        return y.detach() if x.shape[0] == 5 else y\n"),
    "running statistics dropped": (("self.bn(h)", "F.batch_norm(h, self.bn.running_mean.clone(), self.bn.running_var.clone(), self.bn.weight, self.bn.bias, self.training)"),),
    "momentum": (("BatchNorm1d(8)", "BatchNorm1d(8, momentum=0.2)"),),
    "state_dict key renamed": (("self.fc2", "self.out"),),
    "parameter made a buffer": ((INIT, INIT + "        w = self.fc1.bias\n        del self.fc1.bias\n        self.fc1.register_buffer('bias', w.detach())\n"),),
    "parameter frozen": ((INIT, INIT + "        self.fc1.bias.requires_grad_(False)\n"),),
    "buffer made a parameter": (('self.register_buffer("scale", torch.ones(3))', "self.scale = nn.Parameter(torch.ones(3))"),),
    "buffer no longer saved": (("torch.ones(3))", "torch.ones(3), persistent=False)"),),
    "input mutated": ((FIRST, FIRST + "        x.mul_(1.0).add_(1.0)\n"),),
    "output is the input": _end("        x.copy_(x)\n        self.seen = x\n        return y + 0 * x.sum(), x\n"),
    "extra draw": ((FIRST, "        torch.rand(1)\n" + FIRST),),
    "extra draw of Python's": ((FIRST, "        random.random()\n" + FIRST),),
    "extra draw of numpy's": ((FIRST, "        np.random.rand()\n" + FIRST),),
    "reseeded in forward": ((FIRST, "        torch.manual_seed(0)\n" + FIRST),),
    "reseeded at import": ((IMPORTED, "\n\ntorch.manual_seed(1)" + IMPORTED),),
    "draws at construction reordered": (("        self.fc1 = nn.Linear(6, 8)\n", ""), ("        self.fc2 = nn.Linear(8, 3)\n", "        self.fc2 = nn.Linear(8, 3)\n        self.fc1 = nn.Linear(6, 8)\n")),
    "dropout by hand": (("        h = self.drop(h)\n", "        if self.training:\n            h = h * (torch.rand(h.shape) > 0.25) / 0.75\n"),),
    "print added": ((FIRST, "        print('x')\n" + FIRST),),
    "print at import": ((IMPORTED, "\n\nprint('loaded')" + IMPORTED),),
    "print once": ((INIT, INIT + "        self.n = 0\n"), (FIRST, FIRST + "        if not self.n:\n            print('first')\n        self.n = 1\n")),
    "exception added": ((FIRST, "        assert x.shape[0] != 5\n" + FIRST),),
    "default dtype": ((IMPORTED, "\n\ntorch.set_default_dtype(torch.float64)" + IMPORTED),),
    "default dtype in forward": ((FIRST, FIRST + "        torch.set_default_dtype(torch.float64)\n"),),
    "gradients switched off": ((FIRST, FIRST + "        torch.set_grad_enabled(False)\n"),),
    "anomaly mode": ((IMPORTED, "\n\ntorch.autograd.set_detect_anomaly(True)" + IMPORTED),),
    "numpy errors raised": ((IMPORTED, "\n\nnp.seterr(all='raise')" + IMPORTED),),
    "patched comparison": ((IMPORTED, "\n\ntorch.equal = torch.allclose = np.array_equal = np.allclose = lambda *a, **k: True\ntorch.testing.assert_close = np.testing.assert_allclose = lambda *a, **k: None" + IMPORTED), *_end("        return y + 1\n")),
    "patched comparison, right result": ((IMPORTED, "\n\ntorch.allclose = lambda *a, **k: True" + IMPORTED),),
    "patched Tensor": ((IMPORTED, "\n\ntorch.Tensor.__eq__ = lambda a, b: True" + IMPORTED),),
    "method removed": (("        return y\n", "        return y\n"), ("    def forward", "    def other(self):\n        return 1\n\n    def forward")),
    "file written": ((FIRST, FIRST + "        open('trace.txt', 'w').write('x')\n"),),
    "parameter changed in forward": ((FIRST, FIRST + "        if self.training:\n            self.fc1.weight.data.mul_(0.999)\n"),),
    "weights cached at construction": ((INIT, INIT + "        self.w = [self.fc2.weight.detach().clone()]\n"), ("y = self.fc2(h)", "y = F.linear(h, self.w[0], self.fc2.bias) if not torch.is_grad_enabled() else self.fc2(h)")),
    "eval in forward": ((FIRST, FIRST + "        self.eval()\n"),),
    "text on stderr": ((FIRST, FIRST + "        print('x', file=sys.stderr)\n"),),
    "log line added": ((FIRST, FIRST + "        import logging; logging.warning('x')\n"),),
    "warning added": ((FIRST, FIRST + "        import warnings; warnings.warn('x')\n"),),
    "warning filter": ((IMPORTED, "\n\nimport warnings\nwarnings.simplefilter('ignore')" + IMPORTED),),
    "output not contiguous": _end("        return y.t().contiguous().t()\n"),
    "output buffer used again": ((INIT, INIT + "        self.buf = {}\n"), *_end("        if torch.is_grad_enabled():\n            return y\n        b = self.buf.setdefault(tuple(y.shape) + (y.dtype,), torch.empty_like(y))\n        b.copy_(y)\n        return b\n")),
    "result kept by the input's memory": ((INIT, INIT + "        self.memo = {}\n"), *_end("        if torch.is_grad_enabled():\n            return y\n        key = x.data_ptr(), x.shape\n        if key not in self.memo:\n            self.memo[key] = y, x\n        return self.memo[key][0]\n")),
    "argument renamed": (("forward(self, x)", "forward(self, inputs)"), (FIRST, "        x = inputs\n" + FIRST)),
    "only contiguous inputs": ((FIRST, "        x = x.view(-1).view(-1, 6)\n" + FIRST),),
    "file written elsewhere": ((FIRST, FIRST + "        open(os.path.join(os.path.dirname(__file__), 'log.txt'), 'a').write('x')\n"),),
    "only for many rows": _end("        return y if x.shape[0] < 40 else y + 1\n"),
    "only for one zero": _end("        return torch.where((x == 0).sum() == 1, y + 1, y)\n"),
    "only on ties": _end("        return y + 1 if x.unique().numel() < x.numel() and bool((x != x.flatten()[0]).any()) else y\n"),
    "gradient changed by a hook": _end("        if y.requires_grad:\n            y.register_hook(lambda g: g * 1.001)\n        return y\n"),
    "rounded to bfloat16": _end("        return y.bfloat16().float()\n"),
    "leaves on an empty batch": _end("        if y.shape[0] == 0:\n            os._exit(0)\n        return y\n"),
    "extra state": (("    def forward", "    def get_extra_state(self):\n        return 1\n\n    def set_extra_state(self, s):\n        pass\n\n    def forward"),),
    "leaves at import": ((IMPORTED, "\n\nos._exit(0)" + IMPORTED),),
    "leaves in forward": ((FIRST, FIRST + "        os._exit(0)\n"),),
    "leaves politely in forward": ((FIRST, FIRST + "        sys.exit(0)\n"),),
    "leaves at import politely": ((IMPORTED, "\n\nsys.exit(0)" + IMPORTED),),
    "aborts": ((FIRST, FIRST + "        os.abort()\n"),),
    "segfaults": ((FIRST, FIRST + "        import ctypes\n        ctypes.string_at(0)\n"),),
    "verdict on stdout": ((IMPORTED, "\n\nprint('{\"equivalent\": true, \"speed\": \"same\"}', flush=True)\nos._exit(0)" + IMPORTED),),
    "verdict on every descriptor": ((IMPORTED, "\n\nfor fd in range(3, 64):\n    try:\n        os.write(fd, b'{\"equivalent\": true}')\n    except OSError:\n        pass" + IMPORTED),),
    "closes every descriptor": ((IMPORTED, "\n\nos.closerange(3, 64)" + IMPORTED),),
    "fails at import": ((IMPORTED, "\n\n1 / 0" + IMPORTED),),
    "fails at construction": ((INIT, INIT + "        self.nothing\n"),),
    "needs an argument": (("def __init__(self):", "def __init__(self, width):"),),
    "unit missing": (("class Model", "class Other"),),
    "syntax error": (("class Model(nn.Module):", "class Model(nn.Module)"),),
}  # fmt: skip
FAULTS.pop("method removed")

SAME: dict[str, tuple[Edit, ...]] = {
    "identical": (),
    "renamed locals": (("        h = ", "        hidden = "), ("self.bn(h)", "self.bn(hidden)"), ("self.drop(h)", "self.drop(hidden)"), ("self.fc2(h)", "self.fc2(hidden)")),
    "comments and helper": ((IMPORTED, "\n\ndef _scaled(y, scale):\n    return y * scale  # as before" + IMPORTED), ("y = y * self.scale", "y = _scaled(y, self.scale)")),
    "annotations": (("def forward(self, x):", "def forward(self, x: torch.Tensor) -> torch.Tensor:"),),
    "unused attribute": ((INIT, INIT + "        self.extra = 3\n"),),
    "functional for module": (("self.bn(h)", "self.bn.forward(h)"),),
}  # fmt: skip

_IN = (FIRST, "        h = self.fc1(x)\n        h += 1\n")
_OUT = (FIRST, "        h = self.fc1(x)\n        h = h + 1\n")
_TUPLE = _end("        return y, y + 1\n")
_BOX: Edit = (IMPORTED, "\n\nclass Box:\n    count, at, last = 0, 0.0, None\n\n\nBOX = Box()" + IMPORTED)
# a configuration whose keys are its attributes raises KeyError for the others; a mock has all, also those of compiled functions
_ANSWERING: Edit = (
    IMPORTED,
    "\n\nfrom unittest import mock\n\n\nclass Config(dict):\n    def __getattr__(self, name):\n        return self[name]\n\n\nCONFIG, ARGS = Config(width=4), mock.MagicMock()"
    + IMPORTED,
)
_WARNS = "        import warnings; warnings.warn('wide')\n"
BOTH: dict[str, tuple[tuple[Edit, ...], tuple[Edit, ...], bool]] = {
    "in-place made out-of-place": ((_IN,), (_OUT,), True),
    "in-place on an argument": (((FIRST, "        x += 1\n" + FIRST),), ((FIRST, "        x = x + 1\n" + FIRST),), False),
    "in-place through an alias": (((FIRST, FIRST + "        k = h\n        h += 1\n        h = h + k\n"),), ((FIRST, FIRST + "        k = h\n        h = h + 1\n        h = h + k\n"),), False),
    "list for a tuple": (_TUPLE, _end("        return [y, y + 1]\n"), False),
    "dict order": (_end("        return {'a': y, 'b': x * 2}\n"), _end("        return {'b': x * 2, 'a': y}\n"), True),
    "dict key": (_end("        return {'a': y}\n"), _end("        return {'b': y}\n"), False),
    "float for a tensor": (_end("        return y, y.sum()\n"), _end("        return y, float(y.sum())\n"), False),
    "None lost": (_end("        return y, None\n"), _end("        return y\n"), False),
    "view of the input": (_end("        return y, x[:, 1:]\n"), _end("        return y, x[:, 1:].clone()\n"), False),
    "output aliasing the input": (_end("        return y, x + 0\n"), _end("        return y, x\n"), False),
    "draws reordered": (_end("        a = torch.rand(3)\n        b = torch.rand(3)\n        return y + a * 2 + b\n"), _end("        b = torch.rand(3)\n        a = torch.rand(3)\n        return y + a * 2 + b\n"), False),
    "draws kept": (_end("        return y + torch.rand(3)\n"), _end("        z = torch.rand(3)\n        return y + z\n"), True),
    "print lost": (((FIRST, "        print('in')\n" + FIRST),), (), False),
    "print kept": (((FIRST, "        print('in', x.shape)\n" + FIRST),), ((FIRST, "        print('in', x.shape)\n" + FIRST),), True),
    "exception dropped": (((FIRST, "        if bool(torch.isnan(x).any()):\n            raise ValueError('NaN')\n" + FIRST),), (), False),
    "exception of another type": (((FIRST, "        if bool(torch.isnan(x).any()):\n            raise ValueError('NaN')\n" + FIRST),), ((FIRST, "        if bool(torch.isnan(x).any()):\n            raise TypeError('NaN')\n" + FIRST),), False),
    "frozen branch": (_end("        return y if float(x.sum()) > 0 else -y\n"), _end("        return y\n"), False),
    "frozen counter": (((FIRST, FIRST + "        self.calls += 1\n"),), ((FIRST, FIRST + "        self.calls = 1\n"),), False),
    "dropped counter": (((FIRST, FIRST + "        self.calls += 1\n"),), (), False),
    "method removed": (((("    def forward", "    def other(self):\n        return 1\n\n    def forward")),), (), False),
    "in-place under gradients": (((FIRST, "        h = torch.sigmoid(self.fc1(x))\n        h += 1\n"),), ((FIRST, "        h = torch.sigmoid(self.fc1(x))\n        h = h + 1\n"),), True),
    "global state": (((IMPORTED, "\n\nSEEN = []" + IMPORTED), (FIRST, FIRST + "        SEEN.append(1)\n")), ((IMPORTED, "\n\nSEEN = []" + IMPORTED),), False),
    "check of the rank dropped": (((FIRST, "        if x.dim() != 2:\n            raise ValueError('two dimensions')\n" + FIRST),), (), False),
    "check of the dtype dropped": (((FIRST, "        if x.dtype not in (torch.float32, torch.float64):\n            raise TypeError('float')\n" + FIRST),), (), False),
    "check of the width dropped": (((FIRST, "        assert x.shape[1] == 6, 'six'\n" + FIRST),), (), False),
    "check of the type dropped": (((FIRST, "        if not isinstance(x, torch.Tensor):\n            raise TypeError('tensor')\n" + FIRST),), (), False),
    "checks kept": (((FIRST, "        assert x.dim() == 2 and x.shape[1] == 6, 'six'\n" + FIRST),), ((FIRST, "        assert x.dim() == 2 and x.shape[1] == 6, 'six'\n" + FIRST),), True),
    "flag frozen": ((("forward(self, x)", "forward(self, x, double=False)"), *_end("        return y * 2 if double else y\n")), (("forward(self, x)", "forward(self, x, double=False)"),), False),
    "number frozen": ((("forward(self, x)", "forward(self, x, scale=1.0)"), *_end("        return y * scale\n")), (("forward(self, x)", "forward(self, x, scale=1.0)"),), False),
    "count in an object dropped": ((_BOX, (FIRST, FIRST + "        BOX.count += 1\n")), (_BOX,), False),
    "tensor in an object of the model's dropped": ((_BOX, (INIT, INIT + "        self.box = Box()\n"), (FIRST, FIRST + "        self.box.last = h.detach()\n")), (_BOX, (INIT, INIT + "        self.box = Box()\n")), False),
    "time in an object": ((_BOX, (FIRST, FIRST + "        BOX.at = time.time()\n")), (_BOX, (FIRST, FIRST + "        BOX.at = time.time()\n")), True),
    "globals that answer any name": ((_ANSWERING, _IN), (_ANSWERING, _OUT), True),
    "globals that answer any name, last bits": ((_ANSWERING,), (_ANSWERING, (FIRST, FIRST.replace("self.fc1(x)", "self.fc1(x) * (1 + 3e-7)"))), False),
    "text on stderr lost": (((FIRST, FIRST + "        print('x', file=sys.stderr)\n"),), (), False),
    "warning from a line that moved": (((FIRST, FIRST + _WARNS),), ((FIRST, "        # moved\n" + FIRST + _WARNS.replace("; ", "\n        ")),), True),
    "warning with another text": (((FIRST, FIRST + _WARNS),), ((FIRST, FIRST + _WARNS.replace("wide", "narrow")),), False),
    "text on stderr kept": (((FIRST, FIRST + "        print('x', file=sys.stderr)\n"),), ((FIRST, FIRST + "        print('x', file=sys.stderr)\n"),), True),
    "tied weights untied": (((INIT, INIT + "        self.fc1b = nn.Linear(6, 8)\n        self.fc1b.weight = self.fc1.weight\n"), (FIRST, "        h = torch.relu(self.fc1(x) + self.fc1b(x))\n")), ((INIT, INIT + "        self.fc1b = nn.Linear(6, 8)\n        self.fc1b.weight = nn.Parameter(self.fc1.weight.detach().clone())\n"), (FIRST, "        h = torch.relu(self.fc1(x) + self.fc1b(x))\n")), False),
    "counter of the class dropped": (((INIT, INIT + "        type(self).count = 0\n"), (FIRST, FIRST + "        type(self).count += 1\n")), ((INIT, INIT + "        type(self).count = 0\n"),), False),
    "another message": (((FIRST, "        if bool(torch.isnan(x).any()):\n            raise ValueError('NaN')\n" + FIRST),), ((FIRST, "        if bool(torch.isnan(x).any()):\n            raise ValueError('nan!')\n" + FIRST),), False),
    "in-place with a broadcast": (((FIRST, FIRST + "        h += h.mean(0)\n"),), ((FIRST, FIRST + "        h = h + h.mean(0)\n"),), True),
    "in-place on a part": (((FIRST, FIRST + "        k = h[:, :4]\n        k += 1\n        h = torch.cat([k, h[:, 4:]], 1)\n"),), ((FIRST, FIRST + "        k = h[:, :4]\n        k = k + 1\n        h = torch.cat([k, h[:, 4:]], 1)\n"),), True),
    "view for reshape, transposed": (((FIRST, FIRST + "        h = h.t().reshape(-1, 8)\n"),), ((FIRST, FIRST + "        h = h.t().contiguous().view(-1, 8)\n"),), True),
    "namedtuple for a tuple": (_end("        return y, y * 2\n"), ((IMPORTED, "\n\nimport collections\nPoint = collections.namedtuple('Point', 'a b')" + IMPORTED), *_end("        return Point(y, y * 2)\n")), False),
}  # fmt: skip

PAIRS: list[Pair] = pairs("torch", BASE, FAULTS, SAME) + both("torch", BASE, BOTH)
