"""Writes test/models: small exports of well-known architectures as ONNX test folders.

Every folder has model.onnx and test_data_set_0/{input,output}_<i>.pb, outputs computed by ONNX Runtime.
Weights are random from a fixed seed.

    python test_exports.py [NAME ...]     all, or those whose name begins with one of the given
"""

import shutil
import sys
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import torch
from onnx import numpy_helper

import small_keras
import small_nets
import small_onnx_ml
from common import MODELS, finish

FOLDER = MODELS.parent / "test" / "models"


@dataclass(frozen=True)
class TorchCase:
    name: str
    build: object
    inputs: dict  # name to example tensor, in the order of forward's arguments
    axes: dict  # name to {dimension: symbol}


def image_case(name, build, side):
    return TorchCase(name, build, {"image": small_nets.pictures(2, side)}, {"image": {0: "batch"}})


def torch_cases():
    token, ids = torch.randint(0, 50, (2, 7)), torch.randint(0, 60, (2, 9))
    mask = torch.ones_like(ids)
    mask[1, 6:] = 0
    batch, text = {0: "batch"}, {0: "batch", 1: "length"}
    return [
        image_case("resnet18", small_nets.resnet18, 32),
        image_case("mobilenet-v2", small_nets.mobilenet_v2, 32),
        image_case("vgg11", small_nets.vgg11, 32),
        image_case("squeezenet11", small_nets.squeezenet11, 33),
        image_case("efficientnet-b0", small_nets.efficientnet_b0, 32),
        image_case("densenet121", small_nets.densenet121, 32),
        image_case("vit", small_nets.vit, 16),
        image_case("unet", small_nets.UNet, 16),
        TorchCase("lstm", small_nets.LstmClassifier, {"ids": token}, {"ids": batch}),
        TorchCase("gru", small_nets.GruClassifier, {"series": torch.randn(7, 2, 6)}, {"series": {1: "batch"}}),
        TorchCase("transformer-encoder", small_nets.TransformerEncoder, {"sequence": torch.randn(2, 7, 16)},
                  {"sequence": text}),
        TorchCase("bert", small_nets.bert, {"input_ids": ids, "attention_mask": mask},
                  {"input_ids": text, "attention_mask": text}),
        TorchCase("gpt2", small_nets.gpt2, {"input_ids": ids, "attention_mask": mask},
                  {"input_ids": text, "attention_mask": text}),
    ]


def legacy(case, net, path):
    torch.onnx.export(net, tuple(case.inputs.values()), path, dynamo=False, opset_version=17,
                      input_names=list(case.inputs), output_names=["output"], dynamic_axes=case.axes)


def dynamo(case, net, path):
    # Static shapes: what this exporter writes for symbolic ones, models/mlp shows.
    torch.onnx.export(net, tuple(case.inputs.values()), path, dynamo=True, opset_version=20, verbose=False,
                      input_names=list(case.inputs), output_names=["output"], external_data=False)


def start(name):
    folder = FOLDER / name
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return folder / "model.onnx"


def complete(path, inputs, expected):
    """Writes the data set and prints how far ONNX Runtime is from the framework's own outputs."""
    finish(path)
    session = onnxruntime.InferenceSession(path)
    outputs = session.run(None, inputs)
    data = path.parent / "test_data_set_0"
    data.mkdir()
    arrays = inputs | {o.name: array for o, array in zip(session.get_outputs(), outputs)}
    for kind, values in (("input", session.get_inputs()), ("output", session.get_outputs())):
        for i, value in enumerate(values):
            tensor = numpy_helper.from_array(arrays[value.name], value.name)
            (data / f"{kind}_{i}.pb").write_bytes(tensor.SerializeToString())
    model = onnx.load(path)
    opsets = ", ".join(f"{o.domain or 'ai.onnx'} {o.version}" for o in model.opset_import)
    error = max(np.abs(a - b).max() for a, b in zip(outputs, expected))
    span = ", ".join(f"{o.min():.2f}..{o.max():.2f}" for o in outputs)
    print(f"{path.parent.name}: {opsets}, {path.stat().st_size} bytes, outputs {span}, error {error:.0e}")
    print(f"  {dict(Counter(n.op_type for n in model.graph.node).most_common())}", flush=True)


def main():
    def wanted(name):
        return not sys.argv[1:] or name.startswith(tuple(sys.argv[1:]))

    torch.manual_seed(1)
    torch.backends.mha.set_fastpath_enabled(False)  # a fused kernel that has no ONNX counterpart
    for case in torch_cases():
        for export in legacy, dynamo:
            name = f"{case.name}-{export.__name__}"
            if not wanted(name):
                continue
            torch.manual_seed(1)
            net = case.build()
            small_nets.vary(net)
            if "image" in case.inputs:
                small_nets.calibrate(net, case.inputs["image"].shape[-1])
            net.eval()
            with torch.no_grad():
                expected = net(*case.inputs.values()).numpy()
            path = start(name)
            export(case, net, path)
            complete(path, {k: v.numpy() for k, v in case.inputs.items()}, [expected])
    for case in small_keras.cases():
        if wanted(case.name):
            path = start(case.name)
            complete(path, case.inputs, case.export(path))
    for case in small_onnx_ml.cases():
        if wanted(case.name):
            path = start(case.name)
            onnx.save(case.model, path)
            complete(path, {"features": case.features}, case.expected)


if __name__ == "__main__":
    main()
