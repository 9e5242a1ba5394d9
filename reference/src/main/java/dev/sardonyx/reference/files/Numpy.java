package dev.sardonyx.reference.files;

import dev.sardonyx.graph.ElementType;
import dev.sardonyx.graph.Shape;
import dev.sardonyx.graph.Tensor;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.util.Enumeration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.zip.ZipEntry;
import java.util.zip.ZipException;
import java.util.zip.ZipFile;
import java.util.zip.ZipOutputStream;

/**
 * Numpy's files: {@code .npy} with one array, {@code .npz} with named ones. All numeric types and booleans, both byte orders, both
 * element orders and all versions of the format are read; pickled objects never are. What is written is version 1.0, little-endian,
 * row-major; bfloat16, which numpy lacks, is written as float32.
 */
public final class Numpy {
    private static final String SUFFIX = ".npy";
    private static final int MOST_ARRAYS = 100_000;

    private Numpy() {
    }

    /**
     * The array in a {@code .npy} file.
     *
     * @throws InputException if the file cannot be read or is no such array
     */
    public static Tensor read(Path file) {
        return Paths.reading(file, in -> read(in, Paths.nameOf(file)));
    }

    /** The array that a stream holds; {@code source} is what errors call it. */
    static Tensor read(InputStream in, String source) throws IOException {
        NpyHeader header = NpyHeader.read(in, source);
        var reader = new ElementReader(source, header.type(), header.bytesPerElement(), header.order());
        if (!header.fortranOrder() || header.shape().rank() < 2) {
            return reader.read(in, header.shape());
        }
        return transposed(reader.read(in, new Shape(header.shape().dims().reversed())));
    }

    /**
     * The arrays in a {@code .npz} file by name, in the file's order.
     *
     * @throws InputException if the file cannot be read or is no such archive
     */
    public static Map<String, Tensor> readAll(Path file) {
        String source = Paths.nameOf(file);
        Paths.requireReadable(file);
        try (var zip = new ZipFile(file.toFile())) {
            if (zip.size() > MOST_ARRAYS) {
                throw new InputException(InputException.Kind.UNSUPPORTED, source + ": " + zip.size() + " arrays; expected at most " + MOST_ARRAYS);
            }
            Map<String, Tensor> arrays = new LinkedHashMap<>();
            for (Enumeration<? extends ZipEntry> entries = zip.entries(); entries.hasMoreElements();) {
                ZipEntry entry = entries.nextElement();
                String name = entry.getName();
                if (!name.endsWith(SUFFIX)) {
                    throw new InputException(InputException.Kind.MALFORMED, source + ": holds '" + name + "'; expected arrays (names ending in .npy) only");
                }
                name = name.substring(0, name.length() - SUFFIX.length());
                try (InputStream in = new BufferedInputStream(zip.getInputStream(entry))) {
                    if (arrays.put(name, read(in, source + ", array '" + name + "'")) != null) {
                        throw new InputException(InputException.Kind.MALFORMED, source + ": holds '" + name + "' twice");
                    }
                }
            }
            return arrays;
        } catch (ZipException e) {
            throw new InputException(InputException.Kind.MALFORMED, source + ": no zip archive of numpy arrays, or cut short (" + e.getMessage() + ")", e);
        } catch (IOException e) {
            throw Paths.unreadable(file, e);
        }
    }

    /** Writes one array. */
    public static void write(Path file, Tensor tensor) {
        Paths.writing(file, out -> write(out, tensor));
    }

    /** Writes named arrays, compressed; equal arrays give equal bytes. */
    public static void writeAll(Path file, Map<String, Tensor> tensors) {
        Paths.writing(file, out -> {
            var zip = new ZipOutputStream(out);
            for (var named : tensors.entrySet()) {
                var entry = new ZipEntry(named.getKey() + SUFFIX);
                entry.setTimeLocal(LocalDateTime.of(1980, 1, 1, 0, 0));
                zip.putNextEntry(entry);
                OutputStream array = new BufferedOutputStream(zip, 1 << 16);
                write(array, named.getValue());
                array.flush();
                zip.closeEntry();
            }
            zip.finish();
        });
    }

    private static void write(OutputStream out, Tensor tensor) throws IOException {
        ElementType type = tensor.type() == ElementType.BFLOAT16 ? ElementType.FLOAT32 : tensor.type();
        String code = switch (type) {
            case FLOAT16 -> "<f2";
            case FLOAT32, BFLOAT16 -> "<f4";
            case FLOAT64 -> "<f8";
            case INT8 -> "|i1";
            case INT16 -> "<i2";
            case INT32 -> "<i4";
            case INT64 -> "<i8";
            case UINT8 -> "|u1";
            case UINT16 -> "<u2";
            case UINT32 -> "<u4";
            case UINT64 -> "<u8";
            case BOOL -> "|b1";
            case STRING -> throw new InputException(InputException.Kind.UNSUPPORTED, "a tensor of strings cannot be written as a numpy array");
        };
        String dims = tensor.shape().dims().stream().map(dim -> dim + ",").collect(Collectors.joining(" "));
        String text = "{'descr': '" + code + "', 'fortran_order': False, 'shape': (" + (tensor.shape().rank() == 1 ? dims : dims.replaceAll(",$", "")) + "), }";
        int unpadded = NpyHeader.MAGIC.length + 4 + text.length() + 1;
        text += " ".repeat((64 - unpadded % 64) % 64) + "\n";
        out.write(NpyHeader.MAGIC);
        out.write(new byte[]{1, 0, (byte) text.length(), (byte) (text.length() >> 8)});
        out.write(text.getBytes(StandardCharsets.US_ASCII));
        ByteBuffer element = ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN);
        for (int i = 0; i < tensor.size(); i++) {
            element.clear();
            switch (type) {
                case FLOAT16 -> element.putShort(Float.floatToFloat16((float) tensor.getDouble(i)));
                case FLOAT32, BFLOAT16 -> element.putFloat((float) tensor.getDouble(i));
                case FLOAT64 -> element.putDouble(tensor.getDouble(i));
                case INT8, UINT8, BOOL -> element.put((byte) tensor.getLong(i));
                case INT16, UINT16 -> element.putShort((short) tensor.getLong(i));
                case INT32, UINT32 -> element.putInt((int) tensor.getLong(i));
                case INT64, UINT64 -> element.putLong(tensor.getLong(i));
                case STRING -> throw new IllegalStateException("refused above");
            }
            out.write(element.array(), 0, element.position());
        }
    }

    /** Reverses the axes, which turns what was read of a column-major array into row-major order. */
    private static Tensor transposed(Tensor tensor) {
        var shape = new Shape(tensor.shape().dims().reversed());
        int[] strides = tensor.shape().strides();
        int[] from = new int[tensor.size()];
        int[] index = new int[shape.rank()];
        for (int i = 0; i < from.length; i++) {
            int source = 0;
            for (int axis = 0; axis < index.length; axis++) {
                source += index[axis] * strides[index.length - 1 - axis];
            }
            from[i] = source;
            for (int axis = index.length - 1; axis >= 0 && ++index[axis] == shape.dim(axis); axis--) {
                index[axis] = 0;
            }
        }
        return Tensors.pick(tensor, shape, i -> from[i]);
    }
}
