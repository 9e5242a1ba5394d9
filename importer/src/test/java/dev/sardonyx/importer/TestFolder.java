package dev.sardonyx.importer;

import com.google.protobuf.CodedInputStream;
import dev.sardonyx.graph.Tensor;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/** A folder in the form of the ONNX backend tests: a model, and for each data set the inputs and the outputs expected. */
record TestFolder(Path path) {
    /** The folders under a directory, in order of their paths. */
    static List<TestFolder> under(Path root) {
        try (Stream<Path> files = Files.walk(root)) {
            return files.filter(file -> file.endsWith("model.onnx")).map(Path::getParent).sorted().map(TestFolder::new).toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    OnnxModel model() {
        return OnnxModel.read(path.resolve("model.onnx"));
    }

    List<Path> dataSets() {
        try (Stream<Path> files = Files.list(path)) {
            return files.filter(file -> file.getFileName().toString().startsWith("test_data_set_")).sorted().toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The inputs of a data set by name. */
    static Map<String, Tensor> inputs(Path dataSet, OnnxModel model) {
        var inputs = new LinkedHashMap<String, Tensor>();
        for (int i = 0; i < model.inputs().size(); i++) {
            String name = model.inputs().get(i).name();
            tensor(dataSet.resolve("input_" + i + ".pb")).ifPresent(tensor -> inputs.put(name, tensor));
        }
        return inputs;
    }

    /** The outputs that a data set expects, by name; those that are no tensors are left out. */
    static Map<String, Tensor> outputs(Path dataSet, OnnxModel model) {
        var outputs = new LinkedHashMap<String, Tensor>();
        for (int i = 0; i < model.outputs().size(); i++) {
            String name = model.outputs().get(i);
            tensor(dataSet.resolve("output_" + i + ".pb")).ifPresent(tensor -> outputs.put(name, tensor));
        }
        return outputs;
    }

    private static Optional<Tensor> tensor(Path file) {
        if (!Files.exists(file)) {
            return Optional.empty();
        }
        try {
            byte[] bytes = Files.readAllBytes(file);
            CodedInputStream in = CodedInputStream.newInstance(bytes);
            in.pushLimit(bytes.length);
            return Optional.of(TensorDecoder.decode(in, new ExternalData(file.getParent()), "a tensor").stored())
                    .filter(Stored.Held.class::isInstance).map(stored -> ((Stored.Held) stored).tensor());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public String toString() {
        return path.getParent().getFileName() + "/" + path.getFileName();
    }
}
