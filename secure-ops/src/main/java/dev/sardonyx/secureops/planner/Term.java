package dev.sardonyx.secureops.planner;

import dev.sardonyx.graph.Constant;
import dev.sardonyx.graph.ElementType;
import dev.sardonyx.graph.Shape;
import dev.sardonyx.graph.ValueId;

/** A value of the graph as kernels see it: planned already, or a constant whose scale its reader chooses. */
sealed interface Term {

    Shape shape();

    /** The element type that the graph gives it. */
    ElementType type();

    /** A value that a step makes. */
    record Computed(Draft draft, ElementType type) implements Term {
        @Override
        public Shape shape() {
            return draft.shape();
        }
    }

    /** A constant of the graph, known to the model owner or to everybody. */
    record Fixed(ValueId id, Constant constant) implements Term {
        @Override
        public Shape shape() {
            return constant.tensor().shape();
        }

        @Override
        public ElementType type() {
            return constant.tensor().type();
        }
    }
}
