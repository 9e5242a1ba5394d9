package dev.sardonyx.secureops.plan;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.function.Consumer;

/** Where a plan's bytes go. */
final class PlanOutput {
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

    void octet(int value) {
        bytes.write(value);
    }

    /** Not negative. */
    void count(int value) {
        if (value < 0) {
            throw new IllegalArgumentException("count " + value + "; expected 0 or more");
        }
        unsigned(value);
    }

    void signed(long value) {
        unsigned(value << 1 ^ value >> Long.SIZE - 1);
    }

    private void unsigned(long value) {
        long rest = value;
        while ((rest & ~0x7FL) != 0) {
            bytes.write((int) (rest & 0x7F | 0x80));
            rest >>>= 7;
        }
        bytes.write((int) rest);
    }

    void flag(boolean value) {
        bytes.write(value ? 1 : 0);
    }

    void real(double value) {
        long bits = Double.doubleToLongBits(value);
        for (int shift = 0; shift < Long.SIZE; shift += Byte.SIZE) {
            bytes.write((int) (bits >>> shift));
        }
    }

    void text(String value) {
        byte[] encoded = value.getBytes(StandardCharsets.UTF_8);
        count(encoded.length);
        bytes.writeBytes(encoded);
    }

    <T> void list(List<T> items, Consumer<? super T> each) {
        count(items.size());
        items.forEach(each);
    }

    void integers(List<Integer> values) {
        list(values, value -> signed(value));
    }

    void longs(List<Long> values) {
        list(values, value -> signed(value));
    }

    byte[] toByteArray() {
        return bytes.toByteArray();
    }
}
