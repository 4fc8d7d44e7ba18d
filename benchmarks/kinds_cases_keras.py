# ruff: noqa: E501
"""Calls of the Keras classes of the ``d2l`` package (0.17.6, ``d2l/tensorflow.py``) for ``kinds_truth.py module``."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

STUBS = ("matplotlib", "matplotlib_inline", "IPython", "pandas", "requests")


def cases(d2l: Any) -> list[Callable[[], Any]]:
    """Thunks that build each class and call it."""
    import tensorflow as tf

    x3, lens = tf.random.uniform((2, 4, 8)), tf.constant([3, 2])
    image = tf.random.uniform((2, 6, 6, 3))
    ids = tf.constant([[1, 2, 3, 4], [4, 3, 2, 1]])

    def rnn_model() -> Any:
        cell = tf.keras.layers.SimpleRNNCell(8)
        layer = tf.keras.layers.RNN(cell, time_major=False, return_sequences=True, return_state=True)
        net = d2l.RNNModel(layer, vocab_size=10)
        return net(ids, cell.get_initial_state(batch_size=2, dtype=tf.float32))

    def scratch() -> Any:
        def params(vocab: int, hidden: int) -> Any:
            return [tf.Variable(tf.random.normal((vocab, hidden))), tf.Variable(tf.random.normal((hidden, vocab)))]

        def step(inputs: Any, held: Any, weights: Any) -> Any:
            return tf.matmul(tf.matmul(inputs[0], weights[0]), weights[1]), held

        net = d2l.RNNModelScratch(10, 8, lambda batch, hidden: (tf.zeros((batch, hidden)),), step, params)
        return net(ids, net.begin_state(2))

    def losses() -> Any:
        return d2l.MaskedSoftmaxCELoss(tf.constant([4, 2, 1]))(tf.ones((3, 4), dtype=tf.int32), tf.ones((3, 4, 10)))

    return [
        lambda: d2l.Residual(3)(image), lambda: d2l.Residual(6, use_1x1conv=True, strides=2)(image),
        lambda: d2l.AdditiveAttention(8, 8, 8, 0.1)(x3, x3, x3, lens, training=False),
        lambda: d2l.DotProductAttention(0.5)(x3, x3, x3, lens, training=False),
        lambda: d2l.MultiHeadAttention(8, 8, 8, 8, 2, 0.5)(x3, x3, x3, lens, training=False),
        lambda: d2l.PositionalEncoding(8, 0.1)(x3, training=False), lambda: d2l.PositionWiseFFN(16, 8)(x3),
        lambda: d2l.AddNorm([1, 2], 0.5)(x3, x3, training=False),
        lambda: d2l.EncoderBlock(8, 8, 8, 8, [1, 2], 16, 2, 0.5)(x3, lens, training=False),
        lambda: d2l.TransformerEncoder(20, 8, 8, 8, 8, [1, 2], 16, 2, 2, 0.5)(ids, lens, training=False),
        rnn_model, scratch, losses, lambda: d2l.Seq2SeqEncoder(10, 8, 8, 2)(ids), lambda: d2l.masked_softmax(x3, lens),
        lambda: d2l.sequence_mask(tf.ones((2, 3)), tf.constant([1, 2])), lambda: d2l.transpose_qkv(x3, 2),
        lambda: d2l.transpose_output(x3, 2), lambda: d2l.linreg(tf.ones((2, 3)), tf.ones((3, 1)), 0.0),
        lambda: d2l.squared_loss(tf.ones(3), tf.zeros(3)), lambda: d2l.corr2d(tf.ones((4, 4)), tf.ones((2, 2))),
        lambda: d2l.accuracy(tf.ones((2, 4)), tf.constant([0, 1])), lambda: d2l.grad_clipping([tf.ones(3), tf.ones(2)], 1),
        lambda: d2l.bleu("a b c", "a b c", 2),
    ]  # fmt: skip
