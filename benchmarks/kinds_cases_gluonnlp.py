# ruff: noqa: E501
"""Calls of the classes of gluonnlp (0.10.0) for ``kinds_truth.py package``."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

FILES = ("model/*.py", "model/train/*.py", "loss/*.py")
NOT_FILES = ("*/__init__.py", "*/info.py")
STUBS = ("matplotlib", "cv2", "PIL", "pandas", "requests", "gluonnlp.data.fast_bert_tokenizer")
HIDDEN = ("torch",)


def cases(nlp: Any) -> list[Callable[[], Any]]:
    """Thunks that build each class and call it."""
    import mxnet as mx
    from mxnet import nd

    model: Any = nlp.model
    train: Any = sys.modules["gluonnlp.model.train"]
    attention: Any = sys.modules["gluonnlp.model.attention_cell"]
    bert: Any = sys.modules["gluonnlp.model.bert"]
    transformer: Any = sys.modules["gluonnlp.model.transformer"]
    sampler: Any = sys.modules["gluonnlp.model.sequence_sampler"]
    x = nd.random.uniform(shape=(2, 4, 8))
    steps = x.swapaxes(0, 1)
    ids, lens, mask = nd.array([[1, 2, 3, 4], [4, 3, 2, 1]]), nd.array([3, 2]), nd.ones((2, 4, 4))
    words = nd.array([[1, 2], [3, 4], [4, 1], [2, 2]])

    def made(net: Any, *init: Any) -> Any:
        net.initialize(*init)
        return net

    def many(net: Any) -> Any:
        base = attention.DotProductAttentionCell(scaled=True)
        return made(net(base, query_units=8, key_units=8, value_units=8, num_heads=2))

    def bert_model(cls: Any, **more: Any) -> Any:
        encoder = bert.BERTEncoder(num_layers=2, units=8, hidden_size=16, max_length=8, num_heads=2)
        return made(cls(encoder, vocab_size=20, units=8, embed_size=8, **more))

    def bert_out() -> Any:
        net = bert_model(bert.BERTModel, token_type_vocab_size=2)
        full = net(ids, nd.zeros_like(ids), lens, nd.array([[1, 2], [0, 1]]))
        return full

    def classify() -> Any:
        inner = bert_model(bert.BERTModel, token_type_vocab_size=2, use_decoder=False, use_classifier=False)
        net = made(bert.BERTClassifier(inner, num_classes=3, dropout=0.1))
        return net(ids, nd.zeros_like(ids), lens)

    def roberta() -> Any:
        net = made(bert.RoBERTaClassifier(bert_model(bert.RoBERTaModel, use_decoder=False), num_classes=2))
        return net(ids, lens), bert_model(bert.RoBERTaModel)(ids, lens, nd.array([[1, 2], [0, 1]]))

    def encode(**more: Any) -> Any:
        net = transformer.TransformerEncoder(num_layers=2, units=8, hidden_size=16, max_length=8, num_heads=2, **more)
        return made(net)(x, None, lens)

    def decode() -> Any:
        encoder, decoder, one = transformer.get_transformer_encoder_decoder(
            num_layers=2, num_heads=2, units=8, hidden_size=16, max_src_length=8, max_tgt_length=8
        )
        vocab = nlp.Vocab(nlp.data.count_tokens(list("abcdef")))
        net = made(
            sys.modules["gluonnlp.model.translation"].NMTModel(
                vocab, vocab, encoder, decoder, one, embed_size=8, share_embed=True, tie_weights=True
            )
        )
        full = net(ids, ids, lens, lens)
        states = net.decoder.init_state_from_encoder(net.encode(ids, valid_length=lens)[0], lens)
        return full, net.decode_step(nd.array([1, 2]), states)

    def language(cls: Any, *args: Any, **kwargs: Any) -> Any:
        net = made(cls(*args, **kwargs), mx.init.Xavier())
        begin = net.begin_state(func=nd.zeros, batch_size=2)
        with mx.autograd.record():
            out = net(words, begin)
        return out, net(words)

    def big() -> Any:
        net = made(model.BigRNN(20, 8, 8, 1, 8))
        return net(words, net.begin_state(batch_size=2))

    def big_train() -> Any:
        net = made(train.BigRNN(20, 8, 8, 1, 8, 4, sparse_weight=False, sparse_grad=False))
        sampled = (nd.array([1, 2, 3, 4]), nd.ones(4), nd.ones((4, 2)))
        return net(words, words, net.begin_state(batch_size=2), sampled)

    def sampled(cls: Any) -> Any:
        net = made(cls(20, 4, 8, sparse_grad=False))
        return net(nd.ones((2, 8)), (nd.array([1, 2, 3, 4]), nd.ones(4), nd.ones((2, 1))), nd.array([1, 2]))

    def bilm(mode: str) -> Any:
        net = made(model.BiLMEncoder(mode, 2, 8, 8, 0.1, proj_size=8, cell_clip=3, proj_clip=3))
        begin = net.begin_state(nd.zeros, batch_size=2)
        return net(steps, begin, nd.ones((2, 4)))

    def elmo() -> Any:
        net = made(model.ELMoBiLM("lstmpc", 8, [[1, 4], [2, 4]], 4, 30, 1, "relu", 5, 8, 8, 8, 2, 3, 3))
        begin = net.begin_state(mx.nd.zeros, batch_size=2)
        return net(nd.ones((2, 4, 5)), begin, nd.ones((2, 4)))

    def search() -> Any:
        class Decoder(mx.gluon.Block):  # type: ignore[misc]
            def state_info(self, *_args: Any, **_kwargs: Any) -> Any:
                return [{"shape": (0, 4), "__layout__": "NC"}]

            def forward(self, step: Any, states: Any) -> Any:
                return nd.random.uniform(shape=(step.shape[0], 6)), states

        beam = sampler.BeamSearchSampler(2, Decoder(), eos_id=3, scorer=made(sampler.BeamSearchScorer()), max_length=4)
        drawn = sampler.SequenceSampler(2, Decoder(), eos_id=3, max_length=4, top_k=3)
        return beam(nd.array([1, 2]), [nd.zeros((2, 4))]), drawn(nd.array([1, 2]), [nd.zeros((2, 4))])

    def losses() -> Any:
        loss: Any = nlp.loss
        return (made(loss.MaskedSoftmaxCELoss())(nd.ones((2, 4, 5)), nd.ones((2, 4)), lens), loss.ActivationRegularizationLoss(2.0)(x, x),
                loss.TemporalActivationRegularizationLoss(1.0)(x, x), loss.LabelSmoothing(units=5)(ids))  # fmt: skip

    def cached() -> Any:
        inner = made(model.StandardRNN("lstm", 20, 8, 8, 1, 0.1, False))
        net = train.CacheCell(inner, 20, 5, 0.6, 0.1)
        state = inner.begin_state(func=nd.zeros, batch_size=1)
        one = words[:, :1]
        return net(one, one, nd.one_hot(nd.array([1, 2]), 20), nd.ones((2, 8)), state)

    return [
        lambda: made(attention.DotProductAttentionCell(8, luong_style=False))(x, x, x, mask), lambda: made(attention.DotProductAttentionCell())(x, x),
        lambda: made(attention.MLPAttentionCell(8, dropout=0.1, normalized=True))(x, x, x, mask),
        lambda: many(attention.MultiHeadAttentionCell)(x, x, x, nd.ones((2, 4, 4))), bert_out, classify, roberta,
        lambda: bert_model(bert.DistilBERTModel)(ids, lens), encode, lambda: encode(output_attention=True, output_all_encodings=True), decode,
        lambda: made(transformer.PositionwiseFFN(units=8, hidden_size=16, ffn1_dropout=True, dropout=0.1, activation="gelu"))(x),
        lambda: made(bert.BERTEncoderCell(units=8, hidden_size=16, num_heads=2, output_attention=True))(x, lens),
        lambda: made(transformer.TransformerEncoderCell(units=8, hidden_size=16, num_heads=2))(x, mask),
        lambda: made(transformer.TransformerDecoderCell(units=8, hidden_size=16, num_heads=2))(x, x, mask, mask),
        lambda: language(model.AWDRNN, "lstm", 20, 8, 8, 2, True, 0.1, 0.1, 0.1, 0.1, 0.1), lambda: language(model.StandardRNN, "gru", 20, 8, 8, 2, 0.1, True),
        lambda: language(train.AWDRNN, "lstm", 20, 8, 8, 2, True, 0.1, 0.1, 0.1, 0.1, 0.1), lambda: language(train.StandardRNN, "rnn_tanh", 20, 8, 8, 2, 0.1, True),
        big, big_train, lambda: sampled(model.ISDense), lambda: sampled(model.NCEDense), lambda: bilm("lstmpc"), elmo, search, losses, cached,
        lambda: made(model.Highway(8, 2, "relu"))(nd.ones((2, 8))), lambda: made(model.L2Normalization())(x), lambda: made(model.GELU())(x),
        lambda: made(model.GELU(approximate=True))(x),
        lambda: made(model.ConvolutionalEncoder(8, (4, 4), (1, 2), num_highway=1, output_size=6))(steps, nd.ones((4, 2))),
        lambda: made(model.ConvolutionalEncoder(8, (4, 4), (1, 2), num_highway=0))(steps),
        lambda: made(model.RNNCellLayer(mx.gluon.rnn.LSTMCell(8), "TNC"))(steps), lambda: made(model.LSTMPCellWithClip(8, 6, input_size=8, cell_clip=1, projection_clip=1)).unroll(4, steps, layout="TNC"),
    ]  # fmt: skip
