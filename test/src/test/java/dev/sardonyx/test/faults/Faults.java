package dev.sardonyx.test.faults;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sardonyx.cli.service.RemoteCluster;
import dev.sardonyx.cli.service.RemoteModel;
import dev.sardonyx.cli.service.ServiceException;
import dev.sardonyx.transport.CertificateAuthority;
import dev.sardonyx.transport.TlsIdentity;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import javax.net.ssl.SSLServerSocket;
import javax.net.ssl.SSLSocket;

/** The table of faults: what is done, and what each side must be told. */
final class Faults {
    private static final int CLIENTS = 200;
    private static final int IDLERS = 300;
    private static final int INPUT_BYTES = Questions.inputBytes();

    private Faults() {
    }

    private static void contains(String text, String... parts) {
        assertTrue(Stream.of(parts).anyMatch(text::contains), () -> "'" + text + "' should hold one of " + Arrays.toString(parts));
    }

    private static String freshId(Random random) {
        return "%016x%016x".formatted(random.nextLong(), random.nextLong());
    }

    private static String[] request(RemoteModel model, String id) {
        return new String[] {"id", id, "model", model.name(), "version", String.valueOf(model.version())};
    }

    // ---- links between parties

    static List<Fault> links() {
        return List.of(
                Fault.harmful("one link is cut", stage -> {
                    FaultCluster cluster = stage.cluster();
                    Wire wire = cluster.wire(2, 1);
                    wire.set(Wire.State.CUT);
                    try {
                        contains(stage.told(() -> askUntilTold(cluster)), "party");
                        stage.awaitLogged("event=session-over");
                    } finally {
                        wire.set(Wire.State.WHOLE);
                    }
                }),
                Fault.harmful("one link falls silent", stage -> {
                    FaultCluster cluster = stage.cluster();
                    Wire wire = cluster.wire(2, 1);
                    wire.set(Wire.State.SILENT);
                    try {
                        contains(stage.told(() -> askUntilTold(cluster)), "party");
                        stage.awaitLogged("silence deadline");
                    } finally {
                        // What was held back belongs to connections that are gone by now.
                        wire.set(Wire.State.CUT);
                        wire.set(Wire.State.WHOLE);
                    }
                }).slowly(),
                Fault.harmless("all links are slow and overtake each other", stage -> {
                    FaultCluster cluster = stage.cluster();
                    cluster.wires().forEach(wire -> wire.set(Wire.State.SLOW));
                    try {
                        cluster.questions.get(3).ask(cluster.model);
                    } finally {
                        cluster.wires().forEach(wire -> wire.set(Wire.State.WHOLE));
                    }
                }),
                garbled("bytes of a link arrive in another order", Wire.Mischief.REORDER),
                garbled("bytes of a link are replayed", Wire.Mischief.REPLAY),
                garbled("a link ends in the middle of a frame", Wire.Mischief.TRUNCATE));
    }

    private static Fault garbled(String name, Wire.Mischief mischief) {
        return Fault.harmful(name, stage -> {
            FaultCluster cluster = stage.cluster();
            cluster.wire(2, 1).play(mischief);
            // A client tries once more, and by then the parties may have linked anew: it need not be told.
            askUntilLogged(stage, "event=session-over");
        });
    }

    private static void askUntilLogged(FaultTableTest.Stage stage, String text) throws Exception {
        FaultCluster cluster = stage.cluster();
        FaultCluster.await("a log line with '" + text + "'", () -> {
            try {
                cluster.questions.get(4).ask(cluster.model);
            } catch (ServiceException told) {
                FaultTableTest.assertClear(String.valueOf(told.getMessage()));
            }
            return !stage.logged(text).isEmpty();
        });
    }

    /** Asks until an answer fails. */
    private static void askUntilTold(FaultCluster cluster) {
        for (int number = 0; number < 10_000; number++) {
            cluster.questions.get(number).ask(cluster.model);
        }
    }

    // ---- strangers

    static List<Fault> strangers() {
        return List.of(
                Fault.harmless("a client without TLS", stage -> {
                    for (String text : List.of("GET / HTTP/1.1\r\n\r\n", "SARDONYX/1 2 3 x", "\u0016\u0003\u0001\u00ff\u00ff garbage")) {
                        try (var socket = plain(stage.cluster().address(0))) {
                            socket.getOutputStream().write(text.getBytes(StandardCharsets.ISO_8859_1));
                            socket.shutdownOutput();
                            socket.getInputStream().readAllBytes();
                        } catch (IOException reset) {
                            // Cut off before everything was taken: as good an end as any.
                        }
                    }
                    stage.awaitLogged("event=connection-refused");
                }),
                Fault.harmless("an unknown certificate", stage -> {
                    TlsIdentity unknown = CertificateAuthority.create("nobody's authority", Duration.ofDays(1)).issue("data-owner", List.of(), Duration.ofDays(1));
                    stage.told(() -> Intruder.connect(stage.cluster().address(0), unknown).visit());
                    stage.awaitLogged("unknown certificate");
                }),
                Fault.harmless("an expired certificate", stage -> {
                    stage.told(() -> Intruder.connect(stage.cluster().address(1), stage.cluster().expired).visit());
                    stage.awaitLogged("certificate expired");
                }),
                Fault.harmless("certificates in the wrong role", stage -> {
                    FaultCluster cluster = stage.cluster();
                    contains(stage.told(() -> cluster.dataOwner.deploy("mine", Questions.compiled(), List.of())), "may not store");
                    contains(stage.told(() -> cluster.dataOwner.remove(Questions.MODEL)), "may not store or remove");
                    contains(stage.told(() -> cluster.questions.get(0).ask(cluster.modelOwner.model(Questions.MODEL))), "may not ask for predictions");
                    // An owner that greets as a party, and a party as another.
                    for (String who : List.of("data-owner", "party-2")) {
                        try (var intruder = Intruder.connect(cluster.address(0), cluster.identity(who))) {
                            intruder.frame(Intruder.HELLO, "SARDONYX/1 1 3 s".getBytes(StandardCharsets.US_ASCII));
                            assertEquals(Intruder.REFUSED, intruder.hear().type());
                        }
                    }
                    stage.awaitLogged("another certificate");
                    // A party that comes as an owner may ask for nothing.
                    try (var intruder = Intruder.connect(cluster.address(0), cluster.identity("party-2")).visit()) {
                        contains(String.valueOf(intruder.told().fields().get("message")), "party 2's certificate");
                    }
                    stage.awaitLogged("certificate in an owner's place");
                }),
                Fault.harmless("connections held open in silence", stage -> {
                    FaultCluster cluster = stage.cluster();
                    var idlers = new ArrayList<Socket>();
                    try {
                        for (int i = 0; i < IDLERS; i++) {
                            idlers.add(plain(cluster.address(0)));
                        }
                        // They lock out neither those who are there nor those who come.
                        try (var newcomer = RemoteCluster.connect(cluster.processes.clusterFile(), "data-owner")) {
                            cluster.questions.get(0).ask(newcomer.model(Questions.MODEL));
                        }
                        stage.awaitLogged("have not greeted");
                    } finally {
                        for (Socket idler : idlers) {
                            idler.close();
                        }
                    }
                }),
                Fault.harmless("greetings without an end", stage -> {
                    try (var intruder = Intruder.connect(stage.cluster().address(0), stage.cluster().identity("data-owner"))) {
                        intruder.raw(Arrays.copyOf(Intruder.header(100, Intruder.HELLO), 20));
                        intruder.awaitEnd();
                    }
                    stage.awaitLogged("no greeting within");
                }).slowly());
    }

    private static Socket plain(String address) throws IOException {
        int colon = address.lastIndexOf(':');
        var socket = new Socket(address.substring(0, colon), Integer.parseInt(address.substring(colon + 1)));
        socket.setSoTimeout(60_000);
        return socket;
    }

    // ---- owners

    static List<Fault> owners() {
        return List.of(
                Fault.harmless("an owner's frames are garbage, too long or cut", stage -> {
                    FaultCluster cluster = stage.cluster();
                    byte[] noise = new byte[100_000];
                    new Random(5).nextBytes(noise);
                    noise[0] = 0x7F;
                    for (byte[] nonsense : List.of(noise, Intruder.header(Integer.MAX_VALUE, Intruder.DATA), Intruder.header(-1, Intruder.DATA), Intruder.header(0, 200), Intruder
                            .header(0, Intruder.DATA), Intruder.header(0, Intruder.HELLO), Arrays.copyOf(Intruder.header(1000, Intruder.DATA), 500))) {
                        try (var intruder = Intruder.connect(cluster.address(0), cluster.identity("data-owner")).visit()) {
                            intruder.raw(nonsense);
                            if (nonsense.length != 500) {
                                intruder.awaitEnd();
                            }
                        } catch (IOException reset) {
                            // Cut off while it still sent.
                        }
                    }
                }),
                Fault.harmless("an owner's envelopes are nonsense", stage -> {
                    FaultCluster cluster = stage.cluster();
                    String[] good = request(cluster.model, "0".repeat(32));
                    for (Object[] nonsense : List.of(new Object[] {"predict", 1L << 50, good}, new Object[] {"predict", 3L, good}, new Object[] {"surprise", 0L, good}, new Object[] {
                            "deploy", 1L << 50, good}, new Object[] {"predict", 0L, new String[] {"id", "../../etc"}}, new Object[] {"next", 0L, new String[] {"model", "a/b"}},
                            new Object[] {"echo", 1L << 40, new String[0]})) {
                        try (var intruder = Intruder.connect(cluster.address(2), cluster.identity("data-owner")).visit()) {
                            intruder.envelope((String) nonsense[0], (Long) nonsense[1], (String[]) nonsense[2]);
                            contains(intruder.told().message(), "failed BAD_REQUEST", "failed REFUSED");
                        }
                    }
                    for (byte[] none : List.of(new byte[] {9}, new byte[] {1, 0, 3, 'a', 'b'}, new byte[100_000])) {
                        try (var intruder = Intruder.connect(cluster.address(2), cluster.identity("data-owner")).visit()) {
                            intruder.frame(Intruder.DATA, none);
                            contains(intruder.told().message(), "envelope");
                        }
                    }
                    stage.awaitLogged("outcome=\"BAD_REQUEST");
                }),
                Fault.harmless("a request's identity is used twice", stage -> {
                    FaultCluster cluster = stage.cluster();
                    String id = freshId(new Random());
                    byte[] zeros = new byte[INPUT_BYTES];
                    assertEquals(List.of("ok", "ok", "ok"), atAll(cluster, id, List.of(zeros, zeros, zeros)).stream().map(Intruder.Told::verb).toList());
                    List<Intruder.Told> again = atAll(cluster, id, List.of(zeros, zeros, zeros));
                    contains(again.getFirst().message(), "was made before");
                    again.forEach(told -> contains(told.message(), "failed REFUSED"));
                    stage.awaitLogged("was made before");
                }),
                Fault.harmless("an owner gives parties different copies", stage -> {
                    FaultCluster cluster = stage.cluster();
                    byte[] zeros = new byte[INPUT_BYTES];
                    byte[] other = zeros.clone();
                    other[0] = 1;
                    List<Intruder.Told> told = atAll(cluster, freshId(new Random()), List.of(zeros, other, zeros));
                    told.forEach(each -> contains(each.message(), "failed"));
                    assertTrue(told.stream().anyMatch(each -> each.message().contains("different copies")), told::toString);
                    stage.awaitLogged("different copies");
                }),
                Fault.harmless("an owner shares numbers beyond their range", stage -> {
                    FaultCluster cluster = stage.cluster();
                    // Party p holds components p and p + 1, one behind the other; component 0 is the number, the others are zero.
                    byte[] none = new byte[INPUT_BYTES];
                    byte[] first = none.clone();
                    Arrays.fill(first, 0, INPUT_BYTES / 2, (byte) 0x3F);
                    byte[] second = none.clone();
                    Arrays.fill(second, INPUT_BYTES / 2, INPUT_BYTES, (byte) 0x3F);
                    atAll(cluster, freshId(new Random()), List.of(first, none, second)).forEach(told -> assertEquals("ok", told.verb(), told::message));
                }),
                Fault.harmless("an owner is gone in the middle of a request", stage -> {
                    FaultCluster cluster = stage.cluster();
                    byte[] half = new byte[INPUT_BYTES / 2];
                    String id = freshId(new Random());
                    for (int party = 0; party < FaultCluster.PARTIES; party++) {
                        var intruder = Intruder.connect(cluster.address(party), cluster.identity("data-owner")).visit();
                        intruder.envelope("predict", 2L * half.length, request(cluster.model, id));
                        intruder.body(half);
                        intruder.reset();
                    }
                    stage.awaitLogged("outcome=owner-gone");
                }),
                Fault.harmless("an owner asks one party alone", stage -> {
                    FaultCluster cluster = stage.cluster();
                    for (int party = 0; party < 2; party++) {
                        try (var intruder = Intruder.connect(cluster.address(party), cluster.identity("data-owner")).visit()) {
                            intruder.envelope("predict", INPUT_BYTES, request(cluster.model, freshId(new Random())));
                            intruder.body(new byte[INPUT_BYTES]);
                            contains(intruder.told().message(), "failed PARTY_FAILED");
                        }
                    }
                }).slowly(),
                Fault.harmless("an owner sends byte after byte", stage -> {
                    FaultCluster cluster = stage.cluster();
                    try (var intruder = Intruder.connect(cluster.address(1), cluster.identity("data-owner")).visit()) {
                        intruder.envelope("predict", INPUT_BYTES, request(cluster.model, freshId(new Random())));
                        Thread drip = Thread.startVirtualThread(() -> {
                            try {
                                for (int i = 0; i < 1000; i++) {
                                    intruder.body(new byte[1]);
                                    Thread.sleep(100);
                                }
                            } catch (IOException | InterruptedException e) {
                                // Cut off, which is what is wanted.
                            }
                        });
                        contains(intruder.told().message(), "failed PARTY_FAILED");
                        drip.interrupt();
                    }
                    stage.awaitLogged("nothing came from");
                }).slowly(),
                Fault.harmless(CLIENTS + " clients at once", stage -> {
                    FaultCluster cluster = stage.cluster();
                    try (var many = RemoteCluster.connect(cluster.processes.clusterFile(), "data-owner"); var threads = Executors.newVirtualThreadPerTaskExecutor()) {
                        RemoteModel model = many.model(Questions.MODEL);
                        var clients = new ArrayList<Future<?>>();
                        for (int client = 0; client < CLIENTS; client++) {
                            int number = client;
                            clients.add(threads.submit(() -> cluster.questions.get(number).ask(model)));
                        }
                        for (Future<?> client : clients) {
                            client.get();
                        }
                    }
                }).slowly());
    }

    private static List<Intruder.Told> atAll(FaultCluster cluster, String id, List<byte[]> inputs) throws IOException {
        return atAll(cluster.addresses(), cluster.identity("data-owner"), request(cluster.model, id), inputs);
    }

    /** Sends the parts of one request to all parties and gathers what they say. */
    static List<Intruder.Told> atAll(List<String> addresses, TlsIdentity identity, String[] request, List<byte[]> inputs) throws IOException {
        var intruders = new ArrayList<Intruder>();
        var told = new ArrayList<Intruder.Told>();
        try {
            for (int party = 0; party < addresses.size(); party++) {
                var intruder = Intruder.connect(addresses.get(party), identity).visit();
                intruders.add(intruder);
                intruder.envelope("predict", inputs.get(party).length, request);
                intruder.body(inputs.get(party));
            }
            for (Intruder intruder : intruders) {
                told.add(intruder.told());
            }
        } finally {
            for (Intruder intruder : intruders) {
                intruder.close();
            }
        }
        return told;
    }

    // ---- parties

    static List<Fault> parties() {
        return List.of(
                Fault.harmless("a full disk at deploy", stage -> {
                    FaultCluster cluster = stage.cluster();
                    contains(stage.told(() -> cluster.modelOwner.deploy("second", Questions.compiled(), List.of())), "No space left");
                    try (Stream<Path> left = Files.list(cluster.disk())) {
                        assertEquals(List.of(Questions.MODEL + ".shares"), left.map(path -> path.getFileName().toString()).filter(name -> !name.equals(".lock")).toList());
                    }
                    assertThrows(ServiceException.class, () -> cluster.dataOwner.model("second"));
                    stage.awaitLogged("No space left");
                }).needing(FaultCluster::noSmallDisk),
                Fault.harmless("parties are given different plans", stage -> {
                    FaultCluster cluster = stage.cluster();
                    var deployer = new Deployer(cluster.addresses(), cluster.identity("model-owner"), "twoplans");
                    List<Intruder.Told> told = deployer.deploy(List.of(Deployer.PLAN, Deployer.OTHER, Deployer.PLAN), true);
                    told.forEach(each -> contains(each.message(), "failed"));
                    assertTrue(told.stream().anyMatch(each -> each.message().contains("plan")), told::toString);
                    assertThrows(ServiceException.class, () -> cluster.dataOwner.model("twoplans"));
                    stage.awaitLogged("plan");
                }),
                Fault.harmless("a plan is not the announced one", stage -> {
                    FaultCluster cluster = stage.cluster();
                    var deployer = new Deployer(cluster.addresses(), cluster.identity("model-owner"), "wronghash");
                    List<Intruder.Told> told = deployer.deploy(List.of(Deployer.OTHER, Deployer.OTHER, Deployer.OTHER), false);
                    told.forEach(each -> contains(each.message(), "the plan's hash is not the announced one"));
                }),
                Fault.harmless("another version of the software", stage -> {
                    FaultCluster cluster = stage.cluster();
                    try (var intruder = Intruder.connect(cluster.address(1), cluster.identity("party-0")).visit()) {
                        intruder.envelope("join", 0, "session", "s1", "version", "999");
                        contains(intruder.told().message(), "runs version");
                    }
                    try (var intruder = Intruder.connect(cluster.address(1), cluster.identity("party-2"))) {
                        intruder.frame(Intruder.HELLO, "SARDONYX/9 2 3 s".getBytes(StandardCharsets.US_ASCII));
                        assertEquals(Intruder.REFUSED, intruder.hear().type());
                    }
                    stage.awaitLogged("party 0 runs version 999");
                    stage.awaitLogged("another version");
                }),
                Fault.harmful("a party speaks nonsense to the others", Faults::nonsenseFromAParty),
                Fault.harmful("a party holds another version of a model", Faults::anotherShareVersion),
                Fault.harmful("a party is killed", stage -> {
                    FaultCluster cluster = stage.cluster();
                    cluster.kill(1);
                    try {
                        contains(stage.told(() -> askUntilTold(cluster)), "party");
                    } finally {
                        cluster.processes.start(1);
                    }
                }).slowly(),
                Fault.harmful("the leading party is killed", stage -> {
                    FaultCluster cluster = stage.cluster();
                    cluster.kill(0);
                    try {
                        contains(stage.told(() -> askUntilTold(cluster)), "party 0");
                    } finally {
                        cluster.processes.start(0);
                    }
                }).slowly(),
                Fault.harmful("a party is stopped", stage -> {
                    FaultCluster cluster = stage.cluster();
                    cluster.signal("STOP", 2);
                    try {
                        contains(stage.told(() -> askUntilTold(cluster)), "party");
                    } finally {
                        cluster.signal("CONT", 2);
                    }
                }).slowly(),
                Fault.harmful("a party is restarted in order", stage -> {
                    FaultCluster cluster = stage.cluster();
                    cluster.signal("TERM", 2);
                    cluster.processes.process(2).waitFor();
                    stage.awaitLogged("event=stopped");
                    contains(stage.told(() -> askUntilTold(cluster)), "party 2");
                    cluster.processes.start(2);
                }).slowly());
    }

    /** Somebody with party 2's key in party 2's place: links are made, then what comes over them is nonsense. */
    private static void nonsenseFromAParty(FaultTableTest.Stage stage) throws Exception {
        FaultCluster cluster = stage.cluster();
        TlsIdentity identity = cluster.identity("party-2");
        cluster.kill(2);
        String address = cluster.address(2);
        byte[] twice = new byte[52];
        System.arraycopy(Intruder.header(0, Intruder.DATA), 0, twice, 0, 26);
        System.arraycopy(Intruder.header(0, Intruder.DATA), 0, twice, 26, 26);
        try (var door = (SSLServerSocket) Intruder.context(identity).getServerSocketFactory().createServerSocket()) {
            door.setReuseAddress(true);
            door.setNeedClientAuth(true);
            door.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), Integer.parseInt(address.substring(address.lastIndexOf(':') + 1))));
            door.setSoTimeout((int) FaultCluster.PATIENCE.toMillis());
            for (byte[] nonsense : List.of(Intruder.header(0, 200), Intruder.header(Integer.MAX_VALUE, Intruder.DATA), Arrays.copyOf(Intruder.header(1000, Intruder.DATA), 300), twice)) {
                FaultCluster.await("a link for nonsense", () -> linkedForNonsense(cluster, identity, door, nonsense));
            }
            contains(stage.told(() -> cluster.model.run(cluster.questions.get(0).input())), "party");
        } finally {
            cluster.processes.start(2);
        }
        stage.awaitLogged("event=not-linked");
    }

    /** Whether the next one to come was party 0 with a session, and not an owner, and party 1 made a link in it and was sent nonsense over that. */
    private static boolean linkedForNonsense(FaultCluster cluster, TlsIdentity identity, SSLServerSocket door, byte[] nonsense) {
        try (var control = Intruder.of((SSLSocket) door.accept())) {
            control.hear();
            control.frame(Intruder.WELCOME, new byte[0]);
            Intruder.Told join = control.told();
            if (!join.verb().equals("join")) {
                return false;
            }
            byte[] hello = ("SARDONYX/1 2 3 " + join.fields().get("session")).getBytes(StandardCharsets.US_ASCII);
            // Without a link of its own party 0 would wait for it as long as it may, before it begins another session.
            try (var other = Intruder.connect(cluster.address(0), identity); var link = Intruder.connect(cluster.address(1), identity)) {
                other.frame(Intruder.HELLO, hello);
                link.frame(Intruder.HELLO, hello);
                if (link.hear().type() != Intruder.WELCOME) {
                    // Party 1 has not heard of the session yet.
                    return false;
                }
                link.raw(nonsense);
                return true;
            }
        } catch (IOException e) {
            // Whoever came waits no longer, or the session was over before the nonsense was sent.
            return false;
        }
    }

    /** Party 1 gets back its shares and its ledger of an earlier deployment: whoever holds both can do that, and it is noticed all the same. */
    private static void anotherShareVersion(FaultTableTest.Stage stage) throws Exception {
        FaultCluster cluster = stage.cluster();
        Path shares = cluster.disk().resolve(Questions.MODEL + ".shares");
        Path ledger = cluster.file("keys/party-1.shares.versions");
        Path old = Files.createTempDirectory("sardonyx-old");
        Files.copy(shares, old.resolve("shares"), StandardCopyOption.COPY_ATTRIBUTES);
        Files.copy(ledger, old.resolve("ledger"), StandardCopyOption.COPY_ATTRIBUTES);
        // One at a time fits on the small disk.
        cluster.modelOwner.remove(Questions.MODEL);
        cluster.deploy();
        cluster.kill(1);
        Files.copy(old.resolve("shares"), shares, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.COPY_ATTRIBUTES);
        cluster.processes.start(1);
        stage.awaitLogged("an older copy was put back");
        cluster.kill(1);
        Files.copy(old.resolve("ledger"), ledger, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.COPY_ATTRIBUTES);
        cluster.processes.start(1);
        // What the party said before it held both has no version of its own in it.
        stage.awaitLogged(", party 1 version ");
        contains(stage.told(() -> cluster.dataOwner.model(Questions.MODEL)), "hold different versions");
        cluster.modelOwner.remove(Questions.MODEL);
        cluster.deploy();
    }
}
