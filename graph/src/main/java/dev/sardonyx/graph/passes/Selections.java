package dev.sardonyx.graph.passes;

import dev.sardonyx.graph.ElementType;
import dev.sardonyx.graph.Node;
import dev.sardonyx.graph.Op;
import dev.sardonyx.graph.ValueId;
import java.util.Optional;

/**
 * Brings selections into the one form that costs a single product of a bit and a value: {@code Where(p, x, 0)} with a public zero.
 */
final class Selections {
    static final GraphPass PASS = new DraftPass("select-to-product",
            "selections between a value and public zero, and products with a predicate, become one bit × value", Selections::apply);

    private Selections() {
    }

    private static void apply(Draft draft, Node node) {
        if (node.op() instanceof Op.Where) {
            applyToWhere(draft, node, node.inputs().get(0), node.inputs().get(1), node.inputs().get(2));
        } else if (node.op().equals(new Op.Binary(Op.Binary.Function.MUL))) {
            applyToProduct(draft, node, node.inputs().get(0), node.inputs().get(1));
        }
    }

    private static void applyToWhere(Draft draft, Node node, ValueId condition, ValueId whenTrue, ValueId whenFalse) {
        boolean zeroWhenTrue = draft.isPublicly(whenTrue, 0);
        boolean zeroWhenFalse = draft.isPublicly(whenFalse, 0);
        Optional<ValueId> negated = draft.producer(condition, Op.Not.class).map(not -> not.inputs().getFirst());
        if (zeroWhenFalse && isRelu(draft, condition, whenTrue) && draft.shape(whenTrue).equals(draft.shape(node.output()))) {
            draft.replace(node.output(), draft.add(node.origin(), new Op.Relu(), whenTrue));
        } else if (zeroWhenTrue && !zeroWhenFalse) {
            ValueId opposite = negated.orElseGet(() -> draft.isConstant(condition) ? draft.compute(node.origin(), new Op.Not(), condition)
                    : draft.add(node.origin(), new Op.Not(), condition));
            draft.replace(node.output(), draft.add(node.origin(), new Op.Where(), opposite, whenFalse, whenTrue));
        } else if (negated.isPresent() && !zeroWhenFalse) {
            draft.replace(node.output(), draft.add(node.origin(), new Op.Where(), negated.get(), whenFalse, whenTrue));
        }
    }

    /** Whether the condition is that x is positive (or not negative), so that selecting x or zero by it is Relu. */
    private static boolean isRelu(Draft draft, ValueId condition, ValueId x) {
        return draft.producer(condition).filter(node -> node.op() instanceof Op.Compare(var relation) && switch (relation) {
            case GREATER, GREATER_OR_EQUAL -> node.inputs().get(0).equals(x) && draft.isPublicly(node.inputs().get(1), 0);
            case LESS, LESS_OR_EQUAL -> node.inputs().get(1).equals(x) && draft.isPublicly(node.inputs().get(0), 0);
            case EQUAL -> false;
        }).isPresent();
    }

    private static void applyToProduct(Draft draft, Node node, ValueId left, ValueId right) {
        predicate(draft, left).map(bit -> select(draft, node, bit, right))
                .or(() -> predicate(draft, right).map(bit -> select(draft, node, bit, left)))
                .ifPresent(selected -> draft.replace(node.output(), selected));
    }

    private static ValueId select(Draft draft, Node node, ValueId bit, ValueId value) {
        return draft.add(node.origin(), new Op.Where(), bit, value, draft.addPublic(node.origin(), 0, value));
    }

    /** The boolean that a value is the 0 or 1 of. */
    private static Optional<ValueId> predicate(Draft draft, ValueId id) {
        return draft.producer(id, Op.Cast.class).map(cast -> cast.inputs().getFirst())
                .filter(bit -> draft.value(bit).type() == ElementType.BOOL);
    }
}
