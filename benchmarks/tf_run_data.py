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
_TFM = "official/"
_GFX = "tensorflow_graphics/"
_AGENTS = "tf_agents/"
_RANK = "tensorflow_ranking/python/"
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
    (_EX + "2_BasicModels/logistic_regression.ipynb", "run_optimization", "", "n(8*b, 784), i(10, 8*b)", ""),
    (_EX + "3_NeuralNetworks/convolutional_network_raw.ipynb", "conv_net", "", "u(b, 784)", "dict(fc1_units=32)"),
    (_EX + "3_NeuralNetworks/convolutional_network_raw.ipynb", "run_optimization", "", "u(b, 784), i(10, b)",
     "dict(fc1_units=32)"),
    (_EX + "3_NeuralNetworks/bidirectional_rnn.ipynb", "run_optimization", "", "u(b, 28, 28), i(10, b)", ""),
    (_EX + "3_NeuralNetworks/recurrent_network.ipynb", "run_optimization", "", "u(b, 28, 28), i(10, b)", ""),
    (_EX + "3_NeuralNetworks/neural_network.ipynb", "run_optimization", "", "u(b, 784), i(10, b)", ""),
    (_EX + "3_NeuralNetworks/neural_network_raw.ipynb", "neural_net", "", "u(b, 784)", ""),
    (_EX + "3_NeuralNetworks/neural_network_raw.ipynb", "run_optimization", "", "u(b, 784), i(10, b)", ""),
    (_EX + "4_Utils/build_custom_layers.ipynb", "run_optimization", "", "u(b, 784), i(10, b)", ""),
    # TensorFlow2.0-Examples
    (_YY + "2-Basical_Models/Multilayer_Perceptron.py", "multilayer_perceptron", "", "u(b, 784)", ""),
    (_YY + "2-Basical_Models/Multilayer_Perceptron.py", "train_step", "", "u(b, 784), i(10, b)", ""),
    (_YY + "4-Object_Detection/YOLOV3/core/yolov3.py", "decode", "", "n(b, 4, 4, 255)",
     "dict(NUM_CLASS=80, STRIDES=np.array([8, 16, 32]), ANCHORS=np.ones((3, 3, 2), 'float32'))"),
    (_YY + "4-Object_Detection/YOLOV3/core/yolov3.py", "compute_loss", "",
     "u(b, 4, 4, 3, 85), n(b, 4, 4, 255), u(b, 4, 4, 3, 85), u(b, 5, 4)",
     "dict(NUM_CLASS=80, STRIDES=np.array([8, 16, 32]), IOU_LOSS_THRESH=0.5)"),
    # Dive into Deep Learning
    (_D2L + "chapter_attention-mechanisms-and-transformers/attention-scoring-functions.md#tensorflow", "masked_softmax",
     "", "n(b, 3, 4), tf.constant(i(4, b) + 1)", ""),
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
    (_DOC + "hub/tutorials/tf_hub_generative_image_module.ipynb", "interpolate_hypersphere", "", "n(16), n(16), 6", ""),
    (_DOC + "tutorials/audio/simple_audio.ipynb", "get_spectrogram", "", "n(4000 * b)", ""),
    (_DOC + "tutorials/customization/custom_training_walkthrough.ipynb", "loss",
     "NS(net=built(keras.layers.Dense(3), n(2, 4)))",
     "o.net, n(b, 4), i(3, b), False", ""),
    (_DOC + "tutorials/generative/adversarial_fgsm.ipynb", "preprocess", "", "u(64, 64, 3) * 255", ""),
    (_DOC + "tutorials/images/data_augmentation.ipynb", "augment", "",
     "(u(64, 64, 3) * 255, i(5)), tf.constant([1, k])", "dict(IMG_SIZE=32)"),
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
    # tf-models-official
    (_TFM + "legacy/detection/modeling/losses.py", "focal_loss", "",
     "n(b, 8, 4), tf.cast(u(b, 8, 4) > 0.5, tf.float32), 0.25, 1.5, 10.0", ""),
    (_TFM + "legacy/detection/utils/box_utils.py", "encode_boxes", "", "u(b, 6, 4) * 9, u(b, 6, 4) * 9", ""),
    (_TFM + "legacy/detection/utils/box_utils.py", "decode_boxes", "", "u(b, 6, 4), u(b, 6, 4) * 9", ""),
    (_TFM + "legacy/detection/utils/box_utils.py", "filter_boxes", "",
     "u(b, 6, 4) * 9, u(b, 6), tf.constant([8.0, 8.0]), 2.0", ""),
    (_TFM + "nlp/tasks/translation.py", "_padded_cross_entropy_loss", "", "n(b, 5, 7), i(7, b, 5), 0.1, 7", ""),
    (_TFM + "nlp/modeling/ops/sampling_module.py", "sample_top_k", "", "n(b, 9), tf.constant(3)", ""),
    (_TFM + "projects/yolo/ops/box_ops.py", "intersect_and_union", "", "u(b, 6, 4), u(b, 6, 4)", ""),
    (_TFM + "projects/yolo/ops/box_ops.py", "smallest_encompassing_box", "", "u(b, 6, 4), u(b, 6, 4)", ""),
    (_TFM + "projects/centernet/ops/nms_ops.py", "sort_drop", "", "u(b, 8), u(b, 8, 4), n(b, 8, 3), 5", ""),
    (_TFM + "recommendation/neumf_model.py", "compute_top_k_and_ndcg", "",
     "n(b * 100, 2), tf.zeros((b * 100,), tf.float32)", "dict(rconst=NS(NUM_EVAL_NEGATIVES=99, TOP_K=10))"),
    (_TFM + "vision/evaluation/panoptic_quality_evaluator.py", "_crop_padding", "",
     "i(9, 8, 8), tf.constant([[8.0, 8.0], [8.0, 8.0], [0.5, 0.5], [1.0, 1.0]])", ""),
    (_TFM + "vision/losses/segmentation_losses.py", "get_actual_mask_scores", "",
     "n(b, 4, 4, 3), i(3, b, 4, 4, 1), 2", ""),
    (_TFM + "vision/ops/augment.py", "autocontrast", "", "tf.cast(i(256, 8, 8, 3), tf.uint8)", ""),
    (_TFM + "vision/ops/augment.py", "equalize", "", "tf.cast(i(256, 8, 8, 3), tf.uint8)", ""),
    (_TFM + "vision/ops/augment.py", "_convert_angles_to_transform", "",
     "n(b), tf.constant(32.0), tf.constant(24.0)", ""),
    (_TFM + "vision/ops/box_ops.py", "yxyx_to_cycxhw", "", "u(b, 6, 4)", ""),
    (_TFM + "vision/ops/box_ops.py", "encode_boxes", "", "u(b, 6, 4) * 9, u(b, 6, 4) * 9", ""),
    (_TFM + "vision/ops/box_ops.py", "bbox_overlap", "", "u(b, 6, 4), u(b, 5, 4)", ""),
    (_TFM + "vision/ops/box_ops.py", "bbox_generalized_overlap", "", "u(b, 6, 4), u(b, 5, 4)", ""),
    (_TFM + "vision/ops/box_ops.py", "get_non_empty_box_indices", "", "u(8 * b, 4)", ""),
    (_TFM + "vision/ops/iou_similarity.py", "iou", "", "u(b, 6, 4), u(b, 5, 4)", ""),
    (_TFM + "vision/ops/preprocess_ops.py", "center_crop_image", "", "u(32, 24, 3)", ""),
    (_TFM + "vision/ops/spatial_transform_ops.py", "_feature_bilinear_interpolation", "",
     "n(b, 3, 4, 4, 2), n(b, 3, 4), n(b, 3, 4)", ""),
    (_TFM + "vision/modeling/layers/edgetpu.py", "_tensor_product_iou", "",
     "tf.concat([u(4 + b, 2), 1 + u(4 + b, 2)], -1)", ""),
    (_ADD + "seq2seq/attention_wrapper.py", "monotonic_attention", "", "u(b, 6), u(b, 6), 'recursive'", ""),
    # what costs hardly more, op by op, than a call of a graph: run after ops were priced, and before arguments were
    (_TFM + "vision/ops/augment.py", "to_4d", "", "u(8, 8, 3)", ""),
    (_TFM + "projects/centernet/ops/loss_ops.py", "add_batch_to_indices", "", "i(4, b, 5, 2)", ""),
    (_TFM + "legacy/transformer/metrics.py", "_pad_tensors_to_same_length", "", "n(b, 4, 6), i(6, b, 3)", ""),
    (_ADD + "image/utils.py", "wrap", "", "u(8, 8, 3)", ""),
    (_ADD + "seq2seq/beam_search_decoder.py", "_mask_probs", "", "n(b, 2, 5), 1, u(b, 2) > 0.5", ""),
    (_CV + "keypoint/converters.py", "_rel_xy_to_xy", "", "u(b, 5, 2), u(b, 8, 8, 3)", ""),
    # and once more, all that were offered, cost up to two and a half times the bound and could be fed
    (_TFM + "nlp/modeling/layers/kernel_attention.py", "split_tensor_into_chunks", "", "n(b, 8, 3), 1, 4", ""),
    (_TFM + "projects/yolo/ops/loss_utils.py", "_scale_boxes", "",
     "n(b, 6, 4), 8.0, 8.0, u(6, 2), u(b, 6, 2), 1.5", ""),
    (_TFM + "projects/yolo/ops/loss_utils.py", "_new_coord_scale_boxes", "",
     "n(b, 6, 4), 8.0, 8.0, u(6, 2), u(b, 6, 2), 1.5", ""),
    (_CV + "keypoint/converters.py", "_xy_to_rel_xy", "", "u(b, 5, 3), u(b, 8, 8, 3)", ""),
    (_MATH + "geometry-linear-algebraic-ops.md#tensorflow", "angle", "", "n(3 * b), n(3 * b)", ""),
    (_ADD + "image/utils.py", "unwrap", "", "tf.concat([u(8, 8, 3), tf.round(u(8, 8, 1))], -1), 0.5", ""),
    (_TFM + "projects/triviaqa/inputs.py", "scatter_labels", "",
     "tf.RaggedTensor.from_row_lengths(i(5, 2 * b, 2), tf.fill([b], 2)), b, 5", ""),
    (_TFM + "projects/yolo/ops/preprocessing_ops.py", "pad_max_instances", "", "u(5 + b, 4), 10", ""),
    (_TFM + "projects/yolo/dataloaders/tf_example_decoder.py", "_coco91_to_80", "",
     "i(91, 5 + b), u(5 + b, 4), u(5 + b), i(2, 5 + b)", ""),
    (_TFM + "legacy/detection/utils/box_utils.py", "normalize_boxes", "", "u(b, 6, 4) * 9, (8.0, 8.0)", ""),
    (_TFM + "recommendation/uplift/utils.py", "split_by_treatment", "", "n(6 * b, 3), i(2, 6 * b)", ""),
    (_TFM + "legacy/image_classification/resnet/imagenet_preprocessing.py", "_aspect_preserving_resize", "",
     "u(20, 15 * b, 3), 8", ""),
    (_TFM + "legacy/image_classification/augment.py", "transform", "",
     "u(8, 8, 3), [1.0, 0.1, 0.5, 0.0, 1.0, 0.5, 0.0, 0.0]", ""),
    (_TFM + "legacy/xlnet/data_utils.py", "_idx_pair_to_mask", "",
     "tf.constant([1, 5], tf.int64), tf.constant([3, 8], tf.int64), tf.cast(i(9, 10), tf.int64), 10, 4", ""),
    (_TFM + "vision/ops/box_ops.py", "bbox_intersection_over_area", "", "u(b, 6, 4), u(b, 5, 4)", ""),
    (_TFM + "projects/video_ssl/ops/video_ssl_preprocess_ops.py", "gaussian_blur", "", "u(8, 8 * b, 3), 3, 1.0", ""),
    (_TFM + "legacy/transformer/metrics.py", "padded_accuracy_topk", "", "n(b, 4, 6), i(6, b, 4), 2", ""),
    (_DOC + "tutorials/generative/style_transfer.ipynb", "high_pass_x_y", "", "u(b, 8, 8, 3)", ""),
    (_DOC + "tutorials/generative/style_transfer.ipynb", "total_variation_loss", "", "u(b, 8, 8, 3)", ""),
    (_EX + "3_NeuralNetworks/dcgan.ipynb", "discriminator_loss", "", "n(2, 2), n(2, 2)", "dict(batch_size=2)"),
    # packages that no rule was tried on before: tensorflow-graphics, tf-agents, tensorflow-ranking
    (_AGENTS + "bandits/policies/linalg.py", "update_inverse", "", "tf.eye(4) * (1.5 + k), n(b, 4)", ""),
    (_AGENTS + "bandits/policies/linalg.py", "simplified_woodbury_update", "", "tf.eye(4) * (1.5 + k), n(b, 4)", ""),
    (_AGENTS + "bandits/environments/classification_environment.py", "_batched_table_lookup", "",
     "n(b, 3, 4), i(3, b), i(4, b)", ""),
    (_AGENTS + "replay_buffers/reverb_replay_buffer.py", "truncate_reshape_rows_by_num_steps", "", "n(7, 3), 2", ""),
    (_AGENTS + "bandits/policies/falcon_reward_prediction_policy.py", "_find_action_probabilities", "",
     "u(b, 5), u(b, 3, 5), 0.4", ""),
    (_AGENTS + "utils/nest_utils.py", "_tile_batch", "", "n(b, 3), 2", ""),
    (_AGENTS + "bandits/environments/drifting_linear_environment.py", "_apply_givens_rotation", "",
     "u(1)[0], u(1)[0], 0, 1, n(4, 3 * b)", ""),
    (_AGENTS + "utils/common.py", "index_with_actions", "", "n(b, 4), i(4, b)", ""),
    (_AGENTS + "utils/common.py", "compute_returns", "", "n(b, 5), u(b, 5)", ""),
    (_AGENTS + "utils/value_ops.py", "discounted_return", "", "n(5, b), u(5, b)", ""),
    (_AGENTS + "utils/value_ops.py", "generalized_advantage_estimation", "",
     "n(5, b), n(b), u(5, b), n(5, b), 0.9", ""),
    (_AGENTS + "agents/categorical_dqn/categorical_dqn_agent.py", "project_distribution", "",
     "n(b, 5) + 6.0, u(b, 5), tf.range(4.0, 9.0)", ""),
    (_RANK + "utils.py", "_circular_indices", "", "5, i(5, b)", ""),
    (_RANK + "utils.py", "de_noise", "", "u(b, 5), tf.abs(n(b, 5)) + 1.0, 0.2", ""),
    (_RANK + "losses_impl.py", "approx_ranks", "", "n(b, 5)", ""),
    (_RANK + "losses_impl.py", "neural_sort", "", "n(b, 5)", ""),
    (_RANK + "model.py", "_rolling_window_indices", "", "4, 2, i(4, b)", ""),
    (_GFX + "projects/points_to_3Dobjects/utils/tf_utils.py", "compute_dot", "",
     "tf.constant([64.0, 48.0, 3.0]) + k, tf.eye(3) * (2.0 + k), tf.concat([tf.eye(3), u(3, 1)], 1)", ""),
    (_GFX + "projects/points_to_3Dobjects/utils/tf_utils.py", "gaussian_blur", "", "u(16, 16, 3)", ""),
    (_GFX + "geometry/transformation/rotation_matrix_3d.py", "_build_matrix_from_sines_and_cosines", "",
     "tf.sin(n(b, 3)), tf.cos(n(b, 3))", ""),
    (_GFX + "geometry/transformation/quaternion.py", "_build_quaternion_from_sines_and_cosines", "",
     "tf.sin(n(b, 3)), tf.cos(n(b, 3))", ""),
    (_GFX + "projects/radiance_fields/utils.py", "camera_rays_from_transformation_matrix", "",
     "n(b, 6, 3), n(b, 4, 4)", ""),
    (_GFX + "projects/gan/losses.py", "minimax_discriminator_loss", "", "n(b, 1), n(b, 1)", ""),
    (_GFX + "rendering/barycentrics.py", "compute_barycentric_coordinates", "",
     "i(6, 5 * b), n(3, 3, 6), n(5 * b), n(5 * b)", ""),
    (_GFX + "math/interpolation/bspline.py", "_cubic", "", "u(4 * b)", ""),
    (_GFX + "math/interpolation/bspline.py", "_quartic", "", "u(4 * b)", ""),
    (_GFX + "image/pyramid.py", "_split", "", "u(b, 8, 8, 3), u(5, 5, 3, 3)", ""),
    (_GFX + "projects/points_to_3Dobjects/transforms/targets.py", "_max_distance_for_overlap", "",
     "u(1)[0] * 9, u(1)[0] * 9", ""),
    (_GFX + "projects/points_to_3Dobjects/transforms/transforms.py", "_get_image_border", "",
     "tf.constant(128), tf.constant(300 + k)", ""),
    (_GFX + "math/math_helpers.py", "double_factorial", "", "tf.cast(i(6, 4 * b), tf.float32)", ""),
]  # fmt: skip
