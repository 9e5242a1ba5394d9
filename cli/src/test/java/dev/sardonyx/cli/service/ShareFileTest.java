package dev.sardonyx.cli.service;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import javax.crypto.SecretKey;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Shares on disk: what was written comes back, and whatever was changed is noticed. */
class ShareFileTest {
    private static final long SEED = 20_261_121;
    private static final int CHUNK = 1 << 16;

    private final Random random = new Random(SEED);
    private final SecretKey key = ShareFile.key(bytes(32));

    @TempDir
    Path folder;

    private byte[] bytes(int length) {
        byte[] bytes = new byte[length];
        random.nextBytes(bytes);
        return bytes;
    }

    private byte[] sealed(byte[] content) throws IOException {
        var out = new ByteArrayOutputStream();
        try (var writer = new ShareFile.Writer(out, key, "name=x")) {
            writer.write(content);
        }
        return out.toByteArray();
    }

    private byte[] opened(byte[] file, SecretKey by) throws IOException {
        try (var reader = new ShareFile.Reader(new ByteArrayInputStream(file), by)) {
            assertEquals("name=x", reader.label());
            return reader.readAllBytes();
        }
    }

    @Test
    void whatWasWrittenComesBack() throws IOException {
        for (int length : new int[] {0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 3 * CHUNK}) {
            byte[] content = bytes(length);
            assertArrayEquals(content, opened(sealed(content), key), "length " + length + ", seed " + SEED);
        }
    }

    @Test
    void equalContentsGiveDifferentFilesWithoutTheContentInThem() throws IOException {
        byte[] content = "a weight that nobody may read".getBytes(StandardCharsets.UTF_8);
        byte[] first = sealed(content);
        assertFalse(Arrays.equals(first, sealed(content)));
        assertFalse(new String(first, StandardCharsets.ISO_8859_1).contains("weight"));
    }

    @Test
    void aChangedBitAnywhereIsNoticed() throws IOException {
        byte[] file = sealed(bytes(CHUNK + 100));
        for (int trial = 0; trial < 200; trial++) {
            byte[] changed = file.clone();
            int at = trial < 60 ? trial : random.nextInt(file.length);
            changed[at] ^= (byte) (1 << random.nextInt(8));
            assertThrows(IOException.class, () -> {
                try (var reader = new ShareFile.Reader(new ByteArrayInputStream(changed), key)) {
                    reader.readAllBytes();
                }
            }, "byte " + at + ", seed " + SEED);
        }
    }

    @Test
    void aFileThatWasCutOrHasAnotherKeyIsNoticed() throws IOException {
        byte[] file = sealed(bytes(2 * CHUNK));
        for (int length : new int[] {0, 4, 40, 60, CHUNK, file.length / 2, file.length - CHUNK - 21, file.length - 1}) {
            assertThrows(IOException.class, () -> opened(Arrays.copyOf(file, length), key), "length " + length);
        }
        assertThrows(IOException.class, () -> opened(Arrays.copyOf(file, file.length + 1), key));
        assertThrows(IOException.class, () -> opened(file, ShareFile.key(bytes(32))));
    }

    @Test
    void aLedgerRemembersVersionsAndNoticesChanges() throws IOException {
        Path file = folder.resolve("ledger");
        new VersionLedger(file, key).put("lenet", new VersionLedger.Entry(3, false, "model owner"));
        assertEquals(3, new VersionLedger(file, key).entry("lenet").orElseThrow().version());
        Files.writeString(file, Files.readString(file).replace("lenet 3", "lenet 2"));
        assertThrows(ServiceException.class, () -> new VersionLedger(file, key));
    }
}
