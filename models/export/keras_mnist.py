"""Training and publishing of the Keras image models, whose input is [batch, 28, 28, 1]."""

import os

os.environ["KERAS_BACKEND"] = "torch"  # the backend whose export needs no TensorFlow

import keras  # noqa: E402

from common import (BATCH, PIXEL_SCALE, check, data_argument, distorted_batches, finish, mnist, model_path,  # noqa: E402
                    save_samples, steps_per_epoch)
from draw_digits import digits  # noqa: E402


def publish(name, model, loss, epochs, rate):
    """Trains model on the MNIST of --data, exports it by Keras' own means, then checks and completes the result."""
    data = data_argument()
    images, labels = mnist(data, "train")
    steps = steps_per_epoch(labels)
    schedule = keras.optimizers.schedules.CosineDecay(rate, epochs * steps)
    model.compile(keras.optimizers.AdamW(schedule, weight_decay=0.01), loss)
    batches = ((batch[..., None], target) for batch, target in distorted_batches(images, labels, seed=1))
    model.fit(batches, steps_per_epoch=steps, epochs=epochs, verbose=2)

    path = model_path(name)
    model.export(path, format="onnx", verbose=False)
    finish(path, PIXEL_SCALE)
    images, labels = mnist(data, "t10k")
    check(path, model.predict(images[..., None], batch_size=BATCH, verbose=0), images[..., None], labels)
    drawn, drawn_labels = digits()
    save_samples(path, drawn[..., None].astype("float32") / 255, drawn_labels)
