package dev.sardonyx.importer;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;

/**
 * Raw elements that lie in a stretch of a file. They are read through one small buffer rather than mapped: a file that somebody cuts
 * short while it is mapped ends the process, or throws an {@code InternalError} wherever the page happens to be touched; reading
 * past the end is an exception here, with a place. A mapping would save nothing either, as elements are copied into arrays once.
 */
final class FileSegment {
    private static final int CHUNK = 1 << 18;

    private FileSegment() {
    }

    /**
     * Appends the elements to {@code into}; the channel's own position stays where it is.
     *
     * @throws EOFException if the file ends before
     */
    static void read(FileChannel channel, long offset, long length, Numbers into) throws IOException {
        var chunk = ByteBuffer.allocate((int) Math.min(CHUNK, length));
        long end = offset + length;
        for (long at = offset; at < end; at += chunk.limit()) {
            chunk.clear().limit((int) Math.min(chunk.capacity(), end - at));
            while (chunk.hasRemaining()) {
                if (channel.read(chunk, at + chunk.position()) < 0) {
                    throw new EOFException("it ends at byte " + (at + chunk.position()));
                }
            }
            into.raw(chunk.array(), chunk.limit());
        }
    }
}
