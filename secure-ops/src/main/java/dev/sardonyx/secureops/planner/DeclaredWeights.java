package dev.sardonyx.secureops.planner;

import dev.sardonyx.graph.Constant;
import dev.sardonyx.graph.ElementType;
import dev.sardonyx.graph.Graph;
import dev.sardonyx.graph.Node;
import dev.sardonyx.graph.ValueId;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Public bounds for all secret weights of a model together, so that a plan tells nothing else about them. */
final class DeclaredWeights {
    private static final int MOST_NAMED = 5;
    /** A factor of two too much in every layer adds up: it costs a deep plan many fraction bits. */
    private static final int BOUND_BITS = 4;

    private DeclaredWeights() {
    }

    /**
     * The options with a bound that holds for this graph, where weights are declared and not looked at.
     *
     * @throws PlanException of kind RANGE if a weight lies outside the bound that was declared
     */
    static PlanOptions bounded(Graph graph, PlanOptions options) {
        if (options.ranges() != PlanOptions.RangeSource.DECLARED || options.publicWeights()) {
            return options;
        }
        double magnitude = 0;
        for (Constant constant : graph.constants().values()) {
            magnitude = Math.max(magnitude, magnitude(constant));
        }
        Interval least = Interval.symmetric(rounded(magnitude));
        if (options.trust().weights().isPresent()) {
            require(graph, options.trust().weights().get().each(), least);
            return options;
        }
        var bounds = new PlanOptions.WeightBounds(least, rounded(rows(graph)));
        return options.withTrust(new PlanOptions.Trust(options.trust().clampInputs(), Optional.of(bounds)));
    }

    /** The greatest Σ|w| / √n of all rows of n secret numbers that something is multiplied by. */
    private static double rows(Graph graph) {
        double greatest = 0;
        for (Node node : graph.nodes()) {
            for (int place = 0; place < node.inputs().size(); place++) {
                Constant constant = graph.constants().get(node.inputs().get(place));
                if (constant != null && isNumber(constant)) {
                    greatest = Math.max(greatest, WeightRows.of(node.op(), place, constant.tensor().shape()).map(rows -> rows.greatest(constant.tensor())
                            / Math.sqrt(rows.depth())).orElse(0.0));
                }
            }
        }
        return greatest;
    }

    private static double magnitude(Constant constant) {
        return isNumber(constant) ? Scales.clampMask(Scales.range(constant.tensor()).magnitude()) : 0;
    }

    private static boolean isNumber(Constant constant) {
        return constant.isSecret() && constant.tensor().type() != ElementType.BOOL;
    }

    /** Rounded up to {@value #BOUND_BITS} significant bits, which is all that is told; 1 for 0. */
    private static double rounded(double magnitude) {
        double unit = Math.scalb(1.0, Math.getExponent(magnitude) + 1 - BOUND_BITS);
        return magnitude == 0 ? 1 : Math.ceil(magnitude / unit) * unit;
    }

    private static void require(Graph graph, Interval declared, Interval least) {
        List<String> wider = new ArrayList<>();
        for (Map.Entry<ValueId, Constant> entry : graph.constants().entrySet()) {
            if (isNumber(entry.getValue())) {
                Interval range = Scales.range(entry.getValue().tensor());
                if (!declared.contains(range.low()) || !declared.contains(range.high())) {
                    wider.add(graph.value(entry.getKey()).name());
                }
            }
        }
        if (!wider.isEmpty()) {
            String rest = wider.size() > MOST_NAMED ? ", …" : "";
            throw new PlanException(PlanException.Kind.RANGE, String.join(", ", wider.subList(0, Math.min(MOST_NAMED, wider.size()))) + rest, "weights",
                    "numbers outside the declared [" + declared.low() + ", " + declared.high() + "]; expected --weight-range " + least.low() + "," + least.high()
                            + " or wider, or --ranges private-derived, by which parties learn bounds of intermediate values, to powers of two");
        }
    }
}
