EXPECT = "convert"
REASON = "functions of the file that only hand on to a method of an array"

import numpy as onp
from mxnet import nd
from mxnet.gluon import nn

turned = lambda a: a.T
mean = lambda x, *args, **kwargs: x.mean(*args, **kwargs)
flat = lambda x, *args: x.reshape(*args)


class Net(nn.Block):
    def forward(self, x):
        y = flat(x, (x.shape[0], -1))
        return nd.broadcast_sub(nd.dot(y, turned(y)), mean(y, axis=1, keepdims=True))


def make():
    return Net()


def inputs():
    return (nd.array(onp.random.randn(*(2, 3, 4)), dtype="float32"),)


def other():
    return (nd.array(onp.random.randn(*(5, 3, 4)), dtype="float32"),)
