package dev.sardonyx.reference;

/** ONNX Runtime refuses a model or fails on it; one line with its reason. */
public final class ReferenceException extends RuntimeException {
    private static final long serialVersionUID = 1;

    ReferenceException(String message, Throwable cause) {
        super(message, cause);
    }
}
