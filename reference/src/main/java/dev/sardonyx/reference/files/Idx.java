package dev.sardonyx.reference.files;

import dev.sardonyx.graph.ElementType;
import dev.sardonyx.graph.Shape;
import dev.sardonyx.graph.Tensor;
import java.io.DataInputStream;
import java.io.EOFException;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * MNIST's IDX format: two zero bytes, element type, number of axes, big-endian extents, then the elements (Y. LeCun, "The MNIST
 * database"); through gzip or not.
 */
final class Idx {
    static final int UNSIGNED_BYTES = 0x08;
    private static final int MOST_AXES = 8;

    private Idx() {
    }

    /** The whole file as a tensor. */
    static Tensor read(Path file) {
        return Paths.readingMaybeGzip(file, in -> {
            String source = Paths.nameOf(file);
            try {
                var data = new DataInputStream(in);
                int zeros = data.readUnsignedShort();
                int code = data.readUnsignedByte();
                int axes = data.readUnsignedByte();
                if (zeros != 0 || axes > MOST_AXES) {
                    throw new InputException(InputException.Kind.MALFORMED, source + ": no IDX file (starts with neither 00 00 08 01 nor 00 00 08 03)");
                }
                ElementType type = type(code, source);
                List<Integer> dims = new ArrayList<>();
                for (int axis = 0; axis < axes; axis++) {
                    dims.add(data.readInt());
                }
                return new ElementReader(source, type, width(type), ByteOrder.BIG_ENDIAN).read(data, shape(dims, source));
            } catch (EOFException e) {
                throw new InputException(InputException.Kind.TRUNCATED, source + ": ends too early", e);
            }
        });
    }

    /** The pictures in a file of three axes (count, rows, columns) of unsigned bytes. */
    static Pictures pictures(Path file) {
        Tensor tensor = read(file);
        if (tensor.type() != ElementType.UINT8 || tensor.shape().rank() != 3) {
            throw new InputException(InputException.Kind.SHAPE, Paths.nameOf(file) + ": holds " + tensor + "; expected pictures (idx3-ubyte)");
        }
        int size = tensor.shape().size(1, 3);
        byte[] bytes = new byte[tensor.size()];
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = (byte) tensor.getLong(i);
        }
        return new InMemory(Paths.nameOf(file), tensor.shape(), size, bytes);
    }

    /** The labels beside a file of pictures: its name with {@code labels} for {@code images} and {@code idx1} for {@code idx3}. */
    static Optional<long[]> labelsBeside(Path images, int count) {
        String name = images.getFileName().toString();
        String plain = name.endsWith(".gz") ? name.substring(0, name.length() - 3) : name;
        String wanted = plain.replace("images", "labels").replace("idx3", "idx1");
        if (wanted.equals(plain)) {
            return Optional.empty();
        }
        for (String candidate : List.of(wanted, wanted + ".gz")) {
            Path labels = images.resolveSibling(candidate);
            if (Files.isRegularFile(labels)) {
                Tensor tensor = read(labels);
                if (tensor.shape().rank() != 1 || tensor.size() != count) {
                    throw new InputException(InputException.Kind.SHAPE, Paths.nameOf(labels) + ": holds " + tensor + "; expected " + count
                            + " labels, one a picture of " + name);
                }
                return Optional.of(tensor.toLongs());
            }
        }
        return Optional.empty();
    }

    private record InMemory(String file, Shape shape, int size, byte[] bytes) implements Pictures {
        @Override
        public int count() {
            return shape.dim(0);
        }

        @Override
        public int height() {
            return shape.dim(1);
        }

        @Override
        public int width() {
            return shape.dim(2);
        }

        @Override
        public int channels() {
            return 1;
        }

        @Override
        public int[] pixels(int index) {
            int[] pixels = new int[size];
            for (int i = 0; i < size; i++) {
                pixels[i] = bytes[index * size + i] & 0xFF;
            }
            return pixels;
        }

        @Override
        public String source(int index) {
            return file + ", picture " + index;
        }
    }

    private static ElementType type(int code, String source) {
        return switch (code) {
            case UNSIGNED_BYTES -> ElementType.UINT8;
            case 0x09 -> ElementType.INT8;
            case 0x0B -> ElementType.INT16;
            case 0x0C -> ElementType.INT32;
            case 0x0D -> ElementType.FLOAT32;
            case 0x0E -> ElementType.FLOAT64;
            default -> throw new InputException(InputException.Kind.MALFORMED, source + ": IDX element type " + code + "; expected 8, 9, 11, 12, 13 or 14");
        };
    }

    private static int width(ElementType type) {
        return switch (type) {
            case UINT8, INT8 -> 1;
            case INT16 -> 2;
            case FLOAT64 -> 8;
            case FLOAT32, INT32, FLOAT16, BFLOAT16, INT64, UINT16, UINT32, UINT64, BOOL, STRING -> 4;
        };
    }

    private static Shape shape(List<Integer> dims, String source) {
        try {
            return new Shape(dims);
        } catch (IllegalArgumentException e) {
            throw new InputException(InputException.Kind.MALFORMED, source + ": " + e.getMessage(), e);
        }
    }
}
