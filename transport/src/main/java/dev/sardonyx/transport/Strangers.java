package dev.sardonyx.transport;

import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Connections that have not greeted yet. They are bounded in number, so that strangers cannot use up memory; where one more comes, the
 * oldest of the address with the most of them goes, so that connections held open in silence lock nobody else out.
 */
final class Strangers {

    /** More than any port's owners connect at once; each costs the state of one TLS handshake. */
    static final int MOST = 256;

    private final Map<TlsConnection, Object> waiting = new LinkedHashMap<>();

    /** Takes a connection in, and gives the one that has to go for it. */
    synchronized Optional<TlsConnection> add(TlsConnection connection, SocketAddress from) {
        waiting.put(connection, from instanceof InetSocketAddress address ? address.getAddress() : from);
        if (waiting.size() <= MOST) {
            return Optional.empty();
        }
        Map<Object, Integer> counts = new HashMap<>();
        waiting.values().forEach(address -> counts.merge(address, 1, Integer::sum));
        int most = counts.values().stream().mapToInt(Integer::intValue).max().orElseThrow();
        for (Iterator<Map.Entry<TlsConnection, Object>> oldest = waiting.entrySet().iterator(); oldest.hasNext();) {
            Map.Entry<TlsConnection, Object> next = oldest.next();
            if (counts.get(next.getValue()) == most) {
                oldest.remove();
                return Optional.of(next.getKey());
            }
        }
        throw new IllegalStateException("more than " + MOST + " connections and none of them");
    }

    /** A connection has greeted or is gone. */
    synchronized void remove(TlsConnection connection) {
        waiting.remove(connection);
    }
}
