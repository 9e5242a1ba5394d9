package dev.sardonyx.cli.metrics;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Tags;
import java.time.Duration;
import java.util.function.BooleanSupplier;
import java.util.function.IntSupplier;

/** A gateway's meters. Safe for several threads. */
public final class GatewayMetrics implements AutoCloseable {
    private final Exposition exposition = new Exposition();
    private final BoundedNames models = new BoundedNames();

    /**
     * @param running inferences that run
     * @param ready whether the parties can be asked
     */
    public GatewayMetrics(IntSupplier running, BooleanSupplier ready) {
        exposition.gauge("sardonyx.gateway.inferences.running", "Inferences that run", Tags.empty(), running::getAsInt);
        exposition.gauge("sardonyx.gateway.ready", "1 where the parties could be asked when they were last looked at", Tags.empty(), () -> ready.getAsBoolean() ? 1 : 0);
    }

    /**
     * A question that was answered.
     *
     * @param what one of few words for what was asked
     * @param model by the name of one that the parties have; empty where there is none
     */
    public void question(String what, String model, int status, Duration took) {
        Counter.builder("sardonyx.gateway.requests").description("Questions, by HTTP status")
                .tags("what", what, "model", model.isEmpty() ? model : models.of(model), "status", String.valueOf(status)).register(exposition.registry())
                .increment();
        exposition.timer("sardonyx.gateway.request.duration", "How long questions took", Tags.of("what", what)).record(took);
    }

    /** Rows that were predicted. */
    public void rows(String model, long rows) {
        Counter.builder("sardonyx.gateway.rows").description("Rows that were predicted").tag("model", models.of(model)).register(exposition.registry())
                .increment(rows);
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
