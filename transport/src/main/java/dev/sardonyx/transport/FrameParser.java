package dev.sardonyx.transport;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import org.jspecify.annotations.Nullable;

/**
 * Cuts a stream of bytes into frames. Payload bytes are copied once, from the decrypted buffer into the array the receiver will get;
 * nothing is gathered in between. Holds at most one unfinished frame.
 */
final class FrameParser {

    /** Frames that carry no message have short payloads. */
    static final int MAX_CONTROL_BYTES = 256;

    private static final Frame.Type[] TYPES = Frame.Type.values();
    private static final Phase[] PHASES = Phase.values();

    private int maxPayloadBytes;
    private final ByteBuf header = Unpooled.wrappedBuffer(new byte[Frame.HEADER_BYTES]).clear();
    private byte @Nullable [] payload;
    private int filled;

    FrameParser(int maxPayloadBytes) {
        this.maxPayloadBytes = maxPayloadBytes;
    }

    /** Bytes that are no frame; the message says why. */
    static final class MalformedFrameException extends Exception {

        MalformedFrameException(String message) {
            super(message);
        }
    }

    /** Changes the longest payload accepted, from the next header on. */
    void allow(int bytes) {
        maxPayloadBytes = bytes;
    }

    /**
     * Reads on until a frame is complete or the bytes are used up.
     *
     * @return the next frame, or null where more bytes are needed
     * @throws MalformedFrameException where no frame begins like this; the stream is lost then
     */
    @Nullable Frame next(ByteBuf bytes) throws MalformedFrameException {
        if (payload == null) {
            header.writeBytes(bytes, Math.min(bytes.readableBytes(), header.writableBytes()));
            if (header.isWritable()) {
                return null;
            }
            payload = new byte[checkedLength()];
            filled = 0;
        }
        byte[] body = payload;
        int available = Math.min(bytes.readableBytes(), body.length - filled);
        bytes.readBytes(body, filled, available);
        filled += available;
        if (filled < body.length) {
            return null;
        }
        payload = null;
        Tag tag = new Tag(header.getInt(6), header.getInt(10), header.getInt(14), header.getInt(18));
        Frame frame = new Frame(TYPES[header.getByte(4)], tag, PHASES[header.getByte(5)], header.getInt(22), body);
        header.clear();
        return frame;
    }

    /** Whether the stream would be cut in the middle of a frame if it ended here. */
    boolean midFrame() {
        return payload != null || header.writerIndex() > 0;
    }

    private int checkedLength() throws MalformedFrameException {
        int length = header.getInt(0);
        int type = header.getUnsignedByte(4);
        int phase = header.getUnsignedByte(5);
        if (type >= TYPES.length) {
            throw new MalformedFrameException("frame of type " + type + "; expected 0 to " + (TYPES.length - 1));
        }
        if (phase >= PHASES.length) {
            throw new MalformedFrameException("frame of phase " + phase + "; expected 0 to " + (PHASES.length - 1));
        }
        int longest = TYPES[type] == Frame.Type.DATA ? maxPayloadBytes : MAX_CONTROL_BYTES;
        if (length < 0 || length > longest) {
            throw new MalformedFrameException(TYPES[type] + " frame of " + Integer.toUnsignedString(length) + " bytes; allowed are " + longest);
        }
        return length;
    }
}
