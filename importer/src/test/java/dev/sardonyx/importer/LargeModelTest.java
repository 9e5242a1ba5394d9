package dev.sardonyx.importer;

import static dev.sardonyx.importer.Protos.attribute;
import static dev.sardonyx.importer.Protos.graph;
import static dev.sardonyx.importer.Protos.input;
import static dev.sardonyx.importer.Protos.model;
import static dev.sardonyx.importer.Protos.node;
import static dev.sardonyx.importer.Protos.output;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import dev.sardonyx.graph.Graph;
import dev.sardonyx.graph.Shape;
import dev.sardonyx.graph.Tensor;
import dev.sardonyx.importer.proto.StringStringEntryProto;
import dev.sardonyx.importer.proto.TensorProto;
import dev.sardonyx.importer.proto.TensorProto.DataLocation;
import dev.sardonyx.importer.proto.TensorProto.DataType;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Models with 128 MiB of weights ({@code -Dsardonyx.large.megabytes=N}: of N) imported by a process of its own: in a heap of 1.4 times
 * the weights, and, where the system tells a process's peak, in less than twice the weights, the Java machine and all.
 */
class LargeModelTest {
    private static final int MEGABYTES = Integer.getInteger("sardonyx.large.megabytes", 128);
    private static final int WIDTH = 1024;
    private static final byte FILLING = 0x3C;
    private static final String PEAK = "VmHWM:";

    @TempDir
    Path directory;

    /** How a file may keep its weights. */
    enum Form {
        RAW(DataType.FLOAT, 4), EXTERNAL(DataType.FLOAT, 4), FLOAT_DATA(DataType.FLOAT, 4), INT8(DataType.INT8, 1), FLOAT16(DataType.FLOAT16, 2);

        private final DataType type;
        private final int bytes;

        Form(DataType type, int bytes) {
            this.type = type;
            this.bytes = bytes;
        }

        int layers() {
            return MEGABYTES / bytes;
        }

        double element() {
            return switch (this) {
                case RAW, EXTERNAL, FLOAT_DATA -> Float.intBitsToFloat(FILLING * 0x01010101);
                case INT8 -> FILLING;
                case FLOAT16 -> Float.float16ToFloat((short) (FILLING * 0x0101));
            };
        }
    }

    @ParameterizedTest
    @EnumSource
    void aModelStreamsIntoItsTensors(Form form) throws IOException, InterruptedException {
        Path file = directory.resolve("large.onnx");
        write(form, file);
        Path log = directory.resolve("log");
        Process process = new ProcessBuilder(List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                // What the machine takes beside the weights is not to hang on which methods it gets to compile, nor the end on how long collections take.
                "-XX:TieredStopAtLevel=1", "-XX:-UseGCOverheadLimit", "-XX:+UseParallelGC", "-XX:NewRatio=3", "-Xmx" + MEGABYTES * 14 / 10 + "m", "-Dsardonyx.large.megabytes=" + MEGABYTES,
                "-cp", System.getProperty("java.class.path"),
                Importing.class.getName(), file.toString(), form.name())).redirectErrorStream(true).redirectOutput(log.toFile()).start();
        if (!process.waitFor(2, TimeUnit.MINUTES)) {
            process.destroyForcibly();
        }
        String said = Files.readString(log);
        assertEquals(0, process.waitFor(), said);
        Optional<String> peak = said.lines().filter(line -> line.startsWith(PEAK)).findFirst();
        if (peak.isEmpty()) {
            System.out.println("LargeModelTest: no /proc/self/status here: only the heap is held against its bound");
        } else {
            long kilobytes = Long.parseLong(peak.get().replaceAll("[^0-9]", ""));
            assertTrue(kilobytes < 2 * 1024L * MEGABYTES, () -> "the process took " + kilobytes / 1024 + " MiB for " + MEGABYTES);
        }
    }

    /** All layers share one array here, so that this process stays small too. */
    private static void write(Form form, Path file) throws IOException {
        byte[] filling = new byte[form.bytes * WIDTH * WIDTH];
        Arrays.fill(filling, FILLING);
        TensorProto.Builder layer = TensorProto.newBuilder().addDims(WIDTH).addDims(WIDTH).setDataType(form.type.getNumber());
        switch (form) {
            case RAW, INT8, FLOAT16 -> layer.setRawData(ByteString.copyFrom(filling));
            case FLOAT_DATA -> layer.addAllFloatData(Collections.nCopies(WIDTH * WIDTH, (float) form.element()));
            case EXTERNAL -> {
                layer.setDataLocation(DataLocation.EXTERNAL).addExternalData(entry("location", "large.onnx.data"));
                try (OutputStream out = Files.newOutputStream(file.resolveSibling("large.onnx.data"))) {
                    for (int i = 0; i < form.layers(); i++) {
                        out.write(filling);
                    }
                }
            }
        }
        TensorProto template = layer.build();
        var whole = graph().addInput(input("h0", "batch", Integer.toString(WIDTH)));
        whole.addInitializer(TensorProto.newBuilder().setName("scale").setDataType(DataType.FLOAT.getNumber()).addFloatData(0.5f));
        for (int i = 0; i < form.layers(); i++) {
            TensorProto.Builder weight = template.toBuilder().setName("w" + i);
            if (form == Form.EXTERNAL) {
                weight.addExternalData(entry("offset", Long.toString((long) i * filling.length)));
            }
            whole.addInitializer(weight);
            String real = switch (form) {
                case RAW, EXTERNAL, FLOAT_DATA -> "w" + i;
                case INT8, FLOAT16 -> "real" + i;
            };
            if (form == Form.INT8) {
                whole.addNode(node("dequantize" + i, "DequantizeLinear", List.of("w" + i, "scale"), real));
            } else if (form == Form.FLOAT16) {
                whole.addNode(node("cast" + i, "Cast", List.of("w" + i), real).addAttribute(attribute("to", (long) DataType.FLOAT.getNumber())));
            }
            whole.addNode(node("layer" + i, "MatMul", List.of("h" + i, real), "h" + (i + 1)));
        }
        whole.addOutput(output("h" + form.layers()));
        try (OutputStream out = Files.newOutputStream(file)) {
            model(17, whole).build().writeTo(out);
        }
    }

    private static StringStringEntryProto entry(String key, String value) {
        return StringStringEntryProto.newBuilder().setKey(key).setValue(value).build();
    }

    /** What the process runs. */
    static final class Importing {
        private Importing() {
        }

        public static void main(String[] arguments) throws IOException {
            Form form = Form.valueOf(arguments[1]);
            Graph graph = OnnxModel.read(Path.of(arguments[0])).graph(Map.of("h0", Shape.of(1, WIDTH)));
            var weights = new ArrayList<Tensor>();
            graph.constants().values().forEach(constant -> {
                if (constant.tensor().size() == WIDTH * WIDTH) {
                    weights.add(constant.tensor());
                }
            });
            if (weights.size() != form.layers()) {
                throw new IllegalStateException(weights.size() + " weights");
            }
            for (Tensor weight : weights) {
                if (weight.getDouble(0) != form.element() || weight.getDouble(WIDTH * WIDTH - 1) != form.element()) {
                    throw new IllegalStateException("a weight has other elements than the file");
                }
            }
            Path status = Path.of("/proc/self/status");
            if (Files.isReadable(status)) {
                Files.readAllLines(status).stream().filter(line -> line.startsWith(PEAK)).forEach(System.out::println);
            }
        }
    }
}
