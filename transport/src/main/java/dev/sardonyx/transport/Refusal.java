package dev.sardonyx.transport;

import dev.sardonyx.transport.TransportException.Kind;

/** Why a party does not welcome a connection; the wire carries the ordinal. */
enum Refusal {
    /** Not (yet) joined: the caller may try again. */
    UNKNOWN_SESSION(Kind.CLOSED, "does not take part in this session"),
    WRONG_VERSION(Kind.PROTOCOL_VIOLATION, "speaks another version of the link protocol"),
    WRONG_PARTY(Kind.AUTHENTICATION, "holds another certificate for the party that greeted"),
    WRONG_PARTIES(Kind.PROTOCOL_VIOLATION, "counts other parties in this session"),
    ALREADY_LINKED(Kind.PROTOCOL_VIOLATION, "is linked with this party in this session already"),
    MALFORMED(Kind.PROTOCOL_VIOLATION, "cannot read the greeting"),
    UNKNOWN_VISITOR(Kind.AUTHENTICATION, "lets nobody in with this certificate");

    private final Kind kind;
    private final String sentence;

    Refusal(Kind kind, String sentence) {
        this.kind = kind;
        this.sentence = sentence;
    }

    Kind kind() {
        return kind;
    }

    /** To be put behind "party n". */
    String sentence() {
        return sentence;
    }
}
