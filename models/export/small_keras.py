"""A Keras functional model with branches, two inputs and two outputs."""

import os
from dataclasses import dataclass

os.environ["KERAS_BACKEND"] = "torch"  # the backend whose export needs no TensorFlow

import keras  # noqa: E402
import numpy as np  # noqa: E402


@dataclass(frozen=True)
class KerasCase:
    name: str
    batch: int | None
    inputs: dict

    def export(self, path):
        """Writes the model and returns Keras' own outputs."""
        keras.utils.set_random_seed(1)
        model = branches()
        signature = [keras.InputSpec(shape=(self.batch, *i.shape[1:]), dtype="float32", name=i.name) for i in model.inputs]
        model.export(path, format="onnx", verbose=False, input_signature=[signature])
        return model.predict(list(self.inputs.values()), verbose=0)


def branches():
    layers = keras.layers
    norm = {
        "moving_mean_initializer": keras.initializers.RandomNormal(0, 0.2),
        "moving_variance_initializer": keras.initializers.RandomUniform(0.1, 0.4),
    }
    image = keras.Input((12, 12, 3), name="image")
    facts = keras.Input((5,), name="facts")

    narrow = layers.Conv2D(6, 1, activation="swish")(image)
    wide = layers.SeparableConv2D(6, 5, padding="same", activation="elu")(image)
    pooled = layers.Conv2D(6, 1)(layers.MaxPooling2D(3, strides=1, padding="same")(image))
    merged = layers.Concatenate()([narrow, wide, pooled])
    merged = layers.LeakyReLU(0.1)(layers.BatchNormalization(**norm)(merged))
    merged = layers.Conv2D(8, 3, strides=2, padding="same")(merged)
    gate = layers.Dense(8, "sigmoid")(layers.GlobalAveragePooling2D()(merged))
    merged = layers.Multiply()([merged, layers.Reshape((1, 1, 8))(gate)])
    merged = layers.Conv2DTranspose(4, 3, strides=2, padding="same", activation="relu")(merged)
    summary = layers.GlobalMaxPooling2D()(merged)

    hidden = layers.Dense(4, "tanh")(facts)
    joined = layers.Add()([summary, hidden])
    kind = layers.Dense(3, "softmax", name="kind")(joined)
    amount = layers.Dense(1, "softplus", name="amount")(layers.Subtract()([summary, hidden]))
    model = keras.Model([image, facts], [kind, amount])
    for weight in model.trainable_weights:
        if len(weight.shape) == 1:  # biases and norms start at 0 and 1, where a mix-up would not show
            weight.assign_add(keras.random.normal(weight.shape, stddev=0.2))
    return model


def cases():
    random = np.random.default_rng(1)
    inputs = {"image": random.random((2, 12, 12, 3), np.float32), "facts": random.standard_normal((2, 5), np.float32)}
    return [KerasCase("keras-branches-legacy", None, inputs), KerasCase("keras-branches-dynamo", 2, inputs)]
