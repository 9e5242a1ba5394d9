package dev.sardonyx.transport;

import java.time.Duration;
import java.util.Objects;

/**
 * Bounds of TLS links. All parties of a session are best given the same.
 *
 * @param handshakeDeadline how long a connection may take to prove itself and greet; then it is closed
 * @param silenceDeadline   how long a linked peer may be silent, though it says four times as often that it is there; then it has failed
 * @param sendDeadline      how long a sender waits for room
 * @param lingerDeadline    how long closing waits for peers to take what was sent before
 * @param bytesInFlight     the most bytes a directed link holds at its sender, and again at its receiver, before senders wait; a link
 *                          that holds none admits any message
 * @param maxPayloadBytes   the longest payload sent or accepted; a peer can make this party allocate as much per link
 */
public record TlsOptions(
        Duration handshakeDeadline,
        Duration silenceDeadline,
        Duration sendDeadline,
        Duration lingerDeadline,
        long bytesInFlight,
        int maxPayloadBytes) {

    public static final TlsOptions DEFAULT = new TlsOptions(Duration.ofSeconds(10), Duration.ofSeconds(10), Duration.ofSeconds(60),
            Duration.ofSeconds(5), 256L << 20, 1 << 29);

    public TlsOptions {
        Objects.requireNonNull(handshakeDeadline, "handshakeDeadline");
        Objects.requireNonNull(sendDeadline, "sendDeadline");
        Objects.requireNonNull(lingerDeadline, "lingerDeadline");
        if (silenceDeadline.toMillis() < 4) {
            throw new IllegalArgumentException("silence deadline of " + silenceDeadline + "; expected 4 ms or more");
        }
        if (bytesInFlight < 0) {
            throw new IllegalArgumentException("bound of " + bytesInFlight + " bytes in flight; expected 0 or more");
        }
        if (maxPayloadBytes < 1) {
            throw new IllegalArgumentException("longest payload of " + maxPayloadBytes + " bytes; expected 1 or more");
        }
    }

    public TlsOptions withHandshakeDeadline(Duration deadline) {
        return new TlsOptions(deadline, silenceDeadline, sendDeadline, lingerDeadline, bytesInFlight, maxPayloadBytes);
    }

    public TlsOptions withSilenceDeadline(Duration deadline) {
        return new TlsOptions(handshakeDeadline, deadline, sendDeadline, lingerDeadline, bytesInFlight, maxPayloadBytes);
    }

    public TlsOptions withSendDeadline(Duration deadline) {
        return new TlsOptions(handshakeDeadline, silenceDeadline, deadline, lingerDeadline, bytesInFlight, maxPayloadBytes);
    }

    public TlsOptions withLingerDeadline(Duration deadline) {
        return new TlsOptions(handshakeDeadline, silenceDeadline, sendDeadline, deadline, bytesInFlight, maxPayloadBytes);
    }

    public TlsOptions withBytesInFlight(long bytes) {
        return new TlsOptions(handshakeDeadline, silenceDeadline, sendDeadline, lingerDeadline, bytes, maxPayloadBytes);
    }

    public TlsOptions withMaxPayloadBytes(int bytes) {
        return new TlsOptions(handshakeDeadline, silenceDeadline, sendDeadline, lingerDeadline, bytesInFlight, bytes);
    }
}
