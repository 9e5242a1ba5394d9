package dev.sardonyx.transport.http;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;

/**
 * What is sent back. The body's arrays belong to whoever sends it.
 *
 * @param status 200 to 599
 * @param headers besides length and connection, which are added
 * @param body parts that are sent one after the other
 */
public record HttpAnswer(int status, Map<String, String> headers, List<byte[]> body) {
    private static final int LEAST_STATUS = 200;
    private static final int MOST_STATUS = 599;

    public HttpAnswer {
        if (status < LEAST_STATUS || status > MOST_STATUS) {
            throw new IllegalArgumentException("status " + status + "; expected " + LEAST_STATUS + " to " + MOST_STATUS);
        }
        headers = Map.copyOf(headers);
        body = List.copyOf(body);
    }

    /** A text of some type. */
    public static HttpAnswer text(int status, String type, String text) {
        return new HttpAnswer(status, Map.of("content-type", type), List.of(text.getBytes(StandardCharsets.UTF_8)));
    }

    /** Bytes of the body. */
    public long length() {
        return body.stream().mapToLong(part -> part.length).sum();
    }

    @Override
    public String toString() {
        return "HttpAnswer[" + status + ", " + length() + " bytes]";
    }
}
