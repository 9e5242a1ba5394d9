"""Trains and exports models/mlp: 784-128-128-10 with ReLU."""

import torch
from torch import nn

from torch_mnist import publish


def export(net, image, path):
    torch.onnx.export(net, (image,), path, dynamo=True, opset_version=18, input_names=["image"],
                      output_names=["scores"], dynamic_shapes=({0: torch.export.Dim("batch")},), external_data=False)


def main():
    torch.manual_seed(1)
    net = nn.Sequential(
        nn.Flatten(), nn.Linear(784, 128), nn.ReLU(), nn.Linear(128, 128), nn.ReLU(), nn.Linear(128, 10),
    )
    publish("mlp", net, export, epochs=20, rate=5e-3, decay=0.01)


if __name__ == "__main__":
    main()
