package dev.sardonyx.graph;

/** What is known of one value of a graph: its name in the model (or one derived from its node), element type and shape. */
public record Value(ValueId id, String name, ElementType type, Shape shape) {
}
