package dev.sardonyx.cli.service;

import dev.sardonyx.secureops.execute.Blame;

/** A party or an owner's client could not do what was asked. The message never holds a value or a share. */
public final class ServiceException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** What went wrong; the wire carries the name. */
    public enum Kind {
        /** The request, a file or a configuration is not what it should be. */
        BAD_REQUEST,
        /** Whoever asks may not do this, or what was given must not be used. */
        REFUSED,
        /** More is asked for than there is room for, or the party is going down: the same may be asked again. */
        BUSY,
        /** A party failed, stalled, is out of reach or broke the rules. */
        PARTY_FAILED
    }

    private final Kind kind;
    private final Blame blame;

    public ServiceException(Kind kind, String message) {
        this(kind, message, Blame.CAUSE);
    }

    ServiceException(Kind kind, String message, Blame blame) {
        super(message);
        this.kind = kind;
        this.blame = blame;
    }

    public ServiceException(Kind kind, String message, Throwable cause) {
        super(message, cause);
        this.kind = kind;
        this.blame = cause instanceof ServiceException told ? told.blame : Blame.of(cause);
    }

    public Kind kind() {
        return kind;
    }

    /** What this says of where the fault lies, beside what other parties say. */
    Blame blame() {
        return blame;
    }
}
