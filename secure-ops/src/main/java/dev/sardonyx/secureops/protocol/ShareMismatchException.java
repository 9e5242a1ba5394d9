package dev.sardonyx.secureops.protocol;

/** Two parties hold different copies of what should be one component of a sharing. */
public final class ShareMismatchException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public ShareMismatchException(int oneParty, int otherParty) {
        super("parties " + oneParty + " and " + otherParty + " gave different copies of a share; the answer is rejected");
    }
}
