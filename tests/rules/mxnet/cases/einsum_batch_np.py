EXPECT = "convert"

import numpy as onp
from mxnet import np, npx
from mxnet.gluon import nn

npx.set_np()


class Net(nn.Block):
    def forward(self, x, y):
        z = np.concatenate([x, y], axis=-1)
        a, b = np.split(z, 2, axis=-1)
        return np.maximum(a, b) - np.minimum(a, b) + np.clip(z, -1, 1).mean(), z.swapaxes(0, 1)


def make():
    return Net()


def inputs():
    return (
        np.array(onp.random.randn(*(2, 3)), dtype="float32"),
        np.array(onp.random.randn(*(2, 3)), dtype="float32"),
    )


def other():
    return (
        np.array(onp.random.randn(*(4, 3)), dtype="float32"),
        np.array(onp.random.randn(*(4, 3)), dtype="float32"),
    )
