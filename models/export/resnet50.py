"""Writes ResNet-50 (torchvision, 1x3x224x224, random weights, batch norms fitted to smooth pictures) for benchmarks of deep nets.

The file takes 100 MB and is not part of the repository; samples.npz beside it calibrates a plan and feeds `sardonyx bench`.
"""

import argparse
from pathlib import Path

import numpy as np
import onnxruntime
import torch
from torchvision.models import resnet50

from common import finish
from small_nets import pictures

SIDE = 224


def fit_norms(net):
    """Running statistics and gains as after training: each block's branch adds a part of what is there, so that depth does not blow it up."""
    norms = [module for module in net.modules() if isinstance(module, torch.nn.BatchNorm2d)]
    for norm in norms:
        norm.momentum = None
    with torch.no_grad():
        for name, module in net.named_modules():
            if name.endswith("bn3"):
                module.weight.fill_(0.5)
        net.train()
        for _ in range(2):
            net(pictures(16, SIDE))
    for norm in norms:
        norm.running_var.clamp_(min=0.05)
    net.eval()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path, help="where resnet50.onnx and samples.npz go")
    folder = parser.parse_args().folder
    folder.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(50)
    net = resnet50(weights=None)
    fit_norms(net)
    path = folder / "resnet50.onnx"
    torch.onnx.export(net, pictures(1, SIDE), path, dynamo=False, opset_version=17, input_names=["image"], output_names=["scores"])
    finish(path)
    samples = pictures(8, SIDE)
    with torch.no_grad():
        expected = net(samples).numpy()
    session = onnxruntime.InferenceSession(path)
    actual = np.concatenate([session.run(None, {"image": sample[None].numpy()})[0] for sample in samples])
    np.savez_compressed(folder / "samples.npz", image=samples.numpy())
    print(f"{path}: {path.stat().st_size} bytes, outputs {actual.min():.2f} to {actual.max():.2f}, "
          f"max |ONNX Runtime - PyTorch| {np.abs(actual - expected).max():.1e}")


if __name__ == "__main__":
    main()
