package dev.sardonyx.graph;

/**
 * A constant of a graph.
 *
 * @param tensor the numbers
 * @param confidentiality who may see them
 */
public record Constant(Tensor tensor, Confidentiality confidentiality) {
    /** Whether a constant belongs to the model owner alone or to the plan, which every party reads. */
    public enum Confidentiality {
        /** A learned number: shared among the parties, never in the plan. */
        SECRET,
        /** Part of the model's structure (shapes, axes, scalar hyperparameters): written in the plan. */
        PUBLIC
    }

    public static Constant secret(Tensor tensor) {
        return new Constant(tensor, Confidentiality.SECRET);
    }

    public static Constant open(Tensor tensor) {
        return new Constant(tensor, Confidentiality.PUBLIC);
    }

    public boolean isSecret() {
        return confidentiality == Confidentiality.SECRET;
    }
}
