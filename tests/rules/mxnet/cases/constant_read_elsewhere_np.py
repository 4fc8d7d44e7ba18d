EXPECT = "convert"
import numpy as onp
from mxnet import np, npx
from mxnet.gluon import nn

npx.set_np()


class Positions(nn.Block):
    def __init__(self, units, max_len=100):
        super().__init__()
        self.dropout = nn.Dropout(0)
        self.P = np.zeros((1, max_len, units))
        x = np.arange(max_len).reshape(-1, 1) / np.power(100, np.arange(0, units, 2) / units)
        self.P[:, :, 0::2] = np.sin(x)
        self.P[:, :, 1::2] = np.cos(x)

    def forward(self, x):
        return self.dropout(x + self.P[:, : x.shape[1], :].as_in_ctx(x.ctx))


def table(length):
    net = Positions(4)
    rows = net.P[:, :length, :]
    print(rows)


def make():
    return Positions(6)


def inputs():
    return (np.array(onp.random.randn(2,5,6), dtype='float32'),)


def other():
    return (np.array(onp.random.randn(3,5,6), dtype='float32'),)
