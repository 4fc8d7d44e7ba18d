EXPECT = "flag"
REASON = "an array with a gradient is trained, and a constant would stay what it was"

import numpy as onp
from mxnet import nd
from mxnet.gluon import nn


class Scale(nn.Block):
    def __init__(self):
        super().__init__()
        self.w = nd.ones((4,))
        self.w.attach_grad()

    def forward(self, x):
        return nd.broadcast_mul(x, self.w)


def make():
    return Scale()


def inputs():
    return (nd.array(onp.random.randn(2, 4)),)
