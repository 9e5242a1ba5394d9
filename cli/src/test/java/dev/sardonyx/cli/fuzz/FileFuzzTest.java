package dev.sardonyx.cli.fuzz;

import dev.sardonyx.graph.ElementType;
import dev.sardonyx.graph.Shape;
import dev.sardonyx.graph.Tensor;
import dev.sardonyx.importer.ModelInput;
import dev.sardonyx.importer.ModelInput.Dimension;
import dev.sardonyx.reference.files.DataSet;
import dev.sardonyx.reference.files.InputException;
import dev.sardonyx.reference.files.InputFiles;
import dev.sardonyx.reference.files.Numpy;
import dev.sardonyx.reference.files.Pixels;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.zip.GZIPOutputStream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Files of inputs from anywhere: each is read or refused with an {@link InputException}, within bounded memory and time. */
class FileFuzzTest {
    private static final int SIDE = 4;

    @TempDir
    Path folder;

    private static ModelInput input(String name, int... dims) {
        var all = new ArrayList<Dimension>(List.of(new Dimension.Symbolic("batch")));
        IntStream.of(dims).forEach(dim -> all.add(new Dimension.Known(dim)));
        return new ModelInput(name, ElementType.FLOAT32, all, true);
    }

    private static Tensor numbers(int... dims) {
        Shape shape = Shape.of(dims);
        return Tensor.ofDoubles(ElementType.FLOAT32, shape, new Random(1).doubles(shape.size()).toArray());
    }

    /** Opens bytes as a file of a name and reads the first samples. */
    private Fuzz.Target opening(String name, List<ModelInput> inputs) {
        Path file = folder.resolve(name);
        return bytes -> {
            Files.write(file, bytes);
            DataSet data = InputFiles.open(inputs, Map.of(), List.of(file.toString()), Pixels.UNSAID);
            data.batch(0, Math.min(2, data.samples()));
        };
    }

    private byte[] written(String name, Map<String, Tensor> arrays) throws IOException {
        Path file = folder.resolve(name);
        if (name.endsWith(".npz")) {
            Numpy.writeAll(file, arrays);
        } else {
            Numpy.write(file, arrays.values().iterator().next());
        }
        return Files.readAllBytes(file);
    }

    private static byte[] header(Random random) {
        String[] codes = {"<f4", ">f8", "|b1", "<i8", ">u2", "|O", "<f2", "<c8", "|S5", "<f16", "<i99999", "="};
        String[] extents = {"0", "1", "2", "3", "16", "65536", "2147483647", "4294967296", "-1", "", "1e3", "9999999999"};
        var dims = new StringBuilder();
        for (int axis = random.nextInt(6); axis > 0; axis--) {
            dims.append(extents[random.nextInt(extents.length)]).append(random.nextInt(5) == 0 ? "" : ", ");
        }
        String text = "{'descr': '" + codes[random.nextInt(codes.length)] + "', 'fortran_order': " + (random.nextBoolean() ? "True" : "False") + ", 'shape': (" + dims
                + "), }" + " ".repeat(random.nextInt(40)) + "\n";
        int version = 1 + random.nextInt(3);
        var out = new ByteArrayOutputStream();
        out.writeBytes(new byte[] {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y', (byte) version, 0});
        int length = random.nextInt(8) == 0 ? random.nextInt(1 << 16) : text.length();
        out.writeBytes(version == 1 ? new byte[] {(byte) length, (byte) (length >> 8)} : new byte[] {(byte) length, (byte) (length >> 8), 0, 0});
        out.writeBytes(text.getBytes(StandardCharsets.UTF_8));
        out.writeBytes(new byte[random.nextInt(300)]);
        return out.toByteArray();
    }

    @Test
    void arrays() throws Exception {
        var input = List.of(input("x", SIDE));
        Fuzz.of("npy").sample(written("a.npy", Map.of("x", numbers(3, SIDE)))).grammar(FileFuzzTest::header)
                .words("'shape': (", "True", "'descr'", "(2147483647,", "<f8", "L").documented(InputException.class).run(opening("x.npy", input));
    }

    @Test
    void archivesOfArrays() throws Exception {
        var arrays = new LinkedHashMap<String, Tensor>();
        arrays.put("x", numbers(3, SIDE));
        arrays.put(InputFiles.LABELS, Tensor.ofLongs(ElementType.INT64, Shape.of(3), new long[] {1, 2, 3}));
        Fuzz.of("npz").sample(written("a.npz", arrays)).grammar(random -> zipped(random, "x.npy")).grammar(random -> zipped(random, InputFiles.LABELS + ".npy"))
                .documented(InputException.class).run(opening("x.npz", List.of(input("x", SIDE))));
    }

    private byte[] zipped(Random random, String name) {
        var bytes = new ByteArrayOutputStream();
        try (var zip = new ZipOutputStream(bytes)) {
            for (String entry : List.of("x.npy", "labels.npy")) {
                zip.putNextEntry(new ZipEntry(entry));
                zip.write(entry.equals(name) ? header(random) : written("b.npy", Map.of("x", numbers(3, SIDE))));
                zip.closeEntry();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }

    private static byte[] idx(int type, int... dims) {
        var bytes = new ByteArrayOutputStream();
        try (var out = new DataOutputStream(bytes)) {
            out.writeShort(0);
            out.writeByte(type);
            out.writeByte(dims.length);
            for (int dim : dims) {
                out.writeInt(dim);
            }
            out.write(new byte[2 * SIDE * SIDE]);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }

    private static byte[] gzip(byte[] content) {
        var bytes = new ByteArrayOutputStream();
        try (OutputStream out = new GZIPOutputStream(bytes)) {
            out.write(content);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }

    @Test
    void idxPictures() throws Exception {
        int[] extents = {0, 1, 2, SIDE, 255, 65536, Integer.MAX_VALUE, -1, Integer.MIN_VALUE};
        int[] types = {8, 9, 11, 12, 13, 14, 0, 255};
        byte[] good = idx(8, 2, SIDE, SIDE);
        Fuzz.of("idx").sample(good).sample(gzip(good)).grammar(random -> {
            int[] dims = IntStream.range(0, random.nextInt(6)).map(_ -> extents[random.nextInt(extents.length)]).toArray();
            byte[] made = idx(types[random.nextInt(types.length)], dims);
            return random.nextBoolean() ? made : gzip(made);
        }).documented(InputException.class).run(opening("x-images-idx3-ubyte", List.of(input("x", 1, SIDE, SIDE))));
    }

    @Test
    void tables() throws Exception {
        Fuzz.of("csv").sample("a,b,c,d,label\n1,2,3,4,0\n5,6,7,8,1\n".getBytes(StandardCharsets.UTF_8)).sample("1;2;3;4\n".repeat(20).getBytes(StandardCharsets.UTF_8))
                .sample(gzip("1\t2\t3\t4\n".getBytes(StandardCharsets.UTF_8))).words("\n", ",", ";", "\"", "label", "\r\n", "NaN", "Infinity", "1e308", "\uFEFF", "0x1p3")
                .documented(InputException.class).allocates(16L << 20, 512).run(opening("x.csv", List.of(input("x", SIDE))));
    }

    @Test
    void pictures() throws Exception {
        var fuzz = Fuzz.of("pictures");
        for (int type : new int[] {BufferedImage.TYPE_BYTE_GRAY, BufferedImage.TYPE_INT_RGB, BufferedImage.TYPE_BYTE_INDEXED, BufferedImage.TYPE_USHORT_GRAY}) {
            for (String format : List.of("png", "jpg")) {
                var out = new ByteArrayOutputStream();
                if (ImageIO.write(new BufferedImage(SIDE, SIDE, type), format, out)) {
                    fuzz.sample(out.toByteArray());
                }
            }
        }
        fuzz.words("IHDR", "IDAT", "PLTE", "tRNS", "IEND", "iCCP", "JFIF").documented(InputException.class).allocates(64L << 20, 1 << 14)
                .run(opening("x.png", List.of(input("x", 3, SIDE, SIDE))));
    }

    @Test
    void tensorsOfOnnx() throws Exception {
        var fuzz = Fuzz.of("tensor protos").documented(InputException.class);
        for (byte[] sample : List.of(new byte[] {8, 3, 16, 1, 34, 12, 0, 0, 0, 0, 0, 0, (byte) 0x80, 63, 0, 0, 0, 64}, new byte[] {8, 2, 8, 4, 16, 7, 58, 8, 1, 2, 3, 4, 5, 6, 7, 8},
                new byte[] {8, 1, 8, 4, 16, 1, 66, 1, 120, 74, 16, 0, 0, 0, 0, 0, 0, (byte) 0x80, 63, 0, 0, 0, 64, 0, 0, 64, 64})) {
            fuzz.sample(sample);
        }
        fuzz.run(opening("x.pb", List.of(input("x", SIDE))));
    }
}
