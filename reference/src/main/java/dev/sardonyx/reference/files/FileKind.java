package dev.sardonyx.reference.files;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;

/** What a file of inputs is, told from its first bytes, and from its name where those say nothing. */
enum FileKind {
    NPY, NPZ, TENSOR_PROTO, IDX, PICTURE, CSV, FOLDER;

    private static final byte[] ZIP = {'P', 'K'};
    private static final byte[] PNG = {(byte) 0x89, 'P', 'N', 'G'};
    private static final byte[] JPEG = {(byte) 0xFF, (byte) 0xD8};

    /**
     * @throws InputException if the path cannot be read or is none of these
     */
    static FileKind of(Path file) {
        if (Files.isDirectory(file)) {
            return FOLDER;
        }
        String name = file.getFileName() == null ? "" : file.getFileName().toString().toLowerCase(Locale.ROOT);
        byte[] start = Paths.readingMaybeGzip(file, in -> in.readNBytes(NpyHeader.MAGIC.length));
        if (starts(start, NpyHeader.MAGIC)) {
            return NPY;
        }
        if (starts(start, ZIP)) {
            return NPZ;
        }
        if (starts(start, PNG) || starts(start, JPEG)) {
            return PICTURE;
        }
        if (name.endsWith(".pb")) {
            return TENSOR_PROTO;
        }
        if (start.length >= 4 && start[0] == 0 && start[1] == 0 && start[2] >= Idx.UNSIGNED_BYTES && start[2] <= 0x0E) {
            return IDX;
        }
        if (name.endsWith(".csv") || name.endsWith(".csv.gz") || name.endsWith(".tsv")) {
            return CSV;
        }
        throw new InputException(InputException.Kind.MALFORMED, Paths.nameOf(file) + (start.length < 4 ? ": too short for any kind of file that is read"
                : ": a file of no known kind") + "; expected .npy, .npz, .pb, .png, .jpg, .csv, IDX or a folder of pictures");
    }

    private static boolean starts(byte[] bytes, byte[] magic) {
        return bytes.length >= magic.length && Arrays.equals(bytes, 0, magic.length, magic, 0, magic.length);
    }
}
