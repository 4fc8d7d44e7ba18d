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


class Highway(nn.Block):
    def __init__(self, n, layers=2, **kw):
        super().__init__(**kw)
        self.n = n
        with self.name_scope():
            self.hnet = nn.Sequential()
            with self.hnet.name_scope():
                for _ in range(layers):
                    self.hnet.add(nn.Dense(2 * n, flatten=False))

    def forward(self, x):
        cur = x
        for layer in self.hnet:
            p = layer(cur)
            t, g = p.split(axis=-1, num_outputs=2)
            t = nd.relu(t)
            g = g.sigmoid()
            cur = (1 - g) * cur + g * t
        return cur


def make():
    return Highway(4)


def inputs():
    return (n(2, 4),)


def other():
    return (n(4, 4),)
