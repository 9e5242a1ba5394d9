package dev.sardonyx.importer;

import static dev.sardonyx.importer.Operator.ml;

import dev.sardonyx.graph.ElementType;
import dev.sardonyx.graph.Op;
import dev.sardonyx.graph.Op.Compare.Relation;
import dev.sardonyx.graph.Op.Reduce;
import dev.sardonyx.graph.ScalarFunction.Elementary;
import dev.sardonyx.graph.Shape;
import dev.sardonyx.graph.Tensor;
import dev.sardonyx.graph.ValueId;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/** Linear models, support vector machines, tree ensembles, and what prepares their features. Numbers in attributes are secret. */
final class Classical {
    private static final String LABELS = "labels that are text come out as the class's number";

    static final List<Operator> TABLE = List.of(
            ml("LinearClassifier").note(LABELS).translates(Classical::linearClassifier),
            ml("LinearRegressor").gives(Classical::linearRegressor),
            ml("SVMClassifier").note(LABELS).translates(node -> new SupportVectors(node).classify()),
            ml("SVMRegressor").gives(node -> new SupportVectors(node).regress()),
            ml("TreeEnsembleClassifier").versions(1, 3).note("thresholds, leaves, features and topology are secret; " + LABELS)
                    .translates(TreeEnsembles::classify),
            ml("TreeEnsembleRegressor").versions(1, 3).note("thresholds, leaves, features and topology are secret")
                    .gives(TreeEnsembles::regress),
            ml("TreeEnsemble").versions(5).note("thresholds, leaves, features and topology are secret").gives(TreeEnsembles::ensemble),
            ml("Scaler").gives(Classical::scaler),
            ml("Normalizer").gives(Classical::normalizer),
            ml("Binarizer").gives(node -> {
                GraphOps ops = node.ops();
                ValueId threshold = ops.secret("threshold", GraphOps.tensor(node.type(0), Shape.SCALAR, node.real("threshold", 0)));
                return ops.cast(ops.compare(Relation.GREATER, node.input(0), threshold), node.type(0));
            }),
            ml("Imputer").note("shares hold no NaN: a NaN to be replaced cannot occur").gives(Classical::imputer),
            ml("FeatureVectorizer").gives(Classical::featureVectorizer),
            ml("OneHotEncoder").note("integer categories").gives(Classical::oneHot),
            ml("LabelEncoder").versions(2, 4).note("numbers to numbers").gives(Classical::labelEncoder),
            ml("ArrayFeatureExtractor").indexInputs(1).gives(Classical::extract),
            ml("ZipMap").note("gives the tensor inside: classes in the model's order").translates(node -> node.output(0, node.held(0))));

    private Classical() {
    }

    /** x as a real matrix [N, features]. */
    static ValueId features(NodeContext node) {
        GraphOps ops = node.ops();
        ValueId x = node.type(0).isFloating() ? node.input(0) : ops.cast(node.input(0), ElementType.FLOAT32);
        return ops.rank(x) == 1 ? ops.unsqueeze(x, 0) : x;
    }

    /** A learned attribute as a secret constant; its first extent follows from its length. */
    static ValueId learned(NodeContext node, String attribute, ElementType type, int... inner) {
        double[] values = node.reals(attribute).orElseThrow(() -> node.missing(attribute));
        int rest = IntStream.of(inner).reduce(1, Math::multiplyExact);
        if (rest == 0 || values.length % rest != 0) {
            throw node.invalid(attribute + " has " + values.length + " numbers; expected a multiple of " + rest);
        }
        Shape shape = Shape.of(IntStream.concat(IntStream.of(values.length / rest), IntStream.of(inner)).toArray());
        return node.ops().secret(attribute, GraphOps.tensor(type, shape, values));
    }

    private static ValueId linear(NodeContext node, ValueId x) {
        GraphOps ops = node.ops();
        ValueId coefficients = learned(node, "coefficients", ops.type(x), ops.dim(x, 1));
        ValueId product = ops.add(new Op.MatMul(), x, ops.transposeMatrix(coefficients));
        return node.hasAttribute("intercepts") ? ops.add(product, learned(node, "intercepts", ops.type(x))) : product;
    }

    private static void linearClassifier(NodeContext node) {
        GraphOps ops = node.ops();
        ValueId scores = linear(node, features(node));
        int classes = Scores.classes(node, "classlabels_ints", "classlabels_strings");
        if (ops.dim(scores, 1) == 1 && classes == 2) {
            ValueId positive = ops.cast(ops.compare(Relation.GREATER, scores, 0), ElementType.INT64);
            node.output(0, Scores.label(node, ops.squeeze(positive, 1), "classlabels_ints"));
            node.output(1, Scores.pair(ops, scores, Scores.Pair.COMPLEMENT, Scores.transform(node)));
            return;
        }
        node.output(0, Scores.winner(node, scores, "classlabels_ints"));
        node.output(1, Scores.transformed(ops, scores, Scores.transform(node)));
    }

    private static ValueId linearRegressor(NodeContext node) {
        return Scores.transformed(node.ops(), linear(node, features(node)), Scores.transform(node));
    }

    private static ValueId scaler(NodeContext node) {
        GraphOps ops = node.ops();
        ValueId x = node.type(0).isFloating() ? node.input(0) : ops.cast(node.input(0), ElementType.FLOAT32);
        ValueId centred = node.hasAttribute("offset") ? ops.sub(x, learned(node, "offset", ops.type(x))) : x;
        return node.hasAttribute("scale") ? ops.mul(centred, learned(node, "scale", ops.type(x))) : centred;
    }

    /** Rows divided by their norm; a row whose norm is zero stays as it is. */
    private static ValueId normalizer(NodeContext node) {
        GraphOps ops = node.ops();
        ValueId x = node.type(0).isFloating() ? node.input(0) : ops.cast(node.input(0), ElementType.FLOAT32);
        int axis = ops.rank(x) - 1;
        String norm = node.text("norm", "MAX", List.of("MAX", "L1", "L2"));
        ValueId size = switch (norm) {
            case "L1" -> ops.sum(ops.unary(Elementary.ABS, x), axis);
            case "L2" -> ops.sum(ops.square(x), axis);
            default -> ops.reduce(Reduce.Function.MAX, x, axis);
        };
        ValueId divisor = ops.where(ops.compare(Relation.EQUAL, size, 0), ops.like(size, 1), size);
        return norm.equals("L2") ? ops.mul(x, ops.unary(Elementary.RSQRT, divisor)) : ops.div(x, divisor);
    }

    private static ValueId imputer(NodeContext node) {
        GraphOps ops = node.ops();
        ValueId x = node.input(0);
        if (!ops.type(x).isFloating()) {
            long[] values = node.longs("imputed_value_int64s").orElseThrow(() -> node.missing("imputed_value_int64s"));
            ValueId imputed = ops.secret("imputed_value_int64s", Tensor.ofLongs(ops.type(x), Shape.of(values.length), values));
            return ops.where(ops.compare(Relation.EQUAL, x, node.integer("replaced_value_int64", 0)), imputed, x);
        }
        double replaced = node.real("replaced_value_float", 0);
        return Double.isNaN(replaced) ? x
                : ops.where(ops.compare(Relation.EQUAL, x, replaced), learned(node, "imputed_value_floats", ops.type(x)), x);
    }

    private static ValueId featureVectorizer(NodeContext node) {
        GraphOps ops = node.ops();
        var parts = new ArrayList<ValueId>();
        for (ValueId input : node.inputsFrom(0)) {
            ValueId real = ops.cast(input, ElementType.FLOAT32);
            parts.add(ops.rank(real) == 1 ? ops.unsqueeze(real, 1) : real);
        }
        return ops.concat(1, parts);
    }

    private static ValueId oneHot(NodeContext node) {
        GraphOps ops = node.ops();
        long[] categories = node.longs("cats_int64s").orElseThrow(() -> new RefusedNode("categories that are text; expected integers"));
        ValueId x = ops.cast(node.input(0), ElementType.INT64);
        ValueId equal = ops.compare(Relation.EQUAL, ops.unsqueeze(x, ops.rank(x)), ops.open(Tensor.vector(categories)));
        return ops.cast(equal, ElementType.FLOAT32);
    }

    /** The sum of each entry's distance from the default, for the one key that matches. */
    private static ValueId labelEncoder(NodeContext node) {
        GraphOps ops = node.ops();
        double[] keys = table(node, "keys");
        double[] values = table(node, "values");
        if (keys.length != values.length) {
            throw node.invalid(keys.length + " keys and " + values.length + " values; expected as many");
        }
        boolean real = node.hasAttribute("values_floats") || node.tensor("values_tensor").filter(t -> t.type().isFloating()).isPresent();
        ElementType to = node.tensor("values_tensor").map(Tensor::type).orElse(real ? ElementType.FLOAT32 : ElementType.INT64);
        double absent = node.tensor("default_tensor").map(t -> t.getDouble(0))
                .orElse(real ? node.real("default_float", 0) : node.integer("default_int64", -1));
        double[] distances = IntStream.range(0, values.length).mapToDouble(i -> values[i] - absent).toArray();
        ValueId x = node.input(0);
        int last = ops.rank(x);
        ValueId equal = ops.compare(Relation.EQUAL, ops.unsqueeze(x, last), ops.constant(ops.type(x), Shape.of(keys.length), keys));
        ValueId weighted = ops.mul(ops.cast(equal, to), ops.constant(to, Shape.of(values.length), distances));
        return ops.add(ops.squeeze(ops.sum(weighted, last), last), absent);
    }

    private static double[] table(NodeContext node, String side) {
        if (node.hasAttribute(side + "_int64s")) {
            return Arrays.stream(node.longs(side + "_int64s").orElseThrow()).asDoubleStream().toArray();
        }
        if (node.hasAttribute(side + "_floats")) {
            return node.reals(side + "_floats").orElseThrow();
        }
        return node.tensor(side + "_tensor").map(Tensor::toDoubles).orElseThrow(() -> new RefusedNode(side + " that are text; expected numbers"));
    }

    private static ValueId extract(NodeContext node) {
        GraphOps ops = node.ops();
        ValueId x = ops.rank(node.input(0)) == 1 ? ops.unsqueeze(node.input(0), 0) : node.input(0);
        return Gathering.gather(ops, x, ops.reshape(node.input(1), node.shape(1).size()), ops.rank(x) - 1);
    }
}
