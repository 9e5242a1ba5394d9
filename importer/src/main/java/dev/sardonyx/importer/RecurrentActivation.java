package dev.sardonyx.importer;

import dev.sardonyx.graph.Op;
import dev.sardonyx.graph.ScalarFunction;
import dev.sardonyx.graph.ScalarFunction.Elementary;
import dev.sardonyx.graph.ValueId;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * An activation of a recurrent layer.
 *
 * @param name its name in lower case
 * @param alpha its first parameter, if it takes one
 * @param beta its second parameter, if it takes one
 */
record RecurrentActivation(String name, double alpha, double beta) {
    /** The activations that a node names, those given by default where it names none; parameters are taken in turn. */
    static List<RecurrentActivation> of(NodeContext node, List<String> absent, int directions) {
        List<String> names = node.texts("activations");
        if (names.isEmpty()) {
            names = new ArrayList<>();
            for (int direction = 0; direction < directions; direction++) {
                names.addAll(absent);
            }
        }
        if (names.size() != absent.size() * directions) {
            throw node.invalid("activations has " + names.size() + " names; expected " + absent.size() * directions);
        }
        double[] alphas = node.reals("activation_alpha").orElse(new double[0]);
        double[] betas = node.reals("activation_beta").orElse(new double[0]);
        int alpha = 0;
        int beta = 0;
        var activations = new ArrayList<RecurrentActivation>();
        for (String written : names) {
            String name = written.toLowerCase(Locale.ROOT);
            double a = defaultAlpha(node, name);
            double b = name.equals("hardsigmoid") ? 0.5 : name.equals("affine") || name.equals("scaledtanh") ? 0 : Double.NaN;
            if (!Double.isNaN(a) && alpha < alphas.length) {
                a = alphas[alpha++];
            }
            if (!Double.isNaN(b) && beta < betas.length) {
                b = betas[beta++];
            }
            activations.add(new RecurrentActivation(name, a, Double.isNaN(b) ? 0 : b));
        }
        return activations;
    }

    /** NaN for activations without a parameter. */
    private static double defaultAlpha(NodeContext node, String name) {
        return switch (name) {
            case "relu", "tanh", "sigmoid", "softsign", "softplus" -> Double.NaN;
            case "leakyrelu" -> 0.01;
            case "hardsigmoid" -> 0.2;
            case "elu" -> 1;
            // The specification gives no default for two of them; these are ONNX Runtime's.
            case "thresholdedrelu", "affine", "scaledtanh" -> 0;
            default -> throw node.invalid("activation '" + name
                    + "'; expected Relu, Tanh, Sigmoid, Softsign, Softplus, LeakyRelu, HardSigmoid, ThresholdedRelu, Elu, Affine or ScaledTanh");
        };
    }

    ValueId apply(GraphOps ops, ValueId x) {
        return switch (name) {
            case "relu" -> ops.add(new Op.Relu(), x);
            case "tanh" -> ops.unary(Elementary.TANH, x);
            case "sigmoid" -> ops.unary(Elementary.SIGMOID, x);
            case "softsign" -> ops.unary(Elementary.SOFTSIGN, x);
            case "softplus" -> ops.unary(Elementary.SOFTPLUS, x);
            case "leakyrelu" -> ops.add(new Op.LeakyRelu(alpha), x);
            case "hardsigmoid" -> Activation.hardSigmoid(ops, x, alpha, beta);
            case "thresholdedrelu" -> Activation.thresholdedRelu(ops, x, alpha);
            case "elu" -> ops.unary(new ScalarFunction.Elu(alpha), x);
            case "affine" -> ops.add(ops.mul(x, alpha), beta);
            case "scaledtanh" -> ops.mul(ops.unary(Elementary.TANH, ops.mul(x, beta)), alpha);
            default -> throw new IllegalStateException(name);
        };
    }
}
