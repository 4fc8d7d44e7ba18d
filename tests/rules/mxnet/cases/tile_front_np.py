EXPECT = "convert"
import numpy as onp
from mxnet import np, npx
from mxnet.gluon import nn, rnn

npx.set_np()


class Net(nn.Block):
    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.rnn = rnn.GRU(4)

    def forward(self, x, state):
        context = np.tile(state[0][0], (x.shape[0], 1, 1))
        out, state = self.rnn(np.concatenate((x, context), -1), state)
        return out, state


def make():
    return Net()


def inputs():
    return (np.array(onp.random.randn(5,2,3), dtype='float32'), [np.array(onp.random.randn(1,2,4), dtype='float32')],)


def other():
    return (np.array(onp.random.randn(5,3,3), dtype='float32'), [np.array(onp.random.randn(1,3,4), dtype='float32')],)
