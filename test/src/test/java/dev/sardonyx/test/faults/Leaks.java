package dev.sardonyx.test.faults;

import java.io.IOException;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Looks for secrets in bytes: as they are, in hexadecimal, in base64 at any offset, and in decimal. A secret is any eight bytes in a
 * row, such as a share, half a key, two floats or a fixed-point number, in either byte order; a number is known by its first six
 * decimal digits too.
 */
final class Leaks {
    private static final int WORD = Long.BYTES;
    private static final int FEWEST_FRACTION_BITS = 20;
    private static final int MOST_FRACTION_BITS = 61;
    private static final int DIGITS = 6;
    private static final Pattern HEX = Pattern.compile("[0-9a-fA-F]{16,}");
    private static final Pattern BASE64 = Pattern.compile("[A-Za-z0-9+/_-]{11,}");
    private static final Pattern DECIMAL = Pattern.compile("-?[0-9]{6,20}");

    private final Map<Long, String> words = new HashMap<>();
    private final Map<String, String> texts = new HashMap<>();

    /** Real numbers in the order in which they lie beside each other. */
    void numbers(String name, double... values) {
        for (int i = 0; i < values.length; i++) {
            number(name + "[" + i + "]", values[i]);
        }
        ByteBuffer floats = ByteBuffer.allocate(Float.BYTES * values.length);
        ByteBuffer swapped = ByteBuffer.allocate(Float.BYTES * values.length).order(ByteOrder.LITTLE_ENDIAN);
        for (double value : values) {
            floats.putFloat((float) value);
            swapped.putFloat((float) value);
        }
        bytes(name + " as floats", floats.array(), Float.BYTES);
        bytes(name + " as floats", swapped.array(), Float.BYTES);
    }

    private void number(String name, double value) {
        word(name + " as a double", Double.doubleToLongBits(value));
        for (int bits = FEWEST_FRACTION_BITS; bits <= MOST_FRACTION_BITS; bits++) {
            double scaled = Math.scalb(value, bits);
            if (Math.abs(scaled) >= 0x1p63) {
                // In no long; what a cast would make of it says nothing and stands everywhere.
                break;
            }
            for (double rounded : new double[] {Math.floor(scaled), Math.ceil(scaled), -Math.floor(scaled), -Math.ceil(scaled)}) {
                word(name + " with " + bits + " fraction bits", (long) rounded);
            }
        }
        String digits = Double.toString(Math.abs(value));
        texts.put(digits.substring(0, digits.indexOf('.') + 1 + DIGITS), name + " in decimal");
    }

    private void word(String name, long word) {
        words.put(word, name);
        words.put(Long.reverseBytes(word), name);
    }

    /** Bytes of which any eight in a row, from a multiple of a step on, are a secret. */
    void bytes(String name, byte[] secret, int step) {
        ByteBuffer buffer = ByteBuffer.wrap(secret);
        for (int at = 0; at + WORD <= secret.length; at += step) {
            long word = buffer.getLong(at);
            // Nothing but zeros, or nothing but ones, says nothing and stands everywhere.
            if (word != 0 && word != -1 && Long.bitCount(word ^ word >> 8) > 4) {
                word(name, word);
            }
        }
    }

    int size() {
        return words.size() + texts.size();
    }

    /** The secrets in a file or in all files of a directory, each with its place. */
    List<String> in(Path root) throws IOException {
        var found = new ArrayList<String>();
        try (Stream<Path> files = Files.walk(root)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                in(Files.readAllBytes(file)).forEach(name -> found.add(root.relativize(file) + ": " + name));
            }
        }
        return found;
    }

    /** The secrets in bytes. */
    Set<String> in(byte[] bytes) {
        var found = new LinkedHashSet<String>();
        plain(bytes, "", found);
        String text = new String(bytes, StandardCharsets.ISO_8859_1);
        HEX.matcher(text).results().map(run -> run.group()).forEach(run -> {
            for (int from = 0; from < 2; from++) {
                plain(HexFormat.of().parseHex(run, from, from + (run.length() - from) / 2 * 2), " in hexadecimal", found);
            }
        });
        BASE64.matcher(text).results().map(run -> run.group().replace('-', '+').replace('_', '/')).forEach(run -> {
            for (int from = 0; from < 4; from++) {
                // A single character at the end holds no whole byte.
                int end = (run.length() - from) % 4 == 1 ? run.length() - 1 : run.length();
                plain(Base64.getDecoder().decode(run.substring(from, end)), " in base64", found);
            }
        });
        DECIMAL.matcher(text).results().map(run -> new BigInteger(run.group())).forEach(run -> {
            // A word may be written with a sign or without one, and a minus may be a dash.
            for (BigInteger read : List.of(run, run.negate())) {
                String name = words.get(read.longValue());
                if (name != null) {
                    found.add(name + " in decimal");
                }
            }
        });
        texts.forEach((digits, name) -> {
            if (text.contains(digits)) {
                found.add(name);
            }
        });
        return found;
    }

    private void plain(byte[] bytes, String form, Set<String> found) {
        ByteBuffer buffer = ByteBuffer.wrap(bytes);
        for (int at = 0; at + WORD <= bytes.length; at++) {
            String name = words.get(buffer.getLong(at));
            if (name != null) {
                found.add(name + form);
            }
        }
    }
}
