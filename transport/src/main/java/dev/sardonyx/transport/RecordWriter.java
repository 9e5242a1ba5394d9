package dev.sardonyx.transport;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.WritableByteChannel;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult;
import javax.net.ssl.SSLException;

/**
 * Turns frames into TLS records and writes them to a non-blocking socket. Used by one thread at a time, which also keeps everybody
 * else from encrypting with the same engine between a record's encryption and its way into the socket: records are numbered.
 */
final class RecordWriter {

    /** Frames up to this length together are encrypted and written at once. */
    static final int MOST_BYTES = 1 << 16;

    private static final int RECORD_BYTES = 1 << 14;

    private final SSLEngine engine;
    private final WritableByteChannel socket;
    private final ByteBuffer plain = ByteBuffer.allocateDirect(MOST_BYTES);
    private final ByteBuffer records;

    /** @param engine whose handshake is over */
    RecordWriter(SSLEngine engine, WritableByteChannel socket) {
        this.engine = engine;
        this.socket = socket;
        this.records = ByteBuffer.allocateDirect((MOST_BYTES / RECORD_BYTES + 1) * engine.getSession().getPacketBufferSize());
    }

    /** Takes a frame in; false where it does not fit behind those that were taken since the last {@link #write}. */
    boolean take(Frame frame) {
        if (frame.length() > plain.remaining()) {
            return false;
        }
        frame.encode(plain);
        return true;
    }

    /**
     * Writes the frames that were taken.
     *
     * @return records, or the end of one, that the socket has no room for now, to be sent before anything else; valid until the next call
     * @throws IOException where the connection is broken; nothing may be sent on it any more, and this is of no use
     */
    ByteBuffer write() throws IOException {
        plain.flip();
        records.clear();
        while (plain.hasRemaining()) {
            seal();
        }
        plain.clear();
        records.flip();
        while (records.hasRemaining() && socket.write(records) > 0) {
            // A socket may take some and then some more.
        }
        return records;
    }

    private void seal() throws IOException {
        SSLEngineResult result = engine.wrap(plain, records);
        if (result.getStatus() == SSLEngineResult.Status.CLOSED) {
            throw new ClosedChannelException();
        }
        if (result.getStatus() != SSLEngineResult.Status.OK || result.bytesProduced() == 0) {
            throw new SSLException("no record was made: " + result.getStatus());
        }
    }
}
