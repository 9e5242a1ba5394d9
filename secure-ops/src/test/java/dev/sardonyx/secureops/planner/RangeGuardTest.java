package dev.sardonyx.secureops.planner;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sardonyx.graph.Constant;
import dev.sardonyx.graph.ElementType;
import dev.sardonyx.graph.Evaluator;
import dev.sardonyx.graph.Graph;
import dev.sardonyx.graph.GraphBuilder;
import dev.sardonyx.graph.Op;
import dev.sardonyx.graph.Shape;
import dev.sardonyx.graph.Tensor;
import dev.sardonyx.graph.ValueId;
import dev.sardonyx.secureops.execute.RunException;
import dev.sardonyx.secureops.plan.LanedPlan;
import dev.sardonyx.secureops.plan.Plan;
import dev.sardonyx.secureops.protocol.Protocol;
import dev.sardonyx.secureops.protocol.dealer2.Dealer2;
import dev.sardonyx.secureops.protocol.plaintext.PlaintextProtocol;
import dev.sardonyx.secureops.protocol.replicated3.Replicated3;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Ranges that samples showed: within them a plan answers, beyond them it refuses, and never does it answer wrongly. */
class RangeGuardTest {
    private static final int WIDTH = 32;
    private static final int LAYERS = 4;
    private static final long SEED = 29;

    static Stream<Protocol> protocols() {
        return Stream.of(new PlaintextProtocol(), new Replicated3(), new Dealer2());
    }

    @ParameterizedTest
    @MethodSource("protocols")
    void whatSamplesDidNotShowIsRefusedAndNotAnsweredWrongly(Protocol protocol) {
        Graph graph = layers();
        var random = new Random(SEED);
        List<Map<String, Tensor>> samples = Stream.generate(() -> noise(random)).limit(4).toList();
        PlanOptions options = PlanOptions.of(protocol, Map.of("x", Interval.symmetric(1))).withCalibration(Calibration.observe(graph, samples));
        Planner.Planned planned = Planner.plan("layers", graph, options);
        int refused = 0;
        try (var cluster = Sweep.open(protocol)) {
            var loaded = cluster.load(LanedPlan.single(planned.plan()), id -> planned.constants().get(id).tensor());
            for (Map<String, Tensor> sample : samples) {
                assertAnswers(graph, sample, loaded.run(sample).outputs());
            }
            for (int column = 0; column < WIDTH; column++) {
                Map<String, Tensor> extreme = Map.of("x", towards(column));
                try {
                    assertAnswers(graph, extreme, loaded.run(extreme).outputs());
                } catch (RunException e) {
                    assertEquals(RunException.Kind.OUT_OF_RANGE, e.kind());
                    assertTrue(String.valueOf(e.getMessage()).contains("calibration"), e.getMessage());
                    refused++;
                }
            }
        }
        assertTrue(refused > 0, "no input of seed " + SEED + " left the ranges: the test shows nothing");
    }

    @Test
    void provenRangesNeedNoCheckAndReliedOnOnesAreDisclosed() {
        Graph graph = layers();
        var random = new Random(SEED);
        PlanOptions proven = PlanOptions.of(new Replicated3(), Map.of("x", Interval.symmetric(1)));
        Plan plan = Planner.plan("layers", graph, proven).plan();
        assertFalse(plan.outputs().stream().anyMatch(Plan.Output::isRangeCheck));
        Plan relying = Planner.plan("layers", graph, proven.withCalibration(Calibration.observe(graph, List.of(noise(random))))).plan();
        assertEquals(List.of("y"), relying.answers().stream().map(Plan.Output::name).toList());
        assertEquals(2, relying.outputs().size());
        assertTrue(relying.disclosures().stream().anyMatch(told -> told.role().equals("the data owner") && told.what().contains("calibration")));
    }

    @Test
    void samplesWiderThanTheProofChangeNothing() {
        Graph graph = layers();
        PlanOptions options = PlanOptions.of(new Replicated3(), Map.of("x", Interval.symmetric(1)));
        var wide = new java.util.HashMap<ValueId, Interval>();
        graph.nodes().forEach(node -> wide.put(node.output(), Interval.symmetric(0x1p40)));
        assertEquals(Planner.plan("layers", graph, options).plan(), withoutCalibrationLine(Planner.plan("layers", graph, options.withCalibration(wide)).plan()));
    }

    private static Plan withoutCalibrationLine(Plan plan) {
        return new Plan(plan.model(), plan.protocol(), plan.inputs(), plan.values(), plan.steps(), plan.outputs(),
                plan.disclosures().stream().filter(told -> !told.what().contains("calibration")).toList());
    }

    private static void assertAnswers(Graph graph, Map<String, Tensor> inputs, Map<String, Tensor> outputs) {
        Tensor exact = Evaluator.outputs(graph, inputs).get("y");
        for (int i = 0; i < exact.size(); i++) {
            assertEquals(exact.getDouble(i), outputs.get("y").getDouble(i), 1e-2 * (1 + Math.abs(exact.getDouble(i))), "seed " + SEED);
        }
    }

    /** Small noise: what averages out in the first layer. */
    private static Map<String, Tensor> noise(Random random) {
        return Map.of("x", Tensor.ofDoubles(ElementType.FLOAT32, Shape.of(1, WIDTH), random.doubles(WIDTH, -0.25, 0.25).toArray()));
    }

    /** The input within the declared range that moves a column of the first layer furthest. */
    private static Tensor towards(int column) {
        double[] weights = weights(0);
        double[] values = new double[WIDTH];
        for (int row = 0; row < WIDTH; row++) {
            values[row] = Math.signum(weights[row * WIDTH + column]);
        }
        return Tensor.ofDoubles(ElementType.FLOAT32, Shape.of(1, WIDTH), values);
    }

    private static double[] weights(int layer) {
        return new Random(SEED + layer).doubles(WIDTH * WIDTH, -0.4, 0.4).toArray();
    }

    private static Graph layers() {
        var b = new GraphBuilder();
        ValueId x = b.input("x", ElementType.FLOAT32, Shape.of(1, WIDTH));
        var made = new ArrayList<ValueId>(List.of(x));
        for (int layer = 0; layer < LAYERS; layer++) {
            Tensor weights = Tensor.ofDoubles(ElementType.FLOAT32, Shape.of(WIDTH, WIDTH), weights(layer));
            made.add(b.add(new Op.Relu(), b.add(new Op.MatMul(), made.getLast(), b.constant("w" + layer, Constant.secret(weights)))));
        }
        b.output("y", made.getLast());
        return b.build();
    }
}
