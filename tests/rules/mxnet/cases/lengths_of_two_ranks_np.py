EXPECT = "flag"
REASON = "a branch on the rank of an array"
import numpy as onp
from mxnet import np, npx
from mxnet.gluon import nn

npx.set_np()


def masked(x, lengths):
    shape = x.shape
    if lengths.ndim == 1:
        lengths = lengths.repeat(shape[1])
    else:
        lengths = lengths.reshape(-1)
    x = npx.sequence_mask(x.reshape(-1, shape[-1]), lengths, True, value=-1e6, axis=1)
    return npx.softmax(x).reshape(shape)


class Net(nn.Block):
    def forward(self, x, lengths):
        return masked(x, lengths)


def make():
    return Net()


def inputs():
    return (np.array(onp.random.randn(2,3,4), dtype='float32'), np.array(onp.random.randint(1, 4, (2,)), dtype='float32'),)


def other():
    return (np.array(onp.random.randn(3,3,4), dtype='float32'), np.array(onp.random.randint(1, 4, (3,)), dtype='float32'),)
