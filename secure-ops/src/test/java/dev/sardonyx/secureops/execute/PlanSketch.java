package dev.sardonyx.secureops.execute;

import dev.sardonyx.graph.ElementType;
import dev.sardonyx.graph.Shape;
import dev.sardonyx.graph.Tensor;
import dev.sardonyx.graph.ValueId;
import dev.sardonyx.secureops.plan.Instruction;
import dev.sardonyx.secureops.plan.Plan;
import dev.sardonyx.secureops.plan.PlanValue;
import dev.sardonyx.secureops.plan.RingData;
import dev.sardonyx.secureops.plan.Step;
import dev.sardonyx.secureops.plan.Visibility;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Builds plans by hand, step by step, for tests: values are 64 bits wide and integers unless said otherwise. */
final class PlanSketch {
    private final String protocol;
    private final List<Plan.InputSpec> inputs = new ArrayList<>();
    private final List<PlanValue> values = new ArrayList<>();
    private final List<Step> steps = new ArrayList<>();
    private final List<Plan.Output> outputs = new ArrayList<>();
    private final Map<ValueId, Tensor> weights = new HashMap<>();

    PlanSketch(String protocol) {
        this.protocol = protocol;
    }

    /** What a new value is like. */
    record Like(PlanValue.Kind kind, Visibility visibility, Shape shape, int fractionBits, int magnitudeBits, int width) {
        static Like number(Shape shape) {
            return new Like(PlanValue.Kind.NUMBER, Visibility.SECRET, shape, 0, 40, 64);
        }

        static Like bits(Shape shape) {
            return new Like(PlanValue.Kind.BITS, Visibility.SECRET, shape, 0, 1, 1);
        }

        Like open() {
            return new Like(kind, Visibility.PUBLIC, shape, fractionBits, magnitudeBits, width);
        }

        Like scale(int bits) {
            return new Like(kind, visibility, shape, bits, magnitudeBits, width);
        }

        Like ring(int bits) {
            return new Like(kind, visibility, shape, fractionBits, Math.min(magnitudeBits, bits - 2), bits);
        }
    }

    int input(String name, Like like) {
        int id = value(like);
        inputs.add(new Plan.InputSpec(name, id, -0x1p40, 0x1p40));
        return step(new Instruction.Input(name), List.of(), List.of(id));
    }

    int weight(Tensor tensor, Like like) {
        var constant = new ValueId(weights.size());
        weights.put(constant, tensor);
        return step(new Instruction.Weight(constant), List.of(), List.of(value(like)));
    }

    int literal(Like like, long... data) {
        return step(new Instruction.Literal(RingData.of(data)), List.of(), List.of(value(like.open())));
    }

    int add(Instruction instruction, Like like, Integer... inputs) {
        return step(instruction, List.of(inputs), List.of(value(like)));
    }

    List<Integer> addAll(Instruction instruction, List<Like> likes, Integer... inputs) {
        List<Integer> made = likes.stream().map(this::value).toList();
        step(instruction, List.of(inputs), made);
        return made;
    }

    void free(Integer... values) {
        for (int value : values) {
            step(new Instruction.Free(), List.of(value), List.of());
        }
    }

    void output(String name, int value, ElementType type) {
        outputs.add(new Plan.Output(name, value, type));
    }

    void output(String name, int value) {
        output(name, value, values.get(value).kind() == PlanValue.Kind.BITS ? ElementType.BOOL : ElementType.INT64);
    }

    private int value(Like like) {
        int id = values.size();
        values.add(new PlanValue(id, "v" + id, like.kind, like.visibility, like.shape, like.fractionBits, like.magnitudeBits, false,
                like.width));
        return id;
    }

    private int step(Instruction instruction, List<Integer> read, List<Integer> made) {
        steps.add(new Step(steps.size(), "node" + steps.size(), "test", instruction, read, made));
        return made.isEmpty() ? -1 : made.getFirst();
    }

    Plan plan() {
        return new Plan("sketch", protocol, inputs, values, steps, outputs, List.of());
    }

    WeightSource weights() {
        return constant -> {
            Tensor tensor = weights.get(constant);
            if (tensor == null) {
                throw new IllegalArgumentException("no constant " + constant);
            }
            return tensor;
        };
    }
}
