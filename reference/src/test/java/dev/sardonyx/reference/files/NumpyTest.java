package dev.sardonyx.reference.files;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sardonyx.graph.ElementType;
import dev.sardonyx.graph.Shape;
import dev.sardonyx.graph.Tensor;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class NumpyTest {
    @TempDir
    Path folder;

    @ParameterizedTest
    @EnumSource(value = ElementType.class, mode = EnumSource.Mode.EXCLUDE, names = {"STRING", "BFLOAT16"})
    void everyTypeSurvivesWritingAndReading(ElementType type) {
        Tensor tensor = sample(type);
        Path file = folder.resolve("x.npy");
        Numpy.write(file, tensor);
        assertTrue(tensor.sameAs(Numpy.read(file)), () -> "read back " + Numpy.read(file));
    }

    @Test
    void archivesKeepNamesOrderScalarsAndEmptyTensors() {
        Map<String, Tensor> tensors = new LinkedHashMap<>();
        tensors.put("serving_default_input:0", sample(ElementType.FLOAT32));
        tensors.put("a/scalar", Tensor.scalar(3));
        tensors.put("empty", Tensor.ofFloats(Shape.of(0, 4)));
        tensors.put("vector", Tensor.vector(1, 2, 3));
        Path file = folder.resolve("x.npz");
        Numpy.writeAll(file, tensors);
        Map<String, Tensor> read = Numpy.readAll(file);
        assertEquals(tensors.keySet().stream().toList(), read.keySet().stream().toList());
        tensors.forEach((name, tensor) -> assertTrue(tensor.sameAs(read.get(name)), name));
    }

    @Test
    void equalTensorsGiveEqualArchives() throws IOException {
        Numpy.writeAll(folder.resolve("1.npz"), Map.of("x", sample(ElementType.FLOAT32)));
        Numpy.writeAll(folder.resolve("2.npz"), Map.of("x", sample(ElementType.FLOAT32)));
        assertArrayEquals(Files.readAllBytes(folder.resolve("1.npz")), Files.readAllBytes(folder.resolve("2.npz")));
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3})
    void allVersionsBothByteOrdersAndColumnMajorArraysAreRead(int version) throws IOException {
        ByteBuffer data = ByteBuffer.allocate(24).order(ByteOrder.BIG_ENDIAN);
        for (int value : new int[]{0, 3, 1, 4, 2, 5}) {
            data.putInt(value);
        }
        Path file = write(version, "{'descr': '>i4', 'fortran_order': True, 'shape': (2, 3), }", data.array());
        assertTrue(Tensor.ofLongs(ElementType.INT32, Shape.of(2, 3), 0, 1, 2, 3, 4, 5).sameAs(Numpy.read(file)));
    }

    @Test
    void aHeaderThatClaimsMoreThanTheFileHoldsIsRefusedWithoutAllocatingIt() throws IOException {
        Path file = write(1, "{'descr': '<f8', 'fortran_order': False, 'shape': (2000000000,), }", new byte[80]);
        var e = assertThrows(InputException.class, () -> Numpy.read(file));
        assertEquals(InputException.Kind.TRUNCATED, e.kind());
        assertTrue(e.getMessage().contains("ends after 10 of 2000000000 elements"), e.getMessage());
    }

    @ParameterizedTest
    @ValueSource(strings = {"{'descr': '|O', 'fortran_order': False, 'shape': (1,), }", "{'descr': '<U8', 'fortran_order': False, 'shape': (1,), }",
            "{'descr': '<c8', 'fortran_order': False, 'shape': (1,), }", "{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (1,), }",
            "{'descr': '<f4', 'fortran_order': True, 'shape': (0, 70000, 70000), }", "{'descr': '<f4', 'fortran_order': False, 'shape': (99999999999,), }", "{'descr': '<f4', 'fortran_order': False, 'shape': (70000, 70000), }"})
    void whatIsNoPlainArrayOfNumbersIsNamed(String header) throws IOException {
        Path file = write(1, header, new byte[16]);
        assertEquals(InputException.Kind.UNSUPPORTED, assertThrows(InputException.class, () -> Numpy.read(file)).kind());
    }

    @Test
    void everyTruncationOfAnArrayIsAnErrorOfOneLine() throws IOException {
        Path file = folder.resolve("x.npy");
        Numpy.write(file, sample(ElementType.INT16));
        byte[] whole = Files.readAllBytes(file);
        for (int length = 0; length < whole.length; length++) {
            Files.write(file, Arrays.copyOf(whole, length));
            var e = assertThrows(InputException.class, () -> Numpy.read(file));
            assertTrue(e.getMessage().startsWith(file.toString()) && !e.getMessage().contains("\n"), e.getMessage());
        }
    }

    @Test
    void aTruncatedArchiveIsAnErrorOfOneLine() throws IOException {
        Path file = folder.resolve("x.npz");
        Numpy.writeAll(file, Map.of("x", sample(ElementType.FLOAT32)));
        byte[] whole = Files.readAllBytes(file);
        for (int length = 0; length < whole.length; length += 7) {
            Files.write(file, Arrays.copyOf(whole, length));
            assertThrows(InputException.class, () -> Numpy.readAll(file));
        }
    }

    private static Tensor sample(ElementType type) {
        Shape shape = Shape.of(2, 3);
        if (type.isFloating()) {
            return Tensor.ofDoubles(type, shape, 0, -1.5, 2, 0.25, 100, -0.0);
        }
        return switch (type) {
            case BOOL -> Tensor.ofLongs(type, shape, 0, 1, 1, 0, 1, 0);
            case UINT64 -> Tensor.ofLongs(type, shape, 0, 1, -1, 3, 4, 5);
            default -> Tensor.ofLongs(type, shape, 0, 1, 127, (long) Math.min(type.maximum(), 0x1p62), 4, (long) Math.max(type.minimum(), -0x1p62));
        };
    }

    private Path write(int version, String header, byte[] data) throws IOException {
        var out = new ByteArrayOutputStream();
        out.write(NpyHeader.MAGIC);
        out.write(new byte[]{(byte) version, 0});
        byte[] text = (header + "\n").getBytes(StandardCharsets.US_ASCII);
        out.write(ByteBuffer.allocate(version == 1 ? 2 : 4).order(ByteOrder.LITTLE_ENDIAN).put(0, (byte) text.length).array());
        out.write(text);
        out.write(data);
        return Files.write(folder.resolve("v" + version + ".npy"), out.toByteArray());
    }
}
