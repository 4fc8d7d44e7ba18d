EXPECT = "convert"

from mxnet import gluon

import numpy as onp
from mxnet import nd
from mxnet.gluon import nn


class HuberLoss(gluon.loss.Loss):
    def __init__(self, rho=1.0, weight=None, batch_axis=0, **kwargs):
        super().__init__(weight, batch_axis, **kwargs)
        self._rho = rho

    def forward(self, pred, label):
        loss = nd.abs(label - pred)
        loss = nd.where(loss > self._rho, loss - 0.5 * self._rho, (0.5 / self._rho) * nd.square(loss))
        return nd.mean(loss, axis=self._batch_axis, exclude=True)


def make():
    return HuberLoss()


def inputs():
    return (
        nd.array(onp.random.randn(*(2, 3)), dtype="float32"),
        nd.array(onp.random.randn(*(2, 3)), dtype="float32"),
    )


def other():
    return (
        nd.array(onp.random.randn(*(4, 3)), dtype="float32"),
        nd.array(onp.random.randn(*(4, 3)), dtype="float32"),
    )
