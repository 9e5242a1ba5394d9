package dev.sardonyx.cli.fuzz;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

/** Changes valid bytes a little: flipped bits, lengths that lie, pieces cut, doubled, moved or taken from another sample, numbers in texts. */
final class Mutator {
    private static final long[] LENGTHS = {0, 1, -1, 2, 0x7F, 0x80, 0xFF, 0x100, 0x7FFF, 0x8000, 0xFFFF, 0x10000, 0xFFFFFF, 0x1000000, 0x7FFFFFFFL, 0x80000000L,
            0xFFFFFFFFL, 0x100000000L, Long.MAX_VALUE, Long.MIN_VALUE, Long.MAX_VALUE / 8 + 1, 0x40000000L, 0x20000001L};
    private static final String[] NUMBERS = {"0", "-1", "1", "2147483647", "2147483648", "4294967296", "9223372036854775807", "99999999999999999999", "-9223372036854775808",
            "1e999", "-1e308", "1e-400", "nan", "inf", "-inf", "0x10", "", "1.5", "1_000", "٣", "65536", "1000000000"};
    private static final int MOST_CHANGES = 5;
    private static final int LONGEST_GROWTH = 1 << 12;

    private final List<byte[]> samples;
    private final List<byte[]> words;

    /** @param words pieces of the format's grammar, put in here and there */
    Mutator(List<byte[]> samples, List<byte[]> words) {
        this.samples = samples;
        this.words = words;
    }

    byte[] mutate(Random random) {
        byte[] bytes = samples.get(random.nextInt(samples.size())).clone();
        for (int changes = 1 + random.nextInt(MOST_CHANGES); changes > 0; changes--) {
            bytes = change(bytes, random);
        }
        return bytes;
    }

    private byte[] change(byte[] bytes, Random random) {
        if (bytes.length == 0) {
            return new byte[] {(byte) random.nextInt()};
        }
        return switch (random.nextInt(11)) {
            case 0 -> flipped(bytes, random);
            case 1 -> with(bytes, position(bytes, random), new byte[] {(byte) random.nextInt()});
            case 2 -> Arrays.copyOf(bytes, random.nextInt(bytes.length));
            case 3 -> with(bytes, position(bytes, random), length(random));
            case 4 -> with(bytes, position(bytes, random), varint(random));
            case 5 -> cut(bytes, random);
            case 6 -> doubled(bytes, random);
            case 7 -> spliced(bytes, samples.get(random.nextInt(samples.size())), random);
            case 8 -> renumbered(bytes, random);
            case 9 -> words.isEmpty() ? flipped(bytes, random) : inserted(bytes, words.get(random.nextInt(words.size())), random);
            default -> noise(bytes, random);
        };
    }

    /** Headers are short and stand first, so half of all positions lie there. */
    private static int position(byte[] bytes, Random random) {
        return random.nextInt(random.nextBoolean() ? bytes.length : Math.min(bytes.length, 64));
    }

    private static byte[] flipped(byte[] bytes, Random random) {
        bytes[position(bytes, random)] ^= (byte) (1 << random.nextInt(8));
        return bytes;
    }

    private static byte[] with(byte[] bytes, int at, byte[] piece) {
        System.arraycopy(piece, 0, bytes, at, Math.min(piece.length, bytes.length - at));
        return bytes;
    }

    private static byte[] length(Random random) {
        int width = 1 << random.nextInt(4);
        long value = LENGTHS[random.nextInt(LENGTHS.length)] + random.nextInt(3) - 1;
        ByteBuffer eight = ByteBuffer.allocate(Long.BYTES).order(ByteOrder.LITTLE_ENDIAN).putLong(value);
        byte[] piece = Arrays.copyOf(eight.array(), width);
        if (random.nextBoolean()) {
            for (int i = 0; i < width / 2; i++) {
                byte other = piece[i];
                piece[i] = piece[width - 1 - i];
                piece[width - 1 - i] = other;
            }
        }
        return piece;
    }

    private static byte[] varint(Random random) {
        long value = LENGTHS[random.nextInt(LENGTHS.length)];
        var out = ByteBuffer.allocate(10);
        while ((value & ~0x7FL) != 0) {
            out.put((byte) (value & 0x7F | 0x80));
            value >>>= 7;
        }
        out.put((byte) value);
        return Arrays.copyOf(out.array(), out.position());
    }

    private static byte[] cut(byte[] bytes, Random random) {
        int from = random.nextInt(bytes.length);
        int count = 1 + random.nextInt(Math.min(bytes.length - from, 1 + random.nextInt(64)));
        return joined(Arrays.copyOf(bytes, from), Arrays.copyOfRange(bytes, from + count, bytes.length));
    }

    private static byte[] doubled(byte[] bytes, Random random) {
        int from = random.nextInt(bytes.length);
        int count = 1 + random.nextInt(bytes.length - from);
        byte[] piece = Arrays.copyOfRange(bytes, from, from + count);
        int times = 1 + random.nextInt(1 + Math.min(64, LONGEST_GROWTH / count));
        byte[] all = new byte[piece.length * times];
        for (int i = 0; i < times; i++) {
            System.arraycopy(piece, 0, all, i * piece.length, piece.length);
        }
        return inserted(bytes, all, random);
    }

    private static byte[] inserted(byte[] bytes, byte[] piece, Random random) {
        int at = random.nextInt(bytes.length + 1);
        return joined(joined(Arrays.copyOf(bytes, at), piece), Arrays.copyOfRange(bytes, at, bytes.length));
    }

    private static byte[] spliced(byte[] bytes, byte[] other, Random random) {
        return joined(Arrays.copyOf(bytes, random.nextInt(bytes.length + 1)), Arrays.copyOfRange(other, random.nextInt(other.length + 1), other.length));
    }

    private static byte[] joined(byte[] first, byte[] second) {
        byte[] both = Arrays.copyOf(first, first.length + second.length);
        System.arraycopy(second, 0, both, first.length, second.length);
        return both;
    }

    /** Puts another number in place of one that stands in a text. */
    private static byte[] renumbered(byte[] bytes, Random random) {
        int start = random.nextInt(bytes.length);
        for (int i = 0; i < bytes.length; i++) {
            int at = (start + i) % bytes.length;
            if (bytes[at] >= '0' && bytes[at] <= '9') {
                int end = at;
                while (end < bytes.length && bytes[end] >= '0' && bytes[end] <= '9') {
                    end++;
                }
                byte[] number = NUMBERS[random.nextInt(NUMBERS.length)].getBytes(StandardCharsets.UTF_8);
                return joined(joined(Arrays.copyOf(bytes, at), number), Arrays.copyOfRange(bytes, end, bytes.length));
            }
        }
        return flipped(bytes, random);
    }

    private static byte[] noise(byte[] bytes, Random random) {
        int from = position(bytes, random);
        for (int i = from; i < Math.min(bytes.length, from + 1 + random.nextInt(16)); i++) {
            bytes[i] = (byte) random.nextInt();
        }
        return bytes;
    }
}
