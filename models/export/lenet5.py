"""Trains and exports models/lenet5: the classic LeNet-5, channels last."""

from keras_mnist import keras, publish


def main():
    keras.utils.set_random_seed(1)
    layers = keras.layers
    model = keras.Sequential([
        keras.Input((28, 28, 1), name="image"),
        layers.ZeroPadding2D(2),
        layers.Conv2D(6, 5, activation="relu"),
        layers.AveragePooling2D(2),
        layers.Conv2D(16, 5, activation="relu"),
        layers.AveragePooling2D(2),
        layers.Flatten(),
        layers.Dense(120, "relu"),
        layers.Dense(84, "relu"),
        layers.Dense(10),
    ])
    publish("lenet5", model, keras.losses.SparseCategoricalCrossentropy(from_logits=True), epochs=12, rate=3e-3)


if __name__ == "__main__":
    main()
