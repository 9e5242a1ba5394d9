package dev.sardonyx.importer;

import static dev.sardonyx.importer.Protos.graph;
import static dev.sardonyx.importer.Protos.input;
import static dev.sardonyx.importer.Protos.model;
import static dev.sardonyx.importer.Protos.node;
import static dev.sardonyx.importer.Protos.output;
import static org.junit.jupiter.api.Assertions.assertEquals;

import com.google.protobuf.ByteString;
import dev.sardonyx.graph.Graph;
import dev.sardonyx.graph.Shape;
import dev.sardonyx.importer.proto.TensorProto;
import dev.sardonyx.importer.proto.TensorProto.DataType;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A model of 96 MB imported by a process of its own, whose heap is smaller than one and a half times the file. */
class LargeModelTest {
    private static final int LAYERS = 24;
    private static final int WIDTH = 1024;
    private static final int HEAP_MEGABYTES = 140;

    @TempDir
    Path directory;

    @Test
    void aModelStreamsIntoItsTensors() throws IOException, InterruptedException {
        Path file = directory.resolve("large.onnx");
        write(file);
        Path log = directory.resolve("log");
        Process process = new ProcessBuilder(List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-Xmx" + HEAP_MEGABYTES + "m",
                "-cp", System.getProperty("java.class.path"), Importing.class.getName(), file.toString()))
                .redirectErrorStream(true).redirectOutput(log.toFile()).start();
        if (!process.waitFor(2, TimeUnit.MINUTES)) {
            process.destroyForcibly();
        }
        assertEquals(0, process.waitFor(), () -> read(log));
    }

    private static String read(Path log) {
        try {
            return Files.readString(log);
        } catch (IOException e) {
            return e.toString();
        }
    }

    /** All layers share one array of zeros here, so that this process stays small too. */
    private static void write(Path file) throws IOException {
        ByteString weights = ByteString.copyFrom(new byte[4 * WIDTH * WIDTH]);
        var whole = graph();
        var names = new ArrayList<String>(List.of("h0"));
        whole.addInput(input("h0", "batch", Integer.toString(WIDTH)));
        for (int layer = 0; layer < LAYERS; layer++) {
            whole.addInitializer(TensorProto.newBuilder().setName("w" + layer).addDims(WIDTH).addDims(WIDTH).setDataType(DataType.FLOAT.getNumber())
                    .setRawData(weights));
            names.add("h" + (layer + 1));
            whole.addNode(node("layer" + layer, "MatMul", List.of("h" + layer, "w" + layer), "h" + (layer + 1)));
        }
        whole.addOutput(output(names.getLast()));
        try (OutputStream out = Files.newOutputStream(file)) {
            model(17, whole).build().writeTo(out);
        }
    }

    /** What the process runs. */
    static final class Importing {
        private Importing() {
        }

        public static void main(String[] arguments) {
            Graph graph = OnnxModel.read(Path.of(arguments[0])).graph(Map.of("h0", Shape.of(1, WIDTH)));
            if (graph.nodes().size() != LAYERS) {
                throw new IllegalStateException(graph.nodes().size() + " nodes");
            }
        }
    }
}
