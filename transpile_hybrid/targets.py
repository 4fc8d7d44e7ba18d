"""The compilers that code can be taken to.

A *target* is one compiler of one framework.  Everything else in the package names targets by these names.
"""

from __future__ import annotations

from dataclasses import dataclass

FRAMEWORKS = ("mxnet", "torch", "tensorflow")


@dataclass(frozen=True)
class Target:
    """One compiler.

    ``name`` is what users type, ``framework`` one of :data:`FRAMEWORKS`, ``compiled`` says what "compiled" means there,
    and ``artifact`` what ``export`` writes to disk.
    """

    name: str
    framework: str
    compiled: str
    artifact: str


TARGETS: dict[str, Target] = {
    target.name: target
    for target in (
        Target(
            "mxnet.hybrid",
            "mxnet",
            "HybridBlock with hybrid_forward, net.hybridize(static_alloc=True, static_shape=True)",
            "-symbol.json + .params",
        ),
        Target("torch.script", "torch", "torch.jit.script(net)", ".pt"),
        Target("torch.compile", "torch", "torch.compile(net, fullgraph=True)", "AOTInductor package (.pt2)"),
        Target("torch.export", "torch", "torch.export.export(net, inputs)", ".pt2"),
        Target("tf.function", "tensorflow", "@tf.function, one trace per signature", "SavedModel"),
        Target("tf.xla", "tensorflow", "@tf.function(jit_compile=True)", "SavedModel"),
    )
}

DEFAULT_TARGETS: tuple[str, ...] = ("mxnet.hybrid", "torch.script", "tf.function")


class UnknownTarget(ValueError):
    """A target name that is not in :data:`TARGETS`; the message names the nearest one."""


def parse_targets(names: tuple[str, ...] | list[str]) -> tuple[str, ...]:
    """Return ``names`` checked and without repeats, in the order of :data:`TARGETS`; nothing named gives the defaults.

    ``all`` stands for every target.  Raises :class:`UnknownTarget` for a name that is none.
    """
    if not names:
        return DEFAULT_TARGETS
    if "all" in names:
        return tuple(TARGETS)
    for name in names:
        if name not in TARGETS:
            from difflib import get_close_matches  # only for an error

            near = get_close_matches(name, TARGETS, n=1, cutoff=0.4)
            hint = f"; did you mean {near[0]!r}?" if near else ""
            raise UnknownTarget(f"unknown target {name!r}{hint} (known: {', '.join(TARGETS)})")
    return tuple(target for target in TARGETS if target in names)


def targets_of(framework: str) -> tuple[str, ...]:
    """Return the names of the targets of ``framework``."""
    return tuple(name for name, target in TARGETS.items() if target.framework == framework)
