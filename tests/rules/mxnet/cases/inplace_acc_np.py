EXPECT = "convert"
import math
import numpy as onp
import mxnet as mx
from mxnet import autograd, gluon
from mxnet.gluon import nn, rnn
from mxnet import np, npx

npx.set_np()


def n(*s):
    return np.array(onp.random.randn(*s), dtype="float32")


def i(h, *s):
    return np.array(onp.random.randint(0, h, s), dtype="float32")


class Net(nn.Block):
    def __init__(self, **kw):
        super().__init__(**kw)
        self.layers = nn.Sequential()
        for _ in range(3):
            self.layers.add(nn.Dense(4))

    def forward(self, x):
        out = np.zeros((x.shape[0], 4))
        for l in self.layers:
            out += l(x)
        return out / len(self.layers)


def make():
    return Net()


def inputs():
    return (n(2, 5),)


def other():
    return (n(4, 5),)
