package dev.sardonyx.secureops.execute;

import dev.sardonyx.graph.Shape;
import dev.sardonyx.graph.Tensor;
import dev.sardonyx.graph.ElementType;
import dev.sardonyx.graph.Op;
import dev.sardonyx.secureops.execute.PlanSketch.Like;
import dev.sardonyx.secureops.plan.CarryTree;
import dev.sardonyx.secureops.plan.Instruction;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/**
 * A plan of many steps that depend on each other in a drawn way, with values freed after their last reader. All steps are exact in
 * the ring, so every protocol must give the same numbers, wrapped or not.
 */
final class RandomPlan {
    private final Random random;
    private final PlanSketch sketch;
    private final Shape shape;
    private final List<Integer> numbers = new ArrayList<>();
    private final List<Integer> bits = new ArrayList<>();

    private RandomPlan(Random random, String protocol, Shape shape) {
        this.random = random;
        this.sketch = new PlanSketch(protocol);
        this.shape = shape;
    }

    /** A plan with inputs "x0" and "x1" of {@code shape}, outputs "y0" to "y2". */
    static PlanSketch draw(long seed, String protocol, Shape shape, int steps) {
        var plan = new RandomPlan(new Random(seed), protocol, shape);
        plan.build(steps);
        return plan.sketch;
    }

    private void build(int steps) {
        Like number = Like.number(shape);
        numbers.add(sketch.input("x0", number));
        numbers.add(sketch.input("x1", number));
        numbers.add(sketch.weight(Tensor.ofLongs(ElementType.INT64, shape, random.longs(shape.size(), -1000, 1000).toArray()), number));
        for (int i = 0; i < steps; i++) {
            step();
            if (numbers.size() > 6) {
                // Weights are not freed: they are the model's.
                int victim = numbers.remove(random.nextInt(numbers.size()));
                if (victim != 2) {
                    sketch.free(victim);
                }
            }
        }
        for (int i = 0; i < 3; i++) {
            sketch.output("y" + i, numbers.get(i));
        }
    }

    private int any(List<Integer> values) {
        return values.get(random.nextInt(values.size()));
    }

    private void step() {
        Like number = Like.number(shape);
        switch (bits.isEmpty() ? random.nextInt(5) : random.nextInt(8)) {
            case 0 -> numbers.add(sketch.add(new Instruction.Add(), number, any(numbers), any(numbers)));
            case 1 -> numbers.add(sketch.add(new Instruction.Subtract(), number, any(numbers), any(numbers)));
            case 2 -> numbers.add(sketch.add(new Instruction.Multiply(), number, any(numbers), any(numbers)));
            case 3 -> bits.add(sketch.add(new Instruction.Compare(List.of(0L), 0, CarryTree.uniform(64, 3, 4)), Like.bits(shape), any(numbers)));
            case 4 -> numbers.add(sketch.add(new Instruction.Move(new Op.Reshape(shape)), number, any(numbers)));
            case 5 -> numbers.add(sketch.add(new Instruction.Select(), number, any(bits), any(numbers)));
            case 6 -> numbers.add(sketch.add(new Instruction.Combine(List.of(5L), List.of(List.of(7L))), number, any(bits)));
            default -> {
                int joined = sketch.add(new Instruction.And(), Like.bits(shape), any(bits), any(bits));
                sketch.free(bits.remove(random.nextInt(bits.size())));
                bits.add(joined);
            }
        }
    }
}
