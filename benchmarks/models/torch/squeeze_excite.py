import torch
from torch import nn


class SqueezeExcite(nn.Module):
    def __init__(self, channels=32, reduction=4):
        super().__init__()
        self.conv = nn.Conv2d(channels, channels, 3, padding=1, groups=channels)
        self.norm = nn.BatchNorm2d(channels)
        self.down = nn.Linear(channels, channels // reduction)
        self.up = nn.Linear(channels // reduction, channels)

    def forward(self, x):
        y = self.norm(self.conv(x))
        scale = y.mean(dim=(2, 3))
        scale = torch.sigmoid(self.up(torch.relu(self.down(scale))))
        y = y * scale[:, :, None, None]
        y += x
        return torch.nn.functional.silu(y)


INPUT_SHAPES = [(1, 32, 14, 14), (2, 32, 14, 14)]


def example_inputs(seed=0, shape=(1, 32, 14, 14)):
    return (torch.randn(shape, generator=torch.Generator().manual_seed(seed)),)
