package dev.sardonyx.graph.passes;

import static dev.sardonyx.graph.passes.Graphs.binary;
import static dev.sardonyx.graph.passes.Graphs.named;
import static dev.sardonyx.graph.passes.Graphs.open;
import static dev.sardonyx.graph.passes.Graphs.operators;
import static dev.sardonyx.graph.passes.Graphs.rewritten;
import static dev.sardonyx.graph.passes.Graphs.secret;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sardonyx.graph.Constant;
import dev.sardonyx.graph.Draw;
import dev.sardonyx.graph.ElementType;
import dev.sardonyx.graph.Graph;
import dev.sardonyx.graph.GraphBuilder;
import dev.sardonyx.graph.Op;
import dev.sardonyx.graph.Op.Binary.Function;
import dev.sardonyx.graph.ScalarFunction;
import dev.sardonyx.graph.ScalarFunction.Elementary;
import dev.sardonyx.graph.Shape;
import dev.sardonyx.graph.ValueId;
import dev.sardonyx.graph.Window;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class FoldingPassesTest {
    private final Draw draw = new Draw(17);

    private ValueId conv(GraphBuilder b, ValueId x, Shape weights, int groups) {
        return b.add(new Op.Conv(Graphs.window(weights.dim(2), 1, 1), groups), x, secret(b, draw.reals(weights)));
    }

    private ValueId dense(GraphBuilder b, ValueId x, int from, int to) {
        return b.add(new Op.MatMul(), x, secret(b, draw.reals(Shape.of(from, to))));
    }

    @Test
    void batchNormalisationAfterAConvolutionLeavesOneBias() {
        Graph graph = Graphs.of(Shape.of(2, 4, 5, 5), (b, x) -> {
            ValueId biased = binary(b, Function.ADD, conv(b, x, Shape.of(6, 2, 3, 3), 2), secret(b, draw.reals(Shape.of(6, 1, 1))));
            ValueId scaled = binary(b, Function.MUL, secret(b, draw.reals(Shape.of(1, 6, 1, 1))), biased);
            return b.add(new Op.Relu(), binary(b, Function.ADD, scaled, secret(b, draw.reals(Shape.of(6, 1, 1)))));
        });
        Graph folded = GraphPasses.apply(graph, Set.of()).graph();
        Graphs.assertSameMeaning(graph, folded, draw);
        assertEquals(Map.of("Conv", 1, "Binary.ADD", 1, "Relu", 1), operators(folded));
        assertTrue(folded.constants().values().stream().allMatch(Constant::isSecret));
    }

    @Test
    void scalesAroundDenseLayersGoIntoTheirWeights() {
        Graph graph = Graphs.of(Shape.of(3, 4), (b, x) -> {
            ValueId scaled = binary(b, Function.MUL, x, secret(b, draw.reals(Shape.of(4))));
            ValueId first = dense(b, scaled, 4, 5);
            ValueId after = binary(b, Function.DIV, binary(b, Function.SUB, first, secret(b, draw.reals(Shape.of(5)))),
                    secret(b, draw.reals(Shape.of(5), 1, 2)));
            ValueId left = b.add(new Op.MatMul(), secret(b, draw.reals(Shape.of(2, 3))), binary(b, Function.MUL, secret(b, draw.reals(Shape.of(3, 1))), b.add(new Op.Relu(), after)));
            return binary(b, Function.MUL, left, secret(b, draw.reals(Shape.of(2, 1))));
        });
        assertEquals(Map.of("MatMul", 2, "Binary.SUB", 1, "Relu", 1), operators(rewritten(named("batchnorm-folding"), graph, draw)));
    }

    @Test
    void scalesBeforeAGroupedConvolutionGoIntoTheChannelsTheyBelongTo() {
        Graph graph = Graphs.of(Shape.of(2, 6, 4, 4),
                (b, x) -> conv(b, binary(b, Function.MUL, x, secret(b, draw.reals(Shape.of(6, 1, 1)))), Shape.of(4, 3, 3, 3), 2));
        assertEquals(Map.of("Conv", 1), operators(rewritten(named("batchnorm-folding"), graph, draw)));
    }

    /** Attention: scores are divided by the root of the head's width after a product of two projections. */
    @Test
    void aScaleOfAttentionScoresGoesBackIntoAProjection() {
        Graph graph = Graphs.of(Shape.of(6, 8), (b, x) -> {
            ValueId query = heads(b, binary(b, Function.ADD, dense(b, x, 8, 8), secret(b, draw.reals(Shape.of(8)))));
            ValueId key = b.add(new Op.Transpose(List.of(0, 2, 1)), heads(b, dense(b, x, 8, 8)));
            return binary(b, Function.DIV, b.add(new Op.MatMul(), query, key), open(b, 2));
        });
        assertEquals(Map.of("MatMul", 3, "Binary.ADD", 1, "Reshape", 2, "Transpose", 3),
                operators(rewritten(named("batchnorm-folding"), graph, draw)));
    }

    private static ValueId heads(GraphBuilder b, ValueId x) {
        return b.add(new Op.Transpose(List.of(1, 0, 2)), b.add(new Op.Reshape(Shape.of(6, 2, 4)), x));
    }

    /** PyTorch scales query and key by the fourth root of the head's width each, where both are parts of one projection. */
    @Test
    void scalesOfBothAttentionOperandsBecomeOne() {
        Graph graph = Graphs.of(Shape.of(2, 5, 8), (b, x) -> {
            ValueId turned = b.add(new Op.Transpose(List.of(0, 2, 1)), binary(b, Function.MUL, open(b, 0.6), b.add(new Op.Relu(), x)));
            return b.add(new Op.MatMul(), binary(b, Function.MUL, x, secret(b, draw.reals(Shape.of(1)))), turned);
        });
        assertEquals(Map.of("Relu", 1, "Transpose", 1, "Binary.MUL", 1, "MatMul", 1), operators(rewritten(named("batchnorm-folding"), graph, draw)));
        Graph square = Graphs.of(Shape.of(4, 4), (b, x) -> {
            ValueId half = binary(b, Function.MUL, x, open(b, 0.5));
            return b.add(new Op.MatMul(), half, half);
        });
        assertSame(square, named("batchnorm-folding").apply(square));
    }

    @Test
    void meansAreTakenBeforeAPointwiseConvolutionAndItsBias() {
        var average = new Op.AveragePool(Graphs.window(2, 2, 0), true, List.of(0, 0));
        var mean = new Op.Reduce(Op.Reduce.Function.MEAN, List.of(2, 3));
        for (Op op : List.of(average, mean)) {
            Graph graph = Graphs.of(Shape.of(2, 6, 4, 4), (b, x) -> {
                ValueId mixed = b.add(new Op.Conv(Graphs.window(1, 1, 0), 1), b.add(new Op.Relu(), x), secret(b, draw.reals(Shape.of(3, 6, 1, 1))));
                return b.add(op, binary(b, Function.ADD, secret(b, draw.reals(Shape.of(3, 1, 1))), mixed));
            });
            assertEquals(List.of("Relu", op.getClass().getSimpleName(), "Conv", "Binary"), rewritten(named("average-before-pointwise"), graph, draw)
                    .nodes().stream().map(node -> node.op().getClass().getSimpleName()).toList());
        }
    }

    @Test
    void meansStayAfterAConvolutionThatMixesPlacesOrNarrowsChannelsMuch() {
        var average = new Op.AveragePool(Graphs.window(2, 2, 0), true, List.of(0, 0));
        Graph wide = Graphs.of(Shape.of(2, 6, 4, 4), (b, x) -> b.add(average, conv(b, x, Shape.of(3, 6, 3, 3), 1)));
        assertSame(wide, named("average-before-pointwise").apply(wide));
        Graph narrow = Graphs.of(Shape.of(2, 30, 4, 4), (b, x) -> b.add(average,
                b.add(new Op.Conv(Graphs.window(1, 1, 0), 1), x, secret(b, draw.reals(Shape.of(1, 30, 1, 1))))));
        assertSame(narrow, named("average-before-pointwise").apply(narrow));
        var padded = new Op.AveragePool(Graphs.window(2, 2, 1), true, List.of(1, 1));
        Graph counted = Graphs.of(Shape.of(2, 3, 4, 4), (b, x) -> b.add(padded, binary(b, Function.ADD,
                b.add(new Op.Conv(Graphs.window(1, 1, 0), 1), x, secret(b, draw.reals(Shape.of(3, 3, 1, 1)))), secret(b, draw.reals(Shape.of(3, 1, 1))))));
        assertSame(counted, named("average-before-pointwise").apply(counted));
        Graph perPlace = Graphs.of(Shape.of(2, 3, 4, 4), (b, x) -> b.add(average, binary(b, Function.ADD,
                b.add(new Op.Conv(Graphs.window(1, 1, 0), 1), x, secret(b, draw.reals(Shape.of(3, 3, 1, 1)))), secret(b, draw.reals(Shape.of(4))))));
        assertSame(perPlace, named("average-before-pointwise").apply(perPlace));
    }

    @Test
    void aPositivePublicScalePassesActivationAndPooling() {
        Graph graph = Graphs.of(Shape.of(1, 2, 6, 6), (b, x) -> binary(b, Function.MUL,
                b.add(new Op.MaxPool(Graphs.window(2, 2, 0)), b.add(new Op.LeakyRelu(0.1), conv(b, x, Shape.of(3, 2, 3, 3), 1))), open(b, 0.25)));
        assertEquals(Map.of("Conv", 1, "LeakyRelu", 1, "MaxPool", 1), operators(rewritten(named("batchnorm-folding"), graph, draw)));
    }

    @Test
    void aScaleOfUnknownOrNegativeSignDoesNotPassAnActivation() {
        for (boolean secret : new boolean[] {false, true}) {
            Graph graph = Graphs.of(Shape.of(3, 4), (b, x) -> binary(b, Function.MUL, b.add(new Op.Relu(), dense(b, x, 4, 5)),
                    secret ? secret(b, draw.reals(Shape.SCALAR, 1, 2)) : open(b, -1.5)));
            assertSame(graph, named("batchnorm-folding").apply(graph));
        }
    }

    @Test
    void scalesThatDifferAlongTheWrongAxisStay() {
        Graph columns = Graphs.of(Shape.of(3, 4), (b, x) -> binary(b, Function.MUL, dense(b, x, 4, 5), secret(b, draw.reals(Shape.of(3, 1)))));
        assertSame(columns, named("batchnorm-folding").apply(columns));
        Graph places = Graphs.of(Shape.of(1, 2, 4, 4),
                (b, x) -> binary(b, Function.MUL, conv(b, x, Shape.of(3, 2, 3, 3), 1), secret(b, draw.reals(Shape.of(4)))));
        assertSame(places, named("batchnorm-folding").apply(places));
        Graph growing = Graphs.of(Shape.of(1, 4), (b, x) -> binary(b, Function.MUL, dense(b, x, 4, 5), secret(b, draw.reals(Shape.of(7, 1, 1)))));
        assertSame(growing, named("batchnorm-folding").apply(growing));
    }

    @Test
    void aLayerThatOthersReadKeepsItsWeights() {
        var b = new GraphBuilder();
        ValueId layer = dense(b, b.input("x", ElementType.FLOAT64, Shape.of(3, 4)), 4, 5);
        b.output("layer", layer);
        b.output("scaled", binary(b, Function.MUL, layer, secret(b, draw.reals(Shape.of(5)))));
        Graph graph = b.build();
        assertSame(graph, named("batchnorm-folding").apply(graph));
    }

    @Test
    void denseLayersMergeWithTheirBiasWhereThatIsCheaper() {
        Graph graph = Graphs.of(Shape.of(2, 3, 4),
                (b, x) -> dense(b, binary(b, Function.ADD, secret(b, draw.reals(Shape.of(9))), dense(b, x, 4, 9)), 9, 5));
        assertEquals(Map.of("MatMul", 1, "Binary.ADD", 1), operators(rewritten(named("linear-merge"), graph, draw)));
        Graph scalarBias = Graphs.of(Shape.of(3, 4),
                (b, x) -> dense(b, binary(b, Function.ADD, dense(b, x, 4, 9), secret(b, draw.reals(Shape.of(1)))), 9, 5));
        assertEquals(Map.of("MatMul", 1, "Binary.ADD", 1), operators(rewritten(named("linear-merge"), scalarBias, draw)));
    }

    @Test
    void denseLayersDoNotMergeAcrossABottleneckOrAnActivation() {
        Graph bottleneck = Graphs.of(Shape.of(3, 20), (b, x) -> dense(b, dense(b, x, 20, 2), 2, 20));
        assertSame(bottleneck, named("linear-merge").apply(bottleneck));
        Graph activation = Graphs.of(Shape.of(3, 4), (b, x) -> dense(b, b.add(new Op.Relu(), dense(b, x, 4, 9)), 9, 5));
        assertSame(activation, named("linear-merge").apply(activation));
        Graph biasPerRow = Graphs.of(Shape.of(3, 4),
                (b, x) -> dense(b, binary(b, Function.ADD, dense(b, x, 4, 9), secret(b, draw.reals(Shape.of(3, 1)))), 9, 5));
        assertSame(biasPerRow, named("linear-merge").apply(biasPerRow));
    }

    @Test
    void denseLayersThatTakeLongToMultiplyStayApart() {
        Graph wide = Graphs.of(Shape.of(1, 1300), (b, x) -> dense(b, dense(b, x, 1300, 1300), 1300, 1300));
        assertSame(wide, named("linear-merge").apply(wide));
    }

    static Stream<Op> activations() {
        return Stream.of(new Op.Relu(), new Op.LeakyRelu(0.2), new Op.Clip(-0.5, 0.5), new Op.Unary(Elementary.SIGMOID),
                new Op.Unary(Elementary.TANH), new Op.Unary(new ScalarFunction.Elu(1)), new Op.Unary(new ScalarFunction.Selu(1.6, 1.05)));
    }

    @ParameterizedTest
    @MethodSource("activations")
    void aMaximumIsTakenBeforeAMonotoneActivation(Op activation) {
        var pool = new Op.MaxPool(Graphs.window(3, 2, 1));
        Graph graph = Graphs.of(Shape.of(2, 3, 6, 6), (b, x) -> b.add(pool, b.add(activation, x)));
        Graph moved = rewritten(named("maxpool-before-activation"), graph, draw);
        assertEquals(List.of(pool, activation), moved.nodes().stream().map(node -> node.op()).toList());
    }

    @Test
    void aMaximumStaysWhereTheActivationBendsOrIsReadByOthersOrAWindowMayBeEmpty() {
        var pool = new Op.MaxPool(Graphs.window(2, 2, 0));
        Graph bends = Graphs.of(Shape.of(1, 1, 4, 4), (b, x) -> b.add(pool, b.add(new Op.Unary(Elementary.GELU), x)));
        assertSame(bends, named("maxpool-before-activation").apply(bends));
        Graph falls = Graphs.of(Shape.of(1, 1, 4, 4), (b, x) -> b.add(pool, b.add(new Op.LeakyRelu(-0.1), x)));
        assertSame(falls, named("maxpool-before-activation").apply(falls));
        Graph shared = Graphs.of(Shape.of(1, 1, 4, 4), (b, x) -> {
            ValueId activated = b.add(new Op.Relu(), x);
            b.output("middle", activated);
            return b.add(pool, activated);
        });
        assertSame(shared, named("maxpool-before-activation").apply(shared));
        var gap = new Window(List.of(2), List.of(1), List.of(3), List.of(2), List.of(2));
        Graph empty = Graphs.of(Shape.of(1, 1, 1), (b, x) -> b.add(new Op.MaxPool(gap), b.add(new Op.Unary(Elementary.SIGMOID), x)));
        assertSame(empty, named("maxpool-before-activation").apply(empty));
    }

    /** SqueezeNet's fire modules and Inception's branches before a pool. */
    @Test
    void aMaximumIsTakenBeforeTheActivationsOfAllConcatenatedBranches() {
        var pool = new Op.MaxPool(Graphs.window(3, 2, 0));
        Graph graph = Graphs.of(Shape.of(1, 2, 7, 7), (b, x) -> b.add(pool, b.add(new Op.Concat(1),
                b.add(new Op.Relu(), conv(b, x, Shape.of(3, 2, 3, 3), 1)), b.add(new Op.Relu(), conv(b, x, Shape.of(4, 2, 3, 3), 1)))));
        Graph moved = rewritten(named("maxpool-before-activation"), graph, draw);
        assertEquals(List.of(new Op.Concat(1), pool, new Op.Relu()), moved.nodes().stream().map(node -> node.op()).skip(2).toList());
        Graph mixed = Graphs.of(Shape.of(1, 2, 7, 7),
                (b, x) -> b.add(pool, b.add(new Op.Concat(1), b.add(new Op.Relu(), x), b.add(new Op.Unary(Elementary.TANH), x))));
        assertSame(mixed, named("maxpool-before-activation").apply(mixed));
    }

    /** Keras' ResNet pads with zeros between the activation and the pool. */
    @Test
    void paddingThatTheActivationKeepsDoesNotStopIt() {
        var pad = new Op.Pad(List.of(0, 0, 1, 1), List.of(0, 0, 1, 1), 0);
        var pool = new Op.MaxPool(Graphs.window(3, 2, 0));
        Graph graph = Graphs.of(Shape.of(1, 2, 6, 6), (b, x) -> b.add(pool, b.add(pad, b.add(new Op.Relu(), x))));
        assertEquals(List.of(pad, pool, new Op.Relu()),
                rewritten(named("maxpool-before-activation"), graph, draw).nodes().stream().map(node -> node.op()).toList());
        Graph moved = Graphs.of(Shape.of(1, 2, 6, 6), (b, x) -> b.add(pool, b.add(pad, b.add(new Op.Unary(Elementary.SIGMOID), x))));
        assertSame(moved, named("maxpool-before-activation").apply(moved));
    }

    @Test
    void theMaximumOfAWholeMapIsTakenBeforeTheActivationToo() {
        var greatest = new Op.Reduce(Op.Reduce.Function.MAX, List.of(2, 3));
        Graph graph = Graphs.of(Shape.of(1, 2, 4, 4), (b, x) -> b.add(greatest, b.add(new Op.Relu(), x)));
        Graph moved = rewritten(named("maxpool-before-activation"), graph, draw);
        assertEquals(List.of(greatest, new Op.Relu()), moved.nodes().stream().map(node -> node.op()).toList());
    }
}
