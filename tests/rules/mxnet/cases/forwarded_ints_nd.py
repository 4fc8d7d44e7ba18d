EXPECT = "flag"
REASON = "a reshape that is handed single numbers is another one as an operator"

import numpy as onp
from mxnet import nd
from mxnet.gluon import nn

flat = lambda x, *args: x.reshape(*args)
doubled = lambda x: x.sum() * 2


class Net(nn.Block):
    def forward(self, x):
        return flat(x, -1, 4) + doubled(x)


def make():
    return Net()


def inputs():
    return (nd.array(onp.random.randn(*(2, 3, 4)), dtype="float32"),)


def other():
    return (nd.array(onp.random.randn(*(5, 3, 4)), dtype="float32"),)
