EXPECT = "convert"
import numpy as onp
from mxnet import nd
from mxnet.gluon import nn


class Net(nn.Block):
    def forward(self, x):
        a, b = nd.split(x, num_outputs=2, axis=1)
        c = nd.array(a * 2, ctx=x.context, dtype="float64")
        d = nd.array(b)
        d += 1
        whole = nd.array(nd.round(x), dtype=onp.int32)
        return c, d, b, whole.astype("float32") * nd.array(x.as_in_context(x.context))


def make():
    return Net()


def inputs():
    return (nd.array(onp.random.randn(3, 4), dtype="float32"),)


def other():
    return (nd.array(onp.random.randn(2, 4), dtype="float32"),)
