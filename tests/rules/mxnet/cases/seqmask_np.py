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


class M(nn.Block):
    def __init__(self, **kw):
        super().__init__(**kw)
        self.d = nn.Dense(4, flatten=False)

    def forward(self, x, valid):
        h = npx.sequence_mask(self.d(x).swapaxes(0, 1), valid, True, value=-1e6)
        return npx.softmax(h, axis=0).swapaxes(0, 1)


def make():
    return M()


def inputs():
    return (
        n(2, 5, 4),
        i(5, 2),
    )


def other():
    return (
        n(4, 5, 4),
        i(5, 4),
    )
