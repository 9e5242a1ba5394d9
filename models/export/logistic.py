"""Trains and exports models/logistic: logistic regression on scikit-learn's breast cancer data.

The graph is put together from plain ONNX operators: a scikit-learn converter would emit ai.onnx.ml operators,
which test/models covers, while this one shows the shape most people write by hand.
"""

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper
from sklearn.datasets import load_breast_cancer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from common import check, finish, model_path, save_samples

SAMPLES = 16


def graph(scaler, regression):
    constants = {
        "mean": scaler.mean_,
        "inverse_deviation": 1 / scaler.scale_,
        "weight": regression.coef_.T,
        "bias": regression.intercept_,
    }
    return helper.make_graph(
        [
            helper.make_node("Sub", ["features", "mean"], ["centred"], "centre"),
            helper.make_node("Mul", ["centred", "inverse_deviation"], ["standardised"], "standardise"),
            helper.make_node("Gemm", ["standardised", "weight", "bias"], ["score"], "dense"),
            helper.make_node("Sigmoid", ["score"], ["probability"], "sigmoid"),
        ],
        "logistic",
        [helper.make_tensor_value_info("features", TensorProto.FLOAT, ["batch", scaler.n_features_in_])],
        [helper.make_tensor_value_info("probability", TensorProto.FLOAT, ["batch", 1])],
        [numpy_helper.from_array(value.astype(np.float32), name) for name, value in constants.items()],
    )


def main():
    features, labels = load_breast_cancer(return_X_y=True)
    train, test, train_labels, test_labels = train_test_split(features, labels, stratify=labels, random_state=1)
    pipeline = make_pipeline(StandardScaler(), LogisticRegression()).fit(train, train_labels)
    path = model_path("logistic")
    model = helper.make_model(graph(*(step for _, step in pipeline.steps)), producer_name="logistic.py", ir_version=8,
                              opset_imports=[helper.make_opsetid("", 17)])
    onnx.save(model, path)
    finish(path)
    test32 = test.astype(np.float32)
    check(path, pipeline.predict_proba(test)[:, 1:], test32, test_labels)
    save_samples(path, test32[:SAMPLES], test_labels[:SAMPLES], wrong_allowed=1)


if __name__ == "__main__":
    main()
