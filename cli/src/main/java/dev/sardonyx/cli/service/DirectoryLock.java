package dev.sardonyx.cli.service;

import dev.sardonyx.cli.service.ServiceException.Kind;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Path;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** Keeps a directory to one process. The system lets go of it when the process ends, in whatever way; its file stays, empty. */
final class DirectoryLock implements AutoCloseable {
    /** The lock's file in the directory. */
    static final String NAME = ".lock";

    /** Closing any channel of a file may let go of all locks that this process has on it, so none is opened for a directory in use here. */
    private static final Set<Path> HELD = ConcurrentHashMap.newKeySet();

    private final Path file;
    private final FileChannel channel;

    private DirectoryLock(Path file, FileChannel channel) {
        this.file = file;
        this.channel = channel;
    }

    /**
     * Takes a directory, which is made where it is missing; nothing else in it is touched.
     *
     * @throws ServiceException where another process has it, or it cannot be used
     */
    static DirectoryLock take(Path directory) {
        try {
            PrivateFiles.directory(directory);
            Path file = directory.toRealPath().resolve(NAME);
            if (!HELD.add(file)) {
                throw inUse(directory);
            }
            FileChannel channel = null;
            boolean taken = false;
            try {
                channel = PrivateFiles.open(file);
                taken = tryLock(channel) != null;
                if (!taken) {
                    throw inUse(directory);
                }
                return new DirectoryLock(file, channel);
            } finally {
                if (!taken) {
                    HELD.remove(file);
                    if (channel != null) {
                        channel.close();
                    }
                }
            }
        } catch (IOException e) {
            throw new ServiceException(Kind.BAD_REQUEST, "the directory cannot be locked: " + FileTrouble.writing(e, directory), e);
        }
    }

    private static @Nullable FileLock tryLock(FileChannel channel) throws IOException {
        try {
            return channel.tryLock();
        } catch (OverlappingFileLockException e) {
            return null;
        }
    }

    private static ServiceException inUse(Path directory) {
        return new ServiceException(Kind.PARTY_FAILED, "another process uses the directory " + directory
                + ", and two would spoil each other's shares; end that one, or name another directory as 'data' in this party's file");
    }

    @Override
    public void close() {
        try {
            channel.close();
        } catch (IOException e) {
            // The system lets go of it when this process ends.
        } finally {
            HELD.remove(file);
        }
    }
}
