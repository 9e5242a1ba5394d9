package dev.sardonyx;

import dev.sardonyx.secureops.protocol.Protocols;
import java.util.List;
import java.util.Optional;

/**
 * A sharing scheme that can be chosen; {@link #named} finds each by the name it has on the command line.
 *
 * @param implementation the scheme itself
 */
public record Protocol(dev.sardonyx.secureops.protocol.Protocol implementation) {
    /** Three parties, each of which may be curious by itself: replicated secret sharing in Z_2^64. */
    public static final Protocol REPLICATED_3 = known("replicated3");
    /** One party that sees everything: the same plans and kernels without secrecy, for tests and for telling errors apart. */
    public static final Protocol INSECURE_PLAINTEXT = known("plaintext");

    private static Protocol known(String label) {
        return named(label).orElseThrow(() -> new IllegalStateException("no protocol is named " + label));
    }

    /** The name on the command line. */
    public String label() {
        return implementation.name();
    }

    /** Whether anything is kept secret. */
    public boolean isSecure() {
        return Protocols.secure().contains(implementation);
    }

    /** The protocol under this name. */
    public static Optional<Protocol> named(String label) {
        return Protocols.named(label).map(Protocol::new);
    }

    /** Names of the protocols that keep something secret, the default first. */
    public static List<String> secureLabels() {
        return Protocols.secure().stream().map(dev.sardonyx.secureops.protocol.Protocol::name).toList();
    }

    @Override
    public String toString() {
        return label();
    }
}
