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


class RNNCellScratch(nn.Block):
    def __init__(self, nin, nh, **kw):
        super().__init__(**kw)
        self.W_xh = self.params.get("W_xh", shape=(nin, nh))
        self.W_hh = self.params.get("W_hh", shape=(nh, nh))
        self.b_h = self.params.get("b_h", shape=(nh,), init=mx.init.Zero())
        self.steps = 3

    def step(self, x, h, W_xh, W_hh, b_h):
        return np.tanh(np.dot(x, W_xh) + np.dot(h, W_hh) + b_h)

    def forward(self, x, h):
        outs = []
        for t in range(self.steps):
            h = self.step(x[t], h, self.W_xh.data(), self.W_hh.data(), self.b_h.data())
            outs.append(h)
        return np.stack(outs, axis=0), h


def make():
    return RNNCellScratch(4, 5)


def inputs():
    return (
        n(3, 2, 4),
        n(2, 5),
    )


def other():
    return (
        n(3, 4, 4),
        n(4, 5),
    )
