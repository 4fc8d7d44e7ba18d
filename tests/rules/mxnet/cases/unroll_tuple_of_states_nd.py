EXPECT = "convert"
import numpy as onp
from mxnet import nd
from mxnet.gluon import nn, rnn


class Inner(nn.Block):
    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.cell = rnn.GRUCell(5)

    def forward(self, x, states):
        out, states = self.cell.unroll(length=x.shape[1], inputs=x, begin_state=states, merge_outputs=True)
        return nd.tanh(out), states


class Net(nn.Block):
    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.inner = Inner()

    def forward(self, x, state):
        out, states = self.inner(x * 2, (state,))
        again, states = self.inner(nd.relu(out), states)
        return again, states[0]


def make():
    return Net()


def inputs():
    return (nd.array(onp.random.randn(3, 4, 5), dtype="float32"), nd.array(onp.random.randn(3, 5), dtype="float32"))


def other():
    return (nd.array(onp.random.randn(2, 6, 5), dtype="float32"), nd.array(onp.random.randn(2, 5), dtype="float32"))
