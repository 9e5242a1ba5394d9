package dev.sardonyx.cli.service;

import dev.sardonyx.Protocol;
import dev.sardonyx.cli.service.ServiceException.Kind;
import dev.sardonyx.transport.TlsIdentity;
import java.io.IOException;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A cluster as owners see it: {@code cluster.yaml}.
 *
 * @param protocol what the parties run
 * @param parties where they are and by which certificates they are known
 * @param identities what the owner proves itself with, by name
 */
record ClusterFile(Path file, Protocol protocol, List<Seat> parties, Map<String, IdentityFiles> identities) {
    /**
     * A party's place.
     *
     * @param operator who runs it, where the file says so
     */
    record Seat(Address address, X509Certificate certificate, Optional<String> operator) {
    }

    /** Where a key and its certificate lie. */
    record IdentityFiles(Path certificate, Path key) {
        TlsIdentity read() {
            return readIdentity(certificate, key);
        }
    }

    ClusterFile {
        parties = List.copyOf(parties);
        identities = Map.copyOf(identities);
    }

    /** As {@link #read(Path, boolean)} with a dealer apart. */
    static ClusterFile read(Path file) {
        return read(file, false);
    }

    /**
     * Reads a cluster's file.
     *
     * @param insecureColocatedDealer whether a dealer may be run by who runs a computing party
     * @throws ServiceException where the file is not what it should be
     */
    static ClusterFile read(Path file, boolean insecureColocatedDealer) {
        Settings settings = Settings.read(file);
        if (settings.has("party") || settings.has("listen")) {
            throw new ServiceException(Kind.BAD_REQUEST, file + " seems to be a party's file; owners use their cluster's, such as cluster.yaml");
        }
        settings.only("protocol", "parties", "identities");
        Protocol protocol = protocol(settings);
        List<Seat> parties = parties(settings, protocol);
        Operators.requireDealerApart(protocol.implementation(), parties, insecureColocatedDealer);
        var identities = new LinkedHashMap<String, IdentityFiles>();
        for (Settings each : settings.sections("identities")) {
            each.only("name", "certificate", "key");
            identities.put(each.text("name"), new IdentityFiles(each.path("certificate"), each.path("key")));
        }
        return new ClusterFile(file, protocol, parties, identities);
    }

    TlsIdentity identity(String name) {
        IdentityFiles files = identities.get(name);
        if (files == null) {
            throw new ServiceException(Kind.BAD_REQUEST, file + " has no identity '" + name + "'; it has " + identities.keySet().stream().sorted().toList());
        }
        return files.read();
    }

    static Protocol protocol(Settings settings) {
        String name = settings.text("protocol");
        return Protocol.named(name).filter(Protocol::isSecure).orElseThrow(() -> settings.wrong("protocol", "'" + name + "' is unknown; expected one of "
                + Protocol.secureLabels()));
    }

    static List<Seat> parties(Settings settings, Protocol protocol) {
        var parties = new ArrayList<Seat>();
        for (Settings each : settings.sections("parties")) {
            each.only("address", "certificate", "operator");
            parties.add(new Seat(address(each, "address"), readCertificate(each.path("certificate")), each.optionalText("operator")));
        }
        int wanted = protocol.implementation().parties();
        if (parties.size() != wanted) {
            throw settings.wrong("parties", "lists " + parties.size() + "; " + protocol.label() + " wants " + wanted);
        }
        if (parties.stream().map(Seat::certificate).distinct().count() != wanted) {
            throw settings.wrong("parties", "share a certificate; expected one of its own for each");
        }
        return parties;
    }

    static Address address(Settings settings, String key) {
        String text = settings.text(key);
        try {
            return Address.parse(text);
        } catch (IllegalArgumentException e) {
            throw settings.wrong(key, String.valueOf(e.getMessage()));
        }
    }

    static X509Certificate readCertificate(Path file) {
        try {
            return TlsIdentity.readCertificates(file).getFirst();
        } catch (IOException e) {
            throw new ServiceException(Kind.BAD_REQUEST, "certificate " + FileTrouble.reading(e, file), e);
        }
    }

    /** Refuses to begin with a certificate that nobody accepts any more. */
    static void requireCurrent(TlsIdentity identity) {
        if (hasExpired(identity.certificate())) {
            throw new ServiceException(Kind.REFUSED, "the own certificate (" + identity.certificate().getSubjectX500Principal().getName() + ") expired at "
                    + identity.certificate().getNotAfter().toInstant() + "; make a new one and have it listed by the parties");
        }
    }

    /** Refuses to exchange a good certificate for an expired one. One that has expired meanwhile keeps no other change from being taken up. */
    static void requireNoneExpired(TlsIdentity present, TlsIdentity found) {
        if (!hasExpired(present.certificate())) {
            requireCurrent(found);
        }
    }

    static boolean hasExpired(X509Certificate certificate) {
        return certificate.getNotAfter().toInstant().isBefore(Instant.now());
    }

    static TlsIdentity readIdentity(Path certificate, Path key) {
        PrivateFiles.requireOwnerOnly(key);
        try {
            return TlsIdentity.readPem(certificate, key);
        } catch (IOException e) {
            throw new ServiceException(Kind.BAD_REQUEST, "identity: " + FileTrouble.reading(e, certificate, key), e);
        }
    }
}
