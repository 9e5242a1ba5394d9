package dev.sardonyx.cli.service;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sardonyx.Compiled;
import dev.sardonyx.Protocol;
import dev.sardonyx.Sardonyx;
import dev.sardonyx.cli.events.LogFormat;
import dev.sardonyx.graph.ElementType;
import dev.sardonyx.graph.Shape;
import dev.sardonyx.graph.Tensor;
import dev.sardonyx.reference.OnnxRuntimeReference;
import dev.sardonyx.secureops.random.RandomSource;
import dev.sardonyx.secureops.random.SeededRandom;
import dev.sardonyx.transport.Deadline;
import dev.sardonyx.transport.LinkProfile;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** A service adds nothing to what parties in one process compute: with the same randomness its answers are the same to the last bit. */
@Timeout(value = 5, unit = TimeUnit.MINUTES)
class SeededServiceTest {
    private static final long SEED = 77;
    private static final Duration PATIENCE = Duration.ofMinutes(2);
    private static final double STATED = 2e-4;
    private static final int ATTEMPTS = 5;

    static Stream<Arguments> cases() {
        return Protocol.secureLabels().stream().flatMap(label -> Stream.of(Arguments.of(label, "lenet", 1), Arguments.of(label, "mlp", 30)));
    }

    private static Map<String, Tensor> input(Compiled compiled, int batch) {
        var spec = compiled.plan().inputs().getFirst();
        Shape shape = compiled.plan().value(spec.value()).shape().with(0, batch);
        return Map.of(spec.name(), Tensor.ofDoubles(ElementType.FLOAT32, shape, new Random(SEED).doubles(shape.size(), 0, 1).map(x -> (float) x).toArray()));
    }

    private static Log quiet(int party) {
        return new Log(new PrintStream(OutputStream.nullOutputStream(), true, StandardCharsets.UTF_8), LogFormat.TEXT, party);
    }

    /** What services answer whose parties agreed on keys once; on a busy machine a session may end, and the next one's keys are others. */
    private static Map<String, Tensor> servedInOneSession(Protocol protocol, Compiled compiled, Map<String, Tensor> input) {
        for (int attempt = 1;; attempt++) {
            var sessions = new AtomicInteger();
            try {
                Map<String, Tensor> outputs = served(protocol, compiled, input, sessions);
                if (sessions.get() == protocol.implementation().parties()) {
                    return outputs;
                }
            } catch (ServiceException e) {
                if (e.kind() != ServiceException.Kind.PARTY_FAILED || attempt == ATTEMPTS) {
                    throw e;
                }
            }
            assertTrue(attempt < ATTEMPTS, () -> "no service was up for one session: parties agreed on keys " + sessions.get() + " times");
        }
    }

    /** @param sessions counts how often any party agreed on keys */
    private static Map<String, Tensor> served(Protocol protocol, Compiled compiled, Map<String, Tensor> input, AtomicInteger sessions) {
        var services = new ArrayList<PartyService>();
        RandomSource owners = new SeededRandom(SEED, "owner");
        try (LocalCluster cluster = LocalCluster.prepare(protocol, List.of())) {
            for (int party = 0; party < protocol.implementation().parties(); party++) {
                var draws = new Draws(_ -> {
                    sessions.incrementAndGet();
                    return "embedded " + protocol.label();
                }, new SeededRandom(SEED, "party " + party));
                services.add(PartyService.start(cluster.partyFile(party), true, draws, quiet(party)));
            }
            try (RemoteCluster modelOwner = RemoteCluster.connect(cluster.clusterFile(), "model-owner", true, owners);
                    RemoteCluster dataOwner = RemoteCluster.connect(cluster.clusterFile(), "data-owner", true, owners)) {
                cluster.awaitReady(modelOwner, Deadline.in(PATIENCE));
                modelOwner.deploy("seeded", compiled, List.of());
                return dataOwner.model("seeded").once(input).outputs();
            }
        } finally {
            services.forEach(PartyService::close);
        }
    }

    @ParameterizedTest(name = "{1}, {2} rows, {0}")
    @MethodSource("cases")
    void withOneSeedAServicesAnswersAreTheEmbeddedRunsToTheLastBit(String label, String name, int batch) {
        Protocol protocol = Protocol.named(label).orElseThrow();
        Compiled compiled = PlanCodecTest.compiled(protocol, name, batch);
        Map<String, Tensor> input = input(compiled, batch);
        Map<String, Tensor> embedded;
        try (var sardonyx = Sardonyx.embedded(protocol, LinkProfile.NONE, OptionalLong.of(SEED))) {
            embedded = sardonyx.share(compiled).run(input).outputs();
        }
        Map<String, Tensor> served = servedInOneSession(protocol, compiled, input);
        assertEquals(embedded.keySet(), served.keySet());
        embedded.forEach((output, tensor) -> assertTrue(tensor.sameAs(served.get(output)), () -> output + " differs, seed " + SEED));
        Path onnx = Path.of(System.getProperty("sardonyx.root", "..")).resolve("models").resolve(name).resolve(name + ".onnx");
        try (OnnxRuntimeReference reference = OnnxRuntimeReference.open(onnx, 1)) {
            reference.run(input).forEach((output, expected) -> {
                for (int i = 0; i < expected.size(); i++) {
                    assertEquals(expected.getDouble(i), served.get(output).getDouble(i), STATED, output + "[" + i + "], seed " + SEED);
                }
            });
        }
    }
}
