package dev.sardonyx.cli.service;

import dev.sardonyx.Protocol;
import dev.sardonyx.cli.service.ServiceException.Kind;
import dev.sardonyx.transport.CertificateAuthority;
import dev.sardonyx.transport.TlsIdentity;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.OptionalInt;
import java.util.regex.Pattern;

/** Makes a cluster's files: configuration, authority, certificates and keys. */
public final class ClusterInit {
    private static final int SHARE_KEY = 32;
    private static final Pattern OPERATOR = Pattern.compile("[\\p{L}\\p{N}][\\p{L}\\p{N} ._-]{0,63}");
    private static final int METRICS_PORT = 9464;
    private static final List<String> OWNERS = List.of("model-owner", "data-owner");

    private ClusterInit() {
    }

    /**
     * What to make.
     *
     * @param addresses HOST:PORT of every party
     * @param operators who runs each party; empty: unsaid
     * @param validity how long the certificates are good
     */
    public record Request(Path directory, Protocol protocol, List<String> addresses, List<String> operators, Duration validity) {
        public Request {
            addresses = List.copyOf(addresses);
            operators = List.copyOf(operators);
        }

        /** Leaves unsaid who runs the parties. */
        public Request(Path directory, Protocol protocol, List<String> addresses, Duration validity) {
            this(directory, protocol, addresses, List.of(), validity);
        }
    }

    /** What a party's files are named by. */
    static String seat(Protocol protocol, int party) {
        OptionalInt dealer = protocol.implementation().dealer();
        return dealer.isPresent() && dealer.getAsInt() == party ? "dealer" : "party-" + party;
    }

    /**
     * Writes everything into an empty or new directory.
     *
     * @return the files that were made, in the order of their making
     */
    public static List<Path> write(Request request) {
        int parties = request.protocol().implementation().parties();
        if (request.addresses().size() != parties) {
            throw new ServiceException(Kind.BAD_REQUEST, request.addresses().size() + " addresses; " + request.protocol().label() + " wants " + parties);
        }
        if (!request.operators().isEmpty() && request.operators().size() != parties) {
            throw new ServiceException(Kind.BAD_REQUEST, request.operators().size() + " operators; " + request.protocol().label() + " wants " + parties
                    + " or none");
        }
        for (String operator : request.operators()) {
            if (!OPERATOR.matcher(operator).matches()) {
                throw new ServiceException(Kind.BAD_REQUEST, "operator '" + operator + "'; expected 1 to 64 letters, digits, spaces, dots, dashes and underscores");
            }
        }
        List<Address> addresses = new ArrayList<>();
        for (String text : request.addresses()) {
            try {
                addresses.add(Address.parse(text));
            } catch (IllegalArgumentException e) {
                throw new ServiceException(Kind.BAD_REQUEST, "an address " + e.getMessage());
            }
        }
        Path directory = request.directory();
        try {
            if (Files.exists(directory) && Files.list(directory).findAny().isPresent()) {
                throw new ServiceException(Kind.REFUSED, directory + " is not empty; keys are never overwritten");
            }
            return write(directory, request, addresses);
        } catch (IOException e) {
            throw new ServiceException(Kind.BAD_REQUEST, FileTrouble.writing(e, directory), e);
        }
    }

    private static List<Path> write(Path directory, Request request, List<Address> addresses) throws IOException {
        var made = new ArrayList<Path>();
        PrivateFiles.directory(directory);
        PrivateFiles.directory(directory.resolve("certs"));
        PrivateFiles.directory(directory.resolve("keys"));
        CertificateAuthority authority = CertificateAuthority.create("Sardonyx cluster", request.validity());
        made.addAll(identity(directory, "ca", authority.identity()));
        for (int party = 0; party < addresses.size(); party++) {
            String seat = seat(request.protocol(), party);
            made.addAll(identity(directory, seat, authority.issue(seat, List.of(addresses.get(party).host()), request.validity())));
            Path shareKey = directory.resolve("keys/" + seat + ".shares");
            byte[] key = new byte[SHARE_KEY];
            new SecureRandom().nextBytes(key);
            PrivateFiles.write(shareKey, (HexFormat.of().formatHex(key) + "\n").getBytes(StandardCharsets.US_ASCII));
            made.add(shareKey);
        }
        for (String owner : OWNERS) {
            made.addAll(identity(directory, owner, authority.issue(owner, List.of(), request.validity())));
        }
        for (int party = 0; party < addresses.size(); party++) {
            Path file = directory.resolve(seat(request.protocol(), party) + ".yaml");
            Files.writeString(file, partyFile(request, party, addresses));
            made.add(file);
        }
        Path cluster = directory.resolve("cluster.yaml");
        Files.writeString(cluster, clusterFile(request, addresses));
        made.add(cluster);
        return made;
    }

    private static List<Path> identity(Path directory, String name, TlsIdentity identity) throws IOException {
        Path certificate = directory.resolve("certs/" + name + ".pem");
        Path key = directory.resolve("keys/" + name + ".key");
        identity.writePem(certificate, key);
        return List.of(certificate, key);
    }

    private static String parties(Request request, List<Address> addresses) {
        var text = new StringBuilder("# Where each party is, and the certificate by which it is known.\n");
        if (request.protocol().implementation().dealer().isPresent()) {
            text.append("""
                    # The dealer must not be run by who runs another party: together they can read everything. 'operator'
                    # says who runs a party; unsaid, it is taken to be its host.
                    """);
        }
        text.append("parties:\n");
        for (int party = 0; party < addresses.size(); party++) {
            text.append("  - address: \"").append(addresses.get(party)).append("\"\n    certificate: certs/").append(seat(request.protocol(), party)).append(".pem\n");
            if (!request.operators().isEmpty()) {
                text.append("    operator: \"").append(request.operators().get(party)).append("\"\n");
            }
        }
        return text.toString();
    }

    private static String partyFile(Request request, int party, List<Address> addresses) {
        String seat = seat(request.protocol(), party);
        return """
                # %5$s of a Sardonyx cluster. Start it with: sardonyx party --config %6$s.yaml
                # Its machine needs this file, certs/, keys/%6$s.key and keys/%6$s.shares, and no other key.
                party: %1$d
                protocol: %2$s

                # Where this party listens; one port for the other parties and for owners.
                listen: "%3$s"

                # What this party proves itself with.
                certificate: certs/%6$s.pem
                key: keys/%6$s.key

                # Shares of models are kept in 'data', encrypted with the key in 'share-key'. Keep the two on different disks
                # where you can; the newest version of each model is noted beside the key.
                share-key: keys/%6$s.shares
                data: data/%6$s

                %4$s
                # Who may do what: deploy stores and removes models, predict asks for answers; 'models: [a, b]' limits it to
                # models of these names. Changes here and in certificates hold within seconds, without a restart.
                clients:
                  - name: model-owner
                    certificate: certs/model-owner.pem
                    may: [deploy]
                  - name: data-owner
                    certificate: certs/data-owner.pem
                    may: [predict]
                    requests-per-hour: 1000000

                # Bounds. 'memory-mib' is for all requests together, half of Java's heap unless it is said, 'request-memory-mib'
                # for one; 'models-mib' for the stored models, three eighths.
                limits:
                  connections: 256
                  deadline-seconds: 10
                  drain-seconds: 30

                # Prometheus metrics at /metrics, probes at /health/live and /health/ready; plain HTTP, so loopback or a closed network only.
                # metrics: 127.0.0.1:%7$d
                """.formatted(party, request.protocol().label(), addresses.get(party), parties(request, addresses), seat.startsWith("party-")
                ? "One computing party"
                : "The dealer, which sees masks and no data,", seat, METRICS_PORT + party);
    }

    private static String clusterFile(Request request, List<Address> addresses) {
        return """
                # A Sardonyx cluster as its owners see it: sardonyx deploy|predict … --to cluster.yaml
                # An owner's machine needs this file, certs/, and its own key.
                protocol: %s

                %s
                # What owners prove themselves with; delete what is not yours.
                identities:
                  - name: model-owner
                    certificate: certs/model-owner.pem
                    key: keys/model-owner.key
                  - name: data-owner
                    certificate: certs/data-owner.pem
                    key: keys/data-owner.key
                """.formatted(request.protocol().label(), parties(request, addresses));
    }
}
