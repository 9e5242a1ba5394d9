package dev.sardonyx.transport.http;

import java.util.Map;
import java.util.Optional;

/**
 * What is asked. The body's array belongs to whoever is asked.
 *
 * @param method such as {@code GET}
 * @param path as it was sent, percent signs and all, without the query
 * @param headers by name in lower case; of repeated ones the first
 * @param body all of it; empty where there is none
 * @param asker who waits for the answer, to be looked at between steps that take long
 */
public record HttpQuestion(String method, String path, Map<String, String> headers, byte[] body, HttpAsker asker) {
    public HttpQuestion {
        headers = Map.copyOf(headers);
    }

    /** A header's value. @param name in lower case */
    public Optional<String> header(String name) {
        return Optional.ofNullable(headers.get(name));
    }

    /** Whether a page in a browser asks, by a script. */
    public boolean isOfAPage() {
        return headers.containsKey("origin");
    }

    /**
     * Whether it is asked by a name that only this machine has for itself. By another one a page in a browser may ask, whose name service
     * leads to this machine.
     */
    public boolean isAskedLocally() {
        String host = headers.getOrDefault("host", "");
        String name = host.startsWith("[") ? host.replaceFirst("\\]:\\d+$", "]") : host.replaceFirst(":\\d+$", "");
        return name.equals("localhost") || name.matches("127(\\.\\d{1,3}){3}") || name.equals("[::1]");
    }

    @Override
    public String toString() {
        return "HttpQuestion[" + method + ", " + body.length + " bytes]";
    }
}
