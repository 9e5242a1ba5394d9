package dev.sardonyx.secureops.execute;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.sardonyx.graph.ElementType;
import dev.sardonyx.graph.Evaluator;
import dev.sardonyx.graph.Op;
import dev.sardonyx.graph.Shape;
import dev.sardonyx.graph.Tensor;
import dev.sardonyx.secureops.execute.PlanSketch.Like;
import dev.sardonyx.secureops.plan.Instruction;
import dev.sardonyx.secureops.plan.LanedPlan;
import dev.sardonyx.secureops.protocol.Protocol;
import dev.sardonyx.secureops.protocol.Protocols;
import dev.sardonyx.secureops.protocol.replicated3.Replicated3;
import dev.sardonyx.secureops.random.SeededRandom;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

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

    @ParameterizedTest
    @ValueSource(strings = {"replicated3", "dealer2", "plaintext"})
    void whatIsStreamedIsWhatIsWrittenAndCanBeRead(String name) throws IOException {
        Protocol protocol = Protocols.named(name).orElseThrow();
        var sketch = new PlanSketch(name);
        // More than two blocks and not a whole number of them, one element, none, bits, and what everybody knows.
        int large = sketch.weight(drawn(5, Shape.of(70, 1000)), Like.number(Shape.of(70, 1000)));
        sketch.weight(drawn(6, Shape.of(1)), Like.number(Shape.of(1)).open());
        sketch.weight(drawn(7, Shape.of(0)), Like.number(Shape.of(0)));
        sketch.weight(Tensor.ofLongs(ElementType.BOOL, Shape.of(130), LongStream.range(0, 130).map(i -> i % 3 & 1).toArray()), Like.bits(Shape.of(130)));
        sketch.weight(Tensor.ofLongs(ElementType.BOOL, Shape.of(65), new long[65]), Like.bits(Shape.of(65)).open());
        sketch.output("y", large);
        LanedPlan plans = LanedPlan.single(sketch.plan());
        List<WeightStore> stores = new Owner(protocol, new SeededRandom(8, "owner")).weights(plans, sketch.weights());
        var streams = stores.stream().map(_ -> new ByteArrayOutputStream()).toList();
        new Owner(protocol, new SeededRandom(8, "owner")).streamWeights(plans, sketch.weights(),
                parts -> IntStream.range(0, parts.size()).forEach(party -> streams.get(party).writeBytes(parts.get(party))));
        for (int party = 0; party < stores.size(); party++) {
            var shares = new ShareBytes(plans, protocol.components(party).size());
            byte[] streamed = streams.get(party).toByteArray();
            assertEquals(shares.weightBytes(), streamed.length);
            assertArrayEquals(written(shares, List.of(stores.get(party))).getFirst(), streamed);
            WeightStore read = shares.readWeights(new ByteArrayInputStream(streamed));
            assertArrayEquals(streamed, written(shares, List.of(read)).getFirst());
        }
    }

    private static LanedPlan lanes(PlanSketch sketch, int turn) {
        return new LanedPlan(sketch.plan(), IntStream.range(0, LANES).mapToObj(lane -> new LanedPlan.Lane(turn * lane % 3, lane, 1)).toList());
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
