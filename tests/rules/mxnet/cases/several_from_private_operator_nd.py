EXPECT = "convert"
import numpy as onp
from mxnet import nd
from mxnet.gluon import nn


class Net(nn.Block):
    def forward(self, x):
        draw = nd._internal._sample_unique_zipfian
        classes, tries = draw(50, shape=(1, 6))
        return classes.reshape((-1,)), nd.broadcast_mul(x, tries.astype("float32"))


def make():
    return Net()


def inputs():
    return (nd.array(onp.random.randn(3, 4), dtype="float32"),)


def other():
    return (nd.array(onp.random.randn(2, 4), dtype="float32"),)
