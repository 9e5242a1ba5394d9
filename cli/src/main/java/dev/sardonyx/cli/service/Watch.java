package dev.sardonyx.cli.service;

import dev.sardonyx.cli.metrics.AdminPort;
import dev.sardonyx.cli.metrics.PartyGauges;
import dev.sardonyx.cli.metrics.PartyMetrics;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.IntSupplier;

/** By what a party lets itself be watched, where its file says so; without that, nothing is counted and no port is open. */
final class Watch implements PartyGauges, AutoCloseable {
    private final Log log;
    private final Parts parts;
    private final Optional<PartyMetrics> metrics;
    private volatile PartyFile file;
    private Optional<AdminPort> port = Optional.empty();

    /**
     * What is watched.
     *
     * @param running requests that are being answered
     * @param connections owners' connections
     * @param draining whether the party is going down
     */
    record Parts(Mesh mesh, Models models, Predictions predictions, IntSupplier running, IntSupplier connections, BooleanSupplier draining) {
    }

    Watch(PartyFile file, Log log, Parts parts) {
        this.file = file;
        this.log = log;
        this.parts = parts;
        this.metrics = file.metrics().map(_ -> new PartyMetrics(this, file.party(), file.parties().size()));
    }

    /** @throws dev.sardonyx.transport.TransportException where nobody can listen at the address */
    void open() {
        port = file.metrics().map(address -> Address.listening("metrics", () -> AdminPort.open(address.resolved(), metrics.orElseThrow()::text, this::trouble)));
        port.ifPresent(open -> log.event("metrics", "address", open.address()));
    }

    /** Goes by another configuration, in which the party's own certificate may be another. */
    void renew(PartyFile other) {
        file = other;
    }

    /** A request that was answered. @param outcome {@code ok} or a category of failure */
    void request(Envelope asked, PartyFile.Client client, String outcome, Duration took) {
        String model = asked.fields().getOrDefault("model", "");
        metrics.ifPresent(meters -> meters.request(asked.verb(), client.name(), parts.models.has(model) ? model : "", outcome, took));
    }

    @Override
    public int running() {
        return parts.running.getAsInt();
    }

    @Override
    public int waiting() {
        return parts.predictions.waiting();
    }

    @Override
    public int connections() {
        return parts.connections.getAsInt();
    }

    @Override
    public long memoryHeld() {
        return parts.predictions.memory();
    }

    @Override
    public long memoryLimit() {
        return file.limits().memory();
    }

    @Override
    public int modelsReady() {
        return parts.mesh.linked().map(parts.models::readyIn).orElse(0);
    }

    @Override
    public int modelsStored() {
        return parts.models.all().size() + parts.models.unusable().size();
    }

    @Override
    public int peersLinked() {
        return parts.mesh.peersLinked();
    }

    @Override
    public long sessions() {
        return parts.mesh.sessions();
    }

    @Override
    public long bytesSent(int peer) {
        return parts.mesh.bytesSent(peer);
    }

    @Override
    public Instant certificateEnds() {
        return file.identity().certificate().getNotAfter().toInstant();
    }

    @Override
    public Optional<String> trouble() {
        return parts.draining.getAsBoolean() ? Optional.of("going down") : parts.mesh.trouble();
    }

    @Override
    public void close() {
        port.ifPresent(AdminPort::close);
        metrics.ifPresent(PartyMetrics::close);
    }
}
