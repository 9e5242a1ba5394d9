package dev.sardonyx.transport;

import java.util.Optional;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/** A message could not be sent or received. Names the peer and the tag, never a payload's content. */
public final class TransportException extends RuntimeException {

    /** What went wrong. */
    public enum Kind {
        /** The deadline passed. */
        TIMEOUT,
        /** The link or this endpoint was closed in order. */
        CLOSED,
        /** The peer died, was cut off, or was declared failed. */
        PEER_FAILED,
        /** The peer or the caller broke a rule: repeated tag, malformed or oversized frame, wrong party or version. */
        PROTOCOL_VIOLATION,
        /** The request was ended by a party, or is over here. */
        ABORTED,
        /** The secure connection was refused: unknown or expired certificate, wrong role. */
        AUTHENTICATION,
        /** The waiting thread was interrupted; its interrupt status stays set. */
        INTERRUPTED
    }

    /** Stands for "no particular peer". */
    private static final int NOBODY = -1;

    private final Kind kind;
    private final int peer;
    private final @Nullable Tag awaited;

    /** A failure at the link to {@code peer}. */
    public TransportException(Kind kind, int peer, String message) {
        this(kind, peer, null, message);
    }

    /** A failure at the link to {@code peer} while the message of this tag was waited for, or while it waited to be sent. */
    TransportException(Kind kind, int peer, @Nullable Tag awaited, String message) {
        super(message);
        this.kind = kind;
        this.peer = peer;
        this.awaited = awaited;
    }

    /** A failure at the link to {@code peer} with its cause. */
    public TransportException(Kind kind, int peer, String message, Throwable cause) {
        super(message, cause);
        this.kind = kind;
        this.peer = peer;
        this.awaited = null;
    }

    /** A failure that concerns no single peer. */
    public TransportException(Kind kind, String message) {
        this(kind, NOBODY, message);
    }

    public Kind kind() {
        return kind;
    }

    /** The party at the other end, where the failure concerns one. */
    public OptionalInt peer() {
        return peer == NOBODY ? OptionalInt.empty() : OptionalInt.of(peer);
    }

    /** The message that was being waited for when this came; empty where nobody waited. */
    public Optional<Tag> awaited() {
        return Optional.ofNullable(awaited);
    }
}
