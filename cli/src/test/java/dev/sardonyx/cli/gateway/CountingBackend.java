package dev.sardonyx.cli.gateway;

import dev.sardonyx.graph.Shape;
import dev.sardonyx.graph.Tensor;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntConsumer;

/** Counts how often its one model {@code m} is run, two rows of one number at a time, and answers with what it was given. */
final class CountingBackend implements Backend {
    static final int PART = 2;

    private final AtomicInteger runs = new AtomicInteger();
    private final IntConsumer during;

    /** @param during told in every run the how manieth it is, from 1 */
    CountingBackend(IntConsumer during) {
        this.during = during;
    }

    int runs() {
        return runs.get();
    }

    /** A request of so many rows. */
    static String body(int rows) {
        return "{\"inputs\":[{\"name\":\"x\",\"datatype\":\"FP32\",\"shape\":[" + rows + ",1],\"data\":[" + "1,".repeat(rows - 1) + "1]}]}";
    }

    @Override
    public ModelFace model(String name) {
        return new ModelFace("m", 1, "00", "counted", List.of(new ModelFace.Port("x", Datatype.FP32, Shape.of(PART, 1))),
                List.of(new ModelFace.Port("y", Datatype.FP32, Shape.of(PART, 1))), OptionalInt.of(PART));
    }

    @Override
    public Answered run(ModelFace model, Map<String, Tensor> inputs) {
        during.accept(runs.incrementAndGet());
        return new Answered(Map.of("y", inputs.get("x")), "run");
    }

    @Override
    public Optional<String> trouble() {
        return Optional.empty();
    }

    @Override
    public void close() {
    }
}
