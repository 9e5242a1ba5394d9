package dev.sardonyx.transport;

import dev.sardonyx.transport.FrameParser.MalformedFrameException;
import java.security.cert.X509Certificate;
import org.jspecify.annotations.Nullable;

/**
 * An established link to one peer. Incoming messages go to the endpoint's inbox; while that holds more of this peer's bytes than
 * allowed, nothing more is read, so that TCP makes the peer wait. Outgoing bytes count as in flight until the socket has taken them.
 */
final class TlsLink implements TlsConnection.Listener {

    private final int peer;
    private final TlsConnection connection;
    private final Inbox inbox;
    private final InFlight outbound;
    private boolean paused;
    /** Whether the reason of the link's end is known, so that the connection's end tells nothing more. */
    private boolean over;

    TlsLink(int peer, TlsConnection connection, Inbox inbox, long bytesInFlight) {
        this.peer = peer;
        this.connection = connection;
        this.inbox = inbox;
        this.outbound = new InFlight(bytesInFlight);
    }

    TlsConnection connection() {
        return connection;
    }

    /** The bytes sent and not yet taken by the socket. */
    InFlight outbound() {
        return outbound;
    }

    /** Sends a message whose bytes were counted into {@link #outbound}. */
    void send(Frame message) {
        int bytes = message.payload().length;
        connection.send(message, () -> outbound.remove(bytes));
    }

    @Override
    public void secured(TlsConnection same, X509Certificate certificate) {
        violated("party " + peer + " began the TLS handshake again");
    }

    @Override
    public void received(TlsConnection same, Frame frame) {
        switch (frame.type()) {
            case DATA -> deliver(frame);
            case ABORT -> inbox.abort(frame.tag().request(), peer);
            case FAREWELL -> farewell(frame.depth() != 0);
            case PING -> { }
            case HELLO, WELCOME, REFUSED -> violated("party " + peer + " greeted again");
        }
    }

    private void deliver(Frame frame) {
        InFlight held = inbox.held(peer);
        held.add(frame.payload().length);
        if (!inbox.deliver(peer, frame.tag(), new Message(frame.payload(), frame.phase(), frame.depth()))) {
            violated("party " + peer + " used a tag twice (" + frame.tag() + ")");
            return;
        }
        if (!paused && held.full()) {
            paused = true;
            connection.read(false);
            held.whenRoom(() -> connection.execute(this::resume));
        }
    }

    private void resume() {
        paused = false;
        connection.read(true);
    }

    /** The peer sends no more: whatever it sent has arrived, and nothing of ours will be received, so both directions are done. */
    private void farewell(boolean complaint) {
        over = true;
        end(complaint ? Failure.violation("party " + peer + " ended the link because this party broke its rules") : Failure.closedThere(peer));
        connection.close();
    }

    private void violated(String what) {
        over = true;
        end(Failure.violation(what));
        connection.send(Frame.farewell(true));
        connection.fail(new MalformedFrameException(what));
    }

    @Override
    public void ended(TlsConnection same, @Nullable Throwable cause) {
        if (over) {
            return;
        }
        end(switch (cause) {
            case null -> Failure.peerFailed(peer, "closed the connection without a farewell");
            case MalformedFrameException malformed -> Failure.violation("party " + peer + " sent nonsense: " + malformed.getMessage());
            default -> Failure.peerFailed(peer, "is out of reach: " + cause);
        });
    }

    /** Ends the link, unless it has ended for another reason before. */
    void end(Failure failure) {
        inbox.end(peer, failure);
        outbound.wake();
    }
}
