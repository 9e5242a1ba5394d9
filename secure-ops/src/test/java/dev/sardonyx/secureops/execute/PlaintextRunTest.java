package dev.sardonyx.secureops.execute;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.sardonyx.graph.ElementType;
import dev.sardonyx.graph.Shape;
import dev.sardonyx.graph.Tensor;
import dev.sardonyx.secureops.execute.PlanSketch.Like;
import dev.sardonyx.secureops.plan.CarryTree;
import dev.sardonyx.secureops.plan.Instruction;
import dev.sardonyx.secureops.plan.LanedPlan;
import dev.sardonyx.secureops.protocol.plaintext.PlaintextProtocol;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class PlaintextRunTest {
    @Test
    void aLinearLayerAndAReluRunInTheClear() {
        var sketch = new PlanSketch("plaintext");
        int x = sketch.input("x", Like.number(Shape.of(1, 2)).scale(8));
        int w = sketch.weight(Tensor.ofFloats(Shape.of(2, 3), 1, 2, 3, 4, 5, -6), Like.number(Shape.of(2, 3)).scale(8));
        int bias = sketch.literal(Like.number(Shape.of(1, 3)).scale(16), 1 << 16);
        int product = sketch.add(new Instruction.MatMul(), Like.number(Shape.of(1, 3)).scale(16), x, w);
        int sum = sketch.add(new Instruction.Add(), Like.number(Shape.of(1, 3)).scale(16), product, bias);
        int short8 = sketch.add(new Instruction.Truncate(8), Like.number(Shape.of(1, 3)).scale(8), sum);
        int sign = sketch.add(new Instruction.Compare(List.of(0L), 0, CarryTree.uniform(32, 2, 2)),
                Like.bits(Shape.of(1, 3)), short8);
        int relu = sketch.add(new Instruction.Select(), Like.number(Shape.of(1, 3)).scale(8), sign, short8);
        sketch.free(x, product, sum, short8);
        sketch.output("y", relu, ElementType.FLOAT32);
        sketch.output("sign", sign);
        try (var cluster = EmbeddedCluster.open(new PlaintextProtocol())) {
            var model = cluster.load(LanedPlan.single(sketch.plan()), sketch.weights());
            RunResult result = model.run(Map.of("x", Tensor.ofFloats(Shape.of(1, 2), 0.5f, 1.5f)));
            assertArrayEquals(new float[] {7.5f, 9.5f, 0f}, result.outputs().get("y").toFloats());
            assertArrayEquals(new long[] {1, 1, 0}, result.outputs().get("sign").toLongs());
            assertEquals(0, result.totalBytes());
            assertEquals(0, result.rounds());
        }
    }
}
