package dev.sardonyx.cli.service;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sardonyx.Protocol;
import java.io.IOException;
import java.nio.charset.MalformedInputException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.FileSystemLoopException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;

/** What is said of configurations, and of files that they name, where they are not what they should be. */
class PartyFileTest {
    @TempDir
    Path folder;

    private Path files;
    private Path party;
    private Path cluster;

    @BeforeEach
    void make() {
        files = folder.resolve("demo");
        ClusterInit.write(new ClusterInit.Request(files, Protocol.REPLICATED_3, List.of("127.0.0.1:7400", "127.0.0.1:7401", "127.0.0.1:7402"), Duration.ofDays(2)));
        party = files.resolve("party-0.yaml");
        cluster = files.resolve("cluster.yaml");
    }

    private static String told(Executable read) {
        return String.valueOf(assertThrows(ServiceException.class, read).getMessage());
    }

    private static void replace(Path file, String before, String after) throws IOException {
        String text = Files.readString(file);
        assertTrue(text.contains(before), text);
        Files.writeString(file, text.replace(before, after));
    }

    @Test
    void theOthersKindOfFileIsCalledByItsName() {
        assertEquals(cluster + " seems to be a cluster's file, for owners; a party has its own, such as party-0.yaml", told(() -> PartyFile.read(cluster)));
        assertEquals(party + " seems to be a party's file; owners use their cluster's, such as cluster.yaml", told(() -> ClusterFile.read(party)));
    }

    @Test
    void aMisspeltKeyIsToldBeforeTheMissingOne() throws IOException {
        replace(party, "\nlisten:", "\nlisen:");
        assertTrue(told(() -> PartyFile.read(party)).startsWith(party + ": lisen is unknown; known here: [certificate, clients, data, key, limits, listen, "));
        replace(party, "\nlisen:", "\nlisten:");
        replace(party, "requests-per-hour:", "requests-per-our:");
        assertTrue(told(() -> PartyFile.read(party)).startsWith(party + ": clients[1].requests-per-our is unknown; known here: [certificate, may, models, name, requests-per-hour]"));
        replace(cluster, "    key: keys/data-owner.key", "    kee: keys/data-owner.key");
        assertTrue(told(() -> ClusterFile.read(cluster)).startsWith(cluster + ": identities[1].kee is unknown; known here: [certificate, key, name]"));
    }

    @Test
    void everyKeyThatThereIsMayBeSaid() throws IOException {
        replace(party, "    may: [predict]", "    may: [predict]\n    models: [lenet]");
        replace(party, "  drain-seconds: 30", "  drain-seconds: 30\n  memory-mib: 64\n  models-mib: 64\n  request-memory-mib: 32");
        replace(party, "certs/party-1.pem", "certs/party-1.pem\n    operator: somebody");
        replace(party, "# metrics:", "metrics:");
        PartyFile read = PartyFile.read(party);
        assertEquals(9464, read.metrics().orElseThrow().port());
        assertEquals("somebody", read.parties().get(1).operator().orElseThrow());
    }

    @Test
    void aFileThatIsNotThereIsSaidNotToBe() throws IOException {
        Path absent = folder.resolve("absent.yaml");
        assertEquals(absent + " does not exist", told(() -> PartyFile.read(absent)));
        assertEquals(files + " is a directory; expected a file", told(() -> ClusterFile.read(files)));
        Files.delete(files.resolve("certs/party-2.pem"));
        assertEquals("certificate " + files.resolve("certs/party-2.pem") + " does not exist", told(() -> PartyFile.read(party)));
        Files.writeString(files.resolve("certs/party-2.pem"), "none");
        assertTrue(told(() -> PartyFile.read(party)).startsWith("certificate " + files.resolve("certs/party-2.pem") + " is not a PEM certificate file"));
    }

    @Test
    void anIdentityThatIsNotThereIsSaidNotToBe() throws IOException {
        Path key = files.resolve("keys/data-owner.key");
        Path certificate = files.resolve("certs/data-owner.pem");
        Files.delete(certificate);
        assertEquals("identity: " + certificate + " does not exist", told(() -> ClusterFile.read(cluster).identity("data-owner")));
        Files.createDirectory(certificate);
        assertEquals("identity: " + certificate + " is a directory; expected a file", told(() -> ClusterFile.read(cluster).identity("data-owner")));
        Files.delete(key);
        assertEquals("key " + key + " does not exist", told(() -> ClusterFile.read(cluster).identity("data-owner")));
    }

    /** By whoever runs these tests, every file may be read, perhaps. */
    @Test
    void whatJavaNamesByAClassIsSaidInWords() {
        Path file = Path.of("a.yaml");
        assertEquals("a.yaml may not be read by this user", FileTrouble.reading(new AccessDeniedException("a.yaml"), file));
        assertEquals("a.yaml cannot be read (FileSystemLoopException)", FileTrouble.reading(new FileSystemLoopException("a.yaml"), file));
        assertEquals("a.yaml is not text in UTF-8", FileTrouble.reading(new MalformedInputException(1), file));
        assertEquals("b.yaml cannot be written: File name too long", FileTrouble.writing(new FileSystemException("b.yaml", null, "File name too long"), file));
        assertEquals("a.yaml may not be written by this user", FileTrouble.writing(new AccessDeniedException("a.yaml"), file));
        assertEquals("it may not use its own files", FileTrouble.reason(new AccessDeniedException("/var/lib/secret-place")));
        assertEquals("No space left on device", FileTrouble.reason(new IOException("No space left on device")));
        assertEquals("a.yaml cannot be read: Input/output error", FileTrouble.reading(new IOException("Input/output error"), file));
    }
}
