package dev.sardonyx.cli;

import dev.sardonyx.Sardonyx;
import dev.sardonyx.importer.OnnxModel;
import dev.sardonyx.reference.files.DataSet;
import dev.sardonyx.reference.files.InputException;
import dev.sardonyx.reference.files.InputFiles;
import dev.sardonyx.reference.files.Pixels;
import dev.sardonyx.reference.files.Range;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * A model and the samples given to it.
 *
 * @param path the model's file
 * @param name what plans call it
 */
record Opened(Path path, String name, OnnxModel model, DataSet data) {
    private static final String SAMPLES = "samples.npz";

    /** Reads both; without arguments the samples are {@code samples.npz} beside the model. */
    static Opened of(Path path, List<String> arguments, Pixels pixels) {
        OnnxModel model = OnnxModel.read(path);
        List<String> files = arguments.isEmpty() ? List.of(samplesBeside(path, model).toString()) : arguments;
        return new Opened(path, Sardonyx.nameOf(path), model, InputFiles.open(model.inputs(), model.metadata(), files, pixels));
    }

    private static Path samplesBeside(Path path, OnnxModel model) {
        Path beside = path.resolveSibling(SAMPLES);
        if (!Files.isReadable(beside)) {
            throw new InputException(InputException.Kind.NAMES, "no --input, and no " + SAMPLES + " beside " + path + "; expected files for "
                    + model.inputs().stream().map(input -> "'" + input.name() + "' " + input.shapeText()).toList());
        }
        return beside;
    }

    /** Bounds of the secret inputs. */
    Map<String, Range> ranges() {
        Map<String, Range> ranges = data.ranges();
        ranges.keySet().removeAll(model.publicInputs());
        return ranges;
    }
}
