package dev.sardonyx.cli.service;

import dev.sardonyx.cli.service.ServiceException.Kind;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.EnumSet;
import java.util.Set;

/** Files and directories that nobody but their owner may read, where the file system knows owners. */
final class PrivateFiles {
    private PrivateFiles() {
    }

    private static boolean posix(Path path) {
        return path.getFileSystem().supportedFileAttributeViews().contains("posix");
    }

    private static FileAttribute<?>[] attributes(Path path, String permissions) {
        return posix(path) ? new FileAttribute<?>[] {PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(permissions))} : new FileAttribute<?>[0];
    }

    /** Makes a directory and its parents. */
    static void directory(Path directory) throws IOException {
        Files.createDirectories(directory, attributes(directory, "rwx------"));
    }

    /** A new file; an older one of the name is deleted first, so that no wider rights of it remain. */
    static OutputStream create(Path file) throws IOException {
        Files.deleteIfExists(file);
        return Channels.newOutputStream(FileChannel.open(file, Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE), attributes(file, "rw-------")));
    }

    /** A file to be written, as it is where it exists. */
    static FileChannel open(Path file) throws IOException {
        return FileChannel.open(file, Set.of(StandardOpenOption.CREATE, StandardOpenOption.WRITE), attributes(file, "rw-------"));
    }

    static void write(Path file, byte[] content) throws IOException {
        try (OutputStream out = create(file)) {
            out.write(content);
        }
    }

    /** Puts a whole file in another's place, so that after a power failure either is there and whole. */
    static void replace(Path file, Path target) throws IOException {
        try (FileChannel written = FileChannel.open(file, StandardOpenOption.WRITE)) {
            written.force(true);
        }
        Files.move(file, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        if (posix(target)) {
            // A directory's own entries are written by forcing it; systems without owners do not open one.
            try (FileChannel directory = FileChannel.open(target.toAbsolutePath().getParent(), StandardOpenOption.READ)) {
                directory.force(true);
            }
        }
    }

    /** @throws ServiceException where others than the owner may read or write a file with a secret */
    static void requireOwnerOnly(Path file) {
        try {
            if (posix(file)) {
                Set<PosixFilePermission> others = EnumSet.copyOf(Files.getPosixFilePermissions(file));
                others.removeAll(Set.of(PosixFilePermission.OWNER_READ, PosixFilePermission.OWNER_WRITE));
                if (!others.isEmpty()) {
                    throw new ServiceException(Kind.REFUSED, file + " holds a key and may be used by others than its owner; run: chmod 600 " + file);
                }
            }
        } catch (IOException e) {
            throw new ServiceException(Kind.BAD_REQUEST, "key " + FileTrouble.reading(e, file), e);
        }
    }
}
