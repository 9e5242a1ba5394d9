package dev.sardonyx.secureops.execute;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import dev.sardonyx.graph.ElementType;
import dev.sardonyx.graph.Evaluator;
import dev.sardonyx.graph.Op;
import dev.sardonyx.graph.Shape;
import dev.sardonyx.graph.Tensor;
import dev.sardonyx.secureops.execute.PlanSketch.Like;
import dev.sardonyx.secureops.plan.Instruction;
import dev.sardonyx.secureops.plan.LanedPlan;
import dev.sardonyx.secureops.protocol.Protocol;
import dev.sardonyx.secureops.protocol.replicated3.Replicated3;
import dev.sardonyx.secureops.random.SeededRandom;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class WeightStoreTest {
    private static final Protocol REPLICATED = new Replicated3();
    private static final int LANES = 9;

    @Test
    void whatIsKeptOfWeightsIsTheirShareAndServesEveryRole() throws IOException {
        var sketch = new PlanSketch("replicated3");
        int x = sketch.input("x", Like.number(Shape.of(1, 4)));
        Tensor multiplied = drawn(1, Shape.of(4, 21));
        Tensor added = drawn(2, Shape.of(1, 21));
        int product = sketch.add(new Instruction.MatMul(), Like.number(Shape.of(1, 21)), x, sketch.weight(multiplied, Like.number(Shape.of(4, 21))));
        sketch.output("y", sketch.add(new Instruction.Add(), Like.number(Shape.of(1, 21)), product, sketch.weight(added, Like.number(Shape.of(1, 21)))));
        Tensor batch = drawn(3, Shape.of(LANES, 4));
        Tensor expected = Evaluator.evaluate(new Op.Binary(Op.Binary.Function.ADD),
                List.of(Evaluator.evaluate(new Op.MatMul(), List.of(batch, multiplied)).getFirst(), added)).getFirst();
        List<WeightStore> stores = new Owner(REPLICATED, new SeededRandom(4, "owner")).weights(lanes(sketch, 0), sketch.weights());
        var shares = new ShareBytes(lanes(sketch, 0), REPLICATED.components(0).size());
        List<byte[]> given = written(shares, stores);
        try (var cluster = EmbeddedCluster.open(REPLICATED)) {
            // One role a party at first, and later all of them from what the first left.
            for (int turn : new int[] {0, 1, 0}) {
                var model = cluster.load(Collections.nCopies(REPLICATED.parties(), lanes(sketch, turn)), stores);
                assertArrayEquals(expected.toLongs(), model.run(Map.of("x", batch)).outputs().get("y").toLongs());
                List<byte[]> kept = written(shares, stores);
                IntStream.range(0, given.size()).forEach(party -> assertArrayEquals(given.get(party), kept.get(party), "party " + party));
            }
        }
    }

    private static LanedPlan lanes(PlanSketch sketch, int turn) {
        return new LanedPlan(IntStream.range(0, LANES).mapToObj(lane -> new LanedPlan.Lane(sketch.plan(), turn * lane % 3, lane, 1)).toList());
    }

    private static List<byte[]> written(ShareBytes shares, List<WeightStore> stores) throws IOException {
        var all = new ArrayList<byte[]>();
        for (WeightStore store : stores) {
            var out = new ByteArrayOutputStream();
            shares.writeWeights(store, out);
            all.add(out.toByteArray());
        }
        return all;
    }

    private static Tensor drawn(long seed, Shape shape) {
        long[] values = new SeededRandom(seed, "weights").longs(shape.size());
        return Tensor.ofLongs(ElementType.INT64, shape, Arrays.stream(values).map(value -> value >> 48).toArray());
    }
}
