# ruff: noqa: E501
"""Calls of the Gluon classes of gluoncv (0.10.5) for ``kinds_truth.py package``."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from typing import Any

FILES = ("nn/*.py", "loss.py", "model_zoo/*.py", "model_zoo/*/*.py")
NOT_FILES = ("*/__init__.py", "*/model_store.py", "*/cython_bbox.py", "*/quantized/*")
STUBS = (
    "matplotlib",
    "cv2",
    "PIL",
    "pandas",
    "requests",
    "portalocker",
    "yacs",
    "autocfg",
    "decord",
    "tqdm",
    "pycocotools",
    "scipy.io",
)
HIDDEN = ("torch",)
BARE = ("gluoncv",)

_SMALL = ("resnet18_v1", "resnet18_v2", "se_resnet18_v1", "mobilenet0.25", "mobilenetv2_0.25", "mobilenetv3_small", "squeezenet1.1", "shufflenet_v1",
          "resnet18_v1b", "resnet50_v1s", "alexnet", "vgg11_bn", "densenet121", "googlenet", "hrnet_w18_small_v1_c", "resnext50_32x4d", "senet_154", "se_resnext50_32x4d",
          "dla34", "resnest14", "residualattentionnet56", "xception", "nasnet_4_1056")  # fmt: skip
_TINY = ("cifar_resnet20_v1", "cifar_resnet20_v2", "cifar_wideresnet16_10", "cifar_resnext29_16x64d")


def cases(_package: Any) -> list[Callable[[], Any]]:
    """Thunks that build each class and call it."""
    import mxnet as mx
    from mxnet import nd

    def part(name: str) -> Any:
        return importlib.import_module(f"gluoncv.{name}")

    nn, loss, zoo = part("nn"), part("loss"), part("model_zoo.model_zoo")
    for name in ("bbox", "block", "coder", "dropblock", "feature", "gn", "matcher", "predictor", "sampler", "splat"):
        setattr(nn, name, part(f"nn.{name}"))
    image = nd.random.uniform(shape=(1, 3, 224, 224))
    boxes = nd.array([[[0.1, 0.1, 0.5, 0.5], [0.2, 0.2, 0.6, 0.6], [0.3, 0.1, 0.4, 0.9]]])
    feature = nd.random.uniform(shape=(2, 4, 8, 8))
    probs = nd.softmax(nd.random.uniform(shape=(1, 3, 4)))
    samples, matches = nd.array([[1, -1, 1]]), nd.array([[0, 1, 0]])

    def made(net: Any) -> Any:
        net.initialize()
        return net

    def model(name: str, size: int) -> Callable[[], Any]:
        def run() -> Any:
            net = zoo.get_model(
                name, pretrained=False, **({"pretrained_base": False} if "_" in name and size > 224 else {})
            )
            return made(net)(nd.random.uniform(shape=(1, 3, size, size)))

        return run

    def detect(name: str, size: int, **more: Any) -> Callable[[], Any]:
        def run() -> Any:
            net = made(zoo.get_model(name, pretrained=False, pretrained_base=False, **more))
            return net(nd.random.uniform(shape=(1, 3, size, size)))

        return run

    def focal() -> Any:
        label = nd.array([[1, 0, 2]])
        return loss.FocalLoss(num_class=4)(probs, label), loss.SSDMultiBoxLoss()([probs], [boxes], [label], [boxes])

    def segment() -> Any:
        pred, label = nd.random.uniform(shape=(1, 4, 6, 6)), nd.ones((1, 6, 6))
        return (loss.MixSoftmaxCrossEntropyLoss(aux=True)(pred, pred, label), loss.SegmentationMultiLosses()(pred, pred, pred, label),
                loss.DistillationSoftmaxCrossEntropyLoss()(nd.ones((2, 4)), nd.ones(2), nd.ones((2, 4))),
                loss.HeatmapFocalLoss(from_logits=True)(pred, nd.ones_like(pred)), loss.MaskedL1Loss()(pred, pred, nd.ones_like(pred)))  # fmt: skip

    def coders() -> Any:
        coder = nn.coder
        means = coder.NormalizedBoxCenterEncoder()(samples, matches, boxes, boxes)
        decoded = coder.NormalizedBoxCenterDecoder(clip=2.0, convert_anchor=True)(boxes, boxes)
        return (means, decoded, coder.MultiClassEncoder()(samples, matches, nd.array([[0, 1, 2]])), coder.MultiClassDecoder()(probs),
                coder.MultiPerClassDecoder(4)(probs), coder.SigmoidClassEncoder()(samples), coder.CenterNetDecoder(topk=5)(feature, feature, feature))  # fmt: skip

    def matchers() -> Any:
        scores = nd.random.uniform(shape=(1, 3, 2))
        found = nn.matcher.CompositeMatcher(
            [nn.matcher.BipartiteMatcher(share_max=False), nn.matcher.MaximumMatcher(0.5)]
        )(scores)
        picked = nn.sampler.QuotaSampler(3, 0.5, 0.4)(nd.ones((1, 3)), nd.random.uniform(shape=(1, 3, 2)))
        return (
            found,
            nn.sampler.NaiveSampler()(matches),
            nn.sampler.OHEMSampler(3)(matches, probs, nd.random.uniform(shape=(1, 3))),
            picked,
        )

    def bbox() -> Any:
        one = nn.bbox
        return (one.BBoxCornerToCenter()(boxes), one.BBoxCenterToCorner(split=True)(boxes), one.BBoxArea()(boxes), one.BBoxBatchIOU()(boxes, boxes),
                one.BBoxClipToImage()(boxes, image), one.NumPyBBoxCornerToCenter(split=True)(boxes[0].asnumpy()), one.BBoxSplit(axis=-1)(boxes))  # fmt: skip

    def blocks() -> Any:
        one = nn.block
        return (made(one.BatchNormCudnnOff())(feature), one.Consensus(4, 2)(nd.ones((4, 4))), made(one.ReLU6())(feature), made(one.HardSwish())(feature),
                one.SoftmaxHD()(feature), one.DSNT((8, 8))(feature), made(one.DUC(16))(feature), made(nn.gn.GroupNorm(2, 4))(feature),
                made(nn.splat.SplitAttentionConv(8, 3, padding=(1, 1), in_channels=4, norm_layer=mx.gluon.nn.BatchNorm, norm_kwargs={}))(feature),
                nn.dropblock.DropBlock(0.1, 3, 4, 8, 8)(feature), made(nn.predictor.ConvPredictor(4))(feature), made(nn.predictor.FCPredictor(4))(feature))  # fmt: skip

    def trained(name: str) -> Callable[[], Any]:
        def run() -> Any:
            net = made(zoo.get_model(name, pretrained=False, pretrained_base=False))
            with mx.autograd.train_mode():
                return net(nd.random.uniform(shape=(1, 3, 256, 256)))

        return run

    return [
        *(model(name, 224) for name in _SMALL), *(model(name, 32) for name in _TINY), model("inceptionv3", 299), focal, segment, coders, matchers, bbox, blocks,
        detect("ssd_512_mobilenet1.0_voc", 512), trained("ssd_512_mobilenet1.0_voc"), detect("yolo3_mobilenet1.0_voc", 128), detect("fcn_resnet50_voc", 480, aux=True),
        detect("psp_resnet50_ade", 480), detect("deeplab_resnet50_citys", 480), detect("simple_pose_resnet18_v1b", 128), detect("center_net_resnet18_v1b_voc", 128),
        detect("mobile_pose_mobilenet1.0", 128), detect("faster_rcnn_resnet50_v1b_voc", 256), detect("mask_rcnn_resnet50_v1b_coco", 256),
        detect("alpha_pose_resnet101_v1b_coco", 128), detect("danet_resnet50_citys", 480), detect("icnet_resnet50_citys", 480), detect("fastscnn_citys", 512),
        lambda: made(zoo.get_model("vgg16_ucf101", nclass=5, pretrained=False, pretrained_base=False, num_segments=1))(image),
        lambda: made(zoo.get_model("resnet18_v1b_kinetics400", nclass=5, pretrained=False, pretrained_base=False, num_segments=1))(image),
    ]  # fmt: skip
