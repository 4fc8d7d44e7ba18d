EXPECT = "flag"
REASON = "what the array is handed to may write into it"

import numpy as onp
from mxnet import nd
from mxnet.gluon import nn


class Descent:
    def __init__(self, arrays):
        self.arrays = arrays

    def step(self):
        for array in self.arrays:
            array[:] = array * 0.5


class Scale(nn.Block):
    def __init__(self):
        super().__init__()
        self.w = nd.ones((4,))

    def forward(self, x):
        return nd.broadcast_mul(x, self.w)

    def descent(self):
        return Descent([self.w])


def make():
    net = Scale()
    net.descent().step()
    return net


def inputs():
    return (nd.array(onp.random.randn(2, 4)),)
