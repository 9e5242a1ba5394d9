package dev.sardonyx.importer;

import dev.sardonyx.graph.ElementType;
import dev.sardonyx.graph.Op;
import dev.sardonyx.graph.Op.Compare.Relation;
import dev.sardonyx.graph.Op.Reduce;
import dev.sardonyx.graph.ScalarFunction.Elementary;
import dev.sardonyx.graph.Shape;
import dev.sardonyx.graph.ValueId;
import java.util.ArrayList;
import java.util.Optional;

/**
 * Scaled dot-product attention: softmax(softcap(Q·Kᵀ·scale) + mask)·V, with grouped key heads, a cache of earlier keys and values,
 * and masks that are public (causal, window), secret booleans or secret biases. A query that may attend nothing gets zeros.
 *
 * <p>Positions that may not be attended get −infinity, which the planner replaces by a score low enough.
 */
final class Attention {
    private final NodeContext node;
    private final GraphOps ops;
    private final boolean flat;
    private final ValueId query;
    private final ValueId keys;
    private final ValueId values;
    private final int pastLength;

    Attention(NodeContext node) {
        this.node = node;
        this.ops = node.ops();
        this.flat = node.shape(0).rank() == 3;
        this.query = heads(0, "q_num_heads");
        ValueId newKeys = heads(1, "kv_num_heads");
        ValueId newValues = heads(2, "kv_num_heads");
        this.pastLength = node.has(4) ? node.shape(4).dim(2) : 0;
        this.keys = node.has(4) ? ops.concat(2, node.input(4), newKeys) : newKeys;
        this.values = node.has(5) ? ops.concat(2, node.input(5), newValues) : newValues;
        if (node.has(4) != node.has(5)) {
            throw node.invalid("only one of past_key and past_value; expected both or none");
        }
        if (ops.dim(query, 1) % Math.max(1, ops.dim(keys, 1)) != 0) {
            throw node.invalid("query has " + ops.dim(query, 1) + " heads; expected a multiple of the keys' " + ops.dim(keys, 1));
        }
    }

    /** As [batch, heads, sequence, size]. */
    private ValueId heads(int position, String attribute) {
        ValueId x = node.input(position);
        Shape shape = ops.shape(x);
        if (!flat) {
            return x;
        }
        int heads = node.requiredInteger(attribute);
        if (heads < 1 || shape.dim(2) % heads != 0) {
            throw node.invalid(attribute + "=" + heads + "; expected a divisor of the hidden size " + shape.dim(2));
        }
        return heads(ops, x, heads);
    }

    /** [batch, sequence, hidden] as [batch, heads, sequence, size]. */
    static ValueId heads(GraphOps ops, ValueId x, int heads) {
        Shape shape = ops.shape(x);
        return ops.transpose(ops.reshape(x, shape.dim(0), shape.dim(1), heads, shape.dim(2) / heads), 0, 2, 1, 3);
    }

    void translate() {
        node.output(1, keys);
        node.output(2, values);
        double scale = node.real("scale", 1 / Math.sqrt(ops.dim(query, 3)));
        ValueId raw = ops.mul(perGroup(query, ops.transposeMatrix(keys)), scale);
        double cap = node.real("softcap", 0);
        ValueId scores = cap > 0 ? ops.mul(ops.unary(Elementary.TANH, ops.mul(raw, 1 / cap)), cap) : raw;
        ValueId biased = ops.add(scores, bias());
        Optional<ValueId> allowed = allowed();
        ValueId masked = allowed.isPresent() ? ops.where(allowed.get(), biased, ops.like(biased, Double.NEGATIVE_INFINITY)) : biased;
        ValueId weights = ops.add(new Op.Softmax(3), masked);
        if (allowed.isPresent() && mayBlockARow(allowed.get())) {
            int last = ops.rank(allowed.get()) - 1;
            ValueId any = ops.cast(ops.reduce(Reduce.Function.MAX, ops.cast(allowed.get(), ElementType.INT32), last), ElementType.BOOL);
            weights = ops.where(any, weights, ops.like(weights, 0));
        }
        ValueId y = perGroup(weights, values);
        node.output(0, flat ? ops.reshape(ops.transpose(y, 0, 2, 1, 3), ops.dim(y, 0), ops.dim(y, 2), ops.dim(y, 1) * ops.dim(y, 3)) : y);
        node.output(3, switch (node.integer("qk_matmul_output_mode", 0, 0, 3)) {
            case 0 -> raw;
            case 1 -> scores;
            case 2 -> masked;
            default -> weights;
        });
    }

    /** Product of query-like rows with key-like matrices, several query heads sharing one key head without a copy of it. */
    private ValueId perGroup(ValueId rows, ValueId matrices) {
        Shape r = ops.shape(rows);
        int groups = ops.dim(matrices, 1);
        ValueId grouped = ops.reshape(rows, r.dim(0), groups, r.dim(1) / groups * r.dim(2), r.dim(3));
        return ops.reshape(ops.add(new Op.MatMul(), grouped, matrices), r.dim(0), r.dim(1), r.dim(2), ops.dim(matrices, 3));
    }

    /** A floating mask, added to the scores. */
    private Optional<ValueId> bias() {
        return node.optional(3).filter(mask -> ops.type(mask) != ElementType.BOOL)
                .map(mask -> padded(mask, Double.NEGATIVE_INFINITY));
    }

    /** Masks may be shorter than the keys; what they do not reach is not attended. */
    private ValueId padded(ValueId mask, double value) {
        int missing = ops.dim(keys, 2) - ops.dim(mask, -1);
        if (missing <= 0 || ops.dim(mask, -1) == 1) {
            return mask;
        }
        var before = new ArrayList<Integer>();
        var after = new ArrayList<Integer>();
        for (int axis = 0; axis < ops.rank(mask); axis++) {
            before.add(0);
            after.add(axis == ops.rank(mask) - 1 ? missing : 0);
        }
        return ops.add(new Op.Pad(before, after, value), mask);
    }

    /** Whether each query may attend each key, if anything restricts that. */
    private Optional<ValueId> allowed() {
        var conditions = new ArrayList<ValueId>();
        node.optional(3).filter(mask -> ops.type(mask) == ElementType.BOOL).ifPresent(mask -> conditions.add(padded(mask, 0)));
        int left = node.integer("left_window_size", -1);
        int right = node.integer("right_window_size", -1);
        boolean causal = node.flag("is_causal", false);
        ValueId key = ops.iota(ElementType.INT64, ops.dim(keys, 2), 3, 4);
        if (causal || left >= 0 || right >= 0) {
            ValueId position = ops.add(ops.iota(ElementType.INT64, ops.dim(query, 2), 2, 4), offset());
            if (causal) {
                conditions.add(ops.compare(Relation.LESS_OR_EQUAL, key, position));
            }
            if (left >= 0) {
                conditions.add(ops.compare(Relation.LESS_OR_EQUAL, ops.sub(position, key), left));
            }
            if (right >= 0) {
                conditions.add(ops.compare(Relation.LESS_OR_EQUAL, ops.sub(key, position), right));
            }
        }
        node.optional(6).ifPresent(lengths -> conditions.add(
                ops.compare(Relation.LESS, key, ops.reshape(lengths, ops.shape(lengths).size(), 1, 1, 1))));
        return conditions.stream().reduce(ops::and);
    }

    /** How many keys come before the first query: those cached here, or those of a cache kept outside. */
    private ValueId offset() {
        if (node.has(6) && !node.has(4)) {
            ValueId lengths = ops.reshape(node.input(6), node.shape(6).size(), 1, 1, 1);
            return ops.add(lengths, -ops.dim(query, 2));
        }
        return ops.scalar(ElementType.INT64, pastLength);
    }

    /** Secret conditions may; of public ones it is known. */
    private boolean mayBlockARow(ValueId allowed) {
        return ops.publicTensor(allowed).map(mask -> {
            int columns = mask.shape().dim(-1);
            for (int row = 0; row < mask.size() / Math.max(1, columns); row++) {
                boolean any = false;
                for (int column = 0; column < columns; column++) {
                    any |= mask.getLong(row * columns + column) != 0;
                }
                if (!any) {
                    return true;
                }
            }
            return false;
        }).orElse(true);
    }
}
