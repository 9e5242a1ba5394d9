package dev.sardonyx.transport;

import java.util.Objects;

/**
 * A message as its receiver gets it.
 *
 * @param payload owned by the receiver from now on; its content is the caller's secret and is never printed
 * @param phase   as stated by the sender
 * @param depth   as stated by the sender: the message's place in the chain of dependent messages, from 1
 */
public record Message(byte[] payload, Phase phase, int depth) {

    public Message {
        Objects.requireNonNull(payload, "payload");
        Objects.requireNonNull(phase, "phase");
    }

    @Override
    public String toString() {
        return "Message[" + payload.length + " bytes, " + phase + ", depth " + depth + "]";
    }
}
