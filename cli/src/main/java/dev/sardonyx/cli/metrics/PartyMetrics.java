package dev.sardonyx.cli.metrics;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Tags;
import java.time.Duration;
import java.util.Locale;
import java.util.Set;

/** A party's meters. Safe for several threads. */
public final class PartyMetrics implements AutoCloseable {
    private static final Set<String> VERBS = Set.of("predict", "plan", "models", "status", "echo", "next", "deploy", "remove");

    private final Exposition exposition = new Exposition();
    private final BoundedNames models = new BoundedNames();
    private final BoundedNames clients = new BoundedNames();
    private final BoundedNames outcomes = new BoundedNames();

    /** @param peers how many parties there are, this one included */
    public PartyMetrics(PartyGauges party, int self, int peers) {
        exposition.gauge("sardonyx.requests.running", "Requests of owners that are being answered", Tags.empty(), party::running);
        exposition.gauge("sardonyx.requests.waiting", "Requests that wait for memory", Tags.empty(), party::waiting);
        exposition.gauge("sardonyx.connections", "Connections of owners", Tags.empty(), party::connections);
        exposition.gauge("sardonyx.memory.held.bytes", "Memory that requests take", Tags.empty(), party::memoryHeld);
        exposition.gauge("sardonyx.memory.limit.bytes", "Memory that requests may take", Tags.empty(), party::memoryLimit);
        exposition.gauge("sardonyx.models.ready", "Models that all parties have found to be the same", Tags.empty(), party::modelsReady);
        exposition.gauge("sardonyx.models.stored", "Models on disk", Tags.empty(), party::modelsStored);
        exposition.gauge("sardonyx.peers.linked", "Other parties that this one is linked with", Tags.empty(), party::peersLinked);
        exposition.gauge("sardonyx.ready", "1 where the party can take part in requests", Tags.empty(), () -> party.trouble().isEmpty() ? 1 : 0);
        exposition.gauge("sardonyx.certificate.end.seconds", "When the party's certificate ends, in seconds since 1970", Tags.empty(),
                () -> party.certificateEnds().getEpochSecond());
        FunctionCounter.builder("sardonyx.sessions", party, PartyGauges::sessions).description("Sessions with the other parties").register(exposition.registry());
        for (int peer = 0; peer < peers; peer++) {
            if (peer != self) {
                int number = peer;
                FunctionCounter.builder("sardonyx.sent.bytes", party, source -> source.bytesSent(number)).description("Payload bytes sent to another party")
                        .tag("peer", String.valueOf(peer)).register(exposition.registry());
            }
        }
    }

    /**
     * A request that was answered, one way or another.
     *
     * @param verb what was asked for
     * @param client by its name in the configuration
     * @param model by the name of one that is here; empty where there is none
     * @param outcome {@code ok} or a category of failure
     */
    public void request(String verb, String client, String model, String outcome, Duration took) {
        String known = VERBS.contains(verb) ? verb : BoundedNames.OTHER;
        Counter.builder("sardonyx.requests").description("Requests of owners, by how they ended")
                .tags("verb", known, "client", clients.of(client), "model", model.isEmpty() ? model : models.of(model), "outcome",
                        outcomes.of(outcome.toLowerCase(Locale.ROOT)))
                .register(exposition.registry()).increment();
        exposition.timer("sardonyx.request.duration", "How long requests of owners took", Tags.of("verb", known)).record(took);
    }

    /** All meters in Prometheus' text form. */
    public String text() {
        return exposition.text();
    }

    @Override
    public void close() {
        exposition.close();
    }
}
