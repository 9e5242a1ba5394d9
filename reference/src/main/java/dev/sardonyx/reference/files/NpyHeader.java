package dev.sardonyx.reference.files;

import dev.sardonyx.graph.ElementType;
import dev.sardonyx.graph.Shape;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The header of an array in numpy's format, versions 1.0, 2.0 and 3.0 (numpy.lib.format): magic, version, length, then a Python
 * dictionary literal with the keys {@code descr}, {@code fortran_order} and {@code shape}.
 */
record NpyHeader(ElementType type, int bytesPerElement, ByteOrder order, boolean fortranOrder, Shape shape) {
    static final byte[] MAGIC = {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y'};

    private static final int LONGEST = 1 << 16;
    private static final Pattern DESCR = Pattern.compile("['\"]descr['\"]\\s*:\\s*(?:['\"]([^'\"]*)['\"]|(\\[))");
    private static final Pattern FORTRAN = Pattern.compile("['\"]fortran_order['\"]\\s*:\\s*(True|False)");
    private static final Pattern SHAPE = Pattern.compile("['\"]shape['\"]\\s*:\\s*\\(([0-9L,\\s]*)\\)");
    private static final Pattern TYPE = Pattern.compile("([<>=|])([a-zA-Z])(\\d+)");

    /** Reads up to the first element. */
    static NpyHeader read(InputStream in, String source) throws IOException {
        byte[] start = exactly(in, 8, source);
        for (int i = 0; i < MAGIC.length; i++) {
            if (start[i] != MAGIC[i]) {
                throw new InputException(InputException.Kind.MALFORMED, source + ": no numpy array; expected it to start with \\x93NUMPY");
            }
        }
        int version = start[6];
        if (version < 1 || version > 3) {
            throw new InputException(InputException.Kind.UNSUPPORTED, source + ": numpy format version " + version + "; expected 1, 2 or 3");
        }
        byte[] size = exactly(in, version == 1 ? 2 : 4, source);
        long length = 0;
        for (int i = size.length - 1; i >= 0; i--) {
            length = length << 8 | size[i] & 0xFF;
        }
        if (length > LONGEST) {
            throw new InputException(InputException.Kind.MALFORMED, source + ": a header of " + length + " bytes; expected at most " + LONGEST);
        }
        return parse(new String(exactly(in, (int) length, source), StandardCharsets.UTF_8), source);
    }

    private static NpyHeader parse(String text, String source) {
        Matcher descr = find(DESCR, "descr", text, source);
        if (descr.group(2) != null) {
            throw new InputException(InputException.Kind.UNSUPPORTED, source + ": an array of records; expected plain numbers");
        }
        Matcher code = TYPE.matcher(descr.group(1));
        if (!code.matches()) {
            throw unknownType(source, descr.group(1));
        }
        int width = Integer.parseInt(code.group(3).length() > 3 ? "0" : code.group(3));
        ElementType type = switch (code.group(2) + width) {
            case "f2" -> ElementType.FLOAT16;
            case "f4" -> ElementType.FLOAT32;
            case "f8" -> ElementType.FLOAT64;
            case "i1" -> ElementType.INT8;
            case "i2" -> ElementType.INT16;
            case "i4" -> ElementType.INT32;
            case "i8" -> ElementType.INT64;
            case "u1" -> ElementType.UINT8;
            case "u2" -> ElementType.UINT16;
            case "u4" -> ElementType.UINT32;
            case "u8" -> ElementType.UINT64;
            case "b1" -> ElementType.BOOL;
            default -> throw unknownType(source, descr.group(1));
        };
        ByteOrder order = code.group(1).equals(">") ? ByteOrder.BIG_ENDIAN : ByteOrder.LITTLE_ENDIAN;
        boolean fortran = find(FORTRAN, "fortran_order", text, source).group(1).equals("True");
        return new NpyHeader(type, width, order, fortran, shape(find(SHAPE, "shape", text, source).group(1), source));
    }

    private static Shape shape(String text, String source) {
        List<Integer> dims = new ArrayList<>();
        try {
            for (String dim : text.split(",")) {
                if (!dim.isBlank()) {
                    dims.add(Integer.parseInt(dim.strip().replace("L", "")));
                }
            }
            return new Shape(dims);
        } catch (IllegalArgumentException e) {
            throw new InputException(InputException.Kind.UNSUPPORTED, source + ": shape (" + text.strip() + "); expected fewer than 2^31 elements", e);
        }
    }

    private static InputException unknownType(String source, String descr) {
        String hint = descr.contains("O") ? " (pickled objects are never read)" : "";
        return new InputException(InputException.Kind.UNSUPPORTED, source + ": element type '" + descr + "'" + hint
                + "; expected f2, f4, f8, i1 to i8, u1 to u8 or b1");
    }

    private static Matcher find(Pattern pattern, String key, String text, String source) {
        Matcher matcher = pattern.matcher(text);
        if (!matcher.find()) {
            throw new InputException(InputException.Kind.MALFORMED, source + ": the numpy header has no readable '" + key + "'");
        }
        return matcher;
    }

    private static byte[] exactly(InputStream in, int length, String source) throws IOException {
        byte[] bytes = in.readNBytes(length);
        if (bytes.length < length) {
            throw new InputException(InputException.Kind.TRUNCATED, source + ": ends inside the numpy header");
        }
        return bytes;
    }
}
