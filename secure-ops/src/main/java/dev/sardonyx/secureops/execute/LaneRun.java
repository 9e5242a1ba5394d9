package dev.sardonyx.secureops.execute;

import dev.sardonyx.secureops.plan.Plan;
import dev.sardonyx.secureops.plan.Step;
import dev.sardonyx.secureops.protocol.PartyValue;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntPredicate;
import org.jspecify.annotations.Nullable;

/**
 * Runs one lane of one request at one party as a flow of data. A thread that ends a step goes on with a step that has become ready, so
 * that a chain of dependent steps stays on one thread. Independent steps share a round: the last message of a step is waited for only once
 * nothing else can be done, and whoever has to wait while there is something else to do, or is about to compute for long while others are
 * ready, starts another thread for that first.
 *
 * <p>Memory follows the plan: values are released in the plan's order, and a step that could start ahead of earlier ones waits if the
 * steps between could then take more than the plan's peak and a small slack. The first step in the plan's order that is not done may
 * always run, so something always can.
 */
final class LaneRun {
    /** What may be live beyond the planned peak so that independent steps overlap: within what a prediction may be off by. */
    private static final double SLACK = 0.03;

    /** How many ready steps are tried when memory is short; the first in the plan's order is always among them. */
    private static final int CANDIDATES = 64;

    /** Told of each value as it is made. */
    @FunctionalInterface
    interface Observer {
        Observer NONE = (_, _) -> {
        };

        void made(int value, PartyValue share);
    }

    /**
     * @param outputs shares of the plan's outputs
     * @param peakLiveBytes the most bytes that values took at one time
     */
    record Result(Map<String, PartyValue> outputs, long peakLiveBytes) {
    }

    /** A step whose results stand but for its last message. */
    private record Begun(Step step, StepRun run, List<PartyValue> outputs) {
    }

    private final PreparedLane prepared;
    private final PreparedPlan plan;
    private final PlanMemory memory;
    private final LaneContext lane;
    private final Map<String, PartyValue> inputs;
    private final Observer observer;
    private final long budget;

    // All below is guarded by this object's monitor.
    private final @Nullable PartyValue[] values;
    private final int[] depths;
    private final int[] waits;
    private final BitSet ready = new BitSet();
    private final boolean[] started;
    private final boolean[] done;
    private final ArrayDeque<Begun> begun = new ArrayDeque<>();
    private final int[] holders;
    private final long[] held;
    private int retired;
    private int lastStarted;
    private int workers;
    private long live;
    private long peak;
    private @Nullable RuntimeException failure;

    LaneRun(PreparedLane prepared, LaneContext lane, Map<String, PartyValue> inputs, Observer observer) {
        this.prepared = prepared;
        this.plan = prepared.prepared();
        this.memory = plan.memory();
        this.lane = lane;
        this.inputs = inputs;
        this.observer = observer;
        this.budget = (long) (memory.peakBytes() * (1 + SLACK));
        this.values = prepared.values();
        this.depths = new int[values.length];
        this.waits = plan.waits();
        this.started = new boolean[plan.steps()];
        this.done = new boolean[plan.steps()];
        this.holders = new int[values.length];
        this.held = new long[values.length];
        for (int step = 0; step < waits.length; step++) {
            if (plan.isFree(step) || memory.lasting(step)) {
                done[step] = true;
            } else if (waits[step] == 0) {
                ready.set(step);
            }
        }
    }

    /**
     * Runs all steps, on this thread and others.
     *
     * @throws RuntimeException the first failure of a step; the request is then ended at every party
     */
    Result run() {
        synchronized (this) {
            retire();
            workers++;
        }
        work();
        synchronized (this) {
            awaitWorkers();
            if (failure != null) {
                throw failure;
            }
            if (retired != plan.steps()) {
                throw new IllegalStateException("lane stopped at step " + retired + " of " + plan.steps());
            }
            var outputs = new LinkedHashMap<String, PartyValue>();
            for (Plan.Output output : plan.plan().outputs()) {
                PartyValue value = values[output.value()];
                if (value != null) {
                    outputs.put(output.name(), Revealed.of(value, plan.plan().value(output.value()).width()));
                }
            }
            return new Result(outputs, peak);
        }
    }

    private synchronized void awaitWorkers() {
        boolean interrupted = false;
        while (workers > 0) {
            try {
                wait();
            } catch (InterruptedException e) {
                interrupted = true;
                fail(new RunException(RunException.Kind.PARTY_FAILED, "interrupted", e));
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private void work() {
        try {
            Task task = next();
            while (task != null) {
                try {
                    task.action().run();
                    task = next();
                } catch (RuntimeException | Error e) {
                    fail(failureAt(task.step(), e));
                    task = null;
                }
            }
        } catch (RuntimeException | Error e) {
            // Only starting another thread can fail here.
            fail(new RunException(RunException.Kind.PARTY_FAILED,
                    "party " + lane.endpoint().party() + ", lane " + lane.lane() + ": " + e.getClass().getSimpleName(), e));
        } finally {
            synchronized (this) {
                if (--workers == 0) {
                    notifyAll();
                }
            }
        }
    }

    private RunException failureAt(Step step, Throwable cause) {
        var kind = cause instanceof RunException known ? known.kind() : RunException.Kind.PARTY_FAILED;
        String what = cause.getMessage() == null ? cause.getClass().getSimpleName() : cause.getMessage();
        return new RunException(kind, "party " + lane.endpoint().party() + ", lane " + lane.lane() + ", " + PreparedPlan.describe(step)
                + ": " + what, cause);
    }

    private void fail(RunException cause) {
        List<Begun> abandoned;
        synchronized (this) {
            if (failure != null) {
                // Of threads that waited, one may know more of who kept all of them waiting.
                failure = (RuntimeException) Blame.first(List.of(failure, cause));
                return;
            }
            failure = cause;
            ready.clear();
            abandoned = List.copyOf(begun);
            begun.clear();
        }
        abandoned.forEach(step -> step.run.abandon());
        lane.endpoint().abort(lane.request());
    }

    /** Begins a step, and ends it unless its last message is still to come. */
    private void begin(Step step) {
        List<PartyValue> arguments;
        int depth = 0;
        synchronized (this) {
            arguments = PreparedLane.inputs(step, values);
            for (int id : step.inputs()) {
                depth = Math.max(depth, depths[id]);
            }
        }
        var run = new StepRun(prepared, lane, inputs, step.index(), depth, this::beforeWaiting);
        boolean whole = false;
        try {
            List<PartyValue> outputs = plan.kernel(step.index()).run(run, arguments);
            if (outputs.size() != step.outputs().size()) {
                throw new IllegalStateException("made " + outputs.size() + " values; the plan has " + step.outputs().size());
            }
            whole = true;
            became(new Begun(step, run, outputs));
        } finally {
            if (!whole) {
                run.abandon();
            }
        }
    }

    private void became(Begun now) {
        boolean open = now.run.isOpen();
        synchronized (this) {
            for (int i = 0; i < now.outputs.size(); i++) {
                count(now.step.outputs().get(i), now.outputs.get(i));
            }
            peak = Math.max(peak, live);
            if (open && failure == null) {
                begun.add(now);
                return;
            }
        }
        if (open) {
            now.run.abandon();
        } else {
            end(now);
        }
    }

    /** Waits for a step's last message. */
    private void settle(Begun last) {
        last.run.settle();
        end(last);
    }

    private void end(Begun over) {
        Step step = over.step;
        for (int i = 0; i < over.outputs.size(); i++) {
            observer.made(step.outputs().get(i), over.outputs.get(i));
        }
        synchronized (this) {
            for (int i = 0; i < over.outputs.size(); i++) {
                int id = step.outputs().get(i);
                values[id] = over.outputs.get(i);
                depths[id] = over.run.depth();
            }
            done[step.index()] = true;
            for (int follower : plan.followers(step.index())) {
                if (--waits[follower] == 0 && failure == null) {
                    ready.set(follower);
                }
            }
            retire();
        }
    }

    private void count(int id, PartyValue value) {
        int root = memory.root(id);
        if (root != PlanMemory.NONE && holders[root]++ == 0) {
            held[root] = LiveBytes.of(value);
            live += held[root];
        }
    }

    /** Passes over all steps that are done up to the first that is not, releasing what is freed on the way. */
    private void retire() {
        while (retired < done.length && done[retired]) {
            if (plan.isFree(retired)) {
                plan.plan().steps().get(retired).inputs().forEach(this::release);
            }
            retired++;
        }
    }

    private void release(int id) {
        int root = memory.root(id);
        if (root == PlanMemory.NONE) {
            return;
        }
        values[id] = null;
        if (--holders[root] == 0) {
            live -= held[root];
        }
    }

    /** What a thread does next. */
    private record Task(Step step, Runnable action) {
    }

    /** The next task for the calling thread, or null; starts a thread for what else could be done if this one may take long. */
    private synchronized @Nullable Task next() {
        int step = take(one -> plan.brief(one) && !plan.interactive(one));
        if (step < 0) {
            step = take(_ -> true);
        }
        if (step >= 0) {
            if (!plan.brief(step) && lane.endpoint().parties() > 1) {
                shareWork();
            }
            Step next = plan.plan().steps().get(step);
            return new Task(next, () -> begin(next));
        }
        Begun last = begun.poll();
        return last == null ? null : new Task(last.step, () -> settle(last));
    }

    /** The calling thread is going to wait. */
    private synchronized void beforeWaiting() {
        shareWork();
    }

    /**
     * Starts another thread if there is something for it to do: else what this one waits for might wait, at another party, for a message of
     * that. Of steps that do not fit, the first may once those before it have ended.
     */
    private void shareWork() {
        if (failure == null && (isPressing() || !ready.isEmpty() && (!begun.isEmpty() || ready.stream().limit(CANDIDATES).anyMatch(this::fits)))) {
            SameKind.start(this::work, workers);
            // Not before: a thread that could not be started must not be waited for. It cannot end before: we hold the monitor.
            workers++;
        }
    }

    /**
     * Whether a step could start if only those that have begun ended. Where its inputs are also another step's business, whoever is in that one
     * sees to them when it has ended.
     */
    private boolean isPressing() {
        var ending = new HashMap<Integer, Integer>();
        return begun.stream().flatMapToInt(one -> Arrays.stream(plan.followers(one.step.index())))
                .anyMatch(follower -> ending.merge(follower, 1, Integer::sum) == waits[follower]);
    }

    private int take(IntPredicate wanted) {
        int tried = 0;
        for (int step = ready.nextSetBit(0); step >= 0 && tried < CANDIDATES; step = ready.nextSetBit(step + 1), tried++) {
            if (wanted.test(step) && fits(step)) {
                ready.clear(step);
                started[step] = true;
                lastStarted = Math.max(lastStarted, step);
                return step;
            }
        }
        return -1;
    }

    /**
     * Whether the plan's remaining steps stay within the budget if this one starts now: for each place q that the plan's order will
     * come to before this step, what is live there plus what has been started ahead of q.
     */
    private boolean fits(int candidate) {
        if (candidate == retired) {
            return true;
        }
        long ahead = 0;
        for (int q = Math.max(candidate, lastStarted); q > retired; q--) {
            if (started[q] || q == candidate) {
                ahead += memory.made(q);
            }
            if (q <= candidate && memory.liveAfter(q - 1) + ahead > budget) {
                return false;
            }
        }
        return true;
    }
}
