"""Trains and exports models/mlp-keras: 784-128-128-10 with ReLU and a softmax head."""

from keras_mnist import keras, publish


def main():
    keras.utils.set_random_seed(1)
    model = keras.Sequential([
        keras.Input((28, 28, 1), name="image"),
        keras.layers.Flatten(),
        keras.layers.Dense(128, "relu"),
        keras.layers.Dense(128, "relu"),
        keras.layers.Dense(10, "softmax"),
    ])
    publish("mlp-keras", model, keras.losses.SparseCategoricalCrossentropy(), epochs=15, rate=2e-3)


if __name__ == "__main__":
    main()
