package dev.sardonyx.secureops.protocol;

import dev.sardonyx.secureops.protocol.dealer2.Dealer2;
import dev.sardonyx.secureops.protocol.plaintext.PlaintextProtocol;
import dev.sardonyx.secureops.protocol.replicated3.Replicated3;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The sharing schemes that can be chosen by name. The one place that knows them all. */
public final class Protocols {
    /** By name, the default first. Protocols have no state: one object serves everybody. */
    private static final Map<String, Protocol> TABLE = table(new Replicated3(), new Dealer2(), new PlaintextProtocol());

    private Protocols() {
    }

    private static Map<String, Protocol> table(Protocol... protocols) {
        var table = new LinkedHashMap<String, Protocol>();
        for (Protocol protocol : protocols) {
            if (table.put(protocol.name(), protocol) != null) {
                throw new IllegalStateException("two protocols are named " + protocol.name());
            }
        }
        return Collections.unmodifiableMap(table);
    }

    /** All protocols, the default first. */
    public static List<Protocol> all() {
        return List.copyOf(TABLE.values());
    }

    /** Those that keep something secret, the default first. */
    public static List<Protocol> secure() {
        return TABLE.values().stream().filter(protocol -> protocol.parties() > 1).toList();
    }

    /** The protocol of this name. */
    public static Optional<Protocol> named(String name) {
        return Optional.ofNullable(TABLE.get(name));
    }
}
