package dev.sardonyx.cli.service;

import dev.sardonyx.cli.events.PlainText;
import dev.sardonyx.cli.service.ServiceException.Kind;
import dev.sardonyx.secureops.execute.Blame;
import dev.sardonyx.transport.Deadline;
import dev.sardonyx.transport.TlsChannel;
import dev.sardonyx.transport.TransportException;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Supplier;
import java.time.Duration;

/**
 * What owners and parties say to each other over a {@link TlsChannel}: one message with a verb, named texts and the length of a body,
 * then the body in messages of at most {@value #CHUNK} bytes.
 *
 * @param verb what is wanted, or how it went
 * @param fields named texts
 * @param bodyLength bytes that follow
 */
record Envelope(String verb, Map<String, String> fields, long bodyLength) {
    /** Bytes of a body that travel in one message. */
    static final int CHUNK = 1 << 18;

    /** The longest message of all. */
    static final int LONGEST_MESSAGE = CHUNK;

    static final String OK = "ok";
    static final String FAILED = "failed";

    private static final int VERSION = 2;
    private static final int LONGEST_HEAD = 1 << 16;
    private static final int MOST_FIELDS = 32;

    Envelope {
        fields = Map.copyOf(fields);
    }

    static Envelope of(String verb, String... namesAndValues) {
        var fields = new LinkedHashMap<String, String>();
        for (int i = 0; i < namesAndValues.length; i += 2) {
            fields.put(namesAndValues[i], namesAndValues[i + 1]);
        }
        return new Envelope(verb, fields, 0);
    }

    static Envelope failure(ServiceException failure) {
        return of(FAILED).withReason(failure);
    }

    /** This, and why it is said; {@link #reason} reads it. */
    Envelope withReason(ServiceException failure) {
        String message = String.valueOf(failure.getMessage());
        var more = new LinkedHashMap<>(fields);
        more.put("kind", failure.kind().name());
        more.put("message", message.length() > 4000 ? message.substring(0, 4000) : message);
        more.put("blame", failure.blame().toString());
        return new Envelope(verb, more, bodyLength);
    }

    /** What {@link #withReason} wrote, or whoever else is at the other end: its text comes from there and ends on a terminal. */
    ServiceException reason() {
        Kind kind = Arrays.stream(Kind.values()).filter(each -> each.name().equals(fields.get("kind"))).findFirst().orElse(Kind.PARTY_FAILED);
        return new ServiceException(kind, PlainText.of(field("message")), Blame.parse(fields.getOrDefault("blame", "")));
    }

    String field(String name) {
        String value = fields.get(name);
        if (value == null) {
            throw new ServiceException(Kind.BAD_REQUEST, "'" + verb + "' without '" + name + "'");
        }
        return value;
    }

    long number(String name) {
        try {
            return Long.parseLong(field(name));
        } catch (NumberFormatException e) {
            throw new ServiceException(Kind.BAD_REQUEST, "'" + name + "' of '" + verb + "' is no whole number");
        }
    }

    /** This answer, or the failure that it tells of. */
    Envelope orThrow() {
        if (verb.equals(FAILED)) {
            throw reason();
        }
        return this;
    }

    void send(TlsChannel channel) {
        send(channel, new byte[0]);
    }

    /** Sends this with a body. */
    void send(TlsChannel channel, byte[] body) {
        channel.send(head(body.length));
        for (int from = 0; from < body.length; from += CHUNK) {
            channel.send(Arrays.copyOfRange(body, from, Math.min(body.length, from + CHUNK)));
        }
    }

    /** The first message alone, for a body that the caller sends. */
    byte[] head(long length) {
        var bytes = new ByteArrayOutputStream();
        try (var out = new DataOutputStream(bytes)) {
            out.writeByte(VERSION);
            out.writeUTF(verb);
            out.writeByte(fields.size());
            for (var entry : fields.entrySet()) {
                out.writeUTF(entry.getKey());
                out.writeUTF(entry.getValue());
            }
            out.writeLong(length);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }

    /**
     * Waits for the next envelope; its body is still to be read.
     *
     * @throws dev.sardonyx.transport.TransportException where none comes
     * @throws ServiceException where what comes is none
     */
    static Envelope receive(TlsChannel channel, Deadline deadline) {
        return parse(channel.receive(deadline));
    }

    /** The envelope that a first message holds. */
    static Envelope parse(byte[] message) {
        if (message.length > LONGEST_HEAD) {
            throw new ServiceException(Kind.BAD_REQUEST, "an envelope of " + message.length + " bytes; expected at most " + LONGEST_HEAD);
        }
        try (var in = new DataInputStream(new ByteArrayInputStream(message))) {
            int version = in.readUnsignedByte();
            if (version != VERSION) {
                throw new ServiceException(Kind.BAD_REQUEST, "envelope version " + version + "; this side speaks " + VERSION);
            }
            String verb = in.readUTF();
            int count = in.readUnsignedByte();
            if (count > MOST_FIELDS) {
                throw new ServiceException(Kind.BAD_REQUEST, "an envelope of " + count + " fields; expected at most " + MOST_FIELDS);
            }
            var fields = new LinkedHashMap<String, String>();
            for (int i = 0; i < count; i++) {
                fields.put(in.readUTF(), in.readUTF());
            }
            long length = in.readLong();
            if (length < 0 || in.read() >= 0) {
                throw new ServiceException(Kind.BAD_REQUEST, "a malformed envelope");
            }
            return new Envelope(verb, fields, length);
        } catch (IOException e) {
            throw new ServiceException(Kind.BAD_REQUEST, "a malformed envelope");
        }
    }

    /** As {@link #body(TlsChannel, Supplier)} with one deadline for all of it. */
    byte[] body(TlsChannel channel, Deadline deadline) {
        return body(channel, () -> deadline);
    }

    /** The body, which the caller has found not to be too long. @param deadlines one for each part */
    byte[] body(TlsChannel channel, Supplier<Deadline> deadlines) {
        if (bodyLength > Integer.MAX_VALUE - 8) {
            throw new ServiceException(Kind.BAD_REQUEST, "a body of " + bodyLength + " bytes");
        }
        byte[] body = new byte[(int) bodyLength];
        int at = 0;
        while (at < body.length) {
            byte[] part = channel.receive(deadlines.get());
            if (part.length > body.length - at) {
                throw new ServiceException(Kind.BAD_REQUEST, "a body longer than announced");
            }
            System.arraycopy(part, 0, body, at, part.length);
            at += part.length;
        }
        return body;
    }

    /**
     * The body as a stream; each part of it is waited for as long as {@code patience}, and no longer than what has come so far allows.
     *
     * @param slowest bytes a second that must have come at every time, but for one {@code patience}
     */
    InputStream bodyStream(TlsChannel channel, Duration patience, long slowest) {
        long began = System.nanoTime();
        return new InputStream() {
            private long left = bodyLength;
            private byte[] part = new byte[0];
            private int at;

            private byte[] next() {
                Duration due = patience.plusSeconds((bodyLength - left) / slowest).minusNanos(System.nanoTime() - began);
                boolean slow = due.compareTo(patience) < 0;
                try {
                    return channel.receive(Deadline.in(slow ? due : patience));
                } catch (TransportException e) {
                    throw slow && e.kind() == TransportException.Kind.TIMEOUT
                            ? new ServiceException(Kind.REFUSED, "a body that comes at less than " + slowest + " bytes a second", e)
                            : e;
                }
            }

            @Override
            public int read() {
                byte[] one = new byte[1];
                return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
            }

            @Override
            public int read(byte[] into, int from, int length) {
                if (length == 0) {
                    return 0;
                }
                if (at == part.length) {
                    if (left == 0) {
                        return -1;
                    }
                    part = next();
                    at = 0;
                    if (part.length > left) {
                        throw new ServiceException(Kind.BAD_REQUEST, "a body longer than announced");
                    }
                    left -= part.length;
                }
                int count = Math.min(length, part.length - at);
                System.arraycopy(part, at, into, from, count);
                at += count;
                return count;
            }
        };
    }
}
