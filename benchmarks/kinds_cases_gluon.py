# ruff: noqa: E501
"""Calls of the Gluon classes of the ``d2l`` package (0.17.6, ``d2l/mxnet.py``) for ``kinds_truth.py module``."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

STUBS = ("matplotlib", "matplotlib_inline", "IPython", "pandas", "requests")


def cases(d2l: Any) -> list[Callable[[], Any]]:
    """Thunks that build each class and call it."""
    from mxnet import init, np, npx
    from mxnet.gluon import nn, rnn

    npx.set_np()
    x3, lens = np.random.uniform(size=(2, 4, 8)), np.array([3, 2])
    image = np.random.uniform(size=(2, 3, 6, 6))
    ids = np.array([[1, 2, 3, 4], [4, 3, 2, 1]])

    def made(net: Any) -> Any:
        net.initialize()
        return net

    def dot() -> Any:
        attention = made(d2l.DotProductAttention(0.5))
        return attention(x3, x3, x3, lens), attention(x3, x3, x3)

    def rnn_model() -> Any:
        layer = rnn.RNN(8)
        net = made(d2l.RNNModel(layer, 10))
        return net(ids, net.begin_state(batch_size=2, ctx=npx.cpu()))

    def seq2seq() -> Any:
        encoder = made(d2l.Seq2SeqEncoder(10, 8, 8, 2))
        return encoder(ids)

    def bert() -> Any:
        net = made(d2l.BERTModel(20, 8, 16, 2, 2, 0.1, max_len=16))
        return net(ids, np.zeros_like(ids), lens, np.array([[1, 2], [0, 1]])), net(ids, np.zeros_like(ids))

    def scratch() -> Any:
        net = d2l.RNNModelScratch(10, 8, npx.cpu(), params, state, step)
        return net(ids, net.begin_state(2, npx.cpu()))

    def params(vocab: int, hidden: int, device: Any) -> Any:
        return [np.random.normal(size=(vocab, hidden)), np.random.normal(size=(hidden, vocab))]

    def state(batch: int, hidden: int, device: Any) -> Any:
        return (np.zeros((batch, hidden)),)

    def step(inputs: Any, held: Any, weights: Any) -> Any:
        return np.dot(np.dot(inputs[0], weights[0]), weights[1]), held

    def losses() -> Any:
        first = d2l.MaskedSoftmaxCELoss()(np.ones((3, 4, 10)), np.ones((3, 4)), np.array([4, 2, 0]))
        return first, d2l.BPRLoss()(x3, x3), d2l.HingeLossbRec()(x3, x3)

    def trained() -> Any:
        net = nn.Sequential()
        net.add(nn.Dense(3))
        net.initialize(init.Normal(sigma=0.01))
        return d2l.corr2d(np.ones((4, 4)), np.ones((2, 2))), d2l.accuracy(net(np.ones((2, 4))), np.array([0, 1]))

    def boxes() -> Any:
        one = np.array([[0.1, 0.1, 0.5, 0.5], [0.2, 0.2, 0.6, 0.6]])
        return (d2l.box_corner_to_center(one), d2l.box_center_to_corner(one), d2l.box_iou(one, one),
                d2l.multibox_prior(image, [0.75, 0.5], [1, 2]), d2l.offset_boxes(one, one))  # fmt: skip

    return [
        lambda: made(d2l.Residual(3))(image), lambda: made(d2l.Residual(6, use_1x1conv=True, strides=2))(image),
        lambda: made(d2l.resnet18(10))(np.random.uniform(size=(1, 1, 32, 32))),
        lambda: made(d2l.AdditiveAttention(8, 0.1))(x3, x3, x3, lens), dot,
        lambda: made(d2l.MultiHeadAttention(8, 2, 0.5))(x3, x3, x3, lens), lambda: made(d2l.PositionalEncoding(8, 0.1))(x3),
        lambda: made(d2l.PositionWiseFFN(16, 8))(x3), lambda: made(d2l.AddNorm(0.5))(x3, x3),
        lambda: made(d2l.EncoderBlock(8, 16, 2, 0.5))(x3, lens),
        lambda: made(d2l.TransformerEncoder(20, 8, 16, 2, 2, 0.5))(ids, lens), rnn_model, seq2seq, bert, scratch, losses, trained, boxes,
        lambda: made(d2l.MaskLM(20, 8))(x3, np.array([[1, 2], [0, 1]])), lambda: made(d2l.NextSentencePred())(x3),
        lambda: made(d2l.BERTEncoder(20, 8, 16, 2, 2, 0.1))(ids, np.zeros_like(ids), lens),
        lambda: d2l.masked_softmax(x3, lens), lambda: d2l.transpose_qkv(x3, 2), lambda: d2l.transpose_output(x3, 2),
        lambda: d2l.linreg(np.ones((2, 3)), np.ones((3, 1)), 0), lambda: d2l.squared_loss(np.ones(3), np.zeros(3)),
        lambda: d2l.grad_clipping([], 1), lambda: d2l.bleu("a b c", "a b c", 2),
    ]  # fmt: skip
