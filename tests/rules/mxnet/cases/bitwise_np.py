EXPECT = "convert"

import numpy as onp
from mxnet import np, npx
from mxnet.gluon import nn

npx.set_np()


class Net(nn.Block):
    def forward(self, x):
        inside = (x > -0.5) & (x < 0.5) | (x > 1)
        odd = (x * 4).astype("int32") & 1
        rest = (~inside).any(axis=1)
        scores = x @ x.swapaxes(1, 2)
        return np.where(inside ^ (x > 0), x, np.zeros_like(x)) * odd, rest.astype("float32"), scores


def make():
    return Net()


def inputs():
    return (np.array(onp.random.randn(*(2, 3, 4)), dtype="float32"),)


def other():
    return (np.array(onp.random.randn(*(5, 3, 4)), dtype="float32"),)
