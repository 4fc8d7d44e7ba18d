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


class GLU(nn.Block):
    def __init__(self, n, **kw):
        super().__init__(**kw)
        self.fc = nn.Dense(2 * n, flatten=False)

    def forward(self, x):
        a, b = np.split(self.fc(x), 2, axis=-1)
        y = a * npx.sigmoid(b)
        return y[:, -1], y.max(axis=1)


def make():
    return GLU(3)


def inputs():
    return (n(2, 4, 5),)


def other():
    return (n(4, 4, 5),)
