package dev.sardonyx.graph;

/** Names a value of one graph: its place in {@link Graph#values()}. */
public record ValueId(int index) {
}
