package dev.sardonyx.test.conformance;

import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** The text of {@code docs/conformance.md}. */
final class Conformance {
    /** Operators that are known but never run on secrets; the registry's note says why. */
    static final Set<String> REFUSED = Set.of("NonMaxSuppression", "NonZero");
    /** Operators that the cases at hand only meet in a form that is refused (NaN inputs), or that ONNX Runtime's Java binding cannot judge. */
    static final Set<String> UNPROVED = new TreeSet<>(Set.of("ai.onnx.ml.TreeEnsemble", "ai.onnx.ml.ZipMap"));

    /** Cases of the ONNX backend suites that do not pass, by their folders' names without suite, and why. */
    record Exception(List<String> cases, String reason) {
    }

    static final List<Exception> EXCEPTIONS = List.of(
            new Exception(List.of("isnan", "isinf_negative", "isinf_positive", "ai_onnx_ml_tree_ensemble_set_membership"),
                    "an input holds NaN or infinity; shares hold finite numbers only. Refused before anything is shared."),
            new Exception(List.of("nonzero_example", "unique_sorted_with_axis", "unique_sorted_without_axis", "unique_not_sorted_without_axis"),
                    "the output's shape depends on secret data. Refused at import; a mask with `Where` keeps the shape fixed."),
            new Exception(List.of("nonmaxsuppression_*"),
                    "how many boxes are kept depends on secret data. Refused at import; end the graph before it and suppress at the data owner's side."),
            new Exception(List.of("reduce_log_sum_empty_set", "reduce_log_sum_empty_set_expanded", "reduce_log_sum_exp_empty_set_expanded"),
                    "the logarithm of an empty sum is minus infinity, which no fixed-point number is. Refused when planned."),
            new Exception(List.of("reduce_max_empty_set", "reduce_min_empty_set", "reduce_log_sum_exp_empty_set",
                    "attention_4d_with_past_and_present_qk_matmul_bias_4d_mask_causal_expanded"),
                    "an output holds infinity (the extreme of nothing; scores under a mask of minus infinity), which no fixed-point number is."
                            + " Refused when planned; infinity on the way to an output is fine."),
            new Exception(List.of("dynamicquantizelinear", "dynamicquantizelinear_expanded"),
                    "two elements lie exactly half-way between two integers, up to the last bit of a 32-bit float; which way they go follows from"
                            + " float rounding alone. One integer of six is off by one."));

    private Conformance() {
    }

    static String text() {
        var text = new StringBuilder("""
                # Conformance

                What of the ONNX backend suites passes and what does not, and what was chosen where an operator left a choice. Operators and opsets are in
                `operators.md`. This page is written by `ConformanceTest` with `-Dsardonyx.update=true`, which fails when it is stale and holds each operator to
                at least one case that passes, of the suites or drawn by the differential tester.

                """);
        text.append("No case at hand proves ").append(UNPROVED.stream().map(name -> "`" + name + "`").collect(Collectors.joining(" and ")))
                .append(": the suites' cases hold NaN inputs or maps as outputs.\n");
        text.append("""

                ## Decisions by cost

                | Where | Choice |
                |---|---|
                | `Gather` with a secret index | a one-hot vector of the index, by comparisons, times the table: linear in the table's length, nothing of the index leaks |
                | `If` with a secret condition | both branches run, the outputs are selected element by element; their shapes must agree |
                | `Loop`, `Scan` | unrolled; trip count and condition must be public, since they decide the graph's structure |
                | `Pow` with a secret exponent | exp(y·log x), with sign and parity of whole exponents; a public exponent costs products and at most one root |
                | `TopK`, sorting | a bitonic network of comparisons; positions and ties follow ONNX (the lower index first) |
                | quotients that are rounded (`QuantizeLinear`, `Div` before `Round`) | refined by their remainder to about 2^-20, so that a half goes the way ONNX says |
                | `Log(ReduceSum(Exp(x)))` | reckoned around the maximum, however it was written |
                | tree ensembles | all nodes are compared at once; which feature a node reads and where its children are is part of the secret weights |

                ## What is refused, and why

                A refusal names every node concerned, with operator, opset and reason, before anything is shared.

                | Form | Reason |
                |---|---|
                | NaN or infinity in an input | shares hold finite fixed-point numbers |
                | infinity in an output | as above; masks of minus infinity that end in a softmax, a maximum or a comparison are fine |
                | inputs that drive a value beyond the range that calibration samples showed | the ring would not hold it; the data owner learns so, and gets no answer |
                | shapes that depend on secret data (`NonZero`, `Unique`, `NonMaxSuppression`, `Compress`) | the shape itself would tell about the data |
                | a secret trip count, axis, pad, slice bound or repeat | it decides the graph's structure; give it as a public input or a constant |
                | ranges that leave the ring | the plan says which node, how many bits it needs and how many there are; declare `--input-range` or `--calibrate` |
                | quantisation to floating types of 8 and 4 bits, strings as data | no fixed-point form |

                ## Cases of the ONNX backend suites that do not pass

                """);
        text.append("| Cases (`test_…`) | Why |\n|---|---|\n");
        for (Exception exception : EXCEPTIONS) {
            text.append("| ").append(exception.cases().stream().map(name -> "`" + name + "`").collect(Collectors.joining(", "))).append(" | ")
                    .append(exception.reason()).append(" |\n");
        }
        return text.toString();
    }

    /** Whether the document says that this case does not pass. */
    static boolean excuses(String folder) {
        String name = folder.replaceFirst("^test_", "");
        return EXCEPTIONS.stream().flatMap(exception -> exception.cases().stream())
                .anyMatch(pattern -> pattern.endsWith("*") ? name.startsWith(pattern.substring(0, pattern.length() - 1)) : name.equals(pattern));
    }
}
