package dev.sardonyx.secureops.planner;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sardonyx.graph.Constant;
import dev.sardonyx.graph.ElementType;
import dev.sardonyx.graph.Evaluator;
import dev.sardonyx.graph.Graph;
import dev.sardonyx.graph.GraphBuilder;
import dev.sardonyx.graph.Op;
import dev.sardonyx.graph.Op.Binary.Function;
import dev.sardonyx.graph.ScalarFunction.Elementary;
import dev.sardonyx.graph.Shape;
import dev.sardonyx.graph.Tensor;
import dev.sardonyx.graph.ValueId;
import dev.sardonyx.secureops.plan.LanedPlan;
import dev.sardonyx.secureops.protocol.plaintext.PlaintextProtocol;
import dev.sardonyx.secureops.protocol.replicated3.Replicated3;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.BiFunction;
import org.junit.jupiter.api.Test;

/** Bounds that several nodes prove together. */
class ProvenBoundsTest {
    private static final int ROWS = 6;
    private static final int COLUMNS = 16;
    private static final long SEED = 31;

    @Test
    void aNormalisedValueIsBoundedByTheRootOfItsRowHoweverItIsWritten() {
        List<BiFunction<GraphBuilder, ValueId, ValueId>> spellings = List.of(
                (b, c) -> b.add(new Op.Binary(Function.MUL), c, b.add(new Op.Unary(Elementary.RSQRT), lifted(b, meanSquare(b, c)))),
                (b, c) -> b.add(new Op.Binary(Function.MUL), b.add(new Op.Unary(Elementary.RSQRT), lifted(b, meanSquare(b, c))), c),
                (b, c) -> b.add(new Op.Binary(Function.DIV), c, b.add(new Op.Unary(Elementary.SQRT), lifted(b, meanSquare(b, c)))),
                (b, c) -> b.add(new Op.Binary(Function.DIV), c, lifted(b, b.add(new Op.Unary(Elementary.SQRT), meanSquare(b, c)))));
        for (var spelling : spellings) {
            Graph graph = graph(spelling);
            assertEquals(2 * Math.sqrt(COLUMNS), new ProvenBounds(graph).of(graph.nodes().getLast()).orElseThrow().magnitude(), 1e-9);
        }
    }

    @Test
    void anEpsilonBelowZeroOrAnotherValuesSquareProvesNothing() {
        Graph below = graph((b, c) -> b.add(new Op.Binary(Function.MUL), c, b.add(new Op.Unary(Elementary.RSQRT),
                b.add(new Op.Binary(Function.ADD), meanSquare(b, c), scalar(b, -1e-5)))));
        assertTrue(new ProvenBounds(below).of(below.nodes().getLast()).isEmpty());
        Graph other = graph((b, c) -> b.add(new Op.Binary(Function.MUL), c,
                b.add(new Op.Unary(Elementary.RSQRT), lifted(b, meanSquare(b, b.add(new Op.Binary(Function.MUL), c, scalar(b, 0.1)))))));
        assertTrue(new ProvenBounds(other).of(other.nodes().getLast()).isEmpty());
    }

    @Test
    void aPartOfItsOwnTensorsReachIsBoundedAndOfAnothersIsNot() {
        Graph own = graph((b, c) -> b.add(new Op.Binary(Function.DIV), c, step(b, c)));
        assertEquals(255, new ProvenBounds(own).quotient(own.nodes().getLast()).orElseThrow(), 1e-3);
        Graph others = graph((b, c) -> b.add(new Op.Binary(Function.DIV), b.add(new Op.Binary(Function.MUL), c, scalar(b, 3)), step(b, c)));
        assertTrue(new ProvenBounds(others).quotient(others.nodes().getLast()).isEmpty());
    }

    /** A 255th of what reaches from a value's least to its greatest element, zero among them. */
    private static ValueId step(GraphBuilder b, ValueId c) {
        ValueId high = b.add(new Op.Clip(0, Double.POSITIVE_INFINITY), b.add(new Op.Reduce(Op.Reduce.Function.MAX, List.of(0, 1)), c));
        ValueId low = b.add(new Op.Clip(Double.NEGATIVE_INFINITY, 0), b.add(new Op.Reduce(Op.Reduce.Function.MIN, List.of(0, 1)), c));
        return b.add(new Op.Binary(Function.MUL), scalar(b, 1.0 / 255), b.add(new Op.Binary(Function.SUB), high, low));
    }

    /** Blocks of attention and normalisation: planned without samples, and right at the corners of the declared range. */
    @Test
    void aTransformerIsPlannedWithoutSamplesAndIsRightAtTheCornersOfItsRange() {
        var b = new GraphBuilder();
        ValueId x = b.input("x", ElementType.FLOAT32, Shape.of(ROWS, COLUMNS));
        ValueId stream = x;
        for (int block = 0; block < 3; block++) {
            ValueId centred = centred(b, stream);
            ValueId even = b.add(new Op.Binary(Function.MUL), centred, b.add(new Op.Unary(Elementary.RSQRT), lifted(b, meanSquare(b, centred))));
            ValueId query = project(b, even, 3 * block);
            ValueId scores = b.add(new Op.MatMul(), query, b.add(new Op.Transpose(List.of(1, 0)), project(b, even, 3 * block + 1)));
            ValueId weights = b.add(new Op.Softmax(1), b.add(new Op.Binary(Function.MUL), scores, scalar(b, 0.25)));
            stream = b.add(new Op.Binary(Function.ADD), stream, b.add(new Op.MatMul(), weights, project(b, even, 3 * block + 2)));
        }
        b.output("y", stream);
        Graph graph = b.build();
        var random = new Random(SEED);
        for (var protocol : List.of(new PlaintextProtocol(), new Replicated3())) {
            Planner.Planned planned = Planner.plan("transformer", graph, PlanOptions.of(protocol, Map.of("x", Interval.symmetric(4))));
            try (var cluster = Sweep.open(protocol)) {
                var loaded = cluster.load(LanedPlan.single(planned.plan()), id -> planned.constants().get(id).tensor());
                for (int draw = 0; draw < 4; draw++) {
                    Tensor corner = Tensor.ofDoubles(ElementType.FLOAT32, Shape.of(ROWS, COLUMNS),
                            random.doubles(ROWS * COLUMNS).map(v -> v < 0.5 ? -4 : 4).toArray());
                    Tensor exact = Evaluator.outputs(graph, Map.of("x", corner)).get("y");
                    Tensor answer = loaded.run(Map.of("x", corner)).outputs().get("y");
                    for (int i = 0; i < exact.size(); i++) {
                        assertEquals(exact.getDouble(i), answer.getDouble(i), 2e-3, protocol.name() + ", seed " + SEED);
                    }
                }
            }
        }
    }

    private static Graph graph(BiFunction<GraphBuilder, ValueId, ValueId> normalised) {
        var b = new GraphBuilder();
        ValueId x = b.input("x", ElementType.FLOAT32, Shape.of(ROWS, COLUMNS));
        b.output("y", normalised.apply(b, centred(b, x)));
        return b.build();
    }

    private static ValueId centred(GraphBuilder b, ValueId x) {
        return b.add(new Op.Binary(Function.SUB), x, b.add(new Op.Reduce(Op.Reduce.Function.MEAN, List.of(1)), x));
    }

    private static ValueId meanSquare(GraphBuilder b, ValueId centred) {
        return b.add(new Op.Reduce(Op.Reduce.Function.MEAN, List.of(1)), b.add(new Op.Binary(Function.MUL), centred, centred));
    }

    private static ValueId lifted(GraphBuilder b, ValueId value) {
        return b.add(new Op.Binary(Function.ADD), value, scalar(b, 1e-5));
    }

    private static ValueId scalar(GraphBuilder b, double value) {
        return b.constant("c" + value, Constant.open(Tensor.ofDoubles(ElementType.FLOAT32, Shape.SCALAR, value)));
    }

    private static ValueId project(GraphBuilder b, ValueId x, int number) {
        double[] weights = new Random(SEED + number).doubles(COLUMNS * COLUMNS, -0.25, 0.25).toArray();
        return b.add(new Op.MatMul(), x, b.constant("w" + number, Constant.secret(Tensor.ofDoubles(ElementType.FLOAT32, Shape.of(COLUMNS, COLUMNS), weights))));
    }
}
