package dev.sardonyx.secureops.protocol;

import dev.sardonyx.secureops.protocol.plaintext.PlaintextProtocol;

/** The common suite on {@link PlaintextProtocol}. */
final class PlaintextTest extends ProtocolConformance {
    @Override
    Protocol protocol() {
        return new PlaintextProtocol();
    }
}
