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
        steps = x.swapaxes(0, 1)
        context = state[0][-1]
        context = np.broadcast_to(context, (steps.shape[0], context.shape[0], context.shape[1]))
        out, state = self.rnn(np.concatenate((steps, context), 2), state)
        return out.swapaxes(0, 1), state


def make():
    return Net()


def inputs():
    return (np.array(onp.random.randn(2,5,3), dtype='float32'), [np.array(onp.random.randn(1,2,4), dtype='float32')],)


def other():
    return (np.array(onp.random.randn(3,5,3), dtype='float32'), [np.array(onp.random.randn(1,3,4), dtype='float32')],)
