package dev.sardonyx.secureops.execute;

import dev.sardonyx.secureops.plan.Instruction;
import dev.sardonyx.secureops.plan.Plan;
import dev.sardonyx.secureops.plan.Step;
import dev.sardonyx.secureops.protocol.Protocol;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** A plan checked and made ready to run many times: the kernel of each step, and which steps wait for which. */
final class PreparedPlan {
    /** What a thread computes in less time than it takes to start another one. */
    private static final long BRIEF_ELEMENTS = 1 << 14;

    private final Plan plan;
    private final PlanMemory memory;
    private final Kernel[] kernels;
    private final int[][] followers;
    private final int[] waits;
    private final boolean[] free;
    private final boolean[] interactive;
    private final boolean[] brief;
    private final Map<Integer, WeightStore.Key> weights = new HashMap<>();
    /** Values that requests read as a product's right operand in one layout and as nothing else. */
    private final Map<Integer, Form> onlyOperands = new HashMap<>();
    /** Values that requests read, or reveal. */
    private final BitSet read = new BitSet();

    /** @throws RunException of kind BAD_PLAN naming the first step that cannot be run */
    PreparedPlan(Plan plan, Protocol protocol) {
        this.plan = plan;
        int count = plan.steps().size();
        checkOrder(plan);
        this.memory = PlanMemory.of(plan, protocol);
        this.kernels = new Kernel[count];
        this.waits = new int[count];
        this.free = new boolean[count];
        this.interactive = new boolean[count];
        this.brief = new boolean[count];
        this.followers = new int[count][];
        var chosen = new StepKernels(plan);
        int[] maker = new int[plan.values().size()];
        var readers = new ArrayList<List<Integer>>();
        for (Step step : plan.steps()) {
            int index = step.index();
            readers.add(new ArrayList<>());
            free[index] = step.instruction() instanceof Instruction.Free;
            interactive[index] = step.instruction() instanceof Instruction.Interactive;
            brief[index] = isBrief(plan, step);
            kernels[index] = choose(chosen, step);
            step.outputs().forEach(output -> maker[output] = index);
            if (step.instruction() instanceof Instruction.Weight weight) {
                step.outputs().forEach(output -> weights.put(output, WeightStore.Key.of(weight, plan.value(output))));
            }
            if (!free[index] && !memory.lasting(index)) {
                List<Integer> makers = step.inputs().stream().map(input -> maker[input]).filter(m -> !memory.lasting(m)).distinct().toList();
                makers.forEach(m -> readers.get(m).add(index));
                waits[index] = makers.size();
            }
        }
        findOperands();
        for (int step = 0; step < count; step++) {
            followers[step] = readers.get(step).stream().mapToInt(Integer::intValue).toArray();
        }
    }

    private void findOperands() {
        var others = new BitSet();
        plan.outputs().forEach(output -> others.set(output.value()));
        for (Step step : plan.steps()) {
            if (free[step.index()]) {
                continue;
            }
            for (int input : step.inputs()) {
                Optional<Form> form = !memory.lasting(step.index()) && kernels[step.index()] instanceof ProductKernel product
                        ? product.onlyForm(input)
                        : Optional.empty();
                if (form.isEmpty() || !onlyOperands.getOrDefault(input, form.get()).layout().equals(form.get().layout())) {
                    others.set(input);
                } else {
                    onlyOperands.put(input, form.get());
                }
                if (!memory.lasting(step.index())) {
                    read.set(input);
                }
            }
        }
        plan.outputs().forEach(output -> read.set(output.value()));
        onlyOperands.keySet().removeIf(others::get);
    }

    private static boolean isBrief(Plan plan, Step step) {
        return switch (step.instruction()) {
            case Instruction.Multiply _, Instruction.MatMul _, Instruction.Convolve _ -> false;
            default -> Stream.concat(step.inputs().stream(), step.outputs().stream()).mapToLong(id -> plan.value(id).size()).sum() <= BRIEF_ELEMENTS;
        };
    }

    private static Kernel choose(StepKernels kernels, Step step) {
        try {
            return kernels.of(step);
        } catch (RuntimeException e) {
            throw new RunException(RunException.Kind.BAD_PLAN, describe(step) + ": " + e.getMessage(), e);
        }
    }

    /** Every value is made once, read only after that, and not read after it is freed; outputs are not freed. */
    private static void checkOrder(Plan plan) {
        enum State {
            UNMADE, LIVE, FREED
        }
        var states = new State[plan.values().size()];
        Arrays.fill(states, State.UNMADE);
        for (int i = 0; i < plan.steps().size(); i++) {
            Step step = plan.steps().get(i);
            require(step.index() == i, step, "stands at place " + i);
            for (int input : step.inputs()) {
                require(states[input] == State.LIVE, step, "reads value %" + input + ", which is " + states[input]);
            }
            if (step.instruction() instanceof Instruction.Free) {
                step.inputs().forEach(input -> states[input] = State.FREED);
            }
            for (int output : step.outputs()) {
                require(states[output] == State.UNMADE, step, "makes value %" + output + " again");
                states[output] = State.LIVE;
            }
        }
        for (Plan.Output output : plan.outputs()) {
            if (states[output.value()] != State.LIVE) {
                throw new RunException(RunException.Kind.BAD_PLAN,
                        "output '" + output.name() + "' is value %" + output.value() + ", which is " + states[output.value()]);
            }
        }
    }

    private static void require(boolean holds, Step step, String trouble) {
        if (!holds) {
            throw new RunException(RunException.Kind.BAD_PLAN, describe(step) + " " + trouble);
        }
    }

    /** A step's place, node and instruction, for errors. */
    static String describe(Step step) {
        return "step " + step.index() + " (" + step.instruction().getClass().getSimpleName() + " of '" + step.node() + "')";
    }

    Plan plan() {
        return plan;
    }

    PlanMemory memory() {
        return memory;
    }

    int steps() {
        return kernels.length;
    }

    Kernel kernel(int step) {
        return kernels[step];
    }

    /** The steps that read what a step makes, in order. */
    int[] followers(int step) {
        return followers[step];
    }

    /** For each step how many steps of the same request it waits for; a fresh copy. */
    int[] waits() {
        return waits.clone();
    }

    boolean isFree(int step) {
        return free[step];
    }

    /** Whether the step may wait for messages. */
    boolean interactive(int step) {
        return interactive[step];
    }

    /** Whether the step computes little. */
    boolean brief(int step) {
        return brief[step];
    }

    /** The form in which requests read a value, if they read it as a product's right operand in one layout and as nothing else. */
    Optional<Form> onlyOperand(int value) {
        return Optional.ofNullable(onlyOperands.get(value));
    }

    /** Whether a request reads a value. */
    boolean isRead(int value) {
        return read.get(value);
    }

    /** The values that are weights, with the names of their encodings. */
    Map<Integer, WeightStore.Key> weights() {
        return Collections.unmodifiableMap(weights);
    }

    /** The weight that a value is, or null. */
    WeightStore.@Nullable Key weight(int value) {
        return weights.get(value);
    }
}
