package dev.sardonyx.secureops.planner;

import dev.sardonyx.graph.Op;
import dev.sardonyx.graph.Shape;
import dev.sardonyx.graph.Tensor;
import java.util.Optional;

/**
 * The rows of a constant by which a linear operator multiplies: each number of its result is a sum over one of them. Element i of row r
 * lies at {@code (r / stride)·depth·stride + r % stride + i·stride}.
 *
 * @param rows how many there are
 * @param depth numbers in each, at least 1
 * @param stride from one to the next
 */
record WeightRows(int rows, int depth, int stride) {

    /** Of the right factor of a matrix product: its columns. */
    static WeightRows right(Shape shape) {
        return new WeightRows(shape.size(0, shape.rank() - 2) * shape.dim(-1), Math.max(1, shape.dim(-2)), shape.dim(-1));
    }

    /** Of the left factor of a matrix product. */
    static WeightRows left(Shape shape) {
        return new WeightRows(shape.size(0, shape.rank() - 1), Math.max(1, shape.dim(-1)), 1);
    }

    /** Of filters [output channel, …]. */
    static WeightRows filters(Shape shape) {
        return new WeightRows(shape.dim(0), Math.max(1, shape.size(1, shape.rank())), 1);
    }

    /** Of an operator's input of that shape; empty where the operator does not sum products by it. */
    static Optional<WeightRows> of(Op op, int input, Shape shape) {
        return switch (op) {
            case Op.MatMul _ -> Optional.of(input == 0 ? left(shape) : right(shape));
            case Op.Conv _ when input == 1 -> Optional.of(filters(shape));
            case Op _ -> Optional.empty();
        };
    }

    /** Where a row's first number lies. */
    int start(int row) {
        return row / stride * depth * stride + row % stride;
    }

    /** The greatest sum of a row's absolute values. */
    double greatest(Tensor tensor) {
        return RowNorms.of(tensor, this).absolute();
    }

    /** Bounds of Σ w[r][i]·x_i over all rows, for numbers x within bounds. */
    Interval product(Tensor tensor, Interval x) {
        double low = 0;
        double high = 0;
        for (int row = 0; row < rows; row++) {
            int at = start(row);
            double positive = 0;
            double negative = 0;
            for (int i = 0; i < depth; i++, at += stride) {
                double weight = tensor.getDouble(at);
                if (weight > 0) {
                    positive += weight;
                } else {
                    negative += weight;
                }
            }
            low = Math.min(low, positive * x.low() + negative * x.high());
            high = Math.max(high, positive * x.high() + negative * x.low());
        }
        return new Interval(low, high);
    }
}
