"""Programs that use TorchScript as tutorials, benchmarks and deployments do, for :mod:`test_migration`.

Each sets ``outputs``, and ``net`` with ``inputs`` where there is a module to compile when all is done.
"""

from __future__ import annotations

HEAD = """
from typing import List, Optional, Tuple

import torch
import torch.nn.functional as F
from torch import Tensor, nn

torch.manual_seed(0)
"""

# name: (targets, with --unsafe, text)
PROGRAMS: dict[str, tuple[tuple[str, ...], bool, str]] = {
    "scripted_head": (
        ("torch.compile", "torch.export"),
        False,
        """
class Classifier(nn.Module):
    def __init__(self, width, classes):
        super().__init__()
        self.features = nn.Sequential(nn.Conv2d(3, width, 3, padding=1), nn.BatchNorm2d(width), nn.ReLU())
        self.head = torch.jit.script(nn.Sequential(
            nn.Dropout(0.2),
            nn.Linear(width, classes),
        ))

    def forward(self, x):
        return self.head(self.features(x).mean((2, 3)))


net = Classifier(8, 5)
inputs = (torch.rand(2, 3, 6, 6),)
trained = net(*inputs)
trained.sum().backward()
outputs = [trained, *(p.grad for p in net.parameters()), net.eval()(*inputs)]
""",
    ),
    "list_of_scripted_blocks": (
        ("torch.compile", "torch.export"),
        False,
        """
class Block(nn.Module):
    def __init__(self, width: int):
        super().__init__()
        self.norm = nn.LayerNorm(width)
        self.fc = nn.Linear(width, width)

    def forward(self, x: Tensor, scale: Optional[Tensor] = None) -> Tensor:
        y = F.gelu(self.fc(self.norm(x)))
        if scale is not None:
            y = y * scale
        return x + y


class Stack(nn.Module):
    def __init__(self):
        super().__init__()
        self.blocks = nn.ModuleList([torch.jit.script(Block(8)) for _ in range(3)])

    def forward(self, x, scale):
        for block in self.blocks:
            x = block(x, scale)
        return x


net = Stack()
inputs = (torch.rand(2, 4, 8), torch.rand(8))
outputs = [net(*inputs), *torch.autograd.grad(net(*inputs).pow(2).sum(), net.parameters())]
""",
    ),
    "recurrent_cells": (
        ("torch.compile", "torch.export"),
        False,
        """
class Cell(torch.jit.ScriptModule):
    def __init__(self, size, hidden):
        super().__init__()
        self.weight_ih = nn.Parameter(torch.randn(4 * hidden, size))
        self.weight_hh = nn.Parameter(torch.randn(4 * hidden, hidden))
        self.bias = nn.Parameter(torch.randn(4 * hidden))

    @torch.jit.script_method
    def forward(self, x: Tensor, state: Tuple[Tensor, Tensor]) -> Tuple[Tensor, Tuple[Tensor, Tensor]]:
        hx, cx = state
        gates = torch.mm(x, self.weight_ih.t()) + torch.mm(hx, self.weight_hh.t()) + self.bias
        i, f, g, o = gates.chunk(4, 1)
        cy = torch.sigmoid(f) * cx + torch.sigmoid(i) * torch.tanh(g)
        hy = torch.sigmoid(o) * torch.tanh(cy)
        return hy, (hy, cy)


class Layer(torch.jit.ScriptModule):
    def __init__(self, size, hidden):
        super().__init__()
        self.cell = Cell(size, hidden)

    @torch.jit.script_method
    def forward(self, x: Tensor, state: Tuple[Tensor, Tensor]) -> Tuple[Tensor, Tuple[Tensor, Tensor]]:
        steps = x.unbind(0)
        outputs = torch.jit.annotate(List[Tensor], [])
        for i in range(len(steps)):
            out, state = self.cell(steps[i], state)
            outputs += [out]
        return torch.stack(outputs), state


net = Layer(3, 4)
inputs = (torch.randn(5, 2, 3), (torch.randn(2, 4), torch.randn(2, 4)))
out, (h, c) = net(*inputs)
outputs = [out, h, c, *torch.autograd.grad(out.sum() + c.sum(), net.parameters())]
""",
    ),
    "similarity_metric": (
        ("torch.compile", "torch.export"),
        False,
        """
@torch.jit.script
def window_of(size: int, sigma: float):
    coords = torch.arange(-(size // 2), size // 2 + 1).float()
    g = torch.exp(-(coords ** 2) / (2 * sigma ** 2))
    return (g / g.sum()).reshape(1, 1, 1, -1)


@torch.jit.script
def blur(x, window):
    window = window.expand(x.size(1), -1, -1, -1)
    return F.conv2d(F.conv2d(x, window, groups=x.size(1)), window.transpose(2, 3), groups=x.size(1))


@torch.jit.script
def compared(x, y, window, c: Tuple[float, float]):
    mx, my = blur(x, window), blur(y, window)
    return (2 * mx * my + c[0]) / (mx * mx + my * my + c[1])


class Similarity(torch.jit.ScriptModule):
    __constants__ = ["c", "reduction"]

    def __init__(self, size=3, reduction="mean"):
        super(Similarity, self).__init__()
        self.c = (0.01, 0.03)
        self.reduction = reduction
        self.register_buffer("window", window_of(size, 1.5))

    @torch.jit.script_method
    def forward(self, x, y):
        found = compared(x, y, self.window, self.c)
        if self.reduction != "none":
            found = found.mean() if self.reduction == "mean" else found.sum()
        return found


class OneMinus(Similarity):
    @torch.jit.script_method
    def forward(self, x, y):
        return 1.0 - compared(x, y, self.window, self.c).mean()


net = OneMinus()
inputs = (torch.rand(1, 3, 8, 8), torch.rand(1, 3, 8, 8))
outputs = [Similarity()(*inputs), Similarity(reduction="none")(*inputs), net(*inputs)]
""",
    ),
    "detection_head": (
        ("torch.compile", "torch.export"),
        False,
        """
@torch.jit.script
def decode(deltas: Tensor, anchors: Tensor, limit: float = 4.0):
    size = anchors[:, 2:] - anchors[:, :2]
    center = anchors[:, :2] + 0.5 * size
    moved = deltas[:, :2] * size + center
    grown = torch.exp(deltas[:, 2:].clamp(max=limit)) * size
    return torch.cat((moved - 0.5 * grown, moved + 0.5 * grown), 1)


@torch.jit.script
def clip(boxes: Tensor, size: Tuple[int, int]):
    x = boxes[:, 0::2].clamp(0, size[1])
    y = boxes[:, 1::2].clamp(0, size[0])
    return torch.stack((x[:, 0], y[:, 0], x[:, 1], y[:, 1]), 1)


class Head(nn.Module):
    def __init__(self):
        super().__init__()
        self.tower = torch.jit.script(nn.Sequential(nn.Linear(8, 8), nn.ReLU()))
        self.boxes = nn.Linear(8, 4)
        self.scores = nn.Linear(8, 2)

    def forward(self, x, anchors):
        x = self.tower(x)
        return clip(decode(self.boxes(x), anchors), (16, 16)), self.scores(x).softmax(-1)


net = Head()
inputs = (torch.rand(6, 8), torch.rand(6, 4) * 8)
outputs = list(net(*inputs))
""",
    ),
    "traced_backbone": (
        ("torch.compile", "torch.export"),
        True,
        """
class Backbone(nn.Module):
    def __init__(self):
        super().__init__()
        self.stem = nn.Conv2d(3, 4, 3, stride=2)
        self.norm = nn.BatchNorm2d(4)

    def forward(self, x):
        if x.shape[1] == 1:
            x = x.expand(-1, 3, -1, -1)
        return F.relu(self.norm(self.stem(x)))


class Segmenter(nn.Module):
    def __init__(self):
        super().__init__()
        backbone = Backbone().eval()
        self.backbone = torch.jit.trace(backbone, torch.zeros(1, 3, 9, 9))
        self.decoder = nn.ConvTranspose2d(4, 2, 3, stride=2)

    def forward(self, x):
        return self.decoder(self.backbone(x))


net = Segmenter().eval()
inputs = (torch.rand(2, 3, 9, 9),)
outputs = [net(*inputs)]
""",
    ),
    "training_loop": (
        ("torch.compile",),
        False,
        """
class Regressor(nn.Module):
    def __init__(self):
        super().__init__()
        self.hidden = nn.Linear(4, 16)
        self.drop = nn.Dropout(0.1)
        self.out = nn.Linear(16, 1)

    def forward(self, x):
        return self.out(self.drop(torch.tanh(self.hidden(x))))


model = torch.jit.script(Regressor())
optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
x = torch.rand(8, 4)
y = x.sum(1, keepdim=True)
losses = []
for _ in range(4):
    optimizer.zero_grad()
    loss = F.mse_loss(model(x), y)
    loss.backward()
    optimizer.step()
    losses.append(loss.detach())
model.eval()
outputs = [*losses, model(x)]
""",
    ),
    "inference_script": (
        ("torch.compile",),
        False,
        """
class Encoder(nn.Module):
    def __init__(self, depth: int = 3):
        super().__init__()
        self.embed = nn.Embedding(11, 8)
        self.body = nn.Sequential(nn.Linear(8, 8), nn.GELU(), nn.LayerNorm(8))

    def forward(self, tokens):
        return self.body(self.embed(tokens)).mean(1)


def main():
    model = Encoder()
    model.eval()
    scripted = torch.jit.script(model)
    tokens = torch.randint(0, 11, (2, 5))
    with torch.no_grad():
        for _ in range(3):  # warm up
            scripted(tokens)
        return [scripted(tokens)]


outputs = main()
""",
    ),
    "frozen_inference": (
        ("torch.compile",),
        True,
        """
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(1, 2, 3)
        self.fc = nn.Linear(2, 3)

    def forward(self, x):
        return F.log_softmax(self.fc(F.relu(self.conv(x)).amax((2, 3))), dim=1)


net = Net().eval()
frozen = torch.jit.freeze(torch.jit.script(net))
frozen = torch.jit.optimize_for_inference(frozen)
x = torch.rand(2, 1, 6, 6)
with torch.no_grad():
    outputs = [frozen(x)]
""",
    ),
    "predictor": (
        ("torch.compile",),
        True,
        """
class Predictor:
    def __init__(self, model, example):
        model.eval()
        self.model = torch.jit.trace(model, example)

    def predict(self, batch):
        with torch.no_grad():
            return self.model(batch).argmax(-1)


model = nn.Sequential(nn.Flatten(), nn.Linear(12, 4))
predictor = Predictor(model, torch.zeros(1, 3, 4))
outputs = [predictor.predict(torch.rand(n, 3, 4)) for n in (1, 2, 5)]
""",
    ),
    "saved_trace": (
        ("torch.export",),
        True,
        """
net = nn.Sequential(nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4), nn.ReLU(), nn.Flatten(), nn.Linear(64, 2)).eval()
example = torch.rand(1, 3, 6, 6)
traced_script_module = torch.jit.trace(net, example)
outputs = [traced_script_module(example)]
traced_script_module.save("traced.pt")
""",
    ),
    "loaded_trace": (
        ("torch.export",),
        True,
        """
def load():
    module = torch.jit.load("traced.pt", map_location="cpu")
    module.eval()
    return module


example = torch.rand(1, 3, 6, 6)
outputs = [load()(example)]
""",
    ),
    "saved_script": (
        ("torch.export",),
        True,
        """
class Scorer(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(4, 4)

    def forward(self, x):
        total = torch.zeros_like(x)
        for step in range(3):
            total = total + self.fc(x) * step
        return total, x.flatten()


model = Scorer()
sample = torch.rand(3, 4)
wanted = model(sample)
scripted = torch.jit.script(model)
path = "scorer.pt"
torch.jit.save(scripted, path)
again = torch.jit.load(path).eval()
outputs = [*wanted, *again(sample)]
""",
    ),
    "frozen_file": (
        ("torch.export",),
        True,
        """
def deploy(model: nn.Module, example: Tensor, name: str):
    traced = torch.jit.trace(model, (example,))
    frozen = torch.jit.freeze(traced)
    frozen.save(name)


model = nn.Sequential(nn.Linear(4, 4), nn.Sigmoid()).eval()
x = torch.rand(2, 4)
deploy(model, x, "frozen.pt")
outputs = [model(x)]
""",
    ),
}

# what has to stay as it is without --unsafe, since it would compute something else, or fail
LEFT = {
    "asks": """
class Part(nn.Module):
    def forward(self, x):
        if torch.jit.is_scripting():
            return x * 2
        return x


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.part = torch.jit.script(Part())

    def forward(self, x):
        return self.part(x)
""",
    "initialised by kind": """
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.part = torch.jit.script(nn.Linear(4, 4))
        for one in self.modules():
            if isinstance(one, nn.Linear):
                nn.init.zeros_(one.weight)

    def forward(self, x):
        return self.part(x)
""",
    "dropped decorator": """
class Part(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(4, 4)

    @torch.no_grad()
    def forward(self, x):
        return self.fc(x)


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.part = torch.jit.script(Part())

    def forward(self, x):
        return self.part(x)
""",
    "list of the caller": """
class Part(nn.Module):
    def forward(self, xs: List[Tensor]) -> Tensor:
        xs.append(xs[0])
        return torch.cat(xs)


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.part = torch.jit.script(Part())

    def forward(self, x):
        rows = [x]
        return self.part(rows), len(rows)
""",
    "value of or": """
class Part(nn.Module):
    def forward(self, x: Tensor, n: int = 0):
        return x * float(n or 3)


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.part = torch.jit.script(Part())

    def forward(self, x):
        return self.part(x)
""",
    "unknown part": """
class Net(nn.Module):
    def __init__(self, part):
        super().__init__()
        self.part = torch.jit.script(part)

    def forward(self, x):
        return self.part(x)
""",
    "attribute of a script": """
class Net(torch.jit.ScriptModule):
    def __init__(self):
        super().__init__()
        self.n = torch.jit.Attribute(3, int)

    @torch.jit.script_method
    def forward(self, x):
        return x * self.n
""",
    "defined by text": """
class Net(torch.jit.ScriptModule):
    def __init__(self):
        super().__init__()
        self.define("def forward(self, x):\\n    return x * 2")
""",
    "branch on a number": """
class Net(nn.Module):
    def forward(self, x):
        if x.sum() > 0:
            return x
        return -x


net = torch.jit.script(Net())
y = net(torch.rand(2))
""",
    "keys of the state": """
net = torch.jit.script(nn.Linear(4, 2))
y = net(torch.rand(3, 4))
torch.save(net.state_dict(), "net.pt")
""",
    "handed on": """
def scripted(net):
    return torch.jit.script(net)
""",
    "a trace": """
net = nn.Linear(4, 2)
traced = torch.jit.trace(net, torch.rand(1, 4))
y = traced(torch.rand(3, 4))
""",
    "saved itself": """
class Net(torch.jit.ScriptModule):
    @torch.jit.script_method
    def forward(self, x):
        return x * 2


net = Net()
net.save("net.pt")
""",
    "rounds by a number": """
class Net(nn.Module):
    def forward(self, x):
        for i in range(int(x.sum())):
            x = x + i
        return x


net = torch.jit.script(Net())
y = net(torch.rand(2, 2))
""",
    "initialised by another file": """
from somewhere import set_up


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.part = torch.jit.script(nn.Linear(4, 4))
        set_up(self)

    def forward(self, x):
        return self.part(x)
""",
    "of somebody else": """
class Net(nn.Module):
    def __init__(self, part):
        super().__init__()
        part = nn.Linear(4, 4)
        self.part = torch.jit.script(part.eval())
        self.again = part

    def forward(self, x):
        return self.part(x)
""",
    "mode of its own": """
net = nn.Dropout(0.5)
scripted = torch.jit.script(net)
net.eval()
y = scripted(torch.rand(3, 4))
""",
    "mode of the other": """
net = nn.Dropout(0.5)
scripted = torch.jit.script(net)
scripted.eval()
y = scripted(torch.rand(3, 4))
z = net(torch.rand(3, 4))
""",
    "kept by another": """
net = nn.Dropout(0.5)
kept = [net]
net = torch.jit.script(net)
net.eval()
y = net(torch.rand(3, 4))
z = kept[0](torch.rand(3, 4))
""",
    "mode after a chain": """
net = nn.Dropout(0.5)
scripted = torch.jit.script(net.float())
net.eval()
y = scripted(torch.rand(3, 4))
""",
}
