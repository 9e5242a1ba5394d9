package dev.sardonyx.reference.files;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sardonyx.graph.ElementType;
import dev.sardonyx.graph.Shape;
import dev.sardonyx.graph.Tensor;
import dev.sardonyx.importer.ModelInput;
import dev.sardonyx.importer.ModelInput.Dimension;
import dev.sardonyx.importer.ModelInput.Dimension.Known;
import dev.sardonyx.importer.ModelInput.Dimension.Symbolic;
import java.awt.Color;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.zip.GZIPOutputStream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class InputFilesTest {
    private static final int[] PIXELS = {0, 51, 102, 153, 204, 255};

    @TempDir
    Path folder;

    @Test
    void picturesOfIdxFillEveryLayoutOfGrayInputs() throws IOException {
        String file = idx(2, 3, PIXELS).toString();
        for (ModelInput input : List.of(symbolic(1, 2, 3), symbolic(2, 3, 1), symbolic(6), symbolic(2, 3))) {
            DataSet data = open(List.of(input), file);
            assertEquals(1, data.samples());
            Tensor tensor = data.batch(0, 1).inputs().get("x");
            assertEquals(input.dims().size(), tensor.shape().rank());
            assertArrayEquals(new float[]{0, 0.2f, 0.4f, 0.6f, 0.8f, 1}, tensor.toFloats(), 1e-7f, input::shapeText);
            assertEquals(new Range(0, 1), data.ranges().get("x"));
        }
    }

    @Test
    void grayPicturesFillThreeChannels() throws IOException {
        String file = idx(2, 3, PIXELS).toString();
        float[] first = open(List.of(symbolic(3, 2, 3)), file).batch(0, 1).inputs().get("x").toFloats();
        float[] last = open(List.of(symbolic(2, 3, 3)), file).batch(0, 1).inputs().get("x").toFloats();
        assertEquals(0.2f, first[7], 1e-7f);
        assertEquals(0.2f, last[5], 1e-7f);
    }

    @Test
    void labelsOfIdxAreFoundBesideThePictures() throws IOException {
        Path images = gzip(idxBytes(new int[]{3, 1, 2}, PIXELS), "t10k-images-idx3-ubyte.gz");
        Files.write(folder.resolve("t10k-labels-idx1-ubyte"), idxBytes(new int[]{3}, new int[]{7, 8, 9}));
        DataSet data = open(List.of(symbolic(1, 1, 2)), images.toString());
        assertEquals(3, data.samples());
        assertEquals(Optional.of(List.of(8L, 9L)), data.batch(1, 3).labels());
    }

    @Test
    void theUsersScaleMeanAndStdComeBeforeTheModels() throws IOException {
        String file = idx(1, 2, new int[]{0, 255}).toString();
        Map<String, String> metadata = Map.of("sardonyx.input.scale", "1/255", "sardonyx.input.mean", "0.5", "sardonyx.input.std", "0.5");
        var input = List.of(symbolic(1, 1, 2));
        assertArrayEquals(new float[]{-1, 1}, InputFiles.open(input, metadata, List.of(file), Pixels.UNSAID).batch(0, 1).inputs().get("x").toFloats(), 1e-6f);
        var one = new Pixels(Optional.of(1.0), Optional.empty(), Optional.empty(), Optional.empty());
        DataSet scaled = InputFiles.open(input, metadata, List.of(file), one);
        assertArrayEquals(new float[]{-1, 509}, scaled.batch(0, 1).inputs().get("x").toFloats(), 1e-6f);
        assertEquals(new Range(-1, 509), scaled.ranges().get("x"));
    }

    @Test
    void aFixedBatchOfOneIsGivenOneSampleACall() {
        Path file = npz(Map.of("x", Tensor.ofFloats(Shape.of(3, 2), 1, 2, 3, 4, 5, 6), "labels", Tensor.vector(0, 1, 0)));
        DataSet data = open(List.of(new ModelInput("x", ElementType.FLOAT32, List.of(new Known(1), new Known(2)), true)), file.toString());
        assertEquals(3, data.samples());
        assertEquals(1, data.largestBatch());
        assertTrue(Tensor.ofFloats(Shape.of(1, 2), 3, 4).sameAs(data.batch(1, 2).inputs().get("x")));
        assertEquals(new Range(1, 8), data.ranges().get("x"));
    }

    @Test
    void anInputWithoutABatchAxisIsOneSample() {
        Path file = npz(Map.of("x", Tensor.ofFloats(Shape.of(3, 2), 1, 2, 3, 4, 5, -6)));
        DataSet data = open(List.of(new ModelInput("x", ElementType.FLOAT32, List.of(new Known(3), new Known(2)), true)), file.toString());
        assertEquals(1, data.samples());
        assertEquals(Shape.of(3, 2), data.batch(0, 1).inputs().get("x").shape());
        assertEquals(new Range(-8, 8), data.ranges().get("x"));
    }

    @Test
    void namesThatAreNotTheModelsAreListed() {
        Path file = npz(Map.of("y", Tensor.scalar(1), "labels", Tensor.vector(1), "in_0", Tensor.scalar(2)));
        var e = assertThrows(InputException.class, () -> open(List.of(symbolic(2)), file.toString()));
        assertEquals(InputException.Kind.NAMES, e.kind());
        assertTrue(e.getMessage().contains("lacks 'x', has 'in_0', 'y' that the model does not know; expected 'x' (FLOAT32 [N×2])"), e.getMessage());
    }

    @Test
    void wrongTypesShapesAndNumbersAreRefusedByName() {
        List<ModelInput> inputs = List.of(symbolic(2));
        assertRefused(InputException.Kind.TYPE, "INT64 for input 'x'; expected FLOAT32", inputs, Tensor.ofLongs(ElementType.INT64, Shape.of(1, 2), 1, 2));
        assertRefused(InputException.Kind.SHAPE, "[1×3] for input 'x'; expected [N×2]", inputs, Tensor.ofFloats(Shape.of(1, 3), 1, 2, 3));
        assertRefused(InputException.Kind.SHAPE, "[2] for input 'x'; expected [N×2]", inputs, Tensor.ofFloats(Shape.of(2), 1, 2));
        String message = assertRefused(InputException.Kind.VALUE, "input 'x': NaN or infinity at index [1, 0]", inputs,
                Tensor.ofFloats(Shape.of(2, 2), 1, 2, Float.NEGATIVE_INFINITY, 123.25f));
        assertFalse(message.contains("123"), message);
    }

    @Test
    void tablesAreReadWithAndWithoutAHeader() throws IOException {
        Path plain = Files.writeString(folder.resolve("plain.csv"), "1,2\n3,4.5\n");
        assertTrue(Tensor.ofFloats(Shape.of(2, 2), 1, 2, 3, 4.5f).sameAs(open(List.of(symbolic(2)), plain.toString()).batch(0, 2).inputs().get("x")));
        Path named = Files.writeString(folder.resolve("named.csv"), "width,label,length\r\n1,0,2\r\n3,1,4\r\n");
        DataSet data = open(List.of(symbolic(2)), named.toString());
        assertEquals(Optional.of(List.of(0L, 1L)), data.batch(0, 2).labels());
        assertArrayEquals(new float[]{1, 2, 3, 4}, data.batch(0, 2).inputs().get("x").toFloats());
        Path ragged = Files.writeString(folder.resolve("ragged.csv"), "1,2\n3\n");
        var e = assertThrows(InputException.class, () -> open(List.of(symbolic(2)), ragged.toString()));
        assertTrue(e.getMessage().endsWith("line 2 has 1 columns; expected 2 as in the first line"), e.getMessage());
    }

    @Test
    void grayPngsKeepTheirStoredNumbersAndColoursTheirChannels() throws IOException {
        var gray = new BufferedImage(2, 1, BufferedImage.TYPE_BYTE_GRAY);
        gray.getRaster().setSample(0, 0, 0, 100);
        gray.getRaster().setSample(1, 0, 0, 255);
        ImageIO.write(gray, "png", folder.resolve("gray.png").toFile());
        assertArrayEquals(new float[]{100 / 255f, 1}, open(List.of(symbolic(1, 1, 2)), folder.resolve("gray.png").toString()).batch(0, 1).inputs().get("x").toFloats());
        var colour = new BufferedImage(2, 1, BufferedImage.TYPE_INT_RGB);
        colour.setRGB(0, 0, new Color(10, 20, 30).getRGB());
        colour.setRGB(1, 0, new Color(40, 50, 60).getRGB());
        ImageIO.write(colour, "png", folder.resolve("colour.png").toFile());
        var raw = new Pixels(Optional.of(1.0), Optional.empty(), Optional.empty(), Optional.empty());
        List<String> file = List.of(folder.resolve("colour.png").toString());
        assertArrayEquals(new float[]{10, 40, 20, 50, 30, 60}, InputFiles.open(List.of(symbolic(3, 1, 2)), Map.of(), file, raw).batch(0, 1).inputs().get("x").toFloats());
        assertArrayEquals(new float[]{10, 20, 30, 40, 50, 60}, InputFiles.open(List.of(symbolic(1, 2, 3)), Map.of(), file, raw).batch(0, 1).inputs().get("x").toFloats());
        assertArrayEquals(new float[]{18, 48}, InputFiles.open(List.of(symbolic(1, 1, 2)), Map.of(), file, raw).batch(0, 1).inputs().get("x").toFloats());
    }

    @Test
    void foldersOfPicturesGiveOneClassEach() throws IOException {
        for (String name : List.of("cat/a.png", "cat/b.png", "dog/c.png")) {
            Path file = folder.resolve("pets").resolve(name);
            Files.createDirectories(file.getParent());
            ImageIO.write(new BufferedImage(2, 2, BufferedImage.TYPE_BYTE_GRAY), "png", file.toFile());
        }
        DataSet data = open(List.of(symbolic(1, 2, 2)), folder.resolve("pets").toString());
        assertEquals(Optional.of(List.of(0L, 0L, 1L)), data.batch(0, 3).labels());
    }

    @Test
    void filesOfNoKnownKindAreNamed() throws IOException {
        Path text = Files.writeString(folder.resolve("notes.txt"), "hello there");
        assertEquals(InputException.Kind.MALFORMED, assertThrows(InputException.class, () -> open(List.of(symbolic(2)), text.toString())).kind());
        var missing = assertThrows(InputException.class, () -> open(List.of(symbolic(2)), folder.resolve("absent.npy").toString()));
        assertTrue(missing.getMessage().endsWith("absent.npy: no such file"), missing.getMessage());
    }

    @Test
    void everyTruncationOfAnIdxFileIsAnError() throws IOException {
        byte[] whole = idxBytes(new int[]{1, 2, 3}, PIXELS);
        for (int length = 4; length < whole.length; length++) {
            Path file = Files.write(folder.resolve("cut-images-idx3-ubyte"), java.util.Arrays.copyOf(whole, length));
            assertThrows(InputException.class, () -> open(List.of(symbolic(1, 2, 3)), file.toString()));
        }
    }

    private String assertRefused(InputException.Kind kind, String part, List<ModelInput> inputs, Tensor tensor) {
        var e = assertThrows(InputException.class, () -> open(inputs, npz(Map.of("x", tensor)).toString()));
        assertEquals(kind, e.kind());
        assertTrue(e.getMessage().contains(part), e.getMessage());
        return e.getMessage();
    }

    private static DataSet open(List<ModelInput> inputs, String... files) {
        return InputFiles.open(inputs, Map.of(), List.of(files), Pixels.UNSAID);
    }

    private static ModelInput symbolic(int... extents) {
        List<Dimension> dims = new ArrayList<>(List.of(new Symbolic("N")));
        for (int extent : extents) {
            dims.add(new Known(extent));
        }
        return new ModelInput("x", ElementType.FLOAT32, dims, true);
    }

    private Path npz(Map<String, Tensor> tensors) {
        Path file = folder.resolve("samples.npz");
        Numpy.writeAll(file, tensors);
        return file;
    }

    private Path idx(int rows, int columns, int[] pixels) throws IOException {
        return Files.write(folder.resolve("pictures"), idxBytes(new int[]{pixels.length / rows / columns, rows, columns}, pixels));
    }

    private Path gzip(byte[] bytes, String name) throws IOException {
        try (OutputStream out = new GZIPOutputStream(Files.newOutputStream(folder.resolve(name)))) {
            out.write(bytes);
        }
        return folder.resolve(name);
    }

    private static byte[] idxBytes(int[] dims, int[] values) {
        var out = new ByteArrayOutputStream();
        out.writeBytes(new byte[]{0, 0, 8, (byte) dims.length});
        for (int dim : dims) {
            out.writeBytes(ByteBuffer.allocate(4).putInt(dim).array());
        }
        for (int value : values) {
            out.write(value);
        }
        return out.toByteArray();
    }
}
