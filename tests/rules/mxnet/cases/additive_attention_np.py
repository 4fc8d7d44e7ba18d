EXPECT = "convert"

import numpy as onp
from mxnet import np, npx
from mxnet.gluon import nn

npx.set_np()


class Additive(nn.Block):
    def __init__(self, units, **kwargs):
        super().__init__(**kwargs)
        self.W_q = nn.Dense(units, use_bias=False, flatten=False)
        self.W_k = nn.Dense(units, use_bias=False, flatten=False)
        self.w_v = nn.Dense(1, use_bias=False, flatten=False)

    def forward(self, queries, keys, values):
        queries, keys = self.W_q(queries), self.W_k(keys)
        features = np.expand_dims(queries, axis=2) + np.expand_dims(keys, axis=1)
        features = np.tanh(features)
        scores = np.squeeze(self.w_v(features), axis=-1)
        return npx.batch_dot(npx.softmax(scores), values)


def make():
    return Additive(6)


def inputs():
    return (
        np.array(onp.random.randn(*(2, 3, 4)), dtype="float32"),
        np.array(onp.random.randn(*(2, 5, 4)), dtype="float32"),
        np.array(onp.random.randn(*(2, 5, 4)), dtype="float32"),
    )


def other():
    return (
        np.array(onp.random.randn(*(3, 3, 4)), dtype="float32"),
        np.array(onp.random.randn(*(3, 5, 4)), dtype="float32"),
        np.array(onp.random.randn(*(3, 5, 4)), dtype="float32"),
    )
