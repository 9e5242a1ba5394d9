package dev.sardonyx.secureops.plan;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;

/** A plan's bytes, read with distrust. Errors name the byte at which they were found. */
final class PlanInput {
    private static final int MOST_SHIFT = 63;

    private final ByteBuffer bytes;

    PlanInput(byte[] bytes) {
        this.bytes = ByteBuffer.wrap(bytes);
    }

    PlanFormatException malformed(String what) {
        return new PlanFormatException("byte " + bytes.position() + ": " + what);
    }

    int octet() {
        if (!bytes.hasRemaining()) {
            throw malformed("the plan ends early");
        }
        return bytes.get() & 0xFF;
    }

    void expect(int value, String what) {
        int found = octet();
        if (found != value) {
            throw malformed(what + " is " + found + "; expected " + value);
        }
    }

    private long unsigned() {
        long value = 0;
        for (int shift = 0; shift <= MOST_SHIFT; shift += 7) {
            int next = octet();
            if (shift == MOST_SHIFT && next > 1) {
                throw malformed("a number of more than 64 bits");
            }
            value |= (long) (next & 0x7F) << shift;
            if (next < 0x80) {
                if (next == 0 && shift > 0) {
                    throw malformed("a number with leading zeros");
                }
                return value;
            }
        }
        throw malformed("a number of more than 64 bits");
    }

    long signed() {
        long value = unsigned();
        return value >>> 1 ^ -(value & 1);
    }

    int integer() {
        long value = signed();
        if (value != (int) value) {
            throw malformed(value + " is no 32-bit integer");
        }
        return (int) value;
    }

    int count(String what) {
        long value = unsigned();
        if (value < 0 || value > Integer.MAX_VALUE) {
            throw malformed(what + " is " + Long.toUnsignedString(value) + "; expected 0 to 2^31-1");
        }
        return (int) value;
    }

    /** An index below a bound. */
    int below(int bound, String what) {
        int value = count(what);
        if (value >= bound) {
            throw malformed(what + " is " + value + "; expected less than " + bound);
        }
        return value;
    }

    /** A number of items each of which takes at least a byte. */
    int items(String what) {
        int count = count("number of " + what);
        if (count > bytes.remaining()) {
            throw malformed(count + " " + what + " announced in " + bytes.remaining() + " bytes");
        }
        return count;
    }

    boolean flag() {
        int value = octet();
        if (value > 1) {
            throw malformed("a flag is " + value + "; expected 0 or 1");
        }
        return value == 1;
    }

    double real() {
        if (bytes.remaining() < Long.BYTES) {
            throw malformed("the plan ends early");
        }
        long bits = 0;
        for (int shift = 0; shift < Long.SIZE; shift += Byte.SIZE) {
            bits |= (long) octet() << shift;
        }
        return Double.longBitsToDouble(bits);
    }

    String text() {
        int length = items("bytes of text");
        ByteBuffer part = bytes.slice(bytes.position(), length);
        try {
            String text = StandardCharsets.UTF_8.newDecoder().decode(part).toString();
            bytes.position(bytes.position() + length);
            return text;
        } catch (CharacterCodingException e) {
            throw new PlanFormatException("byte " + bytes.position() + ": a text that is not UTF-8", e);
        }
    }

    <T> List<T> list(String what, Supplier<T> each) {
        int count = items(what);
        var items = new ArrayList<T>();
        for (int i = 0; i < count; i++) {
            items.add(each.get());
        }
        return items;
    }

    List<Integer> integers() {
        return list("integers", this::integer);
    }

    List<Long> longs() {
        return list("integers", this::signed);
    }

    <E> E choice(E[] choices, String what) {
        return choices[below(choices.length, what)];
    }

    void end() {
        if (bytes.hasRemaining()) {
            throw malformed(bytes.remaining() + " bytes too many");
        }
    }
}
