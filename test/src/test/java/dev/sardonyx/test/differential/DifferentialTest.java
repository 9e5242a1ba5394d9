package dev.sardonyx.test.differential;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sardonyx.reference.Tolerance;
import dev.sardonyx.secureops.protocol.Protocol;
import dev.sardonyx.secureops.protocol.plaintext.PlaintextProtocol;
import dev.sardonyx.secureops.protocol.replicated3.Replicated3;
import dev.sardonyx.test.differential.Judge.Outcome;
import dev.sardonyx.test.differential.Judge.Verdict;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongFunction;
import org.junit.jupiter.api.Test;

/**
 * Random models through ONNX Runtime and through Sardonyx. {@code -Dsardonyx.differential.rounds=N} draws N times as many,
 * {@code -Dsardonyx.differential.seed=S} begins at another seed, {@code -Dsardonyx.differential.family=Conv} draws one family of operators;
 * a failure names the seed and family that replay it.
 */
class DifferentialTest {
    private static final long SEED = Long.getLong("sardonyx.differential.seed", 20_261_121L);
    private static final int ROUNDS = Integer.getInteger("sardonyx.differential.rounds", 1);
    private static final Optional<String> ONLY = Optional.ofNullable(System.getProperty("sardonyx.differential.family"));
    private static final int EACH_OPERATOR = 4;
    private static final int NETS = 60;
    private static final int RANGES = 60;

    /** What a series of models came to. */
    private static final class Series {
        private final Judge judge;
        private final Map<Outcome, Integer> counts = new EnumMap<>(Outcome.class);
        private final List<String> failures = new ArrayList<>();
        private final List<String> refusals = new ArrayList<>();

        Series(Protocol protocol, Tolerance tolerance) {
            judge = new Judge(protocol, tolerance);
        }

        void add(String name, long seed, Net net) {
            Verdict verdict = judge.judge(net);
            counts.merge(verdict.outcome(), 1, Integer::sum);
            if (verdict.outcome() == Outcome.DIFFERS) {
                Net small = Shrinker.shrink(net, smaller -> judge.judge(smaller).outcome() == Outcome.DIFFERS);
                failures.add(name + ", seed " + seed + ": " + verdict.detail() + "\n shrunk (" + judge.judge(small).detail() + ") to\n " + small);
            } else if (verdict.outcome() != Outcome.AGREES) {
                refusals.add(name + ", seed " + seed + ": " + verdict);
            }
        }

        void check(double mostRefused, double mostUndefined) {
            assertEquals(List.of(), failures, () -> failures.size() + " models differ from ONNX Runtime:\n" + String.join("\n", failures));
            int all = counts.values().stream().mapToInt(Integer::intValue).sum();
            String summary = counts + "\n" + String.join("\n", refusals);
            assertTrue(counts.getOrDefault(Outcome.REFUSED, 0) <= mostRefused * all, summary);
            assertTrue(counts.getOrDefault(Outcome.UNDEFINED, 0) <= mostUndefined * all, summary);
        }
    }

    private static void operators(Series series, int each) {
        Operators.FAMILIES.forEach((op, family) -> {
            boolean wanted = ONLY.isEmpty() || List.of(ONLY.get().split(",")).contains(op);
            for (int i = 0; wanted && i < each; i++) {
                long seed = SEED + 1000L * i + op.hashCode();
                Draw draw = Operators.begin(op, seed);
                family.draw(draw);
                series.add(op, seed, draw.net());
            }
        });
    }

    private static void nets(Series series, int count, LongFunction<Net> drawing) {
        for (int i = 0; i < count; i++) {
            series.add("net", SEED + i, drawing.apply(SEED + i));
        }
    }

    @Test
    void operatorsAgreeWithOnnxRuntime() {
        var series = new Series(new PlaintextProtocol(), Tolerance.DEFAULT);
        operators(series, EACH_OPERATOR * ROUNDS);
        series.check(0.03, 0.15);
    }

    @Test
    void operatorsAgreeUnderThreeParties() {
        var series = new Series(new Replicated3(), Tolerance.DEFAULT);
        operators(series, ROUNDS);
        series.check(0.03, 0.15);
    }

    @Test
    void smallNetsAgreeWithOnnxRuntime() {
        var series = new Series(new PlaintextProtocol(), Tolerance.DEFAULT);
        nets(series, NETS * ROUNDS, seed -> Nets.draw(seed, 3));
        series.check(0, 0);
    }

    @Test
    void netsOfAllRangesAgreeOrAreRefused() {
        var series = new Series(new PlaintextProtocol(), Tolerance.DEFAULT);
        nets(series, RANGES * ROUNDS, seed -> Nets.draw(seed, Math.pow(10, -4 + 8 * (seed - SEED) / (double) (RANGES * ROUNDS))));
        series.check(0.05, 0);
    }
}
