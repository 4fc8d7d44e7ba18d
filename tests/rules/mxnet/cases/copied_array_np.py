EXPECT = "convert"
import numpy as onp
from mxnet import np, npx
from mxnet.gluon import nn

npx.set_np()


class Net(nn.Block):
    def forward(self, x):
        a, b = np.split(x, 2, axis=1)
        c = np.array(a * 2, ctx=x.ctx, dtype="float64")
        d = np.array(b)
        d += 1
        whole = np.array(np.rint(x), dtype=onp.int32)
        return c, d, b, whole.astype("float32") * np.array(np.tanh(x))


def make():
    return Net()


def inputs():
    return (np.array(onp.random.randn(3, 4), dtype="float32"),)


def other():
    return (np.array(onp.random.randn(2, 4), dtype="float32"),)
