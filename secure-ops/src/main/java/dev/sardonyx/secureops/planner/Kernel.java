package dev.sardonyx.secureops.planner;

import dev.sardonyx.graph.ElementType;
import dev.sardonyx.graph.Node;
import dev.sardonyx.graph.Shape;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * Lowers one operator of the graph to plan steps. Written once over {@link PlanBuilder}; no kernel knows which protocol runs it.
 */
@FunctionalInterface
interface Kernel {
    /** The planned outputs of the node, in order. */
    List<Draft> lower(Request request);

    /**
     * One node to lower.
     *
     * @param builder emits the steps
     * @param node the node
     * @param inputs its inputs
     * @param outputs types and shapes of its outputs
     * @param proven bounds of the first output that follow from more than the inputs' ranges
     * @param rowSum what the absolute values along the last axis of the first input add up to at most, if that is known
     * @param quotient what the absolute value of the first output is at most where it is a quotient of exact numbers, if that is known
     * @param precision what its readers and its inputs ask of its precision
     */
    record Request(PlanBuilder builder, Node node, List<Term> inputs, List<OutputType> outputs, Optional<Interval> proven,
            OptionalDouble rowSum, OptionalDouble quotient, Precision precision) {

        /** What an output must be. */
        record OutputType(ElementType type, Shape shape) {
        }

        Term input(int index) {
            return inputs.get(index);
        }

        Shape shape() {
            return outputs.getFirst().shape();
        }

        /** An input as it is planned; a constant at the working scale of its range, or 0 for integers. */
        Draft value(int index) {
            return Terms.value(builder, inputs.get(index));
        }

        /** An input as a number; bits become 0 and 1. */
        Draft number(int index) {
            return Terms.number(builder, inputs.get(index));
        }

        /** The first output's range, tightened by what is proven of it. */
        Interval bounded(Interval range) {
            return proven.map(range::intersect).orElse(range);
        }
    }
}
