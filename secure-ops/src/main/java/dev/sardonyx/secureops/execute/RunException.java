package dev.sardonyx.secureops.execute;

/** A plan was not started or did not come to its end. The message never holds a value. */
public final class RunException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** What went wrong. */
    public enum Kind {
        /** An input is missing, unknown, of the wrong shape or type, or not finite. */
        BAD_INPUT,
        /** An input or a weight lies outside the range that the plan declares. */
        OUT_OF_RANGE,
        /** The plan itself cannot be run: steps out of order, values missing. */
        BAD_PLAN,
        /** The parties hold different plans. */
        PLAN_MISMATCH,
        /** This party does not run the request: its number was used before, or something it needs was not given. */
        REFUSED,
        /** A party failed, stalled or broke the protocol. */
        PARTY_FAILED
    }

    private final Kind kind;

    public RunException(Kind kind, String message) {
        super(message);
        this.kind = kind;
    }

    public RunException(Kind kind, String message, Throwable cause) {
        super(message, cause);
        this.kind = kind;
    }

    public Kind kind() {
        return kind;
    }
}
