package dev.sardonyx.transport.http;

import java.time.Duration;

/**
 * Bounds of an HTTP port. A connection asks one thing at a time; what it sends ahead is not read before the answer is out.
 *
 * @param connections at one time; more are refused with status 503
 * @param bodyBytes longest body of a question; a longer one is refused with status 413
 * @param allBodyBytes what the bodies of all questions may take together; beyond it, status 503
 * @param headDeadline how long a connection may take until a question's headers are there, the pause before it included
 * @param bodyDeadline how long a body may take after its headers
 * @param answerDeadline how long the other side may take to read an answer
 */
public record HttpLimits(int connections, int bodyBytes, long allBodyBytes, Duration headDeadline, Duration bodyDeadline, Duration answerDeadline) {
    private static final int MIB = 1 << 20;

    /** For probes and metrics: hardly any body, few connections. */
    public static final HttpLimits SMALL = new HttpLimits(64, 1 << 12, 1 << 18, Duration.ofSeconds(30), Duration.ofSeconds(5), Duration.ofSeconds(10));

    /** For tensors. */
    public static final HttpLimits LARGE = new HttpLimits(256, 64 * MIB, 256L * MIB, Duration.ofSeconds(60), Duration.ofSeconds(30), Duration.ofSeconds(30));

    public HttpLimits {
        if (connections < 1 || bodyBytes < 0 || allBodyBytes < bodyBytes) {
            throw new IllegalArgumentException(connections + " connections, bodies of " + bodyBytes + " bytes, " + allBodyBytes
                    + " together; expected at least one connection and room for one body");
        }
        if (!headDeadline.isPositive() || !bodyDeadline.isPositive() || !answerDeadline.isPositive()) {
            throw new IllegalArgumentException("deadlines " + headDeadline + ", " + bodyDeadline + ", " + answerDeadline + "; expected more than nothing");
        }
    }

    /** These with another bound of bodies; all together may take four of them, or what they may now. */
    public HttpLimits withBodyBytes(int bytes) {
        return new HttpLimits(connections, bytes, Math.max(allBodyBytes, 4L * bytes), headDeadline, bodyDeadline, answerDeadline);
    }

    public HttpLimits withConnections(int count) {
        return new HttpLimits(count, bodyBytes, allBodyBytes, headDeadline, bodyDeadline, answerDeadline);
    }

    public HttpLimits withDeadlines(Duration head, Duration body, Duration answer) {
        return new HttpLimits(connections, bodyBytes, allBodyBytes, head, body, answer);
    }
}
