package dev.sardonyx.reference.files;

import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipException;

/** Opens files and turns what goes wrong into one line. */
final class Paths {
    private Paths() {
    }

    interface Reading<T> {
        T from(InputStream in) throws IOException;
    }

    interface Writing {
        void to(OutputStream out) throws IOException;
    }

    static String nameOf(Path file) {
        return file.toString();
    }

    static <T> T reading(Path file, Reading<T> reading) {
        requireReadable(file);
        try (InputStream in = new BufferedInputStream(Files.newInputStream(file), 1 << 16)) {
            return reading.from(in);
        } catch (IOException e) {
            throw unreadable(file, e);
        }
    }

    /** As {@link #reading}, through gzip where the file's first two bytes say so. */
    static <T> T readingMaybeGzip(Path file, Reading<T> reading) {
        return reading(file, in -> {
            in.mark(2);
            boolean gzip = in.read() == 0x1f && in.read() == 0x8b;
            in.reset();
            if (!gzip) {
                return reading.from(in);
            }
            try (var unpacked = new BufferedInputStream(new GZIPInputStream(in, 1 << 16), 1 << 16)) {
                return reading.from(unpacked);
            } catch (EOFException e) {
                throw new InputException(InputException.Kind.TRUNCATED, nameOf(file) + ": the gzip stream ends too early", e);
            } catch (ZipException e) {
                throw new InputException(InputException.Kind.MALFORMED, nameOf(file) + ": a damaged gzip stream (" + e.getMessage() + ")", e);
            }
        });
    }

    static void writing(Path file, Writing writing) {
        try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(file), 1 << 16)) {
            writing.to(out);
        } catch (IOException e) {
            throw new InputException(InputException.Kind.UNREADABLE, nameOf(file) + ": cannot be written (" + reason(e) + ")", e);
        }
    }

    static void requireReadable(Path file) {
        if (!Files.exists(file)) {
            throw new InputException(InputException.Kind.UNREADABLE, nameOf(file) + ": no such file");
        }
        if (Files.isDirectory(file)) {
            throw new InputException(InputException.Kind.UNREADABLE, nameOf(file) + ": is a folder; expected a file");
        }
        if (!Files.isReadable(file)) {
            throw new InputException(InputException.Kind.UNREADABLE, nameOf(file) + ": permission denied");
        }
    }

    static InputException unreadable(Path file, IOException e) {
        return new InputException(InputException.Kind.UNREADABLE, nameOf(file) + ": cannot be read (" + reason(e) + ")", e);
    }

    private static String reason(IOException e) {
        return switch (e) {
            case NoSuchFileException missing -> "no such file or folder";
            case AccessDeniedException denied -> "permission denied";
            default -> e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
        };
    }
}
