EXPECT = "convert"

import numpy as onp
from mxnet import np, npx
from mxnet.gluon import nn, rnn

npx.set_np()


class Recurrent(nn.Block):
    def __init__(self, hidden):
        super().__init__()
        self.hidden = hidden

    def forward(self, inputs):
        raise NotImplementedError


class RNN(Recurrent):
    def __init__(self, hidden):
        super().__init__(hidden)
        self.rnn = rnn.RNN(hidden)

    def forward(self, inputs, H=None):
        if H is None:
            H, = self.rnn.begin_state(inputs.shape[1], ctx=inputs.ctx)
        outputs, (H,) = self.rnn(inputs, (H,))
        return outputs, H


class GRU(RNN):
    def __init__(self, hidden, layers):
        Recurrent.__init__(self, hidden)
        self.rnn = rnn.GRU(hidden, layers)


class Net(nn.Block):
    def __init__(self):
        super().__init__()
        self.one = RNN(5)
        self.two = GRU(4, 2)

    def forward(self, x):
        h, _ = self.one(x)
        return self.two(h)


def make():
    return Net()


def inputs():
    return (np.array(onp.random.randn(5, 2, 3), dtype="float32"),)


def other():
    return (np.array(onp.random.randn(6, 4, 3), dtype="float32"),)
