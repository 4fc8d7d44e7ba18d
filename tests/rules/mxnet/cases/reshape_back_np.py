EXPECT = "convert"
import numpy as onp
from mxnet import np, npx
from mxnet.gluon import nn

npx.set_np()


def rows(x):
    shape = x.shape
    x = x.reshape(-1, shape[-1])
    x = x - x.mean(axis=1, keepdims=True)
    return x.reshape(shape)


class Net(nn.Block):
    def forward(self, x, y):
        flat = np.tanh(x * 2).reshape(-1)
        return rows(x) + rows(y), flat.reshape(x.shape)


def make():
    return Net()


def inputs():
    return (np.array(onp.random.randn(2,3,4), dtype='float32'), np.array(onp.random.randn(2,3,4), dtype='float32'),)


def other():
    return (np.array(onp.random.randn(3,3,4), dtype='float32'), np.array(onp.random.randn(3,3,4), dtype='float32'),)
