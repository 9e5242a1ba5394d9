package dev.sardonyx.cli;

import dev.sardonyx.graph.Evaluator;
import dev.sardonyx.graph.Op;
import dev.sardonyx.graph.Shape;
import dev.sardonyx.graph.Tensor;
import dev.sardonyx.secureops.planner.PlanOptions.Reveal;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What of plain outputs a plan would reveal, so that the two can be compared. */
final class Revealed {
    private Revealed() {
    }

    static Map<String, Tensor> of(Map<String, Tensor> outputs, Reveal reveal) {
        Map<String, Tensor> revealed = new LinkedHashMap<>();
        outputs.forEach((name, tensor) -> revealed.put(name, tensor.type().isFloating() && tensor.shape().rank() > 0 ? of(tensor, reveal) : tensor));
        return revealed;
    }

    private static Tensor of(Tensor scores, Reveal reveal) {
        int axis = scores.shape().rank() - 1;
        return switch (reveal) {
            case Reveal.All() -> scores;
            case Reveal.ArgMax() -> Evaluator.evaluate(new Op.ArgMax(axis, false), List.of(scores)).getFirst()
                    .reshaped(new Shape(scores.shape().dims().subList(0, axis)));
            case Reveal.TopK(int wanted) -> Evaluator.evaluate(new Op.TopK(axis, Math.min(wanted, scores.shape().dim(axis)), true), List.of(scores)).get(1);
        };
    }
}
