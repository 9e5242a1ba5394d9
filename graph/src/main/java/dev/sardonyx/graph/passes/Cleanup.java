package dev.sardonyx.graph.passes;

import dev.sardonyx.graph.Graph;
import dev.sardonyx.graph.Node;
import dev.sardonyx.graph.Op;
import dev.sardonyx.graph.Tensor;
import dev.sardonyx.graph.TypedShape;
import dev.sardonyx.graph.ValueId;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;

/** The passes that remove work nobody needs done, or done twice, or done with the inputs present. */
final class Cleanup {
    /** A result of constants that is larger, and larger than what it is made of, is left to be made when it is needed. */
    private static final int FOLDED_ELEMENTS = 1 << 24;

    /** Larger public constants are not compared with each other. */
    private static final int COMPARED_ELEMENTS = 1 << 12;

    static final GraphPass CONSTANT_FOLDING = new DraftPass("constant-folding",
            "operators that read only constants are evaluated on the model owner's side", Cleanup::fold);

    static final GraphPass DEAD_CODE = new WholeDraftPass("dead-code", "nodes and constants that no output needs are dropped",
            Cleanup::removeDeadCode);

    static final GraphPass COMMON_SUBEXPRESSIONS = new WholeDraftPass("common-subexpressions",
            "operators that do the same to the same values are done once", Cleanup::shareCommon);

    private Cleanup() {
    }

    /** A pass that treats the draft as a whole. */
    private record WholeDraftPass(String name, String description, UnaryOperator<Draft> work) implements GraphPass {
        @Override
        public Graph apply(Graph graph) {
            return work.apply(new Draft(graph)).toGraph();
        }
    }

    private static void fold(Draft draft, Node node) {
        boolean foldable = !node.inputs().isEmpty() && node.inputs().stream().allMatch(draft::isConstant);
        if (!foldable || !isWorthHolding(draft, node)) {
            return;
        }
        List<ValueId> results = draft.computeAll(node.origin(), node.op(), node.inputs());
        for (int i = 0; i < results.size(); i++) {
            draft.replace(node.outputs().get(i), results.get(i));
        }
    }

    /** Repeating elements costs nothing on shares, but each element of a constant must be shared. */
    private static boolean isWorthHolding(Draft draft, Node node) {
        long read = node.inputs().stream().mapToLong(id -> draft.shape(id).size()).sum();
        long made = node.outputs().stream().mapToLong(id -> draft.shape(id).size()).sum();
        return made <= read || made <= FOLDED_ELEMENTS && switch (node.op()) {
            case Op.Expand _, Op.Pick _, Op.Pad _, Op.GatherSecret _, Op.OneHot _ -> false;
            case Op.Binary _, Op.Compare _, Op.Logic _, Op.Not _, Op.Where _, Op.Unary _, Op.Relu _, Op.LeakyRelu _, Op.Clip _, Op.Cast _,
                    Op.MatMul _, Op.Conv _, Op.MaxPool _, Op.AveragePool _, Op.Reduce _, Op.ArgMax _, Op.TopK _, Op.Softmax _,
                    Op.LogSoftmax _, Op.Reshape _, Op.Transpose _, Op.Slice _, Op.Concat _, Op.CumSum _ -> true;
        };
    }

    private static Draft removeDeadCode(Draft draft) {
        for (Node node : draft.ordered().reversed()) {
            if (node.outputs().stream().allMatch(draft::isUnread)) {
                draft.removeUnread(node.output());
            }
        }
        draft.constants().stream().filter(draft::isUnread).forEach(draft::removeUnread);
        return draft;
    }

    private record Work(Op op, List<ValueId> inputs) {
    }

    private static Draft shareCommon(Draft draft) {
        shareEqualPublicConstants(draft);
        Map<Work, List<ValueId>> done = new HashMap<>();
        for (Node node : draft.ordered()) {
            Node current = draft.producer(node.output()).orElse(node);
            List<ValueId> earlier = done.putIfAbsent(new Work(current.op(), canonicalInputs(current)), current.outputs());
            if (earlier != null) {
                for (int i = 0; i < earlier.size(); i++) {
                    draft.replace(current.outputs().get(i), earlier.get(i));
                }
            }
        }
        return draft;
    }

    private static List<ValueId> canonicalInputs(Node node) {
        boolean commutes = switch (node.op()) {
            case Op.Binary(var function) -> switch (function) {
                case ADD, MUL, MIN, MAX -> true;
                case SUB, DIV, POW, MODULO, REMAINDER -> false;
            };
            case Op.Compare(var relation) -> relation == Op.Compare.Relation.EQUAL;
            case Op.Logic _ -> true;
            case Op.Not _, Op.Where _, Op.Unary _, Op.Relu _, Op.LeakyRelu _, Op.Clip _, Op.Cast _, Op.MatMul _, Op.Conv _, Op.MaxPool _,
                    Op.AveragePool _, Op.Reduce _, Op.ArgMax _, Op.TopK _, Op.Softmax _, Op.LogSoftmax _, Op.Reshape _, Op.Transpose _,
                    Op.Slice _, Op.Concat _, Op.Expand _, Op.Pad _, Op.Pick _, Op.GatherSecret _, Op.OneHot _, Op.CumSum _ -> false;
        };
        return commutes ? node.inputs().stream().sorted(Comparator.comparingInt(ValueId::index)).toList() : node.inputs();
    }

    private static void shareEqualPublicConstants(Draft draft) {
        Map<TypedShape, List<ValueId>> seen = new HashMap<>();
        for (ValueId id : draft.constants()) {
            Tensor tensor = draft.publicConstant(id).filter(constant -> constant.size() <= COMPARED_ELEMENTS).orElse(null);
            if (tensor == null || draft.isUnread(id)) {
                continue;
            }
            List<ValueId> alike = seen.computeIfAbsent(TypedShape.of(tensor), _ -> new ArrayList<>());
            alike.stream().filter(other -> draft.publicConstant(other).orElseThrow().sameAs(tensor)).findFirst()
                    .ifPresentOrElse(other -> draft.replace(id, other), () -> alike.add(id));
        }
    }
}
