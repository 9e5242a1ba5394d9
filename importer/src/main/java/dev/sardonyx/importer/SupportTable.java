package dev.sardonyx.importer;

import java.util.stream.Collectors;

/** The page {@code docs/operators.md}: what the registry knows, and the decisions behind it. */
public final class SupportTable {
    private static final String BEFORE = """
            # Operators

            Every operator that is imported, by the registry that imports it. Core operators are known from opset %d to %d, those of
            `ai.onnx.ml` up to version %d, and of `com.microsoft` those that ONNX Runtime's optimiser and quantiser write most; a model outside, or
            one with an operator that is not here, gets one error that lists all its unsupported nodes with their names, opsets and reasons.

            All graph inputs are secret, except those at the positions named here: they decide the graph's structure (shapes, axes, counts,
            …), so that the parties have to know them. What such an input is computed from is public too, but not through `Shape` and
            `Size`. This page is generated; `SupportTableTest` with `-Dsardonyx.update=true` writes it.

            """;

    private static final String AFTER = """

            ## What is secret in a model

            Learned numbers are shared, never shown: floating tensors of rank 1 and more, quantised weights with their scales and zero
            points, 8- and 16-bit tensors, wider integers that are combined with data, and the numbers that `ai.onnx.ml` operators keep
            in attributes. The topology of trees is secret as well: only the number of trees and the largest numbers of tests and leaves
            show. Public are shapes, axes, integer tables used as indices, masks of booleans, scalars (an epsilon, a slope) and single
            numbers in attributes such as `alpha`; `inspect` lists the scalars. One bit of a classifier is public beyond that: whether all
            leaves of a two-class tree ensemble with one score are positive, because the form of its output depends on it.

            ## Decisions

            * **A secret index** (`Gather`, `Scatter`, `OneHot`, `MaxUnpool`, …) becomes a one-hot vector: reading is a product with the
              data, writing a sum. Its cost grows with the extent of the axis; public indices cost nothing.
            * **A secret place** (`GridSample`, `DeformConv`, `RoiAlign`) is compared with every place of each axis, which gives the weights
              of linear or cubic interpolation, one axis after another.
            * **A secret condition** of `If` computes both branches and selects, which asks for equal shapes. Loops are unrolled: what decides
              how often they run must be public.
            * **Recurrent layers** are unrolled over the length of the sequence; the inputs' part of all steps is one matrix product.
            * **Symbolic dimensions** are bound when a model is planned, so that one file serves any batch and sequence length.
            * **Shapes that depend on secret data** are refused: `NonZero`, `Unique` and `NonMaxSuppression` on secret data would tell every
              party how many elements are left. Keep a mask of fixed shape and select with `Where`, or end the graph before them and let the
              data owner do the rest.
            * **NaN and infinity** cannot be shared: inputs that hold them are refused, `IsNaN` and `IsInf` answer false. Minus infinity in
              a mask becomes a score low enough.
            * **Integers wrap** as their types of 8, 16 and 32 bits do; 64-bit arithmetic that could pass 62 bits is refused.
            * **Where the specification is silent** ONNX Runtime is followed: `Resize` and `Upsample` before opset 11, labels of two-class
              tree ensembles, scores of two-class models with one score, default parameters of rare recurrent activations, and where halves
              go when `QLinearAdd`, `QLinearMul` and `QLinearAveragePool` round. Probabilities of
              support vector machines with three or more classes are the minimum that runtimes approach by iteration.

            ## Cases of the ONNX node tests that cannot pass

            | Cases | Reason |
            |---|---|
            | `test_nonzero_*`, `test_unique_*` (but for a single element), `test_nonmaxsuppression_*` | the output's shape depends on secret data |
            | `test_isnan`, `test_isinf_*`, `test_ai_onnx_ml_tree_ensemble_set_membership`, `test_attention_*_neginf_mask*` | the inputs hold NaN or infinity |
            | `test_reduce_max_empty_set`, `test_reduce_min_empty_set`, `test_reduce_log_sum_empty_set*`, `test_reduce_log_sum_exp_empty_set*` | the answer is infinite, or the logarithm of nothing |
            | `test_attention_*_qk_matmul_bias_4d_mask_causal_expanded` | minus infinity is an answer, where a mask is written as one |
            | `test_dynamicquantizelinear`, `test_dynamicquantizelinear_expanded` | not refused, and one of eight integers differs by one: the quotient lies halfway between two, and which it is hangs on how float32 rounds it; `verify` warns |
            | `test_tfidfvectorizer_*`, `test_bitwise_and_*`, `_or_*`, `_xor_*`, `test_bitcast_*`, `test_melweightmatrix` | no translation |
            """;

    private SupportTable() {
    }

    /** The page as it should stand in the documents. */
    public static String markdown() {
        var text = new StringBuilder(BEFORE.formatted(Operator.OLDEST_OPSET, OperatorRegistry.NEWEST_OPSET, OperatorRegistry.NEWEST_ML_OPSET));
        text.append("| Operator | Opsets | Public inputs | Notes |\n|---|---|---|---|\n");
        for (Operator operator : OperatorRegistry.all()) {
            text.append("| `").append(operator.qualifiedName()).append("` | ").append(versions(operator)).append(" | ")
                    .append(operator.publicInputs().stream().sorted().map(String::valueOf).collect(Collectors.joining(", "))).append(" | ")
                    .append(operator.note()).append(" |\n");
        }
        return text.append("\n").append(OperatorRegistry.all().size()).append(" operators.\n").append(AFTER).toString();
    }

    /** The opset since which the operator is accepted, and those at which its meaning changed. */
    private static String versions(Operator operator) {
        return operator.versions().stream().map(String::valueOf).collect(Collectors.joining(", ")) + " on";
    }
}
