package dev.sardonyx.secureops.protocol;

import dev.sardonyx.secureops.protocol.replicated3.Replicated3;

/** The common suite on {@link Replicated3}. */
final class Replicated3Test extends ProtocolConformance {
    @Override
    Protocol protocol() {
        return new Replicated3();
    }
}
