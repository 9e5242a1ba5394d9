package dev.sardonyx.reference.files;

import dev.sardonyx.graph.Tensor;
import dev.sardonyx.importer.ImportException;
import dev.sardonyx.importer.TensorFile;
import java.nio.file.Path;

/** ONNX's own form of a tensor, one a file. */
public final class TensorProtoFile {
    private TensorProtoFile() {
    }

    /**
     * The tensor in a file.
     *
     * @throws InputException if it cannot be read or is none
     */
    public static Tensor read(Path file) {
        Paths.requireReadable(file);
        try {
            return TensorFile.read(file);
        } catch (ImportException e) {
            throw new InputException(InputException.Kind.MALFORMED, String.valueOf(e.getMessage()), e);
        }
    }
}
