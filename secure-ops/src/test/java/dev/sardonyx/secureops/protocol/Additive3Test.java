package dev.sardonyx.secureops.protocol;

/** The interface suffices for a protocol that has nothing in common with the others: {@link Additive3} passes the common suite. */
final class Additive3Test extends ProtocolConformance {
    @Override
    Protocol protocol() {
        return new Additive3();
    }
}
