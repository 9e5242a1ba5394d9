"""Trains and exports models/lenet: the LeNet of MP-SPDZ's torch_mnist_lenet_predict example."""

import torch
from torch import nn

from torch_mnist import publish


def export(net, image, path):
    torch.onnx.export(net, image, path, dynamo=False, opset_version=17, input_names=["image"],
                      output_names=["scores"], dynamic_axes={"image": {0: "batch"}, "scores": {0: "batch"}})


def main():
    torch.manual_seed(1)
    net = nn.Sequential(
        nn.Conv2d(1, 20, 5), nn.MaxPool2d(2), nn.ReLU(),
        nn.Conv2d(20, 50, 5), nn.MaxPool2d(2), nn.ReLU(),
        nn.Flatten(), nn.Linear(800, 500), nn.ReLU(), nn.Linear(500, 10),
    )
    publish("lenet", net, export, epochs=8, rate=3e-3, decay=0.05)


if __name__ == "__main__":
    main()
