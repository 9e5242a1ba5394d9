package dev.sardonyx.secureops.protocol;

import dev.sardonyx.secureops.protocol.plaintext.PlaintextProtocol;

/** The common suite on {@link PlaintextProtocol}. */
final class PlaintextProtocolTest extends ProtocolConformance {
    @Override
    Protocol protocol() {
        return new PlaintextProtocol();
    }
}
