package dev.sardonyx.cli.service;

import dev.sardonyx.Protocol;
import dev.sardonyx.cli.service.ServiceException.Kind;
import dev.sardonyx.transport.TlsIdentity;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * One party's configuration: {@code party-N.yaml}.
 *
 * @param party its number
 * @param listen where it listens
 * @param identity what it proves itself with
 * @param shareKey file of the key under which shares are kept
 * @param data directory of the shares
 * @param parties all parties, this one included
 * @param clients which owners may do what
 * @param metrics where it lets itself be watched, in the clear; nowhere if empty
 */
record PartyFile(int party, Protocol protocol, Address listen, TlsIdentity identity, Path shareKey, Path data, List<ClusterFile.Seat> parties,
        List<Client> clients, Limits limits, Optional<Address> metrics) {
    private static final long MIB = 1 << 20;

    /** What an owner may do. */
    enum Right {
        /** Store and remove models. */
        DEPLOY,
        /** Ask for predictions of models that allow it. */
        PREDICT
    }

    /**
     * An owner.
     *
     * @param models names of the models to which its rights extend; empty for all
     * @param perHour requests that it may make in an hour
     */
    record Client(String name, X509Certificate certificate, Set<Right> rights, Set<String> models, long perHour) {
        Client {
            rights = Set.copyOf(rights);
            models = Set.copyOf(models);
        }

        boolean may(Right right) {
            return rights.contains(right);
        }

        /** Whether a right extends to a model of this name; the model may narrow it further. */
        boolean may(Right right, String model) {
            return may(right) && (models.isEmpty() || models.contains(model));
        }
    }

    /**
     * Bounds of what a party does at one time.
     *
     * @param memory bytes that requests may take together
     * @param models bytes that stored models may take together
     * @param requestMemory bytes that one request may take
     * @param connections owners' connections at one time; how they are shared among clients, {@link Places} says
     * @param deadline how long a request waits for its turn, for other parties and for its own bytes
     * @param drain how long running requests may take once the party is told to end
     */
    record Limits(long memory, long models, long requestMemory, int connections, Duration deadline, Duration drain) {
    }

    /** As {@link #read(Path, boolean)} with a dealer apart. */
    static PartyFile read(Path file) {
        return read(file, false);
    }

    /**
     * Reads a party's file.
     *
     * @param insecureColocatedDealer whether a dealer may be run by who runs a computing party
     * @throws ServiceException where the file, or one that it names, is not what it should be
     */
    static PartyFile read(Path file, boolean insecureColocatedDealer) {
        Settings settings = Settings.read(file);
        if (settings.has("identities") && !settings.has("party")) {
            throw new ServiceException(Kind.BAD_REQUEST, file + " seems to be a cluster's file, for owners; a party has its own, such as party-0.yaml");
        }
        settings.only("party", "protocol", "listen", "certificate", "key", "share-key", "data", "parties", "clients", "limits", "metrics");
        Protocol protocol = ClusterFile.protocol(settings);
        List<ClusterFile.Seat> parties = ClusterFile.parties(settings, protocol);
        Operators.requireDealerApart(protocol.implementation(), parties, insecureColocatedDealer);
        int party = (int) settings.number("party", -1, 0, parties.size() - 1);
        if (party < 0) {
            throw settings.wrong("party", "is missing");
        }
        Address listen = ClusterFile.address(settings, "listen");
        TlsIdentity identity = ClusterFile.readIdentity(settings.path("certificate"), settings.path("key"));
        if (!identity.certificate().equals(parties.get(party).certificate())) {
            throw settings.wrong("certificate", "is not the one listed for party " + party);
        }
        Path shareKey = settings.path("share-key");
        Path data = settings.path("data");
        var clients = new ArrayList<Client>();
        for (Settings each : settings.sections("clients")) {
            clients.add(client(each));
        }
        Set<Object> distinct = new HashSet<>();
        clients.forEach(client -> distinct.add(client.certificate()));
        parties.forEach(seat -> distinct.add(seat.certificate()));
        if (distinct.size() != clients.size() + parties.size()) {
            throw settings.wrong("clients", "and parties share a certificate; expected one of its own for each");
        }
        Settings limits = settings.section("limits").only("memory-mib", "models-mib", "request-memory-mib", "connections", "deadline-seconds", "drain-seconds");
        long heap = Runtime.getRuntime().maxMemory() / MIB;
        long memory = MIB * limits.number("memory-mib", Math.max(1, heap / 2), 1, 1 << 24);
        long stored = MIB * limits.number("models-mib", Math.max(1, 3 * heap / 8), 1, 1 << 24);
        long requestMemory = MIB * limits.number("request-memory-mib", memory / MIB, 1, 1 << 24);
        int connections = (int) limits.number("connections", 256, 1, 10_000);
        if (connections < clients.size()) {
            throw limits.wrong("connections", "is " + connections + "; expected at least one for each of " + clients.size() + " clients");
        }
        Duration deadline = Duration.ofSeconds(limits.number("deadline-seconds", 10, 1, 3600));
        Duration drain = Duration.ofSeconds(limits.number("drain-seconds", 30, 0, 3600));
        Optional<Address> metrics = settings.optionalText("metrics").map(_ -> ClusterFile.address(settings, "metrics"));
        return new PartyFile(party, protocol, listen, identity, shareKey, data, parties, List.copyOf(clients),
                new Limits(memory, stored, requestMemory, connections, deadline, drain), metrics);
    }

    private static Client client(Settings settings) {
        settings.only("name", "certificate", "may", "models", "requests-per-hour");
        String name = settings.text("name");
        var rights = new HashSet<Right>();
        for (String right : settings.texts("may")) {
            rights.add(switch (right) {
                case "deploy" -> Right.DEPLOY;
                case "predict" -> Right.PREDICT;
                default -> throw settings.wrong("may", "holds '" + right + "'; expected deploy or predict");
            });
        }
        Set<String> models = Set.copyOf(settings.texts("models"));
        models.forEach(Manifest::checkName);
        long perHour = settings.number("requests-per-hour", Long.MAX_VALUE, 1, Long.MAX_VALUE);
        X509Certificate certificate = ClusterFile.readCertificate(settings.path("certificate"));
        return new Client(name, certificate, rights, models, perHour);
    }

    /** Names of what is otherwise in another configuration, certificates and clients not counted. */
    List<String> differences(PartyFile other) {
        var same = new LinkedHashMap<String, Boolean>();
        same.put("party", party == other.party);
        same.put("protocol", protocol.equals(other.protocol));
        same.put("listen", listen.equals(other.listen));
        same.put("share-key", shareKey.equals(other.shareKey));
        same.put("data", data.equals(other.data));
        same.put("addresses of parties", addresses().equals(other.addresses()));
        same.put("limits", limits.equals(other.limits));
        same.put("metrics", metrics.equals(other.metrics));
        return same.entrySet().stream().filter(each -> !each.getValue()).map(Map.Entry::getKey).toList();
    }

    private List<Address> addresses() {
        return parties.stream().map(ClusterFile.Seat::address).toList();
    }

    /** Names of all clients. */
    Set<String> clientNames() {
        return clients.stream().map(Client::name).collect(Collectors.toUnmodifiableSet());
    }

    Optional<Client> client(X509Certificate certificate) {
        return clients.stream().filter(client -> client.certificate().equals(certificate)).findFirst();
    }

    /** The number of the party that a certificate is pinned for. */
    Optional<Integer> partyOf(X509Certificate certificate) {
        for (int number = 0; number < parties.size(); number++) {
            if (parties.get(number).certificate().equals(certificate)) {
                return Optional.of(number);
            }
        }
        return Optional.empty();
    }
}
