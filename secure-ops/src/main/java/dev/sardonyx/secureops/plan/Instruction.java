package dev.sardonyx.secureops.plan;

import dev.sardonyx.graph.Op;
import dev.sardonyx.graph.ValueId;
import dev.sardonyx.graph.Window;
import java.util.List;

/**
 * What one step of a plan does. The set is small on purpose: every ONNX operator is lowered to these, and a protocol implements
 * these and nothing else. "Number" is a tensor in the ring Z_2^width, "bits" a tensor of booleans. Scales, widths and shapes stand
 * on the step's values; what an instruction wants of them is said beside it.
 */
public sealed interface Instruction {

    /** Instructions that need no message. */
    sealed interface Local extends Instruction {
    }

    /** Instructions for which parties talk if all operands are secret. */
    sealed interface Interactive extends Instruction {
    }

    // ---- where values come from and go to

    /** A tensor that the data owner shares among the parties. */
    record Input(String name) implements Local {
    }

    /** A learned constant of the graph, shared among the parties by the model owner (or public under public weights). */
    record Weight(ValueId constant) implements Local {
    }

    /** Numbers (or bits, 0 and 1) that every party knows. */
    record Literal(RingData data) implements Local {
    }

    /** The value is not read again; its memory may be used anew. */
    record Free() implements Local {
    }

    // ---- linear operations, local in every linear sharing

    /** a + b with broadcasting; both of one scale; either may be public. */
    record Add() implements Local {
    }

    /** a − b with broadcasting; both of one scale; either may be public. */
    record Subtract() implements Local {
    }

    record Negate() implements Local {
    }

    /** x · 2^bits. */
    record ShiftLeft(int bits) implements Local {
    }

    /** Sum along axes, which remain with extent 1. */
    record Sum(List<Integer> axes) implements Local {
        public Sum {
            axes = List.copyOf(axes);
        }
    }

    /** Sum over each window of x [N, C, spatial…]; padding counts as zero. */
    record SumWindow(Window window) implements Local {
    }

    record CumulativeSum(int axis, boolean exclusive, boolean reverse) implements Local {
    }

    /** Rearranges numbers or bits; padding is zero. */
    record Move(Op.Movement movement) implements Local {
    }

    record Xor() implements Local {
    }

    record Not() implements Local {
    }

    // ---- products: messages only if both operands are secret

    /** Σ a_i · b_i over its 2k inputs a_1, b_1, …, a_k, b_k, element-wise with broadcasting; the scales add up. */
    record Multiply() implements Interactive {
    }

    /** Matrix product with broadcast batch axes; the scales add up. */
    record MatMul() implements Interactive {
    }

    /** Convolution of x [N, C, …] with w [M, C/groups, …]; the scales add up. */
    record Convolve(Window window, int groups) implements Interactive {
    }

    // ---- the rest

    /** x / 2^bits, at most one unit in the last place off; the result may be lifted to a wider ring. */
    record Truncate(int bits) implements Interactive {
    }

    /**
     * One output of bits for each threshold: x ≥ threshold (in raw units of x's scale). Bits below {@code lowBit} are ignored: a
     * value less than 2^lowBit away from the threshold may be judged either way.
     *
     * @param thresholds in raw units, ascending
     * @param lowBit number of low bits of x that are not looked at
     * @param carry the tree that adds mask and masked value
     */
    record Compare(List<Long> thresholds, int lowBit, CarryTree carry) implements Interactive {
        public Compare {
            thresholds = List.copyOf(thresholds);
        }
    }

    /** Inputs: bits, number x. Output: x where the bit is set, else 0. The bits broadcast over x's shape. */
    record Select() implements Interactive {
    }

    /**
     * Public linear combinations of bits as numbers: inputs are T tensors of bits of one shape; output c is
     * {@code base[c] + Σ_t coefficients[c][t]·bit_t} in raw units of the output's scale.
     */
    record Combine(List<Long> base, List<List<Long>> coefficients) implements Interactive {
        public Combine {
            base = List.copyOf(base);
            coefficients = coefficients.stream().map(List::copyOf).toList();
            if (base.size() != coefficients.size()) {
                throw new IllegalArgumentException(base.size() + " bases for " + coefficients.size() + " rows of coefficients");
            }
        }
    }

    /** Conjunction of two tensors of bits, with broadcasting. */
    record And() implements Interactive {
    }
}
