package dev.sardonyx.importer;

import com.google.protobuf.CodedInputStream;
import dev.sardonyx.graph.Tensor;
import dev.sardonyx.importer.ImportException.Kind;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** A serialised TensorProto in a file of its own, as ONNX test folders hold inputs and outputs. */
public final class TensorFile {
    private TensorFile() {
    }

    /**
     * The tensor in a file.
     *
     * @throws ImportException if the file cannot be read, is no TensorProto, is cut short, or holds a type that no tensor here has
     */
    public static Tensor read(Path file) {
        byte[] bytes;
        try {
            bytes = Files.readAllBytes(file);
        } catch (IOException e) {
            throw new ImportException(Kind.UNREADABLE, "cannot read '" + file + "': " + e.getMessage(), e);
        }
        try {
            CodedInputStream in = CodedInputStream.newInstance(bytes);
            in.pushLimit(bytes.length);
            return switch (TensorDecoder.decode(in, new ExternalData(file.toAbsolutePath().getParent()), "the tensor").stored()) {
                case Stored.Held(Tensor tensor, var _) -> tensor;
                case Stored.Refused(String reason) -> throw new ImportException(Kind.MALFORMED, "'" + file + "': " + reason);
            };
        } catch (IOException e) {
            throw new ImportException(Kind.MALFORMED, "'" + file + "' is no ONNX tensor, or cut short: " + e.getMessage(), e);
        }
    }
}
