package dev.sardonyx.importer;

import static dev.sardonyx.importer.Operator.core;

import dev.sardonyx.graph.Shape;
import dev.sardonyx.graph.ValueId;
import java.util.List;

/** Attention and rotary position embeddings. */
final class Transformers {
    static final List<Operator> TABLE = List.of(
            core("Attention").versions(23, 24, 25).note("a secret mask costs a selection per score").translates(node -> new Attention(node).translate()),
            core("RotaryEmbedding").versions(23).indexInputs(3).note("secret positions cost a secret look-up in the caches")
                    .gives(Transformers::rotary));

    private Transformers() {
    }

    /** Each pair (a, b) of a head's leading elements becomes (a·cos − b·sin, a·sin + b·cos) of its position's angles. */
    private static ValueId rotary(NodeContext node) {
        GraphOps ops = node.ops();
        ValueId x = node.input(0);
        Shape given = ops.shape(x);
        int heads = node.integer("num_heads", 0);
        if (given.rank() == 3) {
            if (heads < 1 || given.dim(2) % heads != 0) {
                throw node.invalid("num_heads=" + heads + "; expected a divisor of the hidden size " + given.dim(2));
            }
            x = ops.reshape(x, given.dim(0), given.dim(1), heads, given.dim(2) / heads);
        } else {
            x = ops.transpose(x, 0, 2, 1, 3);
        }
        int size = ops.dim(x, 3);
        int declared = node.integer("rotary_embedding_dim", 0);
        int rotated = declared == 0 ? size : declared;
        int half = rotated / 2;
        ValueId cos = angles(node, 1, half);
        ValueId sin = angles(node, 2, half);
        boolean interleaved = node.flag("interleaved", false);
        ValueId first = interleaved ? ops.slice(x, 3, 0, 2, half) : ops.slice(x, 3, 0, half);
        ValueId second = interleaved ? ops.slice(x, 3, 1, 2, half) : ops.slice(x, 3, half, half);
        ValueId real = ops.sub(ops.mul(cos, first), ops.mul(sin, second));
        ValueId imaginary = ops.add(ops.mul(sin, first), ops.mul(cos, second));
        ValueId joined = interleaved ? ops.reshape(ops.concat(4, ops.unsqueeze(real, 4), ops.unsqueeze(imaginary, 4)),
                ops.shape(x).with(3, rotated)) : ops.concat(3, real, imaginary);
        ValueId whole = rotated == size ? joined : ops.concat(3, joined, ops.slice(x, 3, rotated, size - rotated));
        return given.rank() == 3 ? ops.reshape(whole, given) : ops.transpose(whole, 0, 2, 1, 3);
    }

    /** The cosines or sines of each position, as [batch, sequence, 1, half]. */
    private static ValueId angles(NodeContext node, int position, int half) {
        GraphOps ops = node.ops();
        ValueId cache = node.input(position);
        if (ops.dim(cache, -1) != half) {
            throw node.invalid("input " + position + " has shape " + ops.shape(cache) + "; expected a last extent of " + half);
        }
        ValueId perPosition = node.has(3) ? Gathering.gather(ops, cache, node.input(3), 0) : cache;
        return ops.unsqueeze(perPosition, 2);
    }
}
