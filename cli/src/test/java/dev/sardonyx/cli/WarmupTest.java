package dev.sardonyx.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.concurrent.atomic.AtomicLong;
import java.util.function.DoubleUnaryOperator;
import org.junit.jupiter.api.Test;

/** When runs that are not measured are enough, by a clock that goes as runs take. */
class WarmupTest {

    /**
     * Seconds that a warm-up takes.
     *
     * @param run seconds that a run takes which begins so many seconds after the first
     */
    private static double lasting(Warmup.Rule rule, DoubleUnaryOperator run) {
        var clock = new AtomicLong(1_000);
        var warmup = new Warmup(rule, clock::get);
        double passed = 0;
        while (warmup.lasts()) {
            double took = run.applyAsDouble(passed);
            passed += took;
            clock.set(1_000 + Math.round(passed * 1e9));
            warmup.ran(took);
        }
        return passed;
    }

    @Test
    void soManyRunsAreSoManyHoweverLongTheyTake() {
        assertEquals(50, lasting(Warmup.Rule.of(5), _ -> 10), 1e-6);
        assertEquals(0, lasting(Warmup.Rule.of(0), _ -> 10), 1e-6);
    }

    @Test
    void theUsualOnesAreFourSecondsButTwoRunsAtLeast() {
        assertEquals(4, lasting(Warmup.Rule.USUAL, _ -> 0.5), 0.51);
        assertEquals(20, lasting(Warmup.Rule.USUAL, _ -> 10), 1e-6);
    }

    @Test
    void whatIsSteadyFromTheStartIsEnoughAfterThreeWindows() {
        assertEquals(18, lasting(Warmup.Rule.STEADY, _ -> 0.01), 0.05);
    }

    @Test
    void whatStillGetsFasterGoesOn() {
        // Within 5 % of its end from second 19 on.
        assertEquals(36, lasting(Warmup.Rule.STEADY, passed -> 0.006 + 0.06 * Math.exp(-passed / 3.6)), 6.1);
    }

    @Test
    void oneDisturbedWindowIsNotTheEnd() {
        DoubleUnaryOperator run = passed -> (passed > 12 && passed < 18 ? 3 : 1) * (0.006 + 0.06 * Math.exp(-passed / 6));
        assertEquals(48, lasting(Warmup.Rule.STEADY, run), 6.1);
    }

    @Test
    void whatNeverGetsSteadyEnds() {
        assertEquals(90, lasting(Warmup.Rule.STEADY, passed -> Math.exp(-passed / 20)), 1);
    }
}
