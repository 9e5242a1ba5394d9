package dev.sardonyx.graph.passes;

import dev.sardonyx.graph.Node;
import dev.sardonyx.graph.Op;
import dev.sardonyx.graph.Op.Binary.Function;
import dev.sardonyx.graph.Shape;
import dev.sardonyx.graph.ValueId;
import dev.sardonyx.graph.Window;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * Takes the mean over places before a convolution that mixes channels only: both are linear and neither minds the other, but there are
 * fewer places after the mean. DenseNet's transitions are of this kind.
 */
final class PointwiseOrder {
    static final GraphPass PASS = new DraftPass("average-before-pointwise",
            "a mean over windows is taken before a 1×1 convolution where that leaves fewer products", PointwiseOrder::apply);

    private PointwiseOrder() {
    }

    private static void apply(Draft draft, Node node) {
        if (node.inputs().isEmpty() || !isMeanOverPlaces(draft, node)) {
            return;
        }
        ValueId pooled = node.inputs().getFirst();
        Optional<Node> sum = draft.producer(pooled).filter(inner -> draft.isSolelyRead(pooled) && isSumWithBiasPerChannel(draft, inner));
        ValueId layer = sum.map(inner -> inner.inputs().get(variable(draft, inner))).orElse(pooled);
        Optional<Node> conv = draft.producer(layer, Op.Conv.class)
                .filter(inner -> draft.isSolelyRead(layer) && isPointwise(inner) && isCheaper(draft, inner, draft.shape(node.output())));
        conv.ifPresent(inner -> {
            ValueId mean = draft.add(node.origin(), node.op(), inner.inputs().get(0));
            ValueId mixed = draft.add(inner.origin(), inner.op(), mean, inner.inputs().get(1));
            draft.replace(node.output(), sum.map(biased -> {
                ValueId[] inputs = biased.inputs().toArray(ValueId[]::new);
                inputs[variable(draft, biased)] = mixed;
                return draft.add(biased.origin(), biased.op(), inputs);
            }).orElse(mixed));
        });
    }

    /** A bias keeps its value under a mean of real elements only, so that counted padding is ruled out. */
    private static boolean isMeanOverPlaces(Draft draft, Node node) {
        return switch (node.op()) {
            case Op.AveragePool(Window window, boolean countIncludePad, var _) -> (!countIncludePad || isUnpadded(window))
                    && window.alwaysMeets(draft.shape(node.inputs().getFirst()));
            case Op.Reduce(var function, var axes) -> function == Op.Reduce.Function.MEAN && axes.stream().allMatch(axis -> axis >= 2)
                    && draft.value(node.output()).type().isFloating();
            case Op _ -> false;
        };
    }

    private static boolean isUnpadded(Window window) {
        return IntStream.range(0, window.rank()).allMatch(axis -> window.padsBegin().get(axis) == 0 && window.padsEnd().get(axis) == 0);
    }

    private static boolean isPointwise(Node conv) {
        Window window = ((Op.Conv) conv.op()).window();
        return isUnpadded(window) && List.of(window.kernel(), window.strides()).stream().flatMap(List::stream).allMatch(extent -> extent == 1);
    }

    /** Products on shares: those of the convolution's outputs, and the division of the mean where it is taken. */
    private static boolean isCheaper(Draft draft, Node conv, Shape result) {
        long places = result.size(2, result.rank());
        Shape before = draft.shape(conv.output());
        long inputs = draft.shape(conv.inputs().get(0)).dim(1);
        return (inputs + before.dim(1)) * places < (long) before.dim(1) * (before.size(2, before.rank()) + places);
    }

    private static boolean isSumWithBiasPerChannel(Draft draft, Node node) {
        boolean adds = node.op().equals(new Op.Binary(Function.ADD)) && draft.isConstant(node.inputs().get(0)) != draft.isConstant(node.inputs().get(1));
        if (!adds) {
            return false;
        }
        int variable = variable(draft, node);
        Shape bias = draft.shape(node.inputs().get(1 - variable));
        Shape sum = draft.shape(node.output());
        return draft.shape(node.inputs().get(variable)).equals(sum) && IntStream.range(2, sum.rank())
                .allMatch(axis -> axis - sum.rank() + bias.rank() < 0 || bias.dim(axis - sum.rank()) == 1);
    }

    private static int variable(Draft draft, Node sum) {
        return draft.isConstant(sum.inputs().get(0)) ? 1 : 0;
    }
}
