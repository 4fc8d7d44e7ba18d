EXPECT = "convert"

import numpy as onp
from mxnet import np, npx
from mxnet.gluon import nn

npx.set_np()


class LayerNorm(nn.Block):
    def __init__(self, units, eps=1e-5, **kwargs):
        super().__init__(**kwargs)
        self.eps = eps
        self.gamma = self.params.get("gamma", shape=(units,), init="ones")
        self.beta = self.params.get("beta", shape=(units,), init="zeros")

    def forward(self, x):
        gamma, beta = self.gamma.data(), self.beta.data()
        mean = x.mean(axis=-1, keepdims=True)
        var = np.square(x - mean).mean(axis=-1, keepdims=True)
        return (x - mean) / np.sqrt(var + self.eps) * gamma + beta


def make():
    return LayerNorm(4)


def inputs():
    return (np.array(onp.random.randn(*(2, 3, 4)), dtype="float32"),)


def other():
    return (np.array(onp.random.randn(*(5, 3, 4)), dtype="float32"),)
