package dev.sardonyx.importer;

import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Every ONNX operator that is translated, put together here and nowhere else. Import, the support table and the tests read the same
 * map, so an operator cannot be listed and not work.
 */
public final class OperatorRegistry {
    /** The newest version of the core operator set whose operators are known. */
    public static final int NEWEST_OPSET = 28;
    /** The newest version of the classical operator set whose operators are known. */
    public static final int NEWEST_ML_OPSET = 5;

    private static final SortedMap<String, Operator> OPERATORS = merge(
            Arithmetic.TABLE, Activation.TABLE, Logical.TABLE, LinearAlgebra.TABLE, Convolution.TABLE, Pooling.TABLE,
            Normalization.TABLE, Reduction.TABLE, Shaping.TABLE, Movement.TABLE, Gathering.TABLE, Transformers.TABLE,
            Recurrent.TABLE, Resizing.TABLE, Sampling.TABLE, Quantization.TABLE, ControlFlow.TABLE, Sequences.TABLE,
            DataDependent.TABLE, Signal.TABLE, Losses.TABLE, Bits.TABLE, Optionals.TABLE, Contributed.TABLE, ContributedIntegers.TABLE,
            Classical.TABLE);

    private OperatorRegistry() {
    }

    /** All operators, ordered by qualified name. */
    public static Collection<Operator> all() {
        return OPERATORS.values();
    }

    /** The operator of a domain (empty or {@code ai.onnx} for the core one). */
    public static Optional<Operator> find(String domain, String type) {
        return Optional.ofNullable(OPERATORS.get(Domains.qualified(Domains.normal(domain), type)));
    }

    /** The newest version of a domain whose operators are known; 0 for a foreign domain. */
    static int newestVersion(String domain) {
        return switch (domain) {
            case Domains.CORE -> NEWEST_OPSET;
            case Domains.ML -> NEWEST_ML_OPSET;
            case Domains.CONTRIBUTED -> 1;
            default -> 0;
        };
    }

    @SafeVarargs
    @SuppressWarnings("varargs") // the array is only read
    private static SortedMap<String, Operator> merge(List<Operator>... families) {
        var all = new TreeMap<String, Operator>();
        Arrays.stream(families).flatMap(List::stream).forEach(operator -> {
            if (all.put(operator.qualifiedName(), operator) != null) {
                throw new IllegalStateException("operator " + operator.qualifiedName() + " stands in two tables");
            }
        });
        return java.util.Collections.unmodifiableSortedMap(all);
    }
}
