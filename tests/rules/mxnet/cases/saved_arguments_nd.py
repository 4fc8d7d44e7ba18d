EXPECT = "convert"
REASON = "the arguments of the constructor become attributes by way of its frame"

import inspect

import numpy as onp
from mxnet import nd
from mxnet.gluon import nn


class Saved:
    def keep(self, ignore=()):
        frame = inspect.currentframe().f_back
        _, _, _, names = inspect.getargvalues(frame)
        self.kept = {k: v for k, v in names.items() if k not in {*ignore, "self"} and not k.startswith("_")}
        for k, v in self.kept.items():
            setattr(self, k, v)


class Net(nn.Block, Saved):
    def __init__(self, units=3, rate=0.5, **kwargs):
        super().__init__(**kwargs)
        self.keep()
        self.fc = nn.Dense(units)

    def forward(self, x):
        return self.fc(x) * self.rate + self.units


def make():
    return Net()


def inputs():
    return (nd.array(onp.random.randn(*(2, 3, 4)), dtype="float32"),)


def other():
    return (nd.array(onp.random.randn(*(5, 3, 4)), dtype="float32"),)
