package dev.sardonyx.graph.passes;

import static dev.sardonyx.graph.passes.Graphs.binary;
import static dev.sardonyx.graph.passes.Graphs.named;
import static dev.sardonyx.graph.passes.Graphs.open;
import static dev.sardonyx.graph.passes.Graphs.operators;
import static dev.sardonyx.graph.passes.Graphs.rewritten;
import static dev.sardonyx.graph.passes.Graphs.secret;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;

import dev.sardonyx.graph.Draw;
import dev.sardonyx.graph.ElementType;
import dev.sardonyx.graph.Graph;
import dev.sardonyx.graph.GraphBuilder;
import dev.sardonyx.graph.Indices;
import dev.sardonyx.graph.Op;
import dev.sardonyx.graph.Op.Binary.Function;
import dev.sardonyx.graph.ScalarFunction.Elementary;
import dev.sardonyx.graph.Shape;
import dev.sardonyx.graph.ValueId;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BiFunction;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class MovementPassesTest {
    private static final Op TO_CHANNELS_LAST = new Op.Transpose(List.of(0, 2, 3, 1));
    private static final Op TO_CHANNELS_FIRST = new Op.Transpose(List.of(0, 3, 1, 2));

    private final Draw draw = new Draw(11);

    /** What Keras exports: each convolution and pool between transpositions, bias and activation channels last. */
    @Test
    void channelsLastNetworksKeepOneTranspositionAtEachEnd() {
        Graph graph = Graphs.of(Shape.of(2, 8, 8, 3), (b, x) -> {
            ValueId first = block(b, x, 3, 4);
            return block(b, first, 4, 5);
        });
        Graph sunk = rewritten(named("identity-removal"), rewritten(named("transpose-sinking"), graph, draw), draw);
        assertEquals(8, operators(graph).get("Transpose"));
        assertEquals(2, operators(sunk).get("Transpose"));
        assertEquals(TO_CHANNELS_FIRST, sunk.nodes().getFirst().op());
        assertEquals(TO_CHANNELS_LAST, sunk.nodes().getLast().op());
    }

    private ValueId block(GraphBuilder b, ValueId x, int channels, int filters) {
        ValueId weights = secret(b, draw.reals(Shape.of(filters, channels, 3, 3)));
        ValueId conv = b.add(new Op.Conv(Graphs.window(3, 1, 1), 1), b.add(TO_CHANNELS_FIRST, x), weights);
        ValueId biased = binary(b, Function.ADD, b.add(TO_CHANNELS_LAST, conv), secret(b, draw.reals(Shape.of(filters))));
        ValueId pooled = b.add(new Op.MaxPool(Graphs.window(2, 2, 0)), b.add(TO_CHANNELS_FIRST, b.add(new Op.Relu(), biased)));
        return b.add(TO_CHANNELS_LAST, pooled);
    }

    @Test
    void aTranspositionWithOtherReadersStaysForThem() {
        var b = new GraphBuilder();
        ValueId x = b.input("x", ElementType.FLOAT64, Shape.of(2, 3));
        ValueId turned = b.add(new Op.Transpose(List.of(1, 0)), x);
        b.output("turned", turned);
        b.output("back", b.add(new Op.Transpose(List.of(1, 0)), b.add(new Op.Relu(), turned)));
        Graph sunk = rewritten(named("identity-removal"), rewritten(named("transpose-sinking"), b.build(), draw), draw);
        assertEquals(Map.of("Transpose", 1, "Relu", 1), operators(sunk));
    }

    @Test
    void transpositionsSinkBelowAxisOperators() {
        var turn = new Op.Transpose(List.of(2, 0, 1));
        var back = new Op.Transpose(List.of(1, 2, 0));
        Stream<Op> ops = Stream.of(new Op.Softmax(0), new Op.LogSoftmax(2), new Op.CumSum(1, true, false),
                new Op.Reduce(Op.Reduce.Function.MEAN, List.of(0, 2)), new Op.Unary(Elementary.TANH), new Op.Clip(-1, 1),
                new Op.Pad(List.of(1, 0, 2), List.of(0, 1, 0), 3), new Op.Slice(List.of(3, 0, 1), List.of(-1, 1, 1), List.of(2, 2, 1)));
        ops.forEach(op -> {
            Graph graph = Graphs.of(Shape.of(2, 3, 4), (b, x) -> b.add(back, b.add(op, b.add(turn, x))));
            Graph sunk = rewritten(named("identity-removal"), rewritten(named("transpose-sinking"), graph, draw), draw);
            assertEquals(1, sunk.nodes().size(), op::toString);
        });
    }

    @Test
    void transpositionsOfAllPartsSinkBelowTheirConcatenation() {
        var turn = new Op.Transpose(List.of(2, 0, 1));
        Graph graph = Graphs.of(Shape.of(2, 3, 4), (b, x) -> b.add(new Op.Concat(0), b.add(turn, x), b.add(turn, b.add(new Op.Relu(), x)),
                secret(b, draw.reals(Shape.of(1, 2, 3)))));
        assertEquals(List.of(new Op.Relu(), new Op.Concat(2), turn),
                rewritten(named("transpose-sinking"), graph, draw).nodes().stream().map(node -> node.op()).toList());
        Graph mixed = Graphs.of(Shape.of(3, 3), (b, x) -> b.add(new Op.Concat(0), b.add(new Op.Transpose(List.of(1, 0)), x), x));
        assertSame(mixed, named("transpose-sinking").apply(mixed));
    }

    static Stream<Arguments> identities() {
        return Stream.of(identity("Reshape", (b, x) -> b.add(new Op.Reshape(Shape.of(2, 3, 1)), x)),
                identity("Reshape twice", (b, x) -> b.add(new Op.Reshape(Shape.of(2, 3, 1)), b.add(new Op.Reshape(Shape.of(6)), x))),
                identity("Transpose", (b, x) -> b.add(new Op.Transpose(List.of(0, 1, 2)), x)),
                identity("Transpose twice", (b, x) -> b.add(new Op.Transpose(List.of(2, 0, 1)), b.add(new Op.Transpose(List.of(1, 2, 0)), x))),
                identity("Slice", (b, x) -> b.add(new Op.Slice(List.of(0, 0, 0), List.of(1, 1, 1), List.of(2, 3, 1)), x)),
                identity("Slice back and forth",
                        (b, x) -> b.add(new Op.Slice(List.of(1, 0, 0), List.of(-1, 1, 1), List.of(2, 3, 1)),
                                b.add(new Op.Slice(List.of(1, 0, 0), List.of(-1, 1, 1), List.of(2, 3, 1)), x))),
                identity("Expand", (b, x) -> b.add(new Op.Expand(Shape.of(2, 3, 1)), x)),
                identity("Cast there and back",
                        (b, x) -> b.add(new Op.Cast(ElementType.FLOAT64), b.add(new Op.Cast(ElementType.FLOAT64), x))),
                identity("Concat of one", (b, x) -> b.add(new Op.Concat(1), x)),
                identity("Pad by nothing", (b, x) -> b.add(new Op.Pad(List.of(0, 0, 0), List.of(0, 0, 0), 5), x)),
                identity("Pick in order", (b, x) -> b.add(new Op.Pick(Shape.of(2, 3, 1), Indices.of(0, 1, 2, 3, 4, 5)), x)),
                identity("unbounded Clip", (b, x) -> b.add(new Op.Clip(Double.NEGATIVE_INFINITY, Double.POSITIVE_INFINITY), x)),
                identity("Reduce of one", (b, x) -> b.add(new Op.Reduce(Op.Reduce.Function.MAX, List.of(2)), x)),
                identity("negated twice", (b, x) -> b.add(new Op.Unary(Elementary.NEGATE), b.add(new Op.Unary(Elementary.NEGATE), x))),
                identity("times one", (b, x) -> binary(b, Function.MUL, open(b, 1), x)),
                identity("over one", (b, x) -> binary(b, Function.DIV, x, open(b, 1))),
                identity("plus zero", (b, x) -> binary(b, Function.ADD, open(b, 0), x)),
                identity("minus zero", (b, x) -> binary(b, Function.SUB, x, open(b, 0))),
                identity("greatest of itself", (b, x) -> binary(b, Function.MAX, x, x)),
                identity("either way the same",
                        (b, x) -> b.add(new Op.Where(), b.add(new Op.Compare(Op.Compare.Relation.LESS), x, open(b, 0)), x, x)));
    }

    private static Arguments identity(String name, BiFunction<GraphBuilder, ValueId, ValueId> body) {
        return Arguments.of(name, Graphs.of(Shape.of(2, 3, 1), body));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("identities")
    void operatorsThatChangeNothingGo(String name, Graph graph) {
        assertEquals(List.of(), rewritten(named("identity-removal"), graph, draw).nodes(), name);
    }

    static Stream<Arguments> lookalikes() {
        return Stream.of(identity("zero minus x", (b, x) -> binary(b, Function.SUB, open(b, 0), x)),
                identity("one over x", (b, x) -> binary(b, Function.DIV, open(b, 1), x)),
                identity("ones of a larger shape", (b, x) -> binary(b, Function.MUL, x, open(b, 1, 1))),
                identity("a secret one", (b, x) -> binary(b, Function.MUL, x, secret(b, new Draw(1).reals(Shape.SCALAR, 1, 1.0000001)))),
                identity("a cast that loses",
                        (b, x) -> b.add(new Op.Cast(ElementType.FLOAT64), b.add(new Op.Cast(ElementType.INT32), x))),
                identity("a turned slice", (b, x) -> b.add(new Op.Slice(List.of(1, 0, 0), List.of(-1, 1, 1), List.of(2, 3, 1)), x)),
                identity("zeros picked in", (b, x) -> b.add(new Op.Pick(Shape.of(2, 3, 1), Indices.of(0, 1, 2, -1, 4, 5)), x)));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("lookalikes")
    void operatorsThatChangeSomethingStay(String name, Graph graph) {
        assertSame(graph, named("identity-removal").apply(graph), name);
    }

    @Test
    void axesOfOneElementMoveWithoutATransposition() {
        Graph graph = Graphs.of(Shape.of(2, 1, 5, 7),
                (b, x) -> b.add(new Op.Reshape(Shape.of(2, 35)), b.add(new Op.Transpose(List.of(0, 2, 3, 1)), x)));
        assertEquals(Map.of("Reshape", 1), operators(rewritten(named("identity-removal"), graph, draw)));
    }

    @Test
    void boundsThatFollowEachOtherBecomeOne() {
        Graph graph = Graphs.of(Shape.of(50), (b, x) -> b.add(new Op.Clip(-0.5, 0.75), b.add(new Op.Relu(), b.add(new Op.Clip(-1, 1), x))));
        Graph merged = rewritten(named("identity-removal"), graph, draw);
        assertEquals(List.of(new Op.Clip(0, 0.75)), merged.nodes().stream().map(node -> node.op()).toList());
        Graph disjoint = Graphs.of(Shape.of(50), (b, x) -> b.add(new Op.Clip(1, 2), b.add(new Op.Clip(-1, 0), x)));
        assertEquals(1, rewritten(named("identity-removal"), disjoint, draw).nodes().size());
    }

    @Test
    void zerosAroundAnImageAreTheConvolutionsOwnPadding() {
        var zeros = new Op.Pad(List.of(0, 0, 1, 2), List.of(0, 0, 2, 1), 0);
        Graph graph = Graphs.of(Shape.of(1, 2, 5, 5),
                (b, x) -> b.add(new Op.Conv(Graphs.window(3, 2, 1), 1), b.add(zeros, x), secret(b, draw.reals(Shape.of(3, 2, 3, 3)))));
        assertEquals(Map.of("Conv", 1), operators(rewritten(named("identity-removal"), graph, draw)));
        for (Op other : List.of(new Op.Pad(List.of(0, 0, 1, 1), List.of(0, 0, 1, 1), 1), new Op.Pad(List.of(0, 1, 0, 0), List.of(0, 0, 0, 0), 0))) {
            Graph kept = Graphs.of(Shape.of(1, 2, 5, 5), (b, x) -> {
                ValueId padded = b.add(other, x);
                return b.add(new Op.Conv(Graphs.window(3, 2, 1), 1), padded, secret(b, draw.reals(Shape.of(3, b.value(padded).shape().dim(1), 3, 3))));
            });
            assertSame(kept, named("identity-removal").apply(kept));
        }
    }

    @Test
    void aPublicBoundIsAClipAndASecretOneIsNot() {
        Graph graph = Graphs.of(Shape.of(50), (b, x) -> binary(b, Function.MIN, open(b, 1), binary(b, Function.MAX, x, open(b, 0))));
        assertEquals(List.of(new Op.Clip(0, 1)), rewritten(named("identity-removal"), graph, draw).nodes().stream().map(node -> node.op()).toList());
        Graph hidden = Graphs.of(Shape.of(50), (b, x) -> binary(b, Function.MAX, x, secret(b, draw.reals(Shape.SCALAR))));
        assertSame(hidden, named("identity-removal").apply(hidden));
    }

    @Test
    void broadcastingOperatorsReadThroughExpand() {
        Graph graph = Graphs.of(Shape.of(4, 3), (b, x) -> {
            ValueId sum = b.add(new Op.Reduce(Op.Reduce.Function.SUM, List.of(1)), x);
            return binary(b, Function.SUB, x, b.add(new Op.Expand(Shape.of(4, 3)), sum));
        });
        assertEquals(Map.of("Reduce.SUM", 1, "Binary.SUB", 1), operators(rewritten(named("identity-removal"), graph, draw)));
        Graph needed = Graphs.of(Shape.of(1, 3), (b, x) -> binary(b, Function.MUL, x, b.add(new Op.Expand(Shape.of(4, 3)), x)));
        assertSame(needed, named("identity-removal").apply(needed));
    }

    @Test
    void anOutputThatIsAnInputKeepsItsName() {
        Graph graph = GraphPasses.apply(Graphs.of(Shape.of(2), (b, x) -> b.add(new Op.Reshape(Shape.of(2)), x)), Set.of()).graph();
        assertEquals(List.of("y"), graph.outputs().stream().map(Graph.Output::name).toList());
        assertEquals(graph.inputs().getFirst(), graph.outputs().getFirst().value());
    }
}
