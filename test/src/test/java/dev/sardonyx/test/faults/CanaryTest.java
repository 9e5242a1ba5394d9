package dev.sardonyx.test.faults;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import dev.sardonyx.Compiled;
import dev.sardonyx.Protocol;
import dev.sardonyx.cli.service.LocalCluster;
import dev.sardonyx.graph.ElementType;
import dev.sardonyx.graph.Shape;
import dev.sardonyx.graph.Tensor;
import dev.sardonyx.importer.OnnxModel;
import dev.sardonyx.importer.proto.GraphProto;
import dev.sardonyx.importer.proto.ModelProto;
import dev.sardonyx.importer.proto.NodeProto;
import dev.sardonyx.importer.proto.OperatorSetIdProto;
import dev.sardonyx.importer.proto.TensorProto;
import dev.sardonyx.importer.proto.TensorShapeProto;
import dev.sardonyx.importer.proto.TypeProto;
import dev.sardonyx.importer.proto.ValueInfoProto;
import dev.sardonyx.reference.files.Numpy;
import dev.sardonyx.secureops.execute.Owner;
import dev.sardonyx.secureops.execute.ShareBytes;
import dev.sardonyx.secureops.planner.Interval;
import dev.sardonyx.secureops.planner.PlanOptions;
import dev.sardonyx.secureops.random.SeededRandom;
import dev.sardonyx.transport.TlsIdentity;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.stream.DoubleStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Weights and inputs that are easily recognised, in a whole session of processes with its failures: none of them is found in anything that a process wrote. */
class CanaryTest {
    private static final double[] WEIGHTS = {0.73164921, -0.58230147, 0.91827365, -0.27461539, 0.64530918, 0.38192746, -0.83920175, 0.51736284, -0.69284013, 0.42918376, -0.77361529, 0.31846297};
    private static final double[] INPUT = {0.86420135, 0.57913024, -0.94612803, 0.71350246};
    private static final Shape WEIGHT_SHAPE = Shape.of(4, 3);
    private static final Shape INPUT_SHAPE = Shape.of(1, 4);
    private static final long SEED = 4711;

    @TempDir
    Path folder;

    // ---- the finder finds

    @Test
    void aSecretIsFoundInEveryForm() {
        var leaks = new Leaks();
        leaks.numbers("canary", WEIGHTS);
        byte[] key = HexFormat.of().parseHex("8f31c7d2065be9a4418d7c3b92e0f615");
        leaks.bytes("key", key, 1);
        ByteBuffer floats = ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN).putFloat((float) WEIGHTS[2]).putFloat((float) WEIGHTS[3]);
        byte[] fixed = ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN).putLong(Math.round(WEIGHTS[1] * 0x1p30)).array();
        for (byte[] secret : List.of(floats.array(), fixed, key)) {
            for (byte[] form : List.of(secret, text(HexFormat.of().formatHex(secret)), text("x" + HexFormat.of().withUpperCase().formatHex(secret)), text(Base64.getEncoder().encodeToString(
                    secret)), text("ab" + Base64.getUrlEncoder().withoutPadding().encodeToString(joined(new byte[] {1, 2}, joined(secret, new byte[5])))))) {
                assertFalse(leaks.in(joined(text("some text "), form)).isEmpty(), () -> new String(form, StandardCharsets.ISO_8859_1));
            }
        }
        assertFalse(leaks.in(text("value=" + WEIGHTS[4])).isEmpty());
        assertFalse(leaks.in(text("[" + (float) -WEIGHTS[4] + "]")).isEmpty());
        assertFalse(leaks.in(text("ring element " + Math.round(WEIGHTS[0] * 0x1p40))).isEmpty());
        assertFalse(leaks.in(text("unsigned " + Long.toUnsignedString(Math.round(WEIGHTS[1] * 0x1p40)))).isEmpty());
        assertTrue(leaks.in(text("0.5 and 0.25 are no secrets, 1234567890123 neither, nor -99999999999999999999")).isEmpty());
        var large = new Leaks();
        large.numbers("input beyond its range", 946.128035);
        assertTrue(large.in(text(Long.MAX_VALUE + " and " + Long.MIN_VALUE + " are everybody's")).isEmpty());
    }

    private static byte[] text(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static byte[] joined(byte[] first, byte[] second) {
        var out = new ByteArrayOutputStream();
        out.writeBytes(first);
        out.writeBytes(second);
        return out.toByteArray();
    }

    // ---- the session

    private static byte[] model() {
        ByteBuffer raw = ByteBuffer.allocate(Float.BYTES * WEIGHTS.length).order(ByteOrder.LITTLE_ENDIAN);
        DoubleStream.of(WEIGHTS).forEach(weight -> raw.putFloat((float) weight));
        var weights = TensorProto.newBuilder().setName("w").setDataType(TensorProto.DataType.FLOAT.getNumber()).addDims(4).addDims(3).setRawData(ByteString.copyFrom(raw.flip()));
        var graph = GraphProto.newBuilder().setName("canary").addInput(info("x", 4)).addOutput(info("y", 3)).addInitializer(weights).addNode(NodeProto.newBuilder().setOpType(
                "MatMul").addInput("x").addInput("w").addOutput("p")).addNode(NodeProto.newBuilder().setOpType("Relu").addInput("p").addOutput("y"));
        return ModelProto.newBuilder().setIrVersion(8).setGraph(graph).addOpsetImport(OperatorSetIdProto.newBuilder().setVersion(17)).build().toByteArray();
    }

    private static ValueInfoProto info(String name, int width) {
        var shape = TensorShapeProto.newBuilder().addDim(TensorShapeProto.Dimension.newBuilder().setDimParam("batch")).addDim(TensorShapeProto.Dimension.newBuilder().setDimValue(
                width));
        return ValueInfoProto.newBuilder().setName(name).setType(TypeProto.newBuilder().setTensorType(TypeProto.Tensor.newBuilder().setElemType(TensorProto.DataType.FLOAT
                .getNumber()).setShape(shape))).build();
    }

    @Test
    @Timeout(value = 15, unit = java.util.concurrent.TimeUnit.MINUTES)
    void noProcessWritesAWeightAnInputAShareOrAKeyAnywhere() throws Exception {
        Path onnx = Files.write(folder.resolve("canary.onnx"), model());
        Path input = folder.resolve("x.npy");
        Numpy.write(input, Tensor.ofDoubles(ElementType.FLOAT32, INPUT_SHAPE, INPUT));
        Path wide = folder.resolve("wide.npy");
        Numpy.write(wide, Tensor.ofDoubles(ElementType.FLOAT32, Shape.of(1, 8), DoubleStream.concat(DoubleStream.of(INPUT), DoubleStream.of(INPUT)).toArray()));
        Path far = folder.resolve("far.npy");
        Numpy.write(far, Tensor.ofDoubles(ElementType.FLOAT32, INPUT_SHAPE, DoubleStream.of(INPUT).map(x -> 1000 * x).toArray()));
        var leaks = new Leaks();
        leaks.numbers("weight", WEIGHTS);
        leaks.numbers("input", INPUT);
        leaks.numbers("input beyond its range", DoubleStream.of(INPUT).map(x -> (float) (1000 * x)).toArray());
        var commands = new ArrayList<Integer>();
        Path cluster;
        try (var machine = new Machine(folder.resolve("machine"))) {
            cluster = machine.root().resolve("work/cluster");
            List<Integer> ports = LocalCluster.freePorts(FaultCluster.PARTIES);
            List<String> init = new ArrayList<>(List.of("cluster", "init", "cluster"));
            ports.forEach(port -> init.addAll(List.of("--address", "127.0.0.1:" + port)));
            assertEquals(0, machine.run(init.toArray(String[]::new)).status());
            int metrics = LocalCluster.freePorts(1).getFirst();
            Path first = cluster.resolve("party-0.yaml");
            Files.writeString(first, Files.readString(first) + "\nmetrics: 127.0.0.1:" + metrics + "\n");
            var parties = new ArrayList<Process>();
            for (int party = 0; party < FaultCluster.PARTIES; party++) {
                parties.add(machine.start("party", "--config", "cluster/party-" + party + ".yaml"));
            }
            FaultCluster.await("a deployment", () -> machine.run("deploy", onnx.toString(), "--to", "cluster/cluster.yaml", "--input", input.toString(), "--input-range", "x=-1,1",
                    "--json").status() == 0);
            seeded(cluster, ports, leaks);
            String[] predict = {"predict", "canary", "--to", "cluster/cluster.yaml", "--input"};
            commands.add(machine.run(with(predict, input.toString())).status());
            commands.add(machine.run(with(predict, input.toString(), "--json")).status());
            assertEquals(List.of(0, 0), commands);
            for (String[] failing : List.of(with(predict, wide.toString()), with(predict, far.toString(), "--json"), with(predict, input.toString(), "--as", "model-owner"), with(predict,
                    input.toString(), "--plan-hash", "0123456789"), new String[] {"predict", "nothing", "--to", "cluster/cluster.yaml", "--input", input.toString()}, new String[] {
                            "deploy", onnx.toString(), "--to", "cluster/cluster.yaml", "--as", "data-owner", "--input", input.toString()}, new String[] {"deploy", wide.toString(), "--to",
                                    "cluster/cluster.yaml"})) {
                assertTrue(machine.run(failing).status() > 1, () -> String.join(" ", failing));
            }
            gateway(machine, metrics);
            parties.get(1).destroyForcibly().waitFor();
            assertEquals(4, machine.run(with(predict, input.toString())).status());
            machine.start("party", "--config", "cluster/party-1.yaml");
            // One that is killed while it starts leaves the libraries that it unpacks among its temporary files.
            FaultCluster.await("party 1 is up again", () -> machine.saidLast().contains("event=listening"));
            parties.get(2).destroy();
            parties.get(2).waitFor();
        }
        assertTrue(leaks.size() > 1000, "secrets to look for");
        assertEquals(List.of(), leaks.in(folder.resolve("machine")));
        assertKeysStayInTheirFiles(cluster);
    }

    private static String[] with(String[] command, String... more) {
        return Stream.concat(Stream.of(command), Stream.of(more)).toArray(String[]::new);
    }

    /** Owners with known randomness, so that their shares are known; they deploy and ask by a program of their own. */
    private static void seeded(Path cluster, List<Integer> ports, Leaks leaks) throws IOException {
        var protocol = Protocol.REPLICATED_3.implementation();
        var inputs = new Compiled.Inputs(Map.of("x", INPUT_SHAPE), Map.of(), Compiled.Samples.NONE);
        Compiled compiled = Compiled.of("seeded", OnnxModel.read(model(), cluster), inputs, PlanOptions.of(protocol, Map.of("x", new Interval(-1, 1))).withClampedInputs(true));
        var owner = new Owner(protocol, new SeededRandom(SEED, "owner"));
        var weights = owner.weights(compiled.plans(), compiled.weights());
        var asked = owner.inputs(compiled.plans(), Map.of("x", Tensor.ofDoubles(ElementType.FLOAT32, INPUT_SHAPE, INPUT)));
        var bundles = new ArrayList<byte[]>();
        var shares = new ArrayList<byte[]>();
        for (int party = 0; party < FaultCluster.PARTIES; party++) {
            var layout = new ShareBytes(compiled.plans(), protocol.components(party).size());
            var bytes = new ByteArrayOutputStream();
            layout.writeWeights(weights.get(party), bytes);
            leaks.bytes("share of weights at party " + party, bytes.toByteArray(), Long.BYTES);
            bundles.add(bytes.toByteArray());
            shares.add(layout.inputs(asked.get(party)));
            leaks.bytes("share of inputs at party " + party, shares.get(party), 1);
        }
        List<String> addresses = ports.stream().map(port -> "127.0.0.1:" + port).toList();
        var deployer = new Deployer(addresses, identity(cluster, "model-owner"), "seeded");
        deployer.deploy(compiled, bundles).forEach(told -> assertEquals("ok", told.verb(), told::message));
        String id = "%032x".formatted(SEED);
        List<Intruder.Told> answers = Faults.atAll(addresses, identity(cluster, "data-owner"), new String[] {"id", id, "model", "seeded", "version", "1"}, shares);
        answers.forEach(told -> assertEquals("ok", told.verb(), told::message));
    }

    private static TlsIdentity identity(Path cluster, String name) throws IOException {
        return TlsIdentity.readPem(cluster.resolve("certs/" + name + ".pem"), cluster.resolve("keys/" + name + ".key"));
    }

    private static void gateway(Machine machine, int metrics) throws Exception {
        int port = LocalCluster.freePorts(1).getFirst();
        Process gateway = machine.start("gateway", "--to", "cluster/cluster.yaml", "--port", String.valueOf(port), "--log-format", "json");
        String good = "{\"inputs\": [{\"name\": \"x\", \"shape\": [1, 4], \"datatype\": \"FP32\", \"data\": [" + INPUT[0] + ", " + INPUT[1] + ", " + INPUT[2] + ", " + INPUT[3] + "]}]}";
        try (HttpClient client = HttpClient.newHttpClient()) {
            URI infer = URI.create("http://127.0.0.1:" + port + "/v2/models/canary/infer");
            FaultCluster.await("an answer of the gateway", () -> {
                try {
                    return post(client, infer, good) == 200;
                } catch (IOException notYet) {
                    return false;
                }
            });
            for (String bad : List.of(good.replace("[1, 4]", "[1, 5]"), good.replace("FP32", "FP99"), good.replace("0.8", "1e9"), good.substring(0, good.length() - 9), good.replace(
                    "\"x\"", "\"" + INPUT[1] + "\""))) {
                assertTrue(post(client, infer, bad) >= 400, bad);
            }
            for (URI page : List.of(URI.create("http://127.0.0.1:" + port + "/metrics"), URI.create("http://127.0.0.1:" + metrics + "/metrics"))) {
                String text = client.send(HttpRequest.newBuilder(page).build(), HttpResponse.BodyHandlers.ofString()).body();
                Files.writeString(machine.root().resolve("said/metrics-" + page.getPort()), text);
            }
        } finally {
            gateway.destroy();
            gateway.waitFor();
        }
    }

    private static int post(HttpClient client, URI where, String body) throws IOException, InterruptedException {
        return client.send(HttpRequest.newBuilder(where).header("Content-Type", "application/json").POST(HttpRequest.BodyPublishers.ofString(body)).build(), HttpResponse.BodyHandlers
                .discarding()).statusCode();
    }

    /** Every key is in its own file and nowhere else. */
    private void assertKeysStayInTheirFiles(Path cluster) throws IOException {
        try (Stream<Path> keys = Files.list(cluster.resolve("keys"))) {
            for (Path key : keys.filter(file -> file.toString().endsWith(".key") || file.toString().endsWith(".shares")).toList()) {
                var leaks = new Leaks();
                String text = Files.readString(key);
                if (key.toString().endsWith(".shares")) {
                    leaks.bytes("key", HexFormat.of().parseHex(text.strip()), 1);
                } else {
                    byte[] encoded = Base64.getMimeDecoder().decode(text.replaceAll("-----[^-]*-----", ""));
                    // The private number of a P-256 key stands before the public one (RFC 5915).
                    leaks.bytes("key", java.util.Arrays.copyOfRange(encoded, 36, 68), 1);
                }
                List<String> places = leaks.in(folder.resolve("machine"));
                assertFalse(places.isEmpty(), () -> key + " was not found even in itself");
                assertEquals(List.of(), places.stream().filter(place -> !place.contains("keys/" + key.getFileName() + ":")).toList());
            }
        }
    }
}
