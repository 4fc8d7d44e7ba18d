EXPECT = "convert"

import numpy as onp
from mxnet import nd
from mxnet.gluon import nn


class Attention(nn.Block):
    def __init__(self, units, heads, **kwargs):
        super().__init__(**kwargs)
        self._heads = heads
        self.qkv = nn.Dense(3 * units, flatten=False)
        self.proj = nn.Dense(units, flatten=False)

    def forward(self, x):
        b, t, d = x.shape
        q, k, v = nd.split(self.qkv(x), num_outputs=3, axis=2)
        q = q.reshape((b, t, self._heads, -1)).transpose((0, 2, 1, 3)).reshape((b * self._heads, t, -1))
        k = k.reshape((b, t, self._heads, -1)).transpose((0, 2, 1, 3)).reshape((b * self._heads, t, -1))
        v = v.reshape((b, t, self._heads, -1)).transpose((0, 2, 1, 3)).reshape((b * self._heads, t, -1))
        scores = nd.batch_dot(q, k, transpose_b=True) / ((d // self._heads) ** 0.5)
        out = nd.batch_dot(nd.softmax(scores, axis=-1), v)
        out = out.reshape((b, self._heads, t, -1)).transpose((0, 2, 1, 3)).reshape((b, t, -1))
        return self.proj(out)


def make():
    return Attention(8, 2)


def inputs():
    return (nd.array(onp.random.randn(*(2, 3, 4)), dtype="float32"),)


def other():
    return (nd.array(onp.random.randn(*(5, 3, 4)), dtype="float32"),)
