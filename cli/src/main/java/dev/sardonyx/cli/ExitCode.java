package dev.sardonyx.cli;

/** How the command ends, for scripts. */
enum ExitCode {
    /** Done. */
    OK(0),
    /** Outside the tolerance; of {@code verify}: a case failed. */
    OUTSIDE_TOLERANCE(1),
    /** Bad usage or bad input. */
    BAD_INPUT(2),
    /** The model holds something that is not supported. */
    UNSUPPORTED_MODEL(3),
    /** A party failed. */
    PARTY_FAILED(4),
    /** Refused: authorisation, quota, range. */
    REFUSED(5);

    private final int status;

    ExitCode(int status) {
        this.status = status;
    }

    int status() {
        return status;
    }
}
