package dev.sardonyx.cli.service;

import dev.sardonyx.Protocol;
import dev.sardonyx.cli.service.PartyConnections.Question;
import dev.sardonyx.cli.service.ServiceException.Kind;
import dev.sardonyx.secureops.protocol.Seating;
import dev.sardonyx.transport.Deadline;
import java.io.File;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * A cluster of this machine's own: a process for each party, over TLS on the loopback interface, in a directory that goes with it. For
 * measurements and tests; the processes run this process's Java and class path.
 */
public final class LocalCluster implements AutoCloseable {
    private static final String MAIN = "dev.sardonyx.cli.Main";
    private static final long LOOK_MILLIS = 50;
    private static final int FIRST_PORT = 20_000;
    /** Linux gives ports from 32768 on of its own accord, others from 49152 on. */
    private static final int LAST_PORT = 32_000;
    private static final Set<Integer> GIVEN = ConcurrentHashMap.newKeySet();

    private final Protocol protocol;
    private final Path directory;
    private final List<String> javaOptions;
    private final Process[] processes;

    private LocalCluster(Protocol protocol, Path directory, List<String> javaOptions) {
        this.protocol = protocol;
        this.directory = directory;
        this.javaOptions = List.copyOf(javaOptions);
        this.processes = new Process[protocol.implementation().parties()];
    }

    /**
     * Makes the files and starts all parties; does not wait for them.
     *
     * @param javaOptions options for each party's Java, such as its heap
     */
    public static LocalCluster start(Protocol protocol, List<String> javaOptions) {
        LocalCluster cluster = prepare(protocol, javaOptions);
        for (int party = 0; party < cluster.processes.length; party++) {
            cluster.start(party);
        }
        return cluster;
    }

    /** As {@link #start(Protocol, List)}, and starts no party: whoever calls may change the files first. */
    public static LocalCluster prepare(Protocol protocol, List<String> javaOptions) {
        int parties = protocol.implementation().parties();
        try {
            Path directory = Files.createTempDirectory("sardonyx-cluster");
            List<String> addresses = freePorts(parties).stream().map(port -> "127.0.0.1:" + port).toList();
            Path files = directory.resolve("cluster");
            ClusterInit.write(new ClusterInit.Request(files, protocol, addresses, Duration.ofDays(2)));
            return new LocalCluster(protocol, directory, javaOptions);
        } catch (IOException e) {
            throw new ServiceException(Kind.PARTY_FAILED, "a cluster cannot be started here: " + e, e);
        }
    }

    /**
     * Ports of the loopback interface at which nobody listens; for whoever must know where a process will listen before it does, or will
     * again. They lie below those that systems give to connections and to whoever asks for any port, so that nobody comes to one by chance
     * while it is not in use, and are given once.
     */
    public static List<Integer> freePorts(int count) throws IOException {
        var ports = new ArrayList<Integer>();
        int next = ThreadLocalRandom.current().nextInt(FIRST_PORT, LAST_PORT + 1);
        for (int probes = 0; ports.size() < count; probes++) {
            if (probes > LAST_PORT - FIRST_PORT) {
                throw new IOException("no port is free from " + FIRST_PORT + " to " + LAST_PORT);
            }
            if (isFree(next) && GIVEN.add(next)) {
                ports.add(next);
            }
            next = next == LAST_PORT ? FIRST_PORT : next + 1;
        }
        return ports;
    }

    private static boolean isFree(int port) {
        try (var probe = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
            return probe.isBound();
        } catch (IOException taken) {
            return false;
        }
    }

    /** Where the cluster's files lie. */
    public Path files() {
        return directory.resolve("cluster");
    }

    /** The file for owners. */
    public Path clusterFile() {
        return files().resolve("cluster.yaml");
    }

    /** A party's configuration. */
    public Path partyFile(int party) {
        return files().resolve(ClusterInit.seat(protocol, party) + ".yaml");
    }

    /** An owner's connections. One machine runs all parties, a dealer too where there is one: this is for evaluation. */
    public RemoteCluster connect(String identity) {
        return RemoteCluster.connect(clusterFile(), identity, true);
    }

    /** What a party has said so far. */
    public Path log(int party) {
        return directory.resolve("party-" + party + ".log");
    }

    /** A party's process. */
    public Process process(int party) {
        return processes[party];
    }

    /** Starts a party, or starts it again. */
    public void start(int party) {
        var command = new ArrayList<String>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(List.of("--add-modules=jdk.incubator.vector", "--enable-native-access=ALL-UNNAMED", "-XX:+UseParallelGC"));
        command.addAll(javaOptions);
        command.addAll(List.of("-cp", absolute(System.getProperty("java.class.path")), MAIN, "party", "--config", partyFile(party).toString(),
                Seating.COLOCATED_DEALER_FLAG));
        try {
            processes[party] = new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(ProcessBuilder.Redirect.appendTo(log(party).toFile())).start();
        } catch (IOException e) {
            throw new ServiceException(Kind.PARTY_FAILED, "party " + party + " cannot be started: " + e, e);
        }
    }

    private static String absolute(String classPath) {
        return String.join(File.pathSeparator, Arrays.stream(classPath.split(File.pathSeparator)).map(entry -> Path.of(entry).toAbsolutePath().toString()).toList());
    }

    /**
     * Waits until every party says that it is linked with all others and that all parties agree on every stored model.
     *
     * @throws ServiceException telling what is missing, where the deadline passes
     */
    public void awaitReady(RemoteCluster owner, Deadline deadline) {
        while (true) {
            try {
                List<String> links = owner.connections().each(party -> owner.connections().ask(party, Question.of("status")).envelope().field("links"));
                List<String> states = owner.models().stream().map(RemoteCluster.Listed::state).toList();
                if (links.stream().allMatch("ready"::equals) && states.stream().allMatch("ready"::equals)) {
                    return;
                }
                if (deadline.expired()) {
                    throw new ServiceException(Kind.PARTY_FAILED, "the parties are not ready within the " + deadline + ": " + links + ", models " + states);
                }
            } catch (ServiceException e) {
                if (deadline.expired()) {
                    throw e;
                }
            }
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(LOOK_MILLIS));
        }
    }

    /** Kills all parties and deletes the directory. */
    @Override
    public void close() {
        for (Process process : processes) {
            if (process != null) {
                process.destroyForcibly();
            }
        }
        for (Process process : processes) {
            if (process != null) {
                process.onExit().join();
            }
        }
        try {
            Files.walkFileTree(directory, new SimpleFileVisitor<>() {
                @Override
                public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                    Files.delete(file);
                    return FileVisitResult.CONTINUE;
                }

                @Override
                public FileVisitResult postVisitDirectory(Path dir, java.io.IOException e) throws IOException {
                    Files.delete(dir);
                    return FileVisitResult.CONTINUE;
                }
            });
        } catch (IOException e) {
            // The directory for temporary files is swept by the system.
        }
    }
}
