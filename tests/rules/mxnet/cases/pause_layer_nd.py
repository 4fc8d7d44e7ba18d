EXPECT = "flag"
REASON = "dropout under pause() is that of prediction"

import numpy as onp
from mxnet import autograd, nd
from mxnet.gluon import nn


class Net(nn.Block):
    def __init__(self):
        super().__init__()
        self.dense = nn.Dense(4, flatten=False)

    def forward(self, x):
        h = self.dense(x)
        with autograd.pause():
            target = nd.Dropout(h, p=0.5)
        return nd.square(h - target)


def make():
    return Net()


def inputs():
    return (nd.array(onp.random.randn(2, 3, 4)),)


def other():
    return (nd.array(onp.random.randn(5, 2, 4)),)
