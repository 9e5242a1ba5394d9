package dev.sardonyx.cli.service;

import java.net.InetSocketAddress;

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

    @Override
    public String toString() {
        return (host.contains(":") ? "[" + host + "]" : host) + ":" + port;
    }
}
