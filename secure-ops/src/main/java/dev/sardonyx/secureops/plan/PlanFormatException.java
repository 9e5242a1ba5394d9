package dev.sardonyx.secureops.plan;

/** Bytes that are no plan; the message says where and what was allowed. */
public final class PlanFormatException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    PlanFormatException(String message) {
        super(message);
    }

    PlanFormatException(String message, Throwable cause) {
        super(message, cause);
    }
}
