package dev.sardonyx.reference.files;

/** Why a file or a tensor cannot be an input: a category, and one line that says where, what and what was expected. */
public final class InputException extends RuntimeException {
    private static final long serialVersionUID = 1;

    /** The categories. */
    public enum Kind {
        /** The path cannot be read or written. */
        UNREADABLE,
        /** The file ends before its contents do. */
        TRUNCATED,
        /** The bytes are not what the file's kind asks for. */
        MALFORMED,
        /** Well formed, but of a form that is not read (pickled objects, a text element type, an enormous picture). */
        UNSUPPORTED,
        /** Names that are not the model's inputs. */
        NAMES,
        /** A shape that is not the model's. */
        SHAPE,
        /** An element type that is not the model's. */
        TYPE,
        /** A number that no model computes with: NaN or an infinity. */
        VALUE
    }

    private final Kind kind;

    public InputException(Kind kind, String message) {
        super(message);
        this.kind = kind;
    }

    public InputException(Kind kind, String message, Throwable cause) {
        super(message, cause);
        this.kind = kind;
    }

    public Kind kind() {
        return kind;
    }
}
