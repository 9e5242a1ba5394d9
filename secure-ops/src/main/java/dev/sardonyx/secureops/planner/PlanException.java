package dev.sardonyx.secureops.planner;

import java.util.List;
import java.util.stream.Collectors;

/** A graph that cannot be planned. */
public final class PlanException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** Why. */
    public enum Kind {
        /** Operators that have no secure kernel for what the model asks of them. */
        UNSUPPORTED,
        /** A value can leave the ring or the domain of a function. */
        RANGE,
        /** An option that names nothing. */
        OPTION
    }

    /** One problem at one node. */
    public record Problem(String node, String op, String reason) {
        @Override
        public String toString() {
            return "node '" + node + "' (" + op + "): " + reason;
        }
    }

    private final Kind kind;
    private final transient List<Problem> problems;

    public PlanException(Kind kind, List<Problem> problems) {
        super(problems.stream().map(Problem::toString).collect(Collectors.joining("; ")));
        this.kind = kind;
        this.problems = List.copyOf(problems);
    }

    public PlanException(Kind kind, String node, String op, String reason) {
        this(kind, List.of(new Problem(node, op, reason)));
    }

    public Kind kind() {
        return kind;
    }

    public List<Problem> problems() {
        return problems;
    }
}
