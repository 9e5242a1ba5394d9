package dev.sardonyx.importer;

import static dev.sardonyx.importer.Operator.core;

import dev.sardonyx.graph.ElementType;
import dev.sardonyx.graph.Op;
import dev.sardonyx.graph.Op.Compare.Relation;
import dev.sardonyx.graph.ValueId;
import java.util.List;

/** Comparisons, booleans, selection and casts. */
final class Logical {
    private static final String NEVER = "fixed-point numbers are never NaN or infinite, so the answer is false; inputs that are, are refused";

    static final List<Operator> TABLE = List.of(
            compare("Equal", Relation.EQUAL), compare("Less", Relation.LESS), compare("Greater", Relation.GREATER),
            core("LessOrEqual").versions(12).gives(node -> compare(node, Relation.LESS_OR_EQUAL)),
            core("GreaterOrEqual").versions(12).gives(node -> compare(node, Relation.GREATER_OR_EQUAL)),
            logic("And", Op.Logic.Function.AND), logic("Or", Op.Logic.Function.OR), logic("Xor", Op.Logic.Function.XOR),
            core("Not").versions(1).gives(node -> node.ops().not(node.input(0))),
            core("Where").versions(9).gives(node -> node.ops().where(node.input(0), node.input(1), node.input(2))),
            core("Cast").versions(6, 9, 13).gives(Logical::cast),
            core("CastLike").versions(15).gives(node -> narrowed(node, node.type(1), node.narrowBits(1))),
            core("IsNaN").versions(9).note(NEVER).gives(Logical::never),
            core("IsInf").versions(10).note(NEVER).gives(Logical::never));

    private Logical() {
    }

    private static Operator compare(String type, Relation relation) {
        return core(type).versions(6, 7).gives(node -> compare(node, relation));
    }

    private static ValueId compare(NodeContext node, Relation relation) {
        return node.ops().compare(relation, node.input(0), node.secondOperand());
    }

    private static Operator logic(String type, Op.Logic.Function function) {
        return core(type).versions(6, 7).gives(node -> node.ops().add(new Op.Logic(function), node.input(0), node.secondOperand()));
    }

    private static ValueId cast(NodeContext node) {
        int to = node.requiredInteger("to");
        return narrowed(node, node.elementType(to), ElementTypes.narrowBits(to));
    }

    /** A type of fewer than 8 bits is held in 8: a cast to it keeps the low bits. */
    private static ValueId narrowed(NodeContext node, ElementType type, int bits) {
        GraphOps ops = node.ops();
        if (bits == 0) {
            return ops.cast(node.input(0), type);
        }
        int least = type.minimum() < 0 ? -(1 << bits - 1) : 0;
        ValueId lifted = ops.add(ops.cast(node.input(0), ElementType.INT32), -least);
        ValueId low = ops.add(new Op.Binary(Op.Binary.Function.MODULO), lifted, ops.scalar(ElementType.INT32, 1 << bits));
        node.outputBits(0, bits);
        return ops.cast(ops.add(low, least), type);
    }

    private static ValueId never(NodeContext node) {
        return node.ops().filled(ElementType.BOOL, node.shape(0), 0);
    }
}
