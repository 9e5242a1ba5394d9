package dev.sardonyx.secureops.planner;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sardonyx.graph.Constant;
import dev.sardonyx.graph.ElementType;
import dev.sardonyx.graph.Evaluator;
import dev.sardonyx.graph.Graph;
import dev.sardonyx.graph.GraphBuilder;
import dev.sardonyx.graph.Op;
import dev.sardonyx.graph.Op.Binary.Function;
import dev.sardonyx.graph.Shape;
import dev.sardonyx.graph.Tensor;
import dev.sardonyx.graph.ValueId;
import dev.sardonyx.secureops.plan.LanedPlan;
import dev.sardonyx.secureops.protocol.plaintext.PlaintextProtocol;
import java.util.List;
import java.util.Map;
import java.util.function.BiFunction;
import org.junit.jupiter.api.Test;

/** Very large constants: numbers where they count, "never" where they vanish, refused where they have no value. */
class ExtremesTest {
    private static final Shape SHAPE = Shape.of(2, 3);
    private static final Tensor X = Tensor.ofDoubles(ElementType.FLOAT32, SHAPE, 0.5, -1, 2, 3, -0.25, 1);

    @Test
    void aLargeNumberThatReachesAnOutputKeepsItsValue() {
        assertAnswers(graph(ElementType.FLOAT32, 1e9, (b, c) -> b.add(new Op.Binary(Function.ADD), input(b), c)));
        assertAnswers(graph(ElementType.FLOAT32, -4e7, (b, c) -> b.add(new Op.Binary(Function.MAX), b.add(new Op.Binary(Function.SUB), input(b), c), input(b))));
    }

    @Test
    void aMaskOfAnySizeHidesItsElements() {
        for (double mask : new double[] {-1e9, -3.4e38, Double.NEGATIVE_INFINITY}) {
            for (ElementType type : List.of(ElementType.FLOAT32, ElementType.FLOAT16)) {
                assertAnswers(graph(type, mask, (b, c) -> b.add(new Op.Softmax(1), b.add(new Op.Binary(Function.ADD), b.add(new Op.Cast(type), input(b)), c))));
            }
        }
    }

    @Test
    void infinityInAnOutputIsRefused() {
        for (double extreme : new double[] {Double.NEGATIVE_INFINITY, -3.4e38}) {
            Graph graph = graph(ElementType.FLOAT32, extreme, (b, c) -> b.add(new Op.Binary(Function.ADD), input(b), c));
            PlanException refused = assertThrows(PlanException.class, () -> planned(graph));
            assertEquals(PlanException.Kind.UNSUPPORTED, refused.kind());
            assertTrue(String.valueOf(refused.getMessage()).contains("'y'") && String.valueOf(refused.getMessage()).contains("infinity"), refused.getMessage());
        }
    }

    @Test
    void aNumberThatLeavesNoDigitsToThoseBesideItIsRefused() {
        for (double great : new double[] {-1e17, 1e30}) {
            for (BiFunction<GraphBuilder, ValueId, ValueId> beside : BESIDE) {
                Graph graph = graph(ElementType.FLOAT32, great, beside);
                PlanException refused = assertThrows(PlanException.class, () -> planned(graph));
                assertEquals(PlanException.Kind.RANGE, refused.kind());
                // A comparison with what the ring cannot hold at all is refused before its choice is.
                String reason = String.valueOf(refused.getMessage());
                assertTrue(reason.contains("cannot hold both") || great == 1e30 && reason.contains("needs 101 bits"), reason);
            }
        }
        for (BiFunction<GraphBuilder, ValueId, ValueId> beside : BESIDE) {
            assertAnswers(graph(ElementType.FLOAT32, -1e9, beside));
        }
    }

    /** Ways in which an input and a constant come to stand in one tensor. */
    private static final List<BiFunction<GraphBuilder, ValueId, ValueId>> BESIDE = List.of(
            (b, c) -> b.add(new Op.Where(), b.constant("mask", Constant.open(Tensor.ofLongs(ElementType.BOOL, Shape.of(3), 1, 0, 1))), input(b), c),
            (b, c) -> b.add(new Op.Where(), b.add(new Op.Compare(Op.Compare.Relation.LESS), input(b), c), c, input(b)),
            (b, c) -> b.add(new Op.Concat(0), input(b), b.add(new Op.Reshape(Shape.of(1, 3)), c)),
            (b, c) -> b.add(new Op.Binary(Function.ADD), input(b), c));

    private static ValueId input(GraphBuilder b) {
        return new ValueId(0);
    }

    /** A constant row whose middle element is extreme beside an input. */
    private static Graph graph(ElementType type, double extreme, BiFunction<GraphBuilder, ValueId, ValueId> body) {
        var b = new GraphBuilder();
        ValueId x = b.input("x", ElementType.FLOAT32, SHAPE);
        assertEquals(input(b), x);
        ValueId c = b.constant("c", Constant.open(Tensor.ofDoubles(type, Shape.of(3), 0, extreme, 0)));
        b.output("y", body.apply(b, c));
        return b.build();
    }

    private static Planner.Planned planned(Graph graph) {
        return Planner.plan("extremes", graph, PlanOptions.of(new PlaintextProtocol(), Map.of("x", Interval.symmetric(4))));
    }

    private static void assertAnswers(Graph graph) {
        Planner.Planned planned = planned(graph);
        Tensor exact = Evaluator.outputs(graph, Map.of("x", X)).get("y");
        try (var cluster = Sweep.open(new PlaintextProtocol())) {
            Tensor answer = cluster.load(LanedPlan.single(planned.plan()), id -> planned.constants().get(id).tensor()).run(Map.of("x", X)).outputs().get("y");
            for (int i = 0; i < exact.size(); i++) {
                assertEquals(exact.getDouble(i), answer.getDouble(i), 1e-3 + 1e-6 * Math.abs(exact.getDouble(i)));
            }
        }
    }
}
