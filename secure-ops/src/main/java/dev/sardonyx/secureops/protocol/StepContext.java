package dev.sardonyx.secureops.protocol;

import dev.sardonyx.transport.Phase;
import java.util.function.Consumer;

/**
 * What a protocol may use while it runs one step at one party: links to the other roles and randomness in common with each of them.
 *
 * <p>A role is a party's part in a lane: role r of a lane rotated by h is played by party {@code (h + r) mod parties}, so that the
 * load of unequal roles spreads over lanes. Draws are named by (request, lane, step, purpose); both sides of a pair must draw in the
 * same order, which they do because they run the same plan.
 */
public interface StepContext {
    /** The role this party plays. */
    int role();

    /**
     * Sends to another role; the payload is given up. Online messages count towards the depth of the chain. May wait until the link has
     * room: where the receiver sends something itself before it receives this, both sides use {@link #exchange}.
     */
    void send(int role, Phase phase, byte[] payload);

    /** Waits for the next message of this step from another role, which must be {@code length} bytes long. */
    byte[] receive(int role, int length);

    /**
     * Sends to role {@code to} and waits for the next message of this step from role {@code from}, which must be {@code length} bytes
     * long. As {@link #send} and then {@link #receive}, except that full links cannot make the roles of a ring wait for each other.
     */
    byte[] exchange(int to, Phase phase, byte[] payload, int from, int length);

    /**
     * The last exchange of a step: as {@link #exchange}, but what comes goes to {@code use}, perhaps after the step's method has returned, and
     * before anybody reads the step's results. So one thread may begin several independent steps before it waits for the first.
     */
    default void exchangeLast(int to, Phase phase, byte[] payload, int from, int length, Consumer<byte[]> use) {
        use.accept(exchange(to, phase, payload, from, length));
    }

    /** {@code count} fresh numbers uniform modulo 2^width that this party and the other role draw alike (bits above width are 0). */
    long[] common(int role, int count, int width);

    /** {@code count} fresh uniform words that this party and the other role draw alike. */
    default long[] commonWords(int role, int count) {
        return common(role, count, 64);
    }
}
