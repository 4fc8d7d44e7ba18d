import torch
from torch import nn


class TextCNN(nn.Module):
    def __init__(self, words=500, size=32, channels=16, widths=(3, 4, 5)):
        super().__init__()
        self.embedding = nn.Embedding(words, size)
        self.convs = nn.ModuleList([nn.Conv1d(size, channels, width) for width in widths])
        self.decoder = nn.Linear(channels * len(widths), 2)

    def forward(self, tokens):
        embedded = self.embedding(tokens).permute(0, 2, 1)
        pooled = []
        for conv in self.convs:
            pooled.append(torch.relu(conv(embedded)).max(dim=2)[0])
        return self.decoder(torch.cat(pooled, dim=1))


INPUT_SHAPES = [(1, 40), (4, 40)]


def example_inputs(seed=0, shape=(1, 40)):
    return (torch.randint(0, 500, shape, generator=torch.Generator().manual_seed(seed)),)
