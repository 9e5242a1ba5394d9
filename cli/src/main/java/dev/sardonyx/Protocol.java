package dev.sardonyx;

import dev.sardonyx.secureops.protocol.plaintext.PlaintextProtocol;
import dev.sardonyx.secureops.protocol.replicated3.Replicated3;
import java.util.Arrays;
import java.util.Optional;

/** The sharing schemes that can be chosen. */
public enum Protocol {
    /** Three parties, each of which may be curious by itself: replicated secret sharing in Z_2^64. */
    REPLICATED_3("replicated3", true),
    /** One party that sees everything: the same plans and kernels without secrecy, for tests and for telling errors apart. */
    INSECURE_PLAINTEXT("plaintext", false);

    private final String label;
    private final boolean secure;

    Protocol(String label, boolean secure) {
        this.label = label;
        this.secure = secure;
    }

    /** The name on the command line. */
    public String label() {
        return label;
    }

    /** Whether anything is kept secret. */
    public boolean isSecure() {
        return secure;
    }

    /** The protocol under this name. */
    public static Optional<Protocol> named(String label) {
        return Arrays.stream(values()).filter(protocol -> protocol.label.equals(label)).findFirst();
    }

    /** The scheme itself. */
    public dev.sardonyx.secureops.protocol.Protocol implementation() {
        return switch (this) {
            case REPLICATED_3 -> new Replicated3();
            case INSECURE_PLAINTEXT -> new PlaintextProtocol();
        };
    }
}
