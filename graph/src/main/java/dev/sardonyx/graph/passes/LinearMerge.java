package dev.sardonyx.graph.passes;

import dev.sardonyx.graph.Constant;
import dev.sardonyx.graph.ElementType;
import dev.sardonyx.graph.Node;
import dev.sardonyx.graph.Op;
import dev.sardonyx.graph.Op.Binary.Function;
import dev.sardonyx.graph.Shape;
import dev.sardonyx.graph.Tensor;
import dev.sardonyx.graph.ValueId;
import java.util.Optional;
import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.CommonOps_DDRM;

/**
 * Merges two dense layers with nothing but a bias between: (x·A + b)·B = x·(A·B) + b·B. Done where the shapes say that it takes fewer
 * multiplications, so not across a bottleneck, and where the merged weights are soon reckoned.
 */
final class LinearMerge {
    static final GraphPass PASS = new DraftPass("linear-merge",
            "consecutive dense layers become one where that takes fewer multiplications", LinearMerge::apply);

    /** A second or two; a plan gains less by what is greater than whoever waits for it loses. */
    private static final double MOST_MULTIPLICATIONS = 0x1p31;

    private LinearMerge() {
    }

    private static void apply(Draft draft, Node node) {
        if (!(node.op() instanceof Op.MatMul) || !isMatrix(draft, node.inputs().get(1))) {
            return;
        }
        ValueId between = node.inputs().get(0);
        ValueId second = node.inputs().get(1);
        Optional<Node> sum = draft.producer(between).filter(inner -> isSumWithBias(draft, inner));
        ValueId layer = sum.map(inner -> summand(draft, inner)).orElse(between);
        Optional<Node> first = draft.producer(layer, Op.MatMul.class)
                .filter(inner -> draft.isSolelyRead(layer) && draft.isSolelyRead(between) && isMatrix(draft, inner.inputs().get(1)))
                .filter(inner -> isCheaper(draft.shape(inner.inputs().get(1)), draft.shape(second)));
        first.ifPresent(inner -> {
            ValueId weights = product(draft, node, inner.inputs().get(1), second);
            ValueId merged = draft.add(node.origin(), new Op.MatMul(), inner.inputs().get(0), weights);
            draft.replace(node.output(), sum.map(biased -> withBias(draft, node, biased, merged)).orElse(merged));
        });
    }

    private static boolean isMatrix(Draft draft, ValueId id) {
        return draft.isConstant(id) && draft.shape(id).rank() == 2 && draft.value(id).type().isFloating();
    }

    /** Multiplications for each row of x, unless those for the merged weights would keep a planner waiting. */
    private static boolean isCheaper(Shape first, Shape second) {
        long merged = (long) first.dim(0) * second.dim(1);
        return merged <= (long) first.size() + second.size() && (double) merged * first.dim(1) <= MOST_MULTIPLICATIONS;
    }

    private static boolean isSumWithBias(Draft draft, Node node) {
        return node.op().equals(new Op.Binary(Function.ADD)) && draft.isConstant(node.inputs().get(0)) != draft.isConstant(node.inputs().get(1))
                && isLine(draft.shape(bias(draft, node))) && draft.shape(summand(draft, node)).equals(draft.shape(node.output()));
    }

    private static boolean isLine(Shape shape) {
        return shape.rank() > 0 && shape.size() == shape.dim(-1);
    }

    private static ValueId bias(Draft draft, Node sum) {
        return sum.inputs().get(draft.isConstant(sum.inputs().get(0)) ? 0 : 1);
    }

    private static ValueId summand(Draft draft, Node sum) {
        return sum.inputs().get(draft.isConstant(sum.inputs().get(0)) ? 1 : 0);
    }

    private static ValueId withBias(Draft draft, Node node, Node sum, ValueId merged) {
        ValueId weights = node.inputs().get(1);
        int width = draft.shape(weights).dim(0);
        ValueId line = draft.compute(node.origin(), new Op.Reshape(Shape.of(1, draft.shape(bias(draft, sum)).size())), bias(draft, sum));
        ValueId full = draft.compute(node.origin(), new Op.Expand(Shape.of(1, width)), line);
        ValueId carried = product(draft, node, full, weights);
        ValueId flat = draft.compute(node.origin(), new Op.Reshape(Shape.of(draft.shape(weights).dim(1))), carried);
        return draft.add(node.origin(), new Op.Binary(Function.ADD), merged, flat);
    }

    private static ValueId product(Draft draft, Node node, ValueId left, ValueId right) {
        Constant a = draft.constant(left).orElseThrow();
        Constant b = draft.constant(right).orElseThrow();
        var result = new DMatrixRMaj(a.tensor().shape().dim(0), b.tensor().shape().dim(1));
        CommonOps_DDRM.mult(matrix(a.tensor()), matrix(b.tensor()), result);
        ElementType type = a.tensor().type();
        Tensor tensor = Tensor.ofDoubles(type, Shape.of(result.numRows, result.numCols), result.data);
        return draft.addConstant(node.origin(), a.isSecret() || b.isSecret() ? Constant.secret(tensor) : Constant.open(tensor));
    }

    private static DMatrixRMaj matrix(Tensor tensor) {
        return DMatrixRMaj.wrap(tensor.shape().dim(0), tensor.shape().dim(1), tensor.toDoubles());
    }
}
