package dev.sardonyx.secureops.plan;

/** Who may know a value. What a step makes of several values is as visible as the least visible of them. */
public enum Visibility {
    /** Every party, and whoever reads the plan. */
    PUBLIC,
    /** Shared; the model owner knows it. */
    MODEL_OWNER,
    /** Shared; the data owner knows it. */
    DATA_OWNER,
    /** Shared; nobody knows it. */
    SECRET;

    public Visibility join(Visibility other) {
        if (this == other || other == PUBLIC) {
            return this;
        }
        return this == PUBLIC ? other : SECRET;
    }
}
