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

/** Makes a cluster's files: configuration, authority, certificates and keys. */
public final class ClusterInit {
    private static final int SHARE_KEY = 32;
    private static final List<String> OWNERS = List.of("model-owner", "data-owner");

    private ClusterInit() {
    }

    /**
     * What to make.
     *
     * @param addresses HOST:PORT of every party
     * @param validity how long the certificates are good
     */
    public record Request(Path directory, Protocol protocol, List<String> addresses, Duration validity) {
        public Request {
            addresses = List.copyOf(addresses);
        }
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
            throw new ServiceException(Kind.BAD_REQUEST, directory + " cannot be written: " + e, e);
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
            made.addAll(identity(directory, "party-" + party, authority.issue("party-" + party, List.of(addresses.get(party).host()), request.validity())));
            Path shareKey = directory.resolve("keys/party-" + party + ".shares");
            byte[] key = new byte[SHARE_KEY];
            new SecureRandom().nextBytes(key);
            PrivateFiles.write(shareKey, (HexFormat.of().formatHex(key) + "\n").getBytes(StandardCharsets.US_ASCII));
            made.add(shareKey);
        }
        for (String owner : OWNERS) {
            made.addAll(identity(directory, owner, authority.issue(owner, List.of(), request.validity())));
        }
        for (int party = 0; party < addresses.size(); party++) {
            Path file = directory.resolve("party-" + party + ".yaml");
            Files.writeString(file, partyFile(request.protocol(), party, addresses));
            made.add(file);
        }
        Path cluster = directory.resolve("cluster.yaml");
        Files.writeString(cluster, clusterFile(request.protocol(), addresses));
        made.add(cluster);
        return made;
    }

    private static List<Path> identity(Path directory, String name, TlsIdentity identity) throws IOException {
        Path certificate = directory.resolve("certs/" + name + ".pem");
        Path key = directory.resolve("keys/" + name + ".key");
        identity.writePem(certificate, key);
        return List.of(certificate, key);
    }

    private static String parties(List<Address> addresses) {
        var text = new StringBuilder("""
                # Where each party is, and the certificate by which it is known.
                parties:
                """);
        for (int party = 0; party < addresses.size(); party++) {
            text.append("  - address: \"").append(addresses.get(party)).append("\"\n    certificate: certs/party-").append(party).append(".pem\n");
        }
        return text.toString();
    }

    private static String partyFile(Protocol protocol, int party, List<Address> addresses) {
        return """
                # One computing party of a Sardonyx cluster. Start it with: sardonyx party --config party-%1$d.yaml
                # Its machine needs this file, certs/, keys/party-%1$d.key and keys/party-%1$d.shares, and no other key.
                party: %1$d
                protocol: %2$s

                # Where this party listens; one port for the other parties and for owners.
                listen: "%3$s"

                # What this party proves itself with.
                certificate: certs/party-%1$d.pem
                key: keys/party-%1$d.key

                # Shares of models are kept in 'data', encrypted with the key in 'share-key'. Keep the two on different disks
                # where you can; the newest version of each model is noted beside the key.
                share-key: keys/party-%1$d.shares
                data: data/party-%1$d

                %4$s
                # Who may do what: deploy stores and removes models, predict asks for answers.
                clients:
                  - name: model-owner
                    certificate: certs/model-owner.pem
                    may: [deploy]
                  - name: data-owner
                    certificate: certs/data-owner.pem
                    may: [predict]
                    requests-per-hour: 1000000

                # Bounds. Memory is that of all requests together and of one; without it, half of Java's heap.
                limits:
                  connections: 256
                  deadline-seconds: 10
                  drain-seconds: 30
                """.formatted(party, protocol.label(), addresses.get(party), parties(addresses));
    }

    private static String clusterFile(Protocol protocol, List<Address> addresses) {
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
                """.formatted(protocol.label(), parties(addresses));
    }
}
