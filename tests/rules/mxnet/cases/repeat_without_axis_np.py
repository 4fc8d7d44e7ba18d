EXPECT = "convert"

import numpy as onp
from mxnet import np, npx
from mxnet.gluon import nn

npx.set_np()


class Spread(nn.Block):
    def forward(self, x, y):
        return x.repeat(y.shape[1]) * 2


def make():
    return Spread()


def inputs():
    return tuple(np.array(onp.random.randn(*shape), dtype="float32") for shape in ((2, 3), (4, 5)))


def other():
    return tuple(np.array(onp.random.randn(*shape), dtype="float32") for shape in ((3, 2), (1, 7)))
