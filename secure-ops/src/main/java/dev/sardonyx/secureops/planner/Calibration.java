package dev.sardonyx.secureops.planner;

import dev.sardonyx.graph.Evaluator;
import dev.sardonyx.graph.Graph;
import dev.sardonyx.graph.Tensor;
import dev.sardonyx.graph.ValueId;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Bounds of intermediate values observed on samples. They are no proof: a value outside would wrap. Hence the margin, and hence they are
 * used only where the user gives samples (or asks for random ones).
 */
public final class Calibration {
    /** Observed bounds are doubled before they are rounded up to powers of two. */
    public static final double MARGIN = 2;

    private Calibration() {
    }

    /** Bounds of every floating value of a graph over samples of its inputs, widened and rounded outward. */
    public static Map<ValueId, Interval> observe(Graph graph, List<Map<String, Tensor>> samples) {
        Map<ValueId, Interval> seen = new HashMap<>();
        for (Map<String, Tensor> sample : samples) {
            Evaluator.run(graph, sample, (value, tensor) -> {
                if (value.type().isFloating() && tensor.size() > 0) {
                    seen.merge(value.id(), Scales.range(tensor), Interval::union);
                }
            });
        }
        graph.inputs().forEach(seen::remove);
        graph.constants().keySet().forEach(seen::remove);
        seen.replaceAll((id, range) -> range.times(MARGIN).union(Interval.point(0)).outward());
        return seen;
    }
}
