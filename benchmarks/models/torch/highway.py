import torch
from torch import nn


class Highway(nn.Module):
    """Layers that let through what a gate says."""

    def __init__(self, size=128, depth=6):
        super().__init__()
        self.gates = nn.ModuleList([nn.Linear(size, size) for _ in range(depth)])
        self.layers = nn.ModuleList([nn.Linear(size, size) for _ in range(depth)])

    def forward(self, x):
        for gate, layer in zip(self.gates, self.layers):
            g = torch.sigmoid(gate(x))
            x = g * torch.relu(layer(x)) + (1 - g) * x
        return x


INPUT_SHAPES = [(1, 128), (8, 128)]


def example_inputs(seed=0, shape=(1, 128)):
    return (torch.randn(shape, generator=torch.Generator().manual_seed(seed)),)
