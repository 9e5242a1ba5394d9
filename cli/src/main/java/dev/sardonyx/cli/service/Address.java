package dev.sardonyx.cli.service;

import dev.sardonyx.transport.TransportException;
import java.net.InetSocketAddress;
import java.util.function.Supplier;

/** A host and a port, as {@code host:port} or {@code [v6]:port}. */
record Address(String host, int port) {
    private static final int MOST_PORT = 65_535;

    /** @throws IllegalArgumentException saying what is wrong */
    static Address parse(String text) {
        int colon = text.lastIndexOf(':');
        String host = colon < 0 ? "" : text.substring(0, colon);
        if (host.startsWith("[") && host.endsWith("]")) {
            host = host.substring(1, host.length() - 1);
        }
        try {
            int port = Integer.parseInt(text.substring(colon + 1));
            if (!host.isEmpty() && port >= 0 && port <= MOST_PORT) {
                return new Address(host, port);
            }
        } catch (NumberFormatException e) {
            // Said below.
        }
        throw new IllegalArgumentException("is '" + text + "'; expected HOST:PORT");
    }

    InetSocketAddress unresolved() {
        return InetSocketAddress.createUnresolved(host, port);
    }

    InetSocketAddress resolved() {
        return new InetSocketAddress(host, port);
    }

    /** Listens somewhere; where that fails, it is said which key of a party's file names the address. */
    static <T> T listening(String key, Supplier<T> listen) {
        try {
            return listen.get();
        } catch (TransportException e) {
            throw (TransportException) new TransportException(e.kind(), e.getMessage() + "; another process may use the port: end it, or change '" + key
                    + "' in this party's file").initCause(e);
        }
    }

    @Override
    public String toString() {
        return (host.contains(":") ? "[" + host + "]" : host) + ":" + port;
    }
}
