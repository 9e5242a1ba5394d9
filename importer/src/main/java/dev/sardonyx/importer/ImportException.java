package dev.sardonyx.importer;

import java.util.List;
import java.util.stream.Collectors;

/** Why a model could not be imported: a category, and one line that says where, what and what was expected. */
public final class ImportException extends RuntimeException {
    private static final long serialVersionUID = 1;

    /** The categories. */
    public enum Kind {
        /** The path cannot be read. */
        UNREADABLE,
        /** The bytes are no ONNX model. */
        NOT_ONNX,
        /** The file ends before the model does. */
        TRUNCATED,
        /** An ONNX model that breaks the format's or an operator's rules. */
        MALFORMED,
        /** Operators, types or attributes that have no translation; {@link #unsupported()} lists the nodes. */
        UNSUPPORTED,
        /** A file of tensors beside the model is missing, too short or out of bounds. */
        EXTERNAL_DATA,
        /** Shapes that do not fit: those asked for, or those that follow from them at a node. */
        SHAPE,
        /** Weights whose names or shapes are not the model's. */
        WEIGHTS,
        /** Graph inputs that are unknown, missing or of the wrong type. */
        INPUT
    }

    private final Kind kind;
    private final transient List<Unsupported> unsupported;

    ImportException(Kind kind, String message) {
        super(message);
        this.kind = kind;
        this.unsupported = List.of();
    }

    ImportException(Kind kind, String message, Throwable cause) {
        super(message, cause);
        this.kind = kind;
        this.unsupported = List.of();
    }

    ImportException(List<Unsupported> unsupported) {
        super(unsupported.size() + (unsupported.size() == 1 ? " unsupported node: " : " unsupported nodes: ")
                + unsupported.stream().map(Unsupported::toString).collect(Collectors.joining("; ")));
        this.kind = Kind.UNSUPPORTED;
        this.unsupported = List.copyOf(unsupported);
    }

    public Kind kind() {
        return kind;
    }

    /** Every node that cannot be translated, in the model's order; empty unless the kind is {@link Kind#UNSUPPORTED}. */
    public List<Unsupported> unsupported() {
        return unsupported;
    }
}
