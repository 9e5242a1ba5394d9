package dev.sardonyx.secureops.execute;

import dev.sardonyx.graph.Op;
import dev.sardonyx.graph.Shape;
import dev.sardonyx.secureops.plan.Instruction;
import dev.sardonyx.secureops.plan.LanedPlan;
import dev.sardonyx.secureops.plan.Plan;
import dev.sardonyx.secureops.plan.PlanValue;
import dev.sardonyx.secureops.plan.Step;
import dev.sardonyx.secureops.protocol.Protocol;
import java.util.Arrays;
import java.util.stream.LongStream;

/**
 * Which values of a plan take memory in each request, and how much is live after each step.
 *
 * <p>A step <em>lasts</em> if it follows from learned constants and literals without a message: it is done once per loaded model and
 * its values belong to the model, not to a request. A reshaped value shares its source's memory. Everything else takes 8 bytes an
 * element (or 64 booleans) and component from the step that makes it until its source and all that share it are freed. Buffers that
 * come and go within one step are not counted.
 */
public final class PlanMemory {
    /** Stands for a value that takes no memory of its own in a request. */
    static final int NONE = -1;

    private final boolean[] lastingSteps;
    private final boolean[] lastingValues;
    private final int[] roots;
    private final long[] made;
    private final long[] liveAfter;
    private final long peak;
    private final long lastingBytes;

    private PlanMemory(Plan plan, int components) {
        this.lastingSteps = new boolean[plan.steps().size()];
        this.lastingValues = new boolean[plan.values().size()];
        this.roots = new int[plan.values().size()];
        this.made = new long[plan.steps().size()];
        this.liveAfter = new long[plan.steps().size()];
        Arrays.fill(roots, NONE);
        int[] holders = new int[roots.length];
        long live = 0;
        long most = 0;
        long lasting = 0;
        for (int i = 0; i < made.length; i++) {
            Step step = plan.steps().get(i);
            lastingSteps[i] = lasts(plan, step);
            for (int output : step.outputs()) {
                lastingValues[output] = lastingSteps[i];
                roots[output] = root(step, output);
                if (roots[output] != NONE && holders[roots[output]]++ == 0) {
                    made[i] += bytes(plan.value(output), components);
                }
            }
            if (lastingSteps[i] && !(step.instruction() instanceof Instruction.Weight)) {
                lasting += step.outputs().stream().mapToLong(output -> bytes(plan.value(output), components)).sum();
            }
            live += made[i];
            most = Math.max(most, live);
            if (step.instruction() instanceof Instruction.Free) {
                for (int freed : step.inputs()) {
                    if (roots[freed] != NONE && --holders[roots[freed]] == 0) {
                        live -= bytes(plan.value(roots[freed]), components);
                    }
                }
            }
            liveAfter[i] = live;
        }
        this.peak = most;
        this.lastingBytes = lasting;
    }

    /** The memory of a plan run by the protocol it was planned for. */
    public static PlanMemory of(Plan plan, Protocol protocol) {
        int components = protocol.split(Shape.of(0), new long[0], long[]::new).getFirst().components().length;
        return new PlanMemory(plan, components);
    }

    /** The most bytes live at one time at one party in a request, whatever lanes are at their peaks together. */
    public static long peakBytes(LanedPlan plans, Protocol protocol) {
        return Math.min(plans.lanes().size(), PartySession.MOST_LANES_AT_ONCE) * of(plans.plan(), protocol).peakBytes();
    }

    /**
     * Bytes that outlive requests at one party besides the weights themselves: what is made of them and of public numbers, once for each
     * role that the party plays.
     */
    public static long lastingBytes(LanedPlan plans, Protocol protocol) {
        long roles = plans.lanes().stream().map(lane -> Math.floorMod(lane.rotation(), protocol.parties())).distinct().count();
        return roles * of(plans.plan(), protocol).lastingBytes;
    }

    /** The sum over as many of the largest as run side by side. */
    static long atOnce(LongStream lanes) {
        long[] sorted = lanes.sorted().toArray();
        return Arrays.stream(sorted, Math.max(0, sorted.length - PartySession.MOST_LANES_AT_ONCE), sorted.length).sum();
    }

    private boolean lasts(Plan plan, Step step) {
        boolean all = step.inputs().stream().allMatch(input -> lastingValues[input]);
        return switch (step.instruction()) {
            case Instruction.Input _, Instruction.Free _ -> false;
            case Instruction.Weight _, Instruction.Literal _ -> true;
            case Instruction.Local _ -> all;
            case Instruction.Interactive _ -> all && plan.outputsOf(step).stream().noneMatch(PlanValue::isSecret);
        };
    }

    private int root(Step step, int output) {
        if (lastingValues[output]) {
            return NONE;
        }
        boolean shared = step.instruction() instanceof Instruction.Move(Op.Reshape _);
        return shared ? roots[step.inputs().getFirst()] : output;
    }

    private static long bytes(PlanValue value, int components) {
        long words = switch (value.kind()) {
            case NUMBER -> value.size();
            case BITS -> PackedBits.words(value.size());
        };
        return 8 * words * (value.isSecret() ? components : 1);
    }

    /** The greatest number of bytes live at one time at one party when the steps run in the plan's order. */
    public long peakBytes() {
        return peak;
    }

    /** Bytes live at one party after a step in the plan's order. */
    public long liveAfter(int step) {
        return liveAfter[step];
    }

    /** Bytes that a step takes for its outputs. */
    long made(int step) {
        return made[step];
    }

    boolean lasting(int step) {
        return lastingSteps[step];
    }

    boolean lastingValue(int value) {
        return lastingValues[value];
    }

    /** The value whose memory this value shares (itself if it has its own), or {@link #NONE}. */
    int root(int value) {
        return roots[value];
    }
}
