"""What the scripts of this folder share: reading MNIST, distorting it for training, finishing and checking an export."""

import argparse
import gzip
import math
from collections import Counter
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import torch
import torch.nn.functional as F

MODELS = Path(__file__).resolve().parent.parent
BATCH = 128
PIXEL_SCALE = {"sardonyx.input.scale": repr(1 / 255)}


def data_argument():
    parser = argparse.ArgumentParser()
    parser.add_argument("--data", type=Path, required=True, help="folder of MNIST's four .gz files")
    return parser.parse_args().data


def mnist(data, split):
    """Images float32 [n, 28, 28] in 0..1 and labels int64 [n]; split is 'train' or 't10k'."""
    with gzip.open(data / f"mnist-{split}-images-idx3-ubyte.gz") as file:
        images = np.frombuffer(file.read(), np.uint8, offset=16).reshape(-1, 28, 28)
    with gzip.open(data / f"mnist-{split}-labels-idx1-ubyte.gz") as file:
        labels = np.frombuffer(file.read(), np.uint8, offset=8)
    return images.astype(np.float32) / 255, labels.astype(np.int64)


def steps_per_epoch(labels):
    return math.ceil(len(labels) / BATCH)


def distorted_batches(images, labels, seed):
    """Endless shuffled batches [<=BATCH, 28, 28], each image turned, scaled, slanted and moved a little.

    Without this a model learns MNIST's own scanners and writers and stumbles over digits drawn elsewhere.
    """
    random = torch.Generator().manual_seed(seed)
    images, labels = torch.from_numpy(images), torch.from_numpy(labels)

    def uniform(n, bound):
        return (2 * torch.rand(n, generator=random) - 1) * bound

    while True:
        for index in torch.randperm(len(labels), generator=random).split(BATCH):
            n = len(index)
            angle, slant = uniform(n, math.radians(10)), uniform(n, 0.15)
            size = torch.exp(uniform(n, 0.12))
            cos, sin = size * angle.cos(), size * angle.sin()
            # affine_grid counts in half images: 0.1 is 1.4 pixels.
            rows = [cos, slant - sin, uniform(n, 0.1), sin, cos, uniform(n, 0.1)]
            grid = F.affine_grid(torch.stack(rows, 1).view(n, 2, 3), (n, 1, 28, 28), align_corners=False)
            yield F.grid_sample(images[index, None], grid, align_corners=False)[:, 0], labels[index]


def finish(path, metadata=None):
    """Stores the weights inside the file, adds the metadata and drops exporters' stack traces and folder names."""
    model = onnx.load(path)
    for node in model.graph.node:
        del node.metadata_props[:]
        node.ClearField("doc_string")
    for value in [*model.graph.input, *model.graph.output, *model.graph.value_info, *model.graph.initializer]:
        del value.metadata_props[:]
        value.ClearField("doc_string")
    del model.graph.metadata_props[:]
    if metadata:
        onnx.helper.set_model_props(model, metadata)
    onnx.checker.check_model(model, full_check=True)
    Path(f"{path}.data").unlink(missing_ok=True)
    onnx.save(model, path)


def check(path, framework_outputs, inputs, labels):
    """Runs the file in ONNX Runtime and prints what its README states."""
    model = onnx.load(path)
    session = onnxruntime.InferenceSession(path)
    outputs = session.run(None, {session.get_inputs()[0].name: inputs})[0]
    predicted = outputs.argmax(1) if outputs.shape[1] > 1 else outputs[:, 0] > 0.5
    parameters = sum(math.prod(i.dims) for i in model.graph.initializer if i.data_type == onnx.TensorProto.FLOAT)
    operators = Counter(node.op_type for node in model.graph.node)
    print(f"{path.name}: opset {model.opset_import[0].version}, {model.producer_name}, {path.stat().st_size} bytes")
    print(f"  {parameters} parameters, {dict(operators)}")
    print(f"  accuracy {(predicted == labels).mean():.2%} of {len(labels)}, outputs {outputs.min():.2f} to {outputs.max():.2f}")
    print(f"  max |ONNX Runtime - framework| {np.abs(outputs - framework_outputs).max():.1e}")


def save_samples(path, inputs, labels, wrong_allowed=0):
    """Writes samples.npz beside the model, unless too many samples are classified wrong."""
    session = onnxruntime.InferenceSession(path)
    name = session.get_inputs()[0].name
    outputs = session.run(None, {name: inputs})[0]
    predicted = outputs.argmax(1) if outputs.shape[1] > 1 else (outputs[:, 0] > 0.5).astype(np.int64)
    print(f"  samples predicted {predicted.tolist()}")
    wrong = np.flatnonzero(predicted != labels)
    if len(wrong) > wrong_allowed:
        raise SystemExit(f"{path.name}: samples {wrong.tolist()} are classified wrong")
    np.savez_compressed(path.parent / "samples.npz", **{name: inputs}, labels=labels)


def model_path(name):
    folder = MODELS / name
    folder.mkdir(exist_ok=True)
    return folder / f"{name}.onnx"
