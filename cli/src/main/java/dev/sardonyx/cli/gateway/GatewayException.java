package dev.sardonyx.cli.gateway;

/** A question that cannot be answered, with the status to say so. The message holds no element of a tensor. */
public final class GatewayException extends RuntimeException {
    /** For metrics and logs where nobody waits for the answer any more, as nginx has it. */
    static final int CLIENT_GONE = 499;

    private static final long serialVersionUID = 1L;
    private final int status;

    GatewayException(int status, String message) {
        super(message);
        this.status = status;
    }

    static GatewayException badRequest(String message) {
        return new GatewayException(400, message);
    }

    /** HTTP's status. */
    public int status() {
        return status;
    }
}
