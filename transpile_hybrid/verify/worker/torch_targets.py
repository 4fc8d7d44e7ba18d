"""PyTorch's compilers: how a unit is compiled, written to disk and read back; and what its layers say of its inputs."""

from __future__ import annotations

import importlib
import os
import tempfile
from collections.abc import Callable
from typing import Any

from .adapter import Args, CannotCompile, Kwargs, TargetMissing
from .failing import cut, first_words, pointed_at
from .tree import leaves

Examples = list[tuple[Args, Kwargs]]


def compile_net(torch: Any, net: Any, target: str, examples: Examples, model: bool, setting: str = "") -> Any:
    """Return ``net`` compiled by ``target``; see :meth:`Adapter.compile`."""
    if target == "torch.script":
        if not setting:
            return _run(lambda: torch.jit.script(net))
        if not model:
            raise CannotCompile("only a model can be frozen")
        net.eval()
        scripted = _run(lambda: torch.jit.freeze(torch.jit.script(net)))
        if setting == "optimize_for_inference":
            scripted = _run(lambda: torch.jit.optimize_for_inference(scripted))
        return InPlaceOf(net, scripted)
    if target == "torch.compile":
        if setting == "AOTInductor":
            run = packaged(torch, net, examples, model, tempfile.mkdtemp())
            return InPlaceOf(net, run) if model else lambda *args, **kwargs: run(*args, **kwargs)
        dynamo = importlib.import_module("torch._dynamo")
        inductor: Any = importlib.import_module("torch._inductor.config")
        inductor.fallback_random = True  # draw the numbers that eager code draws, so that they can be compared
        for limit in ("recompile_limit", "cache_size_limit"):
            if hasattr(dynamo.config, limit):
                setattr(dynamo.config, limit, 64)
        options = {"cpp_wrapper": True} if setting == "cpp_wrapper" else None
        return torch.compile(net, fullgraph=True, options=options)
    if target == "torch.export":
        program = exported(torch, net, examples, model)
        run = program.module()
        if not model:
            return lambda *args, **kwargs: run(*args, **kwargs)
        return InPlaceOf(net, run)
    raise CannotCompile("unknown target " + target)


class InPlaceOf:
    """A compiled program in its model's place: called as the model is; the weights to see are the model's."""

    def __init__(self, net: Any, run: Callable[..., Any]) -> None:
        self.net, self.run = net, run

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return self.run(*args, **kwargs)


def exported(torch: Any, net: Any, examples: Examples, model: bool) -> Any:
    """Export ``net``; dimensions in which the examples differ are left dynamic."""
    module = net
    if not model:

        class Wrapped(torch.nn.Module):  # type: ignore[misc]  # torch is known at run time only
            def forward(self, *args: Any, **kwargs: Any) -> Any:
                return net(*args, **kwargs)

        module = Wrapped()
    module.eval()
    arity = len(examples[0][0])
    alike = [e for e in examples if len(e[0]) == arity and not e[1]] or examples[:1]
    # sizes 0 and 1 are compiled in, so the largest example is the one to trace
    args, kwargs = max(
        alike, key=lambda e: sum(a.numel() for _, a in leaves(list(e[0])) if isinstance(a, torch.Tensor))
    )
    dynamic: Any = None
    if len(alike) > 1 and not kwargs:
        each = [_dynamic(torch, torch.export.Dim.AUTO, arg, [e[0][i] for e in alike]) for i, arg in enumerate(args)]
        dynamic = None if not any(each) else tuple(each) if model else (tuple(each),)
    return _run(lambda: torch.export.export(module, tuple(args), dict(kwargs) or None, dynamic_shapes=dynamic))


def _dynamic(torch: Any, auto: Any, value: Any, others: list[Any]) -> Any:
    if isinstance(value, (list, tuple)):
        return [_dynamic(torch, auto, v, [o[i] for o in others]) for i, v in enumerate(value)]
    if not isinstance(value, torch.Tensor):
        return None
    same_rank = [o for o in others if isinstance(o, torch.Tensor) and o.dim() == value.dim()]
    return {i: auto for i in range(value.dim()) if any(o.shape[i] != value.shape[i] for o in same_rank)} or None


def one_line(exc: BaseException) -> str:
    """Return the line of a compiler's message that says what is wrong."""
    every = [line.strip() for line in str(exc).splitlines() if line.strip()]
    noise = ("Traceback", "File ", "from user code", "Set TORCH", "~", "^")
    lines = [line for line in every if not line.startswith(noise)]
    text = first_words(lines)
    if text.startswith(("Unsupported", "Graph break")) and len(lines) > 1:
        text += " " + lines[1]
    return cut(f"{type(exc).__name__}: {text}") + pointed_at(every) if text else type(exc).__name__


def _run(action: Callable[[], Any]) -> Any:
    try:
        return action()
    except Exception as exc:  # whatever the compiler raises is its answer
        raise failure(exc) from exc


def failure(exc: BaseException) -> Exception:
    """Return an error of the compiler as one that says so in a line."""
    if "InvalidCxxCompiler" in str(exc) or "No working C++ compiler" in str(exc):
        return TargetMissing("no working C++ compiler was found")
    return CannotCompile(one_line(exc))


def export(torch: Any, net: Any, target: str, examples: Examples, folder: str, model: bool) -> Any:
    """Write ``net`` to ``folder``; return the compiled form that was written."""
    if model:
        net.eval()
    if target == "torch.script":
        scripted = net if isinstance(net, (torch.jit.ScriptModule, torch.jit.ScriptFunction)) else None
        scripted = scripted or _run(lambda: torch.jit.script(net))
        scripted.save(os.path.join(folder, "model.pt"))
        return scripted
    if target == "torch.export":
        program = exported(torch, net, examples, model)
        torch.export.save(program, os.path.join(folder, "model.pt2"))
        return program.module()
    return packaged(torch, net, examples, model, folder)


def packaged(torch: Any, net: Any, examples: Examples, model: bool, folder: str) -> Callable[..., Any]:
    """Compile ``net`` ahead of time into ``folder`` and load what was written."""
    inductor = importlib.import_module("torch._inductor")
    path = os.path.join(folder, "model.pt2")
    program = exported(torch, net, examples, model)
    _run(lambda: inductor.aoti_compile_and_package(program, package_path=path))
    loaded: Callable[..., Any] = inductor.aoti_load_package(path)
    return loaded


def reload(torch: Any, target: str, folder: str) -> Callable[..., Any]:
    """Read back what :func:`export` wrote."""
    if target == "torch.script":
        loaded: Callable[..., Any] = torch.jit.load(os.path.join(folder, "model.pt"))
    elif target == "torch.export":
        loaded = torch.export.load(os.path.join(folder, "model.pt2")).module()
    else:
        loaded = importlib.import_module("torch._inductor").aoti_load_package(os.path.join(folder, "model.pt2"))
    return loaded


Guess = list[tuple[tuple[int, ...], str]]


def first_inputs(torch: Any, net: Any) -> list[Guess]:
    """Guess input shapes from the first layers that tell them."""
    nn: Any = torch.nn
    found: list[Guess] = []
    if not isinstance(net, nn.Module):
        return found
    makers: dict[str, Callable[[Any], list[Guess]]] = {
        "Linear": lambda m: [[((3, m.in_features), "float32")], [((2, 5, m.in_features), "float32")]],
        "Conv1d": lambda m: [[((2, m.in_channels, n), "float32")] for n in (32, 128)],
        "Conv2d": lambda m: [[((2, m.in_channels, n, n), "float32")] for n in (16, 32, 28, 64, 224)],
        "Conv3d": lambda m: [[((2, m.in_channels, n, n, n), "float32")] for n in (8, 16, 32)],
        "ConvTranspose2d": lambda m: [[((2, m.in_channels, n, n), "float32")] for n in (8, 4)],
        "ConvTranspose1d": lambda m: [[((2, m.in_channels, 16), "float32")]],
        "Embedding": lambda m: [[((2, 7), "int64")], [((2,), "int64")]],
        "LSTM": lambda m: [[((2, 5, m.input_size), "float32")]],
        "GRU": lambda m: [[((2, 5, m.input_size), "float32")]],
        "RNN": lambda m: [[((2, 5, m.input_size), "float32")]],
        "LSTMCell": lambda m: [[((2, m.input_size), "float32")], [((2, 5, m.input_size), "float32")]],
        "GRUCell": lambda m: [[((2, m.input_size), "float32")], [((2, 5, m.input_size), "float32")]],
        "LayerNorm": lambda m: [
            [((2, 5) + tuple(m.normalized_shape), "float32")],
            [((3,) + tuple(m.normalized_shape), "float32")],
        ],
        "BatchNorm1d": lambda m: [[((4, m.num_features), "float32")], [((4, m.num_features, 8), "float32")]],
        "BatchNorm2d": lambda m: [[((2, m.num_features, n, n), "float32")] for n in (8, 16)],
        "GroupNorm": lambda m: [[((2, m.num_channels, 8, 8), "float32")]],
        "MultiheadAttention": lambda m: [[((2, 5, m.embed_dim), "float32")]],
    }
    for part in net.modules():
        for name, make in makers.items():
            if isinstance(part, getattr(nn, name)):
                found += make(part)
                break
        if len(found) > 12:
            break
    return found
