package dev.sardonyx.secureops.planner;

import dev.sardonyx.graph.Evaluator;
import dev.sardonyx.graph.Graph;
import dev.sardonyx.graph.Tensor;
import dev.sardonyx.graph.ValueId;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Bounds of intermediate values observed on samples. They are no proof: plans that rely on them check them ({@link RangeGuard}) and
 * refuse an answer for which one did not hold. They are used only where the user gives samples (or asks for random ones).
 */
public final class Calibration {
    /**
     * Observed bounds are multiplied by this before they are rounded up to powers of two: too narrow a margin costs answers, too wide a
     * one bits of the rings.
     */
    public static final double MARGIN = 4;
    /** What values usually are is no more than this many times what samples show, and no less than that part of it. */
    private static final double USUAL_MARGIN = 2;

    private Calibration() {
    }

    /** Bounds of every floating value of a graph over samples of its inputs, widened and rounded outward. */
    public static Map<ValueId, Interval> observe(Graph graph, List<Map<String, Tensor>> samples) {
        Map<ValueId, Interval> seen = seen(graph, samples);
        seen.replaceAll((id, range) -> range.times(MARGIN).union(Interval.point(0)).outward());
        return seen;
    }

    /** Where values usually lie: what samples show, with a margin on both sides that does not reach zero. */
    static Map<ValueId, Interval> usual(Graph graph, List<Map<String, Tensor>> samples) {
        Map<ValueId, Interval> seen = seen(graph, samples);
        seen.replaceAll((id, range) -> new Interval(range.low() < 0 ? range.low() * USUAL_MARGIN : range.low() / USUAL_MARGIN,
                range.high() > 0 ? range.high() * USUAL_MARGIN : range.high() / USUAL_MARGIN));
        return seen;
    }

    private static Map<ValueId, Interval> seen(Graph graph, List<Map<String, Tensor>> samples) {
        Map<ValueId, Interval> seen = new HashMap<>();
        Set<ValueId> boundless = new HashSet<>();
        for (Map<String, Tensor> sample : samples) {
            Evaluator.run(graph, sample, (value, tensor) -> {
                if (!value.type().isFloating() || tensor.size() == 0 || graph.constants().containsKey(value.id())) {
                    return;
                }
                double[] elements = tensor.toDoubles();
                if (isFinite(elements)) {
                    seen.merge(value.id(), range(elements), Interval::union);
                } else {
                    boundless.add(value.id());
                }
            });
        }
        // What became infinite has no bounds to learn: interval analysis says what it can be, or refuses it by name.
        boundless.forEach(seen::remove);
        graph.inputs().forEach(seen::remove);
        return seen;
    }

    private static boolean isFinite(double[] elements) {
        // Anything times zero is zero, but infinity and NaN.
        double sum = 0;
        for (double element : elements) {
            sum += element * 0.0;
        }
        return !Double.isNaN(sum);
    }

    private static Interval range(double[] elements) {
        double low = Double.POSITIVE_INFINITY;
        double high = Double.NEGATIVE_INFINITY;
        for (double element : elements) {
            low = Math.min(low, element);
            high = Math.max(high, element);
        }
        return new Interval(low, high);
    }
}
