package dev.sardonyx.transport;

import dev.sardonyx.transport.FrameParser.MalformedFrameException;
import dev.sardonyx.transport.TransportException.Kind;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.Optional;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * A secured connection outside any session: messages in order, both ways, as two ends want. Each end says that it is there while it has
 * nothing to send, so that a silent peer is noticed at {@link TlsOptions#silenceDeadline}. What was received and not yet taken is
 * bounded: beyond {@link TlsOptions#bytesInFlight} the peer's sending stalls. Calls block; one thread receives
 * at a time.
 */
public final class TlsChannel implements AutoCloseable, TlsConnection.Listener {

    private static final Tag TAG = new Tag(0, 0, 0, 0);

    /** Wakes whoever receives once no more will come. */
    private static final byte[] END = new byte[0];

    private final TlsConnection connection;
    private final X509Certificate peer;
    private final TlsOptions options;
    private final InFlight outbound;
    private final InFlight held;
    private final ConcurrentLinkedQueue<byte[]> arrived = new ConcurrentLinkedQueue<>();
    private volatile @Nullable Thread receiver;
    private final AtomicReference<@Nullable TransportException> over = new AtomicReference<>();
    private volatile Runnable onEnd = () -> {};
    private boolean paused;

    TlsChannel(TlsConnection connection, X509Certificate peer, TlsOptions options) {
        this.connection = connection;
        this.peer = peer;
        this.options = options;
        this.outbound = new InFlight(options.bytesInFlight());
        this.held = new InFlight(options.bytesInFlight());
    }

    /** Who is at the other end. */
    public X509Certificate peer() {
        return peer;
    }

    /** The other end's address, for messages. */
    public String remote() {
        return connection.remote();
    }

    /** Why the connection is over, where it is. */
    public Optional<TransportException> ended() {
        return Optional.ofNullable(over.get());
    }

    /** Runs something once the connection is over; at once if it is. Replaces what was set before. */
    public void whenEnded(Runnable action) {
        onEnd = action;
        if (over.get() != null) {
            action.run();
        }
    }

    /**
     * Sends a message; waits while as many bytes as allowed wait for the network.
     *
     * @param message at most {@link TlsOptions#maxPayloadBytes} long, not empty; handed over
     * @throws TransportException where the connection is over, or stayed full until the send deadline
     */
    public void send(byte[] message) {
        if (message.length == 0 || message.length > options.maxPayloadBytes()) {
            throw new IllegalArgumentException("message of " + message.length + " bytes; expected 1 to " + options.maxPayloadBytes());
        }
        Deadline deadline = Deadline.in(options.sendDeadline());
        try {
            if (!outbound.acquire(message.length, deadline, () -> over.get() != null)) {
                TransportException reason = over.get();
                throw reason != null ? again(reason) : new TransportException(Kind.TIMEOUT, remote() + " took nothing within the " + deadline);
            }
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new TransportException(Kind.INTERRUPTED, "interrupted while sending to " + remote());
        }
        connection.send(Frame.data(TAG, Phase.ONLINE, 0, message), () -> outbound.remove(message.length));
    }

    /**
     * Waits for the next message, which belongs to the caller.
     *
     * @throws TransportException where none comes by the deadline or the connection is over
     */
    public byte[] receive(Deadline deadline) {
        try {
            byte[] message = next(deadline);
            if (message == null) {
                throw new TransportException(Kind.TIMEOUT, "nothing came from " + remote() + " within the " + deadline);
            }
            if (message == END) {
                arrive(END);
                TransportException reason = over.get();
                throw reason != null ? again(reason) : new TransportException(Kind.CLOSED, remote() + " is gone");
            }
            held.remove(message.length);
            return message;
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new TransportException(Kind.INTERRUPTED, "interrupted while waiting for " + remote());
        }
    }

    /** Waits for what comes next; null where nothing does by the deadline. */
    private byte @Nullable [] next(Deadline deadline) throws InterruptedException {
        byte[] message = arrived.poll();
        if (message != null) {
            return message;
        }
        Thread self = Thread.currentThread();
        receiver = self;
        // Others have alarm clocks of their own at no cost, and wait for days: the common clock would look at them all that time.
        if (self.isVirtual()) {
            Deadlines.enter(deadline, Waiting.PARKED);
        }
        try {
            for (message = arrived.poll(); message == null && !deadline.expired(); message = arrived.poll()) {
                if (Thread.interrupted()) {
                    throw new InterruptedException();
                }
                if (self.isVirtual()) {
                    LockSupport.park(this);
                } else {
                    LockSupport.parkNanos(this, deadline.remainingNanos());
                }
            }
            return message;
        } finally {
            receiver = null;
            if (self.isVirtual()) {
                Deadlines.leave();
            }
        }
    }

    private void arrive(byte[] message) {
        // A receiver says that it waits before it looks for the last time.
        arrived.add(message);
        LockSupport.unpark(receiver);
    }

    private static TransportException again(TransportException reason) {
        return (TransportException) new TransportException(reason.kind(), String.valueOf(reason.getMessage())).initCause(reason);
    }

    @Override
    public void secured(TlsConnection same, X509Certificate certificate) {
        violated("began the TLS handshake again");
    }

    @Override
    public void received(TlsConnection same, Frame frame) {
        switch (frame.type()) {
            case DATA -> deliver(frame.payload());
            case PING -> { }
            case FAREWELL -> {
                end(new TransportException(Kind.CLOSED, remote() + " closed the connection"));
                connection.close();
            }
            case HELLO, WELCOME, REFUSED, ABORT -> violated("sent a " + frame.type() + " frame");
        }
    }

    private void deliver(byte[] message) {
        if (message.length == 0) {
            violated("sent an empty message");
            return;
        }
        held.add(message.length);
        arrive(message);
        if (!paused && held.full()) {
            paused = true;
            connection.read(false);
            held.whenRoom(() -> connection.execute(() -> {
                paused = false;
                connection.read(true);
            }));
        }
    }

    private void violated(String what) {
        end(new TransportException(Kind.PROTOCOL_VIOLATION, remote() + " " + what));
        connection.fail(new MalformedFrameException(what));
    }

    @Override
    public void ended(TlsConnection same, @Nullable Throwable cause) {
        end(failure(remote(), cause));
    }

    /** What the end of a connection means for whoever waits. */
    static TransportException failure(String who, @Nullable Throwable cause) {
        CertificateException complaint = cause == null ? null : PinnedTrust.complaint(cause);
        if (complaint != null) {
            return new TransportException(Kind.AUTHENTICATION, who + " presented a certificate that is not accepted here: " + complaint.getMessage());
        }
        return switch (cause) {
            case null -> new TransportException(Kind.PEER_FAILED, who + " closed the connection without a farewell");
            case MalformedFrameException malformed -> new TransportException(Kind.PROTOCOL_VIOLATION, who + " sent nonsense: " + malformed.getMessage());
            default -> TlsDialer.isAlert(cause)
                    ? new TransportException(Kind.AUTHENTICATION, who + " refused the certificate it was shown: " + cause.getMessage())
                    : new TransportException(Kind.PEER_FAILED, who + " is out of reach: " + cause);
        };
    }

    private void end(TransportException reason) {
        if (over.compareAndSet(null, reason)) {
            arrive(END);
            outbound.wake();
            onEnd.run();
        }
    }

    /** Sends what is queued, says farewell and closes. Idempotent. */
    @Override
    public void close() {
        if (over.get() == null) {
            connection.send(Frame.farewell(false));
            end(new TransportException(Kind.CLOSED, "the connection to " + remote() + " was closed here"));
        }
        connection.close();
    }
}
