package dev.sardonyx.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.function.LongSupplier;

/** Runs that are not measured: Java compiles while it runs, so that short runs want many of them. Says when they were enough; serves one measurement. */
final class Warmup {
    private static final double SECOND = 1e9;

    /**
     * When runs are enough.
     *
     * @param runs at least
     * @param seconds at least
     * @param window seconds of runs whose median is held against the best window's; 0 to be content with what is above
     * @param most seconds after which runs count however they are
     */
    record Rule(int runs, double seconds, double window, double most) {
        /** Of parties in this process, which compile together. */
        static final Rule USUAL = new Rule(2, 4, 0, 4);
        /** Of parties in processes of their own, each of which has a compiler at work beside the others' runs: until they get no faster. */
        static final Rule STEADY = new Rule(2, 4, 6, 90);

        static Rule of(int runs) {
            return new Rule(runs, 0, 0, 0);
        }
    }

    /** A window that is faster than the best by less than this part of it is no progress. */
    private static final double PROGRESS = 0.05;
    /** Windows without progress that are taken for the end of it: one may have been disturbed. */
    private static final int STANDSTILL = 2;

    private final Rule rule;
    private final LongSupplier clock;
    private final long begun;
    private final List<Double> window = new ArrayList<>();
    private int runs;
    private long windowBegun;
    private double best = Double.POSITIVE_INFINITY;
    private int standstill;

    Warmup(Rule rule) {
        this(rule, System::nanoTime);
    }

    /** @param clock nanoseconds, from any moment on */
    Warmup(Rule rule, LongSupplier clock) {
        this.rule = rule;
        this.clock = clock;
        this.begun = clock.getAsLong();
        this.windowBegun = begun;
    }

    /** Whether another run goes ahead of those that count. */
    boolean lasts() {
        double passed = (clock.getAsLong() - begun) / SECOND;
        return runs < rule.runs || passed < rule.seconds || !isSteady() && passed < rule.most;
    }

    private boolean isSteady() {
        return rule.window == 0 || standstill >= STANDSTILL;
    }

    /** Notes a run that does not count. */
    void ran(double seconds) {
        runs++;
        window.add(seconds);
        long now = clock.getAsLong();
        if ((now - windowBegun) / SECOND >= rule.window) {
            double median = Measurement.median(window.stream().mapToDouble(Double::doubleValue).toArray());
            standstill = median > (1 - PROGRESS) * best ? standstill + 1 : 0;
            best = Math.min(best, median);
            window.clear();
            windowBegun = now;
        }
    }
}
