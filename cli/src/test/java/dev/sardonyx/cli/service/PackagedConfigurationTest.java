package dev.sardonyx.cli.service;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.sardonyx.Protocol;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The configurations that are packaged for Kubernetes are read with the certificates and keys that 'cluster init' makes. */
class PackagedConfigurationTest {
    private static final Path KUBERNETES = Path.of(System.getProperty("sardonyx.root", "..")).resolve("cli/src/packaging/kubernetes");

    @TempDir
    Path folder;

    /** Puts a configuration where its paths lead into the folder. */
    private Path placed(Path config) throws IOException {
        Path file = folder.resolve(config.getParent().getFileName() + "-" + config.getFileName());
        String text = Files.readString(config).replace("/etc/sardonyx/", folder + "/made/").replace("/var/lib/sardonyx/", folder + "/state/")
                .replace("/run/sardonyx/", folder + "/made/keys/");
        return Files.writeString(file, text);
    }

    @Test
    void theyAreReadAndSayWhatTheManifestsSay() throws IOException {
        List<String> addresses = List.of("party.sardonyx-party-0.svc:7400", "party.sardonyx-party-1.svc:7400", "party.sardonyx-party-2.svc:7400");
        ClusterInit.write(new ClusterInit.Request(folder.resolve("made"), Protocol.REPLICATED_3, addresses, Duration.ofDays(1)));
        PrivateFiles.directory(folder.resolve("state/keys"));
        for (int party = 0; party < 3; party++) {
            for (String kind : List.of("key", "shares")) {
                Files.copy(folder.resolve("made/keys/party-" + party + "." + kind), folder.resolve("state/keys/party." + kind), StandardCopyOption.REPLACE_EXISTING,
                        StandardCopyOption.COPY_ATTRIBUTES);
            }
            PartyFile file = PartyFile.read(placed(KUBERNETES.resolve("party-" + party + "/party.yaml")));
            assertEquals(party, file.party());
            assertEquals(addresses, file.parties().stream().map(seat -> seat.address().toString()).toList());
            assertEquals(Optional.of(9464), file.metrics().map(Address::port));
            assertEquals(7400, file.listen().port());
        }
        ClusterFile cluster = ClusterFile.read(placed(KUBERNETES.resolve("data-owner/cluster.yaml")));
        assertEquals(addresses, cluster.parties().stream().map(seat -> seat.address().toString()).toList());
        cluster.identity("data-owner");
    }
}
