package dev.sardonyx.cli.service;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sardonyx.Compiled;
import dev.sardonyx.Protocol;
import dev.sardonyx.graph.ElementType;
import dev.sardonyx.graph.Shape;
import dev.sardonyx.graph.Tensor;
import dev.sardonyx.reference.OnnxRuntimeReference;
import dev.sardonyx.secureops.execute.Owner;
import dev.sardonyx.secureops.plan.PlanValue;
import dev.sardonyx.secureops.protocol.PartyValue;
import dev.sardonyx.secureops.random.RandomSource;
import dev.sardonyx.transport.Deadline;
import java.io.IOException;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.AfterParameterizedClassInvocation;
import org.junit.jupiter.params.BeforeParameterizedClassInvocation;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/** All parties of each protocol as processes of their own, and what happens when one of them, or an owner, does not behave. */
@Timeout(value = 5, unit = TimeUnit.MINUTES)
@ParameterizedClass
@MethodSource("protocols")
class ServiceFaultsTest {
    private static final Path ROOT = Path.of(System.getProperty("sardonyx.root", ".."));
    private static final String MODEL = "mlp";
    private static final Path ONNX = ROOT.resolve("models/mlp/mlp.onnx");
    private static final Duration PATIENCE = Duration.ofMinutes(2);
    private static final double TOLERANCE = 1e-3;

    private static LocalCluster cluster;
    private static RemoteCluster modelOwner;
    private static RemoteCluster dataOwner;
    private static RemoteModel model;
    private static OnnxRuntimeReference reference;
    private static Compiled compiled;

    @Parameter
    Protocol protocol;

    static List<Protocol> protocols() {
        return Protocol.secureLabels().stream().map(label -> Protocol.named(label).orElseThrow()).toList();
    }

    @BeforeParameterizedClassInvocation
    static void deploy(Protocol protocol) {
        cluster = LocalCluster.start(protocol, List.of("-Xmx256m"));
        modelOwner = cluster.connect("model-owner");
        dataOwner = cluster.connect("data-owner");
        cluster.awaitReady(modelOwner, Deadline.in(PATIENCE));
        compiled = PlanCodecTest.compiled(protocol, MODEL, 1);
        RemoteCluster.Deployed deployed = modelOwner.deploy(MODEL, compiled, List.of());
        model = dataOwner.model(MODEL);
        assertEquals(deployed.planHash(), model.planHash());
        assertEquals(compiled.planHash(), model.planHash());
        reference = OnnxRuntimeReference.open(ONNX, 1);
    }

    @AfterParameterizedClassInvocation
    static void stop() {
        reference.close();
        dataOwner.close();
        modelOwner.close();
        cluster.close();
    }

    @BeforeEach
    void everybodyIsThere() {
        cluster.awaitReady(dataOwner, Deadline.in(PATIENCE));
    }

    private static Map<String, Tensor> input(Random random) {
        var spec = model.plan().inputs().getFirst();
        Shape shape = model.plan().value(spec.value()).shape();
        return Map.of(spec.name(), Tensor.ofDoubles(ElementType.FLOAT32, shape, random.doubles(shape.size(), 0, 1).map(x -> (float) x).toArray()));
    }

    private static void assertRight(Map<String, Tensor> input, Map<String, Tensor> outputs) {
        reference.run(input).forEach((name, expected) -> {
            Tensor actual = outputs.get(name);
            assertEquals(expected.shape(), actual.shape());
            for (int i = 0; i < expected.size(); i++) {
                assertEquals(expected.getDouble(i), actual.getDouble(i), TOLERANCE, name + "[" + i + "]");
            }
        });
    }

    private static void assertAnswersAgain() {
        cluster.awaitReady(dataOwner, Deadline.in(PATIENCE));
        Map<String, Tensor> input = input(new Random(1));
        assertRight(input, model.run(input).outputs());
    }

    @Test
    void fiftyClientsAtOnceAllGetTheirOwnAnswer() throws InterruptedException, ExecutionException {
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<?>> clients = new ArrayList<>();
            for (int client = 0; client < 50; client++) {
                var random = new Random(client);
                clients.add(threads.submit(() -> {
                    Map<String, Tensor> input = input(random);
                    assertRight(input, answered(input));
                }));
            }
            for (Future<?> client : clients) {
                client.get();
            }
        }
    }

    /** An answer, however often a busy machine makes the parties say that they have no room or did not hear of each other in time. */
    private static Map<String, Tensor> answered(Map<String, Tensor> input) {
        Deadline deadline = Deadline.in(PATIENCE);
        while (true) {
            try {
                return model.run(input).outputs();
            } catch (ServiceException later) {
                boolean again = later.kind() == ServiceException.Kind.BUSY || later.kind() == ServiceException.Kind.PARTY_FAILED;
                if (!again || deadline.expired()) {
                    throw later;
                }
            }
        }
    }

    @Test
    void aPartyKilledWhileRequestsRunGivesRightAnswersOrErrorsAndComesBack() throws InterruptedException, ExecutionException {
        var stop = new AtomicBoolean();
        var failed = new AtomicInteger();
        Callable<Integer> client = () -> {
            int right = 0;
            var random = new Random(Thread.currentThread().threadId());
            while (!stop.get()) {
                Map<String, Tensor> input = input(random);
                try {
                    assertRight(input, model.once(input).outputs());
                    right++;
                } catch (ServiceException clear) {
                    assertFalse(String.valueOf(clear.getMessage()).isBlank());
                    failed.incrementAndGet();
                }
            }
            return right;
        };
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<Integer>> clients = List.of(threads.submit(client), threads.submit(client), threads.submit(client));
            assertRight(input(new Random(5)), model.run(input(new Random(5))).outputs());
            cluster.process(1).destroyForcibly().waitFor();
            assertThrows(ServiceException.class, () -> model.once(input(new Random(6))));
            cluster.start(1);
            cluster.awaitReady(dataOwner, Deadline.in(PATIENCE));
            stop.set(true);
            for (Future<Integer> each : clients) {
                each.get();
            }
        }
        assertTrue(failed.get() > 0, "nothing was asked for while the party was down");
        assertAnswersAgain();
    }

    @Test
    void aStoppedPartyEndsRequestsWithItsNameAndTheOthersGoOnOnceItRuns() throws IOException, InterruptedException {
        signal("STOP", 2);
        try {
            ServiceException told = assertThrows(ServiceException.class, () -> model.once(input(new Random(2))));
            assertEquals(ServiceException.Kind.PARTY_FAILED, told.kind(), told.getMessage());
            assertTrue(String.valueOf(told.getMessage()).contains("party"), told.getMessage());
        } finally {
            signal("CONT", 2);
        }
        assertAnswersAgain();
    }

    private static void signal(String name, int party) throws IOException, InterruptedException {
        assertEquals(0, new ProcessBuilder("kill", "-" + name, String.valueOf(cluster.process(party).pid())).start().waitFor());
    }

    @Test
    void strangersAndNonsenseAreCutOffAndNobodyElseNotices() throws IOException {
        for (String nonsense : List.of("GET / HTTP/1.1\r\n\r\n", "SARDONYX/1 2 3 x", "\u0016\u0003\u0001\u00ff\u00ff garbage")) {
            Address address = Address.parse(dataOwner.connections().address(0));
            try (var socket = new Socket(address.host(), address.port())) {
                socket.getOutputStream().write(nonsense.getBytes(StandardCharsets.ISO_8859_1));
                socket.getOutputStream().flush();
                socket.shutdownOutput();
                socket.getInputStream().readAllBytes();
            } catch (SocketException reset) {
                // Cut off before everything was taken: as good an end as any.
            }
        }
        assertAnswersAgain();
    }

    @Test
    void rolesAreKeptApart() {
        assertEquals(ServiceException.Kind.REFUSED, assertThrows(ServiceException.class, () -> dataOwner.deploy("mine", compiled, List.of())).kind());
        assertEquals(ServiceException.Kind.REFUSED, assertThrows(ServiceException.class, () -> dataOwner.remove(MODEL)).kind());
        ServiceException told = assertThrows(ServiceException.class, () -> modelOwner.model(MODEL).run(input(new Random(3))));
        assertEquals(ServiceException.Kind.REFUSED, told.kind(), told.getMessage());
        assertAnswersAgain();
    }

    @Test
    void aRepeatedIdentityAWrongLengthAndAnUnknownModelAreRefused() {
        Map<String, Tensor> input = input(new Random(4));
        String id = dataOwner.freshId();
        var envelope = Envelope.of("predict", "id", id, "model", MODEL, "version", String.valueOf(model.version()));
        long length = model.bytes(0).inputBytes();
        dataOwner.connections().each(party -> dataOwner.connections().ask(party, PartyConnections.Question.work(envelope, new byte[(int) length], 1 << 20)));
        assertEquals(ServiceException.Kind.REFUSED, assertThrows(ServiceException.class,
                () -> dataOwner.connections().each(party -> dataOwner.connections().ask(party, PartyConnections.Question.work(envelope, new byte[(int) length], 1 << 20)))).kind());
        assertEquals(ServiceException.Kind.BAD_REQUEST, assertThrows(ServiceException.class,
                () -> dataOwner.connections().ask(0, PartyConnections.Question.work(Envelope.of("predict", "id", dataOwner.freshId(), "model", MODEL, "version",
                        String.valueOf(model.version())), new byte[3], 1 << 20)))
                        .kind());
        assertEquals(ServiceException.Kind.BAD_REQUEST, assertThrows(ServiceException.class, () -> dataOwner.model("nothing")).kind());
        assertRight(input, model.run(input).outputs());
    }

    @Test
    void unequalCopiesOfAnInputAreRefused() {
        int length = (int) model.bytes(0).inputBytes();
        var envelope = Envelope.of("predict", "id", dataOwner.freshId(), "model", MODEL, "version", String.valueOf(model.version()));
        ServiceException told = assertThrows(ServiceException.class, () -> dataOwner.connections().each(party -> {
            byte[] shares = new byte[length];
            shares[0] = (byte) (party == 1 ? 1 : 0);
            return dataOwner.connections().ask(party, PartyConnections.Question.work(envelope, shares, 1 << 20));
        }));
        assertEquals(ServiceException.Kind.REFUSED, told.kind(), told.getMessage());
        assertTrue(String.valueOf(told.getMessage()).contains("different copies"), told.getMessage());
        assertAnswersAgain();
    }

    @Test
    void aClientThatSharesNumbersOutOfRangeGetsTheAnswerOfClampedOnes() {
        var spec = model.plan().inputs().getFirst();
        PlanValue value = model.plan().value(spec.value());
        var random = new Random(9);
        double[] shared = random.doubles(value.size(), -40, 40).toArray();
        long[] raw = Arrays.stream(shared).mapToLong(x -> (long) Math.rint(Math.scalb(x, value.fractionBits()))).toArray();
        List<PartyValue.Numbers> shares = protocol.implementation().split(value.shape(), raw, count -> random.longs(count).toArray());
        var envelope = Envelope.of("predict", "id", dataOwner.freshId(), "model", MODEL, "version", String.valueOf(model.version()));
        List<PartyConnections.Answer> answers = dataOwner.connections().each(party -> dataOwner.connections().ask(party, PartyConnections.Question.work(envelope,
                model.bytes(party).inputs(List.of(Map.of(spec.name(), shares.get(party)))), model.bytes(party).outputBytes())));
        List<List<Map<String, PartyValue>>> outputs = new ArrayList<>();
        for (int party = 0; party < answers.size(); party++) {
            outputs.add(model.bytes(party).outputs(answers.get(party).body()));
        }
        double[] clamped = Arrays.stream(shared).map(x -> Math.clamp(x, spec.low(), spec.high())).toArray();
        assertRight(Map.of(spec.name(), Tensor.ofDoubles(ElementType.FLOAT32, value.shape(), clamped)), new Owner(protocol.implementation(), RandomSource.secure())
                .outputs(compiled.plans(), outputs));
        assertAnswersAgain();
    }

    @Test
    void noShareOfAWeightAndNoInputStandsInALogOrPlainlyOnDisk() throws IOException {
        Map<String, Tensor> canary = Map.of(model.plan().inputs().getFirst().name(), Tensor.ofDoubles(ElementType.FLOAT32,
                model.plan().value(model.plan().inputs().getFirst().value()).shape(),
                new Random(8).doubles(model.plan().value(model.plan().inputs().getFirst().value()).shape().size(), 0.123456, 0.123457).toArray()));
        model.run(canary);
        for (int party = 0; party < 3; party++) {
            String log = Files.readString(cluster.log(party));
            assertTrue(log.contains("event=listening"), log);
            assertFalse(log.contains("0.12345"), log);
            assertFalse(log.contains("BEGIN PRIVATE KEY"), log);
        }
    }
}
