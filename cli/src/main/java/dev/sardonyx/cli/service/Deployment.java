package dev.sardonyx.cli.service;

import dev.sardonyx.cli.service.ServiceException.Kind;
import dev.sardonyx.transport.Deadline;
import dev.sardonyx.transport.TlsChannel;
import java.io.ByteArrayOutputStream;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.function.BiConsumer;
import java.util.function.IntConsumer;
import java.util.function.IntFunction;

/**
 * A model on its way to the parties, over one connection to each: a head, a body, and once all parties have stored them, the word to use
 * them. What is closed before that word was answered is taken back.
 */
final class Deployment implements AutoCloseable {
    /** How long a party may take to store a model or to use it: parties wait no longer for the word that follows. */
    private static final Duration STAGE = Duration.ofMinutes(2);

    private final PartyConnections connections;
    private final AtomicReferenceArray<Chunks> bodies;
    private volatile boolean over;
    private boolean done;

    Deployment(PartyConnections connections) {
        this.connections = connections;
        this.bodies = new AtomicReferenceArray<>(connections.parties());
    }

    /** Connects to every party and sends it its head. */
    void begin(IntFunction<byte[]> heads) {
        together(party -> {
            var body = new Chunks(connections.channel(party));
            bodies.set(party, body);
            if (over) {
                body.channel.close();
            }
            PartyConnections.sending(body.channel, () -> body.channel.send(heads.apply(party)));
        });
    }

    private void each(BiConsumer<Chunks, Integer> action) {
        together(party -> action.accept(Objects.requireNonNull(bodies.get(party)), party));
    }

    private void together(IntConsumer action) {
        connections.together(party -> connections.naming(party, () -> {
            action.accept(party);
            return party;
        }));
    }

    /** Sends every party the next part of its body; returns when all connections have taken theirs. */
    void send(List<byte[]> byParty) {
        each((body, party) -> PartyConnections.sending(body.channel, () -> body.write(byParty.get(party))));
    }

    /** Sends what is left of the bodies, and waits until all parties have stored them. */
    void store() {
        each((body, _) -> {
            PartyConnections.sending(body.channel, body::flush);
            answer(body);
        });
    }

    private static void answer(Chunks body) {
        Envelope.receive(body.channel, Deadline.in(STAGE)).orThrow();
    }

    /** Tells all parties to use what they have stored, and waits until they do. */
    void commit() {
        try {
            each((body, _) -> {
                Envelope.of("commit").send(body.channel);
                answer(body);
            });
        } catch (ServiceException e) {
            throw e.kind() != Kind.PARTY_FAILED ? e : new ServiceException(Kind.PARTY_FAILED, e.getMessage()
                    + "; once the parties are linked again all of them go on with the former version or all with this one, which 'models list' tells", e);
        }
        done = true;
    }

    @Override
    public void close() {
        over = true;
        for (int party = 0; party < bodies.length(); party++) {
            Chunks body = bodies.get(party);
            if (body != null && done) {
                connections.giveBack(party, body.channel);
            } else if (body != null) {
                body.channel.close();
            }
        }
    }

    /** A body as it is written. */
    private static final class Chunks {
        private final TlsChannel channel;
        private final ByteArrayOutputStream chunk = new ByteArrayOutputStream(Envelope.CHUNK);

        Chunks(TlsChannel channel) {
            this.channel = channel;
        }

        void write(byte[] bytes) {
            int done = 0;
            while (done < bytes.length) {
                int count = Math.min(bytes.length - done, Envelope.CHUNK - chunk.size());
                chunk.write(bytes, done, count);
                done += count;
                if (chunk.size() == Envelope.CHUNK) {
                    flush();
                }
            }
        }

        void flush() {
            if (chunk.size() > 0) {
                channel.send(chunk.toByteArray());
                chunk.reset();
            }
        }
    }
}
