package dev.sardonyx.test.faults;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.sardonyx.Protocol;
import dev.sardonyx.Sardonyx;
import dev.sardonyx.cli.service.LocalCluster;
import dev.sardonyx.cli.service.RemoteCluster;
import dev.sardonyx.cli.service.RemoteModel;
import dev.sardonyx.transport.CertificateAuthority;
import dev.sardonyx.transport.Deadline;
import dev.sardonyx.transport.TlsIdentity;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Three party processes with a {@link Wire} under each link between them, a deployed {@code mlp}, and a small disk under party 1's
 * shares where this system lets us mount one. Besides the two owners that every cluster has, the parties know a client whose
 * certificate has expired.
 */
final class FaultCluster implements AutoCloseable {
    static final int PARTIES = 3;
    static final Duration PATIENCE = Duration.ofMinutes(2);

    private static final Pattern ADDRESS = Pattern.compile("(- address: \")([^\"]+)(\")");
    private static final long LOOK_NANOS = TimeUnit.MILLISECONDS.toNanos(20);
    /** Room for one model of this size and a half. */
    private static final String SMALL_DISK = "size=3m,mode=700";

    final LocalCluster processes;
    final RemoteCluster modelOwner;
    final RemoteCluster dataOwner;
    volatile RemoteModel model;
    final Questions questions = Questions.of(50);
    final TlsIdentity expired;
    private final List<String> addresses;
    private final Wire[][] wires = new Wire[PARTIES][PARTIES];
    private final String noSmallDisk;

    FaultCluster() throws IOException, InterruptedException {
        processes = LocalCluster.prepare(Protocol.REPLICATED_3, List.of("-Xmx256m", "-Dio.netty.leakDetection.level=paranoid"));
        expired = CertificateAuthority.create("another authority", Duration.ofDays(1)).issue("late", List.of(), Duration.ofMillis(1));
        expired.writePem(file("certs/late.pem"), file("keys/late.key"));
        addresses = ADDRESS.matcher(Files.readString(file("cluster.yaml"))).results().map(found -> found.group(2)).toList();
        for (int party = 0; party < PARTIES; party++) {
            rewire(party);
        }
        noSmallDisk = mount(disk());
        for (int party = 0; party < PARTIES; party++) {
            processes.start(party);
        }
        modelOwner = RemoteCluster.connect(processes.clusterFile(), "model-owner");
        dataOwner = Sardonyx.connect(processes.clusterFile());
        awaitReady();
        deploy();
    }

    /** Stores the model, or stores it again. */
    final void deploy() {
        modelOwner.deploy(Questions.MODEL, Questions.compiled(), List.of());
        model = dataOwner.model(Questions.MODEL);
    }

    Path file(String name) {
        return processes.files().resolve(name);
    }

    private void rewire(int party) throws IOException {
        Path config = file("party-" + party + ".yaml");
        Matcher found = ADDRESS.matcher(Files.readString(config));
        var text = new StringBuilder();
        for (int peer = 0; found.find(); peer++) {
            String address = addresses.get(peer);
            if (peer != party) {
                int colon = address.lastIndexOf(':');
                wires[party][peer] = new Wire(new InetSocketAddress(address.substring(0, colon), Integer.parseInt(address.substring(colon + 1))));
                address = wires[party][peer].address();
            }
            found.appendReplacement(text, "$1" + address + "$3");
        }
        found.appendTail(text);
        String late = "clients:\n  - name: late\n    certificate: certs/late.pem\n    may: [predict]\n";
        Files.writeString(config, text.toString().replace("clients:\n", late));
    }

    /** What connects one party to another. */
    Wire wire(int from, int to) {
        return wires[from][to];
    }

    List<Wire> wires() {
        var all = new ArrayList<Wire>();
        for (Wire[] row : wires) {
            for (Wire wire : row) {
                if (wire != null) {
                    all.add(wire);
                }
            }
        }
        return all;
    }

    List<String> addresses() {
        return addresses;
    }

    String address(int party) {
        return addresses.get(party);
    }

    TlsIdentity identity(String name) throws IOException {
        return TlsIdentity.readPem(file("certs/" + name + ".pem"), file("keys/" + name + ".key"));
    }

    Path disk() {
        return file("data/party-1");
    }

    /** Why there is no small disk under party 1's shares; empty if there is one. */
    String noSmallDisk() {
        return noSmallDisk;
    }

    private static String mount(Path directory) throws IOException, InterruptedException {
        Files.createDirectories(directory);
        try {
            Process mount = new ProcessBuilder("mount", "-t", "tmpfs", "-o", SMALL_DISK, "tmpfs", directory.toString()).redirectErrorStream(true).start();
            String said = new String(mount.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
            return mount.waitFor() == 0 ? "" : "missing: the right to mount a small disk (" + said + ")";
        } catch (IOException e) {
            return "missing: the command mount (" + e.getMessage() + ")";
        }
    }

    // ---- processes

    void signal(String name, int party) throws IOException, InterruptedException {
        assertEquals(0, new ProcessBuilder("kill", "-" + name, String.valueOf(processes.process(party).pid())).start().waitFor());
    }

    void kill(int party) throws InterruptedException {
        processes.process(party).destroyForcibly().waitFor();
    }

    void awaitReady() {
        processes.awaitReady(modelOwner, Deadline.in(PATIENCE));
    }

    /** The lines that a party has logged. */
    List<String> log(int party) throws IOException {
        return Files.readAllLines(processes.log(party), StandardCharsets.UTF_8);
    }

    /** Waits for something; the deadline is for a machine that is busy, not for what is stated of the parties. */
    static void await(String what, Check check) throws Exception {
        Deadline deadline = Deadline.in(PATIENCE);
        while (!check.holds()) {
            if (deadline.expired()) {
                throw new AssertionError(what + ": not within the " + deadline);
            }
            LockSupport.parkNanos(LOOK_NANOS);
        }
    }

    interface Check {
        boolean holds() throws Exception;
    }

    @Override
    public void close() throws IOException, InterruptedException {
        dataOwner.close();
        modelOwner.close();
        for (int party = 0; party < PARTIES; party++) {
            processes.process(party).destroyForcibly().waitFor();
        }
        if (noSmallDisk.isEmpty()) {
            new ProcessBuilder("umount", disk().toString()).start().waitFor();
        }
        processes.close();
        for (Wire wire : wires()) {
            wire.close();
        }
    }
}
