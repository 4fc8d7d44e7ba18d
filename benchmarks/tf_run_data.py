"""How functions of public TensorFlow code are built and fed, for ``tf_run.py``.

One line a function: the file (its end), the qualified name, an expression that makes the object of a method, or one
that the inputs use (``o``), one for
the inputs of call ``k``, and one for names of the file to set beforehand (what it would train, read or download).  In
them ``n(...)`` is a normal float tensor of that shape that depends on ``k``, ``u(...)`` one between 0 and 1, ``i(high,
...)`` whole numbers below ``high``, ``v(...)`` a variable, ``b`` the batch size, ``m`` the namespace of the loaded
file, ``NS`` a plain object, ``built(object, *args)`` the object after a call; and ``tf``, ``np``, ``keras``.
"""

from __future__ import annotations

_EX = "TensorFlow-Examples/tensorflow_v2/notebooks/"
_YY = "TensorFlow2.0-Examples/"
_D2L = "d2l-en/"
_DOC = "docs/site/en/"
_ADD = "tensorflow_addons/"
_CV = "keras_cv/src/"
_ZH = "d2l-zh/"
_MATH = _D2L + "chapter_appendix-mathematics-for-deep-learning/"

_ADAM = (
    "NS(params=(v(4, 1), v(1)), states=((tf.Variable(tf.ones((4, 1))), tf.Variable(tf.ones((4, 1)))), "
    "(tf.Variable(tf.ones(1)), tf.Variable(tf.ones(1)))))"
)
_GAN = (
    "NS(D=built(keras.Sequential([keras.layers.Dense(5, 'tanh'), keras.layers.Dense(1)]), n(2, 2)), "
    "G=built(keras.layers.Dense(2), n(2, 2)), loss=keras.losses.BinaryCrossentropy(from_logits=True), "
    "opt=keras.optimizers.Adam(0.05))"
)

CASES: list[tuple[str, str, str, str, str]] = [
    # TensorFlow-Examples
    (_EX + "2_BasicModels/logistic_regression.ipynb", "cross_entropy", "", "u(b, 10), i(10, b)", ""),
    (_EX + "2_BasicModels/logistic_regression.ipynb", "accuracy", "", "u(b, 10), i(10, b)", ""),
    (_EX + "2_BasicModels/logistic_regression.ipynb", "run_optimization", "", "n(8*b, 784), i(10, 8*b)", ""),
    (_EX + "3_NeuralNetworks/autoencoder.ipynb", "encoder", "", "u(8*b, 784)", ""),
    (_EX + "3_NeuralNetworks/autoencoder.ipynb", "decoder", "", "u(8*b, 64)", ""),
    (_EX + "3_NeuralNetworks/convolutional_network_raw.ipynb", "conv_net", "", "u(b, 784)", "dict(fc1_units=32)"),
    (_EX + "3_NeuralNetworks/convolutional_network_raw.ipynb", "cross_entropy", "", "u(b, 10), i(10, b)", ""),
    (_EX + "3_NeuralNetworks/convolutional_network_raw.ipynb", "accuracy", "", "u(b, 10), i(10, b)", ""),
    (_EX + "3_NeuralNetworks/convolutional_network_raw.ipynb", "run_optimization", "", "u(b, 784), i(10, b)",
     "dict(fc1_units=32)"),
    (_EX + "3_NeuralNetworks/bidirectional_rnn.ipynb", "run_optimization", "", "u(b, 28, 28), i(10, b)", ""),
    (_EX + "3_NeuralNetworks/recurrent_network.ipynb", "run_optimization", "", "u(b, 28, 28), i(10, b)", ""),
    (_EX + "3_NeuralNetworks/neural_network.ipynb", "run_optimization", "", "u(b, 784), i(10, b)", ""),
    (_EX + "3_NeuralNetworks/neural_network_raw.ipynb", "neural_net", "", "u(b, 784)", ""),
    (_EX + "3_NeuralNetworks/neural_network_raw.ipynb", "run_optimization", "", "u(b, 784), i(10, b)", ""),
    (_EX + "3_NeuralNetworks/dcgan.ipynb", "discriminator_loss", "", "n(128, 2), n(128, 2)", ""),
    (_EX + "4_Utils/build_custom_layers.ipynb", "run_optimization", "", "u(b, 784), i(10, b)", ""),
    (_EX + "4_Utils/tensorboard.ipynb", "accuracy", "", "u(b, 10), i(10, b)", ""),
    # TensorFlow2.0-Examples
    (_YY + "2-Basical_Models/Multilayer_Perceptron.py", "multilayer_perceptron", "", "u(b, 784)", ""),
    (_YY + "2-Basical_Models/Multilayer_Perceptron.py", "cross_entropy", "", "u(b, 10), i(10, b)", ""),
    (_YY + "2-Basical_Models/Multilayer_Perceptron.py", "train_step", "", "u(b, 784), i(10, b)", ""),
    (_YY + "4-Object_Detection/YOLOV3/core/yolov3.py", "decode", "", "n(b, 4, 4, 255)",
     "dict(NUM_CLASS=80, STRIDES=np.array([8, 16, 32]), ANCHORS=np.ones((3, 3, 2), 'float32'))"),
    (_YY + "4-Object_Detection/YOLOV3/core/yolov3.py", "compute_loss", "",
     "u(b, 4, 4, 3, 85), n(b, 4, 4, 255), u(b, 4, 4, 3, 85), u(b, 5, 4)",
     "dict(NUM_CLASS=80, STRIDES=np.array([8, 16, 32]), IOU_LOSS_THRESH=0.5)"),
    # Dive into Deep Learning
    (_MATH + "geometry-linear-algebraic-ops.md#tensorflow", "angle", "", "n(20), n(20)", ""),
    (_MATH + "information-theory.md#tensorflow", "entropy", "", "u(4*b)", ""),
    (_MATH + "information-theory.md#tensorflow", "joint_entropy", "", "u(4, 4)", ""),
    (_MATH + "information-theory.md#tensorflow", "conditional_entropy", "", "u(4, b), u(b)", ""),
    (_MATH + "information-theory.md#tensorflow", "mutual_information", "", "u(4, b), u(b), u(4, 1)", ""),
    (_MATH + "naive-bayes.md#tensorflow", "bayes_pred", "", "u(28, 28)",
     "dict(P_xy=tf.constant(np.random.rand(10, 28, 28), tf.float32), P_y=tf.fill([10], 0.1))"),
    (_MATH + "naive-bayes.md#tensorflow", "bayes_pred_stable", "", "u(28, 28)",
     "dict(log_P_xy=-n(10, 28, 28) ** 2, log_P_xy_neg=-n(10, 28, 28) ** 2, log_P_y=tf.fill([10], -2.3))"),
    (_MATH + "statistics.md#tensorflow", "stat_bias", "", "n(), n(20)", ""),
    (_MATH + "statistics.md#tensorflow", "mse", "", "n(20), n()", ""),
    (_D2L + "chapter_attention-mechanisms-and-transformers/attention-scoring-functions.md#tensorflow", "masked_softmax",
     "", "n(b, 3, 4), tf.constant(i(4, b) + 1)", ""),
    (_D2L + "chapter_attention-mechanisms-and-transformers/self-attention-and-positional-encoding.md#tensorflow",
     "PositionalEncoding.call", "built(m.PositionalEncoding(32, 0), n(2, 60, 32))", "n(b, 60, 32)", ""),
    (_D2L + "chapter_convolutional-neural-networks/padding-and-strides.md#tensorflow", "comp_conv2d",
     "NS(conv=built(keras.layers.Conv2D(1, 3, padding='same'), n(1, 8, 8, 1)))", "o.conv, n(8, 8)",
     ""),
    (_D2L + "chapter_linear-classification/softmax-regression-scratch.md#tensorflow", "cross_entropy", "",
     "u(b, 10), i(10, b)", ""),
    (_D2L + "chapter_optimization/adagrad.md#tensorflow", "adagrad",
     "NS(params=(v(4, 1), v(1)), states=(v(4, 1), v(1)))",
     "o.params, (n(4, 1), n(1)), o.states, {'lr': 0.1}", ""),
    (_D2L + "chapter_optimization/rmsprop.md#tensorflow", "rmsprop",
     "NS(params=(v(4, 1), v(1)), states=(v(4, 1), v(1)))",
     "o.params, (n(4, 1), n(1)), o.states, {'lr': 0.1, 'gamma': 0.9}", ""),
    (_D2L + "chapter_preliminaries/autograd.md#tensorflow", "f", "", "n()", ""),
    (_D2L + "chapter_generative-adversarial-networks/gan.md#tensorflow", "update_D", _GAN,
     "n(b, 2), n(b, 2), o.D, o.G, o.loss, o.opt", ""),
    (_D2L + "chapter_generative-adversarial-networks/gan.md#tensorflow", "update_G", _GAN,
     "n(b, 2), o.D, o.G, o.loss, o.opt", ""),
    # the tutorials and guides of TensorFlow
    (_DOC + "guide/basic_training_loops.ipynb", "f", "", "n(20)", ""),
    (_DOC + "guide/basics.ipynb", "mse_loss", "", "n(20, 1), n(20, 1)", ""),
    (_DOC + "guide/core/logistic_regression_core.ipynb", "log_loss", "", "n(20), u(20)", ""),
    (_DOC + "guide/core/logistic_regression_core.ipynb", "accuracy", "", "n(20), u(20)", ""),
    (_DOC + "guide/intro_to_modules.ipynb", "SimpleModule.__call__", "m.SimpleModule(name='s')", "n(4)", ""),
    (_DOC + "guide/intro_to_modules.ipynb", "SequentialModule.__call__", "m.SequentialModule(name='s')", "n(b, 3)", ""),
    (_DOC + "hub/tutorials/tf_hub_generative_image_module.ipynb", "interpolate_hypersphere", "", "n(16), n(16), 6", ""),
    (_DOC + "tutorials/audio/music_generation.ipynb", "mse_with_positive_pressure", "", "n(b, 1), n(b, 1)", ""),
    (_DOC + "tutorials/audio/simple_audio.ipynb", "get_spectrogram", "", "n(4000 * b)", ""),
    (_DOC + "tutorials/audio/transfer_learning_audio.ipynb", "ReduceMeanLayer.call", "m.ReduceMeanLayer(axis=0)",
     "n(b, 8)", ""),
    (_DOC + "tutorials/customization/custom_training_walkthrough.ipynb", "loss",
     "NS(net=built(keras.layers.Dense(3), n(2, 4)))",
     "o.net, n(b, 4), i(3, b), False", ""),
    (_DOC + "tutorials/generative/adversarial_fgsm.ipynb", "preprocess", "", "u(64, 64, 3) * 255", ""),
    (_DOC + "tutorials/generative/style_transfer.ipynb", "total_variation_loss", "", "n(1, 16, 16, 3)", ""),
    (_DOC + "tutorials/images/data_augmentation.ipynb", "resize_and_rescale", "", "u(64, 64, 3) * 255, i(5)", ""),
    (_DOC + "tutorials/images/data_augmentation.ipynb", "augment", "",
     "(u(64, 64, 3) * 255, i(5)), tf.constant([1, k])", "dict(IMG_SIZE=32)"),
    (_DOC + "tutorials/interpretability/integrated_gradients.ipynb", "f", "", "u(20)", ""),
    (_DOC + "tutorials/structured_data/time_series.ipynb", "split_window",
     "NS(window=NS(input_slice=slice(0, 6), labels_slice=slice(6, 7), label_columns=['a'], column_indices={'a': 1}, "
     "input_width=6, label_width=1))", "o.window, n(b, 7, 3)", ""),
    # tensorflow-addons, keras-cv
    (_ADD + "activations/sparsemax.py", "_compute_2d_sparsemax", "", "n(b, 6)", ""),
    (_ADD + "image/transform_ops.py", "compose_transforms", "", "[n(b, 8), n(b, 8)]", ""),
    (_ADD + "image/transform_ops.py", "angles_to_projective_transforms", "",
     "n(b), tf.constant(32.0), tf.constant(24.0)", ""),
    (_ADD + "image/translate_ops.py", "translate", "", "u(b, 8, 8, 3), n(b, 2)", ""),
    (_ADD + "losses/giou_loss.py", "_calculate_giou", "", "u(b, 4), u(b, 4)", ""),
    (_ADD + "text/crf.py", "crf_log_norm", "", "n(b, 5, 4), tf.fill([b], 5), n(4, 4)", ""),
    (_ADD + "text/crf.py", "crf_log_likelihood", "", "n(b, 5, 4), i(4, b, 5), tf.fill([b], 5), n(4, 4)", ""),
    (_ADD + "text/crf.py", "crf_decode_backward", "", "i(4, b, 5, 4), i(4, b, 1)", ""),
    (_CV + "point_cloud/point_cloud.py", "is_within_any_box3d", "", "n(10 * b, 3), u(3, 7)", ""),
    (_CV + "point_cloud/point_cloud.py", "_get_3d_rotation_matrix", "", "n(), n(), n()", ""),
    (_CV + "point_cloud/point_cloud.py", "spherical_coordinate_transform", "", "n(b, 6, 3)", ""),
    (_CV + "utils/preprocessing.py", "get_translation_matrix", "", "n(b, 2)", ""),
    (_CV + "utils/fill_utils.py", "corners_to_mask", "", "u(b, 4) * 8, (8, 8)", ""),
    # Dive into Deep Learning, the Chinese edition
    (_ZH + "chapter_optimization/adam.md#tensorflow", "adam", _ADAM,
     "o.params, (n(4, 1), n(1)), o.states, {'lr': 0.1, 't': 1}", ""),
    (_ZH + "chapter_optimization/adadelta.md#tensorflow", "adadelta", _ADAM,
     "o.params, (n(4, 1), n(1)), o.states, {'rho': 0.9}", ""),
    (_ZH + "chapter_optimization/momentum.md#tensorflow", "sgd_momentum",
     "NS(params=(v(4, 1), v(1)), states=(v(4, 1), v(1)))",
     "o.params, (n(4, 1), n(1)), o.states, {'lr': 0.1, 'momentum': 0.5}", ""),
    (_ZH + "chapter_recurrent-modern/gru.md#tensorflow", "gru",
     "NS(params=[v(3, 4), v(4, 4), v(4)] * 3 + [v(4, 3), v(3)])", "n(5, b, 3), (n(b, 4),), o.params", ""),
    (_ZH + "chapter_recurrent-modern/lstm.md#tensorflow", "lstm",
     "NS(params=[v(3, 4), v(4, 4), v(4)] * 4 + [v(4, 3), v(3)])", "n(5, b, 3), (n(b, 4), n(b, 4)), o.params", ""),
    (_ZH + "chapter_multilayer-perceptrons/kaggle-house-price.md#tensorflow", "log_rmse", "",
     "u(8 * b, 1) * 9 + 1, u(8 * b, 1) * 9", "dict(loss=keras.losses.MeanSquaredError())"),
]  # fmt: skip
