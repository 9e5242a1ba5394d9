package dev.sardonyx.graph;

import java.util.List;

/**
 * What a node does. Operators carry public attributes only; learned numbers are constants among a node's inputs. Shapes follow from
 * the inputs by {@code ShapeInference}; {@code Evaluator} gives each operator's meaning in plain numbers. Axes are never negative
 * and reductions keep the reduced axes with extent 1: translators normalise both.
 */
public sealed interface Op {

    /** Operators that rearrange elements without looking at them; they hold for numbers, booleans and shares alike. */
    sealed interface Movement extends Op {
    }

    /** Element-wise with broadcasting: two numbers to one. */
    record Binary(Function function) implements Op {
        public enum Function {
            ADD, SUB, MUL,
            /** Real division; on integers truncated towards zero. */
            DIV, MIN, MAX, POW,
            /** Remainder with the sign of the divisor (Python's). */
            MODULO,
            /** Remainder with the sign of the dividend (C's fmod). */
            REMAINDER
        }
    }

    /** Element-wise with broadcasting: two numbers to a boolean. */
    record Compare(Relation relation) implements Op {
        public enum Relation {
            EQUAL, LESS, LESS_OR_EQUAL, GREATER, GREATER_OR_EQUAL
        }
    }

    /** Element-wise with broadcasting: two booleans to one. */
    record Logic(Function function) implements Op {
        public enum Function {
            AND, OR, XOR
        }
    }

    /** Element-wise negation of booleans. */
    record Not() implements Op {
    }

    /** Inputs: condition (boolean), value where true, value where false; all broadcast. */
    record Where() implements Op {
    }

    /** A real function of each element. */
    record Unary(ScalarFunction function) implements Op {
    }

    record Relu() implements Op {
    }

    /** x for x ≥ 0, slope·x below; the slope is an attribute of the model's structure. */
    record LeakyRelu(double slope) implements Op {
    }

    /** Bounds each element; a bound may be infinite. Secret bounds are MIN and MAX. */
    record Clip(double low, double high) implements Op {
    }

    /** Converts to another element type: fractions are cut towards zero, booleans are 0 and 1, non-zero is true. */
    record Cast(ElementType to) implements Op {
    }

    /** Matrix product with numpy's batching and broadcasting; vectors are promoted by translators, so both ranks are at least 2. */
    record MatMul() implements Op {
    }

    /** Inputs: x [N, C, spatial…], weights [M, C/groups, kernel…]. Without bias: translators add it. Output [N, M, spatial…]. */
    record Conv(Window window, int groups) implements Op {
    }

    /** Maximum over each window of x [N, C, spatial…]; padding never wins. */
    record MaxPool(Window window) implements Op {
    }

    /**
     * Mean over each window of x [N, C, spatial…]; the divisor counts the padding inside {@code countedPadsEnd} if
     * {@code countIncludePad}, else only elements of x.
     */
    record AveragePool(Window window, boolean countIncludePad, List<Integer> countedPadsEnd) implements Op {
        public AveragePool {
            countedPadsEnd = List.copyOf(countedPadsEnd);
        }
    }

    /** Combines all elements along the axes, which remain with extent 1. */
    record Reduce(Function function, List<Integer> axes) implements Op {
        public enum Function {
            SUM, MEAN, MAX, MIN, PRODUCT
        }

        public Reduce {
            axes = List.copyOf(axes);
        }
    }

    /** INT64 index of the greatest element along the axis, which remains with extent 1; ties go to the first or last index. */
    record ArgMax(int axis, boolean lastIndex) implements Op {
    }

    /** Outputs: the k greatest (or least) elements along the axis, in order, and their INT64 indices; ties go to the lower index. */
    record TopK(int axis, int k, boolean largest) implements Op {
    }

    record Softmax(int axis) implements Op {
    }

    record LogSoftmax(int axis) implements Op {
    }

    record Reshape(Shape shape) implements Movement {
    }

    /** Output axis i is input axis {@code permutation[i]}. */
    record Transpose(List<Integer> permutation) implements Movement {
        public Transpose {
            permutation = List.copyOf(permutation);
        }
    }

    /** Element i along an axis is input element {@code starts + i·steps}; all lists have the input's rank. */
    record Slice(List<Integer> starts, List<Integer> steps, List<Integer> sizes) implements Movement {
        public Slice {
            starts = List.copyOf(starts);
            steps = List.copyOf(steps);
            sizes = List.copyOf(sizes);
        }
    }

    /** Any number of inputs of one type, joined along the axis. */
    record Concat(int axis) implements Movement {
    }

    /** Broadcasts to exactly this shape. */
    record Expand(Shape shape) implements Movement {
    }

    /** Surrounds with a constant; lists have the input's rank and no negative entry. */
    record Pad(List<Integer> before, List<Integer> after, double value) implements Movement {
        public Pad {
            before = List.copyOf(before);
            after = List.copyOf(after);
        }
    }

    /**
     * Rearranges by public flat indices: output element i (row-major in {@code shape}) is input element {@code indices[i]}, or zero
     * (false) where the index is -1. Every public movement that has no operator of its own.
     */
    record Pick(Shape shape, Indices indices) implements Movement {
    }

    /** Inputs: data, secret INT64 indices (0 ≤ index &lt; extent; negative ones count from the end). ONNX Gather on the axis. */
    record GatherSecret(int axis) implements Op {
    }

    /** Secret INT64 indices to booleans: a new axis of extent {@code depth} at {@code axis}, true where it equals the index. */
    record OneHot(int axis, int depth) implements Op {
    }

    /** Running sum along the axis. */
    record CumSum(int axis, boolean exclusive, boolean reverse) implements Op {
    }
}
