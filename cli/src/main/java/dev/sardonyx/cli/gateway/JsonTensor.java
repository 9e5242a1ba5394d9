package dev.sardonyx.cli.gateway;

import dev.sardonyx.cli.json.JsonReader;
import dev.sardonyx.graph.Shape;
import dev.sardonyx.graph.Tensor;

/** Fills one tensor from a JSON array, whose room is made for what the shape says and no more. */
final class JsonTensor {
    private final Datatype type;
    private final Shape shape;
    private final String what;
    private final double[] reals;
    private final long[] wholes;
    private int filled;

    JsonTensor(Datatype type, Shape shape, String what) {
        this.type = type;
        this.shape = shape;
        this.what = what;
        this.reals = new double[type.isFloating() ? shape.size() : 0];
        this.wholes = new long[type.isFloating() ? 0 : shape.size()];
    }

    Tensor read(JsonReader json) {
        if (shape.rank() > 1 && json.isNested()) {
            level(json, 0);
        } else {
            json.array(() -> element(json));
        }
        if (filled != shape.size()) {
            throw wrongCount("has " + filled);
        }
        return type.isFloating() ? Tensor.ofDoubles(type.element(), shape, reals) : Tensor.ofLongs(type.element(), shape, wholes);
    }

    private void level(JsonReader json, int axis) {
        int before = filled;
        int[] count = new int[1];
        json.array(() -> {
            count[0]++;
            if (axis + 1 < shape.rank()) {
                level(json, axis + 1);
            } else {
                element(json);
            }
        });
        if (count[0] != shape.dim(axis)) {
            throw GatewayException.badRequest(what + ", at element " + before + ": " + count[0] + " entries at depth " + (axis + 1) + "; its shape says "
                    + shape.dim(axis));
        }
    }

    private void element(JsonReader json) {
        if (filled == shape.size()) {
            throw wrongCount("has more");
        }
        if (type.isFloating()) {
            reals[filled] = json.real();
        } else if (type == Datatype.BOOL) {
            wholes[filled] = json.truth() ? 1 : 0;
        } else {
            long value = json.whole(type == Datatype.UINT64);
            if (!type.holds(value)) {
                throw GatewayException.badRequest(what + ", element " + filled + ", does not fit " + type);
            }
            wholes[filled] = value;
        }
        filled++;
    }

    private GatewayException wrongCount(String found) {
        return GatewayException.badRequest(what + " " + found + " elements; its shape " + shape.dims() + " says " + shape.size());
    }
}
