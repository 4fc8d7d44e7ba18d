EXPECT = "convert"
import math
import numpy as onp
import mxnet as mx
from mxnet import autograd, gluon
from mxnet.gluon import nn, rnn
from mxnet import nd


def n(*s):
    return nd.array(onp.random.randn(*s), dtype="float32")


def i(h, *s):
    return nd.array(onp.random.randint(0, h, s), dtype="float32")


class MH(nn.Block):
    def __init__(self, units, heads, **kw):
        super().__init__(**kw)
        self._h = heads
        self._units = units
        with self.name_scope():
            self.q = nn.Dense(units, flatten=False)
            self.k = nn.Dense(units, flatten=False)
            self.v = nn.Dense(units, flatten=False)

    def _split(self, x):
        b, t, c = x.shape
        return x.reshape((b, t, self._h, c // self._h)).transpose((0, 2, 1, 3)).reshape((b * self._h, t, c // self._h))

    def forward(self, x, mem):
        q, k, v = self._split(self.q(x)), self._split(self.k(mem)), self._split(self.v(mem))
        s = nd.batch_dot(q, k, transpose_b=True) / math.sqrt(self._units // self._h)
        a = nd.softmax(s, axis=-1)
        o = nd.batch_dot(a, v)
        o = o.reshape((-1, self._h, o.shape[1], o.shape[2])).transpose((0, 2, 1, 3))
        return o.reshape((o.shape[0], o.shape[1], -1))


def make():
    return MH(8, 2)


def inputs():
    return (
        n(2, 3, 5),
        n(2, 4, 5),
    )


def other():
    return (
        n(4, 3, 5),
        n(4, 4, 5),
    )
