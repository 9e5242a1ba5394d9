package dev.sardonyx.transport;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import java.nio.ByteBuffer;

/**
 * What travels over a TLS link: a header of {@value #HEADER_BYTES} bytes and a payload. Big-endian: payload length (4), type (1),
 * phase (1), then request, lane, step, sequence and depth (4 each). Frames other than data use the fields they need and leave the
 * rest zero.
 *
 * @param type    what the frame is
 * @param tag     of a data frame; an abort frame uses its request
 * @param phase   of a data frame
 * @param depth   of a data frame; refusals and farewells keep their code here
 * @param payload of a data frame; the greeting's text
 */
record Frame(Type type, Tag tag, Phase phase, int depth, byte[] payload) {

    static final int HEADER_BYTES = 26;

    /** Payloads up to this are copied behind their header: one small buffer costs less than two. */
    private static final int COPIED_BYTES = 4096;

    private static final Tag NO_TAG = new Tag(0, 0, 0, 0);
    private static final byte[] EMPTY = new byte[0];

    /** Kinds of frames; the wire carries the ordinal. */
    enum Type {
        /** The connecting party's first frame: who it is and which session it wants. */
        HELLO,
        /** The answer to an acceptable hello. */
        WELCOME,
        /** The answer to any other, and the last frame of its connection. */
        REFUSED,
        /** A message. */
        DATA,
        /** The sender has ended a request. */
        ABORT,
        /** The last frame of an established link. */
        FAREWELL,
        /** Says that its sender is there. */
        PING
    }

    static Frame data(Tag tag, Phase phase, int depth, byte[] payload) {
        return new Frame(Type.DATA, tag, phase, depth, payload);
    }

    static Frame greeting(Type type, byte[] text) {
        return new Frame(type, NO_TAG, Phase.PREPROCESSING, 0, text);
    }

    static Frame refused(Refusal refusal) {
        return new Frame(Type.REFUSED, NO_TAG, Phase.PREPROCESSING, refusal.ordinal(), EMPTY);
    }

    static Frame abort(int request) {
        return new Frame(Type.ABORT, new Tag(request, 0, 0, 0), Phase.PREPROCESSING, 0, EMPTY);
    }

    static Frame ping() {
        return new Frame(Type.PING, NO_TAG, Phase.PREPROCESSING, 0, EMPTY);
    }

    /** @param violated whether the link ends because the peer broke a rule */
    static Frame farewell(boolean violated) {
        return new Frame(Type.FAREWELL, NO_TAG, Phase.PREPROCESSING, violated ? 1 : 0, EMPTY);
    }

    /** Whether the payload goes with the header in one buffer. */
    boolean small() {
        return payload.length <= COPIED_BYTES;
    }

    /** Bytes on the wire, before encryption. */
    int length() {
        return HEADER_BYTES + payload.length;
    }

    /** Header and payload, as {@link #head} and {@link #body} have them. */
    void encode(ByteBuffer buffer) {
        buffer.putInt(payload.length).put((byte) type.ordinal()).put((byte) phase.ordinal());
        buffer.putInt(tag.request()).putInt(tag.lane()).putInt(tag.step()).putInt(tag.sequence()).putInt(depth);
        buffer.put(payload);
    }

    /** The header, followed by the payload if that is {@linkplain #small small}. */
    ByteBuf head(ByteBufAllocator allocator) {
        ByteBuf buffer = allocator.buffer(small() ? HEADER_BYTES + payload.length : HEADER_BYTES);
        buffer.writeInt(payload.length).writeByte(type.ordinal()).writeByte(phase.ordinal());
        buffer.writeInt(tag.request()).writeInt(tag.lane()).writeInt(tag.step()).writeInt(tag.sequence()).writeInt(depth);
        return small() ? buffer.writeBytes(payload) : buffer;
    }

    /** The payload, not copied; for frames that are not {@linkplain #small small}. */
    ByteBuf body() {
        return Unpooled.wrappedBuffer(payload);
    }

    @Override
    public String toString() {
        return "Frame[" + type + ", " + tag + ", " + payload.length + " bytes]";
    }
}
