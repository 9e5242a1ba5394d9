package dev.sardonyx.cli.service;

import dev.sardonyx.Compiled;
import dev.sardonyx.Protocol;
import dev.sardonyx.cli.fuzz.Fuzz;
import dev.sardonyx.secureops.execute.Owner;
import dev.sardonyx.secureops.execute.PlanMemory;
import dev.sardonyx.secureops.execute.RunException;
import dev.sardonyx.secureops.execute.ShareBytes;
import dev.sardonyx.secureops.execute.WeightStore;
import dev.sardonyx.secureops.plan.LanedPlan;
import dev.sardonyx.secureops.plan.PlanCodec;
import dev.sardonyx.secureops.plan.PlanDigest;
import dev.sardonyx.secureops.plan.PlanFormatException;
import dev.sardonyx.secureops.protocol.PartyValue;
import dev.sardonyx.secureops.random.RandomSource;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import javax.crypto.SecretKey;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What owners, other parties and disks hand to the service: each is taken or refused with an exception that says why, within bounded memory and time. */
class ServiceFuzzTest {
    private static final SecretKey KEY = ShareFile.key(new byte[32]);
    private static final int COMPONENTS = 2;

    @TempDir
    Path folder;

    private static byte[] sealed(String label, byte[] content) {
        var out = new ByteArrayOutputStream();
        try (var writer = new ShareFile.Writer(out, KEY, label)) {
            writer.write(content);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return out.toByteArray();
    }

    private static byte[] bundle(LanedPlan plan, WeightStore weights) throws IOException {
        var bytes = new ByteArrayOutputStream();
        var out = new DataOutputStream(bytes);
        byte[] planBytes = PlanCodec.encode(plan);
        out.writeInt(planBytes.length);
        out.write(planBytes);
        new ShareBytes(plan, COMPONENTS).writeWeights(weights, out);
        return bytes.toByteArray();
    }

    @Test
    void plans() throws Exception {
        Fuzz.of("plan").sample(PlanCodec.encode(PlanCodecTest.compiled("logistic", 1).plans())).sample(PlanCodec.encode(PlanCodecTest.compiled("logistic", 30).plans()))
                .documented(PlanFormatException.class).allocates(16L << 20, 4096).run(bytes -> {
                    LanedPlan plan = PlanCodec.decode(bytes);
                    PlanDigest.hex(plan.plan());
                    // What a party does with a plan before it has compared anything.
                    new ShareBytes(plan, COMPONENTS).inputBytes();
                    PlanMemory.of(plan.plan(), Protocol.REPLICATED_3.implementation()).peakBytes();
                });
    }

    @Test
    void shareFilesAndTheBundlesInThem() throws Exception {
        Compiled compiled = PlanCodecTest.compiled("logistic", 1);
        LanedPlan plan = compiled.plans();
        WeightStore weights = new Owner(Protocol.REPLICATED_3.implementation(), RandomSource.secure()).weights(plan, compiled.weights()).getFirst();
        byte[] bundle = bundle(plan, weights);
        String label = new Manifest("m", 1, PlanDigest.hex(plan.plan()), 0, Instant.EPOCH, "model-owner", List.of("data-owner")).label();
        Path shareKey = folder.resolve("key");
        PrivateFiles.write(shareKey, "00".repeat(32).getBytes(StandardCharsets.US_ASCII));
        var vault = new Vault(folder.resolve("data"), shareKey, 0, COMPONENTS);
        var manifest = Manifest.parse(label);
        Path file = folder.resolve("data/staged");
        Fuzz.of("share bundle").sample(sealed(label, bundle)).grammar(random -> sealed(label, changed(bundle, random))).grammar(random -> sealed(new String(changed(label
                .getBytes(StandardCharsets.UTF_8), random), StandardCharsets.UTF_8), bundle)).documented(ServiceException.class).allocates(16L << 20, 4096).run(bytes -> {
                    Files.write(file, bytes);
                    vault.read(new Vault.Staged(manifest, file));
                });
    }

    /** A change within the seal, which whoever holds the share key, or deploys, can make. */
    private static byte[] changed(byte[] content, Random random) {
        byte[] bytes = random.nextInt(3) == 0 ? Arrays.copyOf(content, random.nextInt(content.length)) : content.clone();
        for (int changes = 1 + random.nextInt(4); changes > 0 && bytes.length > 0; changes--) {
            int at = random.nextInt(random.nextBoolean() ? bytes.length : Math.min(16, bytes.length));
            bytes[at] = random.nextBoolean() ? (byte) random.nextInt() : (byte) (random.nextBoolean() ? 0x7F : 0xFF);
        }
        return bytes;
    }

    @Test
    void inputsAndOutputsInShares() throws Exception {
        LanedPlan plan = PlanCodecTest.compiled("logistic", 1).plans();
        var shares = new ShareBytes(plan, COMPONENTS);
        Fuzz.of("input shares").sample(new byte[(int) shares.inputBytes()]).documented(RunException.class).run(bytes -> {
            List<Map<String, PartyValue>> read = shares.inputs(bytes);
            shares.inputs(read);
        });
        Fuzz.of("output shares").sample(new byte[(int) shares.outputBytes()]).documented(RunException.class).run(shares::outputs);
    }

    @Test
    void envelopes() throws Exception {
        Fuzz.of("envelope").sample(Envelope.of("predict", "id", "0".repeat(32), "model", "m", "version", "3").head(5)).sample(Envelope.of("deploy", "id", "f".repeat(32),
                "model", "m", "version", "1", "plan", "0".repeat(64), "allowed", "a,b").head(1L << 40)).documented(ServiceException.class).run(bytes -> {
                    Envelope envelope = Envelope.parse(bytes);
                    envelope.field("model");
                    envelope.number("version");
                    if (envelope.fields().containsKey("plan")) {
                        String allowed = envelope.field("allowed");
                        Manifest.parse(new Manifest(envelope.field("model"), envelope.number("version"), envelope.field("plan"), 0, Instant.EPOCH, "o", allowed.isEmpty()
                                ? List.of() : List.of(allowed.split(","))).label());
                    }
                    envelope.orThrow();
                });
    }

    @Test
    void manifests() throws Exception {
        Fuzz.of("manifest").sample(new Manifest("m", 7, "0".repeat(64), 2, Instant.EPOCH, "owner", List.of("a", "b")).label().getBytes(StandardCharsets.UTF_8)).words("\n",
                "name=", "version=", ",", "party=-1", "deployed=+1000000000-12-31T23:59:59.999999999Z").documented(ServiceException.class).run(bytes -> {
                    Manifest read = Manifest.parse(new String(bytes, StandardCharsets.UTF_8));
                    Manifest.parse(read.label());
                });
    }

    @Test
    void configurations() throws Exception {
        Path cluster = folder.resolve("cluster");
        ClusterInit.write(new ClusterInit.Request(cluster, Protocol.REPLICATED_3, List.of("127.0.0.1:7400", "127.0.0.1:7401", "127.0.0.1:7402"), Duration.ofDays(2)));
        String[] words = {"\n", "  ", "- ", "&a ", "*a", "!!int ", "? ", "{a: [", "]}", "|\n", ">-\n", "\"\\u0000\"", "<<: ", "---\n", "...\n", "#", "\t", "'", "%YAML 1.2\n", "0x7fffffff",
                "~", "!!binary ", "&a [*a, *a]", "certs/../keys/ca.key", "party: 1\n"};
        Path owners = cluster.resolve("fuzzed.yaml");
        Fuzz.of("cluster.yaml").sample(Files.readAllBytes(cluster.resolve("cluster.yaml"))).words(words).documented(ServiceException.class).allocates(16L << 20, 4096).run(bytes -> {
            Files.write(owners, bytes);
            ClusterFile.read(owners).identity("data-owner");
        });
        Fuzz.of("party.yaml").sample(Files.readAllBytes(cluster.resolve("party-1.yaml"))).words(words).documented(ServiceException.class).allocates(16L << 20, 4096).run(bytes -> {
            Files.write(owners, bytes);
            PartyFile.read(owners);
        });
    }

    @Test
    void certificatesAndKeys() throws Exception {
        Path cluster = folder.resolve("cluster");
        ClusterInit.write(new ClusterInit.Request(cluster, Protocol.REPLICATED_3, List.of("127.0.0.1:7400", "127.0.0.1:7401", "127.0.0.1:7402"), Duration.ofDays(2)));
        Path fuzzed = folder.resolve("fuzzed.pem");
        Path certificate = cluster.resolve("certs/party-0.pem");
        Path key = cluster.resolve("keys/party-0.key");
        PrivateFiles.write(fuzzed, new byte[0]);
        Fuzz.of("certificate").sample(Files.readAllBytes(certificate)).documented(ServiceException.class).allocates(16L << 20, 4096).run(bytes -> {
            Files.write(fuzzed, bytes);
            ClusterFile.readCertificate(fuzzed);
        });
        Fuzz.of("key").sample(Files.readAllBytes(key)).documented(ServiceException.class).allocates(16L << 20, 4096).run(bytes -> {
            Files.write(fuzzed, bytes);
            ClusterFile.readIdentity(certificate, fuzzed);
        });
    }

    @Test
    void ledgers() throws Exception {
        Path file = folder.resolve("ledger");
        var ledger = new VersionLedger(file, KEY);
        ledger.put("a", new VersionLedger.Entry(3, false, "model-owner"));
        ledger.put("b", new VersionLedger.Entry(1, true, "other owner"));
        Fuzz.of("ledger").sample(Files.readAllBytes(file)).words("\n", " ", "kept", "removed").documented(ServiceException.class).run(bytes -> {
            Files.write(file, bytes);
            new VersionLedger(file, KEY).all();
        });
    }
}
