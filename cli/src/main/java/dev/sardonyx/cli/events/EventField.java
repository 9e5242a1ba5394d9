package dev.sardonyx.cli.events;

import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * Everything that a log line may hold besides its time. A name that is not here is written without its value: what nobody has thought
 * about does not reach a log. No field is for an element of a tensor, a share or a key, and none will be.
 */
public enum EventField {
    /** Where a service listens. */
    ADDRESS("address"),
    /** A party's number. */
    PARTY("party"),
    /** A client's name in a party's file. */
    CLIENT("client"),
    /** A request's identity, 32 hexadecimal digits that the owner's client drew. */
    ID("id"),
    /** A model's name. */
    MODEL("model"),
    /** How many models there are. */
    MODELS("models"),
    /** A version of a model or of the software. */
    VERSION("version"),
    /** A plan's hash. */
    PLAN("plan"),
    /** A session's name. */
    SESSION("session"),
    /** What was asked for. */
    VERB("verb"),
    /** How it went: a word, or a category and a sentence that names no value. */
    OUTCOME("outcome"),
    /** Why something is as it is, in a sentence that names no value. */
    REASON("reason"),
    /** HTTP's status. */
    STATUS("status"),
    /** How long something took. */
    MILLIS("millis"),
    /** Rows of a request. */
    ROWS("rows"),
    /** How many requests run. */
    REQUESTS("requests"),
    /** How many requests were cut short. */
    UNFINISHED("unfinished"),
    /** When something ends, such as a certificate. */
    EXPIRES("expires"),
    /** Who learns something from a plan. */
    ROLE("role"),
    /** What a role learns from a plan, or what was done to which part of a configuration. */
    WHAT("what");

    private static final Map<String, EventField> BY_NAME = Arrays.stream(values()).collect(Collectors.toUnmodifiableMap(EventField::label, Function.identity()));

    private final String label;

    EventField(String label) {
        this.label = label;
    }

    public String label() {
        return label;
    }

    static Optional<EventField> named(String name) {
        return Optional.ofNullable(BY_NAME.get(name));
    }
}
