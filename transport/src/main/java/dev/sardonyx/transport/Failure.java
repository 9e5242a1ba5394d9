package dev.sardonyx.transport;

import dev.sardonyx.transport.TransportException.Kind;

/**
 * Why a link or a request has ended.
 *
 * @param kind     what callers are told
 * @param reason   a sentence without a subject's "I": it is shown at either end
 * @param discards whether messages that arrived before are lost too; an orderly close leaves them receivable
 */
record Failure(Kind kind, String reason, boolean discards) {

    static Failure closedHere(int party) {
        return new Failure(Kind.CLOSED, "party " + party + " closed its endpoint", true);
    }

    static Failure closedThere(int peer) {
        return new Failure(Kind.CLOSED, "party " + peer + " closed its endpoint", false);
    }

    static Failure peerFailed(int peer, String how) {
        return new Failure(Kind.PEER_FAILED, "party " + peer + " " + how, true);
    }

    static Failure violation(String what) {
        return new Failure(Kind.PROTOCOL_VIOLATION, what, true);
    }

    static Failure aborted(int request, int byParty) {
        return new Failure(Kind.ABORTED, "party " + byParty + " ended request " + request, true);
    }

    static Failure finished(int request, int party) {
        return new Failure(Kind.ABORTED, "request " + request + " is over at party " + party, true);
    }

    TransportException asException() {
        return new TransportException(kind, reason);
    }

    TransportException whileSending(int from, int to, Tag tag) {
        return new TransportException(kind, to, "party " + from + " cannot send to party " + to + " (" + tag + "): " + reason);
    }

    TransportException whileReceiving(int party, int from, Tag tag) {
        return new TransportException(kind, from, "party " + party + " cannot receive from party " + from + " (" + tag + "): " + reason);
    }

    /** As {@link #whileReceiving}, for one who was already waiting when this came. */
    TransportException whileWaiting(int party, int from, Tag tag) {
        return new TransportException(kind, from, tag, "party " + party + " got nothing from party " + from + " (" + tag + "): " + reason);
    }
}
