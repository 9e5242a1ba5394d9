package dev.sardonyx.cli.service;

import dev.sardonyx.cli.service.PartyConnections.Question;
import dev.sardonyx.cli.service.ServiceException.Kind;
import dev.sardonyx.transport.Deadline;
import dev.sardonyx.transport.NameService;
import dev.sardonyx.transport.TransportException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/** Looks at a cluster from an owner's seat, one thing after the other, and says whose move it is. */
public final class Doctor {
    private static final int PINGS = 7;
    private static final int ECHOES = 4;
    private static final Duration MOST_SKEW = Duration.ofSeconds(5);
    private static final Duration SOON = Duration.ofDays(14);
    private static final Duration REACH = Duration.ofSeconds(5);

    /**
     * One finding.
     *
     * @param name what was looked at
     * @param seat where
     * @param status {@code ok}, {@code warning} or {@code failed}, with what was found
     * @param action what is to be done and by whom; empty if nothing
     */
    public record Check(String name, String seat, String status, String action) {
        public boolean failed() {
            return status.startsWith("failed");
        }
    }

    private final RemoteCluster cluster;
    private final List<Check> checks = new ArrayList<>();

    private Doctor(RemoteCluster cluster) {
        this.cluster = cluster;
    }

    /** Looks at every party. */
    public static List<Check> examine(RemoteCluster cluster) {
        var doctor = new Doctor(cluster);
        for (int party = 0; party < cluster.parties(); party++) {
            doctor.party(party);
        }
        doctor.dealer();
        return List.copyOf(doctor.checks);
    }

    /** Whether the dealer, where there is one, is run by nobody who runs a computing party. */
    private void dealer() {
        cluster.protocol().implementation().dealer().ifPresent(dealer -> {
            String trouble = cluster.dealerTrouble().orElse("");
            add("dealer", dealer, trouble.isEmpty() ? "ok: run by nobody who runs a computing party, as far as the cluster's file tells" : "warning: " + trouble,
                    trouble.isEmpty() ? "" : "whoever set the cluster up: give the dealer a machine and an operator of its own");
        });
    }

    private void add(String name, int party, String status, String action) {
        checks.add(new Check(name, "party " + party, status, action));
    }

    private void party(int party) {
        Address address = Address.parse(cluster.connections().address(party));
        InetAddress found;
        try {
            found = NameService.find(address.host(), Deadline.in(REACH));
            add("name", party, "ok: " + address.host() + " is " + found.getHostAddress(), "");
        } catch (TransportException e) {
            add("name", party, "failed: " + e.getMessage(), "you: correct the address in the cluster file, or the name service");
            return;
        }
        try (var socket = new Socket()) {
            socket.connect(new InetSocketAddress(found, address.port()), (int) REACH.toMillis());
            add("port", party, "ok: " + address + " accepts connections", "");
        } catch (IOException e) {
            add("port", party, "failed: " + address + ": " + e.getMessage(), "party " + party + ": start 'sardonyx party', open the port in the firewall");
            return;
        }
        Envelope status;
        long start = System.currentTimeMillis();
        long took;
        try {
            status = cluster.connections().ask(party, Question.of("status")).envelope();
            took = System.currentTimeMillis() - start;
            add("tls", party, "ok: TLS 1.3, certificate as pinned, good until " + status.field("expires"),
                    Instant.parse(status.field("expires")).isBefore(Instant.now().plus(SOON)) ? "party " + party + ": make a new certificate soon" : "");
        } catch (ServiceException e) {
            boolean identity = e.getCause() instanceof TransportException transport && transport.kind() == TransportException.Kind.AUTHENTICATION;
            add("tls", party, "failed: " + e.getMessage(), identity ? "you and party " + party + ": compare the certificates in both files; one may have expired"
                    : e.kind() == Kind.BUSY ? "you: try again later" : "party " + party + ": look at its log");
            return;
        }
        role(party, status);
        Duration skew = Duration.ofMillis(Math.abs(status.number("now") - (start + took / 2)));
        add("clock", party, skew.compareTo(MOST_SKEW) > 0 ? "warning: " + skew.toMillis() + " ms apart" : "ok: " + skew.toMillis() + " ms apart",
                skew.compareTo(MOST_SKEW) > 0 ? "party " + party + " or you: set the clock" : "");
        boolean same = status.field("version").equals(Versions.SOFTWARE);
        add("version", party, same ? "ok: " + status.field("version") : "failed: party runs " + status.field("version") + ", this side " + Versions.SOFTWARE,
                same ? "" : "whoever runs the older one: update");
        boolean linked = status.field("links").equals("ready");
        add("links", party, linked ? "ok: linked with all parties, " + status.field("models") + " models" : "failed: " + status.field("links"),
                linked ? "" : "party " + party + ": the other party it names must be up and reach it");
        speed(party);
    }

    private void role(int party, Envelope status) {
        boolean right = status.number("party") == party && status.field("protocol").equals(cluster.protocol().label());
        add("role", party, right ? "ok: party " + party + " of " + status.field("protocol") + "; you are '" + status.field("client") + "' and may "
                + status.field("rights") : "failed: it says it is party " + status.field("party") + " of " + status.field("protocol"),
                right ? "" : "you: correct the order of parties in the cluster file");
    }

    private void speed(int party) {
        try {
            long[] nanos = new long[PINGS];
            for (int i = 0; i < PINGS; i++) {
                long start = System.nanoTime();
                cluster.connections().ask(party, Question.echo(new byte[] {1}));
                nanos[i] = System.nanoTime() - start;
            }
            Arrays.sort(nanos);
            long start = System.nanoTime();
            for (int i = 0; i < ECHOES; i++) {
                cluster.connections().ask(party, Question.echo(new byte[Visits.LONGEST_ECHO]));
            }
            double seconds = (System.nanoTime() - start) / 1e9;
            add("latency", party, String.format(Locale.ROOT, "ok: %.2f ms there and back", nanos[PINGS / 2] / 1e6), "");
            add("bandwidth", party, String.format(Locale.ROOT, "ok: %.0f MB/s there and back", 2.0 * ECHOES * Visits.LONGEST_ECHO / seconds / 1e6), "");
        } catch (ServiceException e) {
            add("latency", party, "failed: " + e.getMessage(), "party " + party + ": look at its log");
        }
    }
}
