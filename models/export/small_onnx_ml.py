"""Classical models as graphs of ai.onnx.ml operators, fitted by scikit-learn and written the way its converters do."""

from dataclasses import dataclass

import numpy as np
import onnx
from onnx import TensorProto, helper
from sklearn.ensemble import RandomForestClassifier, RandomForestRegressor
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.preprocessing import StandardScaler, normalize
from sklearn.svm import SVC, SVR

FEATURES = 5
CLASSES = 3
ROWS = 8


@dataclass(frozen=True)
class MlCase:
    name: str
    model: onnx.ModelProto
    features: np.ndarray
    expected: list


def ml(operator, inputs, outputs, **attributes):
    return helper.make_node(operator, inputs, outputs, operator, domain="ai.onnx.ml", **attributes)


def model(nodes, outputs):
    """outputs: name to (element type, columns or None)."""
    shape = {name: ["batch"] if columns is None else ["batch", columns] for name, (_, columns) in outputs.items()}
    graph = helper.make_graph(
        nodes, "classical", [helper.make_tensor_value_info("features", TensorProto.FLOAT, ["batch", FEATURES])],
        [helper.make_tensor_value_info(name, kind, shape[name]) for name, (kind, _) in outputs.items()])
    return helper.make_model(graph, ir_version=8, producer_name="small_onnx_ml.py", opset_imports=[
        helper.make_opsetid("", 17), helper.make_opsetid("ai.onnx.ml", 3)])


LABEL_AND_SCORES = {"label": (TensorProto.INT64, None), "scores": (TensorProto.FLOAT, CLASSES)}
VALUE = {"value": (TensorProto.FLOAT, 1)}


def tree_nodes(forest):
    """The nodes_* attributes of all trees, and (tree, node, sklearn's value) of every leaf."""
    columns = {k: [] for k in ("treeids", "nodeids", "featureids", "values", "modes", "truenodeids", "falsenodeids")}
    leaves = []
    for number, estimator in enumerate(forest.estimators_):
        tree = estimator.tree_
        for node in range(tree.node_count):
            leaf = tree.children_left[node] < 0
            row = (number, node, max(tree.feature[node], 0), 0.0 if leaf else tree.threshold[node],
                   "LEAF" if leaf else "BRANCH_LEQ", max(tree.children_left[node], 0), max(tree.children_right[node], 0))
            for column, value in zip(columns.values(), row):
                column.append(value)
            if leaf:
                leaves.append((number, node, tree.value[node][0]))
    return {f"nodes_{name}": column for name, column in columns.items()}, leaves


def tree_classifier(features, kinds, _):
    forest = RandomForestClassifier(6, max_depth=4, random_state=1).fit(features, kinds)
    nodes, leaves = tree_nodes(forest)
    votes = [(t, n, c, share / len(forest.estimators_)) for t, n, shares in leaves for c, share in enumerate(shares)]
    trees, ids, classes, weights = zip(*votes)
    node = ml("TreeEnsembleClassifier", ["features"], ["label", "scores"], **nodes, class_treeids=trees,
              class_nodeids=ids, class_ids=classes, class_weights=weights, classlabels_int64s=range(CLASSES),
              post_transform="NONE")
    return model([node], LABEL_AND_SCORES), lambda x: [forest.predict(x), forest.predict_proba(x)]


def tree_regressor(features, _, amounts):
    forest = RandomForestRegressor(6, max_depth=4, random_state=1).fit(features, amounts)
    nodes, leaves = tree_nodes(forest)
    trees, ids, values = zip(*leaves)
    node = ml("TreeEnsembleRegressor", ["features"], ["value"], **nodes, target_treeids=trees, target_nodeids=ids,
              target_ids=[0] * len(leaves), target_weights=[v[0] / len(forest.estimators_) for v in values],
              n_targets=1, post_transform="NONE")
    return model([node], VALUE), lambda x: [forest.predict(x)[:, None]]


def kernel(machine):
    return [machine.gamma, machine.coef0, machine.degree]


def svm_classifier(features, kinds, _):
    machine = SVC(C=2.0, kernel="rbf", gamma=0.2, decision_function_shape="ovo").fit(features, kinds)
    node = ml("SVMClassifier", ["features"], ["label", "scores"], classlabels_ints=range(CLASSES), kernel_type="RBF",
              kernel_params=kernel(machine), support_vectors=machine.support_vectors_.ravel(),
              vectors_per_class=machine.n_support_, coefficients=machine.dual_coef_.ravel(),
              rho=machine.intercept_, post_transform="NONE")
    return model([node], LABEL_AND_SCORES), lambda x: [machine.predict(x), machine.decision_function(x)]


def svm_regressor(features, _, amounts):
    machine = SVR(C=2.0, kernel="poly", gamma=0.2, degree=3, coef0=0.5).fit(features, amounts)
    node = ml("SVMRegressor", ["features"], ["value"], kernel_type="POLY", kernel_params=kernel(machine),
              support_vectors=machine.support_vectors_.ravel(), n_supports=len(machine.support_),
              coefficients=machine.dual_coef_.ravel(), rho=machine.intercept_, one_class=0, post_transform="NONE")
    return model([node], VALUE), lambda x: [machine.predict(x)[:, None]]


def linear_classifier(features, kinds, _):
    scaler = StandardScaler().fit(features)
    regression = LogisticRegression().fit(scaler.transform(features), kinds)
    nodes = [
        ml("Scaler", ["features"], ["scaled"], offset=scaler.mean_, scale=1 / scaler.scale_),
        ml("LinearClassifier", ["scaled"], ["label", "scores"], coefficients=regression.coef_.ravel(),
           intercepts=regression.intercept_, classlabels_ints=range(CLASSES), multi_class=1, post_transform="SOFTMAX"),
    ]
    return model(nodes, LABEL_AND_SCORES), lambda x: [
        regression.predict(scaler.transform(x)), regression.predict_proba(scaler.transform(x))]


def linear_regressor(features, _, amounts):
    regression = LinearRegression().fit(normalize(features), amounts)
    nodes = [
        ml("Normalizer", ["features"], ["normal"], norm="L2"),
        ml("LinearRegressor", ["normal"], ["value"], coefficients=regression.coef_, intercepts=[regression.intercept_],
           targets=1, post_transform="NONE"),
    ]
    return model(nodes, VALUE), lambda x: [regression.predict(normalize(x))[:, None]]


def cases():
    random = np.random.default_rng(1)
    features = random.standard_normal((120, FEATURES), np.float32)
    kinds = (features @ random.standard_normal((FEATURES, CLASSES)) + random.standard_normal((120, CLASSES)) / 2).argmax(1)
    amounts = np.tanh(features[:, 0] * features[:, 1]) + 0.5 * features[:, 2]
    rows = random.standard_normal((ROWS, FEATURES), np.float32)
    result = []
    for build in tree_classifier, tree_regressor, svm_classifier, svm_regressor, linear_classifier, linear_regressor:
        graph, predict = build(features, kinds, amounts)
        result.append(MlCase(build.__name__.replace("_", "-"), graph, rows, predict(rows)))
    return result
