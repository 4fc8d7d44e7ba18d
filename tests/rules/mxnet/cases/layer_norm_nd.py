EXPECT = "convert"

import numpy as onp
from mxnet import nd
from mxnet.gluon import nn


class LayerNorm(nn.Block):
    def __init__(self, units, eps=1e-5, **kwargs):
        super().__init__(**kwargs)
        self.eps = eps
        with self.name_scope():
            self.gamma = self.params.get("gamma", shape=(units,), init="ones")
            self.beta = self.params.get("beta", shape=(units,), init="zeros")

    def forward(self, x):
        mean = x.mean(axis=-1, keepdims=True)
        var = ((x - mean) ** 2).mean(axis=-1, keepdims=True)
        normed = (x - mean) / nd.sqrt(var + self.eps)
        return normed * self.gamma.data() + self.beta.data()


def make():
    return LayerNorm(4)


def inputs():
    return (nd.array(onp.random.randn(*(2, 3, 4)), dtype="float32"),)


def other():
    return (nd.array(onp.random.randn(*(5, 3, 4)), dtype="float32"),)
