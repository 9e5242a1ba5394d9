package dev.sardonyx.cli.service;

import dev.sardonyx.cli.service.ServiceException.Kind;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import javax.crypto.Mac;
import javax.crypto.SecretKey;

/**
 * The newest version of every model that this party has ever had, kept beside the share key and authenticated with it, so that shares
 * put back from an old copy of the data directory are noticed. A removed model stays in the ledger as removed.
 */
final class VersionLedger {
    /**
     * @param removed whether the version is no longer to be had
     * @param owner client that deployed it
     */
    record Entry(long version, boolean removed, String owner) {
    }

    private final Path file;
    private final SecretKey key;
    private final Map<String, Entry> entries = new TreeMap<>();

    /** @throws ServiceException where the ledger was changed by somebody without the key */
    VersionLedger(Path file, SecretKey key) {
        this.file = file;
        this.key = key;
        if (!Files.exists(file)) {
            return;
        }
        try {
            List<String> lines = Files.readAllLines(file, StandardCharsets.UTF_8);
            List<String> body = lines.subList(0, Math.max(0, lines.size() - 1));
            if (lines.isEmpty() || !MessageDigest.isEqual(mac(body), decode(lines.getLast()))) {
                throw new ServiceException(Kind.REFUSED, file + " was changed, is of another version of this software, or the share key is another");
            }
            for (String line : body) {
                String[] parts = line.split(" ", 4);
                entries.put(parts[0], new Entry(Long.parseLong(parts[1]), parts[2].equals("removed"), parts[3]));
            }
        } catch (IOException e) {
            throw new ServiceException(Kind.BAD_REQUEST, FileTrouble.reading(e, file), e);
        }
    }

    private static byte[] decode(String hex) {
        try {
            return HexFormat.of().parseHex(hex);
        } catch (IllegalArgumentException e) {
            return new byte[0];
        }
    }

    private byte[] mac(List<String> lines) {
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(key);
            return mac.doFinal(("sardonyx version ledger 2\n" + String.join("\n", lines)).getBytes(StandardCharsets.UTF_8));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("this Java platform has no HmacSHA256", e);
        }
    }

    synchronized Optional<Entry> entry(String name) {
        return Optional.ofNullable(entries.get(name));
    }

    synchronized Map<String, Entry> all() {
        return new TreeMap<>(entries);
    }

    synchronized void put(String name, Entry entry) throws IOException {
        var next = new TreeMap<>(entries);
        next.put(name, entry);
        PrivateFiles.replace(written(next), file);
        entries.put(name, entry);
    }

    /** Writes all but what makes it valid: whether the place is there, and open to this party, is better known before it is needed. */
    synchronized void rehearse() throws IOException {
        Files.delete(written(entries));
    }

    private Path written(Map<String, Entry> next) throws IOException {
        List<String> lines = next.entrySet().stream().map(e -> e.getKey() + " " + e.getValue().version() + " " + (e.getValue().removed() ? "removed" : "kept") + " "
                + e.getValue().owner())
                .toList();
        String[] all = Arrays.copyOf(lines.toArray(String[]::new), lines.size() + 1);
        all[lines.size()] = HexFormat.of().formatHex(mac(lines));
        Path fresh = file.resolveSibling(file.getFileName() + ".new");
        PrivateFiles.write(fresh, (String.join("\n", all) + "\n").getBytes(StandardCharsets.UTF_8));
        return fresh;
    }
}
