package dev.sardonyx.importer;

import dev.sardonyx.importer.ImportException.Kind;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Map;
import java.util.function.Supplier;

/** Reads tensors that lie in files beside the model. Only files inside the model's own directory are opened. */
final class ExternalData {
    private final Path directory;

    ExternalData(Path directory) {
        this.directory = directory;
    }

    /**
     * The elements that lie in the file the entries name; room for them is made only once the file is known to hold them.
     *
     * @param tensor the tensor's name, for errors
     * @param entries {@code location}, {@code offset} and {@code length} as the format defines them
     * @param bytes how many bytes the tensor takes
     */
    Numbers read(String tensor, Map<String, String> entries, long bytes, Supplier<Numbers> room) {
        Path file = locate(tensor, entries.getOrDefault("location", ""));
        long offset = number(tensor, entries, "offset", 0);
        long length = number(tensor, entries, "length", bytes);
        if (length != bytes) {
            throw error(tensor, "length " + length + " in '" + file.getFileName() + "'; expected " + bytes + " bytes");
        }
        try (FileChannel channel = FileChannel.open(file)) {
            if (offset > channel.size() - bytes) {
                throw error(tensor, "bytes " + offset + " to " + (offset + bytes) + " of '" + file.getFileName() + "', which ends at byte "
                        + channel.size());
            }
            Numbers numbers = room.get();
            FileSegment.read(channel, offset, bytes, numbers);
            return numbers;
        } catch (IOException e) {
            throw new ImportException(Kind.EXTERNAL_DATA, "tensor '" + tensor + "': cannot read '" + file.getFileName() + "': " + e.getMessage(),
                    e);
        }
    }

    private Path locate(String tensor, String location) {
        Path relative;
        try {
            relative = Path.of(location);
        } catch (InvalidPathException e) {
            throw new ImportException(Kind.EXTERNAL_DATA, "tensor '" + tensor + "': location is no path", e);
        }
        if (location.isEmpty() || relative.isAbsolute() || location.indexOf('\\') >= 0
                || relative.normalize().startsWith("..") || relative.normalize().toString().isEmpty()) {
            throw error(tensor, "location '" + location + "'; expected a relative path inside the model's directory");
        }
        Path file = directory.resolve(relative);
        if (!Files.isRegularFile(file)) {
            throw error(tensor, "its file '" + location + "' is not beside the model");
        }
        try {
            if (!file.toRealPath().startsWith(directory.toRealPath())) {
                throw error(tensor, "location '" + location + "' leads out of the model's directory");
            }
        } catch (IOException e) {
            throw new ImportException(Kind.EXTERNAL_DATA, "tensor '" + tensor + "': cannot resolve '" + location + "'", e);
        }
        return file;
    }

    private static long number(String tensor, Map<String, String> entries, String key, long absent) {
        String text = entries.get(key);
        if (text == null) {
            return absent;
        }
        try {
            long value = Long.parseLong(text);
            if (value >= 0) {
                return value;
            }
        } catch (NumberFormatException e) {
            throw new ImportException(Kind.EXTERNAL_DATA, "tensor '" + tensor + "': external_data " + key + "='" + text
                    + "'; expected a number", e);
        }
        throw error(tensor, "external_data " + key + "=" + text + "; expected 0 or more");
    }

    private static ImportException error(String tensor, String problem) {
        return new ImportException(Kind.EXTERNAL_DATA, "tensor '" + tensor + "': " + problem);
    }
}
