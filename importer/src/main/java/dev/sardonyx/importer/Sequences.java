package dev.sardonyx.importer;

import static dev.sardonyx.importer.Operator.core;

import dev.sardonyx.graph.ElementType;
import dev.sardonyx.graph.Shape;
import dev.sardonyx.graph.Tensor;
import dev.sardonyx.graph.ValueId;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/** Sequences of tensors, taken apart at import: none is left in the graph. */
final class Sequences {
    static final List<Operator> TABLE = List.of(
            core("SequenceEmpty").versions(11).translates(node -> node.output(0, new Held.Sequence(List.of()))),
            core("SequenceConstruct").versions(11).translates(node -> node.output(0, new Held.Sequence(node.inputsFrom(0)))),
            core("SequenceLength").versions(11).gives(node -> node.ops()
                    .open(Tensor.ofLongs(ElementType.INT64, Shape.SCALAR, node.sequence(0).size()))),
            core("SequenceAt").versions(11).publicInputs(1).gives(node -> node.sequence(0).get(place(node, 1, node.sequence(0).size()))),
            core("SequenceInsert").versions(11).publicInputs(2).translates(Sequences::insert),
            core("SequenceErase").versions(11).publicInputs(1).translates(Sequences::erase),
            core("SplitToSequence").versions(11).publicInputs(1).translates(Sequences::split),
            core("ConcatFromSequence").versions(11).gives(Sequences::concat));

    private Sequences() {
    }

    private static int place(NodeContext node, int position, int size) {
        int at = node.openInt(position);
        int normal = at < 0 ? at + size : at;
        if (normal < 0 || normal >= size) {
            throw node.invalid("position " + at + " of a sequence of " + size);
        }
        return normal;
    }

    private static void insert(NodeContext node) {
        var elements = new ArrayList<>(node.sequence(0));
        int size = elements.size();
        int at = node.has(2) ? node.openInt(2) : size;
        if (at < -size || at > size) {
            throw node.invalid("position " + at + " to insert at in a sequence of " + size);
        }
        // A negative place counts from the end of what is there: -1 is before the last element.
        elements.add(at < 0 ? at + size : at, node.input(1));
        node.output(0, new Held.Sequence(elements));
    }

    private static void erase(NodeContext node) {
        var elements = new ArrayList<>(node.sequence(0));
        elements.remove(node.has(1) ? place(node, 1, elements.size()) : elements.size() - 1);
        node.output(0, new Held.Sequence(elements));
    }

    private static void split(NodeContext node) {
        GraphOps ops = node.ops();
        ValueId x = node.input(0);
        int axis = node.axis(node.integer("axis", 0), ops.rank(x));
        int extent = ops.dim(x, axis);
        int[] sizes;
        if (node.has(1) && node.shape(1).rank() == 1) {
            sizes = node.openInts(1);
        } else {
            int size = node.has(1) ? node.openInt(1) : 1;
            if (size < 1) {
                throw node.invalid("split=" + size + "; expected 1 or more");
            }
            sizes = IntStream.range(0, Math.ceilDiv(extent, size)).map(i -> Math.min(size, extent - i * size)).toArray();
        }
        boolean keep = node.has(1) || node.flag("keepdims", true);
        var parts = new ArrayList<ValueId>();
        int start = 0;
        for (int size : sizes) {
            ValueId part = ops.slice(x, axis, start, size);
            parts.add(keep ? part : ops.squeeze(part, axis));
            start += size;
        }
        node.output(0, new Held.Sequence(parts));
    }

    private static ValueId concat(NodeContext node) {
        GraphOps ops = node.ops();
        List<ValueId> parts = node.sequence(0);
        if (parts.isEmpty()) {
            throw node.invalid("joins an empty sequence; expected at least one tensor");
        }
        boolean stack = node.flag("new_axis", false);
        int rank = ops.rank(parts.getFirst()) + (stack ? 1 : 0);
        int axis = node.axis(node.requiredInteger("axis"), rank);
        return ops.concat(axis, stack ? parts.stream().map(part -> ops.unsqueeze(part, axis)).toList() : parts);
    }
}
